//! What stands in an object where its writer said nothing: `pkg/apis/*/v1/defaults.go`.
//!
//! The generated code upstream walks an object from the outside in and calls the function of each struct's type. So does
//! this: over the table of Go's structs.

mod autoscaling;
mod core;
mod pod;
mod webhook;
mod workload;

use serde_json::{Map, Value, json};

use super::go::{self, GoType};
use super::{built_in, custom_definition};
use crate::demo::object::Object;
use crate::demo::schema::kind::Kind;

type Fields = Map<String, Value>;

/// Fills in a built-in kind's defaults. Custom resources' stand in their schemas.
pub fn apply(kind: &Kind, object: &mut Object) {
    if built_in(kind) == Some(("apiextensions.k8s.io", "customresourcedefinitions")) {
        custom_definition::default(object);
    }
    if let (Some(root), Some(map)) = (go::root(kind), object.as_object_mut()) {
        walk(root, map);
    }
}

fn walk(name: &str, map: &mut Fields) {
    visit(name, map);
    for field in go::fields(name) {
        if let Some(value) = map.get_mut(field.name) {
            descend(&field.of, value);
        }
    }
}

fn descend(of: &GoType, value: &mut Value) {
    match (of, value) {
        (GoType::Pointer(of), value) => descend(of, value),
        (GoType::Struct(name), Value::Object(map)) => walk(name, map),
        (GoType::List(of), Value::Array(list)) => list.iter_mut().for_each(|item| descend(of, item)),
        (GoType::Map(of), Value::Object(map)) => map.values_mut().for_each(|item| descend(of, item)),
        _ => {}
    }
}

/// The function of one type.
fn visit(name: &str, map: &mut Fields) {
    let Some((package, _)) = name.split_once('.') else { return };
    match package {
        "core" => {
            pod::visit(name, map);
            core::visit(name, map);
        }
        "apps" | "batch" => workload::visit(name, map),
        "autoscaling" => autoscaling::visit(name, map),
        "admissionregistration" => webhook::visit(name, map),
        _ => other(name, map),
    }
}

/// The groups with a default or two.
fn other(name: &str, map: &mut Fields) {
    const RBAC: &str = "rbac.authorization.k8s.io";
    match name {
        "networking.NetworkPolicyPort" => fill(map, "protocol", "TCP"),
        "networking.NetworkPolicySpec" if is_empty(map, "policyTypes") => {
            let types = if is_empty(map, "egress") { json!(["Ingress"]) } else { json!(["Ingress", "Egress"]) };
            map.insert("policyTypes".into(), types);
        }
        "networking.IngressClassParametersReference" => fill(map, "scope", "Cluster"),
        "rbac.RoleRef" => fill(map, "apiGroup", RBAC),
        "rbac.Subject" if matches!(map.get("kind").and_then(Value::as_str), Some("User" | "Group")) => {
            fill(map, "apiGroup", RBAC);
        }
        "storage.StorageClass" => {
            fill(map, "reclaimPolicy", "Delete");
            fill(map, "volumeBindingMode", "Immediate");
        }
        "scheduling.PriorityClass" => fill(map, "preemptionPolicy", "PreemptLowerPriority"),
        "discovery.EndpointPort" => {
            map.entry("name").or_insert_with(|| json!(""));
            fill(map, "protocol", "TCP");
        }
        _ => {}
    }
}

/// Whether Go would find nothing in the field.
fn is_empty(map: &Fields, key: &str) -> bool {
    match map.get(key) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Object(inner)) => inner.is_empty(),
        Some(_) => false,
    }
}

/// Sets a field that is absent or empty text.
fn fill(map: &mut Fields, key: &str, value: impl Into<Value>) {
    let is_absent = match map.get(key) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    };
    if is_absent {
        map.insert(key.to_owned(), value.into());
    }
}

/// Sets a number that is absent or zero.
fn fill_zero(map: &mut Fields, key: &str, value: i64) {
    if map.get(key).is_none_or(|one| one.is_null() || one.as_i64() == Some(0)) {
        map.insert(key.to_owned(), value.into());
    }
}

/// The map of a field, made where it is missing.
fn inner<'a>(map: &'a mut Fields, key: &str) -> Option<&'a mut Fields> {
    let value = map.entry(key).or_insert(Value::Null);
    if value.is_null() {
        *value = json!({});
    }
    value.as_object_mut()
}

/// A text field.
fn text<'a>(map: &'a Fields, key: &str) -> &'a str {
    map.get(key).and_then(Value::as_str).unwrap_or_default()
}
