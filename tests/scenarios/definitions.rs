//! Kinds of other projects on real control planes, from their Go modules as they are published.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tenantry::plan::manifest::{self, Text};
use tenantry_cluster::{Cluster, wait_until};

use crate::desk::{Outcome, PATIENCE, get, send};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// A module, its folder, the files that are wanted of it, and a list that is there afterwards.
const MODULES: [(&str, &str, &[&str], &str); 3] = [
    (
        "sigs.k8s.io/gateway-api@v1.4.0",
        "config/crd/standard",
        &["_gatewayclasses.yaml", "_gateways.yaml", "_httproutes.yaml"],
        "/apis/gateway.networking.k8s.io/v1/httproutes",
    ),
    (
        "github.com/cert-manager/cert-manager@v1.19.0",
        "deploy/crds",
        &["_clusterissuers.yaml", "_certificates.yaml"],
        "/apis/cert-manager.io/v1/clusterissuers",
    ),
    (
        "github.com/kumahq/kuma@v1.8.1",
        "deployments/charts/kuma/crds",
        &["kuma.io_meshes.yaml"],
        "/apis/kuma.io/v1alpha1/meshes",
    ),
];

/// Makes sure that the cluster knows Gateway API, cert-manager and Kuma. The demo does by itself.
pub async fn install(cluster: &Cluster) -> Outcome {
    for (module, folder, files, list) in MODULES {
        if get(cluster, list).await.is_ok() {
            continue;
        }
        let module = module.to_owned();
        let fetched = tokio::task::spawn_blocking(move || fetch(&module));
        let root = fetched.await.map_err(|error| error.to_string())??;
        for definition in read(&Path::new(&root).join(folder), files)? {
            send(cluster, "POST", DEFINITIONS, &definition).await?;
        }
        served(cluster, list).await?;
    }
    // Newer than the last module of Kuma that can be had: after its documentation.
    let list = "/apis/kuma.io/v1alpha1/meshtrafficpermissions";
    if get(cluster, list).await.is_err() {
        let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
            "targetRef": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
            "from": {"type": "array", "items": {"type": "object", "required": ["targetRef"], "properties": {
                "targetRef": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
                "default": {"type": "object", "properties": {
                    "action": {"type": "string", "enum": ["Allow", "Deny", "AllowWithShadowDeny"]},
                }},
            }}},
        }}}});
        let definition = json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "meshtrafficpermissions.kuma.io"},
            "spec": {
                "group": "kuma.io", "scope": "Namespaced",
                "names": {"kind": "MeshTrafficPermission", "plural": "meshtrafficpermissions", "singular": "meshtrafficpermission"},
                "versions": [{"name": "v1alpha1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}],
            },
        });
        send(cluster, "POST", DEFINITIONS, &definition).await?;
        served(cluster, list).await?;
    }
    Ok(())
}

async fn served(cluster: &Cluster, list: &str) -> Outcome {
    let is_served = async || get(cluster, list).await.is_ok();
    wait_until(&format!("{list} is served"), PATIENCE, is_served).await.map_err(|failure| failure.to_string())
}

/// The folder of a module in Go's cache.
fn fetch(module: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut go = Command::new("go");
    go.args(["mod", "download", "-json", module]).current_dir(folder.path());
    let output = go.output().map_err(|error| format!("{module} cannot be had without go: {error}"))?;
    let told: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{module}: {error}: {}", String::from_utf8_lossy(&output.stderr)))?;
    told["Dir"].as_str().map(str::to_owned).ok_or_else(|| format!("{module}: {told}"))
}

fn read(folder: &Path, files: &[&str]) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let name = path.display().to_string();
        if files.iter().any(|end| name.ends_with(end)) {
            let text = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
            let texts = [Text { name, built: false, text }];
            let read = manifest::read(&texts).map_err(|faults| format!("{faults:?}"))?;
            found.extend(read.iter().map(manifest::Manifest::value));
        }
    }
    if found.len() < files.len() {
        return Err(format!("{} holds {} of {} definitions", folder.display(), found.len(), files.len()));
    }
    Ok(found)
}
