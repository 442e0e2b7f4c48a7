//! Which fields weigh most, and which are the server's own.

use super::Step;

/// Fields whose change stops, moves, opens or deletes something, wherever they stand below the object's own content.
const WEIGHTY: &[&str] = &[
    "replicas",
    "image",
    "host",
    "hostname",
    "hostnames",
    "tls",
    "owners",
    "roleRef",
    "subjects",
    "rules",
    "cordoned",
    "hard",
    "deletionPolicy",
    "reclaimPolicy",
    "persistentVolumeReclaimPolicy",
    "whenScaled",
    "whenDeleted",
    "preventDeletion",
    "suspend",
    "selector",
];

/// Whether a difference here belongs on top.
pub(super) fn is_weighty(kind: &str, path: &[Step]) -> bool {
    let mut fields = path.iter().filter_map(Step::field);
    match path {
        [Step::Field(top), ..]
            if ["metadata", "data", "stringData", "binaryData", "status"].contains(&top.as_str()) =>
        {
            false
        }
        [Step::Field(spec), Step::Field(field)] if kind == "Service" && spec == "spec" && field == "type" => true,
        _ => fields.any(|field| WEIGHTY.contains(&field)),
    }
}

/// The fields of `metadata` that the server writes for itself.
pub(super) const BOOKKEEPING: &[&str] = &["managedFields", "resourceVersion", "generation", "selfLink"];

/// Whether a difference here is the server's own, or repeats what stands elsewhere. `creates`: there was no object before.
pub(super) fn is_noise(path: &[Step], creates: bool) -> bool {
    match path {
        [Step::Field(top), ..] if top == "status" => true,
        [Step::Field(top), Step::Field(key), rest @ ..] if top == "metadata" => {
            BOOKKEEPING.contains(&key.as_str())
                || (creates && ["uid", "creationTimestamp"].contains(&key.as_str()))
                || matches!(rest, [Step::Field(name)] if key == "annotations" && name == LAST_APPLIED)
        }
        _ => false,
    }
}

/// kubectl's copy of what it applied.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
