//! Strategic merge patch, as apimachinery `util/strategicpatch/patch.go`: a merge patch that merges lists by the keys
//! of the schema and knows directives (`$patch`, `$retainKeys`, `$setElementOrder/x`, `$deleteFromPrimitiveList/x`).

mod list;
mod meta;

use serde_json::{Map, Value};

use super::{panicked, unprocessable};
use crate::demo::fields::atom::Definitions;
use crate::demo::go::json_kind;
use crate::demo::schema::node::Node;
use crate::demo::status::Status;
use meta::Meta;
use std::sync::Arc;

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList";
const SET_ORDER: &str = "$setElementOrder";

/// Why a patch does not apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The form is wrong: 400.
    Format(String),
    /// Lists of lists and the like: 422.
    Unprocessable,
    /// Anything else: 500 with this sentence.
    Broken(String),
    /// Upstream runs into a nil pointer.
    Panic,
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Format(text) => Self::bad_request(text),
            Failure::Unprocessable => unprocessable(),
            Failure::Broken(text) => Self::new(500, "", text),
            Failure::Panic => panicked(),
        }
    }
}

fn broken<T>(text: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Broken(text.into()))
}

fn format<T>(what: &str) -> Result<T, Failure> {
    Err(Failure::Format(format!("invalid patch format of {what} list")))
}

type Fields = Map<String, Value>;

/// The object of a built-in kind with the patch merged into it. Custom resources do not take this kind of patch (415,
/// said by whoever reads the content type).
pub fn apply(object: &Value, patch: &Value, root: &Arc<Node>, definitions: &dyn Definitions) -> Result<Value, Status> {
    let patch = match patch {
        Value::Object(patch) => patch.clone(),
        Value::Null => Map::new(),
        other => {
            let into = "Go value of type map[string]interface {}";
            return Err(Status::bad_request(format!("json: cannot unmarshal {} into {into}", json_kind(other))));
        }
    };
    let original = object.as_object().cloned().unwrap_or_default();
    let name = original.get("kind").and_then(Value::as_str).unwrap_or_default();
    let meta = Meta::new(Some(Arc::clone(root)), name, definitions);
    Ok(Value::Object(merge(original, patch, &meta)?))
}

/// Merges a patch into a map (`mergeMap`).
fn merge(mut original: Fields, mut patch: Fields, meta: &Meta<'_>) -> Result<Fields, Failure> {
    if let Some(directive) = patch.get(DIRECTIVE) {
        return match directive.as_str() {
            Some("replace") => {
                patch.remove(DIRECTIVE);
                Ok(patch)
            }
            Some("delete") => Ok(Map::new()),
            _ => {
                let (what, all) = (bad_verb(directive), Value::Object(patch.clone()));
                broken(format!("unknown patch type: {what} in map: {}", crate::demo::go::plain(&all)))
            }
        };
    }
    retain_keys(&mut original, &mut patch)?;
    list::set_order(&mut original, &mut patch, meta)?;
    for (key, value) in patch {
        let delete_from = key.starts_with(DELETE_FROM_LIST);
        let key = match key.split_once('/') {
            _ if !delete_from => key,
            Some((DELETE_FROM_LIST, rest)) => rest.to_owned(),
            _ => return format("primitive"),
        };
        if value.is_null() {
            original.remove(&key);
            continue;
        }
        match (original.remove(&key), value) {
            (Some(Value::Object(_)), patch @ Value::Object(_)) if meta.replaces(&key)? => {
                original.insert(key, patch);
            }
            (Some(Value::Object(here)), Value::Object(patch)) => {
                let merged = merge(here, patch, &meta.of_map(&key)?)?;
                original.insert(key, Value::Object(merged));
            }
            (Some(Value::Array(here)), Value::Array(patch)) => {
                let of_list = meta.of_list(&key)?;
                let merged = if of_list.merges || delete_from {
                    list::merge(here, patch, &of_list, delete_from)?
                } else {
                    patch
                };
                original.insert(key, Value::Array(merged));
            }
            (here, _) if delete_from => {
                if let Some(here) = here {
                    original.insert(key, here);
                }
            }
            (_, mut value) => {
                discard_nulls(&mut value);
                if let Some(value) = without_directives(value) {
                    original.insert(key, value);
                }
            }
        }
    }
    Ok(original)
}

/// `%s` of something that is no text.
fn bad_verb(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "%!s(<nil>)".to_owned(),
        other => {
            let go = crate::demo::go::plain(other);
            format!("%!s({}={go})", crate::demo::go::type_name(other))
        }
    }
}

/// `$retainKeys`: what is not listed goes; what is patched must be listed.
fn retain_keys(original: &mut Fields, patch: &mut Fields) -> Result<(), Failure> {
    let bad = || Failure::Format("invalid patch format of retainKeys".to_owned());
    let Some(retain) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    let Value::Array(retain) = retain else { return Err(bad()) };
    let is_kept = |key: &str| retain.iter().any(|kept| kept.as_str() == Some(key));
    for (key, value) in patch.iter() {
        let is_directive = key.starts_with(DELETE_FROM_LIST) || key.starts_with(SET_ORDER);
        if !value.is_null() && !is_directive && !is_kept(key) {
            return Err(bad());
        }
    }
    original.retain(|key, _| is_kept(key));
    Ok(())
}

/// Takes out null entries at any depth.
fn discard_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(discard_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(discard_nulls),
        _ => {}
    }
}

/// The value without directives; none if it is one itself.
fn without_directives(value: Value) -> Option<Value> {
    match value {
        Value::Object(map) if map.contains_key(DIRECTIVE) => None,
        Value::Object(map) => {
            let kept = map.into_iter().filter_map(|(key, value)| Some((key, without_directives(value)?)));
            Some(Value::Object(kept.collect()))
        }
        Value::Array(items) => Some(Value::Array(items.into_iter().filter_map(without_directives).collect())),
        other => Some(other),
    }
}
