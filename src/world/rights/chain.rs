//! Why somebody may do something: subject, group, binding, role, rule.

use std::ops::Deref;
use std::sync::Arc;

use crate::world::World;
use crate::world::binding::{Binding, Key, RoleRef, Subject};
use crate::world::maker::Maker;
use crate::world::name::Name;
use crate::world::role::Role;

use super::rule::Rule;

/// One binding that allows something, seen from somebody whom it names, or who is in a group that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    via: Option<Name>,
    link: Arc<Link>,
}

/// A binding, and the rule of its role by which it allows something: the same for all its subjects, who may be many.
#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    /// The binding: its namespace (`None`: a ClusterRoleBinding) and name.
    pub binding: Key,
    /// The role that it names.
    pub role: RoleRef,
    /// The role's rules.
    pub rules: Arc<[Rule]>,
    /// Which of them allows it.
    pub rule: usize,
    /// Who made the binding, as far as it tells.
    pub maker: Option<Maker>,
}

impl Link {
    pub(super) fn new(binding: &Binding, role: &Role, rule: usize) -> Arc<Self> {
        Arc::new(Self {
            binding: binding.key(),
            role: binding.role.clone(),
            rules: Arc::clone(&role.rules),
            rule,
            maker: binding.maker.clone(),
        })
    }
}

impl Deref for Chain {
    type Target = Link;
    fn deref(&self) -> &Link {
        &self.link
    }
}

impl Chain {
    pub(super) fn new(binding: &Binding, subject: &Subject, role: &Role, rule: usize) -> Self {
        let via = if let Subject::Group(name) = subject { Some(name.clone()) } else { None };
        Self::of(via, Link::new(binding, role, rule))
    }

    pub(super) const fn of(via: Option<Name>, link: Arc<Link>) -> Self {
        Self { via, link }
    }

    /// The group by which somebody is bound; `None`: the binding names him, or it.
    pub const fn via(&self) -> Option<&Name> {
        self.via.as_ref()
    }

    /// The rule that allows it.
    pub fn rule(&self) -> Option<&Rule> {
        self.rules.get(self.rule)
    }

    /// The ClusterRoles that an aggregated role has the rule from: see [`World::origin_of`].
    pub fn origin(&self, world: &World) -> Vec<Name> {
        let role = self.role.cluster.then(|| world.cluster_roles.get(&(None, self.role.name.clone()))).flatten();
        role.zip(self.rule()).map(|(role, rule)| world.origin_of(role, rule)).unwrap_or_default()
    }

    /// Its links, in words: `group devs`, `RoleBinding oil-web/devs`, `ClusterRole admin (from edit)`, `get, list pods`.
    pub fn links(&self, world: &World) -> Vec<String> {
        let mut links = Vec::new();
        links.extend(self.via().map(|group| format!("group {group}")));
        links.push(binding_words(&self.binding));
        let origin = self.origin(world);
        let from: Vec<&str> = origin.iter().map(AsRef::as_ref).collect();
        let from = if from.is_empty() { String::new() } else { format!(" (from {})", from.join(" < ")) };
        links.push(format!("{} {}{from}", self.role.kind(), self.role.name));
        links.extend(self.rule().map(Rule::words));
        links
    }

    /// All of it in one line, from somebody on: `alice > group devs > RoleBinding …`.
    pub fn words(&self, who: &str, world: &World) -> String {
        let mut links = self.links(world);
        // A group that is asked about as such does not come by itself.
        links.retain(|link| link.strip_prefix("group ") != Some(who));
        links.insert(0, who.to_owned());
        links.join(" > ")
    }
}

/// A binding with its kind: `RoleBinding oil-web/devs`.
pub fn binding_words((namespace, name): &Key) -> String {
    match namespace {
        Some(namespace) => format!("RoleBinding {namespace}/{name}"),
        None => format!("ClusterRoleBinding {name}"),
    }
}
