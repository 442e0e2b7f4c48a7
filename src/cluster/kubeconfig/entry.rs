//! What a context stands for, remembered well enough to see that it is another.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use serde::Serialize;
use serde_json::Value;

use super::Files;

/// What a context stood for when somebody looked. Nothing of it can be read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    cluster: u64,
    user: u64,
    namespace: Option<String>,
}

impl Files {
    /// What `context` stands for; nothing if it stands for nothing.
    pub fn entry(&self, context: &str) -> Option<Entry> {
        let entries = self.entries(Some(context)).ok()?;
        Some(Entry {
            cluster: digest(&(&entries.context.cluster, entries.cluster)),
            user: digest(&(entries.user_name, entries.user)),
            namespace: entries.context.namespace.clone(),
        })
    }
}

impl Entry {
    /// What is another in what it stands for now, in words; nothing if all is the same.
    pub fn changes(&self, now: Option<&Self>) -> Option<String> {
        let Some(now) = now else { return Some("it is gone, or leads nowhere".to_owned()) };
        let changed = [
            ("its cluster", self.cluster != now.cluster),
            ("its user or credentials", self.user != now.user),
            ("its namespace", self.namespace != now.namespace),
        ];
        let words: Vec<&str> = changed.into_iter().filter(|(_, changed)| *changed).map(|(words, _)| words).collect();
        (!words.is_empty()).then(|| format!("{} changed", words.join(", ")))
    }
}

fn digest(value: &impl Serialize) -> u64 {
    let mut hasher = DefaultHasher::new();
    // What cannot be written as JSON cannot be told apart.
    take(&serde_json::to_value(value).unwrap_or_default(), &mut hasher);
    hasher.finish()
}

/// Takes a value in, in an order that does not depend on where a map has its keys.
fn take(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            keys.len().hash(hasher);
            for key in keys {
                key.hash(hasher);
                take(&map[key], hasher);
            }
        }
        Value::Array(values) => {
            values.len().hash(hasher);
            for value in values {
                take(value, hasher);
            }
        }
        other => other.to_string().hash(hasher),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_was_changed_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        let entry = |text: &str| {
            std::fs::write(&file, text).unwrap();
            Files::load(Some(Path::new(&file)), None, None).unwrap().entry("a")
        };
        let text = "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'https://s:1'}}]\n\
                    users: [{name: u, user: {token: old, exec: {command: x, env: [{name: a, value: b}]}}}]\n\
                    contexts: [{name: a, context: {cluster: c, user: u, namespace: n}}]\n";
        let before = entry(text).unwrap();
        for (from, to, told) in [
            ("kind: Config", "kind: Config\ncurrent-context: b", None),
            ("https://s:1", "https://s:2", Some("its cluster changed")),
            ("old", "new", Some("its user or credentials changed")),
            ("namespace: n", "namespace: m", Some("its namespace changed")),
            ("name: a, context", "name: b, context", Some("it is gone, or leads nowhere")),
        ] {
            let now = entry(&text.replace(from, to));
            assert_eq!(before.changes(now.as_ref()).as_deref(), told, "{to}");
        }
        assert!(!format!("{before:?}").contains("old"));
    }
}
