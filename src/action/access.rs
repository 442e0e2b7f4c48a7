//! Access for somebody: the plan that asks for a certificate, or makes the ServiceAccount that a token is for.

use serde_json::json;

use crate::plan::{Before, Change, ObjectRef, Plan, Stage, Step, Target};

/// The signer of certificates that API servers take for clients.
pub const SIGNER: &str = "kubernetes.io/kube-apiserver-client";

/// The plan that asks for a certificate. `name`: of the request; `request`: in PEM, base64-encoded once more.
pub fn certificate(name: &str, user: &str, group: Option<&str>, request: &str, seconds: i64, target: Target) -> Plan {
    let object = ObjectRef::cluster(
        "/apis/certificates.k8s.io/v1",
        "certificatesigningrequests",
        "CertificateSigningRequest",
        name,
    );
    let manifest = json!({
        "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
        "metadata": {"name": name},
        "spec": {"request": request, "signerName": SIGNER, "usages": ["client auth"], "expirationSeconds": seconds},
    });
    let group = group.map(|group| format!(", a member of {group}")).unwrap_or_default();
    Plan {
        title: format!("Access for {user}"),
        summary: vec![
            format!("asks for a certificate that proves {user}{group}, approves it, and fetches it"),
            "a certificate cannot be called back before it ends: what it opens is taken away by taking away the rights"
                .to_owned(),
            "the private key is made here and leaves this machine only in the file that is written".to_owned(),
        ],
        target,
        stages: vec![Stage { steps: vec![make(object, manifest)], goal: None }],
        ..Plan::default()
    }
}

/// The plan that makes a ServiceAccount, if it is not there (`before`).
pub fn account(namespace: &str, name: &str, before: &Before, target: Target) -> Plan {
    let object = ObjectRef::namespaced("/api/v1", "serviceaccounts", "ServiceAccount", namespace, name);
    let manifest = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": namespace}, "automountServiceAccountToken": false,
    });
    let steps = if before.object().is_some() { Vec::new() } else { vec![make(object, manifest)] };
    Plan {
        title: format!("Access for the ServiceAccount {namespace}/{name}"),
        summary: vec![
            format!("issues a token for the ServiceAccount {namespace}/{name}"),
            "deleting the ServiceAccount ends all its tokens at once; one alone cannot be called back".to_owned(),
        ],
        target,
        stages: vec![Stage { steps, goal: None }],
        ..Plan::default()
    }
}

const fn make(object: ObjectRef, manifest: serde_json::Value) -> Step {
    Step { object, change: Change::Create(manifest), before: Before::Absent, answer: None, source: None }
}
