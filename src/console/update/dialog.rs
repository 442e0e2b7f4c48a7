//! What keys do in the dialog of a plan that only look at it, and what is told of it when it is over.

use super::super::effect::Effect;
use super::super::model::{Level, Model};
use super::super::msg::SnapshotKept;
use super::super::view;
use super::document;
use super::plan::open;
use crate::plan::settled::State;
use crate::plan::{Keep, ObjectRef};
use crate::world::trouble::Trouble;

/// Shows or hides commands and exact words.
pub fn toggle_details(model: &mut Model) {
    if let Some(dialog) = open(model) {
        dialog.details = !dialog.details;
    }
}

/// Shows more of the step under the cursor, or less.
pub fn unfold(model: &mut Model) {
    let step = view::plan_step(model);
    if let (Some(step), Some(dialog)) = (step, open(model))
        && !dialog.turned.remove(&step)
    {
        dialog.turned.insert(step);
    }
}

/// Shows what would be another in another form.
pub fn reform(model: &mut Model) {
    if open(model).is_some() {
        model.diff_form = model.diff_form.next(view::plan_columns(model));
        model.say(Level::Info, format!("what would be another is shown {}", model.diff_form.words()));
        document::follow_cursor(model);
    }
}

/// Keeps what the open plan changes or deletes as it is, and what goes along.
pub fn snapshot(model: &mut Model) -> Vec<Effect> {
    let Some(dialog) = open(model) else { return Vec::new() };
    if dialog.plan.steps().all(|step| step.before.object().is_none()) {
        model.say(Level::Info, "there is nothing of it yet that could be kept");
        return Vec::new();
    }
    let keep = Keep { secrets: dialog.keeps_secrets(), file: None };
    let plan = Box::new(dialog.plan.clone());
    model.say(Level::Info, "reading what is to be kept");
    vec![Effect::Snapshot { plan, keep }]
}

/// Tells where a snapshot is, and what it lacks.
pub fn snapshot_kept(model: &mut Model, kept: Result<SnapshotKept, Trouble>) {
    match kept {
        Err(trouble) => model.say_trouble(Level::Failure, &trouble),
        Ok(SnapshotKept { count, path, refused, withheld }) => {
            let secrets = match withheld {
                0 => "with their secrets".to_owned(),
                1 => "without 1 Secret".to_owned(),
                many => format!("without {many} Secrets"),
            };
            let words = format!("{count} objects, {secrets}, are kept in {path}; `tenantry apply` makes them again");
            match refused.as_slice() {
                [] => model.say(Level::Done, words),
                refused => {
                    model.say(Level::Warning, format!("{words}; not kept, since not readable: {}", refused.join(", ")));
                }
            }
        }
    }
}

/// Shows or hides what would be another in status and bookkeeping.
pub fn toggle_noise(model: &mut Model) {
    let Some(dialog) = open(model) else { return };
    dialog.noise = !dialog.noise;
    let some = dialog.diffs.iter().any(|diff| !diff.folded.is_empty());
    let words = match (dialog.noise, some) {
        (_, false) => "nothing of status and bookkeeping would be another",
        (true, true) => "what the server changes by itself is shown, too",
        (false, true) => "what the server changes by itself is counted",
    };
    model.say(Level::Info, words);
    document::follow_cursor(model);
}

/// Tells whether what was applied has come true.
pub fn verified(model: &mut Model, title: &str, states: &[(ObjectRef, State)]) {
    let words = |(object, state): &(ObjectRef, State)| format!("{}: {}", object.title(), state.words());
    let stuck: Vec<_> = states.iter().filter(|(_, state)| matches!(state, State::Stuck(_))).collect();
    let late: Vec<_> = states.iter().filter(|(_, state)| matches!(state, State::NotYet(_))).collect();
    let all = states.len();
    let (level, said) = match (stuck.as_slice(), late.as_slice(), states) {
        ([], [], [one]) => (Level::Done, words(one)),
        ([], [], _) => (Level::Done, format!("{title}: all {all} objects have come to what was wished")),
        ([], [first, ..], _) => {
            (Level::Warning, format!("{title}: {} of {all} not through yet; {}", late.len(), words(first)))
        }
        ([first, ..], _, _) => {
            (Level::Failure, format!("{title}: {} of {all} do not get through; {}", stuck.len(), words(first)))
        }
    };
    model.say(level, said);
}
