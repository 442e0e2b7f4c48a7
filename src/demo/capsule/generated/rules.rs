//! The rules of a tenant as they hold in each namespace: the RuleStatus `capsule-managed-rules` (new era).

use serde_json::{Value, json};

use super::adopt;
use crate::demo::api::selector::Labels;
use crate::demo::capsule::{MANAGED_LABEL, NEW_TENANT_LABEL};
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};

const RULES: &str = "rulestatuses.capsule.clastix.io";
const NAME: &str = "capsule-managed-rules";

/// Makes and mends them, and says that they are ready.
pub(super) fn reconcile(registry: &mut Registry, by: &Caller, tenant: &Object, namespaces: &[String]) {
    for namespace in namespaces {
        let spec = holding(registry, tenant, namespace);
        let fill = |object: &mut Object| {
            for (label, value) in [
                ("capsule.clastix.io/managed-by", tenant.name()),
                (MANAGED_LABEL, "controller"),
                (NEW_TENANT_LABEL, tenant.name()),
                ("projectcapsule.dev/name", NAME),
            ] {
                object.set(&["metadata", "labels", label], value);
            }
            object.set(&["spec"], spec);
            adopt(object, tenant);
        };
        if registry.has(RULES, namespace, NAME) {
            registry.change(by, RULES, "", namespace, NAME, fill);
        } else {
            let mut object = json!({
                "apiVersion": "capsule.clastix.io/v1beta2", "kind": "RuleStatus",
                "metadata": {"name": NAME, "namespace": namespace},
            });
            fill(&mut object);
            // A namespace that is going away takes none.
            let _ = registry.create(&mut by.clone(), RULES, object);
        }
        ready(registry, by, namespace);
    }
}

fn ready(registry: &mut Registry, by: &Caller, namespace: &str) {
    let now = rfc3339(registry.now());
    registry.change(by, RULES, "status", namespace, NAME, |object| {
        let generation = object.int(&["metadata", "generation"]).unwrap_or(1);
        object.set(&["status", "observedGeneration"], generation);
        if object.list(&["status", "conditions"]).is_empty() {
            let ready = json!({
                "type": "Ready", "status": "True", "reason": "Succeeded", "message": "reconciled", "lastTransitionTime": now,
            });
            object.set(&["status", "conditions"], json!([ready]));
        }
    });
}

/// The bodies that hold in a namespace, without their quotas, as `BuildNamespaceRuleBodyStatus`.
fn holding(registry: &Registry, tenant: &Object, namespace: &str) -> Value {
    let namespace = registry.get("namespaces", "", namespace).unwrap_or(Value::Null);
    let bodies = tenant.list(&["spec", "rules"]).iter().filter(|rule| {
        let holds = rule.get("namespaceSelector").is_none_or(|selector| Labels::of(selector).admit(&namespace));
        holds && rule.get("enforce").is_some_and(Value::is_object)
    });
    let bodies = bodies.map(|rule| {
        let mut body = rule.clone();
        for part in ["quota", "namespaceSelector", "permissions"] {
            body.unset(&[part]);
        }
        body
    });
    Value::Array(bodies.collect())
}
