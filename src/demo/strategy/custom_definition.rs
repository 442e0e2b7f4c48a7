//! CustomResourceDefinitions, whose Go structs are not in the table.

use serde_json::{Value, json};

use crate::demo::object::{Meta as _, Object};

/// Drops nulls, which Go reads as absent (a `default` may be null).
pub(super) fn normalize(definition: &mut Object) {
    for field in ["spec", "status"] {
        if let Some(part) = definition.as_object_mut().and_then(|map| map.get_mut(field)) {
            drop_nulls(part);
        }
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, one| !one.is_null() || key == "default");
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// As `SetDefaults_CustomResourceDefinitionSpec`.
pub(super) fn default(definition: &mut Object) {
    let kind = definition.text(&["spec", "names", "kind"]).unwrap_or_default().to_owned();
    for (field, value) in [("singular", kind.to_lowercase()), ("listKind", format!("{kind}List"))] {
        if !kind.is_empty() && definition.text(&["spec", "names", field]).is_none_or(str::is_empty) {
            definition.set(&["spec", "names", field], value);
        }
    }
    if definition.at(&["spec", "conversion"]).is_none() {
        definition.set(&["spec", "conversion"], json!({"strategy": "None"}));
    }
    let service =
        definition.pointer_mut("/spec/conversion/webhook/clientConfig/service").and_then(Value::as_object_mut);
    if let Some(service) = service {
        service.entry("port").or_insert_with(|| json!(443));
    }
}

/// The version that is stored is among those that ever were.
pub(super) fn store_version(definition: &mut Object) {
    let versions = definition.list(&["spec", "versions"]);
    let stored = versions.iter().find(|version| version.flag(&["storage"])).and_then(|version| version.text(&["name"]));
    let Some(stored) = stored.map(str::to_owned) else { return };
    let mut known = definition.list(&["status", "storedVersions"]).to_vec();
    if !known.iter().any(|one| *one == stored) {
        known.push(stored.into());
    }
    definition.set(&["status", "storedVersions"], known);
    for (field, empty) in [("conditions", Value::Null), ("acceptedNames", json!({"plural": "", "kind": ""}))] {
        if definition.at(&["status", field]).is_none() {
            definition.set(&["status", field], empty);
        }
    }
}
