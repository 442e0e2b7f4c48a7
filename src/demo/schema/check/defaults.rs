//! Defaults of structural schemas. As apiextensions-apiserver's `schema/defaulting/{algorithm,prunenulls}.go`.

use std::sync::Arc;

use serde_json::Value;

use super::followed;
use crate::demo::schema::{Node, Schemas, Shape};

fn is_unwanted_null(value: &Value, node: &Node) -> bool {
    value.is_null() && !node.nullable
}

/// Removes `null` where the schema neither allows it nor has a default. Comes before [`apply_defaults`].
pub fn prune_nulls(schemas: &Schemas, node: &Node, object: &mut Value) {
    match (&node.shape, object) {
        (Shape::Struct(shape), Value::Object(map)) => {
            let is_pruned = |key: &str, value: &Value| {
                shape.fields.get(key).is_some_and(|node| is_unwanted_null(value, node) && node.default.is_none())
            };
            map.retain(|key, value| !is_pruned(key, value));
            for (key, value) in map {
                if let Some(node) = shape.fields.get(key) {
                    prune_nulls(schemas, &followed(schemas, node), value);
                }
            }
        }
        (Shape::Map { value: node, .. }, Value::Object(map)) => {
            let node = followed(schemas, node);
            map.retain(|_, value| !(is_unwanted_null(value, &node) && node.default.is_none()));
            for value in map.values_mut() {
                prune_nulls(schemas, &node, value);
            }
        }
        (Shape::List { item, .. }, Value::Array(items)) => {
            let item = followed(schemas, item);
            for value in items {
                prune_nulls(schemas, &item, value);
            }
        }
        _ => {}
    }
}

/// Fills in what the schema says of fields that are not there. For custom resources: built-in kinds are defaulted by
/// code.
pub fn apply_defaults(schemas: &Schemas, node: &Node, object: &mut Value) {
    match (&node.shape, object) {
        (Shape::Struct(shape), Value::Object(map)) => {
            for (key, node) in &shape.fields {
                let Some(default) = &node.default else { continue };
                if map.get(key).is_none_or(|value| is_unwanted_null(value, node)) {
                    map.insert(key.clone(), default.clone());
                }
            }
            for (key, value) in map {
                if let Some(node) = shape.fields.get(key) {
                    apply_defaults(schemas, &followed(schemas, node), value);
                }
            }
        }
        (Shape::Map { value: node, .. }, Value::Object(map)) => {
            for value in map.values_mut() {
                item_default(schemas, node, value);
            }
        }
        (Shape::List { item, .. }, Value::Array(items)) => {
            for value in items {
                item_default(schemas, item, value);
            }
        }
        _ => {}
    }
}

fn item_default(schemas: &Schemas, node: &Arc<Node>, value: &mut Value) {
    let node = followed(schemas, node);
    if let (true, Some(default)) = (is_unwanted_null(value, &node), &node.default) {
        *value = default.clone();
    }
    apply_defaults(schemas, &node, value);
}
