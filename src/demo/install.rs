//! What a cluster has from its first moment: namespaces, roles, Capsule.

use serde_json::json;

use super::access::bootstrap;
use super::capsule;
use super::object::{Meta as _, Object};
use super::registry::{Caller, Registry};
use super::status::qualified;

/// The namespaces of a fresh cluster.
const NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Furnishes an empty cluster.
pub fn install(registry: &mut Registry) {
    let mut by = admin();
    for name in NAMESPACES {
        let _ = registry.create(&mut by, "namespaces", json!({"metadata": {"name": name}}));
    }
    // Shipped with the program: it can be read.
    for object in bootstrap::objects().unwrap_or_default() {
        let resource = resource_of(registry, &object);
        let _ = registry.create(&mut by, &resource, object);
    }
    let kubernetes = json!({
        "metadata": {
            "name": "kubernetes", "namespace": "default", "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {"ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]},
    });
    let _ = registry.create(&mut by, "services", kubernetes);
    if registry.has_capsule {
        capsule::install(registry);
    }
}

/// The API server itself.
fn admin() -> Caller {
    let mut by = Caller::controller("kube-apiserver");
    by.user.name = "system:apiserver".to_owned();
    by.user.groups = vec!["system:masters".to_owned(), "system:authenticated".to_owned()];
    by.manager = "kube-apiserver".to_owned();
    by
}

/// The resource of an object, such as `deployments.apps`.
pub fn resource_of(registry: &Registry, object: &Object) -> String {
    let version = object.text(&["apiVersion"]).unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let kind = object.text(&["kind"]).unwrap_or_default();
    registry.schemas.of_kind(group, kind).map_or_else(|| qualified(group, kind), super::schema::kind::Kind::qualified)
}
