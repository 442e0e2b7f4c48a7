//! What a cluster has from its first moment: namespaces, roles, Capsule.

use std::sync::Arc;

use serde_json::json;

use super::access::{User, bootstrap};
use super::capsule;
use super::clock::rfc3339;
use super::object::{Meta as _, Object};
use super::registry::{Caller, Registry};
use super::schema::definitions::ANY;
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
    for mut object in bootstrap::objects().unwrap_or_default() {
        if object.at(&["aggregationRule"]).is_some() {
            // Left to the controller that puts them together.
            object.unset(&["rules"]);
        }
        let resource = resource_of(registry, &object);
        let _ = registry.create(&mut by, &resource, object);
    }
    for (name, value, what) in [
        (
            "system-cluster-critical",
            2_000_000_000,
            "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
        ),
        (
            "system-node-critical",
            2_000_001_000,
            "Used for system critical pods that must not be moved from their current node.",
        ),
    ] {
        let class = json!({"metadata": {"name": name}, "value": value, "description": what});
        let _ = registry.create(&mut by, "priorityclasses.scheduling.k8s.io", class);
    }
    definitions(registry);
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

/// The custom kinds. The real server's controllers find their names free, and serve them.
fn definitions(registry: &mut Registry) {
    const RESOURCE: &str = "customresourcedefinitions.apiextensions.k8s.io";
    let mut by = Caller::new(admin().user, "helm");
    let Some(table) = registry.table(RESOURCE) else { return };
    for at in 0..registry.schemas.kinds().len() {
        let Some((definition, schema)) =
            registry.schemas.kinds().get(at).and_then(|kind| registry.schemas.custom_definition(kind))
        else {
            continue;
        };
        let Ok(created) = registry.create(&mut by, RESOURCE, definition) else { continue };
        let now = rfc3339(registry.now());
        let condition = |kind: &str, reason: &str, message: &str| json!({"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": now});
        let conditions = json!([
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ]);
        let served = registry.change(&admin(), RESOURCE, "status", "", created.name(), |definition| {
            let names = definition.at(&["spec", "names"]).cloned().unwrap_or_default();
            definition.set(&["status", "acceptedNames"], names);
            definition.set(&["status", "conditions"], conditions);
        });
        // The schemas are those that the real server published: they are put in at the end, past all that looks into objects,
        // which would take longer than everything else in here.
        if let Some(served) = served {
            let place = |schema: &str| format!("\"openAPIV3Schema\":{schema}");
            registry.store.put_text(table, Arc::unwrap_or_clone(served), &place(ANY), &place(&schema));
        }
    }
}

/// The API server itself.
fn admin() -> Caller {
    let groups = vec!["system:masters".to_owned(), "system:authenticated".to_owned()];
    let user = User { name: "system:apiserver".to_owned(), groups, ..User::default() };
    Caller::new(user, "kube-apiserver")
}

/// The resource of an object, such as `deployments.apps`.
pub fn resource_of(registry: &Registry, object: &Object) -> String {
    let (group, kind) = kind_of(object).unwrap_or_default();
    registry.schemas.of_kind(group, kind).map_or_else(|| qualified(group, kind), super::schema::kind::Kind::qualified)
}

/// The group and kind that an object says it is of.
pub fn kind_of(object: &Object) -> Option<(&str, &str)> {
    let version = object.text(&["apiVersion"])?;
    Some((version.split_once('/').map_or("", |(group, _)| group), object.text(&["kind"])?))
}
