//! Laying an applied configuration over a live object, as structured-merge-diff `typed/merge.go`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::{Faults, Hollow, ListAtom, MapAtom, Schema, Type, check_scalar, child, invalid_atom, is_hollow};
use crate::demo::fields::atom::Form;
use crate::demo::fields::element::Element;
use crate::demo::schema::node::ListKind;

#[derive(Clone, Copy)]
struct Sides<'v> {
    live: Option<&'v Value>,
    config: Option<&'v Value>,
}

impl Schema<'_> {
    /// The live object with the configuration laid over it. Nothing is removed; in lists the configuration's items come
    /// in its order, and the others keep their place as well as can be.
    pub fn merge(&self, live: &Value, config: &Value) -> Result<Value, Faults> {
        let merged = self.merge_at(&self.root, Sides { live: Some(live), config: Some(config) })?;
        Ok(merged.unwrap_or_default())
    }

    fn merge_at(&self, of: &Type, sides: Sides<'_>) -> Result<Option<Value>, Faults> {
        let live = self.atom(of).deduce(sides.live);
        let config = self.atom(of).deduce(sides.config);
        if sides.config.is_none() {
            return self.merge_form(live.form(), sides);
        }
        if sides.live.is_some() && !live.is_like(&config) {
            self.merge_form(live.form(), sides)?;
        }
        self.merge_form(config.form(), sides)
    }

    fn merge_form(&self, form: Option<Form>, sides: Sides<'_>) -> Result<Option<Value>, Faults> {
        let leaf = || sides.config.or(sides.live).cloned();
        match form.ok_or_else(invalid_atom)? {
            Form::Scalar(scalar) => {
                let live = check_scalar(scalar, sides.live, "lhs: ");
                let config = check_scalar(scalar, sides.config, "rhs: ");
                if let (Err(mut live), Err(config)) = (live, config) {
                    live.0.extend(config.0);
                    return Err(live);
                }
                Ok(leaf())
            }
            Form::List(list) => {
                let hollow = is_hollow(sides.live, Hollow::List) && is_hollow(sides.config, Hollow::List);
                if list.kind == ListKind::Atomic || hollow { Ok(leaf()) } else { self.merge_items(&list, sides) }
            }
            Form::Map(map) => {
                let hollow = is_hollow(sides.live, Hollow::Map) && is_hollow(sides.config, Hollow::Map);
                if map.atomic || hollow { Ok(leaf()) } else { self.merge_entries(&map, sides) }
            }
        }
    }

    fn merge_entries(&self, map: &MapAtom, sides: Sides<'_>) -> Result<Option<Value>, Faults> {
        let live = sides.live.and_then(Value::as_object);
        let config = sides.config.and_then(Value::as_object);
        let keys: BTreeSet<&String> = live.into_iter().chain(config).flat_map(Map::keys).collect();
        let mut out = Map::new();
        let mut faults = Faults::default();
        for key in keys {
            let entry = Sides { live: live.and_then(|map| map.get(key)), config: config.and_then(|map| map.get(key)) };
            match child(map, key).and_then(|of| self.merge_at(&of, entry)) {
                Ok(Some(value)) => {
                    out.insert(key.clone(), value);
                }
                Ok(None) => {}
                Err(below) => faults.take(Err(below.below(&Element::field(key)))),
            }
        }
        faults.into_result((!out.is_empty()).then_some(Value::Object(out)))
    }

    /// The items with how they are told apart; an item of the live list that is there more than once is not merged with.
    fn index<'v>(&self, list: &ListAtom, items: Option<&'v Value>, duplicates: bool) -> Result<Index<'v>, Faults> {
        let mut faults = Faults::default();
        let mut index = Index { order: Vec::new(), items: BTreeMap::new() };
        for (at, item) in items.and_then(Value::as_array).into_iter().flatten().enumerate() {
            let element = match self.item_element(list, item) {
                Ok(element) => element,
                Err(why) => {
                    faults.take(Err(Faults::one(format!("element {at}: {why}"))));
                    continue;
                }
            };
            if !index.items.contains_key(&element) {
                index.items.insert(element.clone(), item);
            } else if duplicates {
                index.items.insert(element.clone(), &Value::Null);
            } else {
                faults.take(Err(Faults::one(format!("duplicate entries for key {element}"))));
                continue;
            }
            index.order.push((element, item));
        }
        faults.into_result(index)
    }

    fn merge_items(&self, list: &ListAtom, sides: Sides<'_>) -> Result<Option<Value>, Faults> {
        let config = self.index(list, sides.config, false)?;
        let live = self.index(list, sides.live, true)?;
        let mut out = Vec::new();
        // Upstream loses the faults of items here; so do we.
        let mut emit = |live: Option<&Value>, config: Option<&Value>| {
            out.extend(self.merge_at(&list.item, Sides { live, config }).ok().flatten());
        };
        let order = config.order.iter().map(|(element, _)| element);
        let mut shared: VecDeque<&Element> = order.filter(|element| live.items.contains_key(element)).collect();
        let mut next = shared.pop_front();
        let mut merged: BTreeSet<&Element> = BTreeSet::new();
        let (mut left, mut right) = (0, 0);
        while left < live.order.len() || right < config.order.len() {
            if let (Some((here, _)), Some((there, _))) = (live.order.get(left), config.order.get(right)) {
                if here == there {
                    merged.insert(here);
                    emit(live.items.get(here).copied(), config.items.get(here).copied());
                    (left, right) = (left + 1, right + 1);
                    next = shared.pop_front();
                    continue;
                }
                if config.items.contains_key(here) && next.is_some_and(|next| next != here) {
                    // Shared, but another one's turn.
                    left += 1;
                    continue;
                }
            }
            if let Some((here, item)) = live.order.get(left) {
                if !config.items.contains_key(here) {
                    emit(Some(item), None);
                    left += 1;
                    continue;
                } else if merged.contains(here) {
                    left += 1;
                }
            }
            if let Some((there, _)) = config.order.get(right) {
                merged.insert(there);
                emit(live.items.get(there).copied(), config.items.get(there).copied());
                right += 1;
                if next == Some(there) {
                    next = shared.pop_front();
                }
            }
        }
        Ok((!out.is_empty()).then_some(Value::Array(out)))
    }
}

struct Index<'v> {
    order: Vec<(Element, &'v Value)>,
    items: BTreeMap<Element, &'v Value>,
}
