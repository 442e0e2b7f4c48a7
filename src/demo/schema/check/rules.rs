//! Rules in CEL (`x-kubernetes-validations`): those of Capsule's kinds, by hand.

use serde_json::{Map, Value};

use super::below;
use crate::demo::schema::{Kind, Schemas};
use crate::demo::status::FieldFault;

/// Whether a rule holds of the object it stands at.
pub(super) type Holds = fn(&Map<String, Value>) -> bool;

/// All rules of Capsule 0.14's kinds, as they are written there. Rules of other kinds are not evaluated.
pub(super) const KNOWN: &[(&str, Holds)] = &[
    ("has(self.exact) || has(self.exp)", |it| has(it, "exact") || has(it, "exp")),
    ("has(self.labels) || has(self.annotations)", |it| has(it, "labels") || has(it, "annotations")),
    ("has(self.requests) || has(self.limits)", |it| has(it, "requests") || has(it, "limits")),
    ("self.policy == 'Default' ? has(self.value) : !has(self.value)", |it| {
        is(it, "policy", "Default") == has(it, "value")
    }),
    ("self.policy == 'Default' || self.policy == 'Ratio' ? has(self.value) : !has(self.value)", |it| {
        (is(it, "policy", "Default") || is(it, "policy", "Ratio")) == has(it, "value")
    }),
    ("has(self.client.url) != has(self.client.service)", |it| {
        it.get("client").and_then(Value::as_object).is_some_and(|client| has(client, "url") != has(client, "service"))
    }),
    (
        "self.op == 'count' ? ((!has(self.path) || size(self.path) == 0) && (!has(self.cel) || size(self.cel) == 0)) : \
         ((has(self.path) && size(self.path) > 0) != (has(self.cel) && size(self.cel) > 0))",
        |it| {
            if is(it, "op", "count") {
                !has_text(it, "path") && !has_text(it, "cel")
            } else {
                has_text(it, "path") != has_text(it, "cel")
            }
        },
    ),
];

const RULES: &str = "x-kubernetes-validations";

/// Faults that keep the real server from evaluating rules. As apiextensions-apiserver's `customresource/strategy.go`.
const BLOCKING: [&str; 5] =
    ["FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"];

fn has(it: &Map<String, Value>, key: &str) -> bool {
    it.contains_key(key)
}

fn has_text(it: &Map<String, Value>, key: &str) -> bool {
    it.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
}

fn is(it: &Map<String, Value>, key: &str, value: &str) -> bool {
    it.get(key).and_then(Value::as_str) == Some(value)
}

/// The text of a kind's definition, if it has rules.
fn ruled(schemas: &Schemas, kind: &Kind) -> Option<&'static str> {
    let name = schemas.name_of(kind).filter(|_| kind.custom.is_some())?;
    schemas.raw(name).filter(|raw| raw.contains(RULES))
}

fn are_blocking(faults: &[FieldFault]) -> bool {
    faults.iter().any(|fault| BLOCKING.contains(&fault.reason))
}

/// The line that the real server adds when a kind has rules, and these faults (of the whole object, those of its
/// metadata included) kept it from evaluating them.
pub fn unchecked_rules(schemas: &Schemas, kind: &Kind, faults: &[FieldFault]) -> Option<FieldFault> {
    (are_blocking(faults) && ruled(schemas, kind).is_some()).then(|| {
        let why = "some validation rules were not checked because the object was invalid; correct the existing errors \
                   to complete validation";
        FieldFault::invalid("<nil>", &Value::Null, why)
    })
}

/// The rules that do not hold, unless what was found so far keeps them from being evaluated.
pub(super) fn broken_rules(schemas: &Schemas, kind: &Kind, object: &Value, so_far: &[FieldFault]) -> Vec<FieldFault> {
    let mut found = Vec::new();
    if let (false, Some(raw)) = (are_blocking(so_far), ruled(schemas, kind))
        && let Ok(schema) = serde_json::from_str::<Value>(raw)
    {
        visit(&schema, object, "", &mut found);
    }
    found
}

fn visit(schema: &Value, value: &Value, path: &str, found: &mut Vec<FieldFault>) {
    match value {
        Value::Object(map) => {
            for rule in schema.get(RULES).and_then(Value::as_array).into_iter().flatten() {
                let text = rule.get("rule").and_then(Value::as_str).unwrap_or_default();
                if KNOWN.iter().any(|(known, holds)| *known == text && !holds(map)) {
                    let message = rule.get("message").and_then(Value::as_str).unwrap_or_default();
                    let what = format!("Invalid value: {message}");
                    found.push(FieldFault { reason: "FieldValueInvalid", field: path.to_owned(), what });
                }
            }
            for (key, value) in map {
                let field = schema.get("properties").and_then(|fields| fields.get(key));
                if let Some(schema) = field {
                    visit(schema, value, &below(path, key), found);
                } else if let Some(schema) = schema.get("additionalProperties") {
                    visit(schema, value, &format!("{path}[{key}]"), found);
                }
            }
        }
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                for (at, item) in items.iter().enumerate() {
                    visit(schema, item, &format!("{path}[{at}]"), found);
                }
            }
        }
        _ => {}
    }
}
