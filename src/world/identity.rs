//! Who we are: what the server says, and how it was proven.

use serde::{Deserialize, Serialize};

/// What the server answers to a SelfSubjectReview, and what we know of the credentials behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The user name the server sees (under impersonation: the one acted as).
    pub username: String,
    /// The user's unique id, where the authenticator gives one.
    pub uid: Option<String>,
    /// All groups, implicit ones such as `system:authenticated` included, in the server's order.
    pub groups: Vec<String>,
    /// Further attributes, sorted by key.
    pub extra: Vec<(String, Vec<String>)>,
}

impl Identity {
    /// The ServiceAccount's namespace and name, if this is one (`system:serviceaccount:NAMESPACE:NAME`).
    pub fn service_account(&self) -> Option<(&str, &str)> {
        self.username.strip_prefix("system:serviceaccount:")?.split_once(':')
    }

    /// Whether RBAC is bypassed for this identity: members of `system:masters` may do everything, whatever bindings say.
    pub fn is_master(&self) -> bool {
        self.groups.iter().any(|group| group == "system:masters")
    }
}

/// How the kubeconfig proves who we are. Times are Unix seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proof {
    /// A client certificate.
    Certificate {
        /// The certificate's subject common name.
        common_name: String,
        /// The end of its validity, if it could be read.
        not_after: Option<i64>,
    },
    /// A bearer token; a JWT's expiry can be read.
    Token {
        /// The `exp` claim, if the token is a JWT with one.
        expires: Option<i64>,
    },
    /// An exec credential plugin.
    Exec {
        /// Its command.
        command: String,
    },
    /// An auth provider (OIDC) configured in the kubeconfig.
    AuthProvider {
        /// Its name.
        name: String,
    },
    /// User name and password.
    Basic,
    /// No credentials at all: anonymous.
    #[default]
    Nothing,
}

/// The user and groups that requests act as, when impersonation is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActingAs {
    /// The impersonated user.
    pub user: String,
    /// The impersonated groups.
    pub groups: Vec<String>,
}

/// The place in a kubeconfig that a session is bound to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The context's name.
    pub context: String,
    /// The cluster entry's name.
    pub cluster: String,
    /// `host:port` of the API server.
    pub server: String,
    /// `scheme://host:port` of the proxy that requests go through, without its credentials.
    pub proxy: Option<String>,
    /// The user entry's name (not the identity: that is what the server says).
    pub user_entry: String,
    /// The namespace in force.
    pub namespace: String,
    /// The file that defines the context.
    pub file: String,
    /// How the kubeconfig proves who we are.
    pub proof: Proof,
    /// Impersonation, if asked for.
    pub acting_as: Option<ActingAs>,
    /// Whether the cluster is a demo in this process.
    pub is_demo: bool,
}
