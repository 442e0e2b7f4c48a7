//! Aggregated ClusterRoles, such as `admin`: their rules are those of the roles that their selectors choose.

use crate::demo::access::PolicyRule;
use crate::demo::access::aggregate::aggregate;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};
use crate::demo::store::Key;

use super::NOTICE;

/// The clusterrole-aggregation-controller.
pub const NAME: &str = "clusterrole-aggregation-controller";

/// Any role may be part of any aggregated one.
pub fn observe(registry: &mut Registry) {
    let aggregated: Vec<Key> = registry
        .list("clusterroles.rbac.authorization.k8s.io", None)
        .filter(|role| role.at(&["aggregationRule"]).is_some())
        .map(|role| Key::of(&role))
        .collect();
    for key in aggregated {
        registry.queue(NAME, key, NOTICE);
    }
}

/// Puts the rules together.
pub fn reconcile(registry: &mut Registry, key: &Key) {
    let resource = "clusterroles.rbac.authorization.k8s.io";
    let Some(role) = registry.get(resource, "", key.name()) else { return };
    let roles: Vec<Object> = registry.list(resource, None).collect();
    let Some(rules) = aggregate(&role, &roles) else { return };
    let rules = serde_json::Value::Array(rules.iter().map(PolicyRule::to_value).collect());
    if role.get("rules") == Some(&rules) {
        return;
    }
    // The real one writes by server-side apply, and may grant what it does not hold itself.
    let mut by = Caller::controller(NAME);
    by.user.groups.push("system:masters".to_owned());
    let config = serde_json::json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": key.name()}, "rules": rules,
    });
    by.manager = NAME.to_owned();
    let _ = registry.apply(&mut by, resource, "", ("", key.name()), &config, true);
}
