//! StorageObjectInUseProtection and DefaultStorageClass; the default IngressClass.

use serde_json::json;

use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Operation, Registry, Review};

/// Fills in what the cluster decides about a new volume, claim or ingress.
pub fn complete(registry: &Registry, review: &Review<'_>, object: &mut Object) {
    if review.operation != Operation::Create {
        return;
    }
    let default_of = |resource: &str, annotation: &str| {
        registry
            .list(resource, None)
            .find(|class| class.annotation(annotation) == Some("true"))
            .map(|class| class.name().to_owned())
    };
    match (review.kind.group.as_str(), review.kind.resource.as_str()) {
        ("", "persistentvolumeclaims") => {
            protect(object, "kubernetes.io/pvc-protection");
            if object.at(&["spec", "storageClassName"]).is_none()
                && let Some(class) =
                    default_of("storageclasses.storage.k8s.io", "storageclass.kubernetes.io/is-default-class")
            {
                object.set(&["spec", "storageClassName"], class);
            }
        }
        ("", "persistentvolumes") => protect(object, "kubernetes.io/pv-protection"),
        ("networking.k8s.io", "ingresses") => {
            if object.at(&["spec", "ingressClassName"]).is_none()
                && object.annotation("kubernetes.io/ingress.class").is_none()
                && let Some(class) =
                    default_of("ingressclasses.networking.k8s.io", "ingressclass.kubernetes.io/is-default-class")
            {
                object.set(&["spec", "ingressClassName"], class);
            }
        }
        _ => {}
    }
}

fn protect(object: &mut Object, finalizer: &str) {
    let mut finalizers = object.list(&["metadata", "finalizers"]).to_vec();
    if !finalizers.iter().any(|one| one == finalizer) {
        finalizers.push(json!(finalizer));
        object.set(&["metadata", "finalizers"], finalizers);
    }
}
