//! The difference of two specs as refusals show it: upstream compares its internal structs, printed as JSON with the names that
//! their fields have in Go (apimachinery's `util/diff`).
//!
//! `types.txt` has a line for each struct of `pkg/apis/core/types.go` 1.37.1 that a pod's or a claim's spec is made of, and below
//! it its fields in their order: name and type (`*` a pointer, `[` a list, `{` a map, `=` a type that writes itself). A field is
//! found in the version that clients speak by its name, whatever its case.

mod lines;

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Map, Value};

type Table = HashMap<&'static str, Vec<(&'static str, &'static str)>>;

/// What differs between two specs of a kind of struct, such as `PodSpec`.
pub(super) fn difference(of: &str, old: &Value, new: &Value) -> String {
    let print = |spec: &Value| {
        let mut out = String::new();
        write(&mut out, of, Some(spec), 0);
        out
    };
    lines::unified(&print(old), &print(new))
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

/// Writes a value of a type, as Go's `json.MarshalIndent` with one space.
fn write(out: &mut String, of: &str, value: Option<&Value>, depth: usize) {
    let value = value.filter(|value| !value.is_null());
    if let Some(of) = of.strip_prefix('*') {
        return match value {
            None => out.push_str("null"),
            some => write(out, of, some, depth),
        };
    }
    if let Some(of) = of.strip_prefix('[') {
        let items = value.and_then(Value::as_array);
        let parts = items.map(|items| items.iter().map(|item| (None, of, Some(item))).collect());
        return block(out, ('[', ']'), parts, depth);
    }
    if let Some(of) = of.strip_prefix('{') {
        let entries = value.and_then(Value::as_object);
        let parts = entries.map(|map| map.iter().map(|(key, item)| (Some(key.clone()), of, Some(item))).collect());
        return block(out, ('{', '}'), parts, depth);
    }
    match (of, value) {
        ("string", None) => out.push_str("\"\""),
        ("bool", None) => out.push_str("false"),
        ("int" | "=IntOrString", None) => out.push('0'),
        ("=Quantity", None) => out.push_str("\"0\""),
        ("bytes" | "=", None) => out.push_str("null"),
        ("=", Some(Value::Object(map))) => plain(out, map, depth),
        (_, value) => match table().get(of) {
            Some(fields) => {
                let parts =
                    fields.iter().map(|(name, of)| (Some((*name).to_owned()), *of, find(value, name))).collect();
                block(out, ('{', '}'), Some(parts), depth);
            }
            None => out.push_str(&escaped(value.unwrap_or(&Value::Null))),
        },
    }
}

type Part<'a> = (Option<String>, &'a str, Option<&'a Value>);

fn block(out: &mut String, (open, close): (char, char), parts: Option<Vec<Part<'_>>>, depth: usize) {
    let Some(parts) = parts else { return out.push_str("null") };
    out.push(open);
    let is_empty = parts.is_empty();
    for (at, (key, of, value)) in parts.into_iter().enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        out.extend(std::iter::repeat_n(' ', depth + 1));
        if let Some(key) = key {
            out.push_str(&escaped(&key.into()));
            out.push_str(": ");
        }
        write(out, of, value, depth + 1);
    }
    if !is_empty {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', depth));
    }
    out.push(close);
}

/// A label selector, or an expression of one: the only structs here that have tags of their own.
fn plain(out: &mut String, map: &Map<String, Value>, depth: usize) {
    const FIELDS: [(&str, &str); 5] = [
        ("matchLabels", "{string"),
        ("matchExpressions", "[="),
        ("key", "string"),
        ("operator", "string"),
        ("values", "[string"),
    ];
    let parts =
        FIELDS.iter().filter_map(|(name, of)| Some((Some((*name).to_owned()), *of, Some(map.get(*name)?)))).collect();
    block(out, ('{', '}'), Some(parts), depth);
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
