//! What happens by itself: the controllers of a cluster, its scheduler and its kubelets.
//!
//! Nothing here waits. A change queues jobs ([`observe`]); a job looks at one object, brings the cluster a step nearer to what
//! the object asks for, and queues itself again if something is to happen later. Time comes from the registry's clock, so the
//! same code runs on the wall's time and by hand.

mod accounts;
pub mod agenda;
mod clusterroles;
pub mod garbage;
mod namespaces;
pub mod nature;
mod quotas;
pub mod recorder;
#[cfg(test)]
mod tests;
mod workloads;

use jiff::SignedDuration;

use super::capsule;
use super::object::{Meta as _, Object};
use super::registry::Registry;
use super::schema::kind::Kind;
use super::store::Key;
use agenda::Job;

/// How long a controller takes to notice a change. In a real cluster it is about this on loopback.
pub(in crate::demo) const NOTICE: SignedDuration = SignedDuration::from_millis(5);

/// Jobs that one run does at most, so that a loop of controllers cannot hold the cluster for ever.
const MOST: usize = 100_000;

/// Tells the controllers of a change that has been written.
pub fn observe(registry: &mut Registry, kind: &Kind, before: Option<&Object>, after: Option<&Object>) {
    let Some(object) = after.or(before) else { return };
    garbage::observe(registry, kind, before, after);
    workloads::observe(registry, kind, before, after);
    quotas::observe(registry, kind, object);
    match (kind.group.as_str(), kind.resource.as_str()) {
        ("", "namespaces") => {
            registry.queue(accounts::NAME, Key::of(object), NOTICE);
            if after.is_some() {
                namespaces::observe(registry, object);
            }
        }
        ("", "serviceaccounts" | "configmaps") if after.is_none() => {
            registry.queue(accounts::NAME, Key::new("", object.namespace()), NOTICE);
        }
        ("rbac.authorization.k8s.io", "clusterroles") => clusterroles::observe(registry),
        _ => {}
    }
}

/// Does all that is due now.
pub fn run(registry: &mut Registry) {
    for _ in 0..MOST {
        let now = registry.now();
        let Some(job) = registry.agenda.take(now) else { return };
        reconcile(registry, &job);
    }
}

fn reconcile(registry: &mut Registry, job: &Job) {
    match job.controller {
        accounts::NAME => accounts::reconcile(registry, &job.key),
        namespaces::NAME => namespaces::reconcile(registry, &job.key),
        clusterroles::NAME => clusterroles::reconcile(registry),
        quotas::NAME => quotas::reconcile(registry, &job.key),
        garbage::NAME => garbage::reconcile(registry),
        name if name.starts_with("capsule-") => capsule::reconcile(registry, job),
        _ => workloads::reconcile(registry, job),
    }
}
