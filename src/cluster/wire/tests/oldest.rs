//! Capsule 0.3.3, the app of chart 0.4.6: objects made from the schemas of its definitions (v1beta2) are read.
//!
//! No controller of that release can be built from a module proxy, so no object of one was read back. Its schemas are the
//! release's own, without their prose; word for word they are those of 0.4.2, which runs in the tests.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::capsule;
use crate::world::binding::Subject;
use crate::world::name::Interner;

/// How much of what a schema allows is there.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fill {
    /// Only what has to be, and what the server fills in.
    Least,
    /// Everything, lists with one entry.
    Full,
}

fn schema(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/v0.3.3").join(file);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A value that a schema allows.
fn made(schema: &Value, fill: Fill) -> Value {
    if let (Fill::Least, Some(default)) = (fill, schema.get("default")) {
        return default.clone();
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("object") => {
            let required: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let mut object: Map<String, Value> = schema["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(name, schema)| {
                    fill == Fill::Full || required.contains(&name.as_str()) || schema.get("default").is_some()
                })
                .map(|(name, schema)| (name.clone(), made(schema, fill)))
                .collect();
            if fill == Fill::Full && schema["additionalProperties"].is_object() {
                object.insert("key".to_owned(), made(&schema["additionalProperties"], fill));
            }
            object.into()
        }
        Some("array") if fill == Fill::Full => json!([made(&schema["items"], fill)]),
        Some("array") => json!([]),
        Some("integer" | "number") => json!(3),
        Some("boolean") => json!(true),
        _ => json!("text"),
    }
}

/// An object of a definition: metadata, the spec, and a status if there is one.
fn object(file: &str, name: &str, fill: Fill) -> Value {
    let schema = schema(file);
    let metadata = json!({"name": name, "uid": "u", "creationTimestamp": "2023-08-19T10:00:00Z", "generation": 2});
    let mut object = json!({"metadata": metadata});
    for part in ["spec", "status"] {
        if let Some(schema) = schema["properties"].get(part) {
            object[part] = made(schema, fill);
        }
    }
    object
}

#[test]
fn tenants_of_the_oldest_release_are_read() {
    for fill in [Fill::Least, Fill::Full] {
        let object = object("tenant.schema.json", "oil", fill);
        let bytes = serde_json::to_vec(&object).unwrap();
        let tenant = capsule::decode_tenant(&bytes, &mut Interner::default()).expect("a Tenant of 0.3.3");
        assert_eq!(&*tenant.name, "oil");
        let is_full = fill == Fill::Full;
        let state = if is_full { "Cordoned" } else { "Active" };
        assert_eq!((tenant.size, tenant.state.as_deref()), (3, Some(state)), "required by the schema: {object}");
        assert_eq!((tenant.cordoned, tenant.protected), (is_full, is_full));
        assert_eq!(tenant.quota, is_full.then_some(3));
        assert_eq!((tenant.owners.len(), tenant.spaces.len()), (usize::from(is_full), usize::from(is_full)));
        // That release has no conditions and no observed generation, and nothing may be made up in their place.
        assert_eq!((tenant.ready, tenant.cordon, tenant.observed_generation), (None, None, None));
    }
}

#[test]
fn configurations_of_the_oldest_release_are_read() {
    for fill in [Fill::Least, Fill::Full] {
        let object = object("capsuleconfiguration.schema.json", "default", fill);
        let bytes = serde_json::to_vec(&object).unwrap();
        let row =
            capsule::decode_configuration(&bytes, &mut Interner::default()).expect("a CapsuleConfiguration of 0.3.3");
        let is_full = fill == Fill::Full;
        let group = if is_full { "text" } else { "capsule.clastix.io" };
        let users: Vec<String> = row.users.iter().map(Subject::name).collect();
        assert_eq!(users, [group], "its users are groups only: {object}");
        assert_eq!(row.force_prefix, is_full);
        assert_eq!(row.protected_namespaces.as_deref(), is_full.then_some("text"));
        assert!(row.administrators.is_empty() && row.ready.is_none());
    }
}
