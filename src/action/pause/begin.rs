//! The plan of a pause.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::keepers::{Keepers, keepers};
use super::kinds::{PauseKind, Phase};
use super::residue::{Residue, is_running_job};
use super::survey::{Found, Right, Space, Survey};
use super::{
    LOCK, Made, Switch, What, Wish, cordon_label, counted, grace, listed, merge, namespace_ref, spaces, tenant_ref,
};
use crate::plan::{Before, Change, Digest, Goal, ObjectRef, Plan, Stage, Step, Target};
use crate::world::capsule::Era;
use crate::world::pause::record::{self, PAUSED, Record};

/// How long a cordon may take to be in force, in seconds.
const CORDON: i64 = 30;

/// What a pause does with an object.
enum Fate<'a> {
    /// It is stopped.
    Stop(&'a Found, &'static PauseKind),
    /// It rests already.
    Rests,
    /// It is left alone, and why.
    Spared(&'a Found, String),
    /// It must not be stopped, and why.
    Blocks(String),
    /// It is no matter of a pause.
    None,
}

struct Making<'a> {
    wish: &'a Wish,
    survey: &'a Survey,
    target: &'a Target,
    op: String,
    at: String,
}

/// Makes it.
pub fn plan(wish: &Wish, survey: &Survey, target: &Target) -> Made {
    let at = jiff::Timestamp::from_second(wish.at).unwrap_or_default().to_string();
    let names: Vec<&str> = wish.what.iter().map(What::name).collect();
    let seed = format!("{}\n{}\n{}\n{}", target.server, target.user, wish.at, names.join("\n"));
    let op = format!("{}-{}", wish.at, Digest::of(seed.as_bytes()));
    Making { wish, survey, target, op, at }.plan()
}

impl<'a> Making<'a> {
    fn plan(&self) -> Made {
        let spaces = spaces(self.wish, self.survey);
        let names: BTreeSet<&str> = spaces.iter().map(|space| space.name.as_str()).collect();
        let (mut stopped, mut rests, mut spared, mut blocks) = (Vec::new(), 0, Vec::new(), Vec::new());
        for found in self.survey.found.iter().filter(|found| names.contains(found.namespace())) {
            match self.fate(found) {
                Fate::Stop(found, kind) => stopped.push((found, kind)),
                Fate::Rests => rests += 1,
                Fate::Spared(found, why) => spared.push((found, why)),
                Fate::Blocks(why) => blocks.push(why),
                Fate::None => {}
            }
        }
        let workloads: Vec<&Found> = stopped.iter().map(|(found, _)| *found).collect();
        let tenants: Vec<&str> = self.survey.tenants.keys().map(String::as_str).collect();
        let keepers = keepers(self.survey, &workloads, &tenants);
        let paths: Vec<String> = workloads.iter().map(|found| found.object.path()).collect();
        let paths: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
        let residue = Residue::of(self.survey, &names, &paths);

        let mut summary = Vec::new();
        let mut stages = vec![self.intent(&spaces, &mut summary), self.hold(&keepers)];
        for phase in Phase::ALL {
            let of_phase = stopped.iter().filter(|(_, kind)| kind.phase == phase);
            stages.push(Stage { steps: of_phase.map(|(found, kind)| self.stop(found, kind)).collect(), goal: None });
        }
        let awaited = self.awaited(&stopped);
        stages.retain(|stage| !stage.steps.is_empty());
        if let Some(last) = stages.last_mut().filter(|_| !awaited.is_empty()) {
            // A node that is slow, on top of the time that the pods were promised.
            let deadline = grace(workloads.iter().copied()) + 90;
            last.goal = Some(Goal::Stopped { workloads: awaited, deadline });
        }
        let locks = self.locks(&spaces, &spared, &mut summary);
        stages.push(Stage { steps: locks, goal: None });
        stages.extend(self.cordons(&spaces, &mut summary));
        stages.retain(|stage| !stage.steps.is_empty());

        let mut told = Vec::new();
        if stages.is_empty() {
            told.extend(self.already());
        }
        told.push(if stopped.is_empty() {
            "nothing runs that a pause would stop".to_owned()
        } else {
            let kinds = counted(stopped.iter().map(|(_, kind)| kind.kind));
            format!("stops {kinds}; keeps volumes, services, addresses and hosts")
        });
        if rests > 0 {
            told.push(format!("{rests} of them rest already; a resume leaves those as they are"));
        }
        told.extend(Self::drifted(&stopped));
        if !spared.is_empty() {
            let words: Vec<String> =
                spared.iter().map(|(found, why)| format!("{} ({why})", found.object.title())).collect();
            told.push(format!("leaves alone: {}", listed(&words)));
        }
        told.extend(residue.sentences());
        told.extend(self.autoscalers(&workloads));
        told.append(&mut summary);
        told.extend(self.held(&keepers));
        let would_lose_volumes = !blocks.is_empty();
        let plan = Plan { summary: told, stages, blocks, ..Plan::default() };
        Made { plan, choices: self.choices(&keepers, &residue, would_lose_volumes) }
    }

    fn fate(&self, found: &'a Found) -> Fate<'a> {
        let Some(kind) = found.kind().filter(|kind| kind.phase != Phase::Keepers) else { return Fate::None };
        if found.is_terminating() {
            return Fate::None;
        }
        let owner = found.controller();
        match (kind.kind, owner) {
            // What its owner stops.
            _ if found.is_copy() => return Fate::None,
            ("Job", _) if !is_running_job(found) || !self.wish.options.jobs => return Fate::None,
            // A Job of a CronJob may be stopped without it.
            ("Job", _) | (_, None) => {}
            (_, Some((kind, name))) => {
                return Fate::Spared(found, format!("kept by {kind} {name}: pause that"));
            }
        }
        if self.wish.options.leave.contains(&found.object.path()) {
            return Fate::Spared(found, "left out by choice".to_owned());
        }
        if record::is_excluded(&found.value) {
            return Fate::Spared(found, "asks to be left alone".to_owned());
        }
        let scaler = self.survey.scaler(found);
        if let Some(Err(why)) = found.record() {
            let title = found.object.title();
            return Fate::Blocks(format!(
                "{title} carries a pause record that cannot be read ({why}): it would be lost; mend or remove the annotation {PAUSED}, or leave it out"
            ));
        }
        if kind.is_stopped(&found.value) {
            return Fate::Rests;
        }
        if let Some(scaler) = scaler {
            return if self.wish.options.leave.contains(&scaler.object.path()) {
                Fate::Spared(found, format!("{} scales it, and is left out", scaler.object.title()))
            } else {
                Fate::None
            };
        }
        let policy = found.value.pointer("/spec/persistentVolumeClaimRetentionPolicy/whenScaled");
        if kind.kind == "StatefulSet" && policy.and_then(Value::as_str) == Some("Delete") {
            if self.wish.options.spare_volumes {
                return Fate::Spared(found, "would lose its volumes".to_owned());
            }
            return Fate::Blocks(format!(
                "{} deletes its volumes when it is scaled down (persistentVolumeClaimRetentionPolicy.whenScaled: Delete): set that to Retain first, or leave it out",
                found.object.title()
            ));
        }
        Fate::Stop(found, kind)
    }

    fn record(&self) -> Record {
        Record::new(&self.op, &self.at, &self.target.who(), &self.wish.reason)
    }

    /// Sets the field, and records what was there; a record that is there already is kept as it is.
    fn stop(&self, found: &Found, kind: &PauseKind) -> Step {
        let stopped = kind.stopped();
        let notes = match found.record() {
            Some(_) => Vec::new(),
            None => {
                let record = self.record().about(kind.knob.name(), kind.knob.get(&found.value), stopped.clone());
                vec![(PAUSED, json!(record.text()))]
            }
        };
        merge(&found.object, kind.knob.patch(stopped, &notes), &found.value)
    }

    /// The workloads whose pods are to be gone before it goes on.
    fn awaited(&self, stopped: &[(&Found, &PauseKind)]) -> Vec<ObjectRef> {
        let mut awaited = Vec::new();
        for (found, kind) in stopped {
            match kind.phase {
                Phase::Workloads | Phase::Stateful | Phase::Jobs => awaited.push(found.object.clone()),
                // What it scales is what has pods.
                Phase::Scalers => awaited.extend(
                    self.survey
                        .found
                        .iter()
                        .filter(|target| self.survey.scaler(target).is_some_and(|scaler| scaler == *found))
                        .map(|target| target.object.clone()),
                ),
                Phase::Keepers | Phase::Schedules => {}
            }
        }
        awaited
    }

    /// What is written on the whole before anything else: that a pause is meant, by whom, and what its cordon was.
    fn intent(&self, spaces: &[&Space], summary: &mut Vec<String>) -> Stage {
        let mut steps = Vec::new();
        for what in &self.wish.what {
            let (object, before, right) = match what {
                What::Tenant { name, .. } => {
                    (tenant_ref(name), self.survey.tenants.get(name), Right::Tenant(name.clone()))
                }
                What::Namespace(name) => {
                    let space = spaces.iter().find(|space| space.name == *name);
                    (namespace_ref(name), space.map(|space| &space.object), Right::Namespace(name.clone()))
                }
            };
            let Some(before) = before.and_then(Before::object).filter(|_| !self.survey.lacking.contains(&right)) else {
                summary.push(match what {
                    What::Tenant { name, .. } => format!(
                        "the tenant {name} itself may not be changed as this user: its workloads are paused without the cordon, so its people can start them again; who administers the cluster can cordon it"
                    ),
                    What::Namespace(name) => format!(
                        "the namespace {name} itself may not be changed as this user: its workloads are paused without the cordon"
                    ),
                });
                continue;
            };
            let wanted = self.wish.options.cordon && self.can_cordon(what);
            let record = match Record::of(before) {
                // It is meant already.
                Some(Ok(record)) if record.resumed.is_none() && (!wanted || record.set.contains_key("cordoned")) => {
                    continue;
                }
                // What was there before the first pause is what a resume goes back to.
                Some(Ok(known)) => {
                    let mut record = self.record();
                    (record.was, record.set) = (known.was, known.set);
                    if wanted && !record.set.contains_key("cordoned") {
                        record = Self::with_cordon(record, what, before, spaces);
                    }
                    record
                }
                Some(Err(_)) | None if wanted => Self::with_cordon(self.record(), what, before, spaces),
                Some(Err(_)) | None => self.record(),
            };
            let patch = json!({"metadata": {"annotations": {PAUSED: record.text()}}});
            steps.push(merge(&object, patch, before));
        }
        Stage { steps, goal: None }
    }

    /// A namespace can be cordoned alone since 0.13.
    fn can_cordon(&self, what: &What) -> bool {
        match what {
            What::Tenant { .. } => true,
            What::Namespace(name) => {
                let space = self.survey.namespaces.iter().find(|space| space.name == *name);
                self.survey.era == Era::Dynamic && space.is_some_and(|space| space.tenant.is_some())
            }
        }
    }

    fn with_cordon(record: Record, what: &What, before: &Value, spaces: &[&Space]) -> Record {
        match what {
            What::Tenant { name, .. } => {
                let was = before.pointer("/spec/cordoned").cloned().unwrap_or(Value::Null);
                let own: Vec<&str> = spaces
                    .iter()
                    .filter(|space| space.tenant.as_deref() == Some(name) && space.is_cordoned())
                    .map(|space| space.name.as_str())
                    .collect();
                // Lifting a tenant's cordon lifts those that its namespaces have of their own.
                let own = if was == json!(true) { Vec::new() } else { own };
                let mut record = record.about("cordoned", was, json!(true));
                if !own.is_empty() {
                    record.was.insert("namespaces".to_owned(), json!(own));
                }
                record
            }
            What::Namespace(_) => {
                let label = before.pointer("/metadata/labels/projectcapsule.dev~1cordoned");
                record.about("cordoned", label.map_or(Value::Null, |label| json!(label == "true")), json!(true))
            }
        }
    }

    fn hold(&self, keepers: &Keepers<'_>) -> Stage {
        let steps = keepers.held.iter().filter(|_| self.wish.options.hold).filter_map(|(found, _)| {
            let kind = found.kind()?;
            (!kind.is_stopped(&found.value)).then(|| self.stop(found, kind))
        });
        Stage { steps: steps.collect(), goal: None }
    }

    fn held(&self, keepers: &Keepers<'_>) -> Vec<String> {
        let mut sentences = Vec::new();
        for (found, count) in &keepers.held {
            let title = found.object.title();
            let Some(kind) = found.kind() else { continue };
            if kind.is_stopped(&found.value) {
                continue;
            }
            let keeps = if *count > 0 { format!("keeps {count} of them") } else { "makes workloads".to_owned() };
            sentences.push(if self.wish.options.hold {
                format!("{title} {keeps} and is held until the resume, with all else that it keeps")
            } else {
                format!("{title} {keeps} and will start them again: it is not held")
            });
        }
        sentences.extend(keepers.loose.iter().cloned());
        sentences
    }

    /// Quotas that keep new pods out. Where something is left running it must be able to have its pods replaced.
    fn locks(&self, spaces: &[&Space], spared: &[(&Found, String)], summary: &mut Vec<String>) -> Vec<Step> {
        if !self.wish.options.lock {
            return Vec::new();
        }
        let (mut steps, mut lacking, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        for space in spaces {
            let object = ObjectRef::namespaced("/api/v1", "resourcequotas", "ResourceQuota", &space.name, LOCK);
            let is_there = self.survey.found.iter().any(|found| found.object == object);
            let runs = spared.iter().any(|(found, _)| {
                found.namespace() == space.name && found.kind().is_some_and(|kind| !kind.is_stopped(&found.value))
            }) || self.survey.of("DaemonSet").any(|found| found.namespace() == space.name);
            if is_there {
                continue;
            }
            if runs {
                kept.push(space.name.clone());
            } else if self.survey.lacking.contains(&Right::Quota(space.name.clone())) {
                lacking.push(space.name.clone());
            } else {
                let manifest = json!({
                    "apiVersion": "v1",
                    "kind": "ResourceQuota",
                    "metadata": {
                        "name": LOCK,
                        "namespace": space.name,
                        "labels": {"app.kubernetes.io/managed-by": "tenantry"},
                        "annotations": {PAUSED: self.record().text()},
                    },
                    "spec": {"hard": {"pods": "0"}},
                });
                steps.push(Step {
                    object,
                    change: Change::Create(manifest),
                    before: Before::Absent,
                    answer: None,
                    source: None,
                });
            }
        }
        if !lacking.is_empty() {
            summary
                .push(format!("new pods are not kept out of {}: this user may make no quota there", listed(&lacking)));
        }
        if !kept.is_empty() {
            summary.push(format!(
                "new pods are not kept out of {}: what goes on there must be able to have its pods replaced",
                listed(&kept)
            ));
        }
        steps
    }

    fn cordons(&self, spaces: &[&Space], summary: &mut Vec<String>) -> Vec<Stage> {
        if !self.wish.options.cordon {
            return Vec::new();
        }
        let mut stages = Vec::new();
        for what in self.wish.what.iter().filter(|what| self.can_cordon(what)) {
            match what {
                What::Tenant { name, .. } => {
                    let before = self.survey.tenants.get(name).and_then(Before::object);
                    let before = before.filter(|_| !self.survey.lacking.contains(&Right::Tenant(name.clone())));
                    let is_open = |tenant: &&Value| tenant.pointer("/spec/cordoned") != Some(&json!(true));
                    let Some(before) = before.filter(is_open) else { continue };
                    stages.push(Stage {
                        steps: vec![merge(&tenant_ref(name), json!({"spec": {"cordoned": true}}), before)],
                        goal: Some(Goal::Cordoned { tenant: name.as_str().into(), cordoned: true, deadline: CORDON }),
                    });
                }
                What::Namespace(name) => {
                    let space = spaces.iter().find(|space| space.name == *name && !space.is_cordoned());
                    let before = space.and_then(|space| space.object.object());
                    let before = before.filter(|_| !self.survey.lacking.contains(&Right::Namespace(name.clone())));
                    let Some(before) = before else { continue };
                    stages.push(Stage {
                        steps: vec![merge(&namespace_ref(name), cordon_label(true), before)],
                        goal: None,
                    });
                }
            }
        }
        if !stages.is_empty() {
            summary.push(
                "cordoned last: its people and ServiceAccounts can change nothing there; administrators can, and scaling, exec and evictions pass (Capsule does not look at subresources)"
                    .to_owned(),
            );
        }
        stages
    }

    /// What is paused already, in the words of its record.
    fn already(&self) -> Vec<String> {
        let records = self.wish.what.iter().filter_map(|what| {
            let object = match what {
                What::Tenant { name, .. } => self.survey.tenants.get(name)?.object()?,
                What::Namespace(name) => {
                    self.survey.namespaces.iter().find(|space| space.name == *name)?.object.object()?
                }
            };
            let record = Record::of(object)?.ok()?;
            Some(format!("{} is paused already, {}", what.title(), record.words()))
        });
        records.collect()
    }

    /// What was paused before and runs all the same.
    fn drifted(stopped: &[(&Found, &PauseKind)]) -> Vec<String> {
        let of = |(found, kind): &(&Found, &PauseKind)| {
            let record = found.record()?.ok()?;
            let (was, now) = (record.was.get(kind.knob.name())?, kind.knob.meant(&found.value));
            Some(format!(
                "{} was paused with {} and has {} now: it is stopped again, and a resume goes back to {}",
                found.object.title(),
                kind.words(was),
                kind.words(&now),
                kind.words(was)
            ))
        };
        stopped.iter().filter_map(of).collect()
    }

    /// Autoscalers of what is stopped: they rest by themselves.
    fn autoscalers(&self, stopped: &[&Found]) -> Vec<String> {
        let targets = |scaler: &Found| {
            let text = |key: &str| scaler.value.pointer(&format!("/spec/scaleTargetRef/{key}")).and_then(Value::as_str);
            stopped.iter().any(|found| {
                found.object.namespace == scaler.object.namespace
                    && text("kind") == Some(&found.object.kind)
                    && text("name") == Some(&found.object.name)
            })
        };
        let count = self.survey.of("HorizontalPodAutoscaler").filter(|scaler| targets(scaler)).count();
        match count {
            0 => Vec::new(),
            1 => vec!["1 autoscaler rests by itself while its target has no replicas; it is not touched".to_owned()],
            count => {
                vec![format!(
                    "{count} autoscalers rest by themselves while their targets have no replicas; they are not touched"
                )]
            }
        }
    }

    fn choices(
        &self,
        keepers: &Keepers<'_>,
        residue: &Residue,
        would_lose_volumes: bool,
    ) -> Vec<(Switch, String, bool)> {
        let options = &self.wish.options;
        let mut choices = vec![
            (Switch::Cordon, "cordon: its people can change nothing".to_owned(), options.cordon),
            (Switch::Lock, "lock: no new pods, by a quota".to_owned(), options.lock),
        ];
        if !keepers.held.is_empty() {
            choices.push((Switch::Hold, "hold who would start it again".to_owned(), options.hold));
        }
        if options.spare_volumes || would_lose_volumes {
            let words = "leave running what would lose its volumes".to_owned();
            choices.push((Switch::SpareVolumes, words, options.spare_volumes));
        }
        if options.jobs || !residue.jobs.is_empty() {
            choices.push((Switch::Jobs, "stop Jobs that run: their pods are ended".to_owned(), options.jobs));
        }
        choices
    }
}
