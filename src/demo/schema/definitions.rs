//! The CustomResourceDefinitions behind the kinds that are not built in.

use std::collections::BTreeMap;

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::{Kind, Schemas};

/// What a published schema carries and a definition does not: the server adds it.
const PUBLISHED: &str = "x-kubernetes-group-version-kind";

/// The schema of any object.
pub const ANY: &str = r#"{"type":"object"}"#;

impl Schemas {
    /// The definition of a custom kind, as whoever installed it wrote it: with the one version that is served here. Instead of its
    /// schema it has [`ANY`] one; its own is the text beside it.
    pub fn custom_definition(&self, kind: &Kind) -> Option<(Value, String)> {
        let custom = kind.custom.as_ref()?;
        let schema = schema(self.raw(self.name_of(kind)?)?).ok()?;
        let mut version = json!({
            "name": kind.version, "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}},
        });
        if !custom.columns.is_empty() {
            version["additionalPrinterColumns"] = custom.columns.clone().into();
        }
        if kind.has_status() {
            version["subresources"] = json!({"status": {}});
        }
        let definition = json!({
            "metadata": {"name": custom.name},
            "spec": {
                "group": kind.group,
                "names": names(kind),
                "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
                "versions": [version],
            },
        });
        Some((definition, schema))
    }
}

/// The schema of a definition: as it was published, without what the server adds. Schemas are large, and only these two places of
/// them are looked at.
fn schema(published: &str) -> serde_json::Result<String> {
    let any = RawValue::from_string(ANY.to_owned())?;
    let mut schema: BTreeMap<&str, &RawValue> = serde_json::from_str(published)?;
    schema.remove(PUBLISHED);
    let Some(properties) = schema.get("properties") else { return serde_json::to_string(&schema) };
    let mut properties: BTreeMap<&str, &RawValue> = serde_json::from_str(properties.get())?;
    if let Some(metadata) = properties.get_mut("metadata") {
        *metadata = &any;
    }
    let properties = to_raw_value(&properties)?;
    schema.insert("properties", &properties);
    serde_json::to_string(&schema)
}

/// By what the kind is called: in the specification of a definition, and accepted in its status.
fn names(kind: &Kind) -> Value {
    let mut names = json!({
        "kind": kind.kind, "listKind": format!("{}List", kind.kind), "plural": kind.resource, "singular": kind.singular,
    });
    for (field, words) in [("shortNames", &kind.short), ("categories", &kind.categories)] {
        if !words.is_empty() {
            names[field] = json!(words);
        }
    }
    names
}
