//! The plan of a resume.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::foreign;
use super::keepers::pointers;
use super::kinds::{PauseKind, Phase};
use super::missed::missed;
use super::survey::{Found, Right, Space, Survey};
use super::{LOCK, Made, Switch, What, Wish, cordon_label, counted, listed, merge, namespace_ref, spaces, tenant_ref};
use crate::plan::{Before, Change, Goal, Plan, Propagation, Stage, Step, Target};
use crate::world::pause::record::{PAUSED, Record, Resumed};

/// How long a cordon may take to be lifted, and a database to be ready, in seconds.
const CORDON: i64 = 30;
const READY: i64 = 300;

/// What a resume does with an object.
enum Fate {
    /// It gets its old value back.
    Restore(Step),
    /// It keeps what it has; only the record goes.
    Keep(Step, String),
    /// It rests, and nothing tells what it was.
    Unknown,
    /// It is left as it is, and why.
    Left(String),
    /// It is no matter of a resume.
    None,
}

/// Makes it.
pub fn plan(wish: &Wish, survey: &Survey, target: &Target) -> Made {
    let spaces = spaces(wish, survey);
    let names: BTreeSet<&str> = spaces.iter().map(|space| space.name.as_str()).collect();
    let inside: Vec<&Found> = survey.found.iter().filter(|found| names.contains(found.namespace())).collect();
    let pointed: Vec<_> = inside.iter().flat_map(|found| pointers(found)).collect();
    let is_keeper = |found: &&Found| {
        !names.contains(found.namespace())
            && (pointed.iter().any(|pointer| pointer.is(found)) || found.object.kind == "GlobalTenantResource")
    };
    let outside = survey.found.iter().filter(is_keeper);

    let (mut restored, mut kept, mut unknown, mut left, mut foreign) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut theirs = 0;
    for found in inside.iter().copied().chain(outside) {
        let Some(kind) = found.kind() else { continue };
        match fate(found, kind, wish, survey, &mut foreign, &mut theirs) {
            Fate::Restore(step) => restored.push((found, kind, step)),
            Fate::Keep(step, words) => {
                left.push(words);
                kept.push((found, kind, step));
            }
            Fate::Unknown => unknown.push(found.object.title()),
            Fate::Left(words) => left.push(words),
            Fate::None => {}
        }
    }
    let mut summary = Vec::new();
    let mut stages = begin(wish, survey, &spaces, target, &mut summary);
    stages.push(Stage { steps: unlock(&inside), goal: None });
    let counts = counted(restored.iter().map(|(_, kind, _)| kind.kind));
    let late = restored.iter().filter_map(|(found, kind, _)| late(found, kind, wish.at)).collect::<Vec<_>>();
    let mut all: Vec<(Phase, Step, bool)> =
        restored.into_iter().map(|(_, kind, step)| (kind.phase, step, kind.kind == "StatefulSet")).collect();
    all.extend(kept.into_iter().map(|(_, kind, step)| (kind.phase, step, false)));
    for phase in Phase::RESUMED {
        let of_phase: Vec<&(Phase, Step, bool)> = all.iter().filter(|(known, ..)| *known == phase).collect();
        let waits = of_phase.iter().filter(|(.., waits)| *waits).map(|(_, step, _)| step.object.clone());
        let workloads: Vec<_> = waits.collect();
        let goal = (!workloads.is_empty()).then_some(Goal::Ready { workloads, deadline: READY });
        stages.push(Stage { steps: of_phase.into_iter().map(|(_, step, _)| step.clone()).collect(), goal });
    }
    stages.extend(end(wish, survey, &spaces));
    stages.retain(|stage| !stage.steps.is_empty());

    let mut told = Vec::new();
    told.push(if counts.is_empty() {
        "nothing is there that was paused".to_owned()
    } else {
        format!("starts {counts}, as they were before; StatefulSets are ready before anything else starts")
    });
    told.extend(was_paused(wish, survey));
    told.extend(foreign.into_iter().collect::<BTreeSet<String>>());
    told.extend(left);
    told.extend(late);
    if !unknown.is_empty() {
        told.push(format!(
            "stays at rest, since nothing tells what it was before: {} (`:scale` sets it)",
            listed(&unknown)
        ));
    }
    told.append(&mut summary);
    let mut choices = Vec::new();
    if theirs > 0 {
        let what = if theirs == 1 { "what was".to_owned() } else { format!("{theirs} that were") };
        let words = format!("also set back {what} changed meanwhile");
        choices.push((Switch::AlsoTheirs, words, wish.options.also_theirs));
    }
    Made { plan: Plan { summary: told, stages, ..Plan::default() }, choices }
}

fn fate(
    found: &Found,
    kind: &PauseKind,
    wish: &Wish,
    survey: &Survey,
    told: &mut Vec<String>,
    theirs: &mut usize,
) -> Fate {
    if found.is_terminating() || found.is_copy() || wish.options.leave.contains(&found.object.path()) {
        return Fate::None;
    }
    let (knob, title) = (kind.knob, found.object.title());
    let without = || merge(&found.object, json!({"metadata": {"annotations": {PAUSED: null}}}), &found.value);
    if found.has_a_stray_record() {
        return Fate::Keep(without(), format!("{title}: a rollback has brought an old pause record back; it goes"));
    }
    let record = match Record::of(&found.value) {
        Some(Ok(record)) => record,
        Some(Err(why)) => {
            return Fate::Left(format!("{title}: its pause record cannot be read ({why}); it stays as it is"));
        }
        None if kind.is_stopped(&found.value) && found.controller().is_none() => {
            let copy = survey.copy(found).and_then(|record| record.was.get(knob.name()).cloned());
            if let Some(was) = copy {
                told.push(format!(
                    "{title} has lost its record to a rollback; its ReplicaSet remembers: {}",
                    kind.words(&was)
                ));
                return Fate::Restore(merge(&found.object, knob.patch(was, &[]), &found.value));
            }
            return match foreign::record(found, kind, survey) {
                Some(foreign) => {
                    told.push(format!("{title} was stopped by {}: {}", foreign.by, kind.words(&foreign.was)));
                    let notes: Vec<(&str, Value)> =
                        foreign.annotation.map(|key| (key, Value::Null)).into_iter().collect();
                    Fate::Restore(merge(&found.object, knob.patch(foreign.was, &notes), &found.value))
                }
                // Of what only holds others back, rest says nothing.
                None if matches!(kind.phase, Phase::Workloads | Phase::Stateful) => Fate::Unknown,
                None => Fate::None,
            };
        }
        None => return Fate::None,
    };
    let name = knob.name();
    let (Some(was), Some(set)) = (record.was.get(name), record.set.get(name)) else {
        return Fate::Left(format!("{title}: its pause record does not tell {name}; it stays as it is"));
    };
    let gone = [(PAUSED, Value::Null)];
    let now = knob.get(&found.value);
    if now == *set || wish.options.also_theirs {
        *theirs += usize::from(now != *set);
        return Fate::Restore(merge(&found.object, knob.patch(was.clone(), &gone), &found.value));
    }
    // Set back by hand, in full: there is nothing to choose.
    if now == *was {
        return Fate::Keep(without(), format!("{title} has been started already, as it was before"));
    }
    *theirs += 1;
    let words = format!(
        "{title} was paused with {} and has {} now: it keeps that",
        kind.words(was),
        kind.words(&knob.meant(&found.value))
    );
    Fate::Keep(without(), words)
}

/// A CronJob that has missed runs.
fn late(found: &Found, kind: &PauseKind, now: i64) -> Option<String> {
    if kind.kind != "CronJob" {
        return None;
    }
    let record = found.record()?.ok()?;
    let missed = missed(&found.value, record.seconds(), now)?;
    Some(format!("{} has {}", found.object.title(), missed.words()))
}

/// The objects of the whole that carry a record: what is meant, the object, the record.
fn wholes<'a>(wish: &'a Wish, survey: &'a Survey) -> impl Iterator<Item = (&'a What, &'a Value, Record)> {
    wish.what.iter().filter_map(|what| {
        let (object, right) = match what {
            What::Tenant { name, .. } => (survey.tenants.get(name)?.object()?, Right::Tenant(name.clone())),
            What::Namespace(name) => {
                let space = survey.namespaces.iter().find(|space| space.name == *name)?;
                (space.object.object()?, Right::Namespace(name.clone()))
            }
        };
        let record = Record::of(object)?.ok()?;
        (!survey.lacking.contains(&right)).then_some((what, object, record))
    })
}

fn was_paused(wish: &Wish, survey: &Survey) -> Vec<String> {
    wholes(wish, survey).map(|(what, _, record)| format!("{} is paused {}", what.title(), record.words())).collect()
}

/// The first stages, one for each of what is meant, since each waits for a cordon of its own: cordons are lifted, and the whole
/// says that it is being resumed.
fn begin(wish: &Wish, survey: &Survey, spaces: &[&Space], target: &Target, summary: &mut Vec<String>) -> Vec<Stage> {
    let mut stages = Vec::new();
    for (what, object, mut record) in wholes(wish, survey) {
        let at = jiff::Timestamp::from_second(wish.at).unwrap_or_default().to_string();
        let is_new = record.resumed.is_none();
        record.resumed.get_or_insert(Resumed { at, by: target.who() });
        let mut patch = json!({});
        if is_new {
            patch["metadata"] = json!({"annotations": {PAUSED: record.text()}});
        }
        let cordoned = record.set.get("cordoned") == Some(&json!(true));
        let mut goal = None;
        let reference = match what {
            What::Tenant { name, .. } => {
                if cordoned && object.pointer("/spec/cordoned") == Some(&json!(true)) {
                    let was = record.was.get("cordoned").cloned().unwrap_or(Value::Null);
                    if was == json!(true) {
                        summary.push(format!("the tenant {name} was cordoned before, and stays so"));
                    } else {
                        patch["spec"] = json!({"cordoned": was});
                        let tenant = name.as_str().into();
                        goal = Some(Goal::Cordoned { tenant, cordoned: false, deadline: CORDON });
                    }
                } else if !own(&record).is_empty() && is_being_lifted(object) {
                    // An earlier resume has lifted it, and Capsule has not taken those of the namespaces away yet.
                    patch["spec"] = json!({"cordoned": object.pointer("/spec/cordoned")});
                    goal = Some(Goal::Cordoned { tenant: name.as_str().into(), cordoned: false, deadline: CORDON });
                }
                if !own(&record).is_empty() {
                    summary.push(format!(
                        "cordoned by themselves before, and so again at the end: {}",
                        listed(&own(&record))
                    ));
                }
                tenant_ref(name)
            }
            What::Namespace(name) => {
                let is_cordoned = spaces.iter().any(|space| space.name == *name && space.is_cordoned());
                if cordoned && is_cordoned && record.was.get("cordoned") != Some(&json!(true)) {
                    patch["metadata"]["labels"] = cordon_label(false)["metadata"]["labels"].clone();
                }
                namespace_ref(name)
            }
        };
        if patch != json!({}) {
            stages.push(Stage { steps: vec![merge(&reference, patch, object)], goal });
        }
    }
    for what in &wish.what {
        let What::Tenant { name, .. } = what else { continue };
        let tenant = survey.tenants.get(name).and_then(Before::object);
        let carries = tenant
            .and_then(Record::of)
            .is_some_and(|record| record.is_ok_and(|record| record.set.contains_key("cordoned")));
        let is_cordoned = tenant.is_some_and(|tenant| tenant.pointer("/spec/cordoned") == Some(&json!(true)));
        if is_cordoned && !carries {
            summary.push(format!("the tenant {name} stays cordoned: that was no part of a pause"));
        }
    }
    stages
}

/// The quotas that kept new pods out.
fn unlock(inside: &[&Found]) -> Vec<Step> {
    let is_lock = |found: &&&Found| {
        found.object.kind == "ResourceQuota" && found.object.name == LOCK && found.annotation(PAUSED).is_some()
    };
    let delete = |found: &&Found| Step {
        object: found.object.clone(),
        change: Change::Delete(Propagation::Background),
        before: Before::Present(found.value.clone()),
        answer: None,
        source: None,
    };
    inside.iter().filter(is_lock).map(delete).collect()
}

/// The namespaces that were cordoned by themselves before.
fn own(record: &Record) -> Vec<String> {
    let names = record.was.get("namespaces").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether Capsule still calls a tenant cordoned whose spec says otherwise, or has not looked at that yet.
fn is_being_lifted(tenant: &Value) -> bool {
    let conditions = tenant.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let mut cordoned = conditions.filter(|condition| condition.get("type") == Some(&json!("Cordoned")));
    let number = |pointer: &str| tenant.pointer(pointer).and_then(Value::as_i64);
    let is_new = number("/status/observedGeneration") < number("/metadata/generation");
    tenant.pointer("/spec/cordoned") != Some(&json!(true))
        && cordoned.any(|condition| is_new || condition.get("status") == Some(&json!("True")))
}

/// The last stages: namespaces that were cordoned by themselves are so again, and only then the records go that remember it.
fn end(wish: &Wish, survey: &Survey, spaces: &[&Space]) -> [Stage; 2] {
    let (mut cordons, mut steps) = (Vec::new(), Vec::new());
    for (what, object, record) in wholes(wish, survey) {
        let reference = match what {
            What::Tenant { name, .. } => tenant_ref(name),
            What::Namespace(name) => namespace_ref(name),
        };
        for name in own(&record) {
            let space = spaces.iter().find(|space| space.name == name);
            if let Some(before) = space.and_then(|space| space.object.object()) {
                cordons.push(merge(&namespace_ref(&name), cordon_label(true), before));
            }
        }
        steps.push(merge(&reference, json!({"metadata": {"annotations": {PAUSED: null}}}), object));
    }
    [cordons, steps].map(|steps| Stage { steps, goal: None })
}
