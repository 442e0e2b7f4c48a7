//! What Go's structs print although nobody set it: built-in kinds are Go structs in the real server, custom resources
//! are not. A struct that is no pointer is always there, as `{}`; the published schemas say so by `default: {}`. Without
//! it `f:strategy` would have a `.` that the real server does not write.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::demo::fields::atom::{Definitions, Target, follow};
use crate::demo::schema::node::{ListKind, Node, Shape};

/// Deeper than any published schema's `default: {}`.
const DEEPEST: usize = 64;

/// A new object of a built-in kind, as Go's zero value prints it: structs that are no pointers, null for times and for required
/// lists, maps and pointers, and the plain values that are never left out, which the published schemas give a default.
#[must_use]
pub fn zero(node: &Arc<Node>, definitions: &dyn Definitions) -> Value {
    zero_at(node, definitions, DEEPEST)
}

fn zero_at(node: &Arc<Node>, definitions: &dyn Definitions, left: usize) -> Value {
    let Target::Found(node) = follow(node, definitions) else { return Value::Null };
    let Shape::Struct(fields) = &node.shape else { return Value::Null };
    let mut out = Map::new();
    for (name, field) in &fields.fields {
        if is_plain_struct(field, definitions) && left > 0 {
            out.insert(name.clone(), zero_at(field, definitions, left - 1));
        } else if let Some(scalar) = field.default.as_ref().filter(|default| is_zero_scalar(default)) {
            out.insert(name.clone(), scalar.clone());
        } else if fields.required.contains(name) || is_time(field) {
            out.insert(name.clone(), Value::Null);
        }
    }
    Value::Object(out)
}

fn is_zero_scalar(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Bool(flag) => !flag,
        _ => false,
    }
}

fn is_plain_struct(field: &Arc<Node>, definitions: &dyn Definitions) -> bool {
    // Most fields are plain: no definition has to be looked up to see that.
    if !matches!(field.shape, Shape::Struct(_) | Shape::Ref(_)) {
        return false;
    }
    let is_empty = |default: &Value| default.as_object().is_some_and(Map::is_empty);
    let by_name = |node: &Node| node.default.as_ref().is_some_and(is_empty);
    match follow(field, definitions) {
        Target::Found(node) => {
            (by_name(field) || by_name(&node))
                && matches!(&node.shape, Shape::Struct(fields) if !fields.fields.is_empty())
        }
        Target::Raw | Target::Missing => false,
    }
}

/// A time is a struct in Go, and null when it was never set.
fn is_time(node: &Node) -> bool {
    let format = node.rules.as_ref().and_then(|rules| rules.format.as_deref());
    matches!(format, Some("date-time" | "micro-time"))
}

/// The object as a Go struct prints it: with the structs that nobody set, such as `resources: {}` of a container, and
/// without null, except for times, for what is never left out, and in what has no schema.
#[must_use]
pub fn filled(mut value: Value, node: &Arc<Node>, definitions: &dyn Definitions) -> Value {
    Fill { definitions, keeps_nulls: false }.visit(&mut value, node, Place::Above);
    value
}

/// The same of an object in the form in which it is stored: what is null there is what Go writes as `null`, and stays.
#[must_use]
pub fn filled_from_store(mut value: Value, node: &Arc<Node>, definitions: &dyn Definitions) -> Value {
    Fill { definitions, keeps_nulls: true }.visit(&mut value, node, Place::Above);
    value
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In no list.
    Above,
    /// In lists that are merged: Go's walk over an item's fields passes over empty lists and maps.
    Merged,
    /// In a list that is one value: Go compares it as it is in memory, and there an empty list is another than none
    /// (structured-merge-diff's `value/listreflect.go`).
    Atomic,
}

struct Fill<'a> {
    definitions: &'a dyn Definitions,
    keeps_nulls: bool,
}

impl Fill<'_> {
    fn visit(&self, value: &mut Value, node: &Arc<Node>, place: Place) {
        let Target::Found(node) = follow(node, self.definitions) else { return };
        match (&node.shape, value) {
            (Shape::Struct(fields), Value::Object(map)) => {
                map.retain(|name, value| {
                    let Some(field) = fields.fields.get(name) else { return self.keeps_nulls || !value.is_null() };
                    let is_written = || self.keeps_nulls || fields.required.contains(name) || is_time(field);
                    let is_passed_over = place == Place::Merged && is_hollow(value, field, self.definitions);
                    if is_passed_over || (value.is_null() && !is_written()) {
                        return false;
                    }
                    self.visit(value, field, place);
                    true
                });
                for name in fields.structs.iter().filter(|name| !map.contains_key(*name)).collect::<Vec<_>>() {
                    let field = fields.fields.get(name).filter(|field| is_plain_struct(field, self.definitions));
                    if let Some(field) = field {
                        let value = map.entry(name.as_str()).or_insert_with(|| Value::Object(Map::new()));
                        self.visit(value, field, place);
                    }
                }
            }
            (Shape::Map { value: of, .. }, Value::Object(map)) => {
                map.retain(|_, value| !value.is_null());
                map.values_mut().for_each(|value| self.visit(value, of, place));
            }
            (Shape::List { item, kind, .. }, Value::Array(items)) => {
                let is_atomic = place == Place::Atomic || *kind == ListKind::Atomic;
                let place = if is_atomic { Place::Atomic } else { Place::Merged };
                for value in items {
                    self.visit(value, item, place);
                }
            }
            _ => {}
        }
    }
}

/// An empty list or map; a struct without anything in it is something.
fn is_hollow(value: &Value, field: &Arc<Node>, definitions: &dyn Definitions) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => {
            let is_map = |node: &Node| matches!(node.shape, Shape::Map { .. });
            map.is_empty() && matches!(follow(field, definitions), Target::Found(node) if is_map(&node))
        }
        _ => false,
    }
}

/// Takes out the null entries of maps at any depth.
pub fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
