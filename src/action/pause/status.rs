//! What is paused: the state as it adds up from everything that was read, who did it and why, and what still runs and costs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::kinds::Phase;
use super::residue::Residue;
use super::survey::{Space, Survey};
use super::{LOCK, What};
use crate::plan::Before;
use crate::world::capsule::Era;
use crate::world::pause::record::Record;
use crate::world::pause::{Cordoning, PauseState, Tally, Whole};

/// How something stands to a pause.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// What is meant.
    pub what: What,
    /// The state.
    pub state: PauseState,
    /// The record of the whole, or of a workload where that has none: who, when, why.
    pub record: Option<Record>,
    /// Its workloads.
    pub tally: Tally,
    /// How many workloads there are that a pause can stop.
    pub workloads: usize,
    /// Whether its people are kept from changing things; `None` if that may not be read.
    pub cordoned: Option<bool>,
    /// How many of its namespaces keep new pods out.
    pub locked: usize,
    /// Its namespaces.
    pub namespaces: Vec<String>,
    /// What still runs and costs.
    pub residue: Residue,
}

/// The status of one of those that were read about.
pub fn status(what: &What, survey: &Survey) -> Status {
    let spaces: Vec<&Space> = match what {
        What::Tenant { name, .. } => survey.spaces_of(name).collect(),
        What::Namespace(name) => survey.namespaces.iter().filter(|space| space.name == *name).collect(),
    };
    let names: BTreeSet<&str> = spaces.iter().map(|space| space.name.as_str()).collect();
    let object = match what {
        What::Tenant { name, .. } => survey.tenants.get(name).and_then(Before::object),
        What::Namespace(_) => spaces.first().and_then(|space| space.object.object()),
    };
    let inside = || survey.found.iter().filter(|found| names.contains(found.namespace()));
    let own = object.and_then(Record::of).and_then(Result::ok);
    let first = || inside().find_map(|found| Record::of(&found.value)?.ok());
    let cordoned = match what {
        What::Tenant { .. } => object.map(|tenant| tenant.pointer("/spec/cordoned") == Some(&json!(true))),
        What::Namespace(_) => {
            spaces.first().filter(|space| space.object.object().is_some()).map(|space| space.is_cordoned())
        }
    };
    let tally = survey.tally(spaces.iter().copied());
    let in_force = cordoned == Some(true)
        && (survey.era != Era::Dynamic || spaces.iter().all(|space| space.is_cordoned() || space.is_terminating()));
    let whole = own.as_ref().map(|record| Whole {
        resumed: record.resumed.is_some(),
        cordon: match (record.set.get("cordoned").and_then(Value::as_bool), in_force) {
            (Some(true), true) => Cordoning::InForce,
            (Some(true), false) => Cordoning::Pending,
            _ => Cordoning::Unwanted,
        },
    });
    let can_stop = inside().filter(|found| {
        found.controller().is_none()
            && found.kind().is_some_and(|kind| (Phase::Scalers..=Phase::Schedules).contains(&kind.phase))
    });
    Status {
        state: PauseState::of(&tally, whole),
        record: own.or_else(first),
        tally,
        workloads: can_stop.count(),
        cordoned,
        locked: inside().filter(|found| found.object.kind == "ResourceQuota" && found.object.name == LOCK).count(),
        namespaces: spaces.iter().map(|space| space.name.clone()).collect(),
        residue: Residue::of(survey, &names, &BTreeSet::new()),
        what: what.clone(),
    }
}

impl Status {
    /// For people: a line, and what belongs to it.
    pub fn words(&self) -> Vec<String> {
        let who = match (&self.record, self.state) {
            (_, PauseState::Active) | (None, _) => String::new(),
            (Some(record), PauseState::Resuming) => match &record.resumed {
                Some(resumed) => format!(", resumed since {} by {}", resumed.at, resumed.by),
                None => String::new(),
            },
            (Some(record), _) => format!(", {}", record.words()),
        };
        let mut lines = vec![format!("{} is {}{who}", self.what.title(), self.state.word())];
        let Tally { held, drifted, loose, .. } = self.tally;
        let mut parts = Vec::new();
        for (count, words) in [(held, "held"), (drifted, "held and started since"), (loose, "running")] {
            if count > 0 {
                parts.push(format!("{count} {words}"));
            }
        }
        let rest = self.workloads.saturating_sub((held + drifted + loose) as usize);
        if rest > 0 {
            parts.push(format!("{rest} at rest or left alone"));
        }
        if self.tally.ending() > 0 {
            parts.push(format!("{} pods are still ending", self.tally.ending()));
        }
        if parts.is_empty() {
            parts.push("none".to_owned());
        }
        lines.push(format!("  workloads: {}", parts.join(", ")));
        let cordon = match self.cordoned {
            Some(true) => "in force",
            Some(false) => "none",
            None => "may not be read",
        };
        lines.push(format!(
            "  cordon: {cordon}; new pods kept out of {} of {} namespaces",
            self.locked,
            self.namespaces.len()
        ));
        lines.extend(self.residue.sentences().into_iter().map(|sentence| format!("  {sentence}")));
        lines
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let Tally { held, drifted, loose, .. } = self.tally;
        let record = self.record.as_ref().filter(|_| self.state != PauseState::Active);
        json!({
            "kind": if matches!(self.what, What::Tenant { .. }) { "Tenant" } else { "Namespace" },
            "name": self.what.name(),
            "state": self.state.word(),
            "since": record.map(|record| &record.at),
            "by": record.map(|record| &record.by),
            "reason": record.map(|record| &record.reason),
            "operation": record.map(|record| &record.op),
            "namespaces": self.namespaces,
            "workloads": {
                "all": self.workloads,
                "held": held,
                "drifted": drifted,
                "running": loose,
                "endingPods": self.tally.ending(),
            },
            "cordoned": self.cordoned,
            "lockedNamespaces": self.locked,
            "residue": {
                "barePods": self.residue.bare_pods,
                "daemonSets": self.residue.daemon_sets,
                "runningJobs": self.residue.jobs,
                "loadBalancers": self.residue.load_balancers,
                "volumeClaims": self.residue.claims,
                "volumeBytes": u64::try_from(self.residue.bytes).unwrap_or(u64::MAX),
            },
        })
    }
}
