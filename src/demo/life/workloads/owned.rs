//! What controllers of pods have in common.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Event, Registry};
use crate::demo::status::Status;

/// A controlling owner reference.
pub fn reference(owner: &Object) -> Value {
    json!([{
        "apiVersion": owner.text(&["apiVersion"]), "kind": owner.text(&["kind"]), "name": owner.name(), "uid": owner.uid(),
        "controller": true, "blockOwnerDeletion": true,
    }])
}

/// The objects of a kind that an object controls, by name; to look at only: they are not copied.
pub fn of(registry: &Registry, resource: &str, owner: &Object) -> Vec<Arc<Object>> {
    let uid = owner.uid();
    registry
        .owned_by(resource, uid)
        .filter(|object| object.controller().is_some_and(|controller| controller.text(&["uid"]) == Some(uid)))
        .collect()
}

/// Whether a pod's condition is true.
pub fn has_condition(object: &Object, name: &str) -> bool {
    object
        .list(&["status", "conditions"])
        .iter()
        .any(|condition| condition.text(&["type"]) == Some(name) && condition.text(&["status"]) == Some("True"))
}

/// Whether a pod is ready.
pub fn is_ready(pod: &Object) -> bool {
    !pod.is_terminating() && has_condition(pod, "Ready")
}

/// Since when a pod's condition `Ready` is what it is.
pub fn ready_since(pod: &Object) -> Option<String> {
    let ready = pod.list(&["status", "conditions"]).iter().find(|one| one.text(&["type"]) == Some("Ready"))?;
    Some(ready.text(&["lastTransitionTime"])?.to_owned())
}

/// Whether a pod has been ready for so many seconds.
pub fn is_available(pod: &Object, seconds: i64, now: Timestamp) -> bool {
    let since = || ready_since(pod)?.parse::<Timestamp>().ok();
    has_condition(pod, "Ready")
        && (seconds == 0
            || since().is_some_and(|since| now.duration_since(since) >= SignedDuration::from_secs(seconds)))
}

/// Whether a pod has ended.
pub fn is_over(pod: &Object) -> bool {
    matches!(pod.text(&["status", "phase"]), Some("Succeeded" | "Failed"))
}

/// Whether a pod counts: neither going nor over.
pub fn is_active(pod: &Object) -> bool {
    !pod.is_terminating() && !is_over(pod)
}

/// A pod from a template, owned by an object.
pub fn pod(owner: &Object, template: &Value) -> Object {
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": template.get("spec")});
    for part in ["labels", "annotations", "finalizers"] {
        if let Some(value) = template.at(&["metadata", part]) {
            pod.set(&["metadata", part], value.clone());
        }
    }
    pod.set(&["metadata", "namespace"], owner.namespace());
    pod.set(&["metadata", "ownerReferences"], reference(owner));
    pod
}

/// Ten letters that stand for a value, like `pod-template-hash`.
pub fn hash(value: &Value) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let digest = Sha256::digest(value.to_string().as_bytes());
    digest.iter().take(10).map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}

/// Whether something cannot be made because its namespace is going away.
pub fn is_namespace_going(status: &Status) -> bool {
    let causes = status.details.as_ref().map_or(&[][..], |details| details.list(&["causes"]));
    causes.iter().any(|cause| cause.text(&["reason"]) == Some("NamespaceTerminating"))
}

/// Does something so many times: once, twice, four times and so on, until a batch has a failure (`slowStartBatch`).
pub fn slow_start(many: i64, mut act: impl FnMut() -> Result<(), Status>) -> Result<(), Status> {
    let (mut left, mut batch) = (many, 1);
    while left > 0 {
        let size = batch.min(left);
        let mut failure = None;
        for _ in 0..size {
            failure = act().err().or(failure);
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        left -= size;
        batch *= 2;
    }
    Ok(())
}

/// Creates a pod and tells of it on its owner, in the words of `controller_utils.go`.
pub fn create(registry: &mut Registry, controller: &str, owner: &Object, pod: Object) -> Result<Arc<Object>, Status> {
    let result = registry.create(&mut Caller::controller(controller), "pods", pod);
    let (warning, reason, message) = match &result {
        Ok(pod) => (false, "SuccessfulCreate", format!("Created pod: {}", pod.name())),
        Err(status) if is_namespace_going(status) => return result,
        Err(status) => (true, "FailedCreate", format!("Error creating: {status}")),
    };
    registry.event(owner, &Event { warning, reason, message: &message, component: controller, ..Event::default() });
    result
}

/// Removes a pod and tells of it on its owner.
pub fn delete(registry: &mut Registry, controller: &str, owner: &Object, pod: &Object) {
    let mut by = Caller::controller(controller);
    if registry.delete(&mut by, "pods", pod.namespace(), pod.name(), &Deletion::default()).is_ok() {
        let message = format!("Deleted pod: {}", pod.name());
        let event = Event { reason: "SuccessfulDelete", message: &message, component: controller, ..Event::default() };
        registry.event(owner, &event);
    }
}

/// Puts a condition into a list. The time of its last change stays unless its status changes.
pub fn set_condition(conditions: &mut Vec<Value>, mut condition: Value, now: &str, updates: bool) {
    let at = conditions.iter().position(|one| one.get("type") == condition.get("type"));
    let before = at.map(|at| conditions.remove(at));
    let is_same = before.as_ref().is_some_and(|before| before.get("status") == condition.get("status"));
    let since = before
        .as_ref()
        .filter(|_| is_same)
        .and_then(|before| before.text(&["lastTransitionTime"]))
        .unwrap_or(now)
        .to_owned();
    condition.set(&["lastTransitionTime"], since);
    if updates {
        let is_told = is_same
            && before.as_ref().is_some_and(|before| {
                before.get("reason") == condition.get("reason") && before.get("message") == condition.get("message")
            });
        let told =
            before.as_ref().filter(|_| is_told).and_then(|before| before.text(&["lastUpdateTime"])).unwrap_or(now);
        let told = told.to_owned();
        condition.set(&["lastUpdateTime"], told);
    }
    match at {
        Some(at) => conditions.insert(at, condition),
        None => conditions.push(condition),
    }
}

/// A number of pods, or a share of all, rounded as asked: `maxSurge`, `maxUnavailable`, `minAvailable`.
pub fn count(value: Option<&Value>, of: i64, rounds_up: bool) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => {
            let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
            let product = of.saturating_mul(percent);
            Some(if rounds_up { product.saturating_add(99).div_euclid(100) } else { product.div_euclid(100) })
        }
        _ => None,
    }
}
