//! Rules in CEL (`x-kubernetes-validations`): those of Capsule's kinds, by hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

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

/// Where a kind's schema has rules: the schema without everything that leads to none.
#[derive(Debug, Default)]
pub(in crate::demo::schema) struct Tree {
    here: Vec<(Holds, String)>,
    fields: HashMap<String, Tree>,
    values: Option<Box<Tree>>,
    items: Option<Box<Tree>>,
}

/// The trees of all kinds that were asked for, by their definitions' names. Read once: definitions are long.
pub(in crate::demo::schema) type Trees = Mutex<HashMap<String, Option<Arc<Tree>>>>;

impl Tree {
    /// Of a schema as it is published; none if there are no rules in it.
    fn of(schema: &Value) -> Option<Self> {
        let known = |rule: &Value| {
            let text = rule.get("rule").and_then(Value::as_str).unwrap_or_default();
            let (_, holds) = KNOWN.iter().find(|(known, _)| *known == text)?;
            let message = rule.get("message").and_then(Value::as_str).unwrap_or_default();
            Some((*holds, format!("Invalid value: {message}")))
        };
        let below = |key: &str| schema.get(key).and_then(Self::of).map(Box::new);
        let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let tree = Self {
            here: schema.get(RULES).and_then(Value::as_array).into_iter().flatten().filter_map(known).collect(),
            fields: fields.filter_map(|(name, schema)| Some((name.clone(), Self::of(schema)?))).collect(),
            values: below("additionalProperties"),
            items: below("items"),
        };
        let is_bare = tree.here.is_empty() && tree.fields.is_empty() && tree.values.is_none() && tree.items.is_none();
        (!is_bare).then_some(tree)
    }

    fn visit(&self, value: &Value, path: &str, found: &mut Vec<FieldFault>) {
        match value {
            Value::Object(map) => {
                for (_, what) in self.here.iter().filter(|(holds, _)| !holds(map)) {
                    let field = path.to_owned();
                    found.push(FieldFault { reason: "FieldValueInvalid", field, what: what.clone() });
                }
                for (key, value) in map {
                    if let Some(tree) = self.fields.get(key) {
                        tree.visit(value, &below(path, key), found);
                    } else if let Some(tree) = &self.values {
                        tree.visit(value, &format!("{path}[{key}]"), found);
                    }
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    if let Some(tree) = &self.items {
                        tree.visit(item, &format!("{path}[{at}]"), found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The rules of a kind, if it has any.
fn ruled(schemas: &Schemas, kind: &Kind) -> Option<Arc<Tree>> {
    let name = schemas.name_of(kind).filter(|_| kind.custom.is_some())?;
    let mut trees = schemas.trees.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = trees.get(name) {
        return known.clone();
    }
    let text = schemas.raw(name).filter(|raw| raw.contains(RULES));
    let tree = text.and_then(|text| Tree::of(&serde_json::from_str(text).ok()?)).map(Arc::new);
    trees.insert(name.to_owned(), tree.clone());
    tree
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
    if !are_blocking(so_far)
        && let Some(tree) = ruled(schemas, kind)
    {
        tree.visit(object, "", &mut found);
    }
    found
}
