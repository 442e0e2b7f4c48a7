//! What a world knows of a refusal beyond its words: whose namespace it was, how things stand there, who could change them, and by
//! which role what is missing could be had. Of rights it tells what RBAC says, as far as that may be read.

use super::{Of, Refusal};
use crate::world::World;
use crate::world::name::Name;
use crate::world::pause::PauseState;
use crate::world::rights::holders::Holder;
use crate::world::rights::question::{Object, Question, Where};
use crate::world::rights::rule::Attributes;
use crate::world::trouble::Denial;

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The tenant that it is about.
    pub tenant: Option<Name>,
    /// How things stand, in sentences.
    pub facts: Vec<String>,
    /// Who could change what decides; empty if nobody knows.
    pub keepers: Vec<String>,
}

/// How many people are named.
const NAMED: usize = 5;

impl Known {
    /// What `world` knows of a refusal that came from, or is about, a namespace or a tenant.
    pub fn of(world: &World, refusal: &Refusal, namespace: Option<&str>, tenant: Option<&str>) -> Self {
        let namespace = namespace.map(Name::from);
        let lies = namespace.as_ref().and_then(|name| world.namespaces.get(name)).and_then(|row| row.tenant.clone());
        let tenant = tenant.map(Name::from).or(lies);
        let mut known = Self { tenant, ..Self::default() };
        if let Some(tenant) = &known.tenant {
            known.facts.extend(stands(world, refusal, tenant, namespace.as_ref()));
        }
        if let Some(denial) = &refusal.denial {
            known.facts.extend(helps(world, denial));
            known.keepers = people(world, &binds(denial));
        } else if let Some(question) = change(refusal, namespace.as_ref(), known.tenant.as_ref()) {
            known.keepers = people(world, &question);
        }
        known
    }
}

/// How a tenant stands to what refuses.
fn stands(world: &World, refusal: &Refusal, tenant: &Name, namespace: Option<&Name>) -> Option<String> {
    let row = world.tenants.get(tenant);
    match refusal.rule {
        "namespace-quota" => {
            let has = world.namespaces_of(tenant).count();
            let quota = row?.quota?;
            Some(format!("{tenant} has {has} namespaces and may have {quota}"))
        }
        rule if rule.starts_with("cordon") => {
            if world.pause_state(tenant) != PauseState::Active {
                return Some(format!("{tenant} is paused: :resume lifts the cordon and starts what rested"));
            }
            match (row, namespace.and_then(|name| world.namespaces.get(name))) {
                (Some(row), _) if row.cordoned => Some(format!("{tenant} is cordoned as a whole")),
                (Some(_), Some(namespace)) if namespace.cordoned => Some(format!(
                    "{tenant} is not cordoned, but its namespace {} is: its owners may lift that themselves, by :label \
                     projectcapsule.dev/cordoned- on it",
                    namespace.name
                )),
                _ => Some(format!("the tenant is {tenant}")),
            }
        }
        _ if refusal.field.as_ref().is_some_and(|field| field.of == Of::Tenant) => {
            Some(format!("the tenant is {tenant}"))
        }
        _ => None,
    }
}

fn question(verb: &str, group: &str, resource: &str, name: Option<&Name>, place: Where) -> Question {
    let namespaced = matches!(place, Where::Namespace(_)) && resource != "namespaces";
    let object = Object::Resource {
        group: group.into(),
        resource: resource.into(),
        subresource: "".into(),
        name: name.cloned().unwrap_or_else(|| "".into()),
        namespaced,
    };
    Question { verb: verb.into(), object, place }
}

/// Who may change what decides? `None` where that is nobody's right in particular.
fn change(refusal: &Refusal, namespace: Option<&Name>, tenant: Option<&Name>) -> Option<Question> {
    const CAPSULE: &str = "capsule.clastix.io";
    let within = || Some(Where::Namespace(namespace?.clone()));
    Some(match refusal.field.as_ref()?.of {
        Of::Tenant => question("patch", CAPSULE, "tenants", tenant, Where::Cluster),
        Of::Configuration => question("patch", CAPSULE, "capsuleconfigurations", None, Where::Cluster),
        Of::Namespace => question("patch", "", "namespaces", namespace, within()?),
        Of::Quota => question("patch", "", "resourcequotas", None, within()?),
        Of::Limits => question("patch", "", "limitranges", None, within()?),
        Of::Request | Of::Other(_) => return None,
    })
}

/// Who may give somebody the right that is missing?
fn binds(denial: &Denial) -> Question {
    const RBAC: &str = "rbac.authorization.k8s.io";
    match &denial.namespace {
        Some(namespace) => {
            question("create", RBAC, "rolebindings", None, Where::Namespace(Name::from(namespace.as_str())))
        }
        None => question("create", RBAC, "clusterrolebindings", None, Where::Cluster),
    }
}

/// Those whom bindings let do it, parts of Kubernetes left out; and what could not be looked at.
fn people(world: &World, question: &Question) -> Vec<String> {
    let rights = world.rights();
    let who = rights.who(question);
    let told = |holder: &Holder<'_>| {
        let role = holder.ways().chains.first().map(|chain| format!(", by {} {}", chain.role.kind(), chain.role.name));
        format!("{}{}", holder.subject, role.unwrap_or_default())
    };
    let people: Vec<Holder<'_>> = who.holders.each().filter(|holder| !holder.subject.is_system()).collect();
    let mut lines: Vec<String> = people.iter().take(NAMED).map(told).collect();
    if let Some(more) = people.len().checked_sub(NAMED).filter(|more| *more > 0) {
        lines.push(format!("and {more} more, by what RBAC says"));
    }
    if !who.blind.is_empty() || !who.unsure.is_empty() {
        let who = if people.is_empty() { "nobody that can be seen as this user" } else { "perhaps by others" };
        lines.push(format!("{who}: not all bindings and roles may be read"));
    }
    lines
}

/// The ClusterRoles that hold what is missing, the least of them first.
fn helps(world: &World, denial: &Denial) -> Option<String> {
    let (resource, subresource) = denial.resource.split_once('/').unwrap_or((&denial.resource, ""));
    let namespace = denial.namespace.as_deref().unwrap_or_default();
    let asked = if denial.resource.starts_with('/') {
        Attributes::Url { verb: &denial.verb, path: &denial.resource }
    } else {
        Attributes::Resource { verb: &denial.verb, group: &denial.group, resource, subresource, name: "", namespace }
    };
    let roles = world.cluster_roles.iter().filter(|role| !role.name.starts_with("system:"));
    let mut roles: Vec<_> = roles.filter(|role| role.rules.iter().any(|rule| rule.allows(&asked))).collect();
    roles.sort_by_key(|role| (role.is_everything(), role.rules.len()));
    let names: Vec<&str> = roles.iter().take(4).map(|role| &*role.name).collect();
    let more = if roles.len() > 4 { " and others" } else { "" };
    (!names.is_empty()).then(|| format!("held by the ClusterRoles {}{more}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::binding::Subject;
    use crate::world::denial::read;
    use crate::world::feed::{Change, Feed, Scope, What};
    use crate::world::labels::Labels;
    use crate::world::rights::rule::Rule;
    use crate::world::role::Role;
    use crate::world::store::Row;
    use crate::world::testing::{binding, namespace, tenant};

    fn full<R: Row>(rows: Vec<R>) -> Vec<Change<R>> {
        [What::Rows(rows), What::Synced].into_iter().map(|what| Change { scope: Scope::Cluster, what }).collect()
    }

    fn role(name: &str, verbs: &[&str], groups: &[&str], resources: &[&str]) -> Role {
        let names = |all: &[&str]| all.iter().map(|one| Name::from(*one)).collect();
        let rule = Rule { verbs: names(verbs), groups: names(groups), resources: names(resources), ..Rule::default() };
        Role { namespace: None, name: name.into(), rules: [rule].into(), aggregates: None, labels: Labels::default() }
    }

    fn world() -> World {
        let mut world = World::default();
        let mut oil = tenant("oil");
        oil.quota = Some(2);
        oil.cordoned = true;
        let ops = Subject::Group("ops".into());
        let system = Subject::Group("system:masters".into());
        let roles = vec![
            role("cluster-admin", &["*"], &["*"], &["*"]),
            role("readers", &["get", "list"], &[""], &["secrets"]),
            role("system:node", &["list"], &[""], &["secrets"]),
        ];
        let bindings = vec![binding(None, "ops", "cluster-admin", &[ops, system])];
        let alice = Subject::User("alice".into());
        let feeds = full(vec![oil]).into_iter().map(Feed::Tenants);
        let feeds = feeds.chain(
            full(vec![namespace("oil-web", Some("oil")), namespace("oil-db", Some("oil"))])
                .into_iter()
                .map(Feed::Namespaces),
        );
        let feeds = feeds.chain(full(bindings).into_iter().map(Feed::ClusterBindings));
        let feeds = feeds.chain(full(roles).into_iter().map(Feed::ClusterRoles));
        let feeds =
            feeds.chain(full(vec![binding(Some("oil-web"), "a", "readers", &[alice])]).into_iter().map(Feed::Bindings));
        for feed in feeds.chain(full(Vec::<Role>::new()).into_iter().map(Feed::Roles)) {
            world.apply(feed, 0);
        }
        world
    }

    #[test]
    fn a_quota_is_told_with_its_numbers_and_with_who_can_raise_it() {
        let refusal = read(
            "admission webhook \"namespaces.capsule.clastix.io\" denied the request: Cannot exceed Namespace quota",
        )
        .unwrap();
        let known = Known::of(&world(), &refusal, None, Some("oil"));
        assert_eq!(known.facts, ["oil has 2 namespaces and may have 2"]);
        assert_eq!(known.keepers, ["Group ops, by ClusterRole cluster-admin"]);
    }

    #[test]
    fn a_cordon_is_found_by_its_namespace() {
        let refusal = read("admission webhook \"cordoning.validating.projectcapsule.dev\" denied the request: The current namespace 'oil-web' is cordoned.").unwrap();
        let known = Known::of(&world(), &refusal, Some("oil-web"), None);
        assert_eq!(
            (known.tenant.as_deref(), known.facts.as_slice()),
            (Some("oil"), ["oil is cordoned as a whole".to_owned()].as_slice())
        );
    }

    #[test]
    fn a_missing_right_is_told_with_the_least_role_and_with_who_can_bind_it() {
        let text = "secrets is forbidden: User \"bob\" cannot list resource \"secrets\" in API group \"\" in the namespace \"oil-db\"";
        let known = Known::of(&world(), &read(text).unwrap(), Some("oil-db"), None);
        assert_eq!(known.facts, ["held by the ClusterRoles readers, cluster-admin"]);
        assert_eq!(known.keepers, ["Group ops, by ClusterRole cluster-admin"]);
    }
}
