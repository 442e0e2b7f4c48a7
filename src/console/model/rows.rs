//! Which rows the panes show: filtered, ordered, and made only when something changed.

use std::hash::{DefaultHasher, Hasher as _};

use super::{Breadth, Level, Model, Pane};
use crate::world::binding::{Binding, RoleRef, Subject};
use crate::world::grant::{self, Grant, Origin, Reach};
use crate::world::name::Name;

/// The key of a row of the access pane.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AccessRow {
    /// A grant: one subject in one role.
    Grant(Box<GrantKey>),
    /// A binding: its namespace (`None`: ClusterRoleBinding) and name.
    Binding(Option<Name>, Name),
}

/// What tells a grant from others, and what its row shows of where it holds.
#[derive(Debug, Clone)]
pub struct GrantKey {
    /// Who.
    pub subject: Subject,
    /// Which role.
    pub role: RoleRef,
    /// How it came about.
    pub origin: Origin,
    /// Where it holds.
    pub reach: Reach,
    /// Whether the role does not exist.
    pub missing_role: bool,
}

impl PartialEq for GrantKey {
    fn eq(&self, other: &Self) -> bool {
        (&self.subject, &self.role, self.origin) == (&other.subject, &other.role, other.origin)
    }
}

impl Eq for GrantKey {}

impl std::hash::Hash for GrantKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.subject, &self.role, self.origin).hash(state);
    }
}

impl Model {
    /// Makes the rows of all panes anew where something they depend on has changed, in the order in which they depend on
    /// each other: tenants, their namespaces, the grants there.
    pub fn refresh_rows(&mut self) {
        self.refresh_tenants();
        self.refresh_namespaces();
        self.refresh_access();
        for pane in Pane::ALL {
            let visible = self.visible_rows(pane);
            match pane {
                Pane::Tenants => self.tenants.scroll_to_cursor(visible),
                Pane::Namespaces => self.namespaces.scroll_to_cursor(visible),
                Pane::Access => self.access.scroll_to_cursor(visible),
                Pane::Identity => {}
            }
        }
    }

    fn refresh_tenants(&mut self) {
        let world = &self.world;
        // Namespaces matter: a tenant may be known by their labels only, and their cordons make its state.
        let from = stamp(&(world.tenants.revision(), world.namespaces.revision(), &self.tenants.filter));
        if self.tenants.made_from == from {
            return;
        }
        self.tenants.made_from = from;
        let names = world.tenant_names();
        self.tenants.total = names.len();
        let filter = Filter::new(&self.tenants.filter);
        let kept = |name: &Name| {
            filter.is_empty()
                || filter.keeps(&[name, world.tenant_state(name).word(), &owners(world.tenants.get(name))])
        };
        let rows: Vec<Name> = names.into_iter().filter(kept).collect();
        let lost = self.tenants.set_rows(rows);
        if let Some(name) = lost.filter(|name| self.world.tenants.get(name).is_none() && self.is_settled()) {
            self.say(Level::Info, format!("the tenant {name} is gone"));
        }
    }

    fn refresh_namespaces(&mut self) {
        let world = &self.world;
        let tenant = self.tenants.selected().filter(|_| self.breadth == Breadth::Tenant);
        let workloads: u64 = world.workloads.values().map(crate::world::store::Store::revision).sum();
        let filtered = if self.namespaces.filter.is_empty() { 0 } else { workloads };
        let from = stamp(&(world.namespaces.revision(), tenant, &self.namespaces.filter, filtered, self.named.len()));
        if self.namespaces.made_from == from {
            return;
        }
        self.namespaces.made_from = from;
        let mut names: Vec<Name> = match tenant {
            Some(tenant) => world.namespaces_of(tenant).map(|namespace| namespace.name.clone()).collect(),
            None => world.namespaces.iter().map(|namespace| namespace.name.clone()).collect(),
        };
        if tenant.is_none() && world.namespaces.sources().refused().is_some() {
            names.extend(self.named.iter().filter(|name| world.namespaces.get(name).is_none()).cloned());
            names.sort();
        }
        self.namespaces.total = names.len();
        let filter = Filter::new(&self.namespaces.filter);
        names.retain(|name| {
            filter.is_empty() || {
                let row = world.namespaces.get(name);
                let state = row.map_or("", |row| row.state(world.workloads_in(name).as_ref()).word());
                filter.keeps(&[name, state, row.and_then(|row| row.tenant.as_deref()).unwrap_or_default()])
            }
        });
        let lost = self.namespaces.set_rows(names);
        if let Some(name) = lost.filter(|name| self.world.namespaces.get(name).is_none() && self.is_settled()) {
            self.say(Level::Info, format!("the namespace {name} is gone"));
        }
    }

    fn refresh_access(&mut self) {
        let world = &self.world;
        let scope = self.access_scope();
        let roles = world.roles.revision() + world.cluster_roles.revision();
        let bindings = world.bindings.revision() + world.cluster_bindings.revision();
        let from = stamp(&(bindings, roles, world.tenants.revision(), &scope, self.raw, &self.access.filter));
        if self.access.made_from == from {
            return;
        }
        self.access.made_from = from;
        let filter = Filter::new(&self.access.filter);
        let (total, rows) = if self.raw {
            raw_rows(world, scope.as_ref(), &filter)
        } else {
            grant_rows(world, scope.as_ref(), &filter)
        };
        self.access.total = total;
        self.access.set_rows(rows);
    }

    /// The namespaces that the access pane is about; `None` for all.
    pub fn access_scope(&self) -> Option<Vec<Name>> {
        if self.narrow
            && let Some(name) = self.namespaces.selected()
        {
            return Some(vec![name.clone()]);
        }
        match (self.breadth, self.tenants.selected()) {
            (Breadth::Tenant, Some(tenant)) => {
                Some(self.world.namespaces_of(tenant).map(|namespace| namespace.name.clone()).collect())
            }
            _ => None,
        }
    }

    /// Whether lists are complete, so that a missing row means a deletion rather than a page that has not arrived.
    fn is_settled(&self) -> bool {
        matches!(self.world.freshness(), crate::world::freshness::Freshness::Live)
    }
}

fn grant_rows(world: &crate::world::World, scope: Option<&Vec<Name>>, filter: &Filter) -> (usize, Vec<AccessRow>) {
    let all: Vec<Name>;
    let names = match scope {
        Some(names) => names,
        None => {
            all = world.namespaces.iter().map(|namespace| namespace.name.clone()).collect();
            &all
        }
    };
    let grants = grant::of_people(world, names);
    let total = grants.len();
    let keep = |grant: &Grant| {
        filter.is_empty()
            || filter.keeps(&[&grant.subject.name(), grant.subject.kind(), &grant.role.name, grant.origin.word()])
    };
    let key = |grant: Grant| {
        let Grant { subject, role, reach, origin, missing_role, .. } = grant;
        AccessRow::Grant(Box::new(GrantKey { subject, role, origin, reach, missing_role }))
    };
    (total, grants.into_iter().filter(keep).map(key).collect())
}

fn raw_rows(world: &crate::world::World, scope: Option<&Vec<Name>>, filter: &Filter) -> (usize, Vec<AccessRow>) {
    let mut total = 0;
    let mut rows = Vec::new();
    let mut take = |binding: &Binding| {
        total += 1;
        let subjects: Vec<String> = binding.subjects.iter().map(Subject::name).collect();
        let namespace = binding.namespace.as_deref().unwrap_or("cluster");
        if filter.is_empty() || filter.keeps(&[namespace, &binding.name, &binding.role.name, &subjects.join(" ")]) {
            rows.push(AccessRow::Binding(binding.namespace.clone(), binding.name.clone()));
        }
    };
    match scope {
        Some(names) => names.iter().flat_map(|name| world.bindings_in(name)).for_each(&mut take),
        None => world.bindings.iter().for_each(&mut take),
    }
    world.cluster_bindings.iter().for_each(&mut take);
    (total, rows)
}

/// The owners of a tenant, as one line.
pub fn owners(tenant: Option<&crate::world::tenant::Tenant>) -> String {
    let names: Vec<String> =
        tenant.map(|tenant| tenant.owners.iter().map(|owner| owner.subject.name()).collect()).unwrap_or_default();
    names.join(", ")
}

/// A number that stands for everything rows were made from.
fn stamp(from: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    from.hash(&mut hasher);
    hasher.finish()
}

/// Words that a row must all contain, in any of its cells; `!word` must be in none. Case does not matter.
#[derive(Debug, Default)]
pub struct Filter {
    words: Vec<String>,
    not: Vec<String>,
}

impl Filter {
    /// Reads a filter as it was typed.
    pub fn new(text: &str) -> Self {
        let mut filter = Self::default();
        for word in text.split_whitespace() {
            match word.strip_prefix('!') {
                Some("") => {}
                Some(word) => filter.not.push(word.to_lowercase()),
                None => filter.words.push(word.to_lowercase()),
            }
        }
        filter
    }

    /// Whether it keeps everything.
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty() && self.not.is_empty()
    }

    /// Whether it keeps a row with these cells.
    pub fn keeps(&self, cells: &[&str]) -> bool {
        let cells: Vec<String> = cells.iter().map(|cell| cell.to_lowercase()).collect();
        let has = |word: &String| cells.iter().any(|cell| cell.contains(word.as_str()));
        self.words.iter().all(has) && !self.not.iter().any(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_narrow_down() {
        let keeps = |text: &str| Filter::new(text).keeps(&["oil-web", "cordoned", "oil"]);
        assert!(keeps(""));
        assert!(keeps("OIL cord"));
        assert!(!keeps("gas"));
        assert!(!keeps("oil !cordoned"));
        assert!(keeps("oil !active"));
        assert!(keeps("oil !"));
    }
}
