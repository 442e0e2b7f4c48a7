//! From the old ReplicaSets to the new one: step by step (`rolling.go`), or after they are gone (`recreate.go`).

use std::sync::Arc;

use super::numbers::{max_unavailable, next, replicas, status, sum, wanted};
use super::{Rollout, history, progress, scale};
use crate::demo::life::workloads::owned;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Registry;
use crate::demo::status::Status;

/// `RollingUpdate`.
pub(super) fn rolling(registry: &mut Registry, rollout: &mut Rollout) -> Result<(), Status> {
    rollout.find(registry, true)?;
    if !grow(registry, rollout)? && !shrink(registry, rollout)? && progress::is_complete(&rollout.deployment) {
        history::tidy(registry, rollout)?;
    }
    progress::rollout(registry, rollout)
}

/// Gives the new ReplicaSet as many pods as there is room for.
fn grow(registry: &mut Registry, rollout: &Rollout) -> Result<bool, Status> {
    let Some(new) = &rollout.new else { return Ok(false) };
    let goal = replicas(&rollout.deployment);
    let to = if replicas(new) > goal { goal } else { next(&rollout.deployment, wanted(rollout.all()), replicas(new)) };
    scale::set(registry, rollout, new, to)
}

/// Takes pods from the old ReplicaSets: first those that are not available anyway, then as many as may be missing.
fn shrink(registry: &mut Registry, rollout: &Rollout) -> Result<bool, Status> {
    let Some(new) = &rollout.new else { return Ok(false) };
    let mut old: Vec<Arc<Object>> = rollout.old.iter().filter(|set| replicas(set) > 0).cloned().collect();
    let least = replicas(&rollout.deployment) - max_unavailable(&rollout.deployment);
    let missing = replicas(new) - status(new, "availableReplicas");
    let most = wanted(rollout.all()) - least - missing;
    if old.is_empty() || most <= 0 {
        return Ok(false);
    }
    let mut cleaned = 0;
    for set in &mut old {
        let idle = replicas(set) - status(set, "availableReplicas");
        let step = idle.min(most - cleaned);
        if step <= 0 {
            continue;
        }
        let to = replicas(set) - step;
        scale::set(registry, rollout, set, to)?;
        Arc::make_mut(set).set(&["spec", "replicas"], to);
        cleaned += step;
    }
    let mut spare = sum(old.iter().chain(&rollout.new).map(Arc::as_ref), "availableReplicas") - least;
    let mut taken = 0;
    for set in &old {
        let step = replicas(set).min(spare);
        if step <= 0 {
            continue;
        }
        scale::set(registry, rollout, set, replicas(set) - step)?;
        spare -= step;
        taken += step;
    }
    Ok(cleaned + taken > 0)
}

/// `Recreate`.
pub(super) fn recreate(registry: &mut Registry, rollout: &mut Rollout) -> Result<(), Status> {
    let mut has_shrunk = false;
    for set in rollout.old.iter().filter(|set| replicas(set) > 0) {
        has_shrunk |= scale::set(registry, rollout, set, 0)?;
    }
    if has_shrunk || runs_still(registry, rollout) {
        return progress::rollout(registry, rollout);
    }
    if rollout.new.is_none() {
        rollout.find(registry, true)?;
    }
    if let Some(new) = &rollout.new {
        scale::set(registry, rollout, new, replicas(&rollout.deployment))?;
    }
    if progress::is_complete(&rollout.deployment) {
        history::tidy(registry, rollout)?;
    }
    progress::rollout(registry, rollout)
}

/// Whether pods of old ReplicaSets are left.
fn runs_still(registry: &Registry, rollout: &Rollout) -> bool {
    sum(rollout.old.iter().map(Arc::as_ref), "replicas") > 0
        || rollout.old.iter().any(|set| owned::of(registry, "pods", set).iter().any(|pod| !owned::is_over(pod)))
}
