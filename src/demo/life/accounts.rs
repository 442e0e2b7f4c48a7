//! What each namespace gets: the `default` ServiceAccount and the ConfigMap `kube-root-ca.crt`.

use serde_json::json;

use crate::demo::object::Meta as _;
use crate::demo::registry::{Caller, Registry};
use crate::demo::store::Key;

/// The serviceaccount-controller and the root-ca-certificate-publisher-controller.
pub const NAME: &str = "serviceaccount-controller";

/// The authority of this cluster. It has none: nothing in it speaks TLS.
const ROOT_CA: &str = "# The embedded demo cluster does not speak TLS.\n";

/// Makes what is missing.
pub fn reconcile(registry: &mut Registry, key: &Key) {
    let name = key.name();
    let is_active = registry
        .look("namespaces", "", name)
        .is_some_and(|namespace| namespace.text(&["status", "phase"]) == Some("Active"));
    if !is_active {
        return;
    }
    if !registry.has("serviceaccounts", name, "default") {
        let account = json!({"metadata": {"name": "default", "namespace": name}});
        let _ = registry.create(&mut Caller::controller("service-account-controller"), "serviceaccounts", account);
    }
    if !registry.has("configmaps", name, "kube-root-ca.crt") {
        let note = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the \
                    internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of \
                    Kubernetes clusters.";
        let map = json!({
            "metadata": {
                "name": "kube-root-ca.crt", "namespace": name, "annotations": {"kubernetes.io/description": note},
            },
            "data": {"ca.crt": ROOT_CA},
        });
        let _ = registry.create(&mut Caller::controller("root-ca-cert-publisher"), "configmaps", map);
    }
}
