//! What is different between two values, as structured-merge-diff `typed/compare.go`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Faults, Hollow, ListAtom, MapAtom, Schema, Type, check_scalar, child, invalid_atom, is_hollow};
use crate::demo::fields::atom::Form;
use crate::demo::fields::element::{Element, Path};
use crate::demo::fields::order;
use crate::demo::fields::set::FieldSet;
use crate::demo::schema::node::ListKind;

/// The fields that differ. No field is in more than one of the sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Only on the left.
    pub removed: FieldSet,
    /// On both sides, and different.
    pub modified: FieldSet,
    /// Only on the right.
    pub added: FieldSet,
}

impl Comparison {
    /// Leaves only the fields that the filter keeps.
    #[must_use]
    pub fn filter(self, keep: impl Fn(FieldSet) -> FieldSet) -> Self {
        Self { removed: keep(self.removed), modified: keep(self.modified), added: keep(self.added) }
    }
}

/// The two sides at one place; at least one is there.
#[derive(Clone, Copy)]
struct Sides<'v> {
    left: Option<&'v Value>,
    right: Option<&'v Value>,
}

impl Sides<'_> {
    /// Most of an object stays as it is: both sides were validated, and nothing in there can differ.
    fn are_same(self) -> bool {
        self.left.is_some() && self.left == self.right
    }
}

impl Schema<'_> {
    /// Compares two values.
    pub fn compare(&self, left: &Value, right: &Value) -> Result<Comparison, Faults> {
        let mut walk = Walk { schema: self, path: Vec::new(), out: Comparison::default() };
        walk.place(&self.root, Sides { left: Some(left), right: Some(right) })?;
        Ok(walk.out)
    }
}

struct Walk<'s, 'd> {
    schema: &'s Schema<'d>,
    path: Path,
    out: Comparison,
}

impl Walk<'_, '_> {
    fn place(&mut self, of: &Type, sides: Sides<'_>) -> Result<(), Faults> {
        let left = self.schema.atom(of).deduce(sides.left);
        let right = self.schema.atom(of).deduce(sides.right);
        let was_leaf = if sides.right.is_none() {
            self.form(left.form(), sides)?
        } else if sides.left.is_none() || left.is_like(&right) {
            self.form(right.form(), sides)?
        } else {
            // What the value is has changed: both views of it count.
            let both = [self.form(left.form(), sides), self.form(right.form(), sides)];
            let mut faults = Faults::default();
            for view in both {
                faults.take(view.map(drop));
            }
            return faults.into_result(());
        };
        if !was_leaf {
            match sides {
                Sides { left: None, .. } => self.out.added.insert(&self.path),
                Sides { right: None, .. } => self.out.removed.insert(&self.path),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether it was a leaf.
    fn form(&mut self, form: Option<Form>, sides: Sides<'_>) -> Result<bool, Faults> {
        match form.ok_or_else(invalid_atom)? {
            Form::Scalar(scalar) => {
                let left = check_scalar(scalar, sides.left, "lhs: ");
                let right = check_scalar(scalar, sides.right, "rhs: ");
                if let (Err(mut left), Err(right)) = (left, right) {
                    left.0.extend(right.0);
                    return Err(left);
                }
                self.leaf(sides);
                Ok(true)
            }
            Form::List(list) => {
                let hollow = is_hollow(sides.left, Hollow::List) && is_hollow(sides.right, Hollow::List);
                if list.kind == ListKind::Atomic || hollow {
                    self.leaf(sides);
                    return Ok(true);
                }
                self.items(&list, sides)?;
                Ok(false)
            }
            Form::Map(map) => {
                let hollow = is_hollow(sides.left, Hollow::Map) && is_hollow(sides.right, Hollow::Map);
                if map.atomic || hollow {
                    self.leaf(sides);
                    return Ok(true);
                }
                self.entries(&map, sides)?;
                Ok(false)
            }
        }
    }

    fn leaf(&mut self, sides: Sides<'_>) {
        match (sides.left, sides.right) {
            (None, _) => self.out.added.insert(&self.path),
            (_, None) => self.out.removed.insert(&self.path),
            (Some(left), Some(right)) if !order::equal(left, right) => self.out.modified.insert(&self.path),
            _ => {}
        }
    }

    fn entries(&mut self, map: &MapAtom, sides: Sides<'_>) -> Result<(), Faults> {
        let left = sides.left.and_then(Value::as_object);
        let right = sides.right.and_then(Value::as_object);
        let entry =
            |key: &String| Sides { left: left.and_then(|map| map.get(key)), right: right.and_then(|map| map.get(key)) };
        let keys = left.into_iter().chain(right).flat_map(serde_json::Map::keys);
        let keys: BTreeSet<&String> = keys.filter(|key| !entry(key).are_same()).collect();
        let mut faults = Faults::default();
        for key in keys {
            let entry = entry(key);
            faults.take(self.below(Element::field(key), &child(map, key)?, entry));
        }
        faults.into_result(())
    }

    fn below(&mut self, element: Element, of: &Type, sides: Sides<'_>) -> Result<(), Faults> {
        self.path.push(element);
        let result = self.place(of, sides);
        let element = self.path.pop();
        match element {
            Some(element) => result.map_err(|faults| faults.below(&element)),
            None => result,
        }
    }

    fn by_element<'v>(
        &self,
        list: &ListAtom,
        items: Option<&'v Value>,
    ) -> Result<BTreeMap<Element, Vec<&'v Value>>, Faults> {
        let mut faults = Faults::default();
        let mut found: BTreeMap<Element, Vec<&Value>> = BTreeMap::new();
        for (index, item) in items.and_then(Value::as_array).into_iter().flatten().enumerate() {
            match self.schema.item_element(list, item) {
                Ok(element) => found.entry(element).or_default().push(item),
                Err(why) => faults.take(Err(Faults::one(format!("element {index}: {why}")))),
            }
        }
        faults.into_result(found)
    }

    fn path_to(&self, element: &Element) -> Path {
        self.path.iter().chain([element]).cloned().collect()
    }

    /// Items that are there more than once on a side are compared whole.
    fn items(&mut self, list: &ListAtom, sides: Sides<'_>) -> Result<(), Faults> {
        let left = self.by_element(list, sides.left)?;
        let right = self.by_element(list, sides.right)?;
        let elements: BTreeSet<&Element> = left.keys().chain(right.keys()).collect();
        let mut faults = Faults::default();
        for element in elements {
            let here = left.get(element).map_or(&[][..], Vec::as_slice);
            let there = right.get(element).map_or(&[][..], Vec::as_slice);
            let sides = Sides { left: here.first().copied(), right: there.first().copied() };
            match (here.len() > 1, there.len() > 1) {
                (false, false) if sides.are_same() => {}
                (false, false) => faults.take(self.below(element.clone(), &list.item, sides)),
                (true, true) => {
                    let same = here.len() == there.len() && here.iter().zip(there).all(|(l, r)| order::equal(l, r));
                    if !same {
                        self.out.modified.insert(&self.path_to(element));
                    }
                }
                (true, false) => {
                    if sides.right.is_some() {
                        faults.take(self.below(element.clone(), &list.item, Sides { left: None, ..sides }));
                    }
                    self.out.removed.insert(&self.path_to(element));
                }
                (false, true) => {
                    if sides.left.is_some() {
                        faults.take(self.below(element.clone(), &list.item, Sides { right: None, ..sides }));
                    }
                    self.out.added.insert(&self.path_to(element));
                }
            }
        }
        faults.into_result(())
    }
}
