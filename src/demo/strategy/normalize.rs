//! What decoding into Go structs and encoding again makes of an object.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::go::{self, GoField, GoType, Omit};
use super::{built_in, custom_definition};
use crate::demo::object::{Meta as _, Object};
use crate::demo::quantity::Quantity;
use crate::demo::schema::kind::Kind;

/// Brings an object into the form in which a server stores and returns it: unknown fields and nulls are gone, empty
/// optional lists, maps, texts and numbers too, structs that are always written are there, quantities and times have their
/// one form. Custom resources: only `metadata`, the only part of theirs that Go has a struct for.
pub fn normalize(kind: &Kind, object: &mut Object) {
    bring(kind, object, Empties::Dropped);
}

/// As [`normalize`], but lists and maps that are empty stay where Go always writes something, and within lists: until an object
/// is stored Go tells them from nothing there, and so do field managers.
pub fn normalize_with_empties(kind: &Kind, object: &mut Object) {
    bring(kind, object, Empties::Written);
}

/// What storing makes of an object that [`normalize_with_empties`] has brought into form.
pub fn drop_empties(kind: &Kind, object: &mut Object) {
    if has_empties(object) {
        normalize(kind, object);
    }
}

fn has_empties(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.is_empty() || list.iter().any(has_empties),
        Value::Object(map) => {
            map.is_empty() || map.iter().any(|(key, value)| key != "managedFields" && has_empties(value))
        }
        _ => false,
    }
}

/// Which lists and maps stay that are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Empties {
    Dropped,
    /// Those that Go does not leave out.
    Written,
    All,
}

fn bring(kind: &Kind, object: &mut Object, empties: Empties) {
    let Some(map) = object.as_object_mut() else { return };
    let Some(root) = go::root(kind) else {
        let metadata = map.entry("metadata").or_insert(Value::Null);
        settle(metadata, &GoType::Struct("meta.ObjectMeta"), empties);
        if built_in(kind) == Some(("apiextensions.k8s.io", "customresourcedefinitions")) {
            custom_definition::normalize(object);
        }
        return;
    };
    let head = ["apiVersion", "kind"].map(|key| (key, map.remove(key)));
    if root == "core.Secret" {
        merge_string_data(map);
    }
    settle_struct(map, go::fields(root), empties);
    for (key, value) in head {
        if let Some(value) = value {
            map.insert(key.to_owned(), value);
        }
    }
    if root == "apps.StatefulSet" {
        name_claim_templates(object);
    }
}

/// What a program leaves of a custom resource that it decodes into a struct of its own, such as `capsule.Tenant`, and
/// encodes again. What is null afterwards is as if it were not there.
pub fn through(root: &str, object: &mut Object) {
    let Some(map) = object.as_object_mut() else { return };
    let head = ["apiVersion", "kind"].map(|key| (key, map.remove(key)));
    settle_struct(map, go::fields(root), Empties::Dropped);
    map.extend(head.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    if let Some(spec) = map.get_mut("spec").and_then(Value::as_object_mut) {
        spec.retain(|_, value| !value.is_null());
    }
}

/// As `Convert_v1_Secret_To_core_Secret`: what was written as text stands in `data`, and wins there.
fn merge_string_data(secret: &mut Map<String, Value>) {
    let Some(Value::Object(texts)) = secret.remove("stringData") else { return };
    let data = secret.entry("data").or_insert_with(|| json!({}));
    if data.is_null() {
        *data = json!({});
    }
    let Some(data) = data.as_object_mut() else { return };
    for (key, text) in texts {
        data.insert(key, STANDARD.encode(text.as_str().unwrap_or_default()).into());
    }
}

/// As `Convert_apps_StatefulSetSpec_To_v1_StatefulSetSpec`: each claim says what it is.
fn name_claim_templates(set: &mut Object) {
    let claims = set.map_mut(&["spec"]).get_mut("volumeClaimTemplates").and_then(Value::as_array_mut);
    for claim in claims.into_iter().flatten().filter_map(Value::as_object_mut) {
        claim.insert("apiVersion".into(), "v1".into());
        claim.insert("kind".into(), "PersistentVolumeClaim".into());
    }
}

fn settle_struct(map: &mut Map<String, Value>, fields: &[GoField], empties: Empties) {
    let mut kept = 0;
    for GoField { name, omit, of } in fields {
        let found = map.get(*name);
        let is_set = found.is_some_and(|value| !value.is_null() && (*omit != Omit::Zero || !is_zero(value, of)));
        // Most fields of most structs: not there, and not written.
        if !is_set && (*omit == Omit::Zero || (*omit == Omit::Empty && !of.is_struct())) {
            if found.is_some() {
                map.remove(*name);
            }
            continue;
        }
        if !is_set {
            map.insert((*name).to_owned(), of.zero());
        }
        let Some(value) = map.get_mut(*name) else { continue };
        settle(value, of, empties);
        let is_left_out = match omit {
            Omit::Never | Omit::Zero => false,
            Omit::Empty if empties == Empties::All && (value.is_array() || value.is_object()) => false,
            Omit::Empty => !of.is_struct() && is_empty(value, of),
        };
        if is_left_out {
            map.remove(*name);
        } else {
            kept += 1;
        }
    }
    // Usually there is nothing that the struct does not know.
    if map.len() > kept {
        map.retain(|key, _| fields.iter().any(|field| field.name == key));
    }
}

/// What `omitempty` leaves out. A pointer is left out when it is nil, whatever it points to.
fn is_empty(value: &Value, of: &GoType) -> bool {
    match (value, of) {
        (Value::Null, _) => true,
        (_, GoType::Pointer(_)) => false,
        (Value::Bool(flag), _) => !flag,
        (Value::Number(number), _) => number.as_f64() == Some(0.0),
        (Value::String(text), _) => text.is_empty(),
        (Value::Array(list), _) => list.is_empty(),
        (Value::Object(map), _) => map.is_empty(),
    }
}

/// What `omitzero` leaves out of a struct: one in which nothing is set, not even to an empty list.
fn is_zero(value: &Value, of: &GoType) -> bool {
    match (value, of) {
        (Value::Null, _) => true,
        (Value::Object(map), GoType::Struct(name)) => {
            go::fields(name).iter().all(|field| map.get(field.name).is_none_or(|value| is_zero(value, &field.of)))
        }
        (_, GoType::String | GoType::Int | GoType::Float | GoType::Bool) => is_empty(value, of),
        _ => false,
    }
}

fn settle(value: &mut Value, of: &GoType, empties: Empties) {
    match of {
        GoType::Pointer(of) if !value.is_null() => settle(value, of, empties),
        GoType::Struct(name) => {
            if value.is_null() {
                *value = json!({});
            }
            if let Some(map) = value.as_object_mut() {
                settle_struct(map, go::fields(name), empties);
            }
        }
        GoType::List(of) => {
            let within = if empties == Empties::Dropped { empties } else { Empties::All };
            for item in value.as_array_mut().into_iter().flatten() {
                if item.is_null() {
                    *item = of.zero();
                }
                settle(item, of, within);
            }
            // An empty list does not survive the storage's encoding.
            if empties == Empties::Dropped && value.as_array().is_some_and(Vec::is_empty) {
                *value = Value::Null;
            }
        }
        GoType::Map(of) => {
            for item in value.as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
                if item.is_null() {
                    *item = if **of == GoType::Bytes { "".into() } else { of.zero() };
                }
                settle(item, of, empties);
            }
            if empties == Empties::Dropped && value.as_object().is_some_and(Map::is_empty) {
                *value = Value::Null;
            }
        }
        GoType::Resources => {
            for item in value.as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
                settle_quantity(item, true);
            }
            if empties == Empties::Dropped && value.as_object().is_some_and(Map::is_empty) {
                *value = Value::Null;
            }
        }
        GoType::Quantity => settle_quantity(value, false),
        GoType::Time => settle_time(value, 0),
        GoType::Micro => settle_time(value, 6),
        // Go also takes a list of numbers for bytes.
        GoType::Bytes if value.is_array() => {
            let bytes = value.as_array().into_iter().flatten().filter_map(Value::as_u64);
            let bytes: Vec<u8> = bytes.filter_map(|byte| u8::try_from(byte).ok()).collect();
            *value = STANDARD.encode(bytes).into();
        }
        _ => {}
    }
}

fn settle_quantity(value: &mut Value, rounds: bool) {
    let text = match value {
        Value::Null => "0".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return,
    };
    if let Some(amount) = Quantity::parse(&text) {
        *value = if rounds { amount.milli() } else { amount }.to_string().into();
    }
}

/// In UTC, with as many digits of a second as Go writes.
fn settle_time(value: &mut Value, digits: u8) {
    let Some(time) = value.as_str().and_then(|text| text.parse::<Timestamp>().ok()) else { return };
    let format = if digits == 0 { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S.%6fZ" };
    *value = time.strftime(format).to_string().into();
}

/// What Go writes for a type in which nothing is set.
pub(super) fn empty(of: &GoType) -> Value {
    let mut value = of.zero();
    settle(&mut value, of, Empties::Dropped);
    value
}
