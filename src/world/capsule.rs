//! Capsule itself: which era it is of, how it is configured, whether its webhooks answer.

use serde::{Deserialize, Serialize};

use super::binding::Subject;
use super::identity::Identity;
use super::name::Name;

/// What is known of Capsule's presence, from API discovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Era {
    /// Not asked yet.
    #[default]
    Unknown,
    /// The cluster serves no `capsule.clastix.io/v1beta2` tenants.
    Absent,
    /// Up to 0.12: static webhooks, no rules.
    Static,
    /// From 0.13 on: webhooks generated from the CapsuleConfiguration, RuleStatus served.
    Dynamic,
}

impl Era {
    /// The words on screen.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Absent => "not installed",
            Self::Static => "up to 0.12 (static webhooks)",
            Self::Dynamic => "0.13 or newer (dynamic webhooks)",
        }
    }
}

/// The CapsuleConfiguration, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// `metadata.name`, by default `default`.
    pub name: Name,
    /// Who is a Capsule user: `status.users` where resolved there, else `spec.users`, `userNames` and `userGroups`.
    pub users: Vec<Subject>,
    /// `spec.administrators`.
    pub administrators: Vec<Subject>,
    /// `spec.ignoreUserWithGroups`: groups whose members are not handled as Capsule users.
    pub ignored_groups: Vec<Name>,
    /// `spec.protectedNamespaceRegex`.
    pub protected_namespaces: Option<Name>,
    /// `spec.forceTenantPrefix`.
    pub force_prefix: bool,
    /// The condition `Ready`: met, and its message. `None` where the era has none.
    pub ready: Option<(bool, Name)>,
}

/// A Validating- or MutatingWebhookConfiguration of Capsule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookConfiguration {
    /// Whether it validates; else it mutates.
    pub validating: bool,
    /// `metadata.name`.
    pub name: Name,
    /// How many webhooks it holds.
    pub hooks: u32,
    /// How many of those let nothing pass when they do not answer (`failurePolicy: Fail`).
    pub fail_closed: u32,
}

/// Whether Capsule's webhooks answer, as far as asking can tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum WebhookHealth {
    /// Not asked (yet, or not allowed to), with the reason.
    #[default]
    NotAsked,
    /// Cannot be asked: why.
    Unknown(String),
    /// They answered.
    Answering,
    /// They did not: this webhook, these words.
    Dead {
        /// The webhook that could not be called.
        webhook: String,
        /// The server's words.
        words: String,
    },
}

/// What an identity is to Capsule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// Among the CapsuleConfiguration's administrators.
    Administrator,
    /// Member of `system:masters`: bound by nothing but admission.
    ClusterAdministrator,
    /// Owner of tenants.
    Owner(Owned),
    /// A ServiceAccount that was promoted in tenants.
    Promoted(Owned),
    /// A Capsule user who owns nothing that we can see.
    User,
    /// Neither, as far as the configuration tells.
    Outside,
    /// The configuration may not be read: not known.
    NotVisible,
}

/// The tenants that somebody owns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Owned {
    /// How many are known.
    pub tenants: usize,
    /// The groups that make an owner of some of them, in the order of their names; the others are owned by name.
    pub via: Vec<String>,
    /// It owns them, but is not among Capsule's users: then RBAC keeps it from creating namespaces.
    pub no_user: bool,
}

/// What is known of an identity besides the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ties {
    /// The tenants that it owns.
    pub owned: Owned,
    /// The tenants in which it was promoted.
    pub promoted: usize,
    /// It is a ServiceAccount in a tenant's namespace.
    pub lives_in_tenant: bool,
}

impl Standing {
    /// What `identity` is, given the configuration (if it may be read) and what else is known of it.
    pub fn of(identity: &Identity, configuration: Option<&Configuration>, ties: Ties) -> Self {
        let among = |subjects: &[Subject]| subjects.iter().any(|s| s.matches(&identity.username, &identity.groups));
        if let Some(configuration) = configuration
            && among(&configuration.administrators)
        {
            return Self::Administrator;
        }
        if identity.is_master() {
            return Self::ClusterAdministrator;
        }
        let is_user = configuration.map(|configuration| {
            ties.lives_in_tenant || among(&configuration.users) && !configuration.ignores(identity)
        });
        let Ties { owned, promoted, .. } = ties;
        if promoted > 0 {
            return Self::Promoted(Owned { tenants: promoted, ..Owned::default() });
        }
        if owned.tenants > 0 {
            return Self::Owner(Owned { no_user: is_user == Some(false), ..owned });
        }
        match is_user {
            None => Self::NotVisible,
            Some(true) => Self::User,
            Some(false) => Self::Outside,
        }
    }

    /// The words on screen.
    pub fn words(&self) -> String {
        match self {
            Self::Administrator => "Capsule administrator".to_owned(),
            Self::ClusterAdministrator => "cluster administrator".to_owned(),
            Self::Owner(owned) => format!("owner of {}", tenants(owned.tenants)),
            Self::Promoted(owned) => format!("ServiceAccount promoted in {}", tenants(owned.tenants)),
            Self::User => "Capsule user".to_owned(),
            Self::Outside => "outside Capsule".to_owned(),
            Self::NotVisible => "role not visible".to_owned(),
        }
    }

    /// The same with all that is known of it.
    pub fn full_words(&self) -> String {
        let Self::Owner(owned) = self else {
            return match self {
                Self::NotVisible => "not visible to you: the CapsuleConfiguration may not be read".to_owned(),
                other => other.words(),
            };
        };
        let via = match owned.via.as_slice() {
            [] => String::new(),
            [group] => format!(" through the group {group}"),
            groups => format!(" through the groups {}", groups.join(", ")),
        };
        let lacks = if owned.no_user { ", but not among Capsule's users: may not create namespaces" } else { "" };
        format!("{}{via}{lacks}", self.words())
    }

    /// A word, for where there is hardly room; nothing where it is not known.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Administrator => "admin",
            Self::ClusterAdministrator => "cluster-admin",
            Self::Owner(_) => "owner",
            Self::Promoted(_) => "promoted",
            Self::User => "user",
            Self::Outside => "outside",
            Self::NotVisible => "",
        }
    }
}

fn tenants(count: usize) -> String {
    if count == 1 { "1 tenant".to_owned() } else { format!("{count} tenants") }
}

impl Configuration {
    /// Whether one of the identity's groups takes it out of Capsule's hands.
    fn ignores(&self, identity: &Identity) -> bool {
        identity.groups.iter().any(|group| self.ignored_groups.iter().any(|ignored| **ignored == **group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(username: &str, groups: &[&str]) -> Identity {
        Identity {
            username: username.to_owned(),
            uid: None,
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            extra: Vec::new(),
        }
    }

    #[test]
    fn everybody_is_something_to_capsule() {
        let configuration = Configuration {
            name: "default".into(),
            users: vec![Subject::Group("capsule".into())],
            administrators: vec![Subject::User("ops".into())],
            ignored_groups: vec!["platform".into()],
            protected_namespaces: None,
            force_prefix: false,
            ready: None,
        };
        let owner = |tenants, via: &[&str]| Ties {
            owned: Owned { tenants, via: via.iter().map(|group| (*group).to_owned()).collect(), no_user: false },
            ..Ties::default()
        };
        let promoted = Ties { promoted: 2, lives_in_tenant: true, ..Ties::default() };
        let at_home = Ties { lives_in_tenant: true, ..Ties::default() };
        let ci = identity("system:serviceaccount:oil:ci", &["system:serviceaccounts"]);
        let lacks = "owner of 1 tenant, but not among Capsule's users: may not create namespaces";
        let hidden = "not visible to you: the CapsuleConfiguration may not be read";
        for (who, visible, ties, words) in [
            (identity("ops", &["system:masters"]), true, Ties::default(), "Capsule administrator"),
            (identity("root", &["system:masters"]), true, Ties::default(), "cluster administrator"),
            (identity("alice", &["capsule"]), true, owner(1, &[]), "owner of 1 tenant"),
            (identity("alice", &["capsule"]), false, owner(1, &[]), "owner of 1 tenant"),
            (identity("alice", &[]), true, owner(1, &[]), lacks),
            (identity("bob", &["capsule"]), true, owner(3, &["devs"]), "owner of 3 tenants through the group devs"),
            (identity("bob", &["capsule"]), true, owner(3, &["a", "b"]), "owner of 3 tenants through the groups a, b"),
            (ci.clone(), true, promoted, "ServiceAccount promoted in 2 tenants"),
            (ci, true, at_home, "Capsule user"),
            (identity("carol", &["capsule"]), true, Ties::default(), "Capsule user"),
            (identity("carol", &["capsule", "platform"]), true, Ties::default(), "outside Capsule"),
            (identity("dave", &[]), true, Ties::default(), "outside Capsule"),
            (identity("dave", &[]), false, Ties::default(), hidden),
        ] {
            let standing = Standing::of(&who, Some(&configuration).filter(|_| visible), ties);
            assert_eq!(standing.full_words(), words, "{who:?}");
        }
    }
}
