//! Making a plan: of an action, of what must be read first, of another choice.

use serde_json::Value;

use super::super::super::effect::Effect;
use super::super::super::model::overlay::{Prompt, Purpose};
use super::super::super::model::plan::{Draft, Drafted, Drafting, Origin};
use super::super::super::model::{Fetching, Level, Model};
use super::super::{history, pause, work};
use super::{again, close, leave, lies_over, open, show};
use crate::action::{self, Action, Need, Offer, Selection};
use crate::plan::undo::Wish;
use crate::plan::{Keep, Propagation};
use crate::world::trouble::{Trouble, TroubleKind};

/// Starts an action on what is selected.
pub fn start(model: &mut Model, action: &'static Action) -> Vec<Effect> {
    let selection = model.selection();
    let title = (action.title)(&model.here.world, &selection);
    match (action.offer)(&model.here.world, &selection) {
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
    if !knows_identity(model, &title) {
        return Vec::new();
    }
    make(model, action, selection, &[])
}

/// A plan is valid for an identity: without one there is none.
fn knows_identity(model: &mut Model, title: &str) -> bool {
    let known = model.here.world.identity.is_some();
    if !known {
        model.say(Level::Warning, format!("{title}: the server has not said yet who we are"));
    }
    known
}

/// Asks the action for its plan, given what has been read.
pub(super) fn make(model: &mut Model, action: &'static Action, selection: Selection, reads: &[Value]) -> Vec<Effect> {
    let target = model.here.target();
    match (action.plan)(&model.here.world, &selection, &target, reads) {
        Need::Impossible(reason) => {
            model.say(Level::Warning, reason);
            Vec::new()
        }
        Need::Reads(objects) => {
            let request = model.next_request();
            model.fetching = Some(Fetching { request, action: action.id, selection, since: model.now });
            vec![Effect::Read { request, objects }]
        }
        Need::Survey(wish) => pause::plan(model, *wish),
        Need::Direction => {
            model.prompt = Some(Prompt::new(Purpose::Direction, ""));
            Vec::new()
        }
        Need::Ready(plan) => show(model, *plan, Origin::Action { id: action.id, selection }, Vec::new(), false),
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
            let open = open(model).and_then(|dialog| dialog.plan.steps().next().map(|step| step.object.title()));
            close(model);
            match open.filter(|_| trouble.kind == TroubleKind::NotFound) {
                Some(title) => model.say(Level::Warning, format!("{title} has been deleted; the plan was closed")),
                None => model.say_trouble(Level::Failure, &trouble),
            }
            vec![Effect::Unfollow]
        }
    }
}

/// Begins to make a plan of something that must be read first. `agreed`: it is applied as soon as it can be seen.
pub fn draft(model: &mut Model, draft: Draft, agreed: bool) -> Vec<Effect> {
    if !knows_identity(model, &draft.words()) {
        return Vec::new();
    }
    let request = model.next_request();
    model.drafting = Some(Drafting { request, draft: draft.clone(), agreed });
    if let Some(dialog) = open(model).filter(|dialog| !lies_over(&draft, dialog)) {
        // What is on the screen is about to be replaced: it can no longer be approved.
        dialog.forget_answers();
        dialog.asking = Some(request);
    }
    let namespace = model.here.namespace.as_deref().unwrap_or("default").to_owned();
    vec![Effect::Draft { request, draft: Box::new(draft), target: model.here.target(), namespace }]
}

/// A plan was made, or could not be.
pub fn drafted(model: &mut Model, request: u64, drafted: Result<Drafted, Trouble>) -> Vec<Effect> {
    let Some(drafting) = model.drafting.take_if(|drafting| drafting.request == request) else { return Vec::new() };
    match drafted {
        Ok(Drafted { plan, choices }) => show(model, plan, Origin::Draft(drafting.draft), choices, drafting.agreed),
        Err(trouble) if matches!(drafting.draft, Draft::Files { .. } | Draft::Blueprint { .. }) => {
            work::faulty(model, drafting.draft, trouble)
        }
        Err(trouble) => {
            history::not_drafted(model, &drafting.draft, &trouble);
            model.say_trouble(Level::Failure, &trouble);
            // What it was to replace goes with it; a workbench stays.
            if open(model).is_some_and(|dialog| dialog.files().is_some()) {
                return again(model);
            }
            leave(model)
        }
    }
}

/// Makes the plan with another choice.
pub fn choose(model: &mut Model, which: usize) -> Vec<Effect> {
    let Some(dialog) = open(model).filter(|dialog| dialog.applying.is_none()) else { return Vec::new() };
    let is_force = dialog.choices.get(which).is_some_and(|choice| choice.title == work::FORCE);
    let Some((on, switch)) = dialog.choices.get(which).map(|choice| (!choice.on, choice.switch)) else {
        model.say(Level::Info, "there is nothing to choose about it");
        return Vec::new();
    };
    let Origin::Draft(made) = &mut dialog.origin else { return Vec::new() };
    match made {
        Draft::Earlier { wish: Wish::Undo { also_theirs }, .. } => *also_theirs = on,
        Draft::Delete { keep, .. } if which == 2 => *keep = on.then(Keep::default),
        Draft::Delete { keep, .. } if which == 3 => *keep = Some(Keep { secrets: on, ..Keep::default() }),
        Draft::Delete { propagation, .. } => {
            *propagation = match (which, on) {
                (0, true) => Propagation::Foreground,
                (1, true) => Propagation::Orphan,
                _ => Propagation::Background,
            }
        }
        Draft::Files { force, .. } if is_force => *force = on,
        Draft::Written { force, .. } => *force = on,
        Draft::Files { prune, .. } => *prune = on,
        Draft::Pause(wish) => {
            if let Some(switch) = switch {
                wish.options.set(switch, on);
            }
        }
        Draft::Earlier { .. }
        | Draft::Edited { .. }
        | Draft::Leftovers { .. }
        | Draft::Revoke { .. }
        | Draft::Small { .. }
        | Draft::Blueprint { .. }
        | Draft::Given(_) => {}
    }
    again(model)
}
