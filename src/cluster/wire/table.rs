//! `meta.k8s.io/v1` Tables on the wire: objects of any kind as kubectl shows them.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::meta::{AllLabels, Meta};
use super::{Text, nullable};
use crate::text::clean::clean;
use crate::world::name::Interner;
use crate::world::table::{Column, Says, TableRow};

/// How many characters of a cell are kept: columns of custom kinds hold whatever their author put there.
const LONGEST: usize = 1_000;

/// A row of a table, or the only row of one, as watches send it; or an object itself, from servers that make no tables of it.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default, deserialize_with = "nullable")]
    cells: Vec<Value>,
    #[serde(borrow, default)]
    object: Option<Object<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    rows: Vec<Line<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    metadata: Meta<'a, AllLabels<'a>>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default, deserialize_with = "nullable")]
    cells: Vec<Value>,
    #[serde(borrow, default)]
    object: Option<Object<'a>>,
}

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow, default, deserialize_with = "nullable")]
    metadata: Meta<'a, AllLabels<'a>>,
}

/// Reads a row; nothing if it does not say of what object it is.
pub fn decode(item: &[u8], names: &mut Interner) -> serde_json::Result<Option<TableRow>> {
    let Wire { cells, object, mut rows, metadata } = serde_json::from_slice(item)?;
    let (cells, metadata) = match (object, rows.pop()) {
        (Some(object), _) => (cells, object.metadata),
        (None, Some(Line { cells, object: Some(object) })) => (cells, object.metadata),
        // No table: the columns are those of `plain`.
        (None, _) => (vec![Value::from(&*metadata.name)], metadata),
    };
    if metadata.name.is_empty() {
        return Ok(None);
    }
    Ok(Some(TableRow {
        key: (
            metadata.namespace.as_deref().filter(|name| !name.is_empty()).map(|name| names.name(name)),
            clean(&metadata.name).as_ref().into(),
        ),
        uid: clean(&metadata.uid).as_ref().into(),
        created: metadata.created(),
        deleting: metadata.deleting().is_some(),
        labels: metadata.labels.keep(names),
        cells: cells.iter().map(|cell| names.name(&shown(cell))).collect(),
    }))
}

/// A cell as text, on one line.
fn shown(cell: &Value) -> String {
    let text = match cell {
        Value::Null => return "<none>".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.lines().next().unwrap_or_default().chars().take(LONGEST).collect()
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, rename = "columnDefinitions", default, deserialize_with = "nullable")]
    columns: Vec<Definition<'a>>,
}

#[derive(Deserialize)]
struct Definition<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, rename = "type", default)]
    kind: Text<'a>,
    #[serde(borrow, default)]
    format: Text<'a>,
    #[serde(default, deserialize_with = "nullable")]
    priority: i32,
}

/// The columns that stand around the rows of a table; those of objects that come without a table are their names and ages.
pub fn columns(around: &[u8]) -> Arc<[Column]> {
    let head: Head<'_> = serde_json::from_slice(around).unwrap_or(Head { columns: Vec::new() });
    if head.columns.is_empty() {
        return plain();
    }
    let column = |definition: Definition<'_>| {
        let title = clean(&definition.name).to_uppercase();
        let says = match title.as_str() {
            "AGE" => Says::Age,
            _ if &*definition.format == "name" => Says::Name,
            _ => Says::Anything,
        };
        Column {
            title: title.into(),
            wide: definition.priority > 0,
            number: matches!(&*definition.kind, "integer" | "number"),
            says,
        }
    };
    head.columns.into_iter().map(column).collect()
}

fn plain() -> Arc<[Column]> {
    let column = |title: &str, says| Column { title: title.into(), wide: false, number: false, says };
    [column("NAME", Says::Name), column("AGE", Says::Age)].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"cells":["site","2/3",3,null,"a\nb\u001b"],"object":{"kind":"PartialObjectMetadata",
        "metadata":{"name":"site","namespace":"oil-web","uid":"u1","creationTimestamp":"2026-11-22T10:00:00Z","labels":{"app":"site"},
        "managedFields":[{"manager":"kubectl"}]}}}"#;

    #[test]
    fn a_row_is_read_from_a_list_and_from_a_watch() {
        let names = &mut Interner::default();
        let row = decode(ROW.as_bytes(), names).unwrap().unwrap();
        assert_eq!((row.key.0.as_deref(), &*row.key.1, &*row.uid), (Some("oil-web"), "site", "u1"));
        let cells: Vec<&str> = row.cells.iter().map(AsRef::as_ref).collect();
        assert_eq!(cells, ["site", "2/3", "3", "<none>", "a"]);
        assert_eq!((row.labels.get("app"), row.created > 0, row.deleting), (Some("site"), true, false));
        let event = format!(
            r#"{{"kind":"Table","metadata":{{"resourceVersion":"9"}},"columnDefinitions":null,"rows":[{ROW}]}}"#
        );
        assert_eq!(decode(event.as_bytes(), names).unwrap().unwrap(), row);
    }

    #[test]
    fn an_object_without_a_table_is_its_name_and_age() {
        let names = &mut Interner::default();
        let object = r#"{"kind":"Odd","metadata":{"name":"x","deletionTimestamp":"2026-11-22T10:00:00Z"},"spec":{}}"#;
        let row = decode(object.as_bytes(), names).unwrap().unwrap();
        assert_eq!((row.key, row.deleting, row.cells.len()), ((None, "x".into()), true, 1));
        assert_eq!(columns(br#"{"kind":"OddList","metadata":{}}"#).len(), 2);
        assert_eq!(decode(br#"{"kind":"Table","rows":[]}"#, names).unwrap(), None);
    }

    #[test]
    fn columns_say_what_they_are() {
        let around = br#"{"kind":"Table","columnDefinitions":[
            {"name":"Name","type":"string","format":"name","description":"","priority":0},
            {"name":"Replicas","type":"integer","format":"","priority":0},
            {"name":"Age","type":"string","format":"","priority":0},
            {"name":"Images","type":"string","format":"","priority":1}],"rows":[]}"#;
        let columns = columns(around);
        let told: Vec<_> = columns.iter().map(|c| (&*c.title, c.wide, c.number, c.says)).collect();
        assert_eq!(
            told,
            [
                ("NAME", false, false, Says::Name),
                ("REPLICAS", false, true, Says::Anything),
                ("AGE", false, false, Says::Age),
                ("IMAGES", true, false, Says::Anything),
            ]
        );
    }
}
