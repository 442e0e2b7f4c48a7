//! The form beside the plan of a blueprint: moving about, typing, choosing. Each change plans anew; the latest wins.

use super::super::effect::Effect;
use super::super::model::form::Form;
use super::super::model::list::Step;
use super::super::model::overlay::{Overlay, Prompt, Purpose};
use super::super::model::plan::{Origin, PlanDialog};
use super::super::model::{Level, Model};
use super::plan;
use crate::blueprint::sheet::{Sheet, tenant_field};
use crate::plan::Plan;

/// The blueprint that a form begins with.
const FIRST: &str = "web";

/// Opens the form, for a tenant of this name; without one its name is what is typed first.
pub fn begin(model: &mut Model, tenant: &str) -> Vec<Effect> {
    let mut form = Form { name: FIRST.to_owned(), ..Form::default() };
    tenant.clone_into(&mut form.asked.tenant);
    // Until the cluster has been asked there is the tenant's name alone.
    form.sheet.fields.push(tenant_field(tenant));
    form.cursor = 1;
    let draft = form.draft();
    let plan = Plan { title: "Create a tenant".to_owned(), target: model.here.target(), ..Plan::default() };
    let followed = model.next_request();
    let mut dialog = PlanDialog::new(plan, Origin::Draft(draft.clone()), Vec::new(), followed, model.now);
    dialog.form = Some(Box::new(form));
    if model.here.world.identity.is_none() {
        return plan::draft(model, draft, false);
    }
    model.overlays.push(Overlay::Plan(Box::new(dialog)));
    let effects = plan::draft(model, draft, false);
    if tenant.is_empty() {
        model.prompt = Some(Prompt::new(Purpose::Field, ""));
        if let Some(form) = open(model) {
            form.before = Some(String::new());
        }
    }
    effects
}

/// The form that is open.
pub fn open(model: &mut Model) -> Option<&mut Form> {
    plan::open(model).filter(|dialog| dialog.applying.is_none()).and_then(|dialog| dialog.form.as_deref_mut())
}

/// What comes of what was decided has been found out.
pub fn looked_at(model: &mut Model, request: u64, sheet: Sheet, names: Vec<String>) {
    if model.drafting.as_ref().is_some_and(|drafting| drafting.request == request)
        && let Some(form) = open(model)
    {
        form.take(sheet, names);
    }
}

/// Moves to another row; whether there is a form.
pub fn step(model: &mut Model, step: Step) -> bool {
    let Some(form) = open(model) else { return false };
    let last = form.rows().len().saturating_sub(1);
    form.cursor = match step {
        Step::By(rows) => form.cursor.saturating_add_signed(rows).min(last),
        Step::First => 0,
        Step::Last => last,
    };
    true
}

/// Types in the row under the cursor; where there is something to choose the next is chosen.
pub fn edit(model: &mut Model) -> Vec<Effect> {
    let Some(form) = open(model) else { return Vec::new() };
    let row = form.row();
    if !form.options(row).is_empty() {
        return choose(model, true);
    }
    let text = form.text(row);
    form.before = Some(text.clone());
    model.prompt = Some(Prompt::new(Purpose::Field, &text));
    Vec::new()
}

/// Puts the next of what can be chosen into the row under the cursor, or the one before.
pub fn choose(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some(form) = open(model) else { return Vec::new() };
    let row = form.row();
    let mut options = form.options(row);
    if options.is_empty() {
        options = form.suggestions(row);
    }
    let count = options.len();
    if count < 2 {
        let words =
            if count == 0 { "this is typed: there is nothing to choose from" } else { "there is no other choice" };
        model.say(Level::Info, words);
        return Vec::new();
    }
    let now = form.text(row);
    let at = options.iter().position(|option| *option == now);
    let next = match (at, forward) {
        (Some(at), true) => (at + 1) % count,
        (Some(at), false) => (at + count - 1) % count,
        (None, _) => 0,
    };
    let text = options.swap_remove(next);
    form.set(&text);
    anew(model)
}

/// Something was typed into the row under the cursor.
pub fn typed(model: &mut Model) -> Vec<Effect> {
    let Some(Prompt { purpose: Purpose::Field, text, .. }) = &model.prompt else { return Vec::new() };
    let text = text.clone();
    let Some(form) = open(model) else { return Vec::new() };
    if form.text(form.row()) == text {
        return Vec::new();
    }
    form.set(&text);
    anew(model)
}

/// What was typed stays; the next row is at hand.
pub fn entered(model: &mut Model) -> Vec<Effect> {
    if let Some(form) = open(model) {
        form.before = None;
    }
    step(model, Step::By(1));
    Vec::new()
}

/// What was typed is taken back.
pub fn given_up(model: &mut Model) -> Vec<Effect> {
    model.prompt = None;
    let Some(form) = open(model) else { return Vec::new() };
    let Some(before) = form.before.take().filter(|before| *before != form.text(form.row())) else { return Vec::new() };
    form.set(&before);
    anew(model)
}

/// Plans what is decided now.
fn anew(model: &mut Model) -> Vec<Effect> {
    let Some(form) = open(model) else { return Vec::new() };
    let draft = form.draft();
    if let Some(dialog) = plan::open(model) {
        dialog.origin = Origin::Draft(draft.clone());
        dialog.drift.clear();
    }
    plan::draft(model, draft, false)
}
