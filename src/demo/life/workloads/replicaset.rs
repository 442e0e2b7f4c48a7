//! ReplicaSets: so many pods. As `pkg/controller/replicaset`.

use std::cmp::Reverse;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::owned;
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};
use crate::demo::status::Status;
use crate::demo::store::Key;

/// The replicaset-controller.
pub const NAME: &str = "replicaset-controller";

/// How many pods one turn makes or removes at most.
const BURST: i64 = 500;

/// Brings the number of pods to what is asked for, and counts them.
pub fn reconcile(registry: &mut Registry, key: &Key) -> Result<(), Status> {
    let Some(set) = registry.look("replicasets.apps", key.namespace(), key.name()) else { return Ok(()) };
    let result = if set.is_terminating() { Ok(()) } else { manage(registry, &set) };
    status(registry, &set, result.as_ref().err());
    result
}

/// Makes what is missing, or removes what is too much.
fn manage(registry: &mut Registry, set: &Object) -> Result<(), Status> {
    let mut pods = owned::of(registry, "pods", set);
    pods.retain(|pod| owned::is_active(pod));
    let more = set.int(&["spec", "replicas"]).unwrap_or(1) - pods.len() as i64;
    if more < 0 {
        for pod in surplus(&pods, (-more).min(BURST)) {
            owned::delete(registry, NAME, set, &pod);
        }
        return Ok(());
    }
    owned::slow_start(more.min(BURST), || {
        let mut pod = owned::pod(set, set.at(&["spec", "template"]).unwrap_or(&Value::Null));
        pod.set(&["metadata", "generateName"], format!("{}-", set.name()));
        match owned::create(registry, NAME, set, pod) {
            // Whatever is tried in a namespace that goes away fails.
            Err(status) if owned::is_namespace_going(&status) => Ok(()),
            result => result.map(drop),
        }
    })
}

/// The pods that go first, as `ActivePodsWithRanks` orders them.
fn surplus(pods: &[Arc<Object>], many: i64) -> Vec<Arc<Object>> {
    let node = |pod: &Object| pod.text(&["spec", "nodeName"]).unwrap_or_default().to_owned();
    let phase = |pod: &Object| match pod.text(&["status", "phase"]) {
        Some("Pending") | None => 0,
        Some("Unknown") => 1,
        _ => 2,
    };
    let cost = |pod: &Object| {
        let cost = pod.annotation("controller.kubernetes.io/pod-deletion-cost");
        cost.and_then(|cost| cost.parse::<i32>().ok()).unwrap_or_default()
    };
    let restarts = |pod: &Object| {
        let statuses = pod.list(&["status", "containerStatuses"]).iter();
        statuses.filter_map(|one| one.int(&["restartCount"])).max().unwrap_or_default()
    };
    let mut ranked: Vec<_> = pods
        .iter()
        .map(|pod| {
            let home = node(pod);
            let beside = pods.iter().filter(|other| owned::is_ready(other) && node(other) == home).count();
            let since = owned::ready_since(pod).filter(|_| owned::is_ready(pod)).unwrap_or_default();
            let born = pod.text(&["metadata", "creationTimestamp"]).unwrap_or_default().to_owned();
            let state = (!home.is_empty(), phase(pod), owned::is_ready(pod), cost(pod));
            ((state, Reverse(beside), Reverse(since), Reverse(restarts(pod)), Reverse(born)), pod)
        })
        .collect();
    ranked.sort_by(|(one, _), (other, _)| one.cmp(other));
    ranked.into_iter().take(usize::try_from(many).unwrap_or_default()).map(|(_, pod)| Arc::clone(pod)).collect()
}

/// As `calculateStatus`: the condition `ReplicaFailure` keeps the words of the first failure until all is well again.
fn status(registry: &mut Registry, set: &Object, failure: Option<&Status>) {
    let now = registry.now();
    let pods = owned::of(registry, "pods", set);
    let active: Vec<&Object> = pods.iter().map(Arc::as_ref).filter(|pod| owned::is_active(pod)).collect();
    let going = pods.iter().filter(|pod| pod.is_terminating() && !owned::is_over(pod)).count();
    let wait = set.int(&["spec", "minReadySeconds"]).unwrap_or_default();
    let ready = active.iter().filter(|pod| owned::is_ready(pod)).count();
    let available = active.iter().filter(|pod| owned::is_available(pod, wait, now)).count();
    let labels = set.at(&["spec", "template", "metadata", "labels"]).and_then(Value::as_object);
    let is_labelled =
        |pod: &&&Object| labels.into_iter().flatten().all(|(key, value)| pod.label(key) == value.as_str());
    let labelled = active.iter().filter(is_labelled).count();
    let generation = set.int(&["metadata", "generation"]).unwrap_or_default();
    let wanted = set.int(&["spec", "replicas"]).unwrap_or(1);
    let by = Caller::controller(NAME);
    registry.change(&by, "replicasets.apps", "status", set.namespace(), set.name(), |set| {
        let mut conditions = set.list(&["status", "conditions"]).to_vec();
        let failed = conditions.iter().position(|one| one.text(&["type"]) == Some("ReplicaFailure"));
        match (failure, failed) {
            (Some(failure), None) => {
                let reason = if (active.len() as i64) < wanted { "FailedCreate" } else { "FailedDelete" };
                conditions.push(json!({
                    "type": "ReplicaFailure", "status": "True", "lastTransitionTime": rfc3339(now), "reason": reason,
                    "message": failure.to_string(),
                }));
            }
            (None, Some(at)) => drop(conditions.remove(at)),
            _ => {}
        }
        let mut status = json!({"replicas": active.len(), "observedGeneration": generation});
        for (name, count) in
            [("fullyLabeledReplicas", labelled), ("readyReplicas", ready), ("availableReplicas", available)]
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
    // Those that are ready become available by waiting.
    if ready > available
        && let Some(at) = next_available(&active, wait, now)
    {
        registry.queue(NAME, Key::of(set), at.duration_since(now));
    }
}

/// When the next ready pod will have been ready long enough.
fn next_available(pods: &[&Object], wait: i64, now: Timestamp) -> Option<Timestamp> {
    let at = |pod: &&Object| {
        let since: Timestamp = owned::ready_since(pod)?.parse().ok()?;
        since.checked_add(jiff::SignedDuration::from_secs(wait)).ok().filter(|at| *at > now)
    };
    pods.iter().filter(|pod| owned::is_ready(pod)).filter_map(at).min()
}
