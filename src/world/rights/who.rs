//! Who may do it?

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::world::binding::{Binding, Subject};
use crate::world::name::Name;
use crate::world::role::Role;

use super::holders::{Found, Holders};
use super::index::one;
use super::person::MASTERS;
use super::question::{Object, Question, Where};
use super::{Blind, Rights, RoleIs, Unsure, unsure_of};

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

/// What the role of a binding says to the question.
#[derive(Clone, Copy)]
enum Says<'a> {
    Yes(&'a Role, usize),
    No,
    Unread,
}

impl Rights<'_> {
    /// Who may do it? Subjects as bindings name them: who is in a group only the one knows who hands out its memberships.
    pub fn who(&self, question: &Question) -> Who<'_> {
        let namespaces = question.place.namespaces(self.world);
        let unnamed = question.is_about_namespaces()
            && matches!(&question.object, Object::Resource { name, .. } if name.is_empty());
        let mut asking = Asking {
            rights: self,
            question,
            by_role: (!unnamed).then(HashMap::new),
            found: Vec::new(),
            unsure: Vec::new(),
        };
        for binding in self.cluster_bindings() {
            if unnamed && question.place != Where::Cluster {
                asking.ask_within(binding, &namespaces);
            } else {
                asking.ask(binding);
            }
        }
        match &question.place {
            Where::Cluster => {}
            Where::Everywhere => {
                let thought = self.changed.values().flatten().filter(|binding| binding.namespace.is_some());
                for binding in self.world.bindings.iter().filter(|binding| self.is_real(binding)).chain(thought) {
                    asking.ask(binding);
                }
            }
            Where::Namespace(_) | Where::Tenant(_) => {
                for namespace in &namespaces {
                    for binding in self.bindings_in(namespace) {
                        asking.ask(binding);
                    }
                }
            }
        }
        let Asking { found, mut unsure, .. } = asking;
        let mut holders = Holders::new(found);
        if question.place == Where::Everywhere && self.changed.is_empty() {
            self.name_all(&mut holders);
        } else {
            name(&mut holders);
        }
        unsure.sort();
        unsure.dedup();
        Who { holders, of: namespaces.len(), unsure, blind: self.blind(&question.place), narrowed: question.narrowed() }
    }

    /// Names those whom the bindings name, where all bindings were asked: who is named by which stands in order already.
    fn name_all<'a>(&'a self, holders: &mut Holders<'a>) {
        let places = self.places(holders);
        for (subject, numbers) in self.world.bound.entries().filter(|(subject, _)| is_somebody(subject)) {
            let here = numbers.iter().filter_map(|number| places.get(*number as usize).copied().flatten());
            holders.push(Cow::Borrowed(subject), here);
        }
    }

    /// Where each binding stands among those that allow it, by its number in the index.
    fn places(&self, holders: &Holders<'_>) -> Vec<Option<u32>> {
        let (world, index) = (self.world, &self.world.bound);
        let mut places = vec![None; index.len()];
        let mut found = (0_u32..).zip(holders.bindings()).peekable();
        for (binding, number) in index.numbered(world.cluster_bindings.iter().chain(world.bindings.iter())) {
            let place = found.next_if(|(_, next)| std::ptr::eq(*next, binding));
            if let Some(place_of) = number.and_then(|number| places.get_mut(number as usize)) {
                *place_of = place.map(|(place, _)| place);
            }
        }
        places
    }
}

/// Names those whom the bindings name.
fn name(holders: &mut Holders<'_>) {
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
}

/// RBAC knows no other kinds of subjects: nobody is bound by them.
const fn is_somebody(subject: &Subject) -> bool {
    !matches!(subject, Subject::Other { .. })
}

struct Asking<'a, 'q> {
    rights: &'a Rights<'a>,
    question: &'q Question,
    /// What roles say; `None` where that depends on the namespace.
    by_role: Option<HashMap<(Option<&'a str>, &'a str), Says<'a>>>,
    /// The bindings that allow it.
    found: Vec<Found<'a>>,
    unsure: Vec<Unsure>,
}

impl<'a> Asking<'a, '_> {
    /// Asks a binding where it holds.
    fn ask(&mut self, binding: &'a Binding) {
        match self.says(binding, binding.namespace.as_deref().unwrap_or_default()) {
            Says::No => {}
            Says::Unread => self.doubt(binding),
            Says::Yes(role, rule) => self.found.push(Found::new(binding, role, rule)),
        }
    }

    /// Asks a binding of the whole cluster in each of these namespaces.
    fn ask_within(&mut self, binding: &'a Binding, namespaces: &[Name]) {
        let (mut role, mut places) = (None, Vec::new());
        for namespace in namespaces {
            match self.says(binding, namespace) {
                Says::No => {}
                // It is so in all of them.
                Says::Unread => return self.doubt(binding),
                Says::Yes(yes, rule) => {
                    role = Some(yes);
                    places.push((Name::clone(namespace), rule));
                }
            }
        }
        self.found.extend(role.and_then(|role| Found::within(binding, role, places)));
    }

    fn doubt(&mut self, binding: &Binding) {
        self.unsure.extend(binding.subjects.iter().map(|subject| unsure_of(subject, binding)));
    }

    fn says(&mut self, binding: &'a Binding, namespace: &str) -> Says<'a> {
        let world = self.rights.world;
        let look = || match world.role_of(binding) {
            RoleIs::Known(role) => {
                let asked = self.question.attributes(namespace);
                role.rules.iter().position(|rule| rule.allows(&asked)).map_or(Says::No, |rule| Says::Yes(role, rule))
            }
            RoleIs::Missing => Says::No,
            RoleIs::Unread => Says::Unread,
        };
        let Some(by_role) = &mut self.by_role else { return look() };
        let key = (binding.namespace.as_deref().filter(|_| !binding.role.cluster), &*binding.role.name);
        *by_role.entry(key).or_insert_with(look)
    }
}
