//! From an action to an applied plan: read, plan, ask, show, approve, apply, wait.

use serde_json::Value;

use super::super::effect::Effect;
use super::super::model::overlay::{Overlay, PlanDialog};
use super::super::model::{Awaited, Fetching, Level, Model};
use super::super::msg::Applied;
use crate::action::{self, Action, Need, Offer, Selection};
use crate::plan::Plan;
use crate::plan::drift::{Drift, drift};
use crate::world::trouble::{Trouble, TroubleKind};

/// For how long a plan must have been on the screen before a key can mean it, in milliseconds: nobody reads and presses
/// faster, so a key that comes sooner was typed ahead.
const GLANCE: i64 = 200;

/// Starts an action on what is selected.
pub fn start(model: &mut Model, action: &'static Action) -> Vec<Effect> {
    let selection = model.selection();
    let title = (action.title)(&model.world, &selection);
    match (action.offer)(&model.world, &selection) {
        Offer::Absent => {
            model.say(Level::Info, format!("{title}: put the cursor on a tenant or a namespace first"));
            return Vec::new();
        }
        Offer::No(reason) => {
            model.say(Level::Warning, format!("{title}: {reason}"));
            return Vec::new();
        }
        Offer::Yes => {}
    }
    if model.world.identity.is_none() {
        model.say(Level::Warning, format!("{title}: the server has not said yet who we are"));
        return Vec::new();
    }
    make(model, action, selection, &[])
}

/// Asks the action for its plan, given what has been read.
fn make(model: &mut Model, action: &'static Action, selection: Selection, reads: &[Value]) -> Vec<Effect> {
    let target = model.target();
    match (action.plan)(&model.world, &selection, &target, reads) {
        Need::Impossible(reason) => {
            model.say(Level::Warning, reason);
            Vec::new()
        }
        Need::Reads(objects) => {
            let request = model.next_request();
            model.fetching = Some(Fetching { request, action: action.id, selection, since: model.now });
            vec![Effect::Read { request, objects }]
        }
        Need::Ready(plan) => show(model, *plan, (action.id, selection)),
    }
}

/// The objects that an action asked for have been read.
pub fn read(model: &mut Model, request: u64, objects: Result<Vec<Value>, Trouble>) -> Vec<Effect> {
    let Some(fetching) = model.fetching.take_if(|fetching| fetching.request == request) else { return Vec::new() };
    let Some(action) = action::ALL.iter().copied().find(|action| action.id == fetching.action) else {
        return Vec::new();
    };
    match objects {
        Ok(objects) => make(model, action, fetching.selection, &objects),
        Err(trouble) => {
            close(model);
            model.say_trouble(Level::Failure, &trouble);
            Vec::new()
        }
    }
}

/// Shows a plan (in place of the one that is open) and asks the server about it.
fn show(model: &mut Model, plan: Plan, origin: (&'static str, Selection)) -> Vec<Effect> {
    let followed = model.next_request();
    let drift = match model.overlays.last_mut() {
        Some(Overlay::Plan(dialog)) => {
            let drift = std::mem::take(&mut dialog.drift);
            model.overlays.pop();
            drift
        }
        _ => Vec::new(),
    };
    let dialog = PlanDialog {
        plan: plan.clone(),
        asking: None,
        since: model.now,
        followed,
        drift,
        origin,
        details: false,
        scroll: 0,
        applying: false,
    };
    model.overlays.push(Overlay::Plan(Box::new(dialog)));
    let mut effects = ask(model);
    effects.push(Effect::Follow { request: followed, plan: Box::new(plan) });
    effects
}

/// Asks the server what the open plan would do.
fn ask(model: &mut Model) -> Vec<Effect> {
    let request = model.next_request();
    let now = model.now;
    let Some(dialog) = open(model) else { return Vec::new() };
    dialog.plan.forget_answers();
    dialog.asking = Some(request);
    dialog.since = now;
    vec![Effect::Preview { request, plan: Box::new(dialog.plan.clone()) }]
}

fn open(model: &mut Model) -> Option<&mut PlanDialog> {
    match model.overlays.last_mut() {
        Some(Overlay::Plan(dialog)) => Some(dialog),
        _ => None,
    }
}

fn close(model: &mut Model) {
    if matches!(model.overlays.last(), Some(Overlay::Plan(_))) {
        model.overlays.pop();
    }
}

/// The server has answered.
pub fn previewed(model: &mut Model, request: u64, answered: &Plan) -> Vec<Effect> {
    if let Some(dialog) = open(model).filter(|dialog| dialog.asking == Some(request)) {
        dialog.asking = None;
        dialog.plan.clone_from(answered);
    }
    Vec::new()
}

/// An object of the open plan is now another.
pub fn moved(model: &mut Model, request: u64, at: usize, object: Option<Value>) -> Vec<Effect> {
    let Some(dialog) = open(model).filter(|dialog| dialog.followed == request && !dialog.applying) else {
        return Vec::new();
    };
    let Some(step) = dialog.plan.steps_mut().nth(at) else { return Vec::new() };
    let found = drift(&step.object.kind, &step.before, object.as_ref());
    match (found, object) {
        (Drift::None, _) => Vec::new(),
        // A busy tenant's status never rests: the plan holds, for the new version.
        (Drift::Bookkeeping, Some(object)) => {
            step.before = object;
            Vec::new()
        }
        (found @ (Drift::Moved { .. } | Drift::Replaced), Some(object)) => {
            let title = step.object.title();
            dialog.drift.extend(found.words(&title));
            let (id, selection) = dialog.origin.clone();
            let Some(action) = action::ALL.iter().copied().find(|action| action.id == id) else { return Vec::new() };
            // Planned anew for the object as it is now; what was on the screen can no longer be approved.
            make(model, action, selection, &[object])
        }
        (found, _) => {
            let words = found.words(&step.object.title());
            close(model);
            model.say(Level::Warning, format!("{}; the plan was closed", words.unwrap_or_default()));
            vec![Effect::Unfollow]
        }
    }
}

/// The objects of the open plan cannot be followed any more.
pub fn unfollowed(model: &mut Model, request: u64, trouble: &Trouble) -> Vec<Effect> {
    if let Some(dialog) = open(model).filter(|dialog| dialog.followed == request && !dialog.applying) {
        let words = format!(
            "its objects cannot be followed any more ({}); the server still checks their versions",
            trouble.what
        );
        if dialog.drift.last() != Some(&words) {
            dialog.drift.push(words);
        }
    }
    Vec::new()
}

/// The operator says yes to what the last drawn frame showed.
pub fn approve(model: &mut Model) -> Vec<Effect> {
    let (drawn, read_only, generation) = (model.drawn.map(|(shown, _)| shown), model.read_only, model.generation);
    let unseen = model.drawn.is_some_and(|(_, since)| model.now - since < GLANCE);
    let request = model.next_request();
    let Some(dialog) = open(model) else { return Vec::new() };
    if dialog.applying {
        model.say(Level::Info, "it is being applied");
        return Vec::new();
    }
    let refusal = match (dialog.plan.digest(), drawn) {
        _ if read_only => Some("the console is read-only: start it without --readonly to apply plans".to_owned()),
        (None, _) | (_, None) => Some("the server has not answered yet: nothing was approved".to_owned()),
        (Some(now), Some(shown)) if now != shown => {
            Some("the plan has changed since it was shown: look again, then approve it".to_owned())
        }
        _ if !dialog.plan.is_ready() => Some(unready(&dialog.plan)),
        _ if unseen => Some("it has only just appeared: look at it, then approve it".to_owned()),
        _ => None,
    };
    let shown = match (refusal, drawn) {
        (None, Some(shown)) => shown,
        (refusal, _) => {
            model.say(Level::Warning, refusal.unwrap_or_default());
            return Vec::new();
        }
    };
    dialog.applying = true;
    dialog.asking = Some(request);
    let plan = Box::new(dialog.plan.clone());
    vec![Effect::Apply { request, generation, plan, shown }]
}

fn unready(plan: &Plan) -> String {
    if plan.changes() == 0 && plan.steps().all(|step| step.answer.as_ref().is_some_and(crate::plan::Answer::is_good)) {
        return "there is nothing to change".to_owned();
    }
    let step = plan.steps().find(|step| !step.answer.as_ref().is_some_and(crate::plan::Answer::is_good));
    match step.and_then(|step| Some((step, step.answer.as_ref()?))) {
        Some((step, answer)) => format!("{}: {}; nothing was sent", step.object.title(), answer.words()),
        None => "nothing was sent".to_owned(),
    }
}

/// The operator says no.
pub fn cancel(model: &mut Model) -> Vec<Effect> {
    if open(model).is_some_and(|dialog| dialog.applying) {
        model.say(Level::Warning, "it has been sent already and cannot be called back");
        return Vec::new();
    }
    close(model);
    model.say(Level::Info, "nothing was changed");
    vec![Effect::Unfollow]
}

/// Shows or hides commands and exact words.
pub fn toggle_details(model: &mut Model) {
    if let Some(dialog) = open(model) {
        dialog.details = !dialog.details;
    }
}

/// An approved plan has been applied, or not.
pub fn applied(model: &mut Model, request: u64, applied: Applied) -> Vec<Effect> {
    let shown = open(model).is_some_and(|dialog| dialog.asking == Some(request));
    if let Some(warning) = &applied.warning {
        model.say_trouble(Level::Warning, warning);
    }
    let Some(trouble) = applied.failure else {
        if shown {
            close(model);
        }
        model.say(Level::Info, format!("{}: accepted", applied.plan.title));
        for goal in applied.plan.stages.into_iter().filter_map(|stage| stage.goal) {
            model.awaited.push(Awaited { goal, since: model.now, missing: Vec::new(), late: false });
        }
        return vec![Effect::Unfollow];
    };
    model.say_trouble(Level::Failure, &trouble);
    if !shown {
        return Vec::new();
    }
    if trouble.kind == TroubleKind::Conflict {
        // Something moved in the last instant. The plan is made anew from the object as it is, and must be approved anew.
        let origin = open(model).map(|dialog| {
            dialog.applying = false;
            dialog.drift.push("it changed in the instant before it was applied; nothing was sent".to_owned());
            dialog.origin.clone()
        });
        if let Some((id, selection)) = origin
            && let Some(action) = action::ALL.iter().copied().find(|action| action.id == id)
        {
            return make(model, action, selection, &[]);
        }
    }
    if let Some(dialog) = open(model) {
        dialog.applying = false;
        dialog.asking = None;
    }
    // The answers on the screen have proved wrong: ask again.
    if applied.done == 0 { ask(model) } else { Vec::new() }
}
