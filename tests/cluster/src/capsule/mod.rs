//! Capsule as its chart would install it, but outside the cluster: its webhooks are called by URL.

mod v0_14;
mod v0_4;

use std::fs;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::try_join_all;
use kube::Client;
use serde_json::{Value, json};

use crate::api;
use crate::certificates::Certificate;
use crate::components::{CAPSULE_WEBHOOK_PORT, Component};
use crate::control_plane::ControlPlane;
use crate::era::Era;
use crate::error::{Context, Failure};
use crate::wait::wait_until;

pub(crate) const NAMESPACE: &str = "capsule-system";
pub(crate) const SERVICE_ACCOUNT: &str = "capsule";

/// The API group version of Capsule's objects.
pub(crate) const API: &str = "/apis/capsule.clastix.io/v1beta2";

const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

const WEBHOOKS: &str = "/apis/admissionregistration.k8s.io/v1";

/// The kinds whose old versions the controller converts.
const CONVERTED: [&str; 2] = ["tenants", "capsuleconfigurations"];

const ESTABLISHED_LIMIT: Duration = Duration::from_mins(2);

/// A controller that converts: what it converts, and the certificate it is known by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Converter<'a> {
    pub era: Era,
    pub ca: &'a str,
}

/// Applies the definitions in `directory` and waits until all of them are served. If there is somebody who converts, old
/// versions are asked of him.
pub(crate) async fn install_crds(
    client: &Client,
    directory: &Path,
    converter: Option<Converter<'_>>,
) -> Result<(), Failure> {
    let what = format!("{} cannot be read", directory.display());
    let mut installations = Vec::new();
    for entry in fs::read_dir(directory).context(&what)? {
        let yaml = fs::read_to_string(entry.context(&what)?.path()).context(&what)?;
        // The names of the files follow no rule that holds for both eras.
        if let Some(name) = name(&yaml) {
            let conversion = converter.and_then(|converter| converter.patch(&name));
            installations.push(install_crd(client, format!("{CRDS}/{name}"), yaml.into_bytes(), conversion));
        }
    }
    try_join_all(installations).await?;
    Ok(())
}

/// `metadata.name` of a definition: the only name that is indented by one step.
fn name(yaml: &str) -> Option<String> {
    yaml.lines().find_map(|line| line.strip_prefix("  name: ")).map(str::to_owned)
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

impl Converter<'_> {
    /// What makes the API server ask it, if it converts the kind whose definition is called `name`.
    fn patch(self, name: &str) -> Option<Value> {
        let plural = name.split('.').next()?;
        if !CONVERTED.contains(&plural) {
            return None;
        }
        let versions = match self.era {
            Era::V0_4 => v0_4::CONVERSION_REVIEWS,
            Era::V0_14 => v0_14::CONVERSION_REVIEWS,
        };
        let mut client = webhook_client("/convert", self.ca);
        // The definitions of the old era name a service.
        client["service"] = Value::Null;
        let webhook = json!({"clientConfig": client, "conversionReviewVersions": versions});
        Some(json!({"spec": {"conversion": {"strategy": "Webhook", "webhook": webhook}}}))
    }
}

/// Makes what the controller needs before it starts, and returns the token it is to use. With any other identity than
/// this ServiceAccount its own webhooks would refuse its writes.
pub(crate) async fn prepare(client: &Client, era: Era, ca: &str, certificate: &Certificate) -> Result<String, Failure> {
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
    let configuration = match era {
        Era::V0_4 => {
            post(&format!("/api/v1/namespaces/{NAMESPACE}/secrets"), v0_4::secret(ca, certificate)).await?;
            v0_4::configuration()?
        }
        Era::V0_14 => v0_14::configuration(ca)?,
    };
    post(&format!("{API}/capsuleconfigurations"), configuration).await?;
    token(client, NAMESPACE, SERVICE_ACCOUNT).await
}

/// Waits until the controller that has been started is configured, and its webhooks are known to the API server.
pub(crate) async fn configured(client: &Client, era: Era, plane: &ControlPlane) -> Result<(), Failure> {
    match era {
        Era::V0_4 => {
            plane.capsule_ready().await?;
            // Not before: what they are asked about would be refused until somebody listens.
            v0_4::install_webhooks(client, &plane.ca_pem()).await
        }
        Era::V0_14 => {
            let needed = [Component::Capsule];
            plane.wait_on(&needed, "Capsule is configured", async || v0_14::is_configured(client).await).await
        }
    }
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

/// Whether a namespace that `client` would like to make gets a real answer from the webhooks: passed, or denied.
pub(crate) async fn answers(client: &Client) -> bool {
    let namespace = json!({"metadata": {"name": "tenantry-probe"}});
    match api::create(client, "/api/v1/namespaces?dryRun=All", "probe", &namespace).await {
        Ok(_) => true,
        // A 403 of the API server's own, or a webhook that cannot be called, is no answer.
        Err(error) => api::words(&error).contains("denied the request:"),
    }
}

/// How the API server calls a webhook of the controller.
fn webhook_client(path: &str, ca: &str) -> Value {
    json!({"url": format!("{}{path}", url()), "caBundle": STANDARD.encode(ca)})
}

fn url() -> String {
    format!("https://127.0.0.1:{CAPSULE_WEBHOOK_PORT}")
}

/// Whether `object` has the condition `kind`, and it is true.
pub(crate) fn has_condition(object: &Value, kind: &str) -> bool {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    conditions.is_some_and(|all| all.iter().any(|one| one["type"] == kind && one["status"] == "True"))
}

/// Whether the controller has taken notice of a tenant, so that its owners are known.
pub(crate) fn is_known(era: Era, tenant: &Value) -> bool {
    if era.has_conditions() { has_condition(tenant, "Ready") } else { tenant.pointer("/status/state").is_some() }
}

/// Whether the controller says of a tenant that it is cordoned.
pub(crate) fn is_cordoned(era: Era, tenant: &Value) -> bool {
    if era.has_conditions() {
        has_condition(tenant, "Cordoned")
    } else {
        tenant.pointer("/status/state").is_some_and(|state| state == "Cordoned")
    }
}
