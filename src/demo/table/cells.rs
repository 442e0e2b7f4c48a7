//! Small parts that many cells are made of.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::duration::human;

/// The cells of an object as of a moment.
pub(super) type Row = fn(&Value, Timestamp) -> Vec<Value>;

/// `metadata.creationTimestamp` as stored, or the zero time.
pub(super) fn creation(object: &Value) -> &str {
    object.text(&["metadata", "creationTimestamp"]).unwrap_or("0001-01-01T00:00:00Z")
}

/// How old an object is.
pub(super) fn age(object: &Value, now: Timestamp) -> Value {
    json!(since(object.text(&["metadata", "creationTimestamp"]), now))
}

/// How long ago a time was, as `translateTimestampSince`: `<unknown>` if there is none.
pub(super) fn since(time: Option<&str>, now: Timestamp) -> String {
    match time.and_then(|text| text.parse::<Timestamp>().ok()) {
        Some(time) => human(now.duration_since(time)),
        None => "<unknown>".to_owned(),
    }
}

/// The whole number at a path, or 0: what Go has for a field that is absent.
pub(super) fn count(object: &Value, path: &[&str]) -> i64 {
    object.int(path).unwrap_or_default()
}

/// The text at a path, or what stands for its absence.
pub(super) fn text<'a>(object: &'a Value, path: &[&str], absent: &'a str) -> &'a str {
    object.text(path).unwrap_or(absent)
}

/// The text at a path; empty counts as absent.
pub(super) fn filled<'a>(object: &'a Value, path: &[&str], absent: &'a str) -> &'a str {
    object.text(path).filter(|text| !text.is_empty()).unwrap_or(absent)
}

/// An IntOrString or a quantity as text.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// How many entries a map or a list has.
pub(super) fn len(object: &Value, path: &[&str]) -> usize {
    match object.at(path) {
        Some(Value::Array(list)) => list.len(),
        Some(Value::Object(map)) => map.len(),
        _ => 0,
    }
}

/// The texts of a list.
pub(super) fn texts<'a>(object: &'a Value, path: &[&str]) -> Vec<&'a str> {
    object.list(path).iter().filter_map(Value::as_str).collect()
}

/// Names and images of the containers of a pod spec, each joined by commas, as `layoutContainerCells`.
pub(super) fn containers(object: &Value, spec: &[&str]) -> [Value; 2] {
    let path: Vec<&str> = spec.iter().copied().chain(["containers"]).collect();
    let all = object.list(&path);
    let join = |key| json!(all.iter().map(|one| text(one, &[key], "")).collect::<Vec<_>>().join(","));
    [join("name"), join("image")]
}

/// The first three of a list and how many more there are, as `listWithMoreString`.
pub(super) fn three(all: &[String]) -> String {
    let shown = all.get(..3).unwrap_or(all).join(",");
    match all.len().checked_sub(3) {
        Some(more) if more > 0 => format!("{shown} + {more} more..."),
        _ if shown.is_empty() => "<unset>".to_owned(),
        _ => shown,
    }
}
