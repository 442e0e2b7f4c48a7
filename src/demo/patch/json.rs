//! JSON patch (RFC 6902), as `gopkg.in/evanphx/json-patch.v4` has it: negative indices count from the end, `replace`
//! adds a missing key of an object, a missing key equals null.

mod place;

use serde_json::{Map, Value};

use super::{Validation, panicked, unprocessable};
use crate::demo::go::json_kind;
use crate::demo::status::Status;
use place::{add, get, remove, resolve, set};

/// The most operations of one patch.
pub const MOST_OPERATIONS: usize = 10_000;

/// What came of a patch.
#[derive(Debug, Clone, PartialEq)]
pub struct Patched {
    /// The object.
    pub object: Value,
    /// What is wrong with the patch itself, such as `json patch unknown field "[0].x"`: warnings, or with strict
    /// validation part of the refusal.
    pub strict: Vec<String>,
}

/// Applies the operations. 400 for what is no patch, 413 for too many operations, 422 for an operation that fails or a
/// `test` that does not hold.
pub fn apply(object: &Value, patch: &Value, validation: Validation) -> Result<Patched, Status> {
    let strict = if validation == Validation::Ignore { Vec::new() } else { strict(patch)? };
    let none = Vec::new();
    let operations = match patch {
        Value::Array(operations) => operations,
        Value::Null => &none,
        other => return Err(Status::bad_request(cannot(json_kind(other), "value of type jsonpatch.Patch"))),
    };
    let of_type = "value of type jsonpatch.Operation";
    if let Some(wrong) = operations.iter().find(|operation| !operation.is_object() && !operation.is_null()) {
        return Err(Status::bad_request(cannot(json_kind(wrong), of_type)));
    }
    if operations.len() > MOST_OPERATIONS {
        let text =
            format!("The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, got {}", operations.len());
        return Err(Status::new(413, "RequestEntityTooLarge", format!("Request entity too large: {text}")));
    }
    let mut object = object.clone();
    let nothing = Map::new();
    for operation in operations {
        step(&mut object, operation.as_object().unwrap_or(&nothing)).map_err(|failure| match failure {
            Failure::Refused(_) => unprocessable(),
            Failure::Panic => panicked(),
        })?;
    }
    Ok(Patched { object, strict })
}

fn cannot(what: &str, into: &str) -> String {
    format!("json: cannot unmarshal {what} into Go {into}")
}

/// What the server checks before it takes the patch for one: types of `op`, `path` and `from`, and unknown fields.
fn strict(patch: &Value) -> Result<Vec<String>, Status> {
    let refused = |text: String| Status::bad_request(format!("error decoding patch: {text}"));
    let operations = match patch {
        Value::Array(operations) => operations,
        Value::Null => return Ok(Vec::new()),
        other => return Err(refused(cannot(json_kind(other), "value of type []handlers.jsonPatchOp"))),
    };
    let mut found = Vec::new();
    for (index, operation) in operations.iter().enumerate() {
        let fields = match operation {
            Value::Object(fields) => fields,
            Value::Null => continue,
            other => return Err(refused(cannot(json_kind(other), "value of type handlers.jsonPatchOp"))),
        };
        for (key, value) in fields {
            match key.as_str() {
                "op" | "path" | "from" if !value.is_string() && !value.is_null() => {
                    return Err(refused(cannot(
                        json_kind(value),
                        &format!("struct field jsonPatchOp.{key} of type string"),
                    )));
                }
                "op" | "path" | "from" | "value" => {}
                other => found.push(format!("json patch unknown field \"[{index}].{other}\"")),
            }
        }
    }
    Ok(found)
}

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The library's sentence; the server keeps it for itself.
    Refused(String),
    /// The library runs into a nil pointer.
    Panic,
}

fn refused<T>(text: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Refused(text.into()))
}

/// The text of `path` or `from`.
fn pointer<'o>(operation: &'o Map<String, Value>, key: &str, kind: &str) -> Result<&'o str, Failure> {
    let absent = if key == "path" { "operation missing path field" } else { "operation, missing from field" };
    match operation.get(key) {
        Some(Value::String(path)) => Ok(path),
        None | Some(Value::Null) => {
            refused(format!("{kind} operation failed to decode {key}: {absent}: missing value"))
        }
        Some(other) => {
            let what = cannot(json_kind(other), "value of type string");
            refused(format!("{kind} operation failed to decode {key}: {what}"))
        }
    }
}

/// One operation.
pub fn step(object: &mut Value, operation: &Map<String, Value>) -> Result<(), Failure> {
    let kind = operation.get("op").and_then(Value::as_str).unwrap_or("unknown");
    match kind {
        "add" => {
            let path = pointer(operation, "path", kind)?;
            let value = operation.get("value").cloned().unwrap_or_default();
            let Some((inside, key)) = resolve(object, path) else {
                return refused(format!(
                    "add operation does not apply: doc is missing path: \"{path}\": missing value"
                ));
            };
            add(inside, &key, value).or_else(|why| refused(format!("error in add for path: '{path}': {why}")))
        }
        "remove" => {
            let path = pointer(operation, "path", kind)?;
            let Some((inside, key)) = resolve(object, path) else {
                return refused(format!(
                    "remove operation does not apply: doc is missing path: \"{path}\": missing value"
                ));
            };
            remove(inside, &key).or_else(|why| refused(format!("error in remove for path: '{path}': {why}")))
        }
        "replace" => replace(object, operation),
        "move" => {
            let from = pointer(operation, "from", kind)?;
            let Some((inside, key)) = resolve(object, from) else {
                return refused(format!(
                    "move operation does not apply: doc is missing from path: {from}: missing value"
                ));
            };
            let wrong = |why: String| Failure::Refused(format!("error in move for path: '{key}': {why}"));
            let value = get(inside, &key).map_err(wrong)?.cloned().unwrap_or_default();
            remove(inside, &key).map_err(wrong)?;
            let path = pointer(operation, "path", kind)?;
            put(object, kind, path, value)
        }
        "copy" => {
            let from = pointer(operation, "from", kind)?;
            let Some((inside, key)) = resolve(object, from) else {
                return refused(format!(
                    "copy operation does not apply: doc is missing from path: {from}: missing value"
                ));
            };
            let value = get(inside, &key)
                .map_err(|why| Failure::Refused(format!("error in copy for from: '{from}': {why}")))?;
            let value = value.cloned().unwrap_or_default();
            let path = pointer(operation, "path", kind)?;
            put(object, kind, path, value)
        }
        "test" => test(object, operation),
        other => refused(format!("Unexpected kind: {other}")),
    }
}

fn put(object: &mut Value, kind: &str, path: &str, value: Value) -> Result<(), Failure> {
    let Some((inside, key)) = resolve(object, path) else {
        return refused(format!(
            "{kind} operation does not apply: doc is missing destination path: {path}: missing value"
        ));
    };
    add(inside, &key, value).or_else(|why| {
        refused(if kind == "copy" {
            format!("error while adding value during copy: {why}")
        } else {
            format!("error in move for path: '{path}': {why}")
        })
    })
}

fn replace(object: &mut Value, operation: &Map<String, Value>) -> Result<(), Failure> {
    let path = pointer(operation, "path", "replace")?;
    let value = operation.get("value");
    if path.is_empty() {
        return match value {
            Some(value @ (Value::Object(_) | Value::Array(_))) => {
                *object = value.clone();
                Ok(())
            }
            Some(_) => refused("replace operation value must be object or array: %!w(<nil>)"),
            None => Err(Failure::Panic),
        };
    }
    let Some((inside, key)) = resolve(object, path) else {
        return refused(format!("replace operation does not apply: doc is missing path: {path}: missing value"));
    };
    if get(inside, &key).is_err() {
        return refused(format!("replace operation does not apply: doc is missing key: {path}: missing value"));
    }
    let value = value.cloned().unwrap_or_default();
    set(inside, &key, value).or_else(|why| refused(format!("error in remove for path: '{path}': {why}")))
}

fn test(object: &mut Value, operation: &Map<String, Value>) -> Result<(), Failure> {
    let path = pointer(operation, "path", "test")?;
    let wanted = operation.get("value").unwrap_or(&Value::Null);
    let found = if path.is_empty() {
        if !operation.contains_key("value") {
            return Err(Failure::Panic);
        }
        Some(&*object)
    } else {
        let Some((inside, key)) = resolve(object, path) else {
            return refused(format!("test operation does not apply: is missing path: {path}: missing value"));
        };
        get(inside, &key).map_err(|why| Failure::Refused(format!("error in test for path: '{path}': {why}")))?
    };
    if found.unwrap_or(&Value::Null) == wanted {
        Ok(())
    } else {
        refused(format!("testing value {path} failed: test failed"))
    }
}
