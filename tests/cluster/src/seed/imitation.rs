//! What Capsule's controller would write, for clusters without it: the shapes were read back from real ones.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(super) use crate::era::{CORDONED_LABEL, FINALIZER};
use crate::error::Failure;
use crate::tenants::TENANT_LABEL;
use crate::text::short_hex;

/// The controller as a field manager.
pub(super) const MANAGER: &str = "capsule";

const API_VERSION: &str = "capsule.clastix.io/v1beta2";

/// A tenant as others refer to it.
#[derive(Debug, Clone)]
pub(super) struct Tenant {
    pub name: String,
    pub uid: String,
    pub cordoned: bool,
}

/// A namespace as its tenant's status knows it.
#[derive(Debug, Clone)]
pub(super) struct Space {
    pub name: String,
    pub uid: String,
    pub cordoned: bool,
}

/// Why a tenant is not ready: a reason in one word, and a message.
pub(super) type Trouble<'a> = Option<(&'a str, &'a str)>;

/// A namespace as it is after the webhook that puts it into its tenant.
pub(super) fn namespace(tenant: &Tenant, name: &str) -> Value {
    let owner = json!({"apiVersion": API_VERSION, "kind": "Tenant", "name": tenant.name, "uid": tenant.uid});
    let labels = json!({TENANT_LABEL: tenant.name, "kubernetes.io/metadata.name": name});
    json!({"metadata": {"name": name, "labels": labels, "ownerReferences": [owner]}})
}

/// A binding that gives `role` to one of the tenant's owners or additional subjects.
pub(super) fn role_binding(tenant: &Tenant, role: &str, subject: &Value) -> Value {
    let hash = short_hex(&Sha256::digest(format!("{}/{role}/{subject}", tenant.name)));
    let labels = json!({
        "capsule.clastix.io/managed-by": tenant.name,
        "capsule.clastix.io/role-binding": hash,
        "projectcapsule.dev/managed-by": "controller",
        "projectcapsule.dev/tenant": tenant.name,
    });
    let owner = json!({
        "apiVersion": API_VERSION, "kind": "Tenant", "name": tenant.name, "uid": tenant.uid,
        "controller": true, "blockOwnerDeletion": true,
    });
    json!({
        "metadata": {"name": format!("capsule:managed:{hash}"), "labels": labels, "ownerReferences": [owner]},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    })
}

/// A tenant's status.
pub(super) fn status(tenant: &Tenant, owners: &Value, spaces: &[Space], trouble: Trouble<'_>, now: &str) -> Value {
    let described: Vec<Value> = spaces.iter().map(|space| space_status(space, now)).collect();
    let names: Vec<&str> = spaces.iter().map(|space| space.name.as_str()).collect();
    json!({
        "classes": {"priority": ["system-cluster-critical", "system-node-critical"]},
        "conditions": [ready(trouble, now), cordoned(tenant.cordoned, "Tenant is cordoned", now)],
        "namespaces": names,
        "observedGeneration": 1,
        "owners": owners,
        "size": names.len(),
        "spaces": described,
        "state": if tenant.cordoned { "Cordoned" } else { "Active" },
    })
}

fn space_status(space: &Space, now: &str) -> Value {
    let metadata = if space.cordoned { json!({"labels": {CORDONED_LABEL: "true"}}) } else { json!({}) };
    json!({
        "conditions": [ready(None, now), cordoned(space.cordoned, "namespace is cordoned", now)],
        "metadata": metadata,
        "name": space.name,
        "uid": space.uid,
    })
}

fn ready(trouble: Trouble<'_>, now: &str) -> Value {
    let (status, reason, message) = match trouble {
        None => ("True", "Succeeded", "reconciled"),
        Some((reason, message)) => ("False", reason, message),
    };
    json!({
        "lastTransitionTime": now, "message": message, "reason": reason, "status": status, "type": "Ready",
    })
}

fn cordoned(is: bool, message: &str, now: &str) -> Value {
    let (status, reason, message) =
        if is { ("True", "Cordoned", message) } else { ("False", "Active", "not cordoned") };
    json!({
        "lastTransitionTime": now, "message": message, "reason": reason, "status": status, "type": "Cordoned",
    })
}

/// The uid of an object that the server has made.
pub(super) fn uid(object: &Value) -> Result<String, Failure> {
    let uid = object.pointer("/metadata/uid").and_then(Value::as_str);
    uid.map(str::to_owned).ok_or_else(|| Failure::new("the server made an object without a uid"))
}

/// This moment, as the controller writes it.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
