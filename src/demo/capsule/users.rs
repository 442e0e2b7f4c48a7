//! For whom Capsule's webhooks act.

use std::sync::Arc;

use serde_json::Value;

use super::GROUP;
use crate::demo::access::User;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Registry;
use crate::demo::schema::Era;

/// Capsule's own controller; and the API server's, which no webhook is asked about.
pub fn is_controller(user: &User) -> bool {
    user.name == "system:serviceaccount:capsule-system:capsule" || user.name == "system:apiserver"
}

/// The configuration.
pub fn configuration(registry: &Registry) -> Option<Arc<Object>> {
    registry.look("capsuleconfigurations.capsule.clastix.io", "", "default")
}

/// Whether a subject `{kind, name}` is the user, or a group of his.
pub fn is(user: &User, subject: &Value) -> bool {
    let name = subject.text(&["name"]).unwrap_or_default();
    match subject.text(&["kind"]) {
        Some("Group") => user.is_in(name),
        Some("User") => user.name == name && user.service_account().is_none(),
        Some("ServiceAccount") => user.name == name,
        _ => false,
    }
}

/// Whether the user is an administrator of Capsule's configuration (from 0.12 on).
pub fn is_administrator(registry: &Registry, user: &User) -> bool {
    registry.era == Era::V0_14
        && configuration(registry).is_some_and(|configuration| {
            configuration.list(&["spec", "administrators"]).iter().any(|one| is(user, one))
        })
}

/// Whether the webhooks treat the user as one of a tenant's people.
pub fn is_capsule_user(registry: &Registry, user: &User) -> bool {
    if let Some((namespace, _)) = user.service_account() {
        // The controllers of the cluster itself go on.
        return namespace != "kube-system"
            && registry
                .get("namespaces", "", namespace)
                .is_some_and(|namespace| super::owner_of(&namespace).is_some());
    }
    let Some(configuration) = configuration(registry) else { return false };
    let ignored = configuration.list(&["spec", "ignoreUserWithGroups"]);
    if ignored.iter().filter_map(Value::as_str).any(|group| user.is_in(group)) {
        return false;
    }
    let groups = configuration.list(&["spec", "userGroups"]);
    let names = configuration.list(&["spec", "userNames"]);
    groups.iter().filter_map(Value::as_str).any(|group| user.is_in(group))
        || names.iter().filter_map(Value::as_str).any(|name| user.name == name)
        || configuration.list(&["spec", "users"]).iter().any(|one| is(user, one))
        || owners(registry).iter().any(|owner| {
            owner.at(&["spec", "aggregate"]).and_then(Value::as_bool).unwrap_or(true)
                && owner.get("spec").is_some_and(|spec| is(user, spec))
        })
}

/// All TenantOwners (from 0.12 on).
fn owners(registry: &Registry) -> Vec<Object> {
    registry.list(&format!("tenantowners.{GROUP}"), None).collect()
}

/// The owners of a tenant: those it names, and the TenantOwners that it selects; each `{kind, name, clusterRoles}`.
pub fn owners_of(registry: &Registry, tenant: &Object) -> Vec<Value> {
    let mut all: Vec<Value> = tenant.list(&["spec", "owners"]).to_vec();
    let selectors = tenant.list(&["spec", "permissions", "matchOwners"]);
    for owner in owners(registry) {
        let selected = selectors.iter().any(|selector| crate::demo::api::selector::Labels::of(selector).admit(&owner))
            || owner.label(super::NEW_TENANT_LABEL) == Some(tenant.name());
        if let Some(spec) = owner.get("spec").filter(|_| selected) {
            all.push(spec.clone());
        }
    }
    all
}

/// Whether the user owns a tenant.
pub fn owns(registry: &Registry, tenant: &Object, user: &User) -> bool {
    owners_of(registry, tenant).iter().any(|owner| is(user, owner))
}
