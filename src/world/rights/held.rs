//! All that a person may do: what `kubectl auth can-i --list` tells of one namespace, of many at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::world::grant::Reach;
use crate::world::name::Name;

use super::chain::Chain;
use super::person::Person;
use super::question::Where;
use super::rule::full_name;
use super::{Blind, Rights, RoleIs, Unsure, unsure_of};

/// What verbs are held on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// Objects, as rules name them.
    Resource {
        /// The group; `*`: all.
        group: Name,
        /// The plural, perhaps with a subresource; `*`: all.
        resource: Name,
        /// Only the object of this name.
        name: Option<Name>,
    },
    /// A path, perhaps with `*` at its end.
    Url(Name),
}

impl On {
    /// As one says it: `deployments.apps/scale web`.
    pub fn words(&self) -> String {
        match self {
            Self::Url(path) => path.to_string(),
            Self::Resource { group, resource, name: None } => full_name(group, resource),
            Self::Resource { group, resource, name: Some(name) } => format!("{} {name}", full_name(group, resource)),
        }
    }

    /// Whether whoever holds a verb on this holds it on `other`, too.
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Url(pattern), Self::Url(path)) => {
                pattern == path || pattern.ends_with('*') && path.starts_with(pattern.trim_end_matches('*'))
            }
            (
                Self::Resource { group, resource, name },
                Self::Resource { group: other_group, resource: other_resource, name: other_name },
            ) => {
                let below = |text: &str| text.split_once('/').map(|(_, below)| format!("*/{below}"));
                (&**group == "*" || group == other_group)
                    && (&**resource == "*"
                        || resource == other_resource
                        || below(other_resource).as_deref() == Some(&**resource))
                    && (name.is_none() || name == other_name)
            }
            _ => false,
        }
    }
}

/// Verbs that are held on one thing in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// On what.
    pub on: On,
    /// The verbs, in order.
    pub verbs: Vec<Name>,
    /// Where.
    pub reach: Reach,
    /// Why.
    pub chains: Vec<Chain>,
}

/// All that somebody may do in some place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// What he may do, in order. Empty for whoever bypasses RBAC.
    pub held: Vec<Held>,
    /// A member of `system:masters` may do everything.
    pub bypasses: bool,
    /// In how many namespaces it was looked for.
    pub of: usize,
    /// Bindings whose roles cannot be read.
    pub unsure: Vec<Unsure>,
    /// What else could not be looked at.
    pub blind: Vec<Blind>,
}

#[derive(Default)]
struct Gathered {
    cluster: bool,
    namespaces: BTreeSet<Name>,
    chains: Vec<Chain>,
}

impl Rights<'_> {
    /// All that a person may do in a place: with [`Where::Cluster`] what holds in the whole cluster, else that and what holds in
    /// the namespaces.
    pub fn held(&self, person: &Person, place: &Where) -> Holding {
        let namespaces: BTreeSet<Name> = place.namespaces(self.world).into_iter().collect();
        let (mut found, mut unsure) = (BTreeMap::<(On, Name), Gathered>::new(), Vec::new());
        for subject in person.subjects() {
            for binding in self.bindings_of(&subject) {
                if binding.namespace.as_ref().is_some_and(|namespace| !namespaces.contains(namespace)) {
                    continue;
                }
                let role = match self.world.role_of(binding) {
                    RoleIs::Known(role) => role,
                    RoleIs::Missing => continue,
                    RoleIs::Unread => {
                        unsure.push(unsure_of(&subject, binding));
                        continue;
                    }
                };
                for (at, rule) in role.rules.iter().enumerate() {
                    let chain = Chain::new(binding, &subject, role, at);
                    // Paths are no part of namespaces.
                    let urls = rule.urls.iter().filter(|_| binding.namespace.is_none()).cloned().map(On::Url);
                    for on in things(rule).chain(urls) {
                        for verb in &rule.verbs {
                            let gathered = found.entry((on.clone(), verb.clone())).or_default();
                            match &binding.namespace {
                                None => gathered.cluster = true,
                                Some(namespace) => drop(gathered.namespaces.insert(namespace.clone())),
                            }
                            gathered.chains.push(chain.clone());
                        }
                    }
                }
            }
        }
        let mut held: Vec<Held> = Vec::new();
        for ((on, verb), Gathered { cluster, namespaces, chains }) in found {
            let reach = if cluster { Reach::Cluster } else { Reach::Namespaces(namespaces.into_iter().collect()) };
            let from = held.iter().rposition(|other| other.on != on).map_or(0, |at| at + 1);
            match held.iter_mut().skip(from).find(|other| other.reach == reach) {
                Some(other) => {
                    other.verbs.push(verb);
                    other.chains.extend(chains);
                }
                None => held.push(Held { on, verbs: vec![verb], reach, chains }),
            }
        }
        for one in &mut held {
            let mut seen: Vec<Chain> = Vec::new();
            one.chains.retain(|chain| {
                let is_new = !seen.contains(chain);
                if is_new {
                    seen.push(chain.clone());
                }
                is_new
            });
        }
        Holding {
            held,
            bypasses: person.is_master(),
            of: namespaces.len(),
            unsure,
            blind: if person.is_master() { Vec::new() } else { self.blind(place) },
        }
    }
}

/// What a rule is about, one by one.
fn things(rule: &super::rule::Rule) -> impl Iterator<Item = On> + '_ {
    rule.groups.iter().flat_map(move |group| {
        rule.resources.iter().flat_map(move |resource| {
            let on = move |name: Option<Name>| On::Resource { group: group.clone(), resource: resource.clone(), name };
            let all = rule.names.is_empty().then(|| on(None));
            all.into_iter().chain(rule.names.iter().map(move |name| on(Some(name.clone()))))
        })
    })
}

/// What one may do and the other may not: first of `one`, then of `other`. What a wildcard of the other covers is not told.
pub fn differ(one: &Holding, other: &Holding) -> (Vec<Held>, Vec<Held>) {
    (beyond(one, other), beyond(other, one))
}

fn beyond(one: &Holding, other: &Holding) -> Vec<Held> {
    if other.bypasses {
        return Vec::new();
    }
    let mut found: Vec<Held> = Vec::new();
    for held in &one.held {
        for verb in &held.verbs {
            let mut covering = other.held.iter().filter(|theirs| {
                theirs.on.covers(&held.on) && theirs.verbs.iter().any(|known| known == verb || &**known == "*")
            });
            let Some(left) = covering.try_fold(held.reach.clone(), |left, theirs| left.beyond(&theirs.reach)) else {
                continue;
            };
            match found.iter_mut().find(|known| known.on == held.on && known.reach == left) {
                Some(known) => known.verbs.push(verb.clone()),
                None => found.push(Held {
                    on: held.on.clone(),
                    verbs: vec![verb.clone()],
                    reach: left,
                    chains: held.chains.clone(),
                }),
            }
        }
    }
    found
}
