//! One step of a path, as structured-merge-diff `fieldpath/element.go` and `serialize-pe.go`.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::order;
use crate::demo::go::{self, quote};

/// How a child is chosen from what contains it.
#[derive(Debug, Clone)]
pub enum Element {
    /// A field of a struct, or an entry of a map.
    Field(String),
    /// The item of an associative list whose key fields have these values; in the order of the names.
    Key(Vec<(String, Value)>),
    /// The item of a set.
    Value(Value),
    /// The item at a place; only in sets that clients write.
    Index(i64),
}

/// A path from the object's root.
pub type Path = Vec<Element>;

/// A path as conflicts print it: `.spec.template.spec.containers[name="app"].image`.
pub fn display(path: &[Element]) -> String {
    path.iter().map(ToString::to_string).collect()
}

impl Element {
    /// A field's step.
    pub fn field(name: impl Into<String>) -> Self {
        Self::Field(name.into())
    }

    /// The key of FieldsV1: `f:replicas`, `k:{"name":"app"}`, `v:"x"`, `i:0`.
    pub fn encode(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Key(keys) => {
                let keys: BTreeMap<&str, &Value> = keys.iter().map(|(name, value)| (name.as_str(), value)).collect();
                format!("k:{}", go::json(&keys))
            }
            Self::Value(value) => format!("v:{}", go::json(value)),
            Self::Index(index) => format!("i:{index}"),
        }
    }

    /// Reads a key of FieldsV1. `None` for a step of a sort that is not known: upstream drops those.
    pub fn decode(text: &str) -> Result<Option<Self>, String> {
        let Some((sort, rest)) = text.split_at_checked(2) else {
            return Err("key must be 2 characters long:".to_owned());
        };
        if !sort.ends_with(':') {
            return Err(format!("missing colon: {text}"));
        }
        match sort {
            "f:" => Ok(Some(Self::Field(rest.to_owned()))),
            "v:" => serde_json::from_str(rest).map(|value| Some(Self::Value(value))).map_err(|error| error.to_string()),
            "k:" => {
                let keys: Map<String, Value> = serde_json::from_str(rest).map_err(|error| error.to_string())?;
                Ok(Some(Self::Key(keys.into_iter().collect())))
            }
            "i:" => rest
                .parse()
                .map(|index| Some(Self::Index(index)))
                .map_err(|_| format!("strconv.Atoi: parsing {}: invalid syntax", quote(rest))),
            _ => Ok(None),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Field(_) => 0,
            Self::Key(_) => 1,
            Self::Value(_) => 2,
            Self::Index(_) => 3,
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Key(keys) => {
                let keys: Vec<_> = keys.iter().map(|(name, value)| format!("{name}={}", readable(value))).collect();
                write!(f, "[{}]", keys.join(","))
            }
            Self::Value(value) => write!(f, "[={}]", readable(value)),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// As `value.ToString`.
fn readable(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => quote(text),
        Value::Array(items) => format!("[{}]", items.iter().map(readable).collect::<Vec<_>>().join(",")),
        Value::Object(map) => {
            map.iter().flat_map(|(key, value)| [key.clone(), "=".to_owned(), readable(value)]).collect()
        }
        scalar => go::plain(scalar),
    }
}

impl Ord for Element {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Field(left), Self::Field(right)) => left.cmp(right),
            (Self::Key(left), Self::Key(right)) => left
                .iter()
                .zip(right)
                .map(|(left, right)| left.0.cmp(&right.0).then_with(|| order::compare(&left.1, &right.1)))
                .find(|order| order.is_ne())
                .unwrap_or_else(|| left.len().cmp(&right.len())),
            (Self::Value(left), Self::Value(right)) => order::compare(left, right),
            (Self::Index(left), Self::Index(right)) => left.cmp(right),
            (left, right) => left.rank().cmp(&right.rank()),
        }
    }
}

impl PartialOrd for Element {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Element {}
