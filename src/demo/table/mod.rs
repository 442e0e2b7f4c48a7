//! `meta.k8s.io/v1` Tables: what clients print as columns.
//!
//! Columns and cells are those of the real server: `pkg/printers/internalversion/printers.go` for built-in kinds,
//! apiextensions' `tableconvertor` for custom ones, and `rest.NewDefaultTableConvertor` for kinds without printer.

mod access;
mod cells;
mod columns;
mod config;
mod core;
mod custom;
mod duration;
mod events;
mod extension;
mod network;
mod path;
mod pod;
mod scaling;
mod selector;
mod storage;
mod workload;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde_json::{Value, json};

use self::cells::{Row, creation};
pub use self::columns::{Column, columns};
use super::object::Meta as _;
use super::schema::kind::Kind;

/// What a row carries of its object: the query parameter `includeObject`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Include {
    /// Nothing.
    None,
    /// Its metadata, as a `PartialObjectMetadata`; what is given unless asked otherwise.
    #[default]
    Metadata,
    /// The whole object.
    Object,
}

/// The cells of an object, one for each of the kind's columns, as of a moment.
pub fn row(kind: &Kind, object: &Value, now: Timestamp) -> Vec<Value> {
    if let Some(custom) = &kind.custom {
        return custom::row(custom, object, now);
    }
    match printer(kind) {
        Some(print) => print(object, now),
        None => vec![json!(object.name()), json!(creation(object))],
    }
}

/// The Table of a list. `list_meta` is the metadata of the list (`resourceVersion`, `continue`, `remainingItemCount`).
pub fn table<'a>(
    kind: &Kind,
    items: impl Iterator<Item = &'a Value>,
    now: Timestamp,
    list_meta: Value,
    include: Include,
) -> Value {
    let items: Vec<&Value> = items.collect();
    let mut rows: Vec<Value> = items.iter().map(|object| table_row(kind, object, now, include)).collect();
    if kind.qualified() == "storageclasses.storage.k8s.io"
        && let Some(at) = storage::effective_default(&items)
        && let Some(name) = rows.get_mut(at).and_then(|row| row.pointer_mut("/cells/0"))
    {
        *name = json!(format!("{} (default)", name.as_str().unwrap_or_default()));
    }
    // Two convertors never make the list when there is nothing to list.
    let unmade = kind.custom.is_none()
        && (printer(kind).is_none() || kind.qualified() == "customresourcedefinitions.apiextensions.k8s.io");
    let rows = Some(rows).filter(|rows| !(unmade && rows.is_empty()));
    whole(kind, rows, list_meta)
}

/// The Table of one object, as get and watch answer it: its version is the object's, and nothing is marked that only a
/// list can tell.
pub fn table_of_one(kind: &Kind, object: &Value, now: Timestamp, include: Include) -> Value {
    let rows = vec![table_row(kind, object, now, include)];
    whole(kind, Some(rows), json!({"resourceVersion": object.version()}))
}

/// A Table of rows.
fn whole(kind: &Kind, rows: Option<Vec<Value>>, list_meta: Value) -> Value {
    let rows = rows.map_or(Value::Null, Value::from);
    let columns: Vec<Value> = columns(kind).iter().map(Column::to_value).collect();
    let list_meta = if list_meta.is_object() { list_meta } else { json!({}) };
    json!({
        "apiVersion": "meta.k8s.io/v1",
        "kind": "Table",
        "metadata": list_meta,
        "columnDefinitions": columns,
        "rows": rows,
    })
}

/// One row with its object, and the condition that tells that it is done.
fn table_row(kind: &Kind, object: &Value, now: Timestamp, include: Include) -> Value {
    let carried = match include {
        Include::None => Value::Null,
        Include::Metadata => json!({
            "apiVersion": "meta.k8s.io/v1",
            "kind": "PartialObjectMetadata",
            "metadata": object.get("metadata").cloned().unwrap_or_else(|| json!({})),
        }),
        Include::Object => object.clone(),
    };
    let mut made = json!({ "cells": row(kind, object, now), "object": carried });
    if kind.qualified() == "pods"
        && let Some(condition) = pod::condition(object)
        && let Some(map) = made.as_object_mut()
    {
        map.insert("conditions".to_owned(), json!([condition]));
    }
    made
}

/// The printer of a built-in kind, by its resource.
fn printer(kind: &Kind) -> Option<Row> {
    let qualified = kind.qualified();
    let groups: [fn(&str) -> Option<Row>; 10] = [
        core::printer,
        workload::printer,
        network::printer,
        storage::printer,
        access::printer,
        config::printer,
        events::printer,
        scaling::printer,
        extension::printer,
        pod::printer,
    ];
    groups.iter().find_map(|group| group(&qualified))
}
