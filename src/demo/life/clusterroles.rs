//! Aggregated ClusterRoles, such as `admin`: their rules are those of the roles that their selectors choose.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::demo::access::PolicyRule;
use crate::demo::access::aggregate::aggregate;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};
use crate::demo::store::Key;

use super::NOTICE;

/// The clusterrole-aggregation-controller.
pub const NAME: &str = "clusterrole-aggregation-controller";

const ROLES: &str = "clusterroles.rbac.authorization.k8s.io";

/// Any role may be part of any aggregated one: they are looked at together, once for however many changes.
pub fn observe(registry: &mut Registry) {
    registry.queue(NAME, Key::new("", "all"), NOTICE);
}

/// Puts the rules of each aggregated role together, one after the other: of roles that choose each other, the later ones
/// take over the order of the earlier, and all come to rest.
pub fn reconcile(registry: &mut Registry) {
    let mut roles: Vec<Object> = registry.list(ROLES, None).collect();
    for at in 0..roles.len() {
        if let Some(written) = roles.get(at).and_then(|role| gather(registry, role, &roles)) {
            roles[at] = written;
        }
    }
}

/// The role as it was written; nothing where there was nothing to write.
fn gather(registry: &mut Registry, role: &Object, roles: &[Object]) -> Option<Object> {
    let rules = aggregate(role, roles)?;
    let rules: Vec<Value> = rules.iter().map(PolicyRule::to_value).collect();
    let known = role.get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if known == rules {
        return None;
    }
    // The real one writes by server-side apply, and may grant what it does not hold itself.
    let mut by = Caller::controller(NAME);
    by.user.groups.push("system:masters".to_owned());
    let mut config = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": role.name()},
    });
    // None at all are not written: then it owns nothing.
    if !rules.is_empty() {
        config["rules"] = rules.into();
    }
    NAME.clone_into(&mut by.manager);
    registry
        .apply(&mut by, ROLES, "", ("", role.name()), &config, true)
        .ok()
        .map(|(role, _)| Arc::unwrap_or_clone(role))
}
