//! The set of a value's fields, as structured-merge-diff `typed/tofieldset.go`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Faults, ListAtom, Schema, Type, child};
use crate::demo::fields::atom::Form;
use crate::demo::fields::element::{Element, Path};
use crate::demo::fields::set::FieldSet;
use crate::demo::schema::node::ListKind;

impl Schema<'_> {
    /// Every leaf field and every item that the value mentions.
    pub fn to_field_set(&self, value: &Value) -> Result<FieldSet, Faults> {
        let mut set = FieldSet::default();
        self.collect(&self.root, value, &mut Vec::new(), &mut set)?;
        Ok(set)
    }

    fn collect(&self, of: &Type, value: &Value, path: &mut Path, set: &mut FieldSet) -> Result<(), Faults> {
        match self.form(Some(of), value)? {
            Form::Scalar(_) => set.insert(path),
            Form::List(list) if list.kind == ListKind::Atomic => set.insert(path),
            Form::List(list) => {
                if let Some(items) = value.as_array() {
                    self.collect_items(&list, items, path, set)?;
                }
            }
            Form::Map(map) if map.atomic => set.insert(path),
            Form::Map(map) => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    path.push(Element::field(key));
                    self.collect(&child(&map, key)?, value, path, set)?;
                    let hollow = value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
                    if hollow || !map.has_field(key) {
                        set.insert(path);
                    }
                    path.pop();
                }
            }
        }
        Ok(())
    }

    /// An item that is there more than once is owned as a whole.
    fn collect_items(
        &self,
        list: &ListAtom,
        items: &[Value],
        path: &mut Path,
        set: &mut FieldSet,
    ) -> Result<(), Faults> {
        let mut elements = Vec::with_capacity(items.len());
        let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
        for (index, item) in items.iter().enumerate() {
            let element = self.item_element(list, item);
            let element = element.map_err(|why| Faults::one(format!("element {index}: {why}")))?;
            if !seen.insert(element.clone()) {
                twice.insert(element.clone());
            }
            elements.push(element);
        }
        for (element, item) in elements.into_iter().zip(items) {
            let whole = twice.contains(&element);
            path.push(element);
            if !whole {
                self.collect(&list.item, item, path, set)?;
            }
            set.insert(path);
            path.pop();
        }
        Ok(())
    }
}
