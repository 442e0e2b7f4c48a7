//! From nothing to a cluster in force: as much as possible at the same time.

use std::fs;
use std::path::Path;

use kube::Client;
use serde_json::{Value, json};

use crate::api;
use crate::capsule;
use crate::certificates::{Authority, Certificate, Validity, token_key};
use crate::cluster::{Capsule, Cluster};
use crate::components::{Component, Components, Controllers, files};
use crate::error::{Context, Failure};
use crate::supervisor::INNER_PORT;
use crate::users::{Credential, MASTERS, Server, User, kubeconfig};

/// Pods of ours that name one of these run; kwok plays them.
pub const NODES: [&str; 3] = ["worker-1", "worker-2", "worker-3"];

/// Pods with the label `tenantry.test/crash-loop: "true"` crash and crash again.
const CRASH_LOOP_STAGE: &str = include_str!("../assets/stage-crash-loop.yaml");

/// Writes all that the components read but the kubeconfig of Capsule, whose token does not exist yet.
pub(crate) fn write_files(components: &Components, authority: &Authority) -> Result<(), Failure> {
    let write = |file: &str, text: &str| write_file(&components.directory, file, text);
    let (private, public) = token_key()?;
    write(files::CA, &authority.pem())?;
    write(files::TOKEN_KEY, &private)?;
    write(files::TOKEN_PUBLIC_KEY, &public)?;
    let Certificate { certificate, key } = authority.server("kube-apiserver")?;
    write(files::SERVER_CERTIFICATE, &certificate)?;
    write(files::SERVER_KEY, &key)?;
    let Certificate { certificate, key } = authority.server("capsule-webhook-service")?;
    write(&format!("{}/tls.crt", files::WEBHOOK), &certificate)?;
    write(&format!("{}/tls.key", files::WEBHOOK), &key)?;

    let server = inner_server(authority.pem());
    let identities = [
        (files::CONTROLLER_MANAGER, "system:kube-controller-manager", None),
        (files::KWOK, "kwok-controller", Some(MASTERS)),
    ];
    for (file, user, group) in identities {
        let credential = Credential::Certificate(authority.client(user, group, Validity::Now)?);
        write(file, &kubeconfig(&server, &[("component", &credential)]))?;
    }
    if let Some(stages) = &components.programs.kwok_stages {
        let stages = fs::read_to_string(stages).context("kwok's stages cannot be read")?;
        write(files::KWOK_STAGES, &format!("{stages}\n---\n{CRASH_LOOP_STAGE}"))?;
    }
    Ok(())
}

fn write_file(directory: &Path, file: &str, text: &str) -> Result<(), Failure> {
    let path = directory.join(file);
    let what = format!("{} cannot be written", path.display());
    path.parent().map_or(Ok(()), fs::create_dir_all).context(&what)?;
    fs::write(&path, text).context(&what)
}

/// The API server as the other components reach it.
fn inner_server(ca: String) -> Server {
    Server { url: format!("https://127.0.0.1:{INNER_PORT}"), ca }
}

/// Starts everything.
pub(crate) async fn start(cluster: &Cluster) -> Result<(), Failure> {
    let (remote, components) = (&cluster.remote, &cluster.components);
    // The API server waits for its store by itself.
    remote.start(components.etcd()).await?;
    remote.start(components.kube_apiserver()).await?;
    cluster.api_server_ready().await?;
    remote.start(components.kube_controller_manager()).await?;
    tokio::try_join!(make_poor(cluster.client_ref()), start_capsule(cluster), start_kwok(cluster))?;
    controllers_work(cluster).await
}

/// Until the controllers have done their first work, a cluster is not what people know: no pod is accepted in `default`,
/// and `admin` allows nothing.
async fn controllers_work(cluster: &Cluster) -> Result<(), Failure> {
    let client = cluster.client_ref();
    let all = cluster.options().controllers == Controllers::All;
    cluster
        .wait_on(&[Component::KubeControllerManager], "kube-controller-manager works", async || {
            let account = "/api/v1/namespaces/default/serviceaccounts/default";
            let admin = "/apis/rbac.authorization.k8s.io/v1/clusterroles/admin";
            let aggregated = |role: Value| role["rules"].as_array().is_some_and(|rules| !rules.is_empty());
            api::get(client, admin).await.is_ok_and(aggregated) && (!all || api::get(client, account).await.is_ok())
        })
        .await
}

/// A ServiceAccount that may see pods in its own namespace, and no more.
async fn make_poor(client: &Client) -> Result<(), Failure> {
    let name = User::Poor.name();
    let what = format!("the ServiceAccount {name} cannot be made");
    let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
    let role = json!({
        "metadata": {"name": name},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}],
    });
    let binding = json!({
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": "default"}],
    });
    let objects = [
        ("/api/v1/namespaces/default/serviceaccounts".to_owned(), json!({"metadata": {"name": name}})),
        (format!("{rbac}/roles"), role),
        (format!("{rbac}/rolebindings"), binding),
    ];
    for (path, object) in objects {
        api::create(client, &path, api::KUBECTL, &object).await.context(&what)?;
    }
    Ok(())
}

async fn start_capsule(cluster: &Cluster) -> Result<(), Failure> {
    let (client, ca) = (cluster.client_ref(), cluster.ca_pem());
    let Some(crds) = &cluster.components.programs.capsule_crds else {
        return Ok(());
    };
    let full = cluster.options().capsule == Capsule::V0_14;
    capsule::install_crds(client, crds, full.then_some(ca)).await?;
    let Some(program) = cluster.components.capsule() else {
        return Ok(());
    };
    let token = capsule::prepare(client, ca).await?;
    let text = kubeconfig(&inner_server(ca.to_owned()), &[("capsule", &Credential::Token(token))]);
    write_file(cluster.directory(), files::CAPSULE, &text)?;
    cluster.remote.start(program).await?;
    let needed = [Component::Capsule];
    cluster.wait_on(&needed, "Capsule is configured", async || capsule::is_configured(client).await).await?;
    // It says that it is ready before its users have their rights.
    let alice = cluster.client_as(User::Alice);
    cluster.wait_on(&needed, "Capsule's webhooks answer", async || capsule::answers(&alice).await).await
}

async fn start_kwok(cluster: &Cluster) -> Result<(), Failure> {
    let Some(program) = cluster.components.kwok() else {
        return Ok(());
    };
    let client = cluster.client_ref();
    for name in NODES {
        let labels = json!({
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
            "type": "kwok",
        });
        let metadata = json!({"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}});
        let node = json!({"metadata": metadata});
        api::create(client, "/api/v1/nodes", "kwok", &node).await.context(format_args!("{name} cannot be made"))?;
    }
    cluster.remote.start(program).await?;
    cluster
        .wait_on(&[Component::Kwok], "the nodes are ready", async || {
            for name in NODES {
                let node = api::get(client, &format!("/api/v1/nodes/{name}")).await;
                if !node.is_ok_and(|node| capsule::has_condition(&node, "Ready")) {
                    return false;
                }
            }
            true
        })
        .await
}
