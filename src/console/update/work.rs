//! The workbench: files as a plan that is made anew whenever they are saved, and stays when it was applied.

use super::super::effect::Effect;
use super::super::model::overlay::Overlay;
use super::super::model::plan::{Choice, Draft, Origin, PlanDialog};
use super::super::model::{Level, Model};
use super::plan;
use crate::plan::{Answer, Plan};
use crate::world::trouble::{Trouble, TroubleKind};

/// What fields that others manage are called in the choice.
pub const FORCE: &str = "take over the fields that others manage";

/// The path of a command line that opens the workbench. It may hold anything: blanks, `@`, `/`.
pub fn path(text: &str) -> Option<&str> {
    let (word, rest) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
    (word == "work").then(|| rest.trim())
}

/// Opens the workbench.
pub fn open(model: &mut Model, path: &str) -> Vec<Effect> {
    if path.is_empty() {
        model.say(Level::Warning, "which files? `:work k8s/` takes a file, a folder or a kustomization");
        return Vec::new();
    }
    if path == "-" {
        model.say(Level::Warning, "the console has the keyboard: `tenantry apply -` reads standard input");
        return Vec::new();
    }
    let mut effects = plan::draft(model, Draft::Files { path: path.to_owned(), force: false, prune: false }, false);
    if !effects.is_empty() {
        effects.push(Effect::WatchFiles(path.to_owned()));
    }
    effects
}

/// Files were changed. Whoever saves one wants to see what it does: whatever lies over the workbench goes.
pub fn changed(model: &mut Model, path: &str) -> Vec<Effect> {
    let is_it = |overlay: &Overlay| matches!(overlay, Overlay::Plan(dialog) if dialog.files() == Some(path));
    let Some(at) = model.overlays.iter().rposition(is_it) else {
        return match &model.drafting {
            // The first plan is only being made.
            Some(drafting) if matches!(&drafting.draft, Draft::Files { path: drawn, .. } if drawn == path) => {
                let made = drafting.draft.clone();
                plan::draft(model, made, false)
            }
            _ => vec![Effect::UnwatchFiles],
        };
    };
    // What is being applied, or being agreed to, is not taken from the screen; it is planned anew afterwards.
    let busy = |overlay: &Overlay| matches!(overlay, Overlay::Plan(dialog) if dialog.applying.is_some());
    if model.overlays.iter().skip(at).any(busy) {
        return Vec::new();
    }
    model.overlays.truncate(at + 1);
    if let Some(dialog) = plan::open(model) {
        dialog.drift.clear();
        dialog.agreeing = None;
    }
    plan::again(model)
}

/// The files, or what stands in a form, cannot be planned: what is wrong stands where the plan would.
pub fn faulty(model: &mut Model, draft: Draft, trouble: Trouble) -> Vec<Effect> {
    let title = match &draft {
        Draft::Files { path, .. } => format!("Apply {path}"),
        _ => "Create a tenant".to_owned(),
    };
    let plan = Plan { title, target: model.here.target(), ..Plan::default() };
    let followed = model.next_request();
    let mut dialog = PlanDialog::new(plan, Origin::Draft(draft), Vec::new(), followed, model.now);
    dialog.fault = Some(trouble);
    if let Some(shown) = plan::open(model) {
        dialog.form = shown.form.take();
        model.overlays.pop();
    }
    model.overlays.push(Overlay::Plan(Box::new(dialog)));
    vec![Effect::Unfollow]
}

/// Offers to take over what others manage, where that is what a step is refused for.
pub fn offer(dialog: &mut PlanDialog) {
    let Origin::Draft(Draft::Files { force, .. } | Draft::Written { force, .. }) = &dialog.origin else { return };
    let managed = |answer: &Answer| matches!(answer, Answer::Refused(trouble) if trouble.kind == TroubleKind::Managed);
    let refused = dialog.plan.steps().any(|step| step.answer.as_ref().is_some_and(managed));
    let force = (*force || refused).then(|| Choice { title: FORCE.to_owned(), on: *force, switch: None });
    let others = std::mem::take(&mut dialog.choices).into_iter().filter(|choice| choice.title != FORCE);
    dialog.choices = force.into_iter().chain(others).collect();
}

/// Takes back what was applied last, over the workbench.
pub fn take_back(model: &mut Model) -> Vec<Effect> {
    if plan::open(model).is_some_and(|dialog| dialog.files().is_some() && dialog.applying.is_none()) {
        return super::history::undo(model);
    }
    model.say(Level::Info, "this plan is to be answered first");
    Vec::new()
}

/// It was applied, or some of it: it is made anew, to be looked at. What was taken over or deleted once is not again unasked.
pub fn applied(model: &mut Model) -> Vec<Effect> {
    if let Some(dialog) = plan::open(model) {
        (dialog.applying, dialog.agreed, dialog.asking) = (None, false, None);
        dialog.drift.clear();
        if let Origin::Draft(Draft::Files { force, prune, .. }) = &mut dialog.origin {
            (*force, *prune) = (false, false);
        }
    }
    plan::again(model)
}
