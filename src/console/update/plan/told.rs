//! What is told of the plan that is open: the server's answer, what becomes of its objects, how far it is, what came of it.

use serde_json::Value;

use super::super::super::effect::Effect;
use super::super::super::keymap::{Command, Layer};
use super::super::super::model::overlay::Overlay;
use super::super::super::model::plan::{Draft, Origin};
use super::super::super::model::{Awaited, Level, Model};
use super::super::super::msg::Applied;
use super::super::{history, work};
use super::{again, ask, close, draft, leave, open};
use crate::action::whatif;
use crate::plan::Before;
use crate::plan::answered::Answered;
use crate::plan::drift::{Drift, drift};
use crate::plan::settled;
use crate::world::trouble::{Trouble, TroubleKind};

/// The server has answered.
pub fn previewed(model: &mut Model, request: u64, answered: Answered) -> Vec<Effect> {
    let now = model.seconds();
    for (_, trace) in model.here.asked.iter_mut().filter(|(asked, _)| *asked == request) {
        trace.until = Some(now);
    }
    let consequence = whatif::consequence(&model.here.world, &answered.plan);
    if let Some(dialog) = open(model).filter(|dialog| dialog.asking == Some(request)) {
        dialog.asking = None;
        dialog.answer(answered);
        dialog.consequence = consequence;
        work::offer(dialog);
    }
    Vec::new()
}

/// An object of the open plan is now another.
pub fn moved(model: &mut Model, request: u64, at: usize, object: Option<Value>) -> Vec<Effect> {
    let Some(dialog) = open(model).filter(|dialog| dialog.followed == request && dialog.applying.is_none()) else {
        return Vec::new();
    };
    let Some(step) = dialog.plan.steps_mut().nth(at) else { return Vec::new() };
    let title = step.object.title();
    let (found, object) = match (&step.before, object) {
        (Before::Present(before), object) => (drift(&step.object.kind, before, object.as_ref()), object),
        (_, None) => return Vec::new(),
        (_, Some(_)) => {
            dialog.tell(format!("{title} has been made by somebody else"));
            return again(model);
        }
    };
    match (found, object) {
        (Drift::None, _) => Vec::new(),
        // A busy tenant's status never rests: the plan holds, for the new version.
        (Drift::Bookkeeping, Some(object)) => {
            step.before = Before::Present(object);
            Vec::new()
        }
        // Planned anew for the object as it is now; what was on the screen can no longer be approved.
        (found @ (Drift::Moved { .. } | Drift::Replaced), Some(_)) => {
            if let Some(words) = found.words(&title) {
                dialog.tell(words);
            }
            dialog.forget_answers();
            again(model)
        }
        (found, _) => {
            let words = found.words(&title).unwrap_or_default();
            if let Origin::Draft(_) = &dialog.origin {
                dialog.tell(words);
                return again(model);
            }
            model.say(Level::Warning, format!("{words}; the plan was closed"));
            leave(model)
        }
    }
}

/// The objects of the open plan cannot be followed any more, or not for now.
pub fn unfollowed(model: &mut Model, request: u64, trouble: &Trouble) {
    if let Some(dialog) = open(model).filter(|dialog| dialog.followed == request && dialog.applying.is_none()) {
        let again = if trouble.is_transient() { "that is tried again, and " } else { "" };
        let words = format!(
            "not all of its objects can be followed ({}); {again}the server still checks their versions",
            trouble.what
        );
        dialog.blind = Some(words);
    }
}

/// The objects of the open plan are followed again.
pub fn followed(model: &mut Model, request: u64) {
    if let Some(dialog) = open(model).filter(|dialog| dialog.followed == request) {
        dialog.blind = None;
    }
}

/// How far the plan is that is being applied.
pub fn progress(model: &mut Model, request: u64, words: String) {
    if let Some(dialog) = open(model).filter(|dialog| dialog.asking == Some(request) && dialog.applying.is_some()) {
        dialog.applying = Some(words);
    }
}

/// An approved plan has been applied, or not.
pub fn applied(model: &mut Model, request: u64, applied: Applied) -> Vec<Effect> {
    let Applied { past, rest, goals, failure, warnings } = applied;
    let shown = open(model).is_some_and(|dialog| dialog.asking == Some(request));
    for warning in &warnings {
        model.say_trouble(Level::Warning, warning);
    }
    let is_here = model.here.is_of(&past.target);
    let now = model.now;
    let goals = goals.into_iter().map(|goal| Awaited { goal, since: now, missing: Vec::new(), late: false });
    if is_here {
        model.here.awaited.extend(goals);
    } else if let Some(away) = model.away.iter_mut().find(|away| away.is_of(&past.target)) {
        away.awaited.extend(goals);
    }
    let (title, done, id, target) = (past.title.clone(), past.done(), past.id.clone(), past.target.clone());
    let (counts, follows) = (past.counts(), !settled::awaited(&past).is_empty());
    history::remember(model, past);
    let Some(trouble) = failure else {
        if open(model).is_some_and(|dialog| shown && dialog.files().is_some()) {
            model.say(Level::Info, format!("{title}: accepted"));
            return work::applied(model);
        }
        if shown {
            close(model);
        }
        let trial = if model.trials().is_empty() { "" } else { ", on trial" };
        let follows = if follows { "; it is followed until it has come true" } else { "" };
        model.say(Level::Info, format!("{title}: accepted{trial}{follows}"));
        let mut effects = vec![Effect::Unfollow];
        if open(model).is_some_and(|dialog| dialog.files().is_some()) {
            effects.extend(again(model));
        }
        if rest.is_some() && !is_here {
            let words = format!("{title}: what was to follow was not asked, since another cluster is on the screen");
            model.say(Level::Warning, format!("{words}; in {} `:journal` tells how far it came", target.context));
        } else if let Some(rest) = rest {
            // What could only be guessed before is asked now.
            effects.extend(draft(model, Draft::Given(Box::new(rest)), false));
        }
        return effects;
    };
    model.say_trouble(Level::Failure, &trouble);
    if done > 0 {
        let undo = model.keymap.keys(&[Layer::Global], Command::Undo).first().map(ToString::to_string);
        let undo = undo.map(|key| format!("; {key} takes back what was done")).unwrap_or_default();
        model.say(Level::Failure, format!("{}; {counts}{undo}", trouble.what));
    }
    if open(model).is_some_and(|dialog| shown && dialog.plan.joining.is_some()) {
        model.say(Level::Info, "the same form once more goes on with it: what is there is left as it is");
    }
    if !shown {
        return Vec::new();
    }
    let Some(dialog) = open(model) else { return Vec::new() };
    (dialog.applying, dialog.agreed, dialog.asking) = (None, false, None);
    if done > 0 {
        if dialog.files().is_some() {
            return work::applied(model);
        }
        // What is left is planned anew only if that is asked for; what was done, failed and was not tried is told apart.
        let effects = leave(model);
        if open(model).is_none() {
            model.overlays.push(Overlay::Past { id, scroll: 0 });
        }
        return effects;
    }
    if trouble.kind == TroubleKind::Conflict {
        // Something moved in the last instant. The plan is made anew from what is there, and must be approved anew.
        dialog.tell("it changed in the instant before it was applied; nothing was sent".to_owned());
        return again(model);
    }
    // The answers on the screen have proved wrong: ask again.
    ask(model)
}
