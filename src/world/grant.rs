//! Grants: who may do what where, as resolved from bindings.

use std::collections::BTreeMap;

use super::World;
use super::binding::{Binding, RoleRef, Subject};
use super::name::Name;

/// One subject bound to one role: in some namespaces, or in the whole cluster. Made of one or more bindings, which stay named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who.
    pub subject: Subject,
    /// Which role. A Role (not ClusterRole) is a different one in each namespace even under the same name.
    pub role: RoleRef,
    /// Where.
    pub reach: Reach,
    /// How it came about.
    pub origin: Origin,
    /// The bindings: namespace (`None` for ClusterRoleBindings) and name.
    pub bindings: Vec<(Option<Name>, Name)>,
    /// The role does not exist: the binding grants nothing today, and whatever a role of that name will hold tomorrow. Only
    /// said when the roles could be read.
    pub missing_role: bool,
}

/// Where a grant holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// In these namespaces, sorted.
    Namespaces(Vec<Name>),
    /// Everywhere.
    Cluster,
}

impl Reach {
    /// Where this or the other one holds.
    pub fn join(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Cluster, _) => {}
            (_, Self::Cluster) => *self = Self::Cluster,
            (Self::Namespaces(names), Self::Namespaces(others)) => {
                names.extend(others.iter().cloned());
                names.sort();
                names.dedup();
            }
        }
    }

    /// Where this holds and the other one does not; `None`: nowhere.
    pub fn beyond(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (_, Self::Cluster) => None,
            (Self::Cluster, Self::Namespaces(_)) => Some(Self::Cluster),
            (Self::Namespaces(names), Self::Namespaces(others)) => {
                let left: Vec<Name> = names.iter().filter(|name| !others.contains(name)).cloned().collect();
                (!left.is_empty()).then_some(Self::Namespaces(left))
            }
        }
    }

    /// As one says it, of so many namespaces that were looked at: `everywhere`, `oil-web`, `3 of 5 namespaces`.
    pub fn words(&self, of: usize) -> String {
        match self {
            Self::Cluster => "everywhere".to_owned(),
            Self::Namespaces(names) => match names.as_slice() {
                [] => "nowhere".to_owned(),
                [one] if of <= 1 => one.to_string(),
                all if all.len() == of => format!("all {of} namespaces"),
                some => format!("{} of {of} namespaces", some.len()),
            },
        }
    }
}

/// How a grant came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Capsule binds it since the subject owns the tenant.
    Owner,
    /// Capsule binds it since the tenant lists it (`additionalRoleBindings`, promotions, rules).
    Tenant,
    /// Somebody made a RoleBinding.
    Binding,
    /// Somebody made a ClusterRoleBinding.
    ClusterBinding,
}

impl Origin {
    /// The word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Tenant => "tenant",
            Self::Binding => "binding",
            Self::ClusterBinding => "cluster",
        }
    }
}

/// The grants in `namespaces`: those of their RoleBindings, and, if `cluster_wide`, those of ClusterRoleBindings, which hold
/// there as everywhere. Sorted by origin, subject, role.
pub fn grants<'a>(world: &World, namespaces: impl IntoIterator<Item = &'a Name>, cluster_wide: bool) -> Vec<Grant> {
    let mut found: BTreeMap<(Origin, Subject, RoleRef), Grant> = BTreeMap::new();
    for namespace in namespaces {
        for binding in world.bindings_in(namespace) {
            collect(world, binding, &mut found);
        }
    }
    if cluster_wide {
        for binding in world.cluster_bindings.iter() {
            collect(world, binding, &mut found);
        }
    }
    found.into_values().collect()
}

/// The grants in `namespaces` that are about people and their programs: without those of Kubernetes' own parts in the whole
/// cluster, which hold everywhere and say nothing about tenants. The raw bindings have them all.
pub fn of_people<'a>(world: &World, namespaces: impl IntoIterator<Item = &'a Name>) -> Vec<Grant> {
    let mut found = grants(world, namespaces, true);
    found.retain(|grant| grant.reach != Reach::Cluster || !grant.subject.is_system());
    found
}

fn collect(world: &World, binding: &Binding, found: &mut BTreeMap<(Origin, Subject, RoleRef), Grant>) {
    for subject in binding.subjects.iter() {
        let origin = origin(world, binding, subject);
        let grant = found.entry((origin, subject.clone(), binding.role.clone())).or_insert_with(|| Grant {
            subject: subject.clone(),
            role: binding.role.clone(),
            reach: match binding.namespace {
                Some(_) => Reach::Namespaces(Vec::new()),
                None => Reach::Cluster,
            },
            origin,
            bindings: Vec::new(),
            missing_role: false,
        });
        grant.missing_role |= world.lacks_role(binding);
        if let (Reach::Namespaces(names), Some(namespace)) = (&mut grant.reach, &binding.namespace)
            && !names.contains(namespace)
        {
            names.push(namespace.clone());
        }
        grant.bindings.push((binding.namespace.clone(), binding.name.clone()));
    }
}

fn origin(world: &World, binding: &Binding, subject: &Subject) -> Origin {
    match (&binding.namespace, &binding.kept_for) {
        (None, _) => Origin::ClusterBinding,
        (Some(_), None) => Origin::Binding,
        (Some(_), Some(tenant)) => match world.tenants.get(tenant) {
            Some(tenant) if tenant.is_owned_by(subject) => Origin::Owner,
            // An owner may not read the Tenant; but Capsule binds the role that deletes namespaces to owners only.
            None if binding.namespace.as_ref().is_some_and(|ns| may_delete(world, ns, subject)) => Origin::Owner,
            _ => Origin::Tenant,
        },
    }
}

/// Whether Capsule has bound `subject` to the role that owners delete their namespaces by.
fn may_delete(world: &World, namespace: &Name, subject: &Subject) -> bool {
    world.bindings_in(namespace).any(|binding| {
        binding.kept_for.is_some()
            && &*binding.role.name == "capsule-namespace-deleter"
            && binding.subjects.contains(subject)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::feed::{Change, Feed, Scope, What};
    use crate::world::tenant::Owner;
    use crate::world::testing::{binding, namespace, role, tenant};

    fn world() -> World {
        let mut world = World::default();
        let mut oil = tenant("oil");
        let alice = Subject::User("alice".into());
        oil.owners = vec![Owner { subject: alice.clone(), cluster_roles: vec!["admin".into()] }];
        let mut web = binding(Some("oil-web"), "m1", "admin", std::slice::from_ref(&alice));
        web.kept_for = Some("oil".into());
        let mut db = binding(Some("oil-db"), "m1", "admin", &[alice]);
        db.kept_for = Some("oil".into());
        let devs = binding(Some("oil-db"), "devs", "gone", &[Subject::Group("devs".into())]);
        let rows = vec![web, db, devs];
        let ops = binding(None, "ops", "cluster-admin", &[Subject::Group("ops".into())]);
        let role = |name: &str| role(None, name, &[]);
        for feed in [
            Feed::Tenants(full(vec![oil])),
            Feed::Tenants(Change { scope: Scope::Cluster, what: What::Synced }),
            Feed::Namespaces(full(vec![namespace("oil-web", Some("oil")), namespace("oil-db", Some("oil"))])),
            Feed::Bindings(full(rows)),
            Feed::ClusterBindings(full(vec![ops])),
            Feed::ClusterRoles(full(vec![role("admin"), role("cluster-admin")])),
            Feed::ClusterRoles(Change { scope: Scope::Cluster, what: What::Synced }),
        ] {
            world.apply(feed, 0);
        }
        world
    }

    fn full<R: crate::world::store::Row>(rows: Vec<R>) -> Change<R> {
        Change { scope: Scope::Cluster, what: What::Rows(rows) }
    }

    #[test]
    fn grants_join_bindings_of_one_subject_and_role_and_keep_their_names() {
        let world = world();
        let names: Vec<Name> = world.namespaces_of("oil").map(|n| n.name.clone()).collect();
        let grants = grants(&world, &names, true);
        assert_eq!(grants.len(), 3);
        let owner = &grants[0];
        assert_eq!((owner.origin, owner.subject.name().as_str()), (Origin::Owner, "alice"));
        assert_eq!(owner.reach, Reach::Namespaces(vec!["oil-db".into(), "oil-web".into()]));
        assert_eq!(owner.bindings.len(), 2);
        assert!(!owner.missing_role);
        let devs = &grants[1];
        assert_eq!((devs.origin, devs.missing_role), (Origin::Binding, true));
        assert_eq!((grants[2].origin, &grants[2].reach), (Origin::ClusterBinding, &Reach::Cluster));
    }
}
