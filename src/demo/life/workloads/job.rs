//! Jobs: pods until enough of them have succeeded. As `pkg/controller/job`.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::owned;
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Event, Propagation, Registry};
use crate::demo::status::Status;
use crate::demo::store::Key;

/// The job-controller.
pub const NAME: &str = "job-controller";

/// The finalizer that lets the controller count a pod before it goes.
const TRACKING: &str = "batch.kubernetes.io/job-tracking";

/// Whether a Job has ended.
pub fn is_finished(job: &Object) -> bool {
    owned::has_condition(job, "Complete") || owned::has_condition(job, "Failed")
}

/// Starts, stops and counts a Job's pods.
pub fn reconcile(registry: &mut Registry, key: &Key) -> Result<(), Status> {
    let Some(job) = registry.look("jobs.batch", key.namespace(), key.name()) else {
        // Pods of a Job that is gone are counted by nobody (upstream: `syncOrphanPod`).
        let is_orphan = |pod: &Object| {
            let owner = pod.controller().filter(|owner| owner.text(&["kind"]) == Some("Job"));
            owner.is_some_and(|owner| owner.text(&["name"]) == Some(key.name()))
        };
        let orphans: Vec<Arc<Object>> =
            registry.views("pods", Some(key.namespace())).filter(|pod| is_orphan(pod)).collect();
        release(registry, orphans.iter());
        return Ok(());
    };
    if is_finished(&job) {
        expire(registry, &job);
        return Ok(());
    }
    let mut result = Ok(());
    let pods = owned::of(registry, "pods", &job);
    let succeeded = pods.iter().filter(|pod| pod.text(&["status", "phase"]) == Some("Succeeded")).count() as i64;
    let failed = pods.iter().filter(|pod| pod.text(&["status", "phase"]) == Some("Failed")).count() as i64;
    let active: Vec<&Arc<Object>> = pods.iter().filter(|pod| owned::is_active(pod)).collect();
    let parallel = job.int(&["spec", "parallelism"]).unwrap_or(1);
    let completions = job.int(&["spec", "completions"]).unwrap_or(parallel.min(1));
    let is_suspended = job.flag(&["spec", "suspend"]);
    let is_dead = failed > job.int(&["spec", "backoffLimit"]).unwrap_or(6);
    let is_done = succeeded >= completions;
    if !job.is_terminating() {
        if is_suspended || is_dead {
            for pod in &active {
                owned::delete(registry, NAME, &job, pod);
            }
        } else if !is_done {
            let missing = parallel.min(completions - succeeded) - active.len() as i64;
            result = owned::slow_start(missing.clamp(0, 500), || {
                let mut pod = owned::pod(&job, job.at(&["spec", "template"]).unwrap_or(&Value::Null));
                pod.set(&["metadata", "generateName"], format!("{}-", job.name()));
                pod.set(&["metadata", "finalizers"], json!([TRACKING]));
                owned::create(registry, NAME, &job, pod).map(drop)
            });
        }
    }
    release(registry, pods.iter().filter(|pod| owned::is_over(pod) || pod.is_terminating()));
    status(registry, &job, (succeeded, failed), is_done && !is_suspended, is_dead);
    result
}

/// Lets pods go that have been counted.
fn release<'a>(registry: &mut Registry, pods: impl Iterator<Item = &'a Arc<Object>>) {
    let by = Caller::controller(NAME);
    for pod in pods.filter(|pod| pod.finalizers().contains(&TRACKING)) {
        registry.change(&by, "pods", "", pod.namespace(), pod.name(), |pod| {
            let left: Vec<Value> =
                pod.finalizers().into_iter().filter(|one| *one != TRACKING).map(|one| json!(one)).collect();
            pod.set(&["metadata", "finalizers"], left);
        });
    }
}

fn status(registry: &mut Registry, job: &Object, (succeeded, failed): (i64, i64), is_done: bool, is_dead: bool) {
    let now = rfc3339(registry.now());
    let pods = owned::of(registry, "pods", job);
    let active = pods.iter().filter(|pod| owned::is_active(pod)).count();
    let ready = pods.iter().filter(|pod| owned::is_ready(pod)).count();
    let going = pods.iter().filter(|pod| pod.is_terminating() && !owned::is_over(pod)).count();
    let is_suspended = job.flag(&["spec", "suspend"]);
    let was_suspended = owned::has_condition(job, "Suspended");
    let mut conditions = job.list(&["status", "conditions"]).to_vec();
    let set = |conditions: &mut Vec<Value>, kind: &str, word: &str, reason: &str, message: &str| {
        let since = conditions
            .iter()
            .find(|one| one.text(&["type"]) == Some(kind) && one.text(&["status"]) == Some(word))
            .and_then(|one| one.text(&["lastProbeTime"]))
            .unwrap_or(&now)
            .to_owned();
        let mut condition = json!({"type": kind, "status": word, "lastProbeTime": since});
        if !reason.is_empty() {
            condition.set(&["reason"], reason);
            condition.set(&["message"], message);
        }
        owned::set_condition(conditions, condition, &now, false);
    };
    let mut said = None;
    if is_suspended && !was_suspended {
        set(&mut conditions, "Suspended", "True", "JobSuspended", "Job suspended");
        said = Some((false, "Suspended", "Job suspended"));
    } else if !is_suspended && was_suspended {
        set(&mut conditions, "Suspended", "False", "JobResumed", "Job resumed");
        said = Some((false, "Resumed", "Job resumed"));
    }
    if is_done && active == 0 {
        let message = "Reached expected number of succeeded pods";
        set(&mut conditions, "SuccessCriteriaMet", "True", "CompletionsReached", message);
        set(&mut conditions, "Complete", "True", "CompletionsReached", message);
        said = Some((false, "Completed", "Job completed"));
    } else if is_dead && active == 0 {
        let message = "Job has reached the specified backoff limit";
        set(&mut conditions, "FailureTarget", "True", "BackoffLimitExceeded", message);
        set(&mut conditions, "Failed", "True", "BackoffLimitExceeded", message);
        said = Some((true, "BackoffLimitExceeded", message));
    }
    let by = Caller::controller(NAME);
    registry.change(&by, "jobs.batch", "status", job.namespace(), job.name(), |job| {
        let mut status = json!({"terminating": going, "uncountedTerminatedPods": {}, "ready": ready});
        for (name, count) in [("active", active as i64), ("succeeded", succeeded), ("failed", failed)] {
            if count > 0 {
                status.set(&[name], count);
            }
        }
        if !is_suspended {
            let start = job.text(&["status", "startTime"]).unwrap_or(&now).to_owned();
            status.set(&["startTime"], start);
        }
        if is_done && active == 0 {
            status.set(&["completionTime"], now.clone());
        }
        if !conditions.is_empty() {
            status.set(&["conditions"], conditions);
        }
        job.set(&["status"], status);
    });
    if let Some((warning, reason, message)) = said {
        registry.event(job, &Event { warning, reason, message, component: NAME, ..Event::default() });
    }
}

/// `ttlSecondsAfterFinished`: a Job that has ended goes after a while.
fn expire(registry: &mut Registry, job: &Object) {
    let Some(seconds) = job.int(&["spec", "ttlSecondsAfterFinished"]) else { return };
    let ended = job
        .list(&["status", "conditions"])
        .iter()
        .filter(|one| matches!(one.text(&["type"]), Some("Complete" | "Failed")))
        .find_map(|one| one.text(&["lastTransitionTime"])?.parse::<Timestamp>().ok());
    let Some(at) = ended.and_then(|ended| ended.checked_add(SignedDuration::from_secs(seconds)).ok()) else { return };
    let now = registry.now();
    if at > now {
        registry.queue(NAME, Key::of(job), at.duration_since(now));
        return;
    }
    let how = Deletion { propagation: Some(Propagation::Foreground), ..Deletion::default() };
    let _ = registry.delete(
        &mut Caller::controller("ttl-after-finished-controller"),
        "jobs.batch",
        job.namespace(),
        job.name(),
        &how,
    );
}
