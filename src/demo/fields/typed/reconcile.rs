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
    pub fn reconcile(&self, set: FieldSet) -> FieldSet {
        let mut whole = FieldSet::default();
        self.find_atomic(&self.root, &set, &mut Vec::new(), &mut whole);
        if whole.is_empty() { set } else { set.recursive_difference(&whole).union(&whole) }
    }

    /// Finds what is atomic and has fields of the set below it. A field with nothing below it is as it should be.
    fn find_atomic<'s>(&self, of: &Type, set: &'s FieldSet, path: &mut Vec<&'s Element>, whole: &mut FieldSet) {
        if set.is_empty() {
            return;
        }
        match self.atom(of).form() {
            Some(Form::Map(map)) if map.is_deduced(self.definitions) => {}
            Some(Form::List(ListAtom { kind: ListKind::Atomic, .. }) | Form::Map(MapAtom { atomic: true, .. })) => {
                whole.insert(&path.iter().copied().cloned().collect::<Path>());
            }
            Some(Form::Map(map)) => self.descend(set, path, whole, |element| match element {
                Element::Field(name) => map.child(name),
                _ => map.element().cloned(),
            }),
            Some(Form::List(list)) => self.descend(set, path, whole, |_| Some(list.item.clone())),
            Some(Form::Scalar(_)) | None => {}
        }
    }

    fn descend<'s>(
        &self,
        set: &'s FieldSet,
        path: &mut Vec<&'s Element>,
        whole: &mut FieldSet,
        of: impl Fn(&Element) -> Option<Type>,
    ) {
        for (element, below) in &set.children {
            let Some(of) = of(element) else { continue };
            path.push(element);
            self.find_atomic(&of, below, path, whole);
            path.pop();
        }
    }
}
