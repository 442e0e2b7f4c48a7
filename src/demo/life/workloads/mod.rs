//! Workloads, from Deployments down to pods.

mod budget;
mod claim;
pub mod cron;
mod cronjob;
mod daemonset;
mod deployment;
mod job;
mod owned;
mod pod;
mod pull;
mod replicaset;
mod statefulset;

use jiff::SignedDuration;

use super::NOTICE;
use super::agenda::{Backoff, Job};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Registry;
use crate::demo::schema::kind::Kind;
use crate::demo::store::Key;

/// Queues those who care about a change.
pub fn observe(registry: &mut Registry, kind: &Kind, before: Option<&Object>, after: Option<&Object>) {
    let Some(object) = after.or(before) else { return };
    if !kind.namespaced && kind.resource != "nodes" {
        return;
    }
    let key = Key::of(object);
    match (kind.group.as_str(), kind.resource.as_str()) {
        ("apps", "deployments") => registry.queue(deployment::NAME, key, NOTICE),
        ("apps", "replicasets") => {
            registry.queue(replicaset::NAME, key, NOTICE);
            owner(registry, object, "Deployment", deployment::NAME);
        }
        ("apps", "statefulsets") => registry.queue(statefulset::NAME, key, NOTICE),
        ("apps", "daemonsets") => registry.queue(daemonset::NAME, key, NOTICE),
        ("batch", "jobs") => {
            registry.queue(job::NAME, key, NOTICE);
            owner(registry, object, "CronJob", cronjob::NAME);
        }
        ("batch", "cronjobs") => registry.queue(cronjob::NAME, key, NOTICE),
        ("policy", "poddisruptionbudgets") => registry.queue(budget::NAME, key, NOTICE),
        ("", "pods") => {
            pod::observe(registry, before, after);
            owner(registry, object, "ReplicaSet", replicaset::NAME);
            owner(registry, object, "StatefulSet", statefulset::NAME);
            owner(registry, object, "DaemonSet", daemonset::NAME);
            owner(registry, object, "Job", job::NAME);
            budget::pod_changed(registry, object);
            claim::pod_changed(registry, object, after.is_none());
        }
        ("", "persistentvolumeclaims") => registry.queue(claim::NAME, key, NOTICE),
        ("", "nodes") => {
            daemonset::nodes_changed(registry);
            pod::nodes_changed(registry);
        }
        _ => {}
    }
}

/// Queues an object's controlling owner.
fn owner(registry: &mut Registry, object: &Object, kind: &str, controller: &'static str) {
    if let Some(owner) = object.controller().filter(|owner| owner.text(&["kind"]) == Some(kind)) {
        let key = Key::new(object.namespace(), owner.text(&["name"]).unwrap_or_default());
        registry.queue(controller, key, NOTICE);
    }
}

/// How often a Deployment is tried again in a row until something else happens to it.
const MOST_TRIES: u32 = 15;

/// As the job-controller's `DefaultJobApiBackOff` and `MaxJobApiBackOff`.
const OF_JOBS: Backoff = Backoff { first: SignedDuration::from_secs(1), most: SignedDuration::from_secs(60) };

/// Lets a controller look at an object; one that fails looks again later, as client-go's work queues do.
pub fn reconcile(registry: &mut Registry, job: &Job) {
    let key = &job.key;
    let result = match job.controller {
        deployment::NAME => deployment::reconcile(registry, key),
        replicaset::NAME => replicaset::reconcile(registry, key),
        statefulset::NAME => statefulset::reconcile(registry, key),
        daemonset::NAME => daemonset::reconcile(registry, key),
        job::NAME => job::reconcile(registry, key),
        name => {
            match name {
                cronjob::NAME => cronjob::reconcile(registry, key),
                budget::NAME => budget::reconcile(registry, key),
                claim::NAME => claim::reconcile(registry, key),
                name => pod::reconcile(registry, name, key),
            }
            return;
        }
    };
    let now = registry.now();
    if result.is_ok() {
        registry.agenda.forget(job);
        return;
    }
    let backoff = if job.controller == job::NAME { OF_JOBS } else { Backoff::QUEUE };
    let failures = registry.agenda.retry(now, job.clone(), backoff);
    if job.controller == deployment::NAME && failures > MOST_TRIES {
        registry.agenda.forget(job);
    }
}
