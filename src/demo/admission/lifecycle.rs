//! NamespaceLifecycle: nothing new in a namespace that is missing or going away; some namespaces stay.

use serde_json::json;

use crate::demo::object::Meta as _;
use crate::demo::registry::{Operation, Registry, Review};
use crate::demo::status::Status;

/// Namespaces that are never removed.
const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

/// As `plugin/namespace/lifecycle/admission.go`.
pub fn check(registry: &Registry, review: &Review<'_>) -> Result<(), Status> {
    let is_namespace = review.kind.resource == "namespaces" && review.kind.group.is_empty();
    if is_namespace {
        if review.operation == Operation::Delete && IMMORTAL.contains(&review.name) {
            return Err(Status::forbidden("", "namespaces", review.name, "this namespace may not be deleted"));
        }
        return Ok(());
    }
    if !review.kind.namespaced || review.operation != Operation::Create {
        return Ok(());
    }
    let Some(namespace) = registry.look("namespaces", "", review.namespace) else {
        return Err(Status::not_found("", "namespaces", review.namespace));
    };
    if namespace.text(&["status", "phase"]) != Some("Terminating") {
        return Ok(());
    }
    let why = format!("unable to create new content in namespace {} because it is being terminated", review.namespace);
    let mut status = Status::forbidden(&review.kind.group, &review.kind.resource, review.name, &why);
    let cause = json!([{
        "reason": "NamespaceTerminating",
        "message": format!("namespace {} is being terminated", review.namespace),
        "field": "metadata.namespace",
    }]);
    status.details.get_or_insert_with(|| json!({})).set(&["causes"], cause);
    Err(status)
}
