//! PodDisruptionBudgets: how many pods may be disturbed. As `pkg/controller/disruption`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::owned;
use crate::demo::api::selector::Labels;
use crate::demo::clock::rfc3339;
use crate::demo::life::NOTICE;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};
use crate::demo::store::Key;

/// The disruption-controller.
pub const NAME: &str = "disruption-controller";

const BUDGETS: &str = "poddisruptionbudgets.policy";

/// A pod of the namespace has changed.
pub fn pod_changed(registry: &mut Registry, pod: &Object) {
    let Some(table) = registry.table(BUDGETS) else { return };
    let keys: Vec<Key> = registry.store.iter(table, Some(pod.namespace())).map(|(key, _)| key.clone()).collect();
    for key in keys {
        registry.queue(NAME, key, NOTICE);
    }
}

/// Counts.
pub fn reconcile(registry: &mut Registry, key: &Key) {
    let Some(budget) = registry.look(BUDGETS, key.namespace(), key.name()) else { return };
    let labels = budget.at(&["spec", "selector"]).map(Labels::of);
    let pods: Vec<Arc<Object>> = registry
        .views("pods", Some(key.namespace()))
        .filter(|pod| owned::is_active(pod) && labels.as_ref().is_some_and(|labels| labels.admit(pod)))
        .collect();
    let healthy = pods.iter().filter(|pod| owned::is_ready(pod)).count() as i64;
    let expected = expected(registry, &pods);
    let min = owned::count(budget.at(&["spec", "minAvailable"]), expected, true);
    let max = owned::count(budget.at(&["spec", "maxUnavailable"]), expected, true);
    let desired = min.unwrap_or_else(|| max.map_or(0, |max| (expected - max).max(0)));
    let allowed = if expected == 0 { 0 } else { (healthy - desired).max(0) };
    let generation = budget.int(&["metadata", "generation"]).unwrap_or_default();
    let now = rfc3339(registry.now());
    let by = Caller::controller(NAME);
    registry.change(&by, BUDGETS, "status", key.namespace(), key.name(), |budget| {
        let mut conditions = budget.list(&["status", "conditions"]).to_vec();
        let (word, reason) = if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
        let condition = json!({
            "type": "DisruptionAllowed", "status": word, "reason": reason, "message": "", "observedGeneration": generation,
        });
        owned::set_condition(&mut conditions, condition, &now, false);
        let disrupted = budget.at(&["status", "disruptedPods"]).and_then(Value::as_object).cloned().unwrap_or_default();
        let mut status = json!({
            "conditions": conditions, "currentHealthy": healthy, "desiredHealthy": desired,
            "disruptionsAllowed": allowed, "expectedPods": expected, "observedGeneration": generation,
        });
        let left: serde_json::Map<String, Value> = disrupted
            .into_iter()
            .filter(|(name, _)| pods.iter().any(|pod| pod.name() == name))
            .collect();
        if !left.is_empty() {
            status.set(&["disruptedPods"], Value::Object(left));
        }
        budget.set(&["status"], status);
    });
}

/// How many pods their controllers want.
fn expected(registry: &Registry, pods: &[Arc<Object>]) -> i64 {
    let mut sum = 0;
    let mut seen: Vec<&str> = Vec::new();
    for pod in pods {
        let Some(owner) = pod.controller() else {
            sum += 1;
            continue;
        };
        let uid = owner.text(&["uid"]).unwrap_or_default();
        if seen.contains(&uid) {
            continue;
        }
        seen.push(uid);
        let name = owner.text(&["name"]).unwrap_or_default();
        let scale = match owner.text(&["kind"]) {
            Some("ReplicaSet") => registry.look("replicasets.apps", pod.namespace(), name).map(|set| {
                // A Deployment's number is what counts while it rolls.
                set.controller()
                    .and_then(|owner| registry.look("deployments.apps", pod.namespace(), owner.text(&["name"])?))
                    .unwrap_or(set)
            }),
            Some("StatefulSet") => registry.look("statefulsets.apps", pod.namespace(), name),
            _ => None,
        };
        sum += scale.and_then(|scale| scale.int(&["spec", "replicas"])).unwrap_or(1);
    }
    sum
}
