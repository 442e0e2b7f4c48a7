//! JSON merge patch (RFC 7386), as `gopkg.in/evanphx/json-patch.v4` `merge.go` has it: null entries of new values are
//! dropped at any depth, also in the objects of lists.

use serde_json::{Map, Value};

use super::Validation;
use crate::demo::go::json_kind;
use crate::demo::status::Status;

/// The object with the patch merged into it. 400 for a patch that is no object; without field validation a list
/// replaces the object, as upstream, and fails when it is decoded.
pub fn apply(object: &Value, patch: &Value, validation: Validation) -> Result<Value, Status> {
    match patch {
        Value::Object(entries) => {
            let mut object = object.clone();
            merge(&mut object, entries);
            Ok(object)
        }
        Value::Null => Err(Status::bad_request("Invalid JSON Patch")),
        other if validation != Validation::Ignore => {
            let what =
                format!("json: cannot unmarshal {} into Go value of type map[string]interface {{}}", json_kind(other));
            Err(Status::bad_request(format!("error decoding patch: {what}")))
        }
        Value::Array(items) => {
            let mut items = items.clone();
            items.iter_mut().for_each(prune);
            Ok(Value::Array(items))
        }
        _ => Err(Status::bad_request("Invalid JSON Patch")),
    }
}

fn merge(target: &mut Value, patch: &Map<String, Value>) {
    let Some(target) = target.as_object_mut() else { return };
    for (key, value) in patch {
        match (target.get_mut(key), value) {
            (_, Value::Null) => {
                target.remove(key);
            }
            (Some(current @ Value::Object(_)), Value::Object(entries)) => merge(current, entries),
            // As upstream: what replaces an object is taken as it is.
            (Some(current @ Value::Object(_)), other) => *current = other.clone(),
            _ => {
                let mut value = value.clone();
                prune(&mut value);
                target.insert(key.clone(), value);
            }
        }
    }
}

fn prune(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(prune);
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}
