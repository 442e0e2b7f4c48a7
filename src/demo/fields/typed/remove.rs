//! Taking fields out of a value, as structured-merge-diff `typed/remove.go`.

use serde_json::{Map, Value};

use super::{Schema, Type};
use crate::demo::fields::atom::Form;
use crate::demo::fields::element::Element;
use crate::demo::fields::set::FieldSet;
use crate::demo::schema::node::ListKind;

impl Schema<'_> {
    /// The value without the fields and items of the set. What is left of an emptied map or list is null.
    #[must_use]
    pub fn remove(&self, value: &Value, set: &FieldSet) -> Value {
        self.walk(Some(&self.root), value, set, false)
    }

    /// Only the fields and items of the set.
    #[must_use]
    pub fn extract(&self, value: &Value, set: &FieldSet) -> Value {
        self.walk(Some(&self.root), value, set, true)
    }

    fn walk(&self, of: Option<&Type>, value: &Value, set: &FieldSet, extract: bool) -> Value {
        let whole = || if extract { value.clone() } else { Value::Null };
        match (self.form(of, value), value) {
            (Ok(Form::Scalar(_)), _) => value.clone(),
            (Ok(Form::List(list)), Value::Array(items)) => {
                if items.is_empty() || list.kind == ListKind::Atomic {
                    return whole();
                }
                let mut kept = Vec::new();
                for item in items {
                    let element = self.item_element(&list, item).ok();
                    let is_member = element.as_ref().is_some_and(|element| set.members.contains(element));
                    let below = element.as_ref().and_then(|element| set.children.get(element));
                    let below = below.filter(|below| !below.is_empty());
                    if (is_member && !extract) || (extract && !is_member && below.is_none()) {
                        continue;
                    }
                    match below {
                        Some(below) => kept.push(self.walk(Some(&list.item), item, below, extract)),
                        None => kept.push(item.clone()),
                    }
                }
                if kept.is_empty() { Value::Null } else { Value::Array(kept) }
            }
            (Ok(Form::Map(map)), Value::Object(entries)) => {
                if entries.is_empty() || map.atomic {
                    return whole();
                }
                let mut kept = Map::new();
                for (key, value) in entries {
                    let element = Element::field(key);
                    let of = map.child(key);
                    if set.members.contains(&element) {
                        if extract {
                            // As upstream: what is below an extracted field is looked up in the set from here.
                            kept.insert(key.clone(), self.walk(of.as_ref(), value, set, extract));
                        }
                        continue;
                    }
                    match set.children.get(&element).filter(|below| !below.is_empty()) {
                        Some(below) => {
                            kept.insert(key.clone(), self.walk(of.as_ref(), value, below, extract));
                        }
                        None if extract => {}
                        None => {
                            kept.insert(key.clone(), value.clone());
                        }
                    }
                }
                if kept.is_empty() { Value::Null } else { Value::Object(kept) }
            }
            _ => Value::Null,
        }
    }
}
