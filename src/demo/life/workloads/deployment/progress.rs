//! What a Deployment says about itself (`progress.go`, `calculateStatus`).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::numbers::{deadline, max_unavailable, replicas, status, sum, wanted};
use super::{NAME, Rollout};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Registry;
use crate::demo::status::Status;
use crate::demo::store::Key;

/// The condition `Progressing`.
pub(super) fn condition(deployment: &Object) -> Option<&Value> {
    deployment.list(&["status", "conditions"]).iter().find(|one| one.text(&["type"]) == Some("Progressing"))
}

fn reason(deployment: &Object) -> &str {
    condition(deployment).and_then(|one| one.text(&["reason"])).unwrap_or_default()
}

fn drop_condition(deployment: &mut Object, kind: &str) {
    let mut all = deployment.list(&["status", "conditions"]).to_vec();
    all.retain(|one| one.text(&["type"]) != Some(kind));
    if all.is_empty() {
        deployment.unset(&["status", "conditions"]);
    } else {
        deployment.set(&["status", "conditions"], all);
    }
}

/// Notes that a Deployment was paused or resumed, so that the time in between counts for nothing.
pub(super) fn note_pause(registry: &mut Registry, rollout: &mut Rollout) -> Result<(), Status> {
    if deadline(&rollout.deployment).is_none() || reason(&rollout.deployment) == "ProgressDeadlineExceeded" {
        return Ok(());
    }
    let is_known = reason(&rollout.deployment) == "DeploymentPaused";
    let (reason, message) = match (rollout.deployment.flag(&["spec", "paused"]), is_known) {
        (true, false) => ("DeploymentPaused", "Deployment is paused"),
        (false, true) => ("DeploymentResumed", "Deployment is resumed"),
        _ => return Ok(()),
    };
    rollout.condition(registry, "Progressing", "Unknown", reason, message);
    rollout.write(registry)
}

/// Whether a Deployment's status says that all its pods are new and available.
pub(super) fn is_complete(deployment: &Object) -> bool {
    let goal = replicas(deployment);
    ["updatedReplicas", "replicas", "availableReplicas"].iter().all(|field| status(deployment, field) == goal)
        && status(deployment, "observedGeneration") >= deployment.int(&["metadata", "generation"]).unwrap_or_default()
}

/// Counts the pods, and says whether there are enough.
fn count(registry: &Registry, rollout: &mut Rollout) {
    let (total, available) = (sum(rollout.all(), "replicas"), sum(rollout.all(), "availableReplicas"));
    let mut counted = json!({"observedGeneration": rollout.deployment.int(&["metadata", "generation"])});
    for (name, count) in [
        ("replicas", total),
        ("updatedReplicas", sum(rollout.new.as_deref(), "replicas")),
        ("readyReplicas", sum(rollout.all(), "readyReplicas")),
        ("availableReplicas", available),
        ("unavailableReplicas", (wanted(rollout.all()) - available).max(0)),
    ] {
        if count > 0 {
            counted.set(&[name], count);
        }
    }
    // Not known as long as a ReplicaSet has not counted its own.
    let is_counted =
        |set: &Object| status(set, "observedGeneration") == 0 || set.at(&["status", "terminatingReplicas"]).is_some();
    if rollout.all().all(is_counted) {
        counted.set(&["terminatingReplicas"], sum(rollout.all(), "terminatingReplicas"));
    }
    for kept in ["collisionCount", "conditions"] {
        if let Some(value) = rollout.deployment.at(&["status", kept]) {
            counted.set(&[kept], value.clone());
        }
    }
    rollout.deployment_mut().set(&["status"], counted);
    let (word, reason, message) = if available >= replicas(&rollout.deployment) - max_unavailable(&rollout.deployment) {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    rollout.condition(registry, "Available", word, reason, message);
}

/// The status of a Deployment that is paused, scaled or going away.
pub(super) fn plain(registry: &mut Registry, rollout: &mut Rollout) -> Result<(), Status> {
    let before = rollout.deployment.at(&["status"]).cloned();
    count(registry, rollout);
    if before.as_ref() == rollout.deployment.at(&["status"]) { Ok(()) } else { rollout.write(registry) }
}

/// The status in the course of a rollout.
pub(super) fn rollout(registry: &mut Registry, rollout: &mut Rollout) -> Result<(), Status> {
    let before = rollout.deployment.clone();
    count(registry, rollout);
    if deadline(&before).is_none() {
        drop_condition(rollout.deployment_mut(), "Progressing");
    }
    let now = &rollout.deployment;
    let is_done =
        status(now, "replicas") == status(now, "updatedReplicas") && reason(&before) == "NewReplicaSetAvailable";
    if deadline(&before).is_some() && !is_done {
        let what = match &rollout.new {
            Some(new) => format!("ReplicaSet {:?}", new.name()),
            None => format!("Deployment {:?}", now.name()),
        };
        if is_complete(now) {
            let message = format!("{what} has successfully progressed.");
            rollout.condition(registry, "Progressing", "True", "NewReplicaSetAvailable", &message);
        } else if has_progressed(&before, now) {
            again(registry, rollout, &before, &format!("{what} is progressing."));
        } else if is_late(registry, now) {
            let message = format!("{what} has timed out progressing.");
            rollout.condition(registry, "Progressing", "False", "ProgressDeadlineExceeded", &message);
        }
    }
    fail(rollout);
    if before.at(&["status"]) == rollout.deployment.at(&["status"]) {
        look_again(registry, &rollout.deployment);
        return Ok(());
    }
    rollout.write(registry)
}

/// More new pods, fewer old ones, or more that are ready or available.
fn has_progressed(before: &Object, now: &Object) -> bool {
    let old = |one: &Object| status(one, "replicas") - status(one, "updatedReplicas");
    old(now) < old(before)
        || ["updatedReplicas", "readyReplicas", "availableReplicas"]
            .iter()
            .any(|field| status(now, field) > status(before, field))
}

/// Progress is told again at each step, since the deadline runs from the last one.
fn again(registry: &Registry, rollout: &mut Rollout, before: &Object, message: &str) {
    let since = condition(before)
        .filter(|one| one.text(&["status"]) == Some("True"))
        .and_then(|one| one.text(&["lastTransitionTime"]))
        .map(str::to_owned);
    drop_condition(rollout.deployment_mut(), "Progressing");
    rollout.condition(registry, "Progressing", "True", "ReplicaSetUpdated", message);
    let Some(since) = since else { return };
    let mut all = rollout.deployment.list(&["status", "conditions"]).to_vec();
    if let Some(last) = all.last_mut() {
        last.set(&["lastTransitionTime"], since);
    }
    rollout.deployment_mut().set(&["status", "conditions"], all);
}

/// When the deadline for progress ends.
fn ends(deployment: &Object) -> Option<Timestamp> {
    let from: Timestamp = condition(deployment)?.text(&["lastUpdateTime"])?.parse().ok()?;
    from.checked_add(SignedDuration::from_secs(deadline(deployment)?)).ok()
}

fn is_late(registry: &Registry, deployment: &Object) -> bool {
    match reason(deployment) {
        "NewReplicaSetAvailable" => false,
        "ProgressDeadlineExceeded" => true,
        _ => ends(deployment).is_some_and(|end| end < registry.now()),
    }
}

/// A failure of a ReplicaSet is the Deployment's: that of the new one before those of others.
fn fail(rollout: &mut Rollout) {
    let failure = rollout
        .new
        .iter()
        .chain(&rollout.old)
        .flat_map(|set| set.list(&["status", "conditions"]))
        .find(|one| one.text(&["type"]) == Some("ReplicaFailure"))
        .cloned();
    let Some(mut failure) = failure else {
        return drop_condition(rollout.deployment_mut(), "ReplicaFailure");
    };
    let mut all = rollout.deployment.list(&["status", "conditions"]).to_vec();
    let before = all.iter().position(|one| one.text(&["type"]) == Some("ReplicaFailure"));
    let is_same = |one: &Value| ["status", "reason"].iter().all(|field| one.get(field) == failure.get(field));
    if before.and_then(|at| all.get(at)).is_some_and(is_same) {
        return;
    }
    let before = before.map(|at| all.remove(at));
    let at = failure.at(&["lastTransitionTime"]).cloned().unwrap_or(Value::Null);
    failure.set(&["lastUpdateTime"], at);
    if let Some(before) = before.filter(|before| before.get("status") == failure.get("status")) {
        failure.set(&["lastTransitionTime"], before.at(&["lastTransitionTime"]).cloned().unwrap_or(Value::Null));
    }
    all.push(failure);
    rollout.deployment_mut().set(&["status", "conditions"], all);
}

/// A rollout that stands still is looked at again when its deadline ends.
fn look_again(registry: &mut Registry, deployment: &Object) {
    if is_complete(deployment) || reason(deployment) == "ProgressDeadlineExceeded" {
        return;
    }
    let Some(end) = ends(deployment) else { return };
    let wait = end.duration_since(registry.now()).max(SignedDuration::ZERO) + SignedDuration::from_secs(1);
    registry.queue(NAME, Key::of(deployment), wait);
}
