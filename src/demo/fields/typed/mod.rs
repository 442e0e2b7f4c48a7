//! Values with their schema: checking, the set of their fields, comparing, merging and removing, as
//! structured-merge-diff `typed/`.

mod compare;
mod empty;
mod field_set;
mod merge;
mod reconcile;
mod remove;
mod validate;

use std::fmt;

use serde_json::Value;

use super::atom::{Atom, Definitions, Form, ListAtom, MapAtom, Scalar, Type};
use super::element::Element;
use super::set::FieldSet;
use crate::demo::go;
use crate::demo::go::quote;
use crate::demo::schema::node::ListKind;

pub use compare::Comparison;
pub use empty::{drop_nulls, filled, filled_from_store, zero};

/// A schema: the type of a kind's objects, and the definitions that it names.
#[derive(Clone)]
pub struct Schema<'a> {
    definitions: &'a dyn Definitions,
    root: Type,
}

/// Why a value does not fit its schema; `path` is empty for the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Such as `.spec.replicas`.
    pub path: String,
    /// Such as `field not declared in schema`.
    pub message: String,
}

/// All that does not fit; printed as upstream does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(f, "{one}"),
            many => {
                f.write_str("errors:")?;
                many.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
            }
        }
    }
}

impl Faults {
    fn one(message: impl Into<String>) -> Self {
        Self(vec![Fault { path: String::new(), message: message.into() }])
    }

    fn below(mut self, element: &Element) -> Self {
        let prefix = element.to_string();
        for fault in &mut self.0 {
            fault.path.insert_str(0, &prefix);
        }
        self
    }

    fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    fn take(&mut self, result: Result<(), Self>) {
        if let Err(faults) = result {
            self.0.extend(faults.0);
        }
    }
}

impl<'a> Schema<'a> {
    /// A schema by the type of its root.
    pub fn new(root: Type, definitions: &'a dyn Definitions) -> Self {
        Self { definitions, root }
    }

    fn atom(&self, of: &Type) -> Atom {
        of.atom(self.definitions)
    }

    fn form(&self, of: Option<&Type>, value: &Value) -> Result<Form, Faults> {
        of.and_then(|of| self.atom(of).deduce(Some(value)).form()).ok_or_else(invalid_atom)
    }

    /// The fields of the set, and the fields that the schema names on the way to them
    /// (`fieldpath.EnsureNamedFieldsAreMembers`).
    #[must_use]
    pub fn with_named_fields(&self, set: &FieldSet) -> FieldSet {
        self.with_named(set, Some(&self.root))
    }

    fn with_named(&self, set: &FieldSet, of: Option<&Type>) -> FieldSet {
        let atom = of.map(|of| self.atom(of));
        let (map, list) = atom.map_or((None, None), |atom| (atom.map, atom.list));
        let mut out = FieldSet { members: set.members.clone(), ..FieldSet::default() };
        for (element, below) in &set.children {
            let of = match (element, &map, &list) {
                (Element::Field(name), Some(map), _) => {
                    if map.has_field(name) {
                        out.members.insert(element.clone());
                    }
                    map.child(name)
                }
                (Element::Key(_), _, Some(list)) => Some(list.item.clone()),
                _ => None,
            };
            out.children.insert(element.clone(), self.with_named(below, of.as_ref()));
        }
        out
    }

    /// How an item of an associative list is told apart from the others (`typed/helpers.go`).
    fn item_element(&self, list: &ListAtom, item: &Value) -> Result<Element, String> {
        match &list.kind {
            ListKind::Atomic => Err("invalid indexing of non-associative list".to_owned()),
            ListKind::Map(keys) if !keys.is_empty() => self.keyed_element(list, keys, item),
            ListKind::Set | ListKind::Map(_) => match item {
                Value::Object(_) => Err("associative list without keys has an element that's a map type".to_owned()),
                Value::Array(_) => Err("not supported: associative list with lists as elements".to_owned()),
                Value::Null => Err("associative list without keys has an element that's an explicit null".to_owned()),
                scalar => Ok(Element::Value(scalar.clone())),
            },
        }
    }

    fn keyed_element(&self, list: &ListAtom, keys: &[String], item: &Value) -> Result<Element, String> {
        let fields = match item {
            Value::Object(fields) => fields,
            Value::Null => return Err("associative list with keys may not have a null element".to_owned()),
            _ => return Err("associative list with keys may not have non-map elements".to_owned()),
        };
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some(value) = fields.get(key) {
                found.push((key.clone(), value.clone()));
                continue;
            }
            let Some(map) = self.atom(&list.item).map else {
                let why = "associative list may not have non-map types";
                return Err(format!("couldn't find default value for {key}: {why}"));
            };
            // A key without value and default is left out: such an item is another one.
            if let Some(default) = map.default_of(key).filter(|default| !default.is_null()) {
                found.push((key.clone(), default.clone()));
            }
        }
        if found.is_empty() {
            let keys: Vec<_> = keys.iter().map(|key| quote(key)).collect();
            return Err(format!(
                "associative list with keys has an element that omits all key fields [{}] (and doesn't have default values for any key fields)",
                keys.join(" ")
            ));
        }
        found.sort_by(|left, right| left.0.cmp(&right.0));
        Ok(Element::Key(found))
    }
}

fn invalid_atom() -> Faults {
    Faults::one("schema error: invalid atom: inlined")
}

/// The value as the map that may stand here; none for null.
fn map_of(value: &Value) -> Result<Option<&serde_json::Map<String, Value>>, Faults> {
    match value {
        Value::Object(map) => Ok(Some(map)),
        Value::Null => Ok(None),
        other => Err(Faults::one(format!("expected map, got &{{{}}}", go::plain(other)))),
    }
}

/// The value as the list that may stand here; none for null.
fn list_of(value: &Value) -> Result<Option<&Vec<Value>>, Faults> {
    match value {
        Value::Array(items) => Ok(Some(items)),
        Value::Null => Ok(None),
        other => Err(Faults::one(format!("expected list, got &{{{}}}", go::plain(other)))),
    }
}

/// Whether a map or list, if there is one, has nothing in it.
fn is_hollow(value: Option<&Value>, form: Hollow) -> bool {
    match (value, form) {
        (Some(Value::Object(map)), Hollow::Map) => map.is_empty(),
        (Some(Value::Array(items)), Hollow::List) => items.is_empty(),
        _ => true,
    }
}

#[derive(Clone, Copy)]
enum Hollow {
    Map,
    List,
}

/// Whether the scalar is of its sort; null always is.
fn check_scalar(scalar: Scalar, value: Option<&Value>, prefix: &str) -> Result<(), Faults> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(()) };
    let wrong = match scalar {
        Scalar::Numeric if !value.is_number() => {
            format!("expected numeric (int or float), got {}", go::type_name(value))
        }
        Scalar::String if !value.is_string() => {
            format!("expected string, got &value.valueUnstructured{{Value:{}}}", go::syntax(value))
        }
        Scalar::Boolean if !value.is_boolean() => format!("expected boolean, got &{{{}}}", go::plain(value)),
        Scalar::Untyped if value.is_object() || value.is_array() => {
            format!("expected any scalar, got &{{{}}}", go::plain(value))
        }
        _ => return Ok(()),
    };
    Err(Faults::one(format!("{prefix}{wrong}")))
}

/// The type of an entry; an error where the schema does not know it.
fn child(map: &MapAtom, name: &str) -> Result<Type, Faults> {
    map.child(name).ok_or_else(invalid_atom)
}

#[cfg(test)]
mod tests;
