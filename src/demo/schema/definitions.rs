//! The CustomResourceDefinitions behind the kinds that are not built in.

use serde_json::{Map, Value, json};

use super::{Kind, Schemas};

/// What a published schema carries and a definition does not: the server adds it.
const PUBLISHED: &str = "x-kubernetes-group-version-kind";

impl Schemas {
    /// The definition of each custom kind, as whoever installed it wrote it: with the one version that is served here.
    pub fn custom_definitions(&self) -> Vec<Value> {
        self.kinds().iter().filter_map(|kind| self.custom_definition(kind)).collect()
    }

    fn custom_definition(&self, kind: &Kind) -> Option<Value> {
        let custom = kind.custom.as_ref()?;
        let mut schema: Map<String, Value> = serde_json::from_str(self.raw(self.name_of(kind)?)?).ok()?;
        schema.remove(PUBLISHED);
        if let Some(metadata) = schema.get_mut("properties").and_then(|fields| fields.get_mut("metadata")) {
            *metadata = json!({"type": "object"});
        }
        let mut version = json!({
            "name": kind.version, "served": true, "storage": true, "schema": {"openAPIV3Schema": schema},
        });
        if !custom.columns.is_empty() {
            version["additionalPrinterColumns"] = custom.columns.clone().into();
        }
        if kind.has_status() {
            version["subresources"] = json!({"status": {}});
        }
        Some(json!({
            "metadata": {"name": custom.name},
            "spec": {
                "group": kind.group,
                "names": names(kind),
                "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
                "versions": [version],
            },
        }))
    }
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
