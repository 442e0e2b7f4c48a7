//! Everything known of one cluster as seen by one identity. Pure: fed by [`feed::Feed`], read by the screens.

pub mod acting;
pub mod binding;
pub mod capsule;
pub mod class;
pub mod cordon;
pub mod denial;
pub mod feed;
pub mod freshness;
pub mod grant;
pub mod identity;
pub mod labels;
pub mod maker;
pub mod name;
pub mod namespace;
pub mod pause;
pub mod resource;
pub mod review;
pub mod rights;
pub mod role;
pub mod store;
pub mod table;
pub mod tenant;
#[cfg(test)]
pub mod testing;
pub mod trouble;
pub mod workload;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use binding::Binding;
use capsule::{Configuration, Era, Standing, Ties, WebhookConfiguration, WebhookHealth};
use feed::Feed;
use freshness::{Freshness, Sources};
use identity::{Identity, Place};
use name::Name;
use namespace::Namespace;
use pause::{PauseState, Tally};
use resource::Resources;
use role::Role;
use store::{Row, Store};
use tenant::{Tenant, TenantState};
use trouble::{Trouble, TroubleKind};
use workload::{Workload, WorkloadKind, Workloads};

/// Everything known of one cluster, as seen by one identity.
#[derive(Debug, Default)]
pub struct World {
    /// Where requests go; `None` before the kubeconfig has been read.
    pub place: Option<Place>,
    /// Whether the server answers.
    pub link: Link,
    /// Who the server says we are.
    pub identity: Option<Identity>,
    /// Why it does not say.
    pub identity_refused: Option<Trouble>,
    /// The server's version.
    pub version: Option<String>,
    /// The kinds that the server has; empty while it has not said.
    pub resources: Resources,
    /// Why it does not say.
    pub resources_refused: Option<Trouble>,
    /// Capsule's era.
    pub era: Era,
    /// Whether Capsule's webhooks answer.
    pub webhook_health: WebhookHealth,
    /// Tenants.
    pub tenants: Store<Tenant>,
    /// Namespaces.
    pub namespaces: Store<Namespace>,
    /// RoleBindings.
    pub bindings: Store<Binding>,
    /// ClusterRoleBindings.
    pub cluster_bindings: Store<Binding>,
    /// Roles.
    pub roles: Store<Role>,
    /// ClusterRoles.
    pub cluster_roles: Store<Role>,
    /// Workloads, by kind.
    pub workloads: BTreeMap<WorkloadKind, Store<Workload>>,
    /// The CapsuleConfiguration (there is one, named `default` unless configured otherwise).
    pub configurations: Store<Configuration>,
    /// Capsule's webhook configurations: mutating and validating.
    pub webhooks: [Store<WebhookConfiguration>; 2],
    bound: rights::index::Index,
    by_tenant: BTreeMap<Name, BTreeSet<Name>>,
    by_namespace: HashMap<Name, Workloads>,
    news: u64,
}

/// Whether the server answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Link {
    /// Nothing has been asked yet, or the first answer is awaited.
    #[default]
    Connecting,
    /// It answers.
    Up,
    /// It does not, since then (Unix seconds).
    Down {
        /// Since when.
        since: i64,
        /// Why.
        trouble: Trouble,
    },
}

impl World {
    /// Takes in news from the cluster at `now` (Unix seconds).
    pub fn apply(&mut self, feed: Feed, now: i64) {
        match feed {
            Feed::Tenants(change) => self.tenants.apply(change, now, |_, _| {}),
            Feed::Namespaces(change) => {
                let index = &mut self.by_tenant;
                self.namespaces.apply(change, now, |before, after| {
                    if let Some((row, tenant)) = before.and_then(|row| Some((row, row.tenant.as_ref()?)))
                        && let Some(names) = index.get_mut(tenant)
                    {
                        names.remove(&row.name);
                        if names.is_empty() {
                            index.remove(tenant);
                        }
                    }
                    if let Some((row, tenant)) = after.and_then(|row| Some((row, row.tenant.as_ref()?))) {
                        index.entry(tenant.clone()).or_default().insert(row.name.clone());
                    }
                });
            }
            Feed::Bindings(change) => {
                self.bindings.apply(change, now, |before, after| self.bound.replace(before, after));
            }
            Feed::ClusterBindings(change) => {
                self.cluster_bindings.apply(change, now, |before, after| self.bound.replace(before, after));
            }
            Feed::Roles(change) => self.roles.apply(change, now, |_, _| {}),
            Feed::ClusterRoles(change) => self.cluster_roles.apply(change, now, |_, _| {}),
            Feed::Workloads(kind, change) => {
                let counts = &mut self.by_namespace;
                self.workloads.entry(kind).or_default().apply(change, now, |before, after| {
                    if let Some(workload) = before
                        && let Some(in_namespace) = counts.get_mut(&workload.namespace)
                    {
                        in_namespace.remove(workload);
                    }
                    if let Some(workload) = after {
                        counts.entry(workload.namespace.clone()).or_default().add(workload);
                    }
                });
            }
            Feed::Configuration(change) => self.configurations.apply(change, now, |_, _| {}),
            Feed::Webhooks(validating, change) => {
                self.webhooks[usize::from(validating)].apply(change, now, |_, _| {});
            }
            Feed::WebhookHealth(health) => self.webhook_health = health,
            Feed::Era(era) => self.era = era,
            Feed::Version(version) => self.version = Some(version),
            Feed::Resources(Ok(resources)) => {
                self.resources = *resources;
                self.resources_refused = None;
            }
            // What is looked at for a while is kept by whoever looks at it.
            Feed::Listed(..) => {}
            // What was known before still holds, more or less.
            Feed::Resources(Err(trouble)) => self.resources_refused = Some(trouble),
            Feed::Identity(identity) => {
                self.identity = Some(identity);
                self.identity_refused = None;
            }
            Feed::IdentityRefused(trouble) => {
                // A refusal names whom it refuses: so much the server has said, and no groups.
                if let TroubleKind::Forbidden(denial) = &trouble.kind
                    && !denial.user.is_empty()
                    && !denial.verb.starts_with("impersonate")
                {
                    self.identity = Some(Identity { username: denial.user.clone(), ..Identity::default() });
                }
                self.identity_refused = Some(trouble);
            }
            Feed::Connected => self.link = Link::Up,
            Feed::Disconnected(trouble) => {
                let since = match self.link {
                    Link::Down { since, .. } => since,
                    _ => now,
                };
                self.link = Link::Down { since, trouble };
            }
        }
        self.news += 1;
    }

    /// A number that changes whenever anything shown may have changed.
    pub fn revision(&self) -> u64 {
        self.news
    }

    /// The namespaces known to belong to `tenant`, by name.
    pub fn namespaces_of(&self, tenant: &str) -> impl Iterator<Item = &Namespace> {
        self.by_tenant.get(tenant).into_iter().flatten().filter_map(|name| self.namespaces.get(name))
    }

    /// The same, keyed by name: the shape that states are computed from.
    pub fn namespace_map(&self, tenant: &str) -> BTreeMap<Name, &Namespace> {
        self.namespaces_of(tenant).map(|namespace| (namespace.name.clone(), namespace)).collect()
    }

    /// How many namespaces are known to belong to `tenant`.
    pub fn namespace_count(&self, tenant: &str) -> usize {
        self.by_tenant.get(tenant).map_or(0, BTreeSet::len)
    }

    /// The state of a tenant, by name: also of one known only by the labels of its namespaces.
    pub fn tenant_state(&self, name: &Name) -> TenantState {
        let tenant = self.tenants.get(name);
        let namespaces = self.namespace_map(name);
        let state = tenant.map_or(TenantState::Unread, |tenant| tenant.state(&namespaces));
        state.with(self.pause_of(tenant, name, &namespaces))
    }

    /// How the workloads of a tenant stand to a pause, as far as they may be seen.
    pub fn tally(&self, name: &str) -> Tally {
        let mut tally = Tally::default();
        let names = self.by_tenant.get(name).into_iter().flatten();
        for workloads in names.filter_map(|name| self.by_namespace.get(name)) {
            tally += *workloads.tally();
        }
        tally
    }

    /// How a tenant stands to a pause.
    pub fn pause_state(&self, name: &str) -> PauseState {
        self.pause_of(self.tenants.get(&Name::from(name)), name, &self.namespace_map(name))
    }

    fn pause_of(&self, tenant: Option<&Tenant>, name: &str, namespaces: &BTreeMap<Name, &Namespace>) -> PauseState {
        let paused = tenant.filter(|tenant| tenant.pause.is_some());
        PauseState::of(&self.tally(name), paused.and_then(|tenant| tenant.whole(namespaces)))
    }

    /// The names of all tenants: those read, and those that a namespace names.
    pub fn tenant_names(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self.tenants.iter().map(|tenant| tenant.name.clone()).collect();
        // Only when tenants may not be listed does a label speak for its tenant; else it is a stray one.
        if self.tenants.sources().refused().is_some() {
            names.extend(self.by_tenant.keys().filter(|name| self.tenants.get(name).is_none()).cloned());
            names.sort();
        }
        names
    }

    /// What runs in `namespace`; `None` if that is not known.
    pub fn workloads_in(&self, namespace: &Name) -> Option<Workloads> {
        let scope = feed::Scope::Namespace(namespace.clone());
        let known = WorkloadKind::ALL.iter().all(|kind| {
            let Some(store) = self.workloads.get(kind) else { return false };
            [&feed::Scope::Cluster, &scope]
                .into_iter()
                .filter_map(|scope| store.sources().of(scope))
                .any(|freshness| matches!(freshness, Freshness::Live | Freshness::Stale { .. }))
        });
        known.then(|| self.by_namespace.get(namespace).cloned().unwrap_or_default())
    }

    /// The RoleBindings of `namespace`.
    pub fn bindings_in(&self, namespace: &Name) -> impl Iterator<Item = &Binding> {
        let from = (Some(namespace.clone()), Name::from(""));
        let namespace = namespace.clone();
        self.bindings.range(from..).take_while(move |binding| binding.namespace.as_ref() == Some(&namespace))
    }

    /// A RoleBinding, or, without a namespace, a ClusterRoleBinding.
    pub fn binding(&self, key: &binding::Key) -> Option<&Binding> {
        if key.0.is_some() { self.bindings.get(key) } else { self.cluster_bindings.get(key) }
    }

    /// The bindings that name a subject. A ServiceAccount is the same by its user name.
    pub fn bound<'a>(&'a self, subject: &binding::Subject) -> impl Iterator<Item = &'a Binding> + use<'a> {
        self.bound.of(&rights::index::one(subject)).filter_map(|key| self.binding(key))
    }

    /// All subjects that bindings name, in order.
    pub fn subjects(&self) -> impl ExactSizeIterator<Item = &binding::Subject> {
        self.bound.subjects()
    }

    /// Whether the role that `binding` names does not exist. `false` while that cannot be known.
    pub fn lacks_role(&self, binding: &Binding) -> bool {
        self.role_of(binding) == rights::RoleIs::Missing
    }

    /// The CapsuleConfiguration in force: `default` if there is one of that name, else the first.
    pub fn configuration(&self) -> Option<&Configuration> {
        self.configurations.get(&Name::from("default")).or_else(|| self.configurations.iter().next())
    }

    /// What we are to Capsule; `None` before the server has said who we are.
    pub fn standing(&self) -> Option<Standing> {
        let identity = self.identity.as_ref()?;
        Some(Standing::of(identity, self.configuration(), self.ties(identity)))
    }

    /// Whether all that [`World::standing`] goes by has come, or will not.
    pub fn standing_is_settled(&self) -> bool {
        let is_there = |sources: &Sources| !matches!(sources.overall(), Freshness::Loading);
        self.identity.is_some() && is_there(self.tenants.sources()) && is_there(self.configurations.sources())
    }

    /// What ties `identity` to tenants: by the Tenants themselves, or, where those may not be read, by the bindings that Capsule
    /// keeps for owners only.
    fn ties(&self, identity: &Identity) -> Ties {
        let mine = |subject: &binding::Subject| subject.matches(&identity.username, &identity.groups);
        let home = identity.service_account().map(|(home, _)| Name::from(home));
        let (mut ties, mut via) = (Ties::default(), BTreeSet::new());
        let row = home.as_ref().and_then(|home| self.namespaces.get(home));
        ties.lives_in_tenant = row.is_some_and(|row| row.tenant.is_some());
        for tenant in self.tenants.iter() {
            // Others of these are owners by a TenantOwner.
            let at_home = || tenant.spaces.iter().any(|space| Some(&space.name) == home.as_ref());
            ties.promoted += usize::from(tenant.promoted.iter().any(mine) && at_home());
            let mut owners =
                tenant.owners.iter().map(|owner| &owner.subject).filter(|subject| mine(subject)).peekable();
            if owners.peek().is_some() {
                ties.owned.tenants += 1;
                via.extend(through(owners));
            }
        }
        if ties.owned.tenants == 0 && self.tenants.sources().refused().is_some() {
            let mut tenants = BTreeSet::new();
            for binding in self.bindings.iter().filter(|b| &*b.role.name == "capsule-namespace-deleter") {
                let Some(tenant) = &binding.kept_for else { continue };
                let mut owners = binding.subjects.iter().filter(|subject| mine(subject)).peekable();
                if owners.peek().is_some() && tenants.insert(tenant.clone()) {
                    via.extend(through(owners));
                }
            }
            ties.owned.tenants = tenants.len();
        }
        ties.owned.via = via.into_iter().collect();
        ties
    }

    /// The sources of rows that the four panes stand on, each with the plural of its kind.
    pub fn sources(&self) -> impl Iterator<Item = (&'static str, &Sources)> {
        [
            ("tenants", self.tenants.sources()),
            ("namespaces", self.namespaces.sources()),
            ("rolebindings", self.bindings.sources()),
            ("clusterrolebindings", self.cluster_bindings.sources()),
            ("roles", self.roles.sources()),
            ("clusterroles", self.cluster_roles.sources()),
            ("capsuleconfigurations", self.configurations.sources()),
        ]
        .into_iter()
        .chain(self.workloads.iter().map(|(kind, store)| (kind.plural(), store.sources())))
    }

    /// Whether a list of one of these namespaces is still to come, of a kind that may not be listed in the whole cluster.
    pub fn awaits(&self, followed: &[Name]) -> bool {
        let covered = [self.namespaces.sources(), self.bindings.sources(), self.roles.sources()];
        covered.into_iter().chain(self.workloads.values().map(Store::sources)).any(|sources| sources.awaits(followed))
    }

    /// How fresh the whole screen is: the worst of what it stands on.
    pub fn freshness(&self) -> Freshness {
        let overall: Vec<Freshness> = self.sources().map(|(_, sources)| sources.overall()).collect();
        let find = |wanted: fn(&Freshness) -> bool| overall.iter().find(|freshness| wanted(freshness)).cloned();
        let oldest = overall.iter().filter(|f| matches!(f, Freshness::Stale { .. })).min_by_key(|f| match f {
            Freshness::Stale { since, .. } => *since,
            _ => i64::MAX,
        });
        oldest
            .cloned()
            .or_else(|| find(|f| matches!(f, Freshness::Failing { .. })))
            .or_else(|| find(|f| matches!(f, Freshness::Loading)))
            .unwrap_or(Freshness::Live)
    }
}

/// The group through which one of these subjects is meant, unless one of them is meant by name.
fn through<'a>(subjects: impl Iterator<Item = &'a binding::Subject>) -> Option<String> {
    let mut group = None;
    for subject in subjects {
        match subject {
            binding::Subject::Group(name) => group = Some(name.to_string()),
            _ => return None,
        }
    }
    group
}

impl Row for Tenant {
    type Key = Name;
    fn key(&self) -> Name {
        self.name.clone()
    }
    fn namespace(_: &Name) -> Option<&Name> {
        None
    }
}

impl Row for Namespace {
    type Key = Name;
    fn key(&self) -> Name {
        self.name.clone()
    }
    /// A namespace may be followed on its own, so it counts as lying in itself.
    fn namespace(key: &Name) -> Option<&Name> {
        Some(key)
    }
}

impl Row for Configuration {
    type Key = Name;
    fn key(&self) -> Name {
        self.name.clone()
    }
    fn namespace(_: &Name) -> Option<&Name> {
        None
    }
}

impl Row for WebhookConfiguration {
    type Key = Name;
    fn key(&self) -> Name {
        self.name.clone()
    }
    fn namespace(_: &Name) -> Option<&Name> {
        None
    }
}

/// Rows that are told apart by namespace and name.
macro_rules! namespaced_rows {
    ($($row:ty),*) => {$(
        impl Row for $row {
            type Key = (Option<Name>, Name);
            fn key(&self) -> Self::Key {
                (self.namespace.clone(), self.name.clone())
            }
            fn namespace(key: &Self::Key) -> Option<&Name> {
                key.0.as_ref()
            }
        }
    )*};
}

namespaced_rows!(Binding, Role);

impl Row for Workload {
    type Key = (Name, Name);
    fn key(&self) -> Self::Key {
        (self.namespace.clone(), self.name.clone())
    }
    fn namespace(key: &Self::Key) -> Option<&Name> {
        Some(&key.0)
    }
}

#[cfg(test)]
mod tests {
    use super::feed::{Change, Scope, What};
    use super::trouble::Denial;
    use super::*;

    #[test]
    fn a_refused_list_is_awaited_from_each_namespace_that_stands_in() {
        let mut world = World::default();
        let mut told = |scope: &Scope, what| world.apply(Feed::Namespaces(Change { scope: scope.clone(), what }), 0);
        let followed: Vec<Name> = vec!["oil-db".into(), "oil-web".into()];
        let denial = TroubleKind::Forbidden(Box::<Denial>::default());
        told(&Scope::Cluster, What::Begin);
        told(&Scope::Cluster, What::Failed(Trouble::new(denial, "refused")));
        assert!(world.awaits(&followed), "neither was asked for yet");
        assert!(!world.awaits(&[]), "nothing stands in");
        let mut told = |scope: &Scope, what| world.apply(Feed::Namespaces(Change { scope: scope.clone(), what }), 0);
        let [db, web] = [&followed[0], &followed[1]].map(|name| Scope::Namespace(name.clone()));
        told(&db, What::Begin);
        told(&db, What::Synced);
        told(&web, What::Begin);
        assert!(world.awaits(&followed), "one is on its way");
        let absent = What::Absent;
        world.apply(Feed::Namespaces(Change { scope: web, what: absent }), 0);
        assert!(!world.awaits(&followed), "that one is not there is an answer, too");
    }
}
