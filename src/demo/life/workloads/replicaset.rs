//! ReplicaSets: so many pods. As `pkg/controller/replicaset`.

use serde_json::json;

use super::{RETRY, owned};
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};
use crate::demo::store::Key;

/// The replicaset-controller.
pub const NAME: &str = "replicaset-controller";

/// Brings the number of pods to what is asked for, and counts them.
pub fn reconcile(registry: &mut Registry, key: &Key) {
    let Some(set) = registry.get("replicasets.apps", key.namespace(), key.name()) else { return };
    let wanted = set.int(&["spec", "replicas"]).unwrap_or(1);
    let pods = owned::of(registry, "pods", &set);
    let mut active: Vec<&Object> = pods.iter().filter(|pod| owned::is_active(pod)).collect();
    let mut failure = None;
    if !set.is_terminating() {
        let missing = wanted.saturating_sub(active.len() as i64);
        for _ in 0..missing.clamp(0, 500) {
            let mut pod = owned::pod(&set, set.at(&["spec", "template"]).unwrap_or(&serde_json::Value::Null));
            pod.set(&["metadata", "generateName"], format!("{}-", set.name()));
            if let Err(status) = owned::create(registry, NAME, &set, pod) {
                failure = Some(("FailedCreate", status.to_string()));
                registry.queue(NAME, key.clone(), RETRY);
                break;
            }
        }
        // Those that are not running go first, then the youngest.
        active.sort_by_key(|pod| {
            let since = pod.text(&["metadata", "creationTimestamp"]).unwrap_or_default().to_owned();
            (owned::is_ready(pod), std::cmp::Reverse(since))
        });
        for pod in active.iter().take(usize::try_from(-missing).unwrap_or_default()) {
            owned::delete(registry, NAME, &set, pod);
        }
    }
    status(registry, &set, failure);
}

fn status(registry: &mut Registry, set: &Object, failure: Option<(&str, String)>) {
    let now = rfc3339(registry.now());
    let pods = owned::of(registry, "pods", set);
    let active: Vec<&Object> = pods.iter().filter(|pod| owned::is_active(pod)).collect();
    let going = pods.iter().filter(|pod| pod.is_terminating() && !owned::is_over(pod)).count();
    let ready = active.iter().filter(|pod| owned::is_ready(pod)).count();
    let generation = set.int(&["metadata", "generation"]).unwrap_or_default();
    let by = Caller::controller(NAME);
    registry.change(&by, "replicasets.apps", "status", set.namespace(), set.name(), |set| {
        let mut conditions = set.list(&["status", "conditions"]).to_vec();
        conditions.retain(|condition| condition.text(&["type"]) != Some("ReplicaFailure") || failure.is_some());
        if let Some((reason, message)) = failure {
            let condition = json!({"type": "ReplicaFailure", "status": "True", "reason": reason, "message": message});
            owned::set_condition(&mut conditions, condition, &now, false);
        }
        let mut status = json!({"replicas": active.len(), "observedGeneration": generation});
        for (name, count) in
            [("fullyLabeledReplicas", active.len()), ("readyReplicas", ready), ("availableReplicas", ready)]
        {
            if count > 0 {
                status.set(&[name], count);
            }
        }
        status.set(&["terminatingReplicas"], going);
        if !conditions.is_empty() {
            status.set(&["conditions"], conditions);
        }
        set.set(&["status"], status);
    });
}
