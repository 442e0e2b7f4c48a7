//! Both versions walked side by side.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::sequence::{Op, script};
use super::{Change, Step, keys, text};

/// A difference, with its path still in steps.
pub(super) struct Found {
    pub path: Vec<Step>,
    /// Where it was, if it was renamed.
    pub from: Option<Vec<Step>>,
    pub before: Option<String>,
    pub after: Option<String>,
    pub change: Change,
}

impl Found {
    /// Every place it is about.
    pub(super) fn places(&self) -> impl Iterator<Item = &[Step]> {
        [Some(&self.path), self.from.as_ref()].into_iter().flatten().map(Vec::as_slice)
    }
}

/// All differences of two values, in the order of their paths.
pub(super) fn differences(before: &Value, after: &Value) -> Vec<Found> {
    let mut walk = Walk { path: Vec::new(), found: Vec::new() };
    walk.pair(before, after);
    walk.found
}

struct Walk {
    path: Vec<Step>,
    found: Vec<Found>,
}

impl Walk {
    fn pair(&mut self, before: &Value, after: &Value) {
        if before == after {
            return;
        }
        match (before, after) {
            (Value::Object(old), Value::Object(new)) => {
                let [old, new] = [old, new].map(|side| side.iter().map(|(key, value)| (key.as_str(), value)).collect());
                self.named(&old, &new, &[], &|key| Step::Field(key.to_owned()));
            }
            (Value::Array(old), Value::Array(new)) => {
                let list = self.path.iter().rev().find_map(Step::field).unwrap_or_default();
                match keys::keys(list, old, new) {
                    Some((fields, old_keys, new_keys)) => {
                        self.order(&old_keys, &new_keys);
                        let by = |keys| -> BTreeMap<&str, &Value> { BTreeMap::from_iter(keys) };
                        let old = by(old_keys.iter().map(String::as_str).zip(old).collect::<Vec<_>>());
                        let new = by(new_keys.iter().map(String::as_str).zip(new).collect::<Vec<_>>());
                        self.named(&old, &new, fields, &|key| Step::Item(key.to_owned()));
                    }
                    None => self.sequence(old, new),
                }
            }
            _ => {
                let (before, after) = text::both(before, after);
                self.tell(Some(before), Some(after), Change::Value);
            }
        }
    }

    /// Things with names: fields of an object, or items with keys, that consist of `fields`.
    fn named(
        &mut self,
        old: &BTreeMap<&str, &Value>,
        new: &BTreeMap<&str, &Value>,
        fields: &[&str],
        step: &dyn Fn(&str) -> Step,
    ) {
        let renamed = renamed(old, new, fields);
        let gone: BTreeSet<&str> = renamed.values().copied().collect();
        for key in old.keys().chain(new.keys()).copied().collect::<BTreeSet<&str>>() {
            self.path.push(step(key));
            if let Some(from) = renamed.get(key) {
                let (before, after) = (Some(format!("named {from}")), Some(format!("named {key}")));
                let from = [&self.path[..self.path.len() - 1], &[step(from)]].concat();
                let path = self.path.clone();
                self.found.push(Found { path, from: Some(from), before, after, change: Change::Renamed });
            } else if !gone.contains(key) {
                self.child(old.get(key).copied(), new.get(key).copied());
            }
            self.path.pop();
        }
    }

    fn child(&mut self, before: Option<&Value>, after: Option<&Value>) {
        match (before, after) {
            (Some(before), Some(after)) => self.pair(before, after),
            // A whole branch that comes or goes is told leaf by leaf, so that its values stand beside their own paths.
            (None, Some(Value::Object(branch))) | (Some(Value::Object(branch)), None) if !branch.is_empty() => {
                for (key, value) in branch {
                    self.path.push(Step::Field(key.clone()));
                    if before.is_some() {
                        self.child(Some(value), None);
                    } else {
                        self.child(None, Some(value));
                    }
                    self.path.pop();
                }
            }
            _ => self.tell(before.map(text::alone), after.map(text::alone), Change::Value),
        }
    }

    /// Tells if the items that stayed stand in another order.
    fn order(&mut self, old: &[String], new: &[String]) {
        let stayed = |side: &[String], other: &[String]| {
            let other: BTreeSet<&String> = other.iter().collect();
            side.iter().filter(|key| other.contains(key)).cloned().collect::<Vec<_>>()
        };
        let (old, new) = (stayed(old, new), stayed(new, old));
        if old != new {
            let order = |keys: Vec<String>| Some(text::alone(&Value::from(format!("order: {}", keys.join(", ")))));
            self.tell(order(old), order(new), Change::Reordered);
        }
    }

    /// Items without names.
    fn sequence(&mut self, old: &[Value], new: &[Value]) {
        let [old_texts, new_texts] = [old, new].map(|side| side.iter().map(Value::to_string).collect::<Vec<_>>());
        let ops = script(&old_texts, &new_texts);
        let mut comes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for at in ops.iter().rev().filter_map(|op| if let Op::Insert(at) = op { Some(*at) } else { None }) {
            comes.entry(new_texts.get(at).map_or("", String::as_str)).or_default().push(at);
        }
        let mut moved: BTreeMap<usize, usize> = BTreeMap::new();
        for at in ops.iter().filter_map(|op| if let Op::Remove(at) = op { Some(*at) } else { None }) {
            if let Some(to) = old_texts.get(at).and_then(|text| comes.get_mut(text.as_str())?.pop()) {
                moved.insert(at, to);
            }
        }
        let arrived: BTreeSet<usize> = moved.values().copied().collect();
        // What goes and what comes at the same place is one item with another value.
        let (mut gone, mut come): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for op in ops.iter().copied().chain([Op::Keep(0, 0)]) {
            match op {
                Op::Remove(at) if !moved.contains_key(&at) => gone.push(at),
                Op::Insert(at) if !arrived.contains(&at) => come.push(at),
                Op::Remove(_) | Op::Insert(_) => {}
                Op::Keep(..) => {
                    for place in 0..gone.len().max(come.len()) {
                        let (from, to) = (gone.get(place).copied(), come.get(place).copied());
                        self.at(to.or(from).unwrap_or_default(), |walk| {
                            walk.child(from.and_then(|at| old.get(at)), to.and_then(|at| new.get(at)));
                        });
                    }
                    gone.clear();
                    come.clear();
                }
            }
        }
        for (from, to) in moved {
            let place = |at: usize| Some(format!("item {at}"));
            self.at(to, |walk| walk.tell(place(from), place(to), Change::Moved));
        }
    }

    fn at(&mut self, number: usize, tell: impl FnOnce(&mut Self)) {
        self.path.push(Step::Item(number.to_string()));
        tell(self);
        self.path.pop();
    }

    fn tell(&mut self, before: Option<String>, after: Option<String>, change: Change) {
        self.found.push(Found { path: self.path.clone(), from: None, before, after, change });
    }
}

/// What has the same content under another name: the new names, each with its old one. `fields` are part of the name.
fn renamed<'a>(
    old: &BTreeMap<&'a str, &Value>,
    new: &BTreeMap<&'a str, &Value>,
    fields: &[&str],
) -> BTreeMap<&'a str, &'a str> {
    let mut gone: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
    for (key, value) in old.iter().rev().filter(|(key, _)| !new.contains_key(*key)) {
        if let Some(content) = content(value, fields) {
            gone.entry(content).or_default().push(key);
        }
    }
    let come = new.iter().filter(|(key, _)| !old.contains_key(*key));
    come.filter_map(|(key, value)| Some((*key, gone.get_mut(&content(value, fields)?)?.pop()?))).collect()
}

/// What something is apart from its name, if that is enough to know it again.
fn content(value: &Value, fields: &[&str]) -> Option<String> {
    match value {
        Value::Object(map) => {
            let rest: BTreeMap<_, _> = map.iter().filter(|(key, _)| !fields.contains(&key.as_str())).collect();
            if rest.is_empty() { None } else { serde_json::to_string(&rest).ok() }
        }
        Value::Array(items) if items.is_empty() => None,
        Value::String(text) if text.len() < 12 => None,
        Value::String(_) | Value::Array(_) => Some(value.to_string()),
        _ => None,
    }
}
