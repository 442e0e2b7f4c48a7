//! What an object of any kind says of itself: what it runs, selects, mounts, holds and serves, as far as the object tells.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::words::{items, plain};
use super::{Document, SHOWN, shortened};
use crate::console::model::page::{Ink, Line};
use crate::plan::mask;
use crate::text::clean::{clean, clean_lines};

/// How many plain fields of a kind that nothing is known of are told.
const FIELDS: usize = 12;

impl Document {
    /// What an object of any kind says of itself.
    pub(super) fn about(&self, object: &Value) -> Vec<Line> {
        let mut lines = Vec::new();
        let of = |path: &str| object.pointer(path).map(plain).filter(|text| !text.is_empty());
        for (label, path) in [
            ("state", "/status/phase"),
            ("type", "/spec/type"),
            ("type", "/type"),
            ("reason", "/status/reason"),
            ("schedule", "/spec/schedule"),
            ("class", "/spec/storageClassName"),
            ("class", "/spec/ingressClassName"),
            ("volume", "/spec/volumeName"),
            ("size", "/status/capacity/storage"),
            ("node", "/spec/nodeName"),
            ("address", "/status/podIP"),
            ("address", "/spec/clusterIP"),
        ] {
            lines.extend(of(path).map(|text| Line::field(label, Ink::Text, text)));
        }
        lines.extend(replicas(object));
        if object.pointer("/spec/suspend") == Some(&Value::Bool(true)) {
            lines.push(Line::field("suspended", Ink::Warn, "it makes nothing while it is"));
        }
        lines.extend(selector(object));
        lines.extend(list("serves", object, "/spec/ports", port));
        lines.extend(list("hosts", object, "/spec/rules", |rule| rule.get("host").map(plain)));
        lines.extend(list("address", object, "/status/loadBalancer/ingress", |one| {
            one.get("ip").or_else(|| one.get("hostname")).map(plain)
        }));
        // Of itself, of its template, or of its template's template.
        for pod in ["/spec", "/spec/template/spec", "/spec/jobTemplate/spec/template/spec"] {
            lines.extend(pods(object, pod));
        }
        lines.extend(role(object));
        lines.extend(self.data(object));
        if lines.is_empty() {
            lines.extend(fields(object));
        }
        lines
    }

    /// What a ConfigMap or a Secret holds. Values of secrets are told when they were asked for.
    fn data(&self, object: &Value) -> Vec<Line> {
        let mut lines = Vec::new();
        for (path, encoded) in [("data", self.object.kind == "Secret"), ("stringData", false), ("binaryData", true)] {
            for (key, value) in object.get(path).and_then(Value::as_object).into_iter().flatten() {
                let label = if lines.is_empty() { "holds" } else { "" };
                let head = Line::field(label, Ink::Dim, format!("{}: ", clean(key)));
                if let Some(masked) = self.masked(&[path, key], value) {
                    lines.push(head.and(Ink::Text, masked));
                    continue;
                }
                let text = value.as_str().unwrap_or_default();
                let decoded =
                    encoded.then(|| BASE64_STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()));
                let text = match &decoded {
                    Some(Some(decoded)) => decoded,
                    Some(None) => {
                        lines.push(head.and(Ink::Text, format!("{} bytes in base64, no text", text.len())));
                        continue;
                    }
                    None => text,
                };
                let mut all = clean_lines(&shortened(text, SHOWN)).into_iter();
                lines.push(head.and(Ink::Text, all.next().unwrap_or_default()));
                lines.extend(all.map(|line| Line::field("", Ink::Text, format!("  {line}"))));
            }
        }
        lines
    }
}

/// `2 of 3 ready`.
fn replicas(object: &Value) -> Option<Line> {
    let number = |path: &str| object.pointer(path).and_then(Value::as_i64);
    let (wanted, ready) = match number("/status/desiredNumberScheduled") {
        Some(wanted) => (wanted, number("/status/numberReady")),
        None => (number("/spec/replicas")?, number("/status/readyReplicas")),
    };
    let ready = ready.unwrap_or_default();
    let ink = if ready < wanted { Ink::Warn } else { Ink::Text };
    Some(Line::field("replicas", ink, format!("{ready} of {wanted} ready")))
}

/// What it selects: labels, in whichever of the two forms.
fn selector(object: &Value) -> Option<Line> {
    let selector = object.pointer("/spec/selector").or_else(|| object.pointer("/spec/podSelector"))?;
    let labels = selector.get("matchLabels").unwrap_or(selector).as_object()?;
    let pair = |(key, value): (&String, &Value)| value.is_string().then(|| format!("{}={}", clean(key), plain(value)));
    let mut pairs: Vec<String> = labels.iter().filter_map(pair).collect();
    for rule in items(selector, "/matchExpressions") {
        let of = |key: &str| rule.get(key).map(plain).unwrap_or_default();
        let values: Vec<String> = items(rule, "/values").iter().map(plain).collect();
        pairs.push(format!("{} {} ({})", of("key"), of("operator"), values.join(", ")));
    }
    let words = if pairs.is_empty() { "everything".to_owned() } else { pairs.join(", ") };
    Some(Line::field("selects", Ink::Text, words))
}

/// `http 80/TCP to 8080`.
fn port(port: &Value) -> Option<String> {
    let of = |key: &str| port.get(key).map(plain).filter(|text| !text.is_empty());
    let name = of("name").map(|name| format!("{name} ")).unwrap_or_default();
    let to = of("targetPort").map(|to| format!(" to {to}")).unwrap_or_default();
    let node = of("nodePort").map(|node| format!(", on each node {node}")).unwrap_or_default();
    Some(format!("{name}{}/{}{to}{node}", of("port")?, of("protocol").unwrap_or_else(|| "TCP".to_owned())))
}

fn list(label: &str, object: &Value, path: &str, words: impl Fn(&Value) -> Option<String>) -> Option<Line> {
    let all: Vec<String> = items(object, path).iter().filter_map(words).collect();
    (!all.is_empty()).then(|| Line::field(label, Ink::Text, all.join("; ")))
}

/// What pods run and mount.
fn pods(object: &Value, path: &str) -> Vec<Line> {
    let Some(spec) = object.pointer(path) else { return Vec::new() };
    let mut lines = Vec::new();
    for (label, key) in [("prepares", "/initContainers"), ("runs", "/containers")] {
        for (at, container) in items(spec, key).iter().enumerate() {
            let of = |key: &str| container.get(key).map(plain).unwrap_or_default();
            let mut line = Line::field(if at == 0 { label } else { "" }, Ink::Text, of("name"));
            line = line.and(Ink::Dim, format!(" · {}", of("image")));
            let statuses =
                items(object, "/status/containerStatuses").iter().chain(items(object, "/status/initContainerStatuses"));
            if let Some(status) = statuses.into_iter().find(|status| status.get("name") == container.get("name")) {
                line = line.and(Ink::Dim, " · ").and(state_ink(status), state(status));
            }
            lines.push(line);
        }
    }
    for (at, volume) in items(spec, "/volumes").iter().enumerate() {
        let Some((kind, name)) = source(volume) else { continue };
        let line = Line::field(
            if at == 0 { "mounts" } else { "" },
            Ink::Text,
            plain(volume.get("name").unwrap_or(&Value::Null)),
        );
        lines.push(line.and(Ink::Dim, format!(" · {kind} {name}")));
    }
    if !lines.is_empty()
        && let Some(account) = spec.get("serviceAccountName").map(plain)
    {
        lines.push(Line::field("runs as", Ink::Text, format!("ServiceAccount {account}")));
    }
    lines
}

/// What a container does: `running`, `waiting: CrashLoopBackOff, started 7 times`.
fn state(status: &Value) -> String {
    let states = status.get("state").and_then(Value::as_object);
    let (what, reason) =
        states.and_then(|states| states.iter().next()).map_or(("unknown", String::new()), |(what, state)| {
            (what.as_str(), state.get("reason").map(plain).map(|reason| format!(": {reason}")).unwrap_or_default())
        });
    let again = status.get("restartCount").and_then(Value::as_i64).filter(|count| *count > 0);
    let again = again.map(|count| format!(", restarted {count} times")).unwrap_or_default();
    format!("{}{reason}{again}", clean(what))
}

fn state_ink(status: &Value) -> Ink {
    match (status.pointer("/state/waiting/reason"), status.get("ready")) {
        (Some(reason), _) if reason != "ContainerCreating" && reason != "PodInitializing" => Ink::Danger,
        (_, Some(Value::Bool(true))) => Ink::Text,
        _ => Ink::Dim,
    }
}

/// Where a volume comes from: the kind and the name of it.
fn source(volume: &Value) -> Option<(String, String)> {
    let (kind, source) = volume.as_object()?.iter().find(|(key, _)| *key != "name")?;
    let name = ["secretName", "claimName", "name", "path", "driver"].iter().find_map(|key| source.get(*key).map(plain));
    Some((clean(kind).into_owned(), name.unwrap_or_default()))
}

/// What a binding binds, and what a role allows.
fn role(object: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(role) = object.get("roleRef") {
        let of = |key: &str| role.get(key).map(plain).unwrap_or_default();
        lines.push(Line::field("role", Ink::Head, format!("{} {}", of("kind"), of("name"))));
        for (at, subject) in items(object, "/subjects").iter().enumerate() {
            let of = |key: &str| subject.get(key).map(plain).unwrap_or_default();
            let place = if of("namespace").is_empty() { String::new() } else { format!("{}/", of("namespace")) };
            let words = format!("{} {place}{}", of("kind"), of("name"));
            lines.push(Line::field(if at == 0 { "subjects" } else { "" }, Ink::Text, words));
        }
    }
    for (at, rule) in items(object, "/rules").iter().filter(|rule| rule.get("verbs").is_some()).enumerate() {
        let all = |path: &str| items(rule, path).iter().map(plain).collect::<Vec<_>>().join(", ");
        let on = [all("/resources"), all("/nonResourceURLs")].into_iter().find(|text| !text.is_empty());
        let group = match all("/apiGroups") {
            groups if groups.is_empty() => String::new(),
            groups => format!(" of {groups}"),
        };
        let names = all("/resourceNames");
        let names = if names.is_empty() { names } else { format!(" ({names})") };
        let line = Line::field(if at == 0 { "allows" } else { "" }, Ink::Text, all("/verbs"));
        lines.push(line.and(Ink::Dim, format!(" · {}{group}{names}", on.unwrap_or_default())));
    }
    lines
}

/// The plain fields of a kind that nothing else is known of.
fn fields(object: &Value) -> Vec<Line> {
    let fields = object.get("spec").and_then(Value::as_object).into_iter().flatten();
    let scalar = fields.filter(|(_, value)| !value.is_object() && !value.is_array());
    let line = |(at, (key, value)): (usize, (&String, &Value))| {
        let masked = mask::is_masked("", &["spec", key]);
        let text = if masked { mask::mask(value) } else { plain(value) };
        Line::field(if at == 0 { "says" } else { "" }, Ink::Dim, format!("{}: ", clean(key))).and(Ink::Text, text)
    };
    scalar.take(FIELDS).enumerate().map(line).collect()
}
