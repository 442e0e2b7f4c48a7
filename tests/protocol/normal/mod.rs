//! Takes out of an answer what cannot be the same twice, and keeps what it says about other things: a uid becomes the
//! place of its first appearance, so that two answers still agree only if the same things are the same.

mod names;
mod quoted;
mod words;

use serde_json::{Map, Value};

use crate::normal::names::Appearances;

/// What was seen so far in the answers of one side to one topic.
#[derive(Debug, Default)]
pub struct Normaliser {
    uids: Appearances,
    versions: Appearances,
    hashes: Appearances,
    /// Names that a server made up, and what stands for them.
    made_up: Vec<(String, String)>,
}

/// The version of a list, or of a bookmark.
const OF_LIST: &str = "<version of the list>";

/// Labels with a hash that depends on how a program prints its structures.
const HASH_LABELS: [&str; 2] = ["pod-template-hash", "controller-revision-hash"];

/// Table columns with a time in words.
const AGES: [&str; 6] = ["Age", "Last Seen", "First Seen", "Duration", "Last Schedule", "LastSeen"];

impl Normaliser {
    /// The body of the answer to an exchange.
    pub fn answer(&mut self, exchange: &str, body: Value) -> Value {
        for names in [&mut self.uids, &mut self.versions, &mut self.hashes] {
            names.begin(exchange);
        }
        self.body(body)
    }

    /// A body.
    pub fn body(&mut self, mut body: Value) -> Value {
        self.notice(&body);
        self.clean(&mut body);
        body
    }

    /// Looks for names and hashes that were made up, before any is replaced.
    fn notice(&mut self, value: &Value) {
        match value {
            Value::Array(list) => list.iter().for_each(|one| self.notice(one)),
            Value::Object(map) => {
                if let (Some(Value::String(prefix)), Some(Value::String(name))) =
                    (map.get("generateName"), map.get("name"))
                    && let Some(suffix) = name.strip_prefix(prefix.as_str())
                    && suffix.len() == 5
                {
                    self.make_up(suffix, "suffix");
                }
                for label in HASH_LABELS {
                    if let Some(Value::String(hash)) = map.get(label) {
                        // A StatefulSet's hash carries its name in front.
                        self.make_up(hash.rsplit('-').next().unwrap_or(hash), "hash");
                    }
                }
                map.values().for_each(|one| self.notice(one));
            }
            _ => {}
        }
    }

    fn make_up(&mut self, text: &str, what: &str) {
        if text.len() >= 4 && !self.made_up.iter().any(|(known, _)| known == text) {
            let stands = self.hashes.of(text);
            self.made_up.push((text.to_owned(), format!("<{what} {stands}>")));
        }
    }

    fn clean(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(list) => list.iter_mut().for_each(|one| self.clean(one)),
            Value::Object(map) => self.map(map),
            _ => {}
        }
    }

    fn map(&mut self, map: &mut Map<String, Value>) {
        if map.contains_key("columnDefinitions") && map.contains_key("rows") {
            ages(map);
        }
        if map.get("type").is_some_and(|kind| kind == "BOOKMARK")
            && let Some(version) =
                map.get_mut("object").and_then(|object| object.pointer_mut("/metadata/resourceVersion"))
        {
            *version = OF_LIST.into();
        }
        // A list's version moves with everything that is written anywhere.
        let of_list = map.contains_key("items") || map.contains_key("rows");
        for (key, value) in std::mem::take(map) {
            let mut value = value;
            if of_list
                && key == "metadata"
                && let Some(version) = value.get_mut("resourceVersion")
            {
                *version = OF_LIST.into();
            }
            self.field(&key, &mut value);
            map.insert(self.text(&key), value);
        }
    }

    fn field(&mut self, key: &str, value: &mut Value) {
        match (key, &*value) {
            ("resourceVersion", Value::String(version)) if version.bytes().all(|byte| byte.is_ascii_digit()) => {
                if version != "0" {
                    *value = format!("<version {}>", self.versions.of(version)).into();
                }
            }
            // Named after the hash of a template.
            ("currentRevision" | "updateRevision", Value::String(name)) => {
                *value = name.rsplit_once('-').map_or(name.as_str(), |(set, _)| set).into();
            }
            ("continue" | "token", Value::String(text)) if !text.is_empty() => *value = format!("<{key}>").into(),
            ("ca.crt" | "caBundle", Value::String(_)) => *value = "<certificate>".into(),
            ("clusterIP" | "podIP" | "hostIP" | "ip", Value::String(ip)) if ip != "None" && !ip.is_empty() => {
                *value = "<ip>".into();
            }
            ("clusterIPs", Value::Array(ips)) => {
                *value = ips.iter().map(|ip| if ip == "None" { ip.clone() } else { "<ip>".into() }).collect();
            }
            ("nodePort" | "healthCheckNodePort", Value::Number(port)) if port.as_u64() != Some(0) => {
                *value = "<port>".into();
            }
            ("managedFields", Value::Array(_)) => {
                self.clean(value);
                // Their order depends on whether two writes fell into the same second.
                if let Value::Array(entries) = value {
                    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
                    let key = |entry: &Value| {
                        ["manager", "operation", "subresource", "apiVersion"].map(|key| text(entry, key))
                    };
                    entries.sort_by_key(key);
                }
            }
            _ => self.clean(value),
        }
    }

    fn text(&mut self, text: &str) -> String {
        if let Some((before, mut object, behind)) = quoted::object(text) {
            self.clean(&mut object);
            return [self.text(before), quoted::quote(&object), self.text(behind)].concat();
        }
        let mut text = words::replace(text, &mut self.uids);
        for (made_up, stands) in &self.made_up {
            if text.contains(made_up.as_str()) {
                text = text.replace(made_up.as_str(), stands);
            }
        }
        text
    }
}

/// Cells with a time in words.
fn ages(table: &mut Map<String, Value>) {
    let columns: Vec<bool> = table["columnDefinitions"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|column| column["name"].as_str().is_some_and(|name| AGES.contains(&name)))
        .collect();
    let Some(Value::Array(rows)) = table.get_mut("rows") else { return };
    for row in rows {
        let Some(Value::Array(cells)) = row.get_mut("cells") else { continue };
        // A watch names the columns only with its first event.
        let may_be = |at: usize| columns.is_empty() || columns.get(at).copied().unwrap_or_default();
        for (at, cell) in cells.iter_mut().enumerate() {
            let is_duration = |text: &str| {
                text.starts_with(|first: char| first.is_ascii_digit())
                    && text.ends_with(['s', 'm', 'h', 'd'])
                    && text.bytes().all(|byte| byte.is_ascii_digit() || b"smhd".contains(&byte))
            };
            if may_be(at) && cell.as_str().is_some_and(is_duration) {
                *cell = "<age>".into();
            }
        }
    }
}
