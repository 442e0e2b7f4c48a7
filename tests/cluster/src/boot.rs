//! From nothing to a cluster in force: as much as possible at the same time.

use std::fs;
use std::path::Path;

use kube::Client;
use serde_json::{Value, json};

use crate::api;
use crate::capsule::{self, Converter};
use crate::certificates::{Authority, Certificate, Validity, token_key};
use crate::cluster::Cluster;
use crate::components::{Component, Components, Controllers, files};
use crate::control_plane::ControlPlane;
use crate::error::{Context, Failure};
use crate::supervisor::INNER_PORT;
use crate::users::{Credential, MASTERS, Server, User, kubeconfig};

/// Pods of ours that name one of these run; kwok plays them.
pub const NODES: [&str; 3] = ["worker-1", "worker-2", "worker-3"];

/// Pods with the label `tenantry.test/crash-loop: "true"` crash and crash again.
const CRASH_LOOP_STAGE: &str = include_str!("../assets/stage-crash-loop.yaml");

/// Writes all that the components read but the kubeconfig of Capsule, whose token does not exist yet. Returns the
/// certificate of Capsule's webhooks.
pub(crate) fn write_files(components: &Components, authority: &Authority) -> Result<Certificate, Failure> {
    let write = |file: &str, text: &str| write_file(&components.directory, file, text);
    let (private, public) = token_key()?;
    write(files::CA, &authority.pem())?;
    write(files::CA_KEY, &authority.key())?;
    write(files::TOKEN_KEY, &private)?;
    write(files::TOKEN_PUBLIC_KEY, &public)?;
    let Certificate { certificate, key } = authority.server("kube-apiserver")?;
    write(files::SERVER_CERTIFICATE, &certificate)?;
    write(files::SERVER_KEY, &key)?;
    let webhook = authority.server("capsule-webhook-service")?;
    write(&format!("{}/tls.crt", files::WEBHOOK), &webhook.certificate)?;
    write(&format!("{}/tls.key", files::WEBHOOK), &webhook.key)?;

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
    Ok(webhook)
}

fn write_file(directory: &Path, file: &str, text: &str) -> Result<(), Failure> {
    let path = directory.join(file);
    let what = format!("{} cannot be written", path.display());
    path.parent().map_or(Ok(()), fs::create_dir_all).context(&what)?;
    fs::write(&path, text).context(&what)
}

/// The API server as the other components reach it.
fn inner_server(ca: String) -> Server {
    Server { url: format!("https://127.0.0.1:{INNER_PORT}"), ca: Some(ca) }
}

/// Starts everything.
pub(crate) async fn start(cluster: &Cluster, plane: &ControlPlane) -> Result<(), Failure> {
    let (remote, components, client) = (&plane.remote, &plane.components, cluster.client_ref());
    // The API server waits for its store by itself.
    remote.start(components.etcd()).await?;
    remote.start(components.kube_apiserver()).await?;
    plane.api_server_ready(client).await?;
    remote.start(components.kube_controller_manager()).await?;
    tokio::try_join!(make_poor(client), start_capsule(cluster, plane), start_kwok(client, plane))?;
    controllers_work(client, plane).await
}

/// Until the controllers have done their first work, a cluster is not what people know: no pod is accepted in `default`,
/// and `admin` allows nothing.
async fn controllers_work(client: &Client, plane: &ControlPlane) -> Result<(), Failure> {
    let all = plane.components.controllers == Controllers::All;
    plane
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

async fn start_capsule(cluster: &Cluster, plane: &ControlPlane) -> Result<(), Failure> {
    let (client, ca, components) = (cluster.client_ref(), plane.ca_pem(), &plane.components);
    let Some(crds) = &components.programs.capsule_crds else {
        return Ok(());
    };
    let program = components.capsule();
    let converter = program.is_some().then_some(Converter { era: components.era, ca: &ca });
    capsule::install_crds(client, crds, converter).await?;
    let Some(program) = program else {
        return Ok(());
    };
    let token = capsule::prepare(client, components.era, &ca, &plane.webhook).await?;
    let text = kubeconfig(&inner_server(ca), &[("capsule", &Credential::Token(token))]);
    write_file(&components.directory, files::CAPSULE, &text)?;
    plane.remote.start(program).await?;
    capsule::configured(client, components.era, plane).await?;
    // It says that it is ready before its users have their rights.
    let alice = cluster.client_as(User::Alice);
    plane.wait_on(&[Component::Capsule], "Capsule's webhooks answer", async || capsule::answers(&alice).await).await
}

async fn start_kwok(client: &Client, plane: &ControlPlane) -> Result<(), Failure> {
    let Some(program) = plane.components.kwok() else {
        return Ok(());
    };
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
    plane.remote.start(program).await?;
    plane
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
