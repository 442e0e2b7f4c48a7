//! What must never be shown or written down: secrets, and copies of them. The one place that knows what is secret.
//!
//! Secret are the values of a Secret (also of one inside another object), annotations that hold tokens or copies of
//! manifests, and values of environment variables with names of secrets, in Pod templates anywhere.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::edit::{Path, Segment, get, set};

/// What stands in a masked place.
const MASK: &str = "(masked)";

/// Whether the value at this path (`metadata.annotations.…`) of an object of `kind` is shown as a mask, for callers that
/// have no more than the path: where the object would have to be asked, it is.
pub fn is_masked(kind: &str, path: &[&str]) -> bool {
    let secrets = roots(kind);
    (1..=path.len()).any(|length| path.get(..length).is_some_and(|path| is_secret(&secrets, path, None)))
}

/// Whether what stands at `path` of `object` is shown as a mask. Items of lists are told by their number.
pub fn is_masked_in(kind: &str, object: &Value, path: &[&str]) -> bool {
    let (mut secrets, mut value) = (roots(kind), Some(object));
    (1..=path.len()).any(|length| {
        let (Some(way), Some(here)) = (path.get(..length), value) else { return false };
        let secret = is_secret(&secrets, way, here.as_object());
        let step = way.last().copied().unwrap_or_default();
        value = match here {
            Value::Array(items) => step.parse::<usize>().ok().and_then(|number| items.get(number)),
            other => other.get(step),
        };
        if value.is_some_and(is_a_secret) {
            secrets.push(length);
        }
        secret
    })
}

/// A copy of an object of `kind`, or of a patch of one, in which everything secret is masked.
pub fn masked(kind: &str, object: &Value) -> Value {
    Walk { secrets: roots(kind), say: &mut mask }.copy(&mut Vec::new(), None, object)
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
    [before, after].map(|object| Walk { secrets: roots(kind), say: &mut say }.copy(&mut Vec::new(), None, object))
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

struct Walk<'s> {
    /// The lengths of the ways to the Secrets that we are in.
    secrets: Vec<usize>,
    say: &'s mut dyn FnMut(&Value) -> String,
}

impl Walk<'_> {
    fn copy<'v>(&mut self, path: &mut Vec<&'v str>, enclosing: Option<&Map<String, Value>>, value: &'v Value) -> Value {
        if is_secret(&self.secrets, path, enclosing) {
            return Value::String((self.say)(value));
        }
        let inner = is_a_secret(value);
        if inner {
            self.secrets.push(path.len());
        }
        let mut below = |key: &'v str, enclosing: Option<&Map<String, Value>>, value: &'v Value| {
            path.push(key);
            let copy = self.copy(path, enclosing, value);
            path.pop();
            copy
        };
        let copy = match value {
            Value::Object(fields) => Value::Object(
                fields.iter().map(|(key, value)| (key.clone(), below(key, Some(fields), value))).collect(),
            ),
            Value::Array(items) => Value::Array(items.iter().map(|item| below("", None, item)).collect()),
            other => other.clone(),
        };
        if inner {
            self.secrets.pop();
        }
        copy
    }
}

/// Where Secrets begin before anything is looked at: the object itself, if it is one.
fn roots(kind: &str) -> Vec<usize> {
    if kind == "Secret" { vec![0] } else { Vec::new() }
}

/// Whether a whole Secret stands here.
fn is_a_secret(value: &Value) -> bool {
    value.get("kind").and_then(Value::as_str) == Some("Secret")
}

/// Whether what stands at the end of `path`, a field of `enclosing`, is secret. `secrets`: the lengths of the ways to the
/// Secrets that it stands in.
fn is_secret(secrets: &[usize], path: &[&str], enclosing: Option<&Map<String, Value>>) -> bool {
    let is_data = |begin: &usize| matches!(path.get(*begin..), Some(["data" | "stringData" | "binaryData", _]));
    if secrets.iter().any(is_data) {
        return true;
    }
    match path {
        [.., "metadata", "annotations", key] => {
            let key = key.to_ascii_lowercase();
            ["last-applied", "token", "password", "secret", "credential"].iter().any(|word| key.contains(word))
        }
        [.., "env", _, "value"] => {
            enclosing.and_then(|item| item.get("name")).and_then(Value::as_str).is_none_or(names_a_secret)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_and_their_copies_are_masked() {
        let last = "kubectl.kubernetes.io/last-applied-configuration";
        assert!(is_masked("Secret", &["data", "password"]));
        assert!(is_masked("Secret", &["data", "password", "deeper"]));
        assert!(!is_masked("ConfigMap", &["data", "password"]));
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
}
