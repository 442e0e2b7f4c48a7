//! What a pause leaves: what still runs, and what still costs.

use std::collections::BTreeSet;

use serde_json::Value;

use super::survey::{Found, Survey};
use crate::text::quantity;

/// What is left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Residue {
    /// Pods that no controller keeps.
    pub bare_pods: Vec<String>,
    /// DaemonSets with pods.
    pub daemon_sets: Vec<String>,
    /// Jobs that run.
    pub jobs: Vec<String>,
    /// Services with an address of their own.
    pub load_balancers: Vec<String>,
    /// Claims of volumes.
    pub claims: usize,
    /// What they hold together, in bytes, as far as they say.
    pub bytes: u128,
}

impl Residue {
    /// What is left in these namespaces. Jobs among `stopped` do not count.
    pub fn of(survey: &Survey, namespaces: &BTreeSet<&str>, stopped: &BTreeSet<&str>) -> Self {
        let mut residue = Self::default();
        for found in survey.found.iter().filter(|found| namespaces.contains(found.namespace())) {
            let name = || format!("{}/{}", found.namespace(), found.object.name);
            match found.object.kind.as_str() {
                "Pod" if found.is_running_pod() && found.controller().is_none() => residue.bare_pods.push(name()),
                "DaemonSet" if found.number("/status/currentNumberScheduled") > 0 => residue.daemon_sets.push(name()),
                "Job" if is_running_job(found) && !stopped.contains(found.object.path().as_str()) => {
                    residue.jobs.push(name());
                }
                "Service" if found.value.pointer("/spec/type").and_then(Value::as_str) == Some("LoadBalancer") => {
                    residue.load_balancers.push(name());
                }
                "PersistentVolumeClaim" => {
                    residue.claims += 1;
                    let size = ["/status/capacity/storage", "/spec/resources/requests/storage"]
                        .iter()
                        .find_map(|pointer| found.value.pointer(pointer)?.as_str());
                    residue.bytes += size.and_then(quantity::bytes).unwrap_or_default();
                }
                _ => {}
            }
        }
        residue
    }

    /// Sentences: what still runs, what still costs.
    pub fn sentences(&self) -> Vec<String> {
        let named = |names: &[String], one: &str| match names {
            [] => None,
            [name] => Some(format!("1 {one} ({name})")),
            [first, second] => Some(format!("2 {one}s ({first}, {second})")),
            [first, second, rest @ ..] => {
                Some(format!("{} {one}s ({first}, {second} and {} more)", names.len(), rest.len()))
            }
        };
        let running = [
            named(&self.bare_pods, "bare pod"),
            named(&self.daemon_sets, "DaemonSet"),
            named(&self.jobs, "running Job"),
        ];
        let volumes = match self.claims {
            0 => None,
            1 => Some(format!("1 volume of {}", quantity::words(self.bytes))),
            claims => Some(format!("{claims} volumes of {} together", quantity::words(self.bytes))),
        };
        let costing = [named(&self.load_balancers, "load balancer"), volumes];
        let join = |parts: &[Option<String>]| parts.iter().flatten().cloned().collect::<Vec<_>>().join(", ");
        let (running, costing) = (join(&running), join(&costing));
        let mut sentences = Vec::new();
        if !running.is_empty() {
            sentences.push(format!("still runs: {running}"));
        }
        if !costing.is_empty() {
            sentences.push(format!("still costs: {costing}"));
        }
        sentences
    }
}

/// A Job that has pods, or will.
pub fn is_running_job(found: &Found) -> bool {
    let suspended = found.value.pointer("/spec/suspend").and_then(Value::as_bool) == Some(true);
    found.object.kind == "Job" && found.number("/status/active") > 0 && !suspended
}
