//! How many pods there are and may be (`deployment/util/deployment_util.go`).

use std::ops::Deref;

use serde_json::Value;

use crate::demo::life::workloads::owned;
use crate::demo::object::{Meta as _, Object};

/// `spec.replicas` of a Deployment or ReplicaSet.
pub(super) fn replicas(object: &Object) -> i64 {
    object.int(&["spec", "replicas"]).unwrap_or_default()
}

/// A number of a status.
pub(super) fn status(object: &Object, field: &str) -> i64 {
    object.int(&["status", field]).unwrap_or_default()
}

/// The sum of `spec.replicas`.
pub(super) fn wanted(sets: impl IntoIterator<Item = impl Deref<Target = Object>>) -> i64 {
    sets.into_iter().map(|set| replicas(&set)).sum()
}

/// The sum of a number of the status.
pub(super) fn sum(sets: impl IntoIterator<Item = impl Deref<Target = Object>>, field: &str) -> i64 {
    sets.into_iter().map(|set| status(&set, field)).sum()
}

/// Whether the strategy is `RollingUpdate`.
pub(super) fn is_rolling(deployment: &Object) -> bool {
    deployment.text(&["spec", "strategy", "type"]) == Some("RollingUpdate")
}

/// `maxSurge` and `maxUnavailable` in pods, as `ResolveFenceposts`: never both nothing.
fn fence_posts(deployment: &Object) -> (i64, i64) {
    let wanted = replicas(deployment);
    let part = |name: &str, rounds_up: bool| {
        let value: Option<&Value> = deployment.at(&["spec", "strategy", "rollingUpdate", name]);
        owned::count(value, wanted, rounds_up).unwrap_or_default()
    };
    match (part("maxSurge", true), part("maxUnavailable", false)) {
        (0, 0) => (0, 1),
        posts => posts,
    }
}

/// How many pods there may be above the number.
pub(super) fn max_surge(deployment: &Object) -> i64 {
    if is_rolling(deployment) { fence_posts(deployment).0 } else { 0 }
}

/// How many pods may be missing.
pub(super) fn max_unavailable(deployment: &Object) -> i64 {
    let wanted = replicas(deployment);
    if !is_rolling(deployment) || wanted == 0 {
        return 0;
    }
    fence_posts(deployment).1.min(wanted)
}

/// Whether there is a `progressDeadlineSeconds`; the largest number stands for none.
pub(super) fn deadline(deployment: &Object) -> Option<i64> {
    deployment.int(&["spec", "progressDeadlineSeconds"]).filter(|seconds| *seconds != i64::from(i32::MAX))
}

/// How many pods the new ReplicaSet is to have now (`NewRSNewReplicas`). `there` counts those of all ReplicaSets.
pub(super) fn next(deployment: &Object, there: i64, new: i64) -> i64 {
    let wanted = replicas(deployment);
    if !is_rolling(deployment) {
        return wanted;
    }
    let surge = deployment.at(&["spec", "strategy", "rollingUpdate", "maxSurge"]);
    let most = wanted + owned::count(surge, wanted, true).unwrap_or_default();
    if there >= most { new } else { new + (most - there).min(wanted - new) }
}
