//! How each kind is deleted when the request does not say.

use super::built_in;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;

/// Seconds that a deleted object stays: for pods as their spec says, for all others none.
pub fn default_grace(kind: &Kind, object: &Object) -> i64 {
    match built_in(kind) {
        // As `podStrategy.CheckGracefulDelete`.
        Some(("", "pods")) => object.int(&["spec", "terminationGracePeriodSeconds"]).unwrap_or(30),
        _ => 0,
    }
}

/// What becomes of the objects that a deleted one owns, `Background` or `Orphan`. Of the versions served here only jobs'
/// still has `Orphan`, for compatibility (`jobStrategy.DefaultGarbageCollectionPolicy`).
pub fn default_propagation(kind: &Kind) -> &'static str {
    match built_in(kind) {
        Some(("batch", "jobs")) => "Orphan",
        _ => "Background",
    }
}

/// Whether the answer to a deletion that is over is the object, and not a `Status` (`ReturnDeletedObject` of upstream's
/// stores).
pub fn returns_deleted(kind: &Kind) -> bool {
    match built_in(kind) {
        Some(("", resource)) => matches!(
            resource,
            "namespaces"
                | "persistentvolumeclaims"
                | "persistentvolumes"
                | "pods"
                | "resourcequotas"
                | "serviceaccounts"
                | "services"
        ),
        Some(("storage.k8s.io", _)) => true,
        _ => false,
    }
}
