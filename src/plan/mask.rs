//! What must never be shown or written down: secrets, and copies of them. The one place that knows what is secret.
//!
//! Secret are the values of a Secret (also of one inside another object), annotations that hold tokens or copies of
//! manifests, and, in Pod templates anywhere, values of environment variables and arguments with names of secrets, or with a
//! password in an address. So are entries of a ConfigMap with names of secrets: they should not be there, and often are.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::edit::{Path, Segment, get, set};

/// What stands in a masked place.
const MASK: &str = "(masked)";

/// Whether the value at this path (`metadata.annotations.…`) of an object of `kind` is shown as a mask, for callers that
/// have no more than the path: where the object would have to be asked, it is.
pub fn is_masked(kind: &str, path: &[&str]) -> bool {
    let holders = roots(kind);
    (1..=path.len()).any(|length| path.get(..length).is_some_and(|path| is_secret(&holders, path, Around::Unknown)))
}

/// Whether what stands at `path` of `object` is shown as a mask. Items of lists are told by their number.
pub fn is_masked_in(kind: &str, object: &Value, path: &[&str]) -> bool {
    let (mut holders, mut value) = (roots(kind), Some(object));
    (1..=path.len()).any(|length| {
        let (Some(way), Some(here)) = (path.get(..length), value) else { return false };
        let step = way.last().copied().unwrap_or_default();
        let around = match here {
            Value::Object(fields) => Around::Fields(fields),
            Value::Array(items) => Around::Items(items, step.parse().unwrap_or_default()),
            _ => Around::Unknown,
        };
        let secret = is_secret(&holders, way, around);
        value = match here {
            Value::Array(items) => step.parse::<usize>().ok().and_then(|number| items.get(number)),
            other => other.get(step),
        };
        holders.extend(value.and_then(holder).map(|holder| (length, holder)));
        secret
    })
}

/// A copy of an object of `kind`, or of a patch of one, in which everything secret is masked.
pub fn masked(kind: &str, object: &Value) -> Value {
    Walk { holders: roots(kind), say: &mut mask }.copy(&mut Vec::new(), Around::Unknown, object)
}

/// Two versions of an object with everything secret masked. Secrets that are the same have the same mask, and others another
/// one, so that comparing the copies tells what comparing the objects would.
pub fn masked_both(kind: &str, before: &Value, after: &Value) -> [Value; 2] {
    let mut seen: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut say = |value: &Value| {
        let text = mask(value);
        let alike = seen.entry(text.clone()).or_default();
        let number = alike.iter().position(|other| other == value).unwrap_or_else(|| {
            alike.push(value.clone());
            alike.len() - 1
        });
        if number == 0 { text } else { format!("{text}, other value {number}") }
    };
    [before, after]
        .map(|object| Walk { holders: roots(kind), say: &mut say }.copy(&mut Vec::new(), Around::Unknown, object))
}

/// Takes everything secret out of an object; returns where that was.
pub fn take_out(kind: &str, object: &mut Value) -> Vec<Path> {
    let shown = masked(kind, object);
    let mut found = Vec::new();
    // Masks are told from values that look like one by comparing.
    remove(&mut Vec::new(), object, &shown, &mut found);
    found
}

fn remove(path: &mut Path, value: &mut Value, shown: &Value, found: &mut Vec<Path>) {
    match (value, shown) {
        (Value::Object(fields), Value::Object(others)) => fields.retain(|key, value| {
            let Some(shown) = others.get(key).filter(|shown| *shown != value) else { return true };
            path.push(Segment::Field(key.clone()));
            // What is not secret is copied as it is: where a text stands instead, it is a mask.
            let is_secret = shown.is_string();
            if is_secret {
                found.push(path.clone());
            } else {
                remove(path, value, shown, found);
            }
            path.pop();
            !is_secret
        }),
        (Value::Array(items), Value::Array(others)) => {
            for (at, (item, shown)) in items.iter_mut().zip(others).enumerate() {
                let name = item.get("name").cloned().unwrap_or_else(|| at.into());
                path.push(Segment::Item(vec![("name".to_owned(), name)]));
                remove(path, item, shown, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Whether a value that stands, or would stand, at a path of `object` is secret.
pub fn hides(kind: &str, object: &Value, path: &Path, value: &Value) -> bool {
    let mut with = object.clone();
    set(&mut with, path, Some(value));
    get(&masked(kind, &with), path) != Some(value)
}

/// A value in a masked place, still telling how large it is.
pub fn mask(value: &Value) -> String {
    let size = value.as_str().map_or_else(|| value.to_string().len(), str::len);
    format!("{MASK} {size} bytes")
}

/// Whether something of an object was left out for being secret.
pub fn is_left_out(object: &Value) -> bool {
    match object {
        Value::String(text) => text.starts_with(MASK) && text.ends_with(" bytes"),
        Value::Array(items) => items.iter().any(is_left_out),
        Value::Object(fields) => fields.values().any(is_left_out),
        _ => false,
    }
}

/// What of an object of `kind`, or of a patch of one, is secret, in the forms in which others may quote it.
pub fn secrets(kind: &str, object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |value: &Value| {
        forms(value, &mut found);
        String::new()
    };
    Walk { holders: roots(kind), say: &mut say }.copy(&mut Vec::new(), Around::Unknown, object);
    found.sort_by(|one, other| (other.len(), other).cmp(&(one.len(), one)));
    found.dedup();
    found
}

/// A secret as it is, decoded, encoded, as a literal of a program, line by line; and of a copy of a manifest what is secret there.
fn forms(value: &Value, found: &mut Vec<String>) {
    let Value::String(text) = value else {
        match value {
            Value::Array(items) => items.iter().for_each(|item| forms(item, found)),
            Value::Object(fields) => fields.values().for_each(|field| forms(field, found)),
            Value::Number(number) => found.push(number.to_string()),
            _ => {}
        }
        return;
    };
    if let Ok(inner @ Value::Object(_)) = serde_json::from_str::<Value>(text) {
        let kind = inner.get("kind").and_then(Value::as_str).unwrap_or_default();
        found.extend(secrets(kind, &inner));
    }
    let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let named = text.split_whitespace().filter_map(|word| Some(word.split_once('=')?.1.to_owned()));
    for text in [Some(text.clone()), decoded, password(text).map(str::to_owned)].into_iter().flatten().chain(named) {
        found.push(STANDARD.encode(&text));
        // Objects are quoted as JSON, and that again as a text.
        let once = [literal(&text), in_go(&literal(&text))];
        found.extend(once.iter().flat_map(|text| [literal(text), text.clone()]));
        // However it is written: what looks like a token is in no other word.
        let is_token = |run: &&str| {
            let has = |what: fn(&char) -> bool| run.chars().any(|letter| what(&letter));
            run.len() >= TOKEN && has(char::is_ascii_digit) && has(char::is_ascii_alphabetic)
        };
        let runs = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        found.extend(runs.filter(is_token).map(str::to_owned));
        found.extend(text.lines().filter(|line| line.len() >= SHORT).map(str::to_owned));
        found.push(text);
    }
    found.retain(|text| !text.is_empty());
}

/// A text as JSON has it, without the quotes around it.
fn literal(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// What Go's encoder makes of JSON besides.
fn in_go(literal: &str) -> String {
    literal.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// From how many letters and digits on something is a token.
const TOKEN: usize = 8;

/// Shorter secrets are ordinary words, which stand for something else elsewhere: they are masked in quotes only.
const SHORT: usize = 6;

/// Somebody's words without these secrets: see [`secrets`].
pub fn without(words: &str, secrets: &[String]) -> String {
    let mut words = words.to_owned();
    for secret in secrets {
        if secret.len() >= SHORT {
            words = words.replace(secret.as_str(), MASK);
        } else {
            for quote in ['"', '\'', '`'] {
                words = words.replace(&format!("{quote}{secret}{quote}"), &format!("{quote}{MASK}{quote}"));
            }
        }
    }
    words
}

/// `KEY=VALUE` as it may be shown, if an object's annotation could be called so.
pub fn annotation(argument: &str) -> String {
    match argument.split_once('=') {
        Some((key, value)) if is_secret(&[], &["metadata", "annotations", key], Around::Unknown) => {
            format!("{key}={}", mask(&value.into()))
        }
        _ => argument.to_owned(),
    }
}

/// What an object is that holds secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// All of its data is secret.
    Secret,
    /// What has the name of a secret is.
    ConfigMap,
}

/// What a value stands in.
#[derive(Debug, Clone, Copy)]
enum Around<'v> {
    /// Nobody knows.
    Unknown,
    /// It is a field of these.
    Fields(&'v Map<String, Value>),
    /// It is the item of this number.
    Items(&'v [Value], usize),
}

struct Walk<'s> {
    /// The lengths of the ways to the holders that we are in.
    holders: Vec<(usize, Holder)>,
    say: &'s mut dyn FnMut(&Value) -> String,
}

impl Walk<'_> {
    fn copy<'v>(&mut self, path: &mut Vec<&'v str>, around: Around<'v>, value: &'v Value) -> Value {
        if is_secret(&self.holders, path, around) {
            return Value::String((self.say)(value));
        }
        let inner = holder(value).map(|holder| (path.len(), holder));
        self.holders.extend(inner);
        let mut below = |key: &'v str, around: Around<'v>, value: &'v Value| {
            path.push(key);
            let copy = self.copy(path, around, value);
            path.pop();
            copy
        };
        let copy = match value {
            Value::Object(fields) => {
                let copies = fields.iter().map(|(key, value)| (key.clone(), below(key, Around::Fields(fields), value)));
                Value::Object(copies.collect())
            }
            Value::Array(items) => {
                let copies = items.iter().enumerate().map(|(at, item)| below("", Around::Items(items, at), item));
                Value::Array(copies.collect())
            }
            other => other.clone(),
        };
        if inner.is_some() {
            self.holders.pop();
        }
        copy
    }
}

/// What holds secrets before anything is looked at: the object itself, if it is such a one.
fn roots(kind: &str) -> Vec<(usize, Holder)> {
    holder_named(kind).map(|holder| (0, holder)).into_iter().collect()
}

/// Whether a whole object that holds secrets stands here.
fn holder(value: &Value) -> Option<Holder> {
    holder_named(value.get("kind")?.as_str()?)
}

fn holder_named(kind: &str) -> Option<Holder> {
    match kind {
        "Secret" => Some(Holder::Secret),
        "ConfigMap" => Some(Holder::ConfigMap),
        _ => None,
    }
}

/// Whether what stands at the end of `path` is secret. `holders`: the lengths of the ways to those that it stands in.
fn is_secret(holders: &[(usize, Holder)], path: &[&str], around: Around<'_>) -> bool {
    let is_data = |(begin, holder): &(usize, Holder)| match path.get(*begin..) {
        Some(["data" | "stringData" | "binaryData", key]) => *holder == Holder::Secret || names_a_secret_entry(key),
        _ => false,
    };
    if holders.iter().any(is_data) {
        return true;
    }
    match path {
        [.., "metadata", "annotations", key] => {
            let key = key.to_ascii_lowercase();
            ["last-applied", "token", "password", "secret", "credential"].iter().any(|word| key.contains(word))
        }
        [.., "env", _, "value"] => {
            let Around::Fields(item) = around else { return true };
            let text = |key: &str| item.get(key).and_then(Value::as_str);
            text("name").is_none_or(names_a_secret) || text("value").and_then(password).is_some()
        }
        [.., "args" | "command", _] => {
            let Around::Items(items, at) = around else { return true };
            let text = |at: usize| items.get(at).and_then(Value::as_str);
            let before = at.checked_sub(1).and_then(text).unwrap_or_default();
            let handed = |text: &str| hands_a_secret(before) && !text.starts_with('-') && !is_reference(text);
            text(at).is_some_and(|text| tells_a_secret(text) || handed(text))
        }
        _ => false,
    }
}

/// Whether a variable of this name holds a secret: `DB_PASSWORD`, `apiKey`, `SENTRY_DSN`.
fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["PASSWORD", "PASSWD", "PASSPHRASE", "TOKEN", "SECRET", "CREDENTIAL"].iter().any(|word| name.contains(word))
        || name.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| {
            word.ends_with("KEY") || word.ends_with("KEYS") || ["DSN", "PASS", "PWD", "AUTH"].contains(&word)
        })
}

/// Whether an entry of a ConfigMap, which may have any name, holds a secret.
fn names_a_secret_entry(name: &str) -> bool {
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    ["PASSWORD", "PASSWD", "PASSPHRASE", "TOKEN", "SECRET", "CREDENTIAL", "APIKEY", "ACCESSKEY", "PRIVATEKEY"]
        .iter()
        .any(|word| name.contains(word))
}

/// Whether an argument of this name is followed by a secret, and not by where one is, or for how long it is good.
fn names_an_argument(name: &str) -> bool {
    let last = name.rsplit(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
    let other = ["FILE", "FILES", "PATH", "DIR", "NAME", "TTL", "URL", "AUDIENCE", "ISSUER"];
    names_a_secret(name) && !other.contains(&last.to_ascii_uppercase().as_str())
}

/// Whether an argument is, or has in it, a name and a secret: `--db-password=x`, `export TOKEN=x`, `postgres://u:x@db`.
fn tells_a_secret(argument: &str) -> bool {
    let tells = |word: &str| {
        word.trim_start_matches('-').split_once('=').is_some_and(|(name, value)| {
            !value.is_empty() && !is_reference(value.trim_matches('"')) && names_an_argument(name)
        })
    };
    argument.split([' ', '\t', '\n', ';']).any(tells) || password(argument).is_some()
}

/// Whether it says where a value comes from: `$(TOKEN)`, `${TOKEN}`, `$TOKEN`.
fn is_reference(value: &str) -> bool {
    let Some(name) = value.strip_prefix('$') else { return false };
    let inner =
        [('(', ')'), ('{', '}')].iter().find_map(|(open, close)| name.strip_prefix(*open)?.strip_suffix(*close));
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    inner.is_some() || is_name(name)
}

/// Whether an argument is the name of a secret that comes next: `--db-password`.
fn hands_a_secret(argument: &str) -> bool {
    argument.starts_with('-') && !argument.contains(['=', ' ']) && names_an_argument(argument.trim_start_matches('-'))
}

/// The password in an address: `x` of `postgres://user:x@db`.
fn password(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let login = rest.split(['/', '?', '#', ' ']).next()?.rsplit_once('@')?.0;
    login.split_once(':').map(|(_, password)| password).filter(|password| !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_and_their_copies_are_masked() {
        let last = "kubectl.kubernetes.io/last-applied-configuration";
        assert!(is_masked("Secret", &["data", "password"]));
        assert!(is_masked("Secret", &["data", "password", "deeper"]));
        assert!(is_masked("ConfigMap", &["data", "password"]));
        assert!(is_masked("ConfigMap", &["data", "private.key"]));
        assert!(!is_masked("ConfigMap", &["data", "key"]));
        assert!(is_masked("Tenant", &["metadata", "annotations", last]));
        assert!(is_masked("Tenant", &["metadata", "annotations", "example.com/api-Token"]));
        assert!(!is_masked("Tenant", &["metadata", "labels", "token"]));
        assert_eq!(mask(&json!("hunter2")), "(masked) 7 bytes");
    }

    #[test]
    fn variables_with_names_of_secrets_are_masked_wherever_pods_are_described() {
        let env = json!([{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "plain"}]);
        let pod = json!({"template": {"metadata": {"annotations": {"vault/token": "t0k"}}, "spec": {"containers": [{"env": env}]}}});
        let object = json!({"spec": {"jobTemplate": {"spec": pod}}});
        let text = masked("CronJob", &object).to_string();
        assert!(!text.contains("hunter2") && !text.contains("t0k") && text.contains("plain"), "{text}");
        let at =
            |number| ["spec", "jobTemplate", "spec", "template", "spec", "containers", "0", "env", number, "value"];
        assert!(is_masked_in("CronJob", &object, &at("0")));
        assert!(!is_masked_in("CronJob", &object, &at("1")));
        // Without the object nobody knows which variable it is.
        assert!(is_masked("CronJob", &at("1")));
        for name in ["apiKey", "SENTRY_DSN", "AWS_SECRET_ACCESS_KEY", "DB_PASS", "GITHUB_TOKEN"] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in ["MODE", "KEYCLOAK_URL", "PATH", "COMPASS"] {
            assert!(!names_a_secret(name), "{name}");
        }
    }

    #[test]
    fn a_secret_inside_another_object_is_masked() {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "data": {"k": "aHVudGVyMg=="}});
        let object = json!({"spec": {"resources": [{"rawItems": [secret]}]}});
        assert!(!masked("TenantResource", &object).to_string().contains("aHVudGVyMg"));
        assert!(is_masked_in("TenantResource", &object, &["spec", "resources", "0", "rawItems", "0", "data", "k"]));
        assert!(!is_masked_in("TenantResource", &object, &["spec", "resources", "0", "rawItems", "0", "kind"]));
    }

    #[test]
    fn a_secret_with_fields_that_look_like_another_object_stays_masked() {
        let inner = json!({"apiVersion": "v1", "kind": "Secret", "password": "hunter2"});
        for object in [json!({"data": inner}), json!({"kind": "Secret", "data": {"x": inner}})] {
            assert!(!masked("Secret", &object).to_string().contains("hunter2"));
        }
    }

    #[test]
    fn what_is_secret_can_be_taken_out() {
        let mut object = json!({"metadata": {"name": "a"}, "spec": {"template": {"spec": {"containers": [
            {"name": "web", "image": "i", "env": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "x"}]},
        ]}}}});
        let found = take_out("Deployment", &mut object);
        let told: Vec<String> = found.iter().map(|path| crate::plan::edit::spell(path)).collect();
        assert_eq!(told, ["spec.template.spec.containers[web].env[DB_PASSWORD].value"]);
        let env = &object["spec"]["template"]["spec"]["containers"][0]["env"];
        assert_eq!(*env, json!([{"name": "DB_PASSWORD"}, {"name": "MODE", "value": "x"}]));
        let mut secret = json!({"kind": "Secret", "type": "Opaque", "data": {"a": "MQ==", "b": "(masked) 4 bytes"}});
        assert_eq!(take_out("Secret", &mut secret).len(), 2, "{secret}");
        assert_eq!(secret, json!({"kind": "Secret", "type": "Opaque", "data": {}}));
    }

    #[test]
    fn masks_of_two_versions_differ_where_the_secrets_do() {
        let of = |a: &str, b: &str| json!({"data": {"a": a, "b": b}});
        let [before, after] = masked_both("Secret", &of("one", "two"), &of("two", "two"));
        assert_ne!(before["data"]["a"], after["data"]["a"]);
        assert_eq!(before["data"]["b"], after["data"]["b"]);
        assert_eq!(after["data"]["a"], after["data"]["b"]);
    }

    #[test]
    fn arguments_and_addresses_that_tell_secrets_are_masked() {
        let container = |args: Value| json!({"spec": {"containers": [{"args": args, "env": [{"name": "DB", "value": "pg://u:hunter2@db/x"}]}]}});
        for args in [
            json!(["--password=hunter2"]),
            json!(["--password", "hunter2"]),
            json!(["-c", "export TOKEN=hunter2; run"]),
            json!(["pg://u:hunter2@db"]),
        ] {
            let text = masked("Pod", &container(args)).to_string();
            assert!(!text.contains("hunter2"), "{text}");
        }
        let plain =
            json!(["--token-file=/run/token", "--token-ttl", "10m", "--v=4", "--password=$PASSWORD", "http://a:80/@b"]);
        assert_eq!(masked("Pod", &container(plain.clone())).pointer("/spec/containers/0/args"), Some(&plain));
        let object = container(json!(["--password", "hunter2"]));
        assert!(is_masked_in("Pod", &object, &["spec", "containers", "0", "args", "1"]));
        assert!(!is_masked_in("Pod", &object, &["spec", "containers", "0", "args", "0"]));
    }

    #[test]
    fn words_are_told_without_the_secrets_of_an_object() {
        let last = r#"{"kind":"Secret","data":{"k":"c2VjcmV0LW9uZQ=="}}"#;
        let object = json!({
            "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": last}},
            "stringData": {"a": "two words\nand a \"third\"", "b": "abc"},
        });
        let secrets = secrets("Secret", &object);
        let said = r#"bad: "c2VjcmV0LW9uZQ==" secret-one "two words\nand a \"third\"" "abc" abc-web"#;
        assert_eq!(without(said, &secrets), r#"bad: "(masked)" (masked) "(masked)" "(masked)" abc-web"#);
    }
}
