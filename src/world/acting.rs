//! Whom requests have to act as, for a cluster to be seen as one of its subjects sees it.

use std::collections::BTreeSet;

use super::World;
use super::binding::Subject;
use super::identity::ActingAs;
use super::name::Name;

/// How a person who is not named is called, where anybody in a group is meant.
const ANYBODY: &str = "anybody-in:";

/// Whom to act as, and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// What requests say.
    pub acting_as: ActingAs,
    /// Where the groups come from, or that they are not known.
    pub note: String,
}

/// Whom to act as. Groups that are named are those; else an owner of tenants is in Capsule's groups, since nobody can be an owner
/// without, and the server itself knows those of a ServiceAccount.
pub fn acting(world: &World, subject: &Subject, named: Vec<String>) -> Acting {
    let mut groups = named;
    let is_named = !groups.is_empty();
    let (user, mut note) = match subject {
        Subject::User(name) | Subject::Other { name, .. } => (name.to_string(), String::new()),
        Subject::Group(name) => {
            if !groups.iter().any(|group| **group == **name) {
                groups.insert(0, name.to_string());
            }
            (format!("{ANYBODY}{name}"), format!("a user of that name stands for anybody in {name}"))
        }
        Subject::ServiceAccount { namespace, name } => {
            if is_named {
                groups.extend(["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")]);
            }
            (format!("system:serviceaccount:{namespace}:{name}"), "with the groups of every ServiceAccount".to_owned())
        }
    };
    let owned: Vec<String> = owns(world, subject).map(ToString::to_string).collect();
    if !is_named && !matches!(subject, Subject::ServiceAccount { .. }) {
        let theirs = capsule_groups(world);
        if !owned.is_empty() && !theirs.is_empty() {
            let more = match owned.len() {
                1 => format!("owns {}", owned.join("")),
                count => format!("owns {count} tenants"),
            };
            let before = if note.is_empty() { note } else { format!("{note}; ") };
            note = format!("{before}{} {more}: with Capsule's group {}", subject.name(), theirs.join(", "));
            groups.extend(theirs.into_iter().filter(|group| !groups.contains(group)).collect::<Vec<_>>());
        } else if note.is_empty() {
            note = format!("groups of {user} are not known here: `:as {user} GROUP` names them");
        }
    }
    Acting { acting_as: ActingAs { user, groups }, note }
}

/// The tenants that a subject owns.
fn owns<'a>(world: &'a World, subject: &'a Subject) -> impl Iterator<Item = &'a Name> {
    world.tenants.iter().filter(move |tenant| tenant.is_owned_by(subject)).map(|tenant| &tenant.name)
}

/// The namespaces that a subject is bound in, or in a tenant of its own: those it can name itself, where it may list none.
pub fn namespaces(world: &World, subject: &Subject) -> BTreeSet<Name> {
    let owned = owns(world, subject).flat_map(|tenant| world.namespaces_of(tenant)).map(|row| row.name.clone());
    world.bound(subject).filter_map(|binding| binding.namespace.clone()).chain(owned).collect()
}

/// The groups that make a Capsule user; not those that Kubernetes itself puts people into.
fn capsule_groups(world: &World) -> Vec<String> {
    let users = world.configuration().map(|configuration| configuration.users.as_slice()).unwrap_or_default();
    let group = |subject: &Subject| match subject {
        Subject::Group(name) if !name.starts_with("system:") => Some(name.to_string()),
        _ => None,
    };
    users.iter().filter_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::super::capsule::Configuration;
    use super::super::feed::{Change, Feed, Scope, What};
    use super::super::store::Row;
    use super::super::tenant::Owner;
    use super::super::testing::{binding, group, namespace, tenant, user};
    use super::*;

    fn all<R: Row>(rows: Vec<R>) -> Change<R> {
        Change { scope: Scope::Cluster, what: What::Rows(rows) }
    }

    fn world() -> World {
        let mut oil = tenant("oil");
        oil.owners = vec![
            Owner { subject: user("alice"), cluster_roles: vec![] },
            Owner { subject: Subject::Group("drillers".into()), cluster_roles: vec![] },
        ];
        let configuration = Configuration {
            name: "default".into(),
            users: vec![
                Subject::Group("projectcapsule.dev".into()),
                Subject::Group("system:serviceaccounts:tools".into()),
                user("root"),
            ],
            administrators: vec![],
            ignored_groups: vec![],
            protected_namespaces: None,
            force_prefix: false,
            ready: None,
        };
        let devs = binding(Some("lab"), "devs", "view", &[Subject::Group("devs".into())]);
        let mut world = World::default();
        let rows = vec![namespace("oil-web", Some("oil")), namespace("lab", None)];
        for feed in [
            Feed::Tenants(all(vec![oil])),
            Feed::Namespaces(all(rows)),
            Feed::Bindings(all(vec![devs])),
            Feed::Configuration(all(vec![configuration])),
        ] {
            world.apply(feed, 0);
        }
        world
    }

    fn as_(subject: &Subject, groups: &[&str]) -> (String, String, String) {
        let named = groups.iter().map(|group| (*group).to_owned()).collect();
        let Acting { acting_as, note } = acting(&world(), subject, named);
        (acting_as.user, acting_as.groups.join(" "), note)
    }

    #[test]
    fn an_owner_is_in_capsules_group_and_groups_that_are_named_are_those() {
        let (name, groups, note) = as_(&user("alice"), &[]);
        assert_eq!((name.as_str(), groups.as_str()), ("alice", "projectcapsule.dev"));
        assert_eq!(note, "alice owns oil: with Capsule's group projectcapsule.dev");
        assert_eq!(as_(&user("alice"), &["a", "b"]).1, "a b");
        let (_, groups, note) = as_(&user("carol"), &[]);
        assert_eq!(
            (groups.as_str(), note.as_str()),
            ("", "groups of carol are not known here: `:as carol GROUP` names them")
        );
    }

    #[test]
    fn somebody_stands_for_a_group_and_an_account_has_groups_of_its_own() {
        let devs = as_(&group("devs"), &[]);
        assert_eq!((devs.0.as_str(), devs.1.as_str()), ("anybody-in:devs", "devs"));
        assert_eq!(as_(&group("drillers"), &[]).1, "drillers projectcapsule.dev");
        let ci = Subject::ServiceAccount { namespace: "oil-web".into(), name: "ci".into() };
        let known = as_(&ci, &[]);
        assert_eq!(
            (known.0.as_str(), known.1.as_str()),
            ("system:serviceaccount:oil-web:ci", ""),
            "the server knows them"
        );
        assert_eq!(as_(&ci, &["x"]).1, "x system:serviceaccounts system:serviceaccounts:oil-web");
    }

    #[test]
    fn namespaces_are_those_of_bindings_and_of_tenants() {
        let world = world();
        let names = |subject| namespaces(&world, &subject).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(user("alice")), ["oil-web"]);
        assert_eq!(names(group("devs")), ["lab"]);
    }
}
