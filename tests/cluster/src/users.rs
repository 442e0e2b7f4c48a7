//! Who may be who, and the kubeconfigs that say so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::certificates::Certificate;
use crate::era::Era;

/// The group that may do everything.
pub const MASTERS: &str = "system:masters";

/// The users of every cluster. Each has a context of his name in the cluster's kubeconfig.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum User {
    /// May do everything.
    Admin,
    /// A user of Capsule: may create namespaces once a tenant is hers.
    Alice,
    /// Another one.
    Bob,
    /// Nobody: known to the API server, in no group, without any right.
    Carol,
    /// The ServiceAccount `poor` in the namespace `default`, which may read pods there.
    Poor,
}

impl User {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Admin, Self::Alice, Self::Bob, Self::Carol, Self::Poor];

    /// His name in kubeconfigs; but for `poor` also his name on the server.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Alice => "alice",
            Self::Bob => "bob",
            Self::Carol => "carol",
            Self::Poor => "poor",
        }
    }

    /// The group that he is in, where the Capsule is of `era`.
    pub fn group(self, era: Era) -> Option<&'static str> {
        match self {
            Self::Admin => Some(MASTERS),
            Self::Alice | Self::Bob => Some(era.user_group()),
            Self::Carol | Self::Poor => None,
        }
    }
}

/// How a user proves who he is.
#[derive(Debug, Clone)]
pub enum Credential {
    /// By a client certificate.
    Certificate(Certificate),
    /// By a bearer token.
    Token(String),
    /// Not at all.
    None,
}

/// A server as kubeconfigs name it.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub url: String,
    /// The PEM of its authority; none where it is spoken to in the clear.
    pub ca: Option<String>,
}

/// The name of the cluster entry in kubeconfigs.
pub(crate) const CLUSTER_NAME: &str = "capsule-test";

/// A kubeconfig with one context for each of `users`, the first of them current.
pub(crate) fn kubeconfig(server: &Server, users: &[(&str, &Credential)]) -> String {
    let current = users.first().map_or("", |(name, _)| name);
    let contexts =
        users.iter().map(|(name, _)| format!("- name: {name}\n  context: {{cluster: {CLUSTER_NAME}, user: {name}}}\n"));
    let ca = server.ca.as_ref().map(|ca| format!("    certificate-authority-data: {}\n", STANDARD.encode(ca)));
    let entries = users.iter().map(|(name, credential)| format!("- name: {name}\n  user:{}\n", proof(credential)));
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {current}\nclusters:\n- name: {CLUSTER_NAME}\n  cluster:\n    \
         server: {}\n{}contexts:\n{}users:\n{}",
        server.url,
        ca.unwrap_or_default(),
        contexts.collect::<Vec<_>>().concat(),
        entries.collect::<Vec<_>>().concat(),
    )
}

/// What stands behind `user:`.
fn proof(credential: &Credential) -> String {
    match credential {
        Credential::Certificate(Certificate { certificate, key }) => format!(
            "\n    client-certificate-data: {}\n    client-key-data: {}",
            STANDARD.encode(certificate),
            STANDARD.encode(key)
        ),
        Credential::Token(token) => format!("\n    token: {token}"),
        Credential::None => " {}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use kube::config::Kubeconfig;

    use super::{Credential, Server, kubeconfig};

    #[test]
    fn a_kubeconfig_is_one_that_kube_reads() {
        let server = Server { url: "https://127.0.0.1:6443".to_owned(), ca: Some("CA".to_owned()) };
        let token = Credential::Token("secret".to_owned());
        let read = Kubeconfig::from_yaml(&kubeconfig(&server, &[("poor", &token), ("nobody", &Credential::None)]));
        let read = read.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read.current_context.as_deref(), Some("poor"));
        let contexts: Vec<&str> = read.contexts.iter().map(|context| context.name.as_str()).collect();
        assert_eq!(contexts, ["poor", "nobody"]);
    }
}
