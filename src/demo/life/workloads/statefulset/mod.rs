//! StatefulSets: pods with names that stay, one after the other, each with claims of its own. As
//! `pkg/controller/statefulset`.
//!
//! There are no ControllerRevisions: a pod below the partition that has to be made again gets the present template.

mod claims;
mod identity;
mod update;

use std::sync::Arc;

use jiff::Timestamp;

use super::owned;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Event, Registry};
use crate::demo::status::Status;
use crate::demo::store::Key;

/// The statefulset-controller.
pub const NAME: &str = "statefulset-controller";

const SETS: &str = "statefulsets.apps";
const CLAIMS: &str = "persistentvolumeclaims";

/// A StatefulSet and the pods that it has, by their numbers.
struct Ensemble {
    set: Arc<Object>,
    /// The revision of the present template.
    revision: String,
    pods: Vec<(i64, Arc<Object>)>,
    now: Timestamp,
}

/// Brings the pods nearer to the number, in their order.
pub fn reconcile(registry: &mut Registry, key: &Key) -> Result<(), Status> {
    let Some(set) = registry.look(SETS, key.namespace(), key.name()) else { return Ok(()) };
    let ensemble = Ensemble::of(registry, set);
    let result = if ensemble.set.is_terminating() { Ok(()) } else { ensemble.step(registry) };
    update::status(registry, &ensemble.set);
    result
}

impl Ensemble {
    fn of(registry: &Registry, set: Arc<Object>) -> Self {
        let mut pods: Vec<(i64, Arc<Object>)> = owned::of(registry, "pods", &set)
            .into_iter()
            .filter_map(|pod| Some((identity::ordinal(&set, &pod)?, pod)))
            .collect();
        pods.sort_by_key(|(number, _)| *number);
        Self { revision: identity::revision(&set), set, pods, now: registry.now() }
    }

    fn wanted(&self) -> i64 {
        self.set.int(&["spec", "replicas"]).unwrap_or(1)
    }

    fn first(&self) -> i64 {
        self.set.int(&["spec", "ordinals", "start"]).unwrap_or_default()
    }

    /// Whether a number is one that the set is to have.
    fn has(&self, number: i64) -> bool {
        number >= self.first() && number < self.first().saturating_add(self.wanted())
    }

    fn pod(&self, number: i64) -> Option<&Object> {
        self.pods.iter().find(|(other, _)| *other == number).map(|(_, pod)| &**pod)
    }

    /// Whether it is one after the other.
    fn is_ordered(&self) -> bool {
        self.set.text(&["spec", "podManagementPolicy"]) != Some("Parallel")
    }

    /// Running, ready, and that for long enough.
    fn is_available(&self, pod: &Object) -> bool {
        let wait = self.set.int(&["spec", "minReadySeconds"]).unwrap_or_default();
        is_running(pod) && owned::is_available(pod, wait, self.now)
    }

    /// First what is missing, then what is too much, then what is old (`updateStatefulSet`).
    fn step(&self, registry: &mut Registry) -> Result<(), Status> {
        for number in self.first()..self.first().saturating_add(self.wanted()) {
            if !self.settle(registry, number)? && self.is_ordered() {
                return Ok(());
            }
        }
        let condemned: Vec<&Object> =
            self.pods.iter().rev().filter(|(number, _)| !self.has(*number)).map(|(_, pod)| &**pod).collect();
        for pod in &condemned {
            claims::own(registry, self, pod)?;
        }
        if !self.condemn(registry, &condemned)? {
            return Ok(());
        }
        if self.set.text(&["spec", "updateStrategy", "type"]) == Some("OnDelete") {
            return Ok(());
        }
        update::replace(registry, self)
    }

    /// Whether the pod of a number is there and well (`processReplica`).
    fn settle(&self, registry: &mut Registry, number: i64) -> Result<bool, Status> {
        let Some(pod) = self.pod(number) else {
            let pod = identity::pod(self, number);
            if !claims::is_stale(registry, self, &pod) {
                self.make(registry, &pod)?;
            }
            return Ok(false);
        };
        if owned::is_over(pod) {
            if !pod.is_terminating() {
                self.remove(registry, pod)?;
            }
            return Ok(false);
        }
        if pod.text(&["status", "phase"]) == Some("Pending") {
            claims::make(registry, self, pod)?;
        }
        if self.is_ordered() && (pod.is_terminating() || !self.is_available(pod)) {
            return Ok(false);
        }
        claims::own(registry, self, pod)?;
        Ok(true)
    }

    fn make(&self, registry: &mut Registry, pod: &Object) -> Result<(), Status> {
        if let Err(status) = claims::make(registry, self, pod) {
            self.tell(registry, "Create", pod, Some(&status));
            return Err(status);
        }
        match registry.create(&mut Caller::controller(NAME), "pods", pod.clone()) {
            Ok(made) => {
                claims::own(registry, self, &made)?;
                self.tell(registry, "Create", &made, None);
                Ok(())
            }
            Err(status) => {
                if status.reason != "AlreadyExists" {
                    self.tell(registry, "Create", pod, Some(&status));
                }
                Err(status)
            }
        }
    }

    /// Removes what is too much, the highest number first. Whether nothing is left to wait for.
    fn condemn(&self, registry: &mut Registry, condemned: &[&Object]) -> Result<bool, Status> {
        let is_well = |pod: &Object| self.is_available(pod) && !pod.is_terminating();
        let all = (self.first()..self.first().saturating_add(self.wanted())).filter_map(|number| self.pod(number));
        let ill = all.chain(condemned.iter().rev().copied()).find(|pod| !is_well(pod)).map(Object::name);
        for pod in condemned {
            if pod.is_terminating() {
                if self.is_ordered() {
                    return Ok(false);
                }
                continue;
            }
            if self.is_ordered() && !self.is_available(pod) && ill != Some(pod.name()) {
                return Ok(false);
            }
            self.remove(registry, pod)?;
            if self.is_ordered() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn remove(&self, registry: &mut Registry, pod: &Object) -> Result<(), Status> {
        let mut by = Caller::controller(NAME);
        let result = registry.delete(&mut by, "pods", pod.namespace(), pod.name(), &Deletion::default()).map(drop);
        let failure = result.as_ref().err().filter(|status| status.code != 404);
        self.tell(registry, "Delete", pod, failure);
        if failure.is_some() { result } else { Ok(()) }
    }

    /// As `recordPodEvent`.
    fn tell(&self, registry: &mut Registry, verb: &str, pod: &Object, failure: Option<&Status>) {
        let what = format!("{verb} Pod {} in StatefulSet {}", pod.name(), self.set.name());
        let (warning, reason, message) = match failure {
            None => (false, format!("Successful{verb}"), format!("{what} successful")),
            Some(status) => (true, format!("Failed{verb}"), format!("{what} failed error: {status}")),
        };
        let event = Event { warning, reason: &reason, message: &message, component: NAME, ..Event::default() };
        registry.event(&self.set, &event);
    }
}

fn is_running(pod: &Object) -> bool {
    pod.text(&["status", "phase"]) == Some("Running") && owned::has_condition(pod, "Ready")
}
