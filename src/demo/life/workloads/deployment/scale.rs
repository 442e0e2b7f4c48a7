//! Other numbers of pods: of one ReplicaSet, or shared among those of a rollout that is under way.

use std::sync::Arc;

use super::history::{DESIRED, MAX, age};
use super::numbers::{is_rolling, max_surge, replicas, status, wanted};
use super::{NAME, Rollout, SETS};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};
use crate::demo::status::Status;

/// Whether somebody has changed the number of the Deployment (`isScalingEvent`).
pub(super) fn is_due(rollout: &Rollout) -> bool {
    let wanted = replicas(&rollout.deployment).to_string();
    rollout.all().filter(|set| replicas(set) > 0).any(|set| set.annotation(DESIRED).is_some_and(|one| one != wanted))
}

/// Gives one ReplicaSet another number. Whether it changed.
pub(super) fn set(registry: &mut Registry, rollout: &Rollout, set: &Object, to: i64) -> Result<bool, Status> {
    if replicas(set) == to { Ok(false) } else { write(registry, rollout, set, to) }
}

/// The same, and brings its annotations up to date whether or not the number changes.
fn write(registry: &mut Registry, rollout: &Rollout, set: &Object, to: i64) -> Result<bool, Status> {
    let deployment = &rollout.deployment;
    let from = replicas(set);
    let notes = [
        (DESIRED, replicas(deployment).to_string()),
        (MAX, (replicas(deployment) + max_surge(deployment)).to_string()),
    ];
    if from == to && notes.iter().all(|(key, value)| set.annotation(key) == Some(value)) {
        return Ok(false);
    }
    let change = &mut |live: &Object| {
        let mut set = live.clone();
        set.set(&["spec", "replicas"], to);
        for (key, value) in &notes {
            set.set(&["metadata", "annotations", key], value.as_str());
        }
        Ok(set)
    };
    registry.update(&mut Caller::controller(NAME), SETS, "", set.namespace(), set.name(), change)?;
    if from == to {
        return Ok(false);
    }
    let way = if to > from { "up" } else { "down" };
    let message = format!("Scaled {way} replica set {} from {from} to {to}", set.name());
    rollout.tell(registry, false, "ScalingReplicaSet", &message);
    Ok(true)
}

/// Brings the number of all ReplicaSets to what the Deployment asks for; in the middle of a rollout each gets its share.
pub(super) fn all(registry: &mut Registry, rollout: &Rollout) -> Result<(), Status> {
    let deployment = &rollout.deployment;
    let goal = replicas(deployment);
    let mut active: Vec<&Object> = rollout.all().filter(|one| replicas(one) > 0).collect();
    let only = match active.as_slice() {
        [] => rollout.new.as_ref().or(rollout.old.last()).map(Arc::as_ref),
        [one] => Some(*one),
        _ => None,
    };
    if let Some(only) = only {
        return set(registry, rollout, only, goal).map(drop);
    }
    if active.is_empty() {
        return Ok(());
    }
    if rollout.new.as_ref().is_some_and(|new| is_saturated(new, goal)) {
        for old in rollout.old.iter().filter(|old| replicas(old) > 0) {
            set(registry, rollout, old, 0)?;
        }
        return Ok(());
    }
    if !is_rolling(deployment) {
        return Ok(());
    }
    let room = if goal > 0 { goal + max_surge(deployment) } else { 0 };
    let more = room - wanted(active.iter().copied());
    // The largest first; of equals the newer one when there is to be more, the older one when there is to be less.
    if more > 0 {
        active.sort_by_key(|one| std::cmp::Reverse((replicas(one), age(one))));
    } else if more < 0 {
        active.sort_by_key(|one| (std::cmp::Reverse(replicas(one)), age(one)));
    }
    let mut given = 0;
    let mut sizes: Vec<i64> = Vec::new();
    for one in &active {
        let share = if more == 0 { 0 } else { share(deployment, one, more, given) };
        given += share;
        sizes.push(replicas(one) + share);
    }
    if let Some(first) = sizes.first_mut().filter(|_| more != 0) {
        *first = (*first + more - given).max(0);
    }
    for (one, size) in active.into_iter().zip(sizes) {
        write(registry, rollout, one, size)?;
    }
    Ok(())
}

/// Whether a ReplicaSet has all the pods of its Deployment, and all of them available.
fn is_saturated(set: &Object, goal: i64) -> bool {
    replicas(set) == goal
        && set.annotation(DESIRED) == Some(&goal.to_string())
        && status(set, "availableReplicas") == goal
}

/// What one ReplicaSet gets of the pods that are to be added or removed (`GetReplicaSetProportion`).
fn share(deployment: &Object, set: &Object, more: i64, given: i64) -> i64 {
    if replicas(set) == 0 || more == given {
        return 0;
    }
    let fraction = fraction(deployment, set);
    if more > 0 { fraction.min(more - given) } else { fraction.max(more - given) }
}

fn fraction(deployment: &Object, set: &Object) -> i64 {
    if replicas(deployment) == 0 {
        return -replicas(set);
    }
    let now = replicas(deployment) + max_surge(deployment);
    let noted = set.annotation(MAX).and_then(|text| text.parse::<i64>().ok()).filter(|number| *number > 0);
    let before = noted.unwrap_or_else(|| status(deployment, "replicas"));
    if before <= 0 {
        return 0;
    }
    // Rounded to the nearest, halves away from zero.
    let product = replicas(set).saturating_mul(now);
    (product.saturating_mul(2) + before).div_euclid(before * 2) - replicas(set)
}
