//! Somebody who asks: a user with groups, those included that the server adds by itself.

use std::collections::HashSet;

use crate::world::World;
use crate::world::binding::Subject;
use crate::world::identity::Identity;
use crate::world::name::Name;

/// Everybody who has proven who he is.
pub const AUTHENTICATED: &str = "system:authenticated";
/// Everybody who has not.
pub const UNAUTHENTICATED: &str = "system:unauthenticated";
/// All ServiceAccounts; with `:NAMESPACE` behind it, those of a namespace.
pub const ACCOUNTS: &str = "system:serviceaccounts";
/// The group that may do everything, whatever bindings say.
pub const MASTERS: &str = "system:masters";
/// What a ServiceAccount's user name begins with.
pub const ACCOUNT: &str = "system:serviceaccount:";

/// A user with groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user name; `None`: some member of the groups, whatever his name.
    pub user: Option<Name>,
    /// All groups, those included that the server adds by itself.
    pub groups: Vec<Name>,
    /// Groups among those that are taken for granted and not known: an owner is in the group of Capsule's users.
    pub assumed: Vec<Name>,
}

impl Person {
    /// A user with exactly these groups, as a server would see them.
    pub fn exactly(user: &str, groups: impl IntoIterator<Item = Name>) -> Self {
        Self { user: Some(user.into()), groups: groups.into_iter().collect(), assumed: Vec::new() }
    }

    /// Ourselves.
    pub fn me(identity: &Identity) -> Self {
        Self::exactly(&identity.username, identity.groups.iter().map(|group| group.as_str().into()))
    }

    /// A subject of bindings, with the groups that the server adds by itself. Of a group it is some member of it.
    pub fn of(subject: &Subject) -> Self {
        let (user, mut groups): (Option<Name>, Vec<Name>) = match subject {
            Subject::User(name) => (Some(name.clone()), Vec::new()),
            Subject::Group(name) => (None, vec![name.clone()]),
            Subject::ServiceAccount { namespace, name } => {
                (Some(format!("{ACCOUNT}{namespace}:{name}").as_str().into()), Vec::new())
            }
            // Nobody is bound by it.
            Subject::Other { .. } => (None, Vec::new()),
        };
        if let Some((namespace, _)) = user.as_deref().and_then(account) {
            groups.extend([ACCOUNTS.into(), format!("{ACCOUNTS}:{namespace}").as_str().into()]);
        }
        let is_anonymous =
            user.as_deref() == Some("system:anonymous") || groups.iter().any(|g| &**g == UNAUTHENTICATED);
        let implicit = if is_anonymous { UNAUTHENTICATED } else { AUTHENTICATED };
        if !groups.iter().any(|group| &**group == implicit) && !matches!(subject, Subject::Other { .. }) {
            groups.push(implicit.into());
        }
        Self { user, groups, assumed: Vec::new() }
    }

    /// A subject with the groups that are known of it: see [`Known::person`].
    pub fn known(world: &World, subject: &Subject) -> Self {
        Known::of(world).person(subject)
    }

    /// With more groups.
    #[must_use]
    pub fn with(mut self, groups: impl IntoIterator<Item = Name>) -> Self {
        for group in groups {
            if !self.groups.contains(&group) {
                self.groups.push(group);
            }
        }
        self
    }

    /// Whether RBAC is bypassed.
    pub fn is_master(&self) -> bool {
        self.groups.iter().any(|group| &**group == MASTERS)
    }

    /// All subjects that bindings may name this person by; those that are groups come last.
    pub fn subjects(&self) -> impl Iterator<Item = Subject> {
        let user = self.user.as_ref();
        let account = user
            .and_then(|user| account(user))
            .map(|(namespace, name)| Subject::ServiceAccount { namespace: namespace.into(), name: name.into() });
        let mut groups: Vec<&Name> = self.groups.iter().collect();
        groups.sort();
        groups.dedup();
        let user = user.map(|user| Subject::User(user.clone()));
        user.into_iter().chain(account).chain(groups.into_iter().map(|group| Subject::Group(group.clone())))
    }

    /// As one says it: `alice`; `a member of devs`.
    pub fn words(&self) -> String {
        match (&self.user, self.groups.first()) {
            (Some(user), _) => user.to_string(),
            (None, Some(group)) => format!("a member of {group}"),
            (None, None) => "nobody".to_owned(),
        }
    }
}

/// What is known of the groups of many people.
pub struct Known<'a> {
    identity: Option<&'a Identity>,
    owners: HashSet<&'a Subject>,
    /// Capsule's users, as it is configured.
    users: &'a [Subject],
}

impl<'a> Known<'a> {
    /// What a world knows.
    pub fn of(world: &'a World) -> Self {
        let owners = world.tenants.iter().flat_map(|tenant| &tenant.owners).map(|owner| &owner.subject).collect();
        let users = world.configuration().map(|configuration| configuration.users.as_slice()).unwrap_or_default();
        Self { identity: world.identity.as_ref(), owners, users }
    }

    /// A subject with the groups that are known of it: all of them if that is us; the group of Capsule's users if it owns a
    /// tenant, since Capsule would not know it as an owner without (see [`Person::assumed`]).
    pub fn person(&self, subject: &Subject) -> Person {
        if let (Subject::User(name), Some(identity)) = (subject, self.identity)
            && **name == *identity.username
        {
            return Person::me(identity);
        }
        let mut person = Person::of(subject);
        if matches!(subject, Subject::User(_)) && self.owners.contains(subject) && !self.users.contains(subject) {
            let group =
                self.users.iter().find_map(|known| if let Subject::Group(name) = known { Some(name) } else { None });
            person.groups.extend(group.cloned());
            person.assumed.extend(group.cloned());
        }
        person
    }
}

/// The namespace and name of a ServiceAccount, by its user name.
pub fn account(user: &str) -> Option<(&str, &str)> {
    user.strip_prefix(ACCOUNT)?.split_once(':').filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty())
}
