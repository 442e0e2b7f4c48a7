//! By what the items of a list are told apart: the merge keys that Kubernetes and Capsule declare.

use serde_json::Value;

/// The fields that tell items of a list of this name apart; `None` for lists of which nothing is declared.
fn declared(list: &str) -> Option<&'static [&'static [&'static str]]> {
    Some(match list {
        "ports" => &[&["containerPort", "protocol"], &["port", "protocol"]],
        "volumeMounts" => &[&["mountPath"]],
        "volumeDevices" => &[&["devicePath"]],
        "ownerReferences" => &[&["uid"]],
        "conditions" => &[&["type"]],
        "subjects" => &[&["kind", "namespace", "name"]],
        "owners" => &[&["kind", "name"]],
        "rules" => &[&["host"]],
        "paths" => &[&["path", "pathType"]],
        "taints" => &[&["key", "effect"]],
        "hostAliases" => &[&["ip"]],
        "topologySpreadConstraints" => &[&["topologyKey", "whenUnsatisfiable"]],
        // One value to the server: their order and their repetitions mean something.
        "tolerations" | "args" | "command" => &[],
        _ => return None,
    })
}

/// What tells items apart where nothing else is declared, if it does.
const USUAL: &[&[&str]] = &[&["name"], &["key"], &["type"], &["id"]];

/// The keys of the items of both versions of a list, and the fields that they consist of. `None`: a sequence.
pub(super) fn keys(
    list: &str,
    old: &[Value],
    new: &[Value],
) -> Option<(&'static [&'static str], Vec<String>, Vec<String>)> {
    let candidates = declared(list).unwrap_or(USUAL);
    candidates.iter().find_map(|fields| Some((*fields, of(fields, old)?, of(fields, new)?)))
}

/// The keys of items by these fields, if every item has one of its own. Only the first field must be there.
fn of(fields: &[&str], items: &[Value]) -> Option<Vec<String>> {
    let mut keys: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        let part = |(at, field): (usize, &&str)| match item.get(*field) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            // An optional field is left out; a first one may be nothing only where it is said so.
            _ => (at > 0).then(String::new),
        };
        let mut parts: Vec<String> = fields.iter().enumerate().map(part).collect::<Option<_>>()?;
        if fields.contains(&"protocol") && parts.last().is_some_and(|last| last.is_empty() || last == "TCP") {
            parts.pop();
        }
        parts.retain(|part| !part.is_empty());
        keys.push(parts.join("/"));
    }
    let mut sorted: Vec<&String> = keys.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair.first() != pair.last()).then_some(keys)
}
