//! Sets of fields, as structured-merge-diff `fieldpath/set.go`, and their JSON form FieldsV1 (`fieldpath/serialize.go`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::element::{Element, Path};

/// A set of fields. That a field is a member says nothing of its parent or its children.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSet {
    /// The members right here.
    pub members: BTreeSet<Element>,
    /// The sets below; none of them is empty.
    pub children: BTreeMap<Element, FieldSet>,
}

impl FieldSet {
    /// A set of plain fields, each given by its path of names.
    pub fn of_fields(paths: &[&[&str]]) -> Self {
        let mut set = Self::default();
        for path in paths {
            set.insert(&path.iter().map(|name| Element::field(*name)).collect::<Path>());
        }
        set
    }

    /// Adds a field; its parents are not added. The object as a whole is nobody's.
    pub fn insert(&mut self, path: &[Element]) {
        match path {
            [] => {}
            [last] => {
                self.members.insert(last.clone());
            }
            [first, rest @ ..] => self.children.entry(first.clone()).or_default().insert(rest),
        }
    }

    /// Whether the field is a member.
    pub fn contains(&self, path: &[Element]) -> bool {
        match path {
            [] => false,
            [last] => self.members.contains(last),
            [first, rest @ ..] => self.children.get(first).is_some_and(|below| below.contains(rest)),
        }
    }

    /// Whether there is no member, here or below.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.children.values().all(Self::is_empty)
    }

    /// How many members there are, here and below.
    pub fn len(&self) -> usize {
        self.members.len() + self.children.values().map(Self::len).sum::<usize>()
    }

    /// Members of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.extend(other.clone());
        both
    }

    /// Takes in the members of the other.
    pub fn extend(&mut self, mut other: Self) {
        self.members.append(&mut other.members);
        for (element, below) in other.children {
            self.children.entry(element).or_default().extend(below);
        }
    }

    /// Members of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let members = self.members.intersection(&other.members).cloned().collect();
        let below = |(element, below): (&Element, &Self)| {
            Some((element.clone(), below.intersection(other.children.get(element)?))).filter(|(_, set)| !set.is_empty())
        };
        Self { members, children: self.children.iter().filter_map(below).collect() }
    }

    /// Members that the other does not have.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut left = self.clone();
        left.subtract(other);
        left
    }

    /// Lets go of the members of the other.
    pub fn subtract(&mut self, other: &Self) {
        for member in &other.members {
            self.members.remove(member);
        }
        self.below_children_of(other, Self::subtract);
    }

    /// Members that the other does not have, and that are below no member of the other.
    #[must_use]
    pub fn recursive_difference(mut self, other: &Self) -> Self {
        self.subtract_below(other);
        self
    }

    fn subtract_below(&mut self, other: &Self) {
        for member in &other.members {
            self.members.remove(member);
            self.children.remove(member);
        }
        self.below_children_of(other, Self::subtract_below);
    }

    /// Takes something out of the sets below that the other has too; none of them stays empty.
    fn below_children_of(&mut self, other: &Self, take: fn(&mut Self, &Self)) {
        for (element, theirs) in &other.children {
            if let Some(below) = self.children.get_mut(element) {
                take(below, theirs);
                if below.is_empty() {
                    self.children.remove(element);
                }
            }
        }
    }

    /// The members that have nothing below them.
    #[must_use]
    pub fn leaves(&self) -> Self {
        let members = self.members.iter().filter(|member| !self.children.contains_key(*member)).cloned().collect();
        Self {
            members,
            children: self.children.iter().map(|(element, below)| (element.clone(), below.leaves())).collect(),
        }
    }

    /// Only what lies at or below one of these paths of names.
    #[must_use]
    pub fn within(&self, prefixes: &[Vec<String>]) -> Self {
        let mut kept = Self::default();
        for prefix in prefixes {
            kept = kept.union(&self.below_prefix(prefix));
        }
        kept
    }

    fn below_prefix(&self, prefix: &[String]) -> Self {
        let Some((first, rest)) = prefix.split_first() else { return self.clone() };
        let element = Element::field(first);
        let mut kept = Self::default();
        if let Some(member) = self.members.get(&element) {
            kept.members.insert(member.clone());
        }
        if let Some(below) =
            self.children.get(&element).map(|below| below.below_prefix(rest)).filter(|set| !set.is_empty())
        {
            kept.children.insert(element, below);
        }
        kept
    }

    /// Every member's path: those here first, then those below.
    pub fn paths(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, prefix: &mut Path, paths: &mut Vec<Path>) {
        for member in &self.members {
            let mut path = prefix.clone();
            path.push(member.clone());
            paths.push(path);
        }
        for (element, below) in &self.children {
            prefix.push(element.clone());
            below.collect(prefix, paths);
            prefix.pop();
        }
    }

    /// FieldsV1: a member without children is `{}`, one with children has `.`.
    pub fn encode(&self) -> Value {
        Value::Object(self.encode_here(false))
    }

    fn encode_here(&self, is_member: bool) -> Map<String, Value> {
        let mut out = Map::new();
        if is_member && !(self.members.is_empty() && self.children.is_empty()) {
            out.insert(".".to_owned(), json!({}));
        }
        for member in &self.members {
            out.insert(member.encode(), json!({}));
        }
        for (element, below) in &self.children {
            out.insert(element.encode(), Value::Object(below.encode_here(self.members.contains(element))));
        }
        out
    }

    /// Reads FieldsV1. Steps of an unknown sort are dropped.
    pub fn decode(fields: &Value) -> Result<Self, String> {
        Ok(decode_here(fields)?.0.unwrap_or_default())
    }
}

/// The set below, if there is one, and whether the place itself is a member.
fn decode_here(fields: &Value) -> Result<(Option<FieldSet>, bool), String> {
    let map = match fields {
        Value::Null => return Ok((None, true)),
        Value::Object(map) => map,
        _ => return Err("ReadMapCB: expect { or n".to_owned()),
    };
    let mut is_member = false;
    let mut set: Option<FieldSet> = None;
    for (key, value) in map {
        if key == "." {
            is_member = true;
            continue;
        }
        let Some(element) = Element::decode(key)? else { continue };
        let (below, member) = decode_here(value)?;
        let here = set.get_or_insert_default();
        if member {
            here.members.insert(element.clone());
        }
        if let Some(below) = below {
            here.children.insert(element, below);
        }
    }
    let is_member = is_member || set.is_none();
    Ok((set, is_member))
}
