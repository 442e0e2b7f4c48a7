//! Custom resources: the columns that a CustomResourceDefinition declares, as apiextensions'
//! `registry/customresource/tableconvertor` prints them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::super::schema::kind::Custom;
use super::cells::{since, text};
use super::columns::{Column, creation_description, name_column};
use super::path::{Path, printed};

/// Name, then the declared columns; `Age` if none is declared.
pub(super) fn columns(custom: &Custom) -> Vec<Column> {
    let mut all: Vec<Column> = name_column().into_iter().collect();
    if custom.columns.is_empty() {
        all.push(Column {
            name: "Age".to_owned(),
            kind: "date".to_owned(),
            format: String::new(),
            description: creation_description(),
            priority: 0,
        });
        return all;
    }
    all.extend(parsed(custom).map(|(column, _)| {
        let path = text(column, &["jsonPath"], "");
        let description = match text(column, &["description"], "") {
            "" => format!("Custom resource definition column (in JSONPath format): {path}"),
            description => description.to_owned(),
        };
        Column {
            name: text(column, &["name"], "").to_owned(),
            kind: text(column, &["type"], "").to_owned(),
            format: text(column, &["format"], "").to_owned(),
            description,
            priority: column.int(&["priority"]).unwrap_or_default(),
        }
    }));
    all
}

/// The cells of a custom object.
pub(super) fn row(custom: &Custom, object: &Value, now: Timestamp) -> Vec<Value> {
    let mut cells = vec![json!(object.name())];
    if custom.columns.is_empty() {
        cells.push(json!(since(object.text(&["metadata", "creationTimestamp"]), now)));
        return cells;
    }
    cells.extend(parsed(custom).map(|(column, path)| {
        // Only the first of several results is shown.
        let found = path.find(object).unwrap_or_default().into_iter().next();
        found.map_or(Value::Null, |found| cell(text(column, &["type"], ""), &found, now))
    }));
    cells
}

/// The columns up to the first whose path cannot be read, as upstream.
fn parsed(custom: &Custom) -> impl Iterator<Item = (&Value, Path)> {
    custom.columns.iter().map_while(|column| Some((column, Path::parse(text(column, &["jsonPath"], ""))?)))
}

/// A value in a column of a type. What does not fit the type is left out.
fn cell(kind: &str, value: &Value, now: Timestamp) -> Value {
    match (kind, value) {
        ("string", value) => json!(printed(value)),
        ("integer", Value::Number(number)) => {
            json!(number.as_i64().unwrap_or_else(|| number.as_f64().unwrap_or_default() as i64))
        }
        ("number", Value::Number(_)) => value.clone(),
        ("boolean", Value::Bool(_)) => value.clone(),
        ("date", Value::String(text)) => json!(date(text, now)),
        _ => Value::Null,
    }
}

/// How long ago a time was, as `metav1.Time.UnmarshalQueryParameter` reads it: RFC 3339, empty and `null` for none.
fn date(text: &str, now: Timestamp) -> String {
    let formed =
        text.as_bytes().get(10) == Some(&b'T') && text.as_bytes().get(16) == Some(&b':') && !text.contains('[');
    match text {
        "" | "null" => "<unknown>".to_owned(),
        text if formed && text.parse::<Timestamp>().is_ok() => since(Some(text), now),
        _ => "<invalid>".to_owned(),
    }
}
