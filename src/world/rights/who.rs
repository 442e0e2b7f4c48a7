//! Who may do it?

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::world::binding::{Binding, Key, Subject};
use crate::world::grant::Reach;
use crate::world::name::Name;
use crate::world::role::Role;

use super::chain::{Chain, Link};
use super::index::one;
use super::person::{MASTERS, account};
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
    /// Where.
    pub reach: Reach,
    /// Why: each binding that allows it, with its rule.
    pub chains: Vec<Chain>,
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

/// What is found of somebody in one binding.
struct Found<'a> {
    order: (u8, u128),
    subject: Cow<'a, Subject>,
    /// The namespace; `None`: the whole cluster.
    place: Option<&'a Name>,
    chain: Chain,
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
                for namespace in &namespaces {
                    asking.ask(binding, namespace, Some(namespace));
                }
            } else {
                asking.ask(binding, "", None);
            }
        }
        match &question.place {
            Where::Cluster => {}
            Where::Everywhere => {
                let thought = self.changed.values().flatten().filter(|binding| binding.namespace.is_some());
                for binding in self.world.bindings.iter().filter(|binding| self.is_real(binding)).chain(thought) {
                    let Some(namespace) = &binding.namespace else { continue };
                    asking.ask(binding, namespace, Some(namespace));
                }
            }
            Where::Namespace(_) | Where::Tenant(_) => {
                for namespace in &namespaces {
                    for binding in self.bindings_in(namespace) {
                        asking.ask(binding, namespace, Some(namespace));
                    }
                }
            }
        }
        let Asking { mut found, mut unsure, .. } = asking;
        found.sort_by(|one, other| one.order.cmp(&other.order).then_with(|| one.subject.cmp(&other.subject)));
        let mut holders: Vec<Holder> = Vec::new();
        for Found { subject, place, chain, .. } in found {
            match holders.last_mut().filter(|holder| holder.subject == *subject) {
                Some(holder) => holder.add(place, chain),
                None => holders.push(Holder {
                    subject: subject.into_owned(),
                    reach: place.map_or(Reach::Cluster, |place| Reach::Namespaces(vec![Name::clone(place)])),
                    chains: vec![chain],
                }),
            }
        }
        for holder in &mut holders {
            if let Reach::Namespaces(names) = &mut holder.reach {
                names.sort();
                names.dedup();
            }
        }
        unsure.sort();
        unsure.dedup();
        Who { holders, of: namespaces.len(), unsure, blind: self.blind(&question.place), narrowed: question.narrowed() }
    }
}

impl Holder {
    fn add(&mut self, place: Option<&Name>, chain: Chain) {
        match (&mut self.reach, place) {
            (reach, None) => *reach = Reach::Cluster,
            (Reach::Namespaces(names), Some(place)) => names.push(Name::clone(place)),
            (Reach::Cluster, Some(_)) => {}
        }
        if self.chains.last() != Some(&chain) {
            self.chains.push(chain);
        }
    }
}

/// The beginning of a subject, in the order of subjects: what tells most of them apart without a look at their names.
fn order(subject: &Subject) -> (u8, u128) {
    let (kind, parts): (u8, [&str; 2]) = match subject {
        Subject::User(name) => (0, [name, ""]),
        Subject::Group(name) => (1, [name, ""]),
        Subject::ServiceAccount { namespace, name } => (2, [namespace, name]),
        Subject::Other { kind, name } => (3, [kind, name]),
    };
    let [first, second] = parts.map(str::as_bytes);
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().zip(first.iter().chain(&[0]).chain(second)) {
        *place = *byte;
    }
    (kind, u128::from_be_bytes(bytes))
}

struct Asking<'a> {
    rights: &'a Rights<'a>,
    question: &'a Question,
    /// What roles say; `None` where that depends on the namespace.
    by_role: Option<HashMap<Key, Says<'a>>>,
    found: Vec<Found<'a>>,
    unsure: Vec<Unsure>,
}

impl<'a> Asking<'a> {
    /// Asks a binding, in a namespace.
    fn ask(&mut self, binding: &'a Binding, namespace: &str, place: Option<&'a Name>) {
        match self.says(binding, namespace) {
            Says::No => {}
            Says::Unread => self.unsure.extend(binding.subjects.iter().map(|subject| unsure_of(subject, binding))),
            Says::Yes(role, rule) => {
                let link = Link::new(binding, role, rule);
                for subject in binding.subjects.iter().filter(|subject| !matches!(subject, Subject::Other { .. })) {
                    let chain = Chain::of(subject, Arc::clone(&link));
                    let is_account = matches!(subject, Subject::User(name) if account(name).is_some());
                    let subject = if is_account { Cow::Owned(one(subject)) } else { Cow::Borrowed(subject) };
                    self.found.push(Found { order: order(&subject), subject, place, chain });
                }
            }
        }
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
        let key = (if binding.role.cluster { None } else { binding.namespace.clone() }, binding.role.name.clone());
        by_role.entry(key).or_insert_with(look).clone()
    }
}
