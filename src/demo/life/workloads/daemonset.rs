//! DaemonSets: a pod on every node. As `pkg/controller/daemon`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::owned;
use crate::demo::life::NOTICE;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};
use crate::demo::status::Status;
use crate::demo::store::Key;

/// The daemonset-controller.
pub const NAME: &str = "daemonset-controller";

/// Every DaemonSet cares about nodes.
pub fn nodes_changed(registry: &mut Registry) {
    let keys: Vec<Key> = registry.views("daemonsets.apps", None).map(|set| Key::of(&set)).collect();
    for key in keys {
        registry.queue(NAME, key, NOTICE);
    }
}

/// Whether a set's pods may run on a node: its selector, and the taints that are not tolerated.
fn suits(set: &Object, node: &Object) -> bool {
    let labels = node.at(&["metadata", "labels"]).cloned().unwrap_or(Value::Null);
    let wanted = set.at(&["spec", "template", "spec", "nodeSelector"]).and_then(Value::as_object);
    let is_chosen = wanted.into_iter().flatten().all(|(key, value)| labels.get(key) == Some(value));
    let tolerations = set.list(&["spec", "template", "spec", "tolerations"]);
    let is_tolerated =
        node.list(&["spec", "taints"]).iter().filter(|taint| taint.text(&["effect"]) != Some("PreferNoSchedule")).all(
            |taint| {
                tolerations.iter().any(|one| {
                    let key = one.text(&["key"]).unwrap_or_default();
                    key.is_empty() || Some(key) == taint.text(&["key"])
                })
            },
        );
    is_chosen && is_tolerated
}

/// Puts a pod on each node that has none.
pub fn reconcile(registry: &mut Registry, key: &Key) -> Result<(), Status> {
    let Some(set) = registry.look("daemonsets.apps", key.namespace(), key.name()) else { return Ok(()) };
    let mut result = Ok(());
    let nodes: Vec<Arc<Object>> = registry.views("nodes", None).filter(|node| suits(&set, node)).collect();
    let pods = owned::of(registry, "pods", &set);
    let on = |pod: &Object, node: &Object| pod.text(&["spec", "nodeName"]) == Some(node.name());
    if !set.is_terminating() {
        for node in &nodes {
            if pods.iter().any(|pod| on(pod, node) && !owned::is_over(pod)) {
                continue;
            }
            let mut pod = owned::pod(&set, set.at(&["spec", "template"]).unwrap_or(&Value::Null));
            pod.set(&["metadata", "generateName"], format!("{}-", set.name()));
            pod.set(
                &["metadata", "labels", "controller-revision-hash"],
                owned::hash(set.at(&["spec", "template"]).unwrap_or(&Value::Null)),
            );
            pod.set(&["metadata", "labels", "pod-template-generation"], "1");
            pod.set(&["spec", "nodeName"], node.name());
            result = owned::create(registry, NAME, &set, pod).map(drop).and(result);
        }
        for pod in pods.iter().filter(|pod| owned::is_active(pod) && !nodes.iter().any(|node| on(pod, node))) {
            owned::delete(registry, NAME, &set, pod);
        }
    }
    let pods = owned::of(registry, "pods", &set);
    let count = |test: &dyn Fn(&Object) -> bool| {
        nodes.iter().filter(|node| pods.iter().any(|pod| on(pod, node) && test(pod))).count()
    };
    let (there, ready) = (count(&owned::is_active), count(&owned::is_ready));
    let generation = set.int(&["metadata", "generation"]).unwrap_or_default();
    let by = Caller::controller(NAME);
    registry.change(&by, "daemonsets.apps", "status", set.namespace(), set.name(), |set| {
        let mut status = json!({
            "currentNumberScheduled": there, "numberMisscheduled": 0, "desiredNumberScheduled": nodes.len(),
            "numberReady": ready, "observedGeneration": generation,
        });
        for (name, count) in [
            ("updatedNumberScheduled", there),
            ("numberAvailable", ready),
            ("numberUnavailable", nodes.len().saturating_sub(ready)),
        ] {
            if count > 0 {
                status.set(&[name], count);
            }
        }
        set.set(&["status"], status);
    });
    result
}
