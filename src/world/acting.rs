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

/// Reads a subject as people write it: `alice`, `group:devs`, `sa:oil-job/ci` or its full user name. A name that is known as that
/// of a group, and not as that of a user, is the group's.
pub fn subject(world: &World, text: &str) -> Subject {
    if let Some(group) = text.strip_prefix("group:").filter(|group| !group.is_empty()) {
        return Subject::Group(group.into());
    }
    let account = text.strip_prefix("sa:").and_then(|rest| rest.split_once('/'));
    let account = account.or_else(|| text.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':')));
    if let Some((namespace, name)) = account {
        return Subject::ServiceAccount { namespace: namespace.into(), name: name.into() };
    }
    let (user, group) = (Subject::User(text.into()), Subject::Group(text.into()));
    let known = |subject: &Subject| owns(world, subject).next().is_some() || bound(world, subject).next().is_some();
    if !known(&user) && known(&group) { group } else { user }
}

/// A subject as [`subject`] reads it.
pub fn written(subject: &Subject) -> String {
    match subject {
        Subject::User(name) | Subject::Other { name, .. } => name.to_string(),
        Subject::Group(name) => format!("group:{name}"),
        Subject::ServiceAccount { namespace, name } => format!("sa:{namespace}/{name}"),
    }
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
    let owned: Vec<String> = owns(world, subject).map(|name| name.to_string()).collect();
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
    let is_owner = move |tenant: &&super::tenant::Tenant| tenant.owners.iter().any(|owner| owner.subject == *subject);
    world.tenants.iter().filter(is_owner).map(|tenant| &tenant.name)
}

/// The namespaces that a subject is bound in.
fn bound<'a>(world: &'a World, subject: &'a Subject) -> impl Iterator<Item = Option<&'a Name>> {
    let all = world.bindings.iter().chain(world.cluster_bindings.iter());
    all.filter(move |binding| binding.subjects.contains(subject)).map(|binding| binding.namespace.as_ref())
}

/// The namespaces that a subject is bound in, or in a tenant of its own: those it can name itself, where it may list none.
pub fn namespaces(world: &World, subject: &Subject) -> BTreeSet<Name> {
    let owned = owns(world, subject).flat_map(|tenant| world.namespaces_of(tenant)).map(|row| row.name.clone());
    bound(world, subject).flatten().cloned().chain(owned).collect()
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
