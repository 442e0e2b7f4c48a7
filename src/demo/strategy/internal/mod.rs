//! The difference of two specs as refusals show it: upstream compares its internal structs, printed as JSON with the names that
//! their fields have in Go (apimachinery's `util/diff`).
//!
//! `types.txt` has a line for each struct of `pkg/apis/core/types.go` 1.37.1 that a pod's or a claim's spec is made of, and below
//! it its fields in their order: name and type (`*` a pointer, `[` a list, `{` a map, `=` a type that writes itself, `ObjectMeta` metadata). A field is
//! found in the version that clients speak by its name, whatever its case.

mod lines;

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Map, Value};

type Table = HashMap<&'static str, Vec<(&'static str, &'static str)>>;

/// What differs between two specs of a kind of struct, such as `PodSpec`.
pub(super) fn difference(of: &str, old: &Value, new: &Value) -> String {
    lines::unified(&print(of, old, Layout::Lines(0)), &print(of, new, Layout::Lines(0)))
}

/// A value of a type as refusals quote it: on one line.
pub(super) fn shown(of: &str, value: &Value) -> String {
    print(of, value, Layout::Compact)
}

fn print(of: &str, value: &Value, layout: Layout) -> String {
    let mut out = String::new();
    write(&mut out, of, Some(value), layout);
    out
}

/// How JSON is laid out: as `json.Marshal`, or as `json.MarshalIndent` with one space, at a depth.
#[derive(Clone, Copy)]
enum Layout {
    Compact,
    Lines(usize),
}

impl Layout {
    fn below(self) -> Self {
        match self {
            Self::Compact => Self::Compact,
            Self::Lines(depth) => Self::Lines(depth + 1),
        }
    }

    fn line(self, out: &mut String) {
        if let Self::Lines(depth) = self {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', depth));
        }
    }
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table::new();
        let mut here = "";
        for line in include_str!("types.txt").lines() {
            match line.strip_prefix(' ').and_then(|field| field.split_once(' ')) {
                Some(field) => table.entry(here).or_default().push(field),
                None => {
                    here = line;
                    table.entry(here).or_default();
                }
            }
        }
        table
    })
}

/// Writes a value of a type.
fn write(out: &mut String, of: &str, value: Option<&Value>, layout: Layout) {
    let value = value.filter(|value| !value.is_null());
    if let Some(of) = of.strip_prefix('*') {
        return match value {
            None => out.push_str("null"),
            some => write(out, of, some, layout),
        };
    }
    if let Some(of) = of.strip_prefix('[') {
        let items = value.and_then(Value::as_array);
        let parts = items.map(|items| items.iter().map(|item| (None, of, Some(item))).collect());
        return block(out, ('[', ']'), parts, layout);
    }
    if let Some(of) = of.strip_prefix('{') {
        let entries = value.and_then(Value::as_object);
        let parts = entries.map(|map| map.iter().map(|(key, item)| (Some(key.clone()), of, Some(item))).collect());
        return block(out, ('{', '}'), parts, layout);
    }
    match (of, value) {
        ("string", None) => out.push_str("\"\""),
        ("bool", None) => out.push_str("false"),
        ("int" | "=IntOrString", None) => out.push('0'),
        ("=Quantity", None) => out.push_str("\"0\""),
        ("bytes" | "=", None) => out.push_str("null"),
        ("=", Some(Value::Object(map))) => plain(out, map, layout),
        (_, value) => match table().get(of) {
            Some(fields) => {
                let part = |name: &str, of| (Some(name.to_owned()), of, find(value, name));
                let parts = fields.iter().flat_map(|(name, of)| match *of {
                    "ObjectMeta" => metadata(value),
                    of => vec![part(name, of)],
                });
                block(out, ('{', '}'), Some(parts.collect()), layout);
            }
            None => out.push_str(&escaped(value.unwrap_or(&Value::Null))),
        },
    }
}

type Part<'a> = (Option<String>, &'a str, Option<&'a Value>);

fn block(out: &mut String, (open, close): (char, char), parts: Option<Vec<Part<'_>>>, layout: Layout) {
    let Some(parts) = parts else { return out.push_str("null") };
    out.push(open);
    let is_empty = parts.is_empty();
    for (at, (key, of, value)) in parts.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        layout.below().line(out);
        if let Some(key) = key {
            out.push_str(&escaped(&key.into()));
            out.push_str(if matches!(layout, Layout::Compact) { ":" } else { ": " });
        }
        write(out, of, value, layout.below());
    }
    if !is_empty {
        layout.line(out);
    }
    out.push(close);
}

/// A label selector, or an expression of one: the only structs here that have tags of their own.
fn plain(out: &mut String, map: &Map<String, Value>, layout: Layout) {
    const FIELDS: [(&str, &str); 5] = [
        ("matchLabels", "{string"),
        ("matchExpressions", "[="),
        ("key", "string"),
        ("operator", "string"),
        ("values", "[string"),
    ];
    let parts =
        FIELDS.iter().filter_map(|(name, of)| Some((Some((*name).to_owned()), *of, Some(map.get(*name)?)))).collect();
    block(out, ('{', '}'), Some(parts), layout);
}

/// Metadata, whose fields stand among those of its object and have tags of their own.
fn metadata(object: Option<&Value>) -> Vec<Part<'_>> {
    const FIELDS: [(&str, &str); 15] = [
        ("name", "string"),
        ("generateName", "string"),
        ("namespace", "string"),
        ("selfLink", "string"),
        ("uid", "string"),
        ("resourceVersion", "string"),
        ("generation", "int"),
        ("creationTimestamp", "string"),
        ("deletionTimestamp", "string"),
        ("deletionGracePeriodSeconds", "int"),
        ("labels", "{string"),
        ("annotations", "{string"),
        ("ownerReferences", "="),
        ("finalizers", "[string"),
        ("managedFields", "="),
    ];
    let metadata = object.and_then(|object| object.get("metadata"));
    let there = |name: &str| metadata.and_then(|metadata| metadata.get(name)).filter(|value| !value.is_null());
    FIELDS.iter().filter_map(|(name, of)| Some((Some((*name).to_owned()), *of, Some(there(name)?)))).collect()
}

fn find<'a>(value: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    let name = if name == "DeprecatedServiceAccount" { "serviceAccount" } else { name };
    let (_, found) = value?.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(found)
}

/// Text as Go's encoder writes it: it minds HTML.
fn escaped(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
