//! Which rows the panes show: filtered, ordered, and made only when something changed.

use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

use super::columns::{self, AccessCells, NamespaceRow, Rank, Row, TenantRow};
use super::filter::Filter;
use super::list::List;
use super::opening::Opening;
use super::{Breadth, Level, Model, Pane};
use crate::console::view::layout;
use crate::world::binding::{Binding, Key, RoleRef, Subject};
use crate::world::grant::{self, Grant, Origin, Reach};
use crate::world::maker::Maker;
use crate::world::name::Name;
use crate::world::rights::index::one;
use crate::world::rights::question::Where;
use crate::world::rights::risk::{Flag, Gravest};

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
    /// Who made the bindings: the first of them, and how many others there are.
    pub maker: (Option<Maker>, usize),
    /// What should be looked at: the gravest of it, and how much else.
    pub risk: Option<Gravest>,
    /// The bindings that make it.
    pub bindings: Arc<[Key]>,
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
    /// Makes all rows anew where something they depend on has changed.
    pub fn refresh_rows(&mut self) {
        let now = self.seconds();
        for gone in self.here.refresh_rows(now) {
            self.say(Level::Info, gone);
        }
        self.refresh_objects();
        self.refresh_rights();
        let parts = layout::whole(self);
        for pane in Pane::ALL {
            self.here.scroll_to_cursor(pane, layout::table_height(&parts.here, pane));
        }
        // Of what is beside nobody asks what has become of its rows.
        let generation = self.beside.map(|beside| beside.generation);
        let away = self.away.iter_mut().find(|away| Some(away.generation) == generation);
        if let Some((half, away)) = parts.beside.as_ref().zip(away) {
            away.refresh_rows(now);
            for pane in Pane::ALL {
                away.scroll_to_cursor(pane, layout::table_height(half, pane));
            }
        }
    }
}

impl Opening {
    /// Makes the rows of all panes anew where something they depend on has changed, in the order in which they depend on
    /// each other: tenants, their namespaces, the grants there. `now` is in Unix seconds. Says which row under a cursor is gone.
    pub fn refresh_rows(&mut self, now: i64) -> Vec<String> {
        let tenant = self.refresh_tenants(now).map(|name| format!("the tenant {name} is gone"));
        let namespace = self.refresh_namespaces(now).map(|name| format!("the namespace {name} is gone"));
        self.refresh_access(now);
        tenant.into_iter().chain(namespace).collect()
    }

    /// Scrolls a pane that shows so many rows to its cursor.
    pub fn scroll_to_cursor(&mut self, pane: Pane, visible: usize) {
        match pane {
            Pane::Tenants => self.tenants.scroll_to_cursor(visible),
            Pane::Namespaces => self.namespaces.scroll_to_cursor(visible),
            Pane::Access => self.access.scroll_to_cursor(visible),
            Pane::Identity => {}
        }
    }

    fn refresh_tenants(&mut self, now: i64) -> Option<Name> {
        let world = &self.world;
        let list = &self.tenants;
        // Namespaces matter: a tenant may be known by their labels only, and their cordons make its state.
        let from =
            stamp(&(world.tenants.revision(), world.namespaces.revision(), &list.filter, list.faults, list.sort));
        if list.made_from == from {
            return None;
        }
        let names = world.tenant_names();
        let made = Made::new(&names, list, columns::TENANTS, true, |name| Some(TenantRow::new(world, name, now)));
        let lost = made.into(&mut self.tenants, from);
        self.tenants.keep_marks(|name| names.contains(name));
        lost.filter(|name| self.world.tenants.get(name).is_none() && self.is_settled())
    }

    fn refresh_namespaces(&mut self, now: i64) -> Option<Name> {
        let world = &self.world;
        let list = &self.namespaces;
        let tenant = self.tenants.selected().filter(|_| self.breadth == Breadth::Tenant);
        let workloads: u64 = world.workloads.values().map(crate::world::store::Store::revision).sum();
        let looked_at = if list.filter.is_empty() && !list.faults && list.sort.is_none() { 0 } else { workloads };
        let revision = world.namespaces.revision();
        let from = stamp(&(revision, tenant, &list.filter, list.faults, list.sort, looked_at, self.named.len()));
        if list.made_from == from {
            return None;
        }
        let mut names: Vec<Name> = match tenant {
            Some(tenant) => world.namespaces_of(tenant).map(|namespace| namespace.name.clone()).collect(),
            None => world.namespaces.iter().map(|namespace| namespace.name.clone()).collect(),
        };
        if tenant.is_none() && world.namespaces.sources().refused().is_some() {
            names.extend(self.named.iter().filter(|name| world.namespaces.get(name).is_none()).cloned());
            names.sort();
        }
        let made = Made::new(&names, list, columns::NAMESPACES, true, |name| Some(NamespaceRow::new(self, name, now)));
        let lost = made.into(&mut self.namespaces, from);
        // Those of another tenant stay marked, too.
        let (world, named) = (&self.world, &self.named);
        self.namespaces.keep_marks(|name| world.namespaces.get(name).is_some() || named.contains(name));
        lost.filter(|name| self.world.namespaces.get(name).is_none() && self.is_settled())
    }

    fn refresh_access(&mut self, now: i64) {
        let world = &self.world;
        let list = &self.access;
        let scope = self.access_scope();
        let roles = world.roles.revision() + world.cluster_roles.revision();
        let bindings = world.bindings.revision() + world.cluster_bindings.revision();
        // Where the pane is about all namespaces, which there are is not told by the scope.
        let others = world.tenants.revision() + if scope.is_none() { world.namespaces.revision() } else { 0 };
        let from = stamp(&(bindings, roles, others, &scope, self.raw, &list.filter, list.faults, list.sort));
        if list.made_from == from {
            return;
        }
        let all = scope.as_ref().map_or_else(|| world.namespaces.len(), Vec::len);
        let place = self.access_place();
        let keys = if self.raw { raw_rows(world, scope.as_ref()) } else { grant_rows(world, scope.as_ref(), &place) };
        let titles = columns::titles(Pane::Access, self.raw);
        let row = |key| AccessCells::new(world, key, all, now);
        Made::new(&keys, list, titles, false, row).into(&mut self.access, from);
        self.access.keep_marks(|key| keys.contains(key));
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

    /// What the access pane is about: a namespace, a tenant, or all.
    pub fn access_place(&self) -> Where {
        if let Some(name) = self.namespaces.selected().filter(|_| self.narrow) {
            return Where::Namespace(name.clone());
        }
        match self.tenants.selected().filter(|_| self.breadth == Breadth::Tenant) {
            Some(tenant) => Where::Tenant(tenant.clone()),
            None => Where::Everywhere,
        }
    }

    /// Whether lists are complete, so that a missing row means a deletion rather than a page that has not arrived.
    fn is_settled(&self) -> bool {
        matches!(self.world.freshness(), crate::world::freshness::Freshness::Live)
    }
}

/// Rows, made.
pub(super) struct Made<K> {
    rows: Vec<K>,
    total: usize,
    filter: Filter,
    loose: bool,
}

impl<K: Clone + Eq + std::hash::Hash> Made<K> {
    /// Those of `keys` that the list's filter keeps, in its order.
    pub(super) fn new<'a, R: Row>(
        keys: &'a [K],
        list: &List<K>,
        titles: &[&str],
        labels: bool,
        row: impl Fn(&'a K) -> Option<R>,
    ) -> Self {
        let filter = Filter::new(&list.filter, titles, labels);
        let kept = |keeps: &dyn Fn(&R) -> bool| -> Vec<&'a K> {
            let keeps = |row: R| keeps(&row) && (!list.faults || row.needs_a_look());
            keys.iter().filter(|key| row(key).is_some_and(keeps)).collect()
        };
        let mut rows =
            if filter.is_empty() && !list.faults { keys.iter().collect() } else { kept(&|row| filter.keeps(row)) };
        let loose = rows.is_empty() && filter.is_plain();
        if loose {
            rows = kept(&|row| filter.keeps_loosely(row));
        }
        if let Some(sort) = list.sort {
            let rank = |key: &'a K| row(key).map(|row| row.rank(sort.column));
            let mut ranked: Vec<(Option<Rank>, &K)> = rows.into_iter().map(|key| (rank(key), key)).collect();
            // What is equal stays in the order of the names, whichever way round.
            ranked.sort_by(|one, other| {
                let order = one.0.cmp(&other.0);
                if sort.descending { order.reverse() } else { order }
            });
            rows = ranked.into_iter().map(|(_, key)| key).collect();
        }
        Self { rows: rows.into_iter().cloned().collect(), total: keys.len(), filter, loose }
    }

    /// Puts them into their list; returns the row under the cursor if it is there no more.
    pub(super) fn into(self, list: &mut List<K>, from: u64) -> Option<K> {
        list.made_from = from;
        list.total = self.total;
        list.kept_by = self.filter;
        list.loose = self.loose;
        list.set_rows(self.rows)
    }
}

fn grant_rows(world: &crate::world::World, scope: Option<&Vec<Name>>, place: &Where) -> Vec<AccessRow> {
    let all: Vec<Name>;
    let names = match scope {
        Some(names) => names,
        None => {
            all = world.namespaces.iter().map(|namespace| namespace.name.clone()).collect();
            &all
        }
    };
    let risks = world.rights().gravest(place);
    let key = |grant: Grant| {
        let maker = makers(world, &grant);
        let Grant { subject, role, reach, origin, missing_role, bindings } = grant;
        let risk = risks.get(&(one(&subject).into_owned(), role.clone())).copied();
        GrantKey { subject, role, origin, reach, missing_role, maker, risk, bindings: bindings.into() }
    };
    let mut keys: Vec<GrantKey> = grant::of_people(world, names).into_iter().map(key).collect();
    // What goes across the walls between tenants nobody else reports: it goes first.
    keys.sort_by_key(|key| key.risk.is_none_or(|risk| risk.flag != Flag::CrossTenant));
    keys.into_iter().map(|key| AccessRow::Grant(Box::new(key))).collect()
}

/// Who made the bindings of a grant.
fn makers(world: &crate::world::World, grant: &Grant) -> (Option<Maker>, usize) {
    let mut all: Vec<Option<&Maker>> =
        grant.bindings.iter().filter_map(|key| world.binding(key)).map(|binding| binding.maker.as_ref()).collect();
    all.sort();
    all.dedup();
    (all.first().copied().flatten().cloned(), all.len().saturating_sub(1))
}

fn raw_rows(world: &crate::world::World, scope: Option<&Vec<Name>>) -> Vec<AccessRow> {
    let mut rows = Vec::new();
    let mut take = |binding: &Binding| rows.push(AccessRow::Binding(binding.namespace.clone(), binding.name.clone()));
    match scope {
        Some(names) => names.iter().flat_map(|name| world.bindings_in(name)).for_each(&mut take),
        None => world.bindings.iter().for_each(&mut take),
    }
    world.cluster_bindings.iter().for_each(&mut take);
    rows
}

/// The owners of a tenant, as one line.
pub fn owners(tenant: Option<&crate::world::tenant::Tenant>) -> String {
    let names: Vec<String> =
        tenant.map(|tenant| tenant.owners.iter().map(|owner| owner.subject.name()).collect()).unwrap_or_default();
    names.join(", ")
}

/// A number that stands for everything rows were made from.
pub(super) fn stamp(from: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    from.hash(&mut hasher);
    hasher.finish()
}
