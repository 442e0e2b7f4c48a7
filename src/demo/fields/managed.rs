//! The entries of `metadata.managedFields`, as apimachinery `util/managedfields/internal/managedfields.go`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::set::FieldSet;
use crate::demo::object::{Meta, Object};

/// Who manages fields. Applies by the same manager are one, whatever the version; updates are told apart by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Manager {
    /// The name, such as `kubectl`.
    pub name: String,
    /// Whether by server-side apply; otherwise by any other way of writing.
    pub applied: bool,
    /// Empty for applies.
    pub version: String,
    /// Such as `status`; empty for the object itself.
    pub subresource: String,
}

impl Manager {
    /// The JSON that upstream identifies a manager by; conflicts are listed in its order.
    pub fn identifier(&self) -> String {
        let mut out = format!("{{\"manager\":{}", crate::demo::go::json(&Value::from(self.name.as_str())));
        out.push_str(if self.applied { ",\"operation\":\"Apply\"" } else { ",\"operation\":\"Update\"" });
        for (key, value) in [("apiVersion", &self.version), ("subresource", &self.subresource)] {
            if !value.is_empty() {
                out.extend([",\"", key, "\":", &crate::demo::go::json(&Value::from(value.as_str()))]);
            }
        }
        out.push('}');
        out
    }
}

/// A manager's fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Fields {
    /// The fields.
    pub set: FieldSet,
    /// The version that the set was written in.
    pub version: String,
    /// When the set was last written by its manager (RFC 3339).
    pub time: Option<String>,
}

/// All managers of an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Managed(pub BTreeMap<Manager, Fields>);

/// Reads the entries. The error is upstream's.
pub fn decode(entries: &[Value]) -> Result<Managed, String> {
    let mut managed = Managed::default();
    for (index, entry) in entries.iter().enumerate() {
        let text = |key: &str| entry.text(&[key]).unwrap_or_default().to_owned();
        let applied = match text("operation").as_str() {
            "Apply" => true,
            "Update" => false,
            _ => return Err("operation must be `Apply` or `Update`".to_owned()),
        };
        let version = text("apiVersion");
        if version.is_empty() {
            return Err("apiVersion must not be empty".to_owned());
        }
        match text("fieldsType").as_str() {
            "FieldsV1" => {}
            "" => return Err(format!("missing fieldsType in managed fields entry {index}")),
            other => return Err(format!("invalid fieldsType {other:?} in managed fields entry {index}")),
        }
        let set = FieldSet::decode(entry.get("fieldsV1").unwrap_or(&json!({})))
            .map_err(|why| format!("error decoding versioned set: error decoding set: {why}"))?;
        let manager = Manager {
            name: text("manager"),
            applied,
            version: if applied { String::new() } else { version.clone() },
            subresource: text("subresource"),
        };
        let time = entry.text(&["time"]).map(ToOwned::to_owned);
        managed.0.insert(manager, Fields { set, version, time });
    }
    Ok(managed)
}

/// The entries of `metadata.managedFields`, in upstream's order: applies first, then by time, name, version and subresource.
pub fn encode(managed: &Managed) -> Vec<Value> {
    let mut all: Vec<(&Manager, &Fields)> = managed.0.iter().collect();
    all.sort_by_cached_key(|&(manager, fields)| {
        let time = seconds(fields.time.as_deref());
        (!manager.applied, time, &manager.name, &fields.version, &manager.subresource)
    });
    all.into_iter().map(|(manager, fields)| entry(manager, fields)).collect()
}

fn entry(manager: &Manager, fields: &Fields) -> Value {
    let mut out = Map::new();
    if !manager.name.is_empty() {
        out.insert("manager".into(), manager.name.as_str().into());
    }
    out.insert("operation".into(), if manager.applied { "Apply" } else { "Update" }.into());
    out.insert("apiVersion".into(), fields.version.as_str().into());
    out.insert("fieldsType".into(), "FieldsV1".into());
    out.insert("fieldsV1".into(), fields.set.encode());
    if let Some(time) = &fields.time {
        out.insert("time".into(), time.as_str().into());
    }
    if !manager.subresource.is_empty() {
        out.insert("subresource".into(), manager.subresource.as_str().into());
    }
    Value::Object(out)
}

/// A time's second; none is the epoch.
pub fn seconds(time: Option<&str>) -> i64 {
    time.and_then(|time| time.parse::<Timestamp>().ok()).map_or(0, Timestamp::as_second)
}

/// Writes the entries into an object; without any the field goes away.
pub fn store(object: &mut Object, managed: &Managed) {
    if managed.0.is_empty() {
        object.unset(&["metadata", "managedFields"]);
    } else {
        object.set(&["metadata", "managedFields"], Value::Array(encode(managed)));
    }
}

/// A copy of an object without the entries, which are often the most of it; of the fields at the top those that are wanted.
pub fn without(object: &Object, is_wanted: &dyn Fn(&str, &Value) -> bool) -> Object {
    let pick = |value: &Value, pick: &dyn Fn(&str, &Value) -> Option<Value>| match value {
        Value::Object(map) => {
            Value::Object(map.iter().filter_map(|(key, value)| Some((key.clone(), pick(key, value)?))).collect())
        }
        other => other.clone(),
    };
    let metadata = |key: &str, value: &Value| (key != "managedFields").then(|| value.clone());
    pick(object, &|key, value| match key {
        _ if !is_wanted(key, value) => None,
        "metadata" => Some(pick(value, &metadata)),
        _ => Some(value.clone()),
    })
}

/// Whether a request asks to forget all managers: an empty list, or a list of one empty entry.
pub fn is_reset(object: &Object) -> bool {
    match object.at(&["metadata", "managedFields"]) {
        Some(Value::Array(entries)) => match entries.as_slice() {
            [] => true,
            [one] => one.as_object().is_some_and(Map::is_empty),
            _ => false,
        },
        _ => false,
    }
}
