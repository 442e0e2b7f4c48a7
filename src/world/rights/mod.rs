//! Who may do what, as RBAC has it: bindings resolved as upstream does (kubernetes: `pkg/registry/rbac/validation/rule.go`).
//!
//! [`Rights`] looks at a world, or at a world in which some bindings were others ([`Rights::with`], [`Rights::without`],
//! [`Rights::with_owner`], …), and answers:
//!
//! - [`Rights::who`]: who may do this? Each subject once, with where and why, which are put together for whom one asks.
//! - [`Rights::can`]: may this person do it, where, and why? [`Rights::allows`] is the bare yes or no.
//! - [`Rights::held`]: all that a person may do, as `kubectl auth can-i --list` has it, in one namespace or in many;
//!   [`held::differ`] tells two such lists apart.
//! - [`Rights::matrix`]: the people of a tenant against what one is afraid of; [`Rights::why`] behind a cell;
//!   [`matrix::changes`] between two.
//! - [`Rights::risks`]: what should be looked at.
//!
//! RBAC only: other authorizers (webhooks, the nodes' own, capsule-proxy) and Capsule's webhooks say more, or less. What could not
//! be read is told with each answer ([`Blind`], [`Unsure`]) and never taken for a no.

mod asking;
pub mod can;
pub mod chain;
pub mod held;
pub mod holders;
pub mod index;
pub mod matrix;
pub mod person;
pub mod question;
pub mod risk;
pub mod rule;
pub mod what_if;
pub mod who;

use std::collections::BTreeMap;

use super::World;
use super::binding::{Binding, Key, Subject};
use super::feed::Scope;
use super::freshness::{Freshness, Sources};
use super::name::Name;
use super::role::Role;
use super::trouble::Trouble;
use chain::Chain;
use person::Person;
use question::Where;
use rule::Attributes;

/// The rights in a world, or in one that is thought up.
#[derive(Debug, Clone)]
pub struct Rights<'a> {
    world: &'a World,
    /// Bindings that are thought to be others, or (`None`) not to be.
    changed: BTreeMap<Key, Option<Binding>>,
}

/// The role that a binding names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleIs<'a> {
    /// This one.
    Known(&'a Role),
    /// There is none of that name: the binding allows nothing today, and whatever such a role will hold tomorrow.
    Missing,
    /// That cannot be known.
    Unread,
}

/// A binding whose role could not be read: it may allow what was asked about, or not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unsure {
    /// Whom it binds.
    pub subject: Subject,
    /// The binding.
    pub binding: Key,
    /// Its role.
    pub role: super::binding::RoleRef,
}

impl Unsure {
    /// As a sentence.
    pub fn words(&self) -> String {
        let binding = chain::binding_words(&self.binding);
        format!(
            "{} may, or may not: {binding} names {} {}, which cannot be read",
            self.subject,
            self.role.kind(),
            self.role.name
        )
    }
}

/// What could not be looked at, so that an answer may lack something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blind {
    /// The plural: `clusterrolebindings`.
    pub what: &'static str,
    /// In which namespaces; empty: in the whole cluster.
    pub namespaces: Vec<Name>,
    /// Why; `None` while it is still to come.
    pub why: Option<Trouble>,
}

impl Blind {
    /// As a sentence.
    pub fn words(&self) -> String {
        let place = match self.namespaces.as_slice() {
            [] => "of the whole cluster".to_owned(),
            [one] => format!("of {one}"),
            many => format!("of {} namespaces", many.len()),
        };
        match &self.why {
            Some(trouble) => format!("{} {place} are not counted: {}", self.what, trouble.what),
            None => format!("{} {place} are still to come", self.what),
        }
    }
}

impl World {
    /// The rights in it.
    pub const fn rights(&self) -> Rights<'_> {
        Rights { world: self, changed: BTreeMap::new() }
    }

    /// The role that a binding names.
    pub fn role_of(&self, binding: &Binding) -> RoleIs<'_> {
        let (store, key) = if binding.role.cluster {
            (&self.cluster_roles, (None, binding.role.name.clone()))
        } else {
            (&self.roles, (binding.namespace.clone(), binding.role.name.clone()))
        };
        match store.get(&key) {
            Some(role) => RoleIs::Known(role),
            None if is_live(store.sources(), key.0.as_ref()) => RoleIs::Missing,
            None => RoleIs::Unread,
        }
    }

    /// The namespaces that are known, be it that bindings lie in them.
    pub fn known_namespaces(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self.namespaces.iter().map(|namespace| namespace.name.clone()).collect();
        if self.namespaces.sources().refused().is_some() {
            names.extend(self.bindings.iter().filter_map(|binding| binding.namespace.clone()));
            names.sort();
            names.dedup();
        }
        names
    }

    /// The ClusterRole, and those behind it, that an aggregated ClusterRole has a rule from: the first is one that it takes up, the
    /// last the one where the rule is written. Empty: it is its own.
    pub fn origin_of(&self, role: &Role, rule: &rule::Rule) -> Vec<Name> {
        let mut path: Vec<Name> = Vec::new();
        let mut at = role;
        while let Some(selectors) = &at.aggregates {
            let is_part = |part: &&Role| {
                part.name != role.name
                    && !path.contains(&part.name)
                    && selectors.iter().any(|selector| selector.selects(&part.labels))
                    && part.rules.contains(rule)
            };
            // Where it is written goes before where it is taken up once more.
            let parts = || self.cluster_roles.iter().filter(is_part);
            let Some(part) = parts().find(|part| part.aggregates.is_none()).or_else(|| parts().next()) else { break };
            path.push(part.name.clone());
            at = part;
        }
        path
    }
}

impl<'a> Rights<'a> {
    /// The world that is looked at.
    pub const fn world(&self) -> &'a World {
        self.world
    }

    /// The bindings in force in the whole cluster.
    pub fn cluster_bindings(&self) -> impl Iterator<Item = &Binding> {
        let thought = self.changed.iter().filter(|((namespace, _), _)| namespace.is_none());
        let real = self.world.cluster_bindings.iter().filter(|binding| self.is_real(binding));
        real.chain(thought.filter_map(|(_, binding)| binding.as_ref()))
    }

    /// The RoleBindings of a namespace.
    pub fn bindings_in(&self, namespace: &Name) -> impl Iterator<Item = &Binding> {
        let is_here = |key: &Key| key.0.as_ref() == Some(namespace);
        let thought: Vec<&Binding> = if self.changed.is_empty() {
            Vec::new()
        } else {
            self.changed.iter().filter(|(key, _)| is_here(key)).filter_map(|(_, binding)| binding.as_ref()).collect()
        };
        self.world.bindings_in(namespace).filter(|binding| self.is_real(binding)).chain(thought)
    }

    /// The bindings that name a subject.
    pub fn bindings_of(&self, subject: &Subject) -> impl Iterator<Item = &Binding> {
        let subject = index::one(subject).into_owned();
        let real = self.world.bound(&subject).filter(|binding| self.is_real(binding));
        let thought = self.changed.values().flatten();
        real.chain(thought.filter(move |binding| binding.subjects.iter().any(|named| *index::one(named) == subject)))
    }

    fn is_real(&self, binding: &Binding) -> bool {
        self.changed.is_empty() || !self.changed.contains_key(&binding.key())
    }

    /// Whether RBAC allows a person a request. What could not be read allows nothing.
    pub fn allows(&self, person: &Person, asked: &Attributes<'_>) -> bool {
        person.is_master() || !self.chains(person, asked, true).0.is_empty()
    }

    /// The bindings that allow a person a request, each with its rule, and those of which that cannot be known. `one`: the first
    /// is enough.
    pub fn chains(&self, person: &Person, asked: &Attributes<'_>, one: bool) -> (Vec<Chain>, Vec<Unsure>) {
        let (mut found, mut unsure) = (Vec::new(), Vec::new());
        for subject in person.subjects() {
            for binding in self.bindings_of(&subject) {
                if binding.namespace.as_deref().is_some_and(|namespace| namespace != asked.namespace()) {
                    continue;
                }
                match self.world.role_of(binding) {
                    RoleIs::Known(role) => {
                        let Some(at) = role.rules.iter().position(|rule| rule.allows(asked)) else { continue };
                        found.push(Chain::new(binding, &subject, role, at));
                        if one {
                            return (found, unsure);
                        }
                    }
                    RoleIs::Missing => {}
                    RoleIs::Unread => unsure.push(unsure_of(&subject, binding)),
                }
            }
        }
        (found, unsure)
    }

    /// What could not be looked at for an answer about a place.
    pub fn blind(&self, place: &Where) -> Vec<Blind> {
        let world = self.world;
        let mut found = Vec::new();
        let whole = [
            ("clusterrolebindings", world.cluster_bindings.sources()),
            ("clusterroles", world.cluster_roles.sources()),
        ];
        for (what, sources) in whole {
            if !is_live(sources, None) {
                found.push(Blind { what, namespaces: Vec::new(), why: why(sources, None) });
            }
        }
        if *place == Where::Cluster {
            return found;
        }
        let namespaces = place.namespaces(world);
        for (what, sources) in [("rolebindings", world.bindings.sources()), ("roles", world.roles.sources())] {
            let unread: Vec<Name> =
                namespaces.iter().filter(|namespace| !is_live(sources, Some(namespace))).cloned().collect();
            if let Some(first) = unread.first() {
                found.push(Blind { what, why: why(sources, Some(first)), namespaces: unread });
            }
        }
        if !matches!(place, Where::Namespace(_)) && !is_live(world.namespaces.sources(), None) {
            let sources = world.namespaces.sources();
            found.push(Blind { what: "namespaces", namespaces: Vec::new(), why: why(sources, None) });
        }
        found
    }
}

fn unsure_of(subject: &Subject, binding: &Binding) -> Unsure {
    Unsure { subject: subject.clone(), binding: binding.key(), role: binding.role.clone() }
}

/// Whether all objects of a kind are known in a namespace, or (`None`) in the whole cluster.
fn is_live(sources: &Sources, namespace: Option<&Name>) -> bool {
    let is = |scope: &Scope| matches!(sources.of(scope), Some(Freshness::Live));
    is(&Scope::Cluster) || namespace.is_some_and(|namespace| is(&Scope::Namespace(namespace.clone())))
}

/// Why they are not.
fn why(sources: &Sources, namespace: Option<&Name>) -> Option<Trouble> {
    let own = namespace.and_then(|namespace| sources.of(&Scope::Namespace(namespace.clone())));
    match own.or_else(|| sources.of(&Scope::Cluster)) {
        Some(Freshness::Refused { trouble } | Freshness::Failing { trouble } | Freshness::Stale { trouble, .. }) => {
            Some(trouble.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
