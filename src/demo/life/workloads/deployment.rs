//! Deployments: a ReplicaSet for each template, and the way from one to the next. As `pkg/controller/deployment`.

use serde_json::{Value, json};

use super::owned;
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Event, Registry};
use crate::demo::store::Key;

/// The deployment-controller.
pub const NAME: &str = "deployment-controller";

const SETS: &str = "replicasets.apps";
const REVISION: &str = "deployment.kubernetes.io/revision";

/// Brings a Deployment's ReplicaSets nearer to its template and its number.
pub fn reconcile(registry: &mut Registry, key: &Key) {
    let Some(deployment) = registry.look("deployments.apps", key.namespace(), key.name()) else { return };
    if deployment.is_terminating() {
        status(registry, &deployment);
        return;
    }
    let hash = owned::hash(deployment.at(&["spec", "template"]).unwrap_or(&Value::Null));
    let sets = owned::of(registry, SETS, &deployment);
    let is_new = |set: &Object| set.label("pod-template-hash") == Some(&hash);
    let is_paused = deployment.flag(&["spec", "paused"]);
    let new = match sets.iter().find(|set| is_new(set)) {
        Some(set) => Some(set.clone()),
        None if is_paused => None,
        None => make(registry, &deployment, &hash, &sets),
    };
    let old: Vec<Object> = sets.into_iter().filter(|set| !is_new(set)).collect();
    if let Some(new) = &new {
        number(registry, &deployment, new, &old);
        roll(registry, &deployment, new, &old, is_paused);
    }
    if !is_paused {
        tidy(registry, &deployment, &old);
    }
    status(registry, &deployment);
}

fn replicas(set: &Object) -> i64 {
    set.int(&["spec", "replicas"]).unwrap_or_default()
}

fn revision(object: &Object) -> i64 {
    object.annotation(REVISION).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// A ReplicaSet for the present template.
fn make(registry: &mut Registry, deployment: &Object, hash: &str, old: &[Object]) -> Option<Object> {
    let mut template = deployment.at(&["spec", "template"])?.clone();
    template.set(&["metadata", "labels", "pod-template-hash"], hash);
    let mut selector = deployment.at(&["spec", "selector"])?.clone();
    selector.set(&["matchLabels", "pod-template-hash"], hash);
    let wanted = replicas(deployment);
    let (surge, _) = room(deployment);
    let start = if old.iter().any(|set| replicas(set) > 0) { 0 } else { wanted };
    let number = old.iter().map(revision).max().unwrap_or_default() + 1;
    let mut annotations = deployment.at(&["metadata", "annotations"]).cloned().unwrap_or_else(|| json!({}));
    annotations.unset(&["kubectl.kubernetes.io/last-applied-configuration"]);
    annotations.set(&["deployment.kubernetes.io/desired-replicas"], wanted.to_string());
    annotations.set(&["deployment.kubernetes.io/max-replicas"], (wanted + surge).to_string());
    annotations.set(&[REVISION], number.to_string());
    let mut spec = json!({"replicas": start, "selector": selector, "template": template});
    if let Some(seconds) = deployment.int(&["spec", "minReadySeconds"]).filter(|seconds| *seconds > 0) {
        spec.set(&["minReadySeconds"], seconds);
    }
    let set = json!({
        "metadata": {
            "name": format!("{}-{hash}", deployment.name()), "namespace": deployment.namespace(),
            "labels": spec.at(&["template", "metadata", "labels"]), "annotations": annotations,
            "ownerReferences": owned::reference(deployment),
        },
        "spec": spec,
    });
    let made = registry.create(&mut Caller::controller(NAME), SETS, set).ok()?;
    if start > 0 {
        tell(registry, deployment, &made, 0, start);
    }
    Some(made)
}

/// Keeps the newest ReplicaSet's revision above all others', and the Deployment's the same.
fn number(registry: &mut Registry, deployment: &Object, new: &Object, old: &[Object]) {
    let by = Caller::controller(NAME);
    let number = revision(new).max(old.iter().map(revision).max().unwrap_or_default() + 1).max(1).to_string();
    for (resource, object) in [(SETS, new), ("deployments.apps", deployment)] {
        if object.annotation(REVISION) != Some(&number) {
            let number = number.clone();
            registry.change(&by, resource, "", object.namespace(), object.name(), |object| {
                object.set(&["metadata", "annotations", REVISION], number);
            });
        }
    }
}

/// How many pods there may be above the number, and how many may be missing.
fn room(deployment: &Object) -> (i64, i64) {
    let wanted = replicas(deployment);
    if deployment.text(&["spec", "strategy", "type"]) == Some("Recreate") {
        return (0, wanted);
    }
    let part = |name| deployment.at(&["spec", "strategy", "rollingUpdate", name]);
    let surge = owned::count(part("maxSurge"), wanted, true).unwrap_or(1);
    let missing = owned::count(part("maxUnavailable"), wanted, false).unwrap_or_default().min(wanted);
    if surge == 0 && missing == 0 { (0, 1) } else { (surge, missing) }
}

/// One step from the old ReplicaSets to the new one.
fn roll(registry: &mut Registry, deployment: &Object, new: &Object, old: &[Object], is_paused: bool) {
    let wanted = replicas(deployment);
    let (surge, missing) = room(deployment);
    let running: i64 = old.iter().map(replicas).sum();
    if old.iter().all(|set| replicas(set) == 0) || is_paused {
        // While paused, the number is still that of the newest one with pods.
        let target = if running > 0 { old.iter().max_by_key(|set| revision(set)).unwrap_or(new) } else { new };
        if running == 0 || is_paused {
            scale(registry, deployment, target, wanted - (running - if running > 0 { replicas(target) } else { 0 }));
        }
        return;
    }
    if deployment.text(&["spec", "strategy", "type"]) == Some("Recreate") {
        for set in old {
            scale(registry, deployment, set, 0);
        }
        let is_empty = old.iter().all(|set| owned::of(registry, "pods", set).iter().all(owned::is_over));
        if is_empty {
            scale(registry, deployment, new, wanted);
        }
        return;
    }
    let total = running + replicas(new);
    let up = (wanted + surge - total).min(wanted - replicas(new));
    if up > 0 {
        scale(registry, deployment, new, replicas(new) + up);
    } else if replicas(new) > wanted {
        scale(registry, deployment, new, wanted);
    }
    let available = |set: &Object| set.int(&["status", "availableReplicas"]).unwrap_or_default();
    let ready: i64 = old.iter().map(available).sum::<i64>() + available(new);
    let mut down = ready - (wanted - missing);
    let mut by_age: Vec<&Object> = old.iter().filter(|set| replicas(set) > 0).collect();
    by_age.sort_by_key(|set| revision(set));
    for set in by_age {
        // What is not available anyway goes first and costs nothing.
        let idle = replicas(set) - available(set).min(replicas(set));
        let step = (down.max(0) + idle).min(replicas(set));
        if step > 0 {
            scale(registry, deployment, set, replicas(set) - step);
            down -= step - idle;
        }
    }
}

fn scale(registry: &mut Registry, deployment: &Object, set: &Object, to: i64) {
    let from = replicas(set);
    let wanted = replicas(deployment);
    let max = (wanted + room(deployment).0).to_string();
    let by = Caller::controller(NAME);
    registry.change(&by, SETS, "", set.namespace(), set.name(), |set| {
        set.set(&["spec", "replicas"], to);
        set.set(&["metadata", "annotations", "deployment.kubernetes.io/desired-replicas"], wanted.to_string());
        set.set(&["metadata", "annotations", "deployment.kubernetes.io/max-replicas"], max);
    });
    if from != to {
        tell(registry, deployment, set, from, to);
    }
}

fn tell(registry: &mut Registry, deployment: &Object, set: &Object, from: i64, to: i64) {
    let way = if to > from { "up" } else { "down" };
    let message = format!("Scaled {way} replica set {} from {from} to {to}", set.name());
    let event = Event { reason: "ScalingReplicaSet", message: &message, component: NAME, ..Event::default() };
    registry.event(deployment, &event);
}

/// Removes old ReplicaSets beyond the history that is kept.
fn tidy(registry: &mut Registry, deployment: &Object, old: &[Object]) {
    let keep =
        deployment.int(&["spec", "revisionHistoryLimit"]).and_then(|keep| usize::try_from(keep).ok()).unwrap_or(10);
    let mut idle: Vec<&Object> = old
        .iter()
        .filter(|set| replicas(set) == 0 && set.int(&["status", "replicas"]).unwrap_or_default() == 0)
        .collect();
    idle.sort_by_key(|set| revision(set));
    let many = idle.len().saturating_sub(keep);
    for set in idle.into_iter().take(many) {
        let _ = registry.delete(&mut Caller::controller(NAME), SETS, set.namespace(), set.name(), &Deletion::default());
    }
}

fn status(registry: &mut Registry, deployment: &Object) {
    let now = rfc3339(registry.now());
    let Some(deployment) = registry.look("deployments.apps", deployment.namespace(), deployment.name()) else { return };
    let hash = owned::hash(deployment.at(&["spec", "template"]).unwrap_or(&Value::Null));
    let sets = owned::of(registry, SETS, &deployment);
    let sum = |name: &str| sets.iter().map(|set| set.int(&["status", name]).unwrap_or_default()).sum::<i64>();
    let (total, ready, available) = (sum("replicas"), sum("readyReplicas"), sum("availableReplicas"));
    let new = sets.iter().find(|set| set.label("pod-template-hash") == Some(&hash));
    let updated = new.and_then(|set| set.int(&["status", "replicas"])).unwrap_or_default();
    let wanted = replicas(&deployment);
    let (_, missing) = room(&deployment);
    let mut conditions = deployment.list(&["status", "conditions"]).to_vec();
    let has_minimum = available >= wanted - missing;
    let (word, reason, message) = if has_minimum {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    let condition = json!({"type": "Available", "status": word, "reason": reason, "message": message});
    owned::set_condition(&mut conditions, condition, &now, true);
    let name = new.map(Object::name).unwrap_or_default();
    let is_complete = updated == wanted && total == wanted && available == wanted;
    let (reason, message) = if is_complete && !name.is_empty() {
        ("NewReplicaSetAvailable", format!("ReplicaSet {name:?} has successfully progressed."))
    } else if updated == 0 && !name.is_empty() && total == 0 {
        ("NewReplicaSetCreated", format!("Created new replica set {name:?}"))
    } else {
        ("ReplicaSetUpdated", format!("ReplicaSet {name:?} is progressing."))
    };
    let keeps = deployment.flag(&["spec", "paused"]);
    if !keeps {
        let condition = json!({"type": "Progressing", "status": "True", "reason": reason, "message": message});
        owned::set_condition(&mut conditions, condition, &now, true);
    }
    let failure = sets
        .iter()
        .flat_map(|set| set.list(&["status", "conditions"]))
        .find(|one| one.text(&["type"]) == Some("ReplicaFailure"));
    conditions.retain(|one| one.text(&["type"]) != Some("ReplicaFailure") || failure.is_some());
    if let Some(failure) = failure {
        let mut condition = failure.clone();
        condition.unset(&["lastTransitionTime"]);
        owned::set_condition(&mut conditions, condition, &now, true);
    }
    let mut status = json!({
        "observedGeneration": deployment.int(&["metadata", "generation"]),
        "conditions": conditions,
    });
    let unavailable = (total.max(wanted) - available).max(0);
    for (name, count) in [
        ("replicas", total),
        ("updatedReplicas", updated),
        ("readyReplicas", ready),
        ("availableReplicas", available),
        ("unavailableReplicas", unavailable),
    ] {
        if count > 0 {
            status.set(&[name], count);
        }
    }
    status.set(&["terminatingReplicas"], sum("terminatingReplicas"));
    let by = Caller::controller(NAME);
    registry.change(&by, "deployments.apps", "status", deployment.namespace(), deployment.name(), |deployment| {
        deployment.set(&["status"], status);
    });
}
