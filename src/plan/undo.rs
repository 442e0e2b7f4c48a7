//! Taking back what a plan did, and finishing what it could not: plans themselves.
//!
//! Only the fields that were changed are set back, value for value, and only where they still have the values that were given
//! to them; what somebody else has changed since is told, and set back only if that is asked for. What cannot honestly be
//! taken back is refused with the reason.

use serde_json::Value;

use super::edit::{self, Edit, Path, Segment};
use super::object::{self, ObjectRef, Target};
use super::record::Record;
use super::step::{Before, Change, Propagation, Step};
use super::{FIELD_MANAGER, Plan, Relation, Stage, mask, owned};

/// A step of an earlier plan that was taken, and its object as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// What was done.
    pub record: Record,
    /// The uid that the object got, if the step made it.
    pub made: String,
    /// The object now; `None`: it is not there.
    pub now: Option<Value>,
}

/// What is to be done about an earlier plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Take back what was done of it.
    Undo {
        /// Also where others have changed it since.
        also_theirs: bool,
    },
    /// Do what was not.
    Finish,
}

/// An earlier plan, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// Its name in the journal.
    pub id: String,
    /// Its title.
    pub title: String,
}

/// A plan that takes back the steps that were taken, the last first. `also_theirs`: fields that others have changed since are
/// set back, too.
pub fn undo(earlier: &Earlier, target: Target, taken: &[Taken], also_theirs: bool) -> Plan {
    let mut summary = Vec::new();
    let last = taken.iter().map(|taken| taken.record.stage).max().unwrap_or_default();
    let stages = (0..=last).rev().map(|stage| {
        let steps = taken.iter().filter(|taken| taken.record.stage == stage);
        Stage { steps: steps.filter_map(|taken| take_back(taken, also_theirs, &mut summary)).collect(), goal: None }
    });
    let stages: Vec<Stage> = stages.filter(|stage| !stage.steps.is_empty()).collect();
    let title = undone(&earlier.title);
    Plan { title, summary, target, stages, relation: Some(Relation::Undoes(earlier.id.clone())), ..Plan::default() }
}

/// What a plan is called that takes back another. Undo of undo is redo.
pub fn undone(title: &str) -> String {
    title.strip_prefix("Undo: ").map_or_else(
        || format!("Undo: {title}"),
        |title| title.strip_prefix("Redo: ").map_or_else(|| format!("Redo: {title}"), |title| format!("Undo: {title}")),
    )
}

fn take_back(taken: &Taken, also_theirs: bool, summary: &mut Vec<String>) -> Option<Step> {
    let record = &taken.record;
    let title = record.object.title();
    let step =
        |change, before| Some(Step { object: record.object.clone(), change, before, answer: None, source: None });
    if matches!(record.change, Change::Delete(_)) {
        return match (&taken.now, &record.whole) {
            (Some(now), _) if object::uid(now) == record.uid => {
                summary.push(format!("{title}: it is still being deleted, and nothing can call that back"));
                None
            }
            (Some(_), _) => {
                summary.push(format!("{title}: there is one again; it stays as it is"));
                None
            }
            _ if is_vessel(&record.object) => {
                summary.push(format!(
                    "{title}: what was in it is lost; it is not made again empty. If a snapshot was kept, `tenantry apply` makes it again"
                ));
                None
            }
            _ if record.withheld && (record.left_out.is_empty() || record.object.kind == "Secret") => {
                summary.push(format!("{title}: it held secrets, which are not kept; it cannot be made again"));
                None
            }
            (None, Some(whole)) => {
                if !record.left_out.is_empty() {
                    let what = record.left_out.join(", ");
                    summary.push(format!("{title}: {what} was secret and is not kept: it is made without that"));
                }
                summary.push(format!("{title} is made anew: with another uid, without its status and what it owned"));
                step(Change::Create(whole.clone()), Before::Absent)
            }
            (None, None) => {
                summary.push(format!("{title}: it is not known how it was; it cannot be made again"));
                None
            }
        };
    }
    let Some(now) = &taken.now else {
        let words =
            if record.makes() { "it is gone already" } else { "it has been deleted; there is nothing to set back" };
        summary.push(format!("{title}: {words}"));
        return None;
    };
    let known = if record.makes() { &taken.made } else { &record.uid };
    if known.as_str() != object::uid(now) {
        summary.push(format!("{title}: it was deleted and made anew since; it stays as it is"));
        return None;
    }
    if record.makes() {
        let others = others(record, now);
        if !others.is_empty() && !also_theirs {
            let (fields, by) = (fields(others.iter().map(|other| other.fields).sum()), owned::names(&others));
            summary.push(format!("{title}: {by} has set {fields} in it since it was made; it stays"));
            return None;
        }
        if is_vessel(&record.object) {
            summary.push(format!("{title} is deleted with everything in it"));
        }
        return step(Change::Delete(Propagation::Background), Before::Present(now.clone()));
    }
    let wanted = set_back(record, now, also_theirs, summary);
    let patch = edit::merge_patch(now, &wanted);
    let is_nothing = patch.as_object().is_some_and(serde_json::Map::is_empty);
    if is_nothing { None } else { step(Change::Merge(patch), Before::Present(now.clone())) }
}

/// The object with the fields of the record as they were before.
fn set_back(record: &Record, now: &Value, also_theirs: bool, summary: &mut Vec<String>) -> Value {
    let title = record.object.title();
    let mut wanted = now.clone();
    for edit @ Edit { path, before, after, secret, order, .. } in &record.edits {
        if *secret {
            summary.push(format!("{title}: {} was secret and is not kept; it stays as it is", edit::spell(path)));
        } else if edit.is_before(now) && !order {
            // Somebody did it already.
        } else if edit.is_after(now) || also_theirs || (*order && edit.is_before(now)) {
            if *before == Some(Value::Null) && path.iter().all(|segment| matches!(segment, Segment::Field(_))) {
                // In a merge patch null removes.
                summary.push(format!("{title}: {} was null, which cannot be sent; it is left out", edit::spell(path)));
            }
            edit.take_back(&mut wanted);
        } else if *order {
            if edit::get(now, path).is_some() {
                summary
                    .push(format!("{title}: {} stands in an order of somebody else's; it stays so", edit::spell(path)));
            }
        } else {
            let words = |value: Option<&Value>| words(&record.object.kind, now, path, value);
            let (live, after, before) = (words(edit::get(now, path)), words(after.as_ref()), words(before.as_ref()));
            let by = owned::last_writer(now, path).filter(|by| by != FIELD_MANAGER);
            let by = by.map(|by| format!(" (set by {by})")).unwrap_or_default();
            let path = edit::spell(path);
            summary.push(format!(
                "{title}: {path} is {live} now{by}, not {after} as it was set; it stays so (it was {before})"
            ));
        }
    }
    wanted
}

/// A value at a path of an object of `kind`, as it may be shown.
fn words(kind: &str, now: &Value, path: &Path, value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(value) if mask::hides(kind, now, path, value) => mask::mask(value),
        Some(value) => value.to_string(),
    }
}

/// Who else has written in an object that a step has made. Servers keep no record of an object that was made with nothing but a
/// name (kubernetes `managedfields/internal/skipnonapplied.go`): of such a one, what is in it now and was not sent is others'.
fn others(record: &Record, now: &Value) -> Vec<owned::Other> {
    let is_recorded =
        now.pointer("/metadata/managedFields").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    let Some(sent) = record.change.body().filter(|_| !is_recorded) else { return owned::others(now) };
    let given = ["uid", "creationTimestamp", "name", "namespace"];
    let is_theirs = |edit: &&Edit| {
        let is = |at: usize, name: &str| matches!(edit.path.get(at), Some(Segment::Field(field)) if field == name);
        let is_filled_in = ["apiVersion", "kind", "type"].iter().any(|name| is(0, name));
        // What was sent empty servers leave out, and empty maps they put in: nobody has put that there.
        let is_empty = edit.after.as_ref().is_none_or(|value| *value == serde_json::json!({}));
        !(is_filled_in || is_empty || is(0, "metadata") && given.iter().any(|name| is(1, name)))
    };
    let edits = edit::edits(&super::diff::without_bookkeeping(sent), &super::diff::without_bookkeeping(now));
    match edits.iter().filter(is_theirs).count() {
        0 => Vec::new(),
        fields => vec![owned::Other { manager: "somebody".to_owned(), fields }],
    }
}

fn fields(count: usize) -> String {
    if count == 1 { "1 field".to_owned() } else { format!("{count} fields") }
}

/// What others are in: to make it again would not bring those back.
fn is_vessel(object: &ObjectRef) -> bool {
    matches!(object.kind.as_str(), "Namespace" | "Tenant" | "CustomResourceDefinition")
}

/// How many fields others have changed since: whether it makes sense to ask for them, too.
pub fn theirs(taken: &[Taken]) -> usize {
    let of = |taken: &Taken| {
        let Some(now) = &taken.now else { return 0 };
        if taken.record.makes() {
            return others(&taken.record, now).iter().map(|other| other.fields).sum();
        }
        let is_theirs = |edit: &&Edit| !edit.secret && !edit.order && !edit.is_before(now) && !edit.is_after(now);
        taken.record.edits.iter().filter(is_theirs).count()
    };
    taken.iter().map(of).sum()
}

/// A plan of the steps that were not taken, against their objects as they are now.
pub fn finish(earlier: &Earlier, target: Target, open: &[(Record, Option<Value>)]) -> Plan {
    let mut summary = Vec::new();
    let last = open.iter().map(|(record, _)| record.stage).max().unwrap_or_default();
    let mut remaining = |(record, now): &(Record, Option<Value>)| {
        let title = record.object.title();
        let why_not = match (&record.change, now) {
            (Change::Apply { manifest: body, .. } | Change::Create(body), None)
                if record.withheld && mask::is_left_out(body) =>
            {
                Some("it holds secrets, which are not kept")
            }
            (Change::Merge(_), None) => Some("it is not there any more"),
            (Change::Delete(_), None) => Some("it is gone already"),
            (Change::Create(_), Some(_)) => Some("it is there already"),
            (Change::Delete(_) | Change::Merge(_), Some(now)) if object::uid(now) != record.uid => {
                Some("it was deleted and made anew since")
            }
            _ => None,
        };
        if let Some(why) = why_not {
            summary.push(format!("{title}: {why}; nothing is done"));
            return None;
        }
        let change = match now {
            Some(now) if record.withheld && record.change.body().is_some_and(mask::is_left_out) => {
                Change::Merge(rest(record, now, &mut summary)?)
            }
            _ => record.change.clone(),
        };
        let before = now.clone().map_or(Before::Absent, Before::Present);
        Some(Step { object: record.object.clone(), change, before, answer: None, source: None })
    };
    let stages: Vec<Stage> = (0..=last)
        .map(|stage| {
            let steps = open.iter().filter(|(record, _)| record.stage == stage);
            Stage { steps: steps.filter_map(&mut remaining).collect(), goal: None }
        })
        .filter(|stage| !stage.steps.is_empty())
        .collect();
    let impersonated =
        open.iter().filter_map(|(record, _)| Some((record.object.clone(), record.acting_as.clone()?))).collect();
    let relation = Some(Relation::Finishes(earlier.id.clone()));
    Plan {
        title: format!("Finish: {}", earlier.title),
        summary,
        target,
        stages,
        relation,
        impersonated,
        ..Plan::default()
    }
}

/// What of a change that is only known without its secrets can still be made: the fields that are not secret.
fn rest(record: &Record, now: &Value, summary: &mut Vec<String>) -> Option<Value> {
    let mut wanted = now.clone();
    for Edit { path, after, secret, .. } in &record.edits {
        if *secret {
            let path = edit::spell(path);
            summary.push(format!("{}: {path} was secret and is not kept; it stays as it is", record.object.title()));
        } else {
            edit::set(&mut wanted, path, after.as_ref());
        }
    }
    let patch = edit::merge_patch(now, &wanted);
    patch.as_object().is_some_and(|fields| !fields.is_empty()).then_some(patch)
}

#[cfg(test)]
mod tests;
