//! The kubeconfig that goes with the demo.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::users::users;
use crate::demo::object::Meta as _;

/// Where a cluster answers.
#[derive(Debug, Clone, Copy)]
pub struct Server<'a> {
    /// Such as `https://127.0.0.1:8001`.
    pub url: &'a str,
    /// The authority that its certificate is trusted by, in PEM.
    pub certificate: Option<&'a str>,
}

/// Where the two clusters answer.
#[derive(Debug, Clone, Copy)]
pub struct Servers<'a> {
    /// lke-demo.
    pub demo: Server<'a>,
    /// lke-staging.
    pub staging: Server<'a>,
}

/// Addresses that lead nowhere (RFC 6761), for clients in this process that do not use the network.
pub const IN_PROCESS: Servers<'static> = Servers {
    demo: Server { url: "http://lke-demo.invalid", certificate: None },
    staging: Server { url: "http://lke-staging.invalid", certificate: None },
};

/// A kubeconfig with a context for each identity: `lke-demo` (the platform administrator, current), `lke-demo-alice` and so on,
/// and the same for `lke-staging`.
pub fn kubeconfig(servers: &Servers<'_>) -> Value {
    let people: Vec<(String, String, String)> = users()
        .into_iter()
        .map(|(token, user)| {
            let short = token.trim_start_matches("demo-").to_owned();
            let name = if short == "ci" { "oil-ci".to_owned() } else { user.name };
            (short, name, token)
        })
        .collect();
    let clusters = [("lke-demo", servers.demo), ("lke-staging", servers.staging)];
    let contexts: Vec<Value> = clusters
        .iter()
        .flat_map(|(cluster, _)| people.iter().filter_map(|(short, name, _)| context(cluster, short, name)))
        .collect();
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "preferences": {},
        "current-context": "lke-demo",
        "clusters": clusters.map(|(name, server)| json!({"name": name, "cluster": cluster(server)})),
        "contexts": contexts,
        "users": people.iter().map(|(_, name, token)| json!({"name": name, "user": {"token": token}})).collect::<Vec<_>>(),
    })
}

fn cluster(server: Server<'_>) -> Value {
    let mut cluster = json!({"server": server.url});
    if let Some(certificate) = server.certificate {
        cluster.set(&["certificate-authority-data"], STANDARD.encode(certificate));
    }
    cluster
}

/// The context of one identity on one cluster. Oil's pipeline exists on lke-demo only.
fn context(cluster: &str, short: &str, user: &str) -> Option<Value> {
    let namespace = match short {
        "ops" | "alice" | "carol" => "oil-web",
        "bob" => "gas-api",
        "ci" if cluster == "lke-demo" => "oil-job",
        "ci" => return None,
        _ => "default",
    };
    let name = if short == "ops" { cluster.to_owned() } else { format!("{cluster}-{short}") };
    Some(json!({"name": name, "context": {"cluster": cluster, "user": user, "namespace": namespace}}))
}
