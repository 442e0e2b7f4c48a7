//! Why somebody may do something: subject, group, binding, role, rule.

use std::sync::Arc;

use crate::world::World;
use crate::world::binding::{Binding, Key, RoleRef, Subject};
use crate::world::maker::Maker;
use crate::world::name::Name;
use crate::world::role::Role;

use super::rule::Rule;

/// One binding that allows something, and the rule of its role by which it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The subject that the binding names.
    pub subject: Subject,
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

impl Chain {
    pub(super) fn new(binding: &Binding, subject: &Subject, role: &Role, rule: usize) -> Self {
        Self {
            subject: subject.clone(),
            binding: binding.key(),
            role: binding.role.clone(),
            rules: Arc::clone(&role.rules),
            rule,
            maker: binding.maker.clone(),
        }
    }

    /// The group by which somebody is bound; `None`: the binding names him.
    pub fn via(&self) -> Option<&Name> {
        match &self.subject {
            Subject::Group(name) => Some(name),
            _ => None,
        }
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
