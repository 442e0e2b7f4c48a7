//! The CustomResourceDefinitions behind the kinds that are not built in.

use serde_json::{Map, Value, json};

use super::{Kind, Schemas};

/// What a published schema carries and a definition does not: the server adds it.
const PUBLISHED: &str = "x-kubernetes-group-version-kind";

impl Schemas {
    /// The definition of a custom kind, as whoever installed it wrote it: with the one version that is served here.
    pub fn custom_definition(&self, kind: &Kind) -> Option<Value> {
        let custom = kind.custom.as_ref()?;
        let mut schema: Map<String, Value> = serde_json::from_str(self.raw(self.name_of(kind)?)?).ok()?;
        schema.remove(PUBLISHED);
        if let Some(metadata) = schema.get_mut("properties").and_then(|fields| fields.get_mut("metadata")) {
            *metadata = json!({"type": "object"});
        }
        let mut version = json!({
            "name": kind.version, "served": true, "storage": true, "schema": {},
        });
        // Moved into its place: schemas are large, and what stands in a macro is copied.
        version["schema"]["openAPIV3Schema"] = Value::Object(schema);
        if !custom.columns.is_empty() {
            version["additionalPrinterColumns"] = custom.columns.clone().into();
        }
        if kind.has_status() {
            version["subresources"] = json!({"status": {}});
        }
        let mut definition = json!({
            "metadata": {"name": custom.name},
            "spec": {
                "group": kind.group,
                "names": names(kind),
                "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
            },
        });
        definition["spec"]["versions"] = Value::Array(vec![version]);
        Some(definition)
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
