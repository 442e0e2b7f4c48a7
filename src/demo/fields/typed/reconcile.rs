//! Bringing a set of fields in line with a schema that has become atomic, as structured-merge-diff
//! `typed/reconcile_schema.go`.

use super::{Schema, Type};
use crate::demo::fields::atom::{Form, ListAtom, MapAtom};
use crate::demo::fields::element::{Element, Path};
use crate::demo::fields::set::FieldSet;
use crate::demo::schema::node::ListKind;

impl Schema<'_> {
    /// The set with whatever lies below an atomic field replaced by that field.
    #[must_use]
    pub fn reconcile(&self, set: &FieldSet) -> FieldSet {
        let mut whole = FieldSet::default();
        self.find_atomic(&self.root, Some(set), false, &mut Vec::new(), &mut whole);
        if whole.is_empty() { set.clone() } else { set.recursive_difference(&whole).union(&whole) }
    }

    fn find_atomic(&self, of: &Type, set: Option<&FieldSet>, is_leaf: bool, path: &mut Path, whole: &mut FieldSet) {
        match self.atom(of).form() {
            Some(Form::List(list)) => self.find_in_list(&list, set, is_leaf, path, whole),
            Some(Form::Map(map)) => self.find_in_map(&map, set, is_leaf, path, whole),
            Some(Form::Scalar(_)) | None => {}
        }
    }

    fn find_in_list(
        &self,
        list: &ListAtom,
        set: Option<&FieldSet>,
        is_leaf: bool,
        path: &mut Path,
        whole: &mut FieldSet,
    ) {
        if !is_leaf && list.kind == ListKind::Atomic {
            whole.insert(path);
            return;
        }
        self.descend(set, path, whole, |_| Some(list.item.clone()));
    }

    fn find_in_map(&self, map: &MapAtom, set: Option<&FieldSet>, is_leaf: bool, path: &mut Path, whole: &mut FieldSet) {
        if map.is_deduced(self.definitions) {
            return;
        }
        if !is_leaf && map.atomic {
            if set.is_some_and(|set| !set.is_empty()) {
                whole.insert(path);
            }
            return;
        }
        self.descend(set, path, whole, |element| match element {
            Element::Field(name) => map.child(name),
            _ => map.element().cloned(),
        });
    }

    fn descend(
        &self,
        set: Option<&FieldSet>,
        path: &mut Path,
        whole: &mut FieldSet,
        of: impl Fn(&Element) -> Option<Type>,
    ) {
        let Some(set) = set else { return };
        let only_children = set.children.keys().filter(|element| !set.members.contains(*element));
        for element in only_children.chain(&set.members) {
            let Some(of) = of(element) else { continue };
            let below = set.children.get(element);
            let is_leaf = below.is_none() && set.members.contains(element);
            path.push(element.clone());
            self.find_atomic(&of, below, is_leaf, path, whole);
            path.pop();
        }
    }
}
