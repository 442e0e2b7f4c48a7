//! Who asks.

use std::collections::BTreeMap;

/// An identity, as an authenticator (or impersonation) makes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct User {
    /// Such as `alice` or `system:serviceaccount:oil-web:ci`.
    pub name: String,
    /// Empty where the authenticator knows none.
    pub uid: String,
    /// With the implicit ones, such as `system:authenticated`.
    pub groups: Vec<String>,
    /// Such as `authentication.kubernetes.io/credential-id`.
    pub extra: BTreeMap<String, Vec<String>>,
}

impl User {
    /// Whether the user is in a group.
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|one| one == group)
    }

    /// The namespace and name of a service account.
    pub fn service_account(&self) -> Option<(&str, &str)> {
        self.name.strip_prefix("system:serviceaccount:")?.split_once(':')
    }

    /// A service account's identity, with its implicit groups.
    pub fn of_service_account(namespace: &str, name: &str) -> Self {
        Self {
            name: format!("system:serviceaccount:{namespace}:{name}"),
            groups: vec![
                "system:serviceaccounts".to_owned(),
                format!("system:serviceaccounts:{namespace}"),
                "system:authenticated".to_owned(),
            ],
            ..Self::default()
        }
    }
}
