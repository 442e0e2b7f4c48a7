//! Who may do it?

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::world::binding::{Binding, Key, Subject};
use crate::world::grant::Reach;
use crate::world::name::Name;
use crate::world::role::Role;

use super::chain::Chain;
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

struct Gathered {
    reach: Reach,
    chains: Vec<Chain>,
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
            found: BTreeMap::new(),
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
        let Asking { found, mut unsure, .. } = asking;
        let mut holders: Vec<Holder> = Vec::with_capacity(found.len());
        for (subject, Gathered { mut reach, chains }) in found {
            if let Reach::Namespaces(names) = &mut reach {
                names.sort();
                names.dedup();
            }
            holders.push(Holder { subject: one(subject), reach, chains });
        }
        // A ServiceAccount by its user name and by itself is one.
        if holders.iter().any(|holder| matches!(holder.subject, Subject::ServiceAccount { .. })) {
            holders.sort_by(|a, b| a.subject.cmp(&b.subject));
            holders.dedup_by(|later, first| {
                let is_same = later.subject == first.subject;
                if is_same {
                    first.reach.join(&later.reach);
                    first.chains.append(&mut later.chains);
                }
                is_same
            });
        }
        unsure.sort();
        unsure.dedup();
        Who { holders, of: namespaces.len(), unsure, blind: self.blind(&question.place), narrowed: question.narrowed() }
    }
}

struct Asking<'a> {
    rights: &'a Rights<'a>,
    question: &'a Question,
    /// What roles say; `None` where that depends on the namespace.
    by_role: Option<HashMap<Key, Says<'a>>>,
    found: BTreeMap<&'a Subject, Gathered>,
    unsure: Vec<Unsure>,
}

impl<'a> Asking<'a> {
    /// Asks a binding, in a namespace.
    fn ask(&mut self, binding: &'a Binding, namespace: &str, place: Option<&Name>) {
        match self.says(binding, namespace) {
            Says::No => {}
            Says::Unread => self.unsure.extend(binding.subjects.iter().map(|subject| unsure_of(subject, binding))),
            Says::Yes(role, rule) => {
                for subject in binding.subjects.iter().filter(|subject| !matches!(subject, Subject::Other { .. })) {
                    let gathered = self
                        .found
                        .entry(subject)
                        .or_insert_with(|| Gathered { reach: Reach::Namespaces(Vec::new()), chains: Vec::new() });
                    match (&mut gathered.reach, place) {
                        (reach, None) => *reach = Reach::Cluster,
                        (Reach::Namespaces(names), Some(place)) => names.push(Arc::clone(place)),
                        (Reach::Cluster, Some(_)) => {}
                    }
                    let chain = Chain::new(binding, subject, role, rule);
                    if gathered.chains.last() != Some(&chain) {
                        gathered.chains.push(chain);
                    }
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
