//! Who may do it?

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::world::binding::Subject;
use crate::world::name::Name;

use super::asking::Asking;
use super::holders::Holders;
use super::index::one;
use super::person::MASTERS;
use super::question::{Question, Where};
use super::{Blind, Rights, Unsure};

/// All who may do it.
#[derive(Debug, PartialEq, Eq)]
pub struct Who<'a> {
    /// Each subject once, in order; the group that bypasses RBAC is not among them.
    pub holders: Holders<'a>,
    /// In how many namespaces it was looked for; 0 for what is asked of the whole cluster.
    pub of: usize,
    /// Those who may or may not: their bindings' roles cannot be read.
    pub unsure: Vec<Unsure>,
    /// What else could not be looked at.
    pub blind: Vec<Blind>,
    /// What RBAC allows and Capsule narrows, in words.
    pub narrowed: Option<&'static str>,
}

impl Who<'_> {
    /// What holds besides all that is in bindings.
    pub fn bypass() -> String {
        format!("members of {MASTERS} may do everything, whatever bindings say")
    }
}

impl Rights<'_> {
    /// Who may do it? Subjects as bindings name them: who is in a group only the one knows who hands out its memberships.
    pub fn who(&self, question: &Question) -> Who<'_> {
        let namespaces = question.place.namespaces(self.world);
        let asking = Asking::new(self, question, &namespaces);
        let (holders, mut unsure) = if question.place == Where::Everywhere && self.changed.is_empty() {
            self.of_all(asking)
        } else {
            self.of_some(asking, &question.place, &namespaces)
        };
        unsure.sort();
        unsure.dedup();
        Who { holders, of: namespaces.len(), unsure, blind: self.blind(&question.place), narrowed: question.narrowed() }
    }

    /// Asks all bindings that there are. Who is named by which stands in order already.
    fn of_all<'a>(&'a self, mut asking: Asking<'a, '_>) -> (Holders<'a>, Vec<Unsure>) {
        let (world, index) = (self.world, &self.world.bound);
        // Where each stands among those that allow it, by its number in the index.
        let mut places: Vec<Option<u32>> = vec![None; index.len()];
        for (binding, number) in index.numbered(world.cluster_bindings.iter().chain(world.bindings.iter())) {
            let place = asking.found.len() as u32;
            if asking.ask(binding)
                && let Some(place_of) = number.and_then(|number| places.get_mut(number as usize))
            {
                *place_of = Some(place);
            }
        }
        let mut holders = Holders::new(asking.found);
        for (subject, numbers) in index.entries().filter(|(subject, _)| is_somebody(subject)) {
            let here = numbers.iter().filter_map(|number| places.get(*number as usize).copied().flatten());
            holders.push(Cow::Borrowed(subject), here);
        }
        (holders, asking.unsure)
    }

    /// Asks the bindings of a place, or those of a world that is thought up.
    fn of_some<'a>(
        &'a self,
        mut asking: Asking<'a, '_>,
        place: &Where,
        namespaces: &[Name],
    ) -> (Holders<'a>, Vec<Unsure>) {
        let mut ask = |binding| {
            asking.ask(binding);
        };
        self.cluster_bindings().for_each(&mut ask);
        match place {
            Where::Cluster => {}
            Where::Everywhere => {
                let thought = self.changed.values().flatten().filter(|binding| binding.namespace.is_some());
                self.world.bindings.iter().filter(|binding| self.is_real(binding)).chain(thought).for_each(ask);
            }
            Where::Namespace(_) | Where::Tenant(_) => {
                namespaces.iter().flat_map(|namespace| self.bindings_in(namespace)).for_each(ask);
            }
        }
        let mut holders = Holders::new(asking.found);
        let mut by_subject: BTreeMap<Cow<'_, Subject>, Vec<u32>> = BTreeMap::new();
        for (place, binding) in (0_u32..).zip(holders.bindings()) {
            for subject in binding.subjects.iter().filter(|subject| is_somebody(subject)) {
                let places = by_subject.entry(one(subject)).or_default();
                // A binding may name somebody twice.
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        for (subject, places) in by_subject {
            holders.push(subject, places.into_iter());
        }
        (holders, asking.unsure)
    }
}

/// RBAC knows no other kinds of subjects: nobody is bound by them.
const fn is_somebody(subject: &Subject) -> bool {
    !matches!(subject, Subject::Other { .. })
}
