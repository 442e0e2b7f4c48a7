//! The embedded demo as a ground: served on loopback, furnished with the users and nodes that the real grounds have.

use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tempfile::TempDir;
use tenantry::demo::access::user::User as Identity;
use tenantry::demo::life::nature::Nature;
use tenantry::demo::registry::Caller;
use tenantry::demo::serve::Listener;
use tenantry::demo::{Demo, Options};
use tenantry_cluster::{Cluster, Era, Failure, StartError, User};
use tokio::task::JoinHandle;

/// Nodes on which pods run at once, as those of the real grounds.
const NODES: [&str; 3] = ["worker-1", "worker-2", "worker-3"];

/// What ends with the cluster.
struct Serving {
    task: JoinHandle<()>,
    _folder: TempDir,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A demo cluster with a Capsule of `era`.
pub async fn ground(era: Era) -> Result<Cluster, StartError> {
    Ok(start(era).await?.0)
}

/// The same, with its inside: there faults can be had.
pub async fn start(era: Era) -> Result<(Cluster, Arc<tenantry::demo::cluster::Cluster>), Failure> {
    let why = |error: &dyn std::fmt::Display| Failure::new(format!("the demo cannot be served: {error}"));
    let users = User::ALL.map(|user| (token(user), identity(user, era))).into();
    let nature = Nature {
        start: SignedDuration::from_millis(50),
        stop: SignedDuration::from_millis(50),
        run: SignedDuration::from_secs(1),
        ..Nature::default()
    };
    let capsule = match era {
        Era::V0_4 => tenantry::demo::Era::V0_4,
        Era::V0_14 => tenantry::demo::Era::V0_14,
    };
    let demo = Demo::start(&Options { capsule: Some(capsule), nature, users, ..Options::default() });
    furnish(&demo)?;
    let listener = Listener::bind(([127, 0, 0, 1], 0).into()).await.map_err(|error| why(&error))?;
    let url = format!("https://{}", listener.address().map_err(|error| why(&error))?);
    let folder = tempfile::tempdir().map_err(|error| why(&error))?;
    let file = folder.path().join("kubeconfig");
    write(&file, &url, listener.certificate()).map_err(|error| why(&error))?;
    let task = tokio::spawn(listener.serve(demo.service()));
    let cluster = Cluster::elsewhere(file, era, Serving { task, _folder: folder }).await?;
    Ok((cluster, Arc::clone(demo.cluster())))
}

fn token(user: User) -> String {
    format!("token-of-{}", user.name())
}

fn identity(user: User, era: Era) -> Identity {
    if user == User::Poor {
        return Identity::of_service_account("default", user.name());
    }
    let groups = user.group(era).into_iter().chain(["system:authenticated"]).map(str::to_owned).collect();
    Identity { name: user.name().to_owned(), groups, ..Identity::default() }
}

/// The nodes, and what the ServiceAccount may.
fn furnish(demo: &Demo) -> Result<(), Failure> {
    let mut registry = demo.cluster().lock();
    let mut admin = Caller::new(identity(User::Admin, Era::V0_14), "kubectl");
    let name = User::Poor.name();
    let meta = json!({"name": name, "namespace": "default"});
    let rule = json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]});
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name});
    let subject = json!({"kind": "ServiceAccount", "name": name, "namespace": "default"});
    let mut objects: Vec<(&str, Value)> = vec![
        ("serviceaccounts", json!({"metadata": meta})),
        ("roles.rbac.authorization.k8s.io", json!({"metadata": meta, "rules": [rule]})),
        ("rolebindings.rbac.authorization.k8s.io", json!({"metadata": meta, "roleRef": role, "subjects": [subject]})),
    ];
    for node in NODES {
        let ready = json!({"type": "Ready", "status": "True", "reason": "KubeletReady"});
        objects.push(("nodes", json!({"metadata": {"name": node}, "status": {"conditions": [ready]}})));
    }
    for (resource, object) in objects {
        registry.create(&mut admin, resource, object).map_err(|status| Failure::new(status.to_string()))?;
    }
    drop(registry);
    demo.cluster().wake();
    Ok(())
}

/// A kubeconfig with a context for each user.
fn write(file: &Path, url: &str, certificate: &str) -> std::io::Result<()> {
    use base64::Engine as _;
    let authority = base64::engine::general_purpose::STANDARD.encode(certificate);
    let named = |user: User, key: &str, value: Value| json!({"name": user.name(), key: value});
    let users = User::ALL.map(|user| named(user, "user", json!({"token": token(user)})));
    let contexts = User::ALL.map(|user| named(user, "context", json!({"cluster": "demo", "user": user.name()})));
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": User::Admin.name(),
        "clusters": [{"name": "demo", "cluster": {"server": url, "certificate-authority-data": authority}}],
        "users": users, "contexts": contexts,
    });
    std::fs::write(file, config.to_string())
}
