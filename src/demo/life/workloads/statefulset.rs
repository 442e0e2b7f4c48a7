//! StatefulSets: pods with names that stay, one after the other, each with claims of its own. As
//! `pkg/controller/statefulset`.

use serde_json::{Value, json};

use super::{RETRY, owned};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Event, Registry};
use crate::demo::store::Key;

/// The statefulset-controller.
pub const NAME: &str = "statefulset-controller";

/// Brings the pods nearer to the number, in their order.
pub fn reconcile(registry: &mut Registry, key: &Key) {
    let Some(set) = registry.get("statefulsets.apps", key.namespace(), key.name()) else { return };
    if !set.is_terminating() {
        step(registry, &set);
        retain(registry, &set);
    }
    status(registry, &set);
}

fn ordinal(set: &Object, pod: &Object) -> Option<i64> {
    pod.name().strip_prefix(set.name())?.strip_prefix('-')?.parse().ok()
}

fn revision(set: &Object) -> String {
    format!("{}-{}", set.name(), owned::hash(set.at(&["spec", "template"]).unwrap_or(&Value::Null)))
}

fn pods(registry: &Registry, set: &Object) -> Vec<(i64, Object)> {
    let mut pods: Vec<(i64, Object)> =
        owned::of(registry, "pods", set).into_iter().filter_map(|pod| Some((ordinal(set, &pod)?, pod))).collect();
    pods.sort_by_key(|(number, _)| *number);
    pods
}

/// Makes or removes the next pods: one at a time, unless the set manages them in parallel.
fn step(registry: &mut Registry, set: &Object) {
    let wanted = set.int(&["spec", "replicas"]).unwrap_or(1);
    let first = set.int(&["spec", "ordinals", "start"]).unwrap_or_default();
    let is_parallel = set.text(&["spec", "podManagementPolicy"]) == Some("Parallel");
    let there = pods(registry, set);
    for number in first..first.saturating_add(wanted.min(1_000)) {
        match there.iter().find(|(other, _)| *other == number) {
            None => {
                if !make(registry, set, number) {
                    registry.queue(NAME, Key::of(set), RETRY);
                    return;
                }
                if !is_parallel {
                    return;
                }
            }
            Some((_, pod)) if owned::is_over(pod) && !pod.is_terminating() => {
                owned::delete(registry, NAME, set, pod);
                return;
            }
            Some((_, pod)) if !is_parallel && !owned::is_ready(pod) => return,
            Some(_) => {}
        }
    }
    let surplus = there.iter().rev().filter(|(number, _)| *number >= first + wanted || *number < first);
    for (_, pod) in surplus {
        if !pod.is_terminating() {
            remove(registry, set, pod);
        }
        if !is_parallel {
            return;
        }
    }
    if set.text(&["spec", "updateStrategy", "type"]) != Some("OnDelete") {
        update(registry, set, &there, first);
    }
}

/// Replaces pods of an older template, the last one first.
fn update(registry: &mut Registry, set: &Object, there: &[(i64, Object)], first: i64) {
    let partition = set.int(&["spec", "updateStrategy", "rollingUpdate", "partition"]).unwrap_or_default();
    let revision = revision(set);
    for (number, pod) in there.iter().rev().filter(|(number, _)| *number >= first + partition) {
        let is_old = pod.label("controller-revision-hash") != Some(&revision);
        if is_old && !pod.is_terminating() {
            remove(registry, set, pod);
            return;
        }
        if !owned::is_ready(pod) {
            let _ = number;
            return;
        }
    }
}

fn make(registry: &mut Registry, set: &Object, number: i64) -> bool {
    let name = format!("{}-{number}", set.name());
    for template in set.list(&["spec", "volumeClaimTemplates"]) {
        if !claim(registry, set, template, &name) {
            return false;
        }
    }
    let mut pod = owned::pod(set, set.at(&["spec", "template"]).unwrap_or(&Value::Null));
    pod.set(&["metadata", "name"], name.clone());
    pod.set(&["metadata", "generateName"], format!("{}-", set.name()));
    pod.set(&["metadata", "labels", "apps.kubernetes.io/pod-index"], number.to_string());
    pod.set(&["metadata", "labels", "controller-revision-hash"], revision(set));
    pod.set(&["metadata", "labels", "statefulset.kubernetes.io/pod-name"], name.clone());
    pod.set(&["spec", "hostname"], name.clone());
    if let Some(service) = set.text(&["spec", "serviceName"]).filter(|service| !service.is_empty()) {
        pod.set(&["spec", "subdomain"], service);
    }
    let mut volumes: Vec<Value> = set
        .list(&["spec", "volumeClaimTemplates"])
        .iter()
        .map(|template| {
            let claim = format!("{}-{name}", template.name());
            json!({"name": template.name(), "persistentVolumeClaim": {"claimName": claim}})
        })
        .collect();
    volumes.extend(pod.list(&["spec", "volumes"]).iter().cloned());
    if !volumes.is_empty() {
        pod.set(&["spec", "volumes"], volumes);
    }
    let made = registry.create(&mut Caller::controller(NAME), "pods", pod);
    let message = match &made {
        Ok(_) => format!("create Pod {name} in StatefulSet {} successful", set.name()),
        Err(status) => format!("create Pod {name} in StatefulSet {} failed error: {status}", set.name()),
    };
    let (warning, reason) = if made.is_ok() { (false, "SuccessfulCreate") } else { (true, "FailedCreate") };
    registry.event(set, &Event { warning, reason, message: &message, component: NAME, ..Event::default() });
    made.is_ok()
}

fn claim(registry: &mut Registry, set: &Object, template: &Value, pod: &str) -> bool {
    let name = format!("{}-{pod}", template.name());
    if registry.has("persistentvolumeclaims", set.namespace(), &name) {
        return true;
    }
    let mut claim = json!({"metadata": {}, "spec": template.get("spec")});
    let mut labels = template.at(&["metadata", "labels"]).cloned().unwrap_or_else(|| json!({}));
    for (key, value) in set.at(&["spec", "selector", "matchLabels"]).and_then(Value::as_object).into_iter().flatten() {
        labels.set(&[key], value.clone());
    }
    claim.set(&["metadata", "labels"], labels);
    claim.set(&["metadata", "name"], name.clone());
    claim.set(&["metadata", "namespace"], set.namespace());
    let made = registry.create(&mut Caller::controller(NAME), "persistentvolumeclaims", claim);
    let message = match &made {
        Ok(_) => format!("create Claim {name} Pod {pod} in StatefulSet {} success", set.name()),
        Err(status) => {
            format!("create Claim {name} for Pod {pod} in StatefulSet {} failed error: {status}", set.name())
        }
    };
    let (warning, reason) = if made.is_ok() { (false, "SuccessfulCreate") } else { (true, "FailedCreate") };
    registry.event(set, &Event { warning, reason, message: &message, component: NAME, ..Event::default() });
    made.is_ok()
}

fn remove(registry: &mut Registry, set: &Object, pod: &Object) {
    let mut by = Caller::controller(NAME);
    if registry.delete(&mut by, "pods", pod.namespace(), pod.name(), &Deletion::default()).is_ok() {
        let message = format!("delete Pod {} in StatefulSet {} successful", pod.name(), set.name());
        let event = Event { reason: "SuccessfulDelete", message: &message, component: NAME, ..Event::default() };
        registry.event(set, &event);
    }
}

/// `persistentVolumeClaimRetentionPolicy.whenScaled: Delete`: the claims of pods that are scaled away go with them.
fn retain(registry: &mut Registry, set: &Object) {
    if set.text(&["spec", "persistentVolumeClaimRetentionPolicy", "whenScaled"]) != Some("Delete") {
        return;
    }
    let wanted = set.int(&["spec", "replicas"]).unwrap_or(1);
    let first = set.int(&["spec", "ordinals", "start"]).unwrap_or_default();
    let there = pods(registry, set);
    for template in set.list(&["spec", "volumeClaimTemplates"]) {
        let prefix = format!("{}-{}-", template.name(), set.name());
        let surplus: Vec<String> = registry
            .list("persistentvolumeclaims", Some(set.namespace()))
            .filter(|claim| !claim.is_terminating())
            .filter_map(|claim| {
                let number: i64 = claim.name().strip_prefix(&prefix)?.parse().ok()?;
                let is_used = there.iter().any(|(other, _)| *other == number);
                (!is_used && (number >= first + wanted || number < first)).then(|| claim.name().to_owned())
            })
            .collect();
        for claim in surplus {
            let mut by = Caller::controller(NAME);
            let _ = registry.delete(&mut by, "persistentvolumeclaims", set.namespace(), &claim, &Deletion::default());
        }
    }
}

fn status(registry: &mut Registry, set: &Object) {
    let there = pods(registry, set);
    let active: Vec<&Object> = there.iter().map(|(_, pod)| pod).filter(|pod| !owned::is_over(pod)).collect();
    let ready = active.iter().filter(|pod| owned::is_ready(pod)).count();
    let update = revision(set);
    let updated = active.iter().filter(|pod| pod.label("controller-revision-hash") == Some(&update)).count();
    let generation = set.int(&["metadata", "generation"]).unwrap_or_default();
    let is_complete = updated == active.len();
    let by = Caller::controller(NAME);
    registry.change(&by, "statefulsets.apps", "status", set.namespace(), set.name(), |set| {
        let current = match set.text(&["status", "currentRevision"]) {
            Some(current) if !is_complete => current.to_owned(),
            _ => update.clone(),
        };
        let mut status = json!({
            "observedGeneration": generation, "replicas": active.len(), "availableReplicas": ready, "collisionCount": 0,
            "currentRevision": current, "updateRevision": update,
        });
        let outdated = active.iter().filter(|pod| pod.label("controller-revision-hash") == Some(&current)).count();
        for (name, count) in [("readyReplicas", ready), ("currentReplicas", outdated), ("updatedReplicas", updated)] {
            if count > 0 {
                status.set(&[name], count);
            }
        }
        set.set(&["status"], status);
    });
}
