//! Capsule 0.14 as its chart would install it, but outside the cluster: its webhooks are called by URL.

use std::fs;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::try_join_all;
use kube::Client;
use serde_json::{Value, json};

use crate::api;
use crate::components::CAPSULE_WEBHOOK_PORT;
use crate::error::{Context, Failure};
use crate::wait::wait_until;

pub(crate) const NAMESPACE: &str = "capsule-system";
pub(crate) const SERVICE_ACCOUNT: &str = "capsule";

/// The name of both webhook configurations that the controller makes from its CapsuleConfiguration.
pub(crate) const WEBHOOKS: &str = "capsule-dynamic-webhook";

/// The API group version of Capsule's objects.
pub(crate) const API: &str = "/apis/capsule.clastix.io/v1beta2";

/// Read back from an installation by the chart; only the clients are filled in here.
const CONFIGURATION: &str = include_str!("../assets/capsule-0.14-configuration.json");

const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// The kinds whose old version the controller converts.
const CONVERTED: [&str; 2] = ["tenants", "capsuleconfigurations"];

const ESTABLISHED_LIMIT: Duration = Duration::from_secs(20);

/// Applies the definitions in `directory` and waits until all of them are served. With the certificate of a controller
/// that converts, old versions are asked of it.
pub(crate) async fn install_crds(client: &Client, directory: &Path, converter: Option<&str>) -> Result<(), Failure> {
    let what = format!("{} cannot be read", directory.display());
    let mut installations = Vec::new();
    for entry in fs::read_dir(directory).context(&what)? {
        let path = entry.context(&what)?.path();
        // The files are called group_plural.yaml, the objects plural.group.
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let Some((group, plural)) = stem.and_then(|stem| stem.split_once('_')) else {
            continue;
        };
        let yaml = fs::read(&path).context(&what)?;
        installations.push(install_crd(
            client,
            format!("{CRDS}/{plural}.{group}"),
            yaml,
            conversion(plural, converter),
        ));
    }
    try_join_all(installations).await?;
    Ok(())
}

async fn install_crd(client: &Client, path: String, yaml: Vec<u8>, conversion: Option<Value>) -> Result<(), Failure> {
    api::apply(client, &path, yaml).await.context(format_args!("{path} cannot be applied"))?;
    if let Some(patch) = conversion {
        api::merge(client, &path, "helm", &patch).await.context(format_args!("{path} cannot be patched"))?;
    }
    wait_until(&format!("{path} is established"), ESTABLISHED_LIMIT, async || {
        api::get(client, &path).await.is_ok_and(|crd| has_condition(&crd, "Established"))
    })
    .await
}

fn conversion(plural: &str, converter: Option<&str>) -> Option<Value> {
    let certificate = converter.filter(|_| CONVERTED.contains(&plural))?;
    let client_config = json!({"url": format!("{}/convert", url()), "caBundle": STANDARD.encode(certificate)});
    let webhook = json!({"clientConfig": client_config, "conversionReviewVersions": ["v1beta1", "v1beta2"]});
    Some(json!({"spec": {"conversion": {"strategy": "Webhook", "webhook": webhook}}}))
}

/// Makes what the controller needs before it starts, and returns the token it is to use. With any other identity than
/// this ServiceAccount its own webhooks would refuse its writes.
pub(crate) async fn prepare(client: &Client, ca: &str) -> Result<String, Failure> {
    let what = "Capsule's own objects cannot be made";
    let post = async |path: &str, object: Value| api::create(client, path, "helm", &object).await.context(what);
    post("/api/v1/namespaces", json!({"metadata": {"name": NAMESPACE}})).await?;
    let accounts = format!("/api/v1/namespaces/{NAMESPACE}/serviceaccounts");
    post(&accounts, json!({"metadata": {"name": SERVICE_ACCOUNT}})).await?;
    let binding = json!({
        "metadata": {"name": "capsule-manager-rolebinding", "labels": {"app.kubernetes.io/name": "capsule"}},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": SERVICE_ACCOUNT, "namespace": NAMESPACE}],
    });
    post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding).await?;
    post(&format!("{API}/capsuleconfigurations"), configuration(ca)?).await?;
    token(client, NAMESPACE, SERVICE_ACCOUNT).await
}

fn configuration(ca: &str) -> Result<Value, Failure> {
    let mut object: Value = serde_json::from_str(CONFIGURATION).context("Capsule's configuration is not JSON")?;
    // Without both halves the controller panics; without the bundle every write fails.
    for kind in ["mutating", "validating"] {
        if let Some(client) = object.pointer_mut(&format!("/spec/admission/{kind}/client")) {
            *client = json!({"url": url(), "caBundle": STANDARD.encode(ca)});
        }
    }
    Ok(object)
}

/// A ServiceAccount's token, valid for longer than any test.
pub(crate) async fn token(client: &Client, namespace: &str, account: &str) -> Result<String, Failure> {
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
    let what = format!("no token for {namespace}/{account}");
    let request = json!({"spec": {"expirationSeconds": 24 * 60 * 60}});
    let answer = api::create(client, &path, "kubectl", &request).await.context(&what)?;
    let token = answer.pointer("/status/token").and_then(Value::as_str);
    token.map(str::to_owned).ok_or_else(|| Failure::new(what))
}

/// Whether the controller has done its work on its configuration: made the webhooks, and said that it is ready.
pub(crate) async fn is_configured(client: &Client) -> bool {
    let webhooks = "/apis/admissionregistration.k8s.io/v1";
    let configuration = format!("{API}/capsuleconfigurations/default");
    api::get(client, &format!("{webhooks}/validatingwebhookconfigurations/{WEBHOOKS}")).await.is_ok()
        && api::get(client, &format!("{webhooks}/mutatingwebhookconfigurations/{WEBHOOKS}")).await.is_ok()
        && api::get(client, &configuration).await.is_ok_and(|object| has_condition(&object, "Ready"))
}

/// Whether a namespace that `client` would like to make gets a real answer from the webhooks: passed, or denied.
pub(crate) async fn answers(client: &Client) -> bool {
    let namespace = json!({"metadata": {"name": "tenantry-probe"}});
    match api::create(client, "/api/v1/namespaces?dryRun=All", "probe", &namespace).await {
        Ok(_) => true,
        // A 403 of the API server's own, or a webhook that cannot be called, is no answer.
        Err(error) => api::words(&error).contains("denied the request:"),
    }
}

fn url() -> String {
    format!("https://127.0.0.1:{CAPSULE_WEBHOOK_PORT}")
}

/// Whether `object` has the condition `kind`, and it is true.
pub(crate) fn has_condition(object: &Value, kind: &str) -> bool {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    conditions.is_some_and(|all| all.iter().any(|one| one["type"] == kind && one["status"] == "True"))
}
