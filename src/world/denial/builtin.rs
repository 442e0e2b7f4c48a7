//! What Kubernetes itself checks besides rights, quotas, limits and Pod Security.

use super::pattern::{fill, holes};
use super::{Family, Refusal};

/// What it says; a name; why, in our words; the way on.
type Check = (&'static str, &'static str, &'static str, &'static str);

const CHECKS: &[Check] = &[
    // apiserver pkg/admission/plugin/namespace/lifecycle/admission.go
    ("because it is being terminated", "terminating", "its namespace is being terminated", "wait until it is gone"),
    (
        "this namespace may not be deleted",
        "kept-namespace",
        "this namespace is Kubernetes' own and is never deleted",
        "leave it where it is",
    ),
    ("not yet ready to handle request", "not-ready", "the server has only just started", "try again in a moment"),
    // kubernetes plugin/pkg/admission/serviceaccount/admission.go
    (
        "error looking up service account {}: {}",
        "no-account",
        "the ServiceAccount {0} does not exist",
        "make it first, or name another in spec.serviceAccountName",
    ),
    // kubernetes plugin/pkg/admission/priority/admission.go
    (
        "no PriorityClass with name {} was found",
        "no-priority-class",
        "there is no PriorityClass {0}",
        "name one that exists in spec.priorityClassName",
    ),
    // kubernetes plugin/pkg/admission/runtimeclass/admission.go
    ("RuntimeClass {} not found", "no-runtime-class", "there is no RuntimeClass {0}", "name one that exists"),
    // kubernetes plugin/pkg/admission/gc/gc_admission.go
    (
        "cannot set blockOwnerDeletion",
        "block-owner",
        "an owner whose finalizers you may not set cannot be blocked from being deleted",
        "leave out blockOwnerDeletion, or ask for `update` on the owner's finalizers",
    ),
    (
        "cannot set an ownerRef on a resource you can't delete",
        "owner-reference",
        "who sets an owner must be allowed to delete the object",
        "ask for `delete` on it",
    ),
    // kubernetes plugin/pkg/admission/podnodeselector/admission.go
    (
        "conflicts with its namespace node label selector",
        "node-selector",
        "its node selector is at odds with the one of its namespace",
        "leave out spec.nodeSelector, or ask who administers the namespace",
    ),
    // kubernetes plugin/pkg/admission/network/denyserviceexternalips/admission.go
    (
        "Use of external IPs is denied",
        "external-ips",
        "this cluster permits no external IPs of services",
        "leave out spec.externalIPs",
    ),
    // kubernetes plugin/pkg/admission/noderestriction/admission.go
    ("is not allowed to modify node", "node", "a node may change nothing but itself", ""),
    // kubernetes plugin/pkg/admission/certificates
    (
        "user not permitted to {} with signerName {}",
        "signer",
        "you may not {0} for the signer {1}",
        "ask for that verb on signers, for this name",
    ),
    (
        "with system:masters group is not allowed",
        "masters",
        "no certificate is signed for the group system:masters",
        "ask for another group",
    ),
    // kubernetes plugin/pkg/admission/deny/admission.go
    ("admission control is denying all modifications", "deny-all", "this cluster takes no changes at all", ""),
    // kubernetes plugin/pkg/admission/storage/persistentvolume/resize/admission.go
    (
        "only dynamically provisioned pvc can be resized",
        "resize",
        "this volume cannot grow: its storage class does not permit it",
        "choose a class with allowVolumeExpansion, and move the data",
    ),
    // apiserver pkg/authentication/request/... : impersonation that nobody may do
    ("impersonating the system:masters group is not allowed", "masters", "nobody may act as system:masters", ""),
    // The old PodSecurityPolicy and OpenShift's SecurityContextConstraints
    (
        "unable to validate against any {}: {}",
        "constraints",
        "no {0} permits this pod",
        "change its securityContext, or ask for one that permits it",
    ),
    ("unable to admit pod: {}", "constraints", "no pod security policy permits this pod: {0}", ""),
];

pub(super) fn read(text: &str) -> Option<Refusal> {
    let (_, why) = text.split_once("forbidden: ")?;
    CHECKS.iter().find_map(|(says, rule, told, way)| {
        let holes = holes(says, why)?;
        Some(Refusal::new(Family::Kubernetes, rule, fill(told, &holes, None)).way(*way))
    })
}
