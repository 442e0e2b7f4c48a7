//! An owner behind a proxy that answers like capsule-proxy: lists of namespaces and tenants are filtered, reviews are refused, and
//! whatever it does not know is asked in the owner's own name. Each refusal is explained before anything is changed.

use std::sync::Arc;

use http::{Method, Request, Response, Uri};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tenantry_cluster::{Cluster, User};

use crate::desk::{Desk, Outcome, PATIENCE, furnish, get, patch, send, tenant};
use crate::front::{Answered, Front};

const TENANTS: &str = "/apis/capsule.clastix.io/v1beta2/tenants";
const NAMESPACES: &str = "/api/v1/namespaces";

/// What the proxy knows: who asks, and which tenants are hers.
struct Proxy {
    admin: Client,
    owner: Client,
    tenants: Vec<String>,
}

impl Proxy {
    async fn answer(&self, request: Request<Vec<u8>>) -> Answered {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        if parts.method == Method::POST && (path.contains("reviews") && path.contains(".k8s.io/")) {
            return refused(path.rsplit('/').next().unwrap_or_default());
        }
        let is_list = parts.method == Method::GET && [TENANTS, NAMESPACES].contains(&path.as_str());
        let is_hers = self.tenants.iter().any(|name| path == format!("{TENANTS}/{name}"));
        let client = if is_list {
            // `kubernetes.io/metadata.name in (…)` for tenants, `capsule.clastix.io/tenant in (…)` for namespaces.
            let label = if path == TENANTS { "kubernetes.io/metadata.name" } else { "capsule.clastix.io/tenant" };
            let selector = format!("labelSelector={label}%20in%20%28{}%29", self.tenants.join(","));
            let query = parts.uri.query().map(|query| format!("{query}&")).unwrap_or_default();
            parts.uri = format!("{path}?{query}{selector}").parse::<Uri>()?;
            &self.admin
        } else if is_hers && parts.method == Method::GET {
            &self.admin
        } else {
            &self.owner
        };
        Ok(client.send(Request::from_parts(parts, Body::from(body))).await?)
    }
}

/// How an authorizer says no to a review.
fn refused(review: &str) -> Answered {
    let group = if review == "selfsubjectreviews" { "authentication.k8s.io" } else { "authorization.k8s.io" };
    let message = format!(
        "{review}.{group} is forbidden: User \"alice\" cannot create resource \"{review}\" in API group \"{group}\" at the cluster scope"
    );
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
        "reason": "Forbidden", "details": {"group": group, "kind": review}, "code": 403,
    });
    let answer = Response::builder().status(403).header("content-type", "application/json");
    Ok(answer.body(Body::from(body.to_string().into_bytes()))?)
}

/// Sits an owner down behind the proxy.
async fn behind(cluster: &Arc<Cluster>, tenants: &[&str], namespace: &str) -> Result<(Front, Desk), String> {
    let proxy = Arc::new(Proxy {
        admin: cluster.client(),
        owner: cluster.client_as(User::Alice),
        tenants: tenants.iter().map(ToString::to_string).collect(),
    });
    let answer = move |request| {
        let proxy = Arc::clone(&proxy);
        async move { proxy.answer(request).await }
    };
    let front = Front::start("alice", namespace, answer).await?;
    let mut desk = Desk::unsettled(&front.kubeconfig(), |_| {})?;
    desk.console.settle(PATIENCE).await?;
    Ok((front, desk))
}

/// Her tenants, her namespaces and who may do what there; a pause; and why the rest is closed to her.
pub async fn an_owner_works_behind_capsule_proxy(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "proxied", &["proxied-web", "proxied-db"]).await?;
    furnish(&cluster, "proxied-not", &["proxied-not-web"]).await?;
    // What Capsule itself writes from some release on.
    for name in ["proxied", "proxied-not"] {
        let label = json!({"metadata": {"labels": {"kubernetes.io/metadata.name": name}}});
        patch(&cluster, &tenant(name), &label).await?;
    }
    let site = json!({
        "metadata": {"name": "site"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "site"}},
            "template": {
                "metadata": {"labels": {"app": "site"}},
                "spec": {"containers": [{"name": "main", "image": "docker.io/example/main:1"}]},
            },
        },
    });
    let deployments = "/apis/apps/v1/namespaces/proxied-web/deployments";
    send(&cluster, "POST", deployments, &site).await?;

    let (_front, mut desk) = behind(&cluster, &["proxied"], "proxied-web").await?;
    desk.go_to_tenant("proxied").await?;
    for text in ["Tenants 1", "Namespaces · proxied 2", "proxied-web", "proxied-db", "alice"] {
        desk.sees(text).await?;
    }
    desk.must_not_show("proxied-not")?;

    // What is refused is said, with who could grant it.
    desk.press(": 'who' enter shift-w").await?;
    desk.sees("Why refused").await?;
    for text in
        ["alice may not list", "clusterrolebindings", "refused by  RBAC", "bound to alice by a ClusterRoleBinding"]
    {
        desk.must_show(text)?;
    }
    desk.press("esc").await?;

    // A cordon is for others to make: the server says no to the plan, the page why.
    desk.go_to_tenant("proxied").await?;
    desk.press("shift-c").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("alice may not patch tenants.capsule.clastix.io").await?;
    desk.press("shift-w").await?;
    desk.sees("ask for `patch` on tenants.capsule.clastix.io").await?;
    desk.press("esc esc").await?;

    // A pause is hers: without the cordon, and that is said before.
    desk.press(": 'pause proxied' enter").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Pause tenant proxied").await?;
    desk.sees("paused without the cordon").await?;
    desk.approve("y").await?;
    desk.hears("Pause tenant proxied: accepted").await?;
    let paused = get(&cluster, &format!("{deployments}/site")).await?;
    assert_eq!(paused.pointer("/spec/replicas"), Some(&json!(0)));
    assert_ne!(get(&cluster, &tenant("proxied")).await?.pointer("/spec/cordoned"), Some(&Value::Bool(true)));

    // What comes meanwhile comes through the proxy's watch, filtered.
    cluster.create_namespace(User::Alice, "proxied", "proxied-late").await.map_err(|failure| failure.to_string())?;
    desk.sees("proxied-late").await
}
