//! The columns of each kind. Those of built-in kinds are data, `columns.json`, as the real server answers them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::schema::kind::Kind;
use super::custom;

/// One column, as `columnDefinitions` of a Table tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Column {
    /// The heading, such as `Restarts`.
    pub name: String,
    /// The OpenAPI type of the cells, such as `integer`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The OpenAPI format, such as `name`; mostly empty.
    pub format: String,
    /// What the column means, in a sentence.
    pub description: String,
    /// 0 is always shown, 1 only on wide output.
    pub priority: i64,
}

impl Column {
    /// As it goes over the wire.
    pub fn to_value(&self) -> Value {
        json!({
            "name": self.name,
            "type": self.kind,
            "format": self.format,
            "description": self.description,
            "priority": self.priority,
        })
    }
}

/// The columns of a kind, in order.
pub fn columns(kind: &Kind) -> Vec<Column> {
    if let Some(custom) = &kind.custom {
        return custom::columns(custom);
    }
    BUILT_IN.get(&kind.qualified()).or_else(|| BUILT_IN.get("")).cloned().unwrap_or_default()
}

/// The first column of every custom resource.
pub(super) fn name_column() -> Option<Column> {
    BUILT_IN.get("").and_then(|columns| columns.first()).cloned()
}

/// What `metadata.creationTimestamp` means, as the API documentation has it.
pub(super) fn creation_description() -> String {
    BUILT_IN.get("").and_then(|columns| columns.get(1)).map(|column| column.description.clone()).unwrap_or_default()
}

/// By qualified resource; below the empty name those of kinds without printer.
static BUILT_IN: LazyLock<BTreeMap<String, Vec<Column>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("columns.json")).unwrap_or_default());
