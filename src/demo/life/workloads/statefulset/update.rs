//! From one template to the next, the last pod first; and what a StatefulSet says about itself.

use jiff::SignedDuration;
use serde_json::json;

use super::{Ensemble, NAME, SETS, is_running};
use crate::demo::life::workloads::owned;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};
use crate::demo::status::Status;
use crate::demo::store::Key;

/// Replaces pods of older templates (`updateStatefulSetAfterInvariantEstablished`).
pub(super) fn replace(registry: &mut Registry, ensemble: &Ensemble) -> Result<(), Status> {
    let set = &ensemble.set;
    let rolling = |field: &str| set.at(&["spec", "updateStrategy", "rollingUpdate", field]);
    let partition = set.int(&["spec", "updateStrategy", "rollingUpdate", "partition"]).unwrap_or_default();
    // `getStatefulSetMaxUnavailable`: at least one.
    let most = owned::count(rolling("maxUnavailable"), ensemble.wanted(), false).unwrap_or(1).max(1);
    let pods: Vec<&Object> = (ensemble.first()..ensemble.first().saturating_add(ensemble.wanted()))
        .rev()
        .filter_map(|number| ensemble.pod(number))
        .collect();
    let is_old =
        |pod: &Object| pod.label("controller-revision-hash") != Some(&ensemble.revision) && !pod.is_terminating();
    let is_away = |pod: &Object| !ensemble.is_available(pod) || pod.is_terminating();
    let away = pods.iter().filter(|pod| is_away(pod)).count() as i64;
    let stuck = pods.iter().filter(|pod| !ensemble.is_ordered() && is_away(pod) && is_old(pod)).count();
    if away >= most && stuck == 0 {
        return Ok(());
    }
    let least = ensemble.first().saturating_add(partition);
    let old: Vec<&Object> = pods
        .into_iter()
        .filter(|pod| is_old(pod) && super::identity::ordinal(set, pod).is_some_and(|number| number >= least))
        .collect();
    let mut left = most - away;
    for pod in old {
        if !ensemble.is_ordered() && !ensemble.is_available(pod) {
            ensemble.remove(registry, pod)?;
        } else if left > 0 {
            ensemble.remove(registry, pod)?;
            left -= 1;
        }
    }
    Ok(())
}

/// Counts, as `updateStatus` and `completeUpdate`.
pub(super) fn status(registry: &mut Registry, set: &Object) {
    let Some(set) = registry.look(SETS, set.namespace(), set.name()) else { return };
    let ensemble = Ensemble::of(registry, set);
    let set = &ensemble.set;
    let pods: Vec<&Object> = ensemble.pods.iter().map(|(_, pod)| &**pod).collect();
    let count = |test: &dyn Fn(&Object) -> bool| pods.iter().filter(|pod| test(pod)).count();
    let ready = count(&is_running);
    let available = count(&|pod| ensemble.is_available(pod));
    let update = &ensemble.revision;
    let of =
        |revision: &str| count(&|pod| !pod.is_terminating() && pod.label("controller-revision-hash") == Some(revision));
    let updated = of(update);
    let mut current = set.text(&["status", "currentRevision"]).unwrap_or(update).to_owned();
    let mut outdated = of(&current);
    if updated == pods.len() && ready == pods.len() && updated as i64 == ensemble.wanted() {
        current.clone_from(update);
        outdated = updated;
    }
    let mut status = json!({
        "observedGeneration": set.int(&["metadata", "generation"]), "replicas": pods.len(),
        "availableReplicas": available, "collisionCount": 0, "currentRevision": current, "updateRevision": update,
    });
    for (name, count) in [("readyReplicas", ready), ("currentReplicas", outdated), ("updatedReplicas", updated)] {
        if count > 0 {
            status.set(&[name], count);
        }
    }
    let (namespace, name) = (set.namespace(), set.name());
    registry.change(&Caller::controller(NAME), SETS, "status", namespace, name, |set| set.set(&["status"], status));
    // Those that are ready become available by waiting.
    if ready > available {
        let wait = set.int(&["spec", "minReadySeconds"]).unwrap_or_default();
        registry.queue(NAME, Key::of(set), SignedDuration::from_secs(wait));
    }
}
