//! What the chart and the controller leave on a fresh cluster.

use serde_json::{Value, json};

use super::{GROUP, controller};
use crate::demo::access::User;
use crate::demo::clock::rfc3339;
use crate::demo::install::resource_of;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};
use crate::demo::schema::Era;

/// The job that brings the configuration about.
pub const CONFIGURATION: &str = "capsule-configuration";

/// The namespace that Capsule runs in.
const HOME: &str = "capsule-system";

/// Whoever ran Helm.
fn helm() -> Caller {
    let groups = vec!["system:masters".to_owned(), "system:authenticated".to_owned()];
    Caller::new(User { name: "system:apiserver".to_owned(), groups, ..User::default() }, "helm")
}

/// Installs Capsule.
pub fn install(registry: &mut Registry) {
    let mut by = helm();
    let _ = registry.create(&mut by, "namespaces", json!({"metadata": {"name": HOME}}));
    let account = json!({"metadata": {"name": "capsule", "namespace": HOME}});
    let _ = registry.create(&mut by, "serviceaccounts", account);
    let binding = json!({
        "metadata": {"name": "capsule-manager-rolebinding"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "capsule", "namespace": HOME}],
    });
    let _ = registry.create(&mut by, "clusterrolebindings.rbac.authorization.k8s.io", binding);
    let installed = match registry.era {
        Era::V0_14 => include_str!("data/installed-0.14.json"),
        Era::V0_4 => include_str!("data/installed-0.4.json"),
    };
    // Shipped with the program: it can be read.
    let objects: Vec<Object> = serde_json::from_str(installed).unwrap_or_default();
    for object in objects {
        let resource = resource_of(registry, &object);
        let _ = registry.create(&mut by, &resource, object);
    }
    roles(registry);
    resolve(registry, "default");
}

/// The roles that the controller gives to owners, beside `admin`.
fn roles(registry: &mut Registry) {
    let mut by = controller();
    let labels = match registry.era {
        Era::V0_14 => json!({"projectcapsule.dev/created-by": "rbac-controller"}),
        Era::V0_4 => json!({}),
    };
    for (name, verbs) in [
        ("capsule-namespace-provisioner", json!(["create", "patch"])),
        ("capsule-namespace-deleter", json!(["delete"])),
    ] {
        let role = json!({
            "metadata": {"name": name, "labels": labels},
            "rules": [{"apiGroups": [""], "resources": ["namespaces"], "verbs": verbs}],
        });
        let _ = registry.create(&mut by, "clusterroles.rbac.authorization.k8s.io", role);
    }
    let binding = json!({
        "metadata": {"name": "capsule-namespace-provisioner", "labels": labels},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "capsule-namespace-provisioner",
        },
        "subjects": [],
    });
    let _ = registry.create(&mut by, "clusterrolebindings.rbac.authorization.k8s.io", binding);
}

/// Brings the configuration about: who may make namespaces, and its status.
pub fn resolve(registry: &mut Registry, name: &str) {
    let resource = format!("capsuleconfigurations.{GROUP}");
    let Some(configuration) = registry.get(&resource, "", name) else { return };
    let users = subjects(&configuration, registry.era);
    let subjects: Vec<Value> = users
        .iter()
        .map(|user| {
            json!({
                "apiGroup": "rbac.authorization.k8s.io", "kind": user.get("kind"), "name": user.get("name"),
            })
        })
        .collect();
    let by = controller();
    let bindings = "clusterrolebindings.rbac.authorization.k8s.io";
    registry.change(&by, bindings, "", "", "capsule-namespace-provisioner", |binding| {
        binding.set(&["subjects"], subjects);
    });
    if registry.era != Era::V0_14 {
        return;
    }
    let now = rfc3339(registry.now());
    let tenants: Vec<String> = registry.views(super::TENANTS, None).map(|tenant| tenant.name().to_owned()).collect();
    let people: Vec<Value> =
        users.into_iter().filter(|user| !configuration.list(&["spec", "administrators"]).contains(user)).collect();
    registry.change(&by, &resource, "status", "", name, |configuration| {
        let generation = configuration.int(&["metadata", "generation"]);
        let since = configuration
            .list(&["status", "conditions"])
            .first()
            .and_then(|condition| condition.text(&["lastTransitionTime"]))
            .unwrap_or(&now)
            .to_owned();
        let mut status = json!({
            "conditions": [{
                "lastTransitionTime": since, "message": "reconciled", "observedGeneration": generation,
                "reason": "Succeeded", "status": "True", "type": "Ready",
            }],
            "observedGeneration": generation, "users": people,
        });
        if !tenants.is_empty() {
            status.set(&["tenants"], tenants);
        }
        configuration.set(&["status"], status);
    });
}

/// Whom the configuration names: users, and administrators.
fn subjects(configuration: &Object, era: Era) -> Vec<Value> {
    let named = |path: &[&str], kind: &str| -> Vec<Value> {
        configuration.list(path).iter().map(|name| json!({"kind": kind, "name": name})).collect()
    };
    let mut all = named(&["spec", "userGroups"], "Group");
    if era == Era::V0_14 {
        all.extend(named(&["spec", "userNames"], "User"));
        all.extend(configuration.list(&["spec", "users"]).iter().cloned());
        all.extend(configuration.list(&["spec", "administrators"]).iter().cloned());
    }
    all.dedup();
    all
}
