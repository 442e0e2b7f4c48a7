//! Fields that a schema does not know: found, and dropped. As apiextensions-apiserver's `schema/pruning/algorithm.go`.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{below, followed};
use crate::demo::schema::{Node, Schemas, Shape};

/// What is said of each field that the schema does not know, such as `unknown field "spec.foo"`, by path. With a `Warning`
/// header's code in front (`299 - "..."`) these are warnings; behind
/// `strict decoding error: ` and joined by `, ` they are the refusal.
pub fn unknown_fields(schemas: &Schemas, node: &Node, object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut copy = object.clone();
    walk(schemas, node, &mut copy, "", &mut found);
    found.sort();
    found.into_iter().map(|path| format!("unknown field {path:?}")).collect()
}

/// Removes the fields that the schema does not know.
pub fn drop_unknown(schemas: &Schemas, node: &Node, object: &mut Value) {
    walk(schemas, node, object, "", &mut Vec::new());
}

fn walk(schemas: &Schemas, node: &Node, value: &mut Value, path: &str, found: &mut Vec<String>) {
    match (&node.shape, value) {
        (Shape::Struct(object), Value::Object(map)) => {
            let unknown = |key: &String| !object.preserve_unknown && !object.fields.contains_key(key);
            let keys: Vec<String> = map.keys().filter(|key| unknown(key)).cloned().collect();
            for key in keys {
                map.remove(&key);
                found.push(below(path, &key));
            }
            each(schemas, map, path, found, |key| object.fields.get(key));
        }
        (Shape::Map { value: node, .. }, Value::Object(map)) => each(schemas, map, path, found, |_| Some(node)),
        (Shape::List { item, .. }, Value::Array(items)) => {
            let item = followed(schemas, item);
            for (at, one) in items.iter_mut().enumerate() {
                walk(schemas, &item, one, &format!("{path}[{at}]"), found);
            }
        }
        (Shape::Any | Shape::Ref(_), _) => {}
        // Of the wrong type: nothing in it is known.
        (_, Value::Object(map)) => found.extend(std::mem::take(map).keys().map(|key| below(path, key))),
        (_, Value::Array(items)) => {
            for (at, one) in items.iter_mut().enumerate() {
                walk(schemas, &NOTHING, one, &format!("{path}[{at}]"), found);
            }
        }
        _ => {}
    }
}

/// A place where nothing below is known.
static NOTHING: Node = Node {
    shape: Shape::String,
    default: None,
    nullable: false,
    patch_merge_key: None,
    patch_merge: false,
    patch_replace: false,
    rules: None,
};

fn each<'n>(
    schemas: &Schemas,
    map: &mut Map<String, Value>,
    path: &str,
    found: &mut Vec<String>,
    node_of: impl Fn(&str) -> Option<&'n Arc<Node>>,
) {
    for (key, value) in map.iter_mut().filter(|(_, value)| value.is_object() || value.is_array()) {
        if let Some(node) = node_of(key) {
            walk(schemas, &followed(schemas, node), value, &below(path, key), found);
        }
    }
}
