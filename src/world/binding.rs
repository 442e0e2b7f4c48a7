//! RoleBindings and ClusterRoleBindings, as read: who is bound to which role, where.

use std::fmt;
use std::sync::Arc;

use super::maker::Maker;
use super::name::Name;

/// A subject of a binding. Ordered by kind, then name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A user, by the name the authenticator gives.
    User(Name),
    /// A group.
    Group(Name),
    /// A ServiceAccount. An empty namespace has been replaced by the binding's own.
    ServiceAccount {
        /// Its namespace.
        namespace: Name,
        /// Its name.
        name: Name,
    },
    /// A kind of subject that RBAC does not know (nobody is bound by it).
    Other {
        /// The kind, as written.
        kind: Name,
        /// The name.
        name: Name,
    },
}

impl Subject {
    /// The name as people say it: `alice`, `devs`, `oil-web/ci`.
    pub fn name(&self) -> String {
        match self {
            Self::User(name) | Self::Group(name) | Self::Other { name, .. } => name.to_string(),
            Self::ServiceAccount { namespace, name } => format!("{namespace}/{name}"),
        }
    }

    /// The kind, short enough for a column.
    pub fn kind(&self) -> &str {
        match self {
            Self::User(_) => "User",
            Self::Group(_) => "Group",
            Self::ServiceAccount { .. } => "SA",
            Self::Other { kind, .. } => kind,
        }
    }

    /// Whether this subject is the identity `username` with `groups`, as the RBAC authorizer matches them
    /// (kubernetes: `pkg/registry/rbac/validation/rule.go`, `appliesToUser`). A ServiceAccount is matched under its full user
    /// name too.
    pub fn matches(&self, username: &str, groups: &[String]) -> bool {
        match self {
            Self::User(name) => &**name == username,
            Self::Group(name) => groups.iter().any(|group| **group == **name),
            Self::ServiceAccount { namespace, name } => username
                .strip_prefix("system:serviceaccount:")
                .and_then(|rest| rest.split_once(':'))
                .is_some_and(|(ns, account)| !ns.is_empty() && ns == &**namespace && account == &**name),
            Self::Other { .. } => false,
        }
    }

    /// Whether this names a part of Kubernetes itself rather than a person or a program of the tenants.
    pub fn is_system(&self) -> bool {
        match self {
            Self::User(name) | Self::Group(name) => name.starts_with("system:"),
            Self::ServiceAccount { namespace, .. } => namespace.starts_with("kube-"),
            Self::Other { .. } => false,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.name())
    }
}

/// The role that a binding names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleRef {
    /// Whether it is a ClusterRole; else a Role of the binding's namespace.
    pub cluster: bool,
    /// Its name.
    pub name: Name,
}

impl RoleRef {
    /// `ClusterRole` or `Role`.
    pub const fn kind(&self) -> &'static str {
        if self.cluster { "ClusterRole" } else { "Role" }
    }
}

/// A RoleBinding, or, without a namespace, a ClusterRoleBinding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The namespace; `None` for a ClusterRoleBinding.
    pub namespace: Option<Name>,
    /// `metadata.name`.
    pub name: Name,
    /// The role bound.
    pub role: RoleRef,
    /// Whom it is bound to.
    pub subjects: Arc<[Subject]>,
    /// The tenant for which Capsule's controller made and keeps it; `None` for bindings made by people.
    pub kept_for: Option<Name>,
    /// Who made it, as far as it tells.
    pub maker: Option<Maker>,
    /// `metadata.creationTimestamp`, Unix seconds.
    pub created: i64,
}

/// What tells a binding from others: its namespace (`None` for a ClusterRoleBinding) and its name.
pub type Key = (Option<Name>, Name);

impl Binding {
    /// What tells it from others.
    pub fn key(&self) -> Key {
        (self.namespace.clone(), self.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_match_as_the_authorizer_does() {
        let groups = ["projectcapsule.dev".to_owned(), "system:authenticated".to_owned()];
        let account = Subject::ServiceAccount { namespace: "oil-web".into(), name: "ci".into() };
        assert!(Subject::User("alice".into()).matches("alice", &groups));
        assert!(Subject::Group("projectcapsule.dev".into()).matches("alice", &groups));
        assert!(account.matches("system:serviceaccount:oil-web:ci", &[]));
        assert!(
            Subject::User("system:serviceaccount:oil-web:ci".into()).matches("system:serviceaccount:oil-web:ci", &[])
        );
        assert!(!account.matches("ci", &groups));
        assert!(!Subject::Other { kind: "Robot".into(), name: "alice".into() }.matches("alice", &groups));
    }
}
