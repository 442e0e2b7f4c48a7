//! Validation of custom resources against their structural schemas, in kube-openapi's words (`pkg/validation/errors`).

use serde_json::{Map, Value};

use super::rules::broken_rules;
use super::{below, followed};
use crate::demo::schema::{Kind, ListKind, Node, Rules, Schemas, Shape};
use crate::demo::status::FieldFault;

/// What the schema says against a custom resource: all faults, fields in alphabetical order (the real server's order is
/// that of Go's maps: none). The object was pruned and defaulted before. Built-in kinds have none.
///
/// `metadata` is not looked at. Where the schema is kept, Capsule's rules in CEL are evaluated too; what the real
/// server says when it could not evaluate them is [`unchecked_rules`](super::unchecked_rules).
pub fn faults(schemas: &Schemas, kind: &Kind, object: &Value) -> Vec<FieldFault> {
    let (Some(_), Some(node)) = (&kind.custom, schemas.node(kind)) else { return Vec::new() };
    let mut found = Vec::new();
    let mut check = Check { schemas, found: &mut found };
    if let (Shape::Struct(shape), Some(map)) = (&node.shape, object.as_object()) {
        for (name, value) in map.iter().filter(|(name, _)| name.as_str() != "metadata") {
            if let Some(node) = shape.fields.get(name) {
                check.value(&followed(schemas, node), value, name);
            }
        }
        check.required(&shape.required, map, "");
    }
    let broken = broken_rules(schemas, kind, object, &found);
    found.extend(broken);
    found
}

struct Check<'a> {
    schemas: &'a Schemas,
    found: &'a mut Vec<FieldFault>,
}

/// The name of a value's type, as kube-openapi tells it.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn format_of(node: &Node) -> Option<&str> {
    node.rules.as_ref()?.format.as_deref()
}

fn is_whole(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

impl Check<'_> {
    fn invalid(&mut self, path: &str, value: &Value, what: &str) {
        self.found.push(FieldFault::invalid(path, value, &format!("{path} in body {what}")));
    }

    /// A fault of the whole object: kube-openapi knows no place for some.
    fn nowhere(&mut self, what: &str) {
        self.found.push(FieldFault::invalid("<nil>", &Value::String(String::new()), what));
    }

    fn wrong_type(&mut self, path: &str, wanted: &str, got: &str) {
        let what = format!("Invalid value: {got:?}: {path} in body must be of type {wanted}: {got:?}");
        self.found.push(FieldFault { reason: "FieldValueTypeInvalid", field: path.to_owned(), what });
    }

    fn required(&mut self, names: &[String], map: &Map<String, Value>, path: &str) {
        for name in names.iter().filter(|name| !map.contains_key(*name)) {
            self.found.push(FieldFault::required(below(path, name), ""));
        }
    }

    fn value(&mut self, node: &Node, value: &Value, path: &str) {
        if value.is_null() && node.nullable {
            return;
        }
        self.shape(node, value, path);
        if let Some(rules) = &node.rules {
            self.rules(&node.shape, rules, value, path);
        }
    }

    fn shape(&mut self, node: &Node, value: &Value, path: &str) {
        let got = type_of(value);
        match (&node.shape, value) {
            (Shape::Any | Shape::Ref(_), _)
            | (Shape::String | Shape::IntOrString, Value::String(_))
            | (Shape::Boolean, Value::Bool(_))
            | (Shape::Number, Value::Number(_)) => {}
            (Shape::Integer | Shape::IntOrString, Value::Number(_)) if is_whole(value) => {}
            (Shape::Struct(shape), Value::Object(map)) => {
                for (name, value) in map {
                    if let Some(node) = shape.fields.get(name) {
                        self.value(&followed(self.schemas, node), value, &below(path, name));
                    }
                }
                self.required(&shape.required, map, path);
            }
            (Shape::Map { value: node, .. }, Value::Object(map)) => {
                let node = followed(self.schemas, node);
                for (name, value) in map {
                    self.value(&node, value, &below(path, name));
                }
            }
            (Shape::List { item, kind }, Value::Array(items)) => {
                let item = followed(self.schemas, item);
                for (at, value) in items.iter().enumerate() {
                    self.value(&item, value, &format!("{path}[{at}]"));
                }
                self.once(kind, items, path);
            }
            (Shape::Struct(_) | Shape::Map { .. }, _) => self.wrong_type(path, "object", got),
            (Shape::List { .. }, _) => self.wrong_type(path, "array", got),
            (Shape::String, _) => self.no_text(node, value, path),
            (Shape::Boolean, _) => self.wrong_type(path, "boolean", got),
            (Shape::Number, _) => self.wrong_type(path, "number", got),
            (Shape::Integer, _) => self.not_whole(node, value, path),
            (Shape::IntOrString, _) => {
                self.wrong_type(path, "integer,string", got);
                self.nowhere(&format!("{path:?} must validate at least one schema (anyOf)"));
                self.wrong_type(path, "integer", got);
                if value.is_number() {
                    self.nowhere(&format!("Checked value must be of type integer (default format) in {path}"));
                }
            }
        }
    }

    fn not_whole(&mut self, node: &Node, value: &Value, path: &str) {
        match (value, format_of(node)) {
            (Value::Number(_), Some(format)) => {
                self.wrong_type(path, format, "float64");
                self.nowhere(&format!("Checked value must be of type integer with format {format} in {path}"));
            }
            (Value::Number(_), None) => {
                self.wrong_type(path, "integer", "number");
                self.nowhere(&format!("Checked value must be of type integer (default format) in {path}"));
            }
            (Value::Bool(_) | Value::Object(_), Some(format)) => self.wrong_type(path, format, ""),
            _ => self.wrong_type(path, "integer", type_of(value)),
        }
    }

    fn no_text(&mut self, node: &Node, value: &Value, path: &str) {
        let Some(format) = format_of(node) else { return self.wrong_type(path, "string", type_of(value)) };
        match value {
            Value::Null => self.wrong_type(path, "string", "null"),
            // kube-openapi lets lists pass where text of a format is wanted.
            Value::Array(_) => {}
            Value::Number(number) if number.is_f64() => self.wrong_type(path, format, "float64"),
            Value::Number(_) => self.wrong_type(path, format, "int64"),
            _ => self.wrong_type(path, format, ""),
        }
    }

    /// Items that a set or map holds twice. As apiextensions-apiserver's `schema/listtype/validation.go`.
    fn once(&mut self, kind: &ListKind, items: &[Value], path: &str) {
        let key = |item: &Value| match kind {
            ListKind::Atomic => None,
            ListKind::Set => Some(item.clone()),
            ListKind::Map(keys) => {
                let map = item.as_object()?;
                let part = |key: &String| map.get(key).map(|value| (key.clone(), value.clone()));
                Some(Value::Object(keys.iter().filter_map(part).collect()))
            }
        };
        if matches!(kind, ListKind::Map(_)) {
            for (at, item) in items.iter().enumerate().filter(|(_, item)| !item.is_object()) {
                let what = "must be an object for an array of list-type map";
                self.found.push(FieldFault::invalid(format!("{path}[{at}]"), item, what));
            }
        }
        let keys: Vec<Option<Value>> = items.iter().map(key).collect();
        for (at, key) in keys.iter().enumerate() {
            if let Some(key) = key
                && keys.iter().take(at).flatten().any(|other| other == key)
            {
                self.found.push(FieldFault::duplicate(format!("{path}[{at}]"), key));
            }
        }
    }

    fn rules(&mut self, shape: &Shape, rules: &Rules, value: &Value, path: &str) {
        match (shape, value) {
            (_, Value::String(text)) => self.text(rules, text, path),
            (_, Value::Number(_)) => self.number(rules, value, path),
            (Shape::List { .. }, Value::Array(items)) => self.count(rules, items.len() as u64, "items", path),
            (Shape::Struct(_) | Shape::Map { .. }, Value::Object(map)) => {
                self.count(rules, map.len() as u64, "properties", path);
            }
            _ => {}
        }
        if !rules.one_of_values.is_empty() && !rules.one_of_values.contains(value) {
            let allowed: Vec<String> = rules
                .one_of_values
                .iter()
                .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
                .collect();
            let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
            self.found.push(FieldFault::unsupported(path, value, &allowed));
        }
    }

    fn count(&mut self, rules: &Rules, count: u64, of: &str, path: &str) {
        if let Some(least) = rules.min_items.filter(|least| count < *least) {
            self.invalid(path, &count.into(), &format!("should have at least {least} {of}"));
        }
        if let Some(most) = rules.max_items.filter(|most| count > *most) {
            let what =
                format!("Too many: {count}: must have at most {most} {}", if most == 1 { "item" } else { "items" });
            self.found.push(FieldFault { reason: "FieldValueTooMany", field: path.to_owned(), what });
        }
    }

    fn text(&mut self, rules: &Rules, text: &str, path: &str) {
        let value = Value::String(text.to_owned());
        let length = text.chars().count() as u64;
        // Of these only the first is told. A pattern that only Go understands is not checked: the data has none, and a
        // test reads all of them.
        if let Some(most) = rules.max_length.filter(|most| length > *most) {
            let what = format!("Too long: may not be more than {most} {}", if most == 1 { "byte" } else { "bytes" });
            self.found.push(FieldFault { reason: "FieldValueTooLong", field: path.to_owned(), what });
        } else if let Some(least) = rules.min_length.filter(|least| length < *least) {
            self.invalid(path, &value, &format!("should be at least {least} chars long"));
        } else if let Some(pattern) = &rules.pattern
            && !pattern.is_match(text)
        {
            self.invalid(path, &value, &format!("should match '{}'", pattern.text()));
        }
        if rules.format.as_deref() == Some("date-time") && text.parse::<jiff::Timestamp>().is_err() {
            let what = format!("Invalid value: {value}: {path} in body must be of type date-time: {text:?}");
            self.found.push(FieldFault { reason: "FieldValueTypeInvalid", field: path.to_owned(), what });
        }
    }

    fn number(&mut self, rules: &Rules, value: &Value, path: &str) {
        let Some(number) = value.as_f64() else { return };
        let width = match rules.format.as_deref() {
            Some("int32") => Some(f64::from(i32::MIN)..=f64::from(i32::MAX)),
            _ => None,
        };
        if is_whole(value) && width.is_some_and(|width| !width.contains(&number)) {
            self.nowhere(&format!("Checked value must be of type integer with format int32 in {path}"));
        }
        if let Some(most) = rules.maximum.filter(|most| number > *most) {
            self.invalid(path, value, &format!("should be less than or equal to {most}"));
        }
        if let Some(least) = rules.minimum.filter(|least| number < *least) {
            self.invalid(path, value, &format!("should be greater than or equal to {least}"));
        }
    }
}
