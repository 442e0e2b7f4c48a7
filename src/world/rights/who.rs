//! Who may do it?

use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::sync::Arc;

use crate::world::binding::{Binding, Subject};
use crate::world::grant::Reach;
use crate::world::name::Name;
use crate::world::role::Role;

use super::chain::{Chain, Link};
use super::index::one;
use super::person::MASTERS;
use super::question::{Object, Question, Where};
use super::{Blind, Rights, RoleIs, Unsure, unsure_of};

/// All who may do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Each subject once, in order; the group that bypasses RBAC is not among them.
    pub holders: Vec<Holder>,
    /// In how many namespaces it was looked for; 0 for what is asked of the whole cluster.
    pub of: usize,
    /// Those who may or may not: their bindings' roles cannot be read.
    pub unsure: Vec<Unsure>,
    /// What else could not be looked at.
    pub blind: Vec<Blind>,
    /// What RBAC allows and Capsule narrows, in words.
    pub narrowed: Option<&'static str>,
}

/// Somebody who may do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub subject: Subject,
    ways: Arc<Ways>,
}

/// Where somebody may do it, and why: the same for all whom one binding names, who may be many.
#[derive(Debug, PartialEq, Eq)]
pub struct Ways {
    /// Where.
    pub reach: Reach,
    /// Why: each binding that allows it, with its rule.
    pub chains: Vec<Chain>,
}

impl Deref for Holder {
    type Target = Ways;
    fn deref(&self) -> &Ways {
        &self.ways
    }
}

impl Ways {
    /// All of these together.
    fn of<'a>(mut all: impl Iterator<Item = &'a Arc<Self>> + Clone) -> Option<Arc<Self>> {
        let (first, others) = (all.next()?, all);
        if others.clone().next().is_none() {
            return Some(Arc::clone(first));
        }
        let all = || std::iter::once(first).chain(others.clone());
        let mut names: Vec<Name> = Vec::new();
        let mut is_everywhere = false;
        for ways in all() {
            match &ways.reach {
                Reach::Cluster => is_everywhere = true,
                Reach::Namespaces(more) => names.extend(more.iter().cloned()),
            }
        }
        names.sort();
        names.dedup();
        let reach = if is_everywhere { Reach::Cluster } else { Reach::Namespaces(names) };
        Some(Arc::new(Self { reach, chains: all().flat_map(|ways| &ways.chains).cloned().collect() }))
    }
}

impl Who {
    /// What holds besides all that is in bindings.
    pub fn bypass() -> String {
        format!("members of {MASTERS} may do everything, whatever bindings say")
    }
}

/// What the role of a binding says to the question.
#[derive(Clone)]
enum Says<'a> {
    Yes(&'a Role, usize),
    No,
    Unread,
}

impl Rights<'_> {
    /// Who may do it? Subjects as bindings name them: who is in a group only the one knows who hands out its memberships.
    pub fn who(&self, question: &Question) -> Who {
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
                asking.ask(binding, namespaces.iter().map(Some));
            } else {
                asking.ask(binding, [None]);
            }
        }
        match &question.place {
            Where::Cluster => {}
            Where::Everywhere => {
                let thought = self.changed.values().flatten().filter(|binding| binding.namespace.is_some());
                for binding in self.world.bindings.iter().filter(|binding| self.is_real(binding)).chain(thought) {
                    let Some(namespace) = &binding.namespace else { continue };
                    asking.ask(binding, [Some(namespace)]);
                }
            }
            Where::Namespace(_) | Where::Tenant(_) => {
                for namespace in &namespaces {
                    for binding in self.bindings_in(namespace) {
                        asking.ask(binding, [Some(namespace)]);
                    }
                }
            }
        }
        let Asking { found, mut unsure, .. } = asking;
        let holders = if question.place == Where::Everywhere && self.changed.is_empty() {
            self.holders_of_all(&found)
        } else {
            holders_of(&found)
        };
        unsure.sort();
        unsure.dedup();
        Who { holders, of: namespaces.len(), unsure, blind: self.blind(&question.place), narrowed: question.narrowed() }
    }
}

/// Whom these bindings name, in order.
fn holders_of(found: &[(&Binding, Arc<Ways>)]) -> Vec<Holder> {
    let mut by_subject: BTreeMap<Subject, Vec<&Arc<Ways>>> = BTreeMap::new();
    for (binding, ways) in found {
        for subject in binding.subjects.iter().filter(|subject| is_somebody(subject)) {
            by_subject.entry(one(subject)).or_default().push(ways);
        }
    }
    let holder = |(subject, ways): (Subject, Vec<&Arc<Ways>>)| {
        let mut ways = ways;
        // A binding may name somebody twice.
        ways.dedup_by(|one, other| Arc::ptr_eq(one, other));
        Ways::of(ways.into_iter()).map(|ways| Holder { subject, ways })
    };
    by_subject.into_iter().filter_map(holder).collect()
}

/// RBAC knows no other kinds of subjects: nobody is bound by them.
const fn is_somebody(subject: &Subject) -> bool {
    !matches!(subject, Subject::Other { .. })
}

impl Rights<'_> {
    /// The same where all bindings were asked: who is named by which stands in order already.
    fn holders_of_all(&self, found: &[(&Binding, Arc<Ways>)]) -> Vec<Holder> {
        let index = &self.world.bound;
        let places = index.places(found.iter().map(|(binding, _)| *binding));
        let mut holders = Vec::new();
        let mut here: Vec<u32> = Vec::new();
        for (subject, numbers) in index.entries().filter(|(subject, _)| is_somebody(subject)) {
            here.clear();
            here.extend(numbers.iter().filter_map(|number| places.get(*number as usize).copied().flatten()));
            // As they were asked.
            here.sort_unstable();
            let ways = here.iter().filter_map(|place| found.get(*place as usize)).map(|(_, ways)| ways);
            holders.extend(Ways::of(ways).map(|ways| Holder { subject: subject.clone(), ways }));
        }
        holders
    }
}

struct Asking<'a> {
    rights: &'a Rights<'a>,
    question: &'a Question,
    /// What roles say; `None` where that depends on the namespace.
    by_role: Option<HashMap<(Option<&'a str>, &'a str), Says<'a>>>,
    /// The bindings that allow it.
    found: Vec<(&'a Binding, Arc<Ways>)>,
    unsure: Vec<Unsure>,
}

impl<'a> Asking<'a> {
    /// Asks a binding in these namespaces; `None`: in the whole cluster.
    fn ask(&mut self, binding: &'a Binding, places: impl IntoIterator<Item = Option<&'a Name>>) {
        let mut found: Option<(Ways, usize)> = None;
        let mut is_unread = false;
        for place in places {
            match self.says(binding, place.map_or("", AsRef::as_ref)) {
                Says::No => {}
                Says::Unread => is_unread = true,
                Says::Yes(role, rule) => {
                    let chain = || Chain::of(None, Link::new(binding, role, rule));
                    let begin = || {
                        let reach = place.map_or(Reach::Cluster, |_| Reach::Namespaces(Vec::new()));
                        (Ways { reach, chains: vec![chain()] }, rule)
                    };
                    let (ways, last) = found.get_or_insert_with(begin);
                    if *last != rule {
                        ways.chains.push(chain());
                        *last = rule;
                    }
                    if let (Reach::Namespaces(names), Some(place)) = (&mut ways.reach, place) {
                        names.push(Name::clone(place));
                    }
                }
            }
        }
        if is_unread {
            self.unsure.extend(binding.subjects.iter().map(|subject| unsure_of(subject, binding)));
        }
        self.found.extend(found.map(|(ways, _)| (binding, Arc::new(ways))));
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
        by_role.entry(key).or_insert_with(look).clone()
    }
}
