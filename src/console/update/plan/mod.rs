//! From an action to an applied plan: read, plan, ask, show, approve, apply, wait.

mod approve;
mod make;
mod told;

pub use approve::{agree, approve, ask_trial, cancel, drawn, try_for};
pub use make::{choose, draft, drafted, read, start};
pub use told::{applied, followed, moved, previewed, progress, unfollowed};

use super::super::effect::Effect;
use super::super::model::Model;
use super::super::model::overlay::Overlay;
use super::super::model::plan::{Choice, Draft, Origin, PlanDialog};
use crate::action;
use crate::plan::trace::Trace;
use crate::plan::{Confirm, Plan};

/// Shows a plan (in place of the one that is open) and asks the server about it.
fn show(model: &mut Model, plan: Plan, origin: Origin, choices: Vec<Choice>, agreed: bool) -> Vec<Effect> {
    let followed = model.next_request();
    let mut dialog = PlanDialog::new(plan.clone(), origin, choices, followed, model.now);
    // Where nothing is to be asked, what is selected is changed as soon as it can be seen; what is lost for good is asked about.
    let unasked = model.here.confirm == Confirm::None && matches!(dialog.origin, Origin::Action { .. });
    dialog.agreed = agreed || (unasked && dialog.plan.typed.is_none());
    let over = |shown: &PlanDialog| matches!(&dialog.origin, Origin::Draft(draft) if lies_over(draft, shown));
    if let Some(Overlay::Plan(shown)) = model.overlays.last_mut()
        && !over(shown)
    {
        dialog.drift = std::mem::take(&mut shown.drift);
        (dialog.details, dialog.cursor, dialog.scroll) = (shown.details, shown.cursor, shown.scroll);
        (dialog.noise, dialog.search) = (shown.noise, std::mem::take(&mut shown.search));
        dialog.turned = std::mem::take(&mut shown.turned);
        dialog.form = shown.form.take();
        model.overlays.pop();
    }
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
    dialog.forget_answers();
    dialog.asking = Some(request);
    dialog.since = now;
    let plan = Box::new(dialog.plan.clone());
    remember_asked(model, request, &plan);
    vec![Effect::Preview { request, plan }]
}

/// Remembers what is asked: webhooks may tell of it as if it had been done.
fn remember_asked(model: &mut Model, request: u64, plan: &Plan) {
    // Servers keep events for an hour. Of more questions than these in an hour the oldest are forgotten.
    const KEPT: usize = 2_000;
    const HOUR: i64 = 3_600;
    let from = model.seconds();
    model.here.asked.retain(|(_, trace)| trace.until.is_none_or(|until| until + HOUR >= from));
    for step in plan.steps() {
        let (object, tenant) = (step.object.clone(), model.here.tenant_of(&step.object));
        model.here.asked.push((request, Trace { object, tenant, from, until: None, tried: true }));
    }
    let excess = model.here.asked.len().saturating_sub(KEPT);
    model.here.asked.drain(..excess);
}

/// Whether a plan of this draft is shown over the open one and gives way to it again: over a workbench.
fn lies_over(draft: &Draft, shown: &PlanDialog) -> bool {
    shown.files().is_some() && !matches!(draft, Draft::Files { .. })
}

/// Makes the open plan anew, from what it came from.
pub fn again(model: &mut Model) -> Vec<Effect> {
    let Some(dialog) = open(model) else { return Vec::new() };
    match dialog.origin.clone() {
        Origin::Action { id, selection } => match action::ALL.iter().copied().find(|action| action.id == id) {
            Some(action) => make::make(model, action, selection, &[]),
            None => Vec::new(),
        },
        Origin::Draft(made) => {
            let agreed = dialog.agreed;
            draft(model, made, agreed)
        }
    }
}

/// The plan that is open.
pub fn open(model: &mut Model) -> Option<&mut PlanDialog> {
    match model.overlays.last_mut() {
        Some(Overlay::Plan(dialog)) => Some(dialog),
        _ => None,
    }
}

/// Closes the open plan; a workbench below it is made anew, since what it follows is followed no more.
fn leave(model: &mut Model) -> Vec<Effect> {
    close(model);
    let mut effects = vec![Effect::Unfollow];
    if open(model).is_some_and(|dialog| dialog.files().is_some()) {
        effects.extend(again(model));
    }
    effects
}

fn close(model: &mut Model) {
    if matches!(model.overlays.last(), Some(Overlay::Plan(_))) {
        model.overlays.pop();
    }
}
