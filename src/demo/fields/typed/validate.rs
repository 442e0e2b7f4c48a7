//! Whether a value fits its schema, as structured-merge-diff `typed/validate.go`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Faults, ListAtom, MapAtom, Schema, Type, check_scalar, list_of, map_of};
use crate::demo::fields::atom::Form;
use crate::demo::fields::element::Element;
use crate::demo::schema::node::ListKind;

impl Schema<'_> {
    /// Checks a value. `duplicates`: whether sets and associative lists may have an item twice, as stored objects may.
    pub fn validate(&self, value: &Value, duplicates: bool) -> Result<(), Faults> {
        self.validate_at(&self.root, value, duplicates)
    }

    fn validate_at(&self, of: &Type, value: &Value, duplicates: bool) -> Result<(), Faults> {
        match self.form(Some(of), value)? {
            Form::Scalar(scalar) => check_scalar(scalar, Some(value), ""),
            Form::List(list) => match list_of(value)? {
                Some(items) => self.validate_items(&list, items, duplicates),
                None => Ok(()),
            },
            Form::Map(map) => match map_of(value)? {
                Some(entries) => self.validate_entries(&map, entries, duplicates),
                None => Ok(()),
            },
        }
    }

    fn validate_items(&self, list: &ListAtom, items: &[Value], duplicates: bool) -> Result<(), Faults> {
        let mut faults = Faults::default();
        let mut seen = BTreeSet::new();
        for (index, item) in items.iter().enumerate() {
            let element = if list.kind == ListKind::Atomic {
                Element::Index(index as i64)
            } else {
                match self.item_element(list, item) {
                    Ok(element) => element,
                    Err(why) => {
                        faults.take(Err(Faults::one(format!("element {index}: {why}"))));
                        return Err(faults);
                    }
                }
            };
            if list.kind != ListKind::Atomic && !seen.insert(element.clone()) && !duplicates {
                faults.take(Err(Faults::one(format!("duplicate entries for key {element}"))));
            }
            let below = self.validate_at(&list.item, item, duplicates);
            faults.take(below.map_err(|faults| faults.below(&element)));
        }
        faults.into_result(())
    }

    fn validate_entries(&self, map: &MapAtom, entries: &Map<String, Value>, duplicates: bool) -> Result<(), Faults> {
        let mut faults = Faults::default();
        for (key, value) in entries {
            let Some(of) = map.child(key) else {
                // Upstream stops at the first unknown field; which one comes first is up to Go's map. Ours is the first by name.
                faults.take(Err(Faults::one("field not declared in schema").below(&Element::field(key))));
                return Err(faults);
            };
            let below = self.validate_at(&of, value, duplicates);
            faults.take(below.map_err(|faults| faults.below(&Element::field(key))));
        }
        faults.into_result(())
    }
}
