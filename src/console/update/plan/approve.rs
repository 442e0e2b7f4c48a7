//! Yes and no to the plan that is open.

use super::super::super::effect::Effect;
use super::super::super::keymap::{Command, Layer};
use super::super::super::model::overlay::{Prompt, Purpose};
use super::super::super::model::plan::{Agreeing, Draft, Origin, PlanDialog};
use super::super::super::model::{Level, Model};
use super::{leave, open};
use crate::plan::history::Trial;
use crate::plan::{Confirm, Plan};

/// For how long a plan must have been on the screen before a key can mean it, in milliseconds: nobody reads and presses
/// faster, so a key that comes sooner was typed ahead.
const GLANCE: i64 = 200;

/// The operator says yes to what the last drawn frame showed; as a trial, if it is to be taken back unless it is kept.
pub fn approve(model: &mut Model, trial: Option<Trial>) -> Vec<Effect> {
    let (drawn, read_only, generation) =
        (model.drawn.map(|(shown, _)| shown), model.here.read_only, model.here.generation);
    let unseen = model.drawn.is_some_and(|(_, since)| model.now - since < GLANCE);
    let request = model.next_request();
    let (confirm, locked) = (model.here.confirm, model.here.locked);
    let Some(dialog) = open(model) else { return Vec::new() };
    if dialog.applying.is_some() {
        model.say(Level::Info, "it is being applied");
        return Vec::new();
    }
    let refusal = match (dialog.digest, drawn) {
        _ if read_only => Some(why_read_only(locked)),
        (None, _) | (_, None) => Some("the server has not answered yet: nothing was approved".to_owned()),
        (Some(now), Some(shown)) if now != shown => {
            Some("the plan has changed since it was shown: look again, then approve it".to_owned())
        }
        _ if !dialog.plan.is_ready() => Some(unready(&dialog.plan)),
        _ if unseen && !dialog.agreed => Some("it has only just appeared: look at it, then approve it".to_owned()),
        _ => None,
    };
    let shown = match (refusal, drawn) {
        (None, Some(shown)) => shown,
        (refusal, _) => {
            model.say(Level::Warning, refusal.unwrap_or_default());
            return Vec::new();
        }
    };
    // What has been typed was typed for this very plan.
    let typed = dialog.agreeing.take_if(|agreeing| agreeing.typed && agreeing.shown == shown).is_some();
    let name =
        dialog.plan.typed.clone().or_else(|| (confirm == Confirm::Name).then(|| dialog.plan.target.context.clone()));
    if let Some(name) = name.filter(|_| !typed) {
        dialog.agreeing = Some(Agreeing { shown, name, trial, typed: false });
        model.prompt = Some(Prompt::new(Purpose::Agree, ""));
        return Vec::new();
    }
    dialog.applying = Some(String::new());
    dialog.asking = Some(request);
    let plan = Box::new(dialog.plan.clone());
    vec![Effect::Apply { request, generation, plan, shown, trial }]
}

fn why_read_only(locked: Option<&str>) -> String {
    match locked {
        Some(why) => format!("the console is read-only: {why}"),
        None => "the console is read-only, for this session: `:readwrite` ends that".to_owned(),
    }
}

/// A name was typed to agree to the open plan.
pub fn agree(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(agreeing) = open(model).and_then(|dialog| dialog.agreeing.as_mut()) else { return Vec::new() };
    if text.trim() != agreeing.name {
        let words = format!("{} is not {}: nothing was applied", text.trim(), agreeing.name);
        model.say(Level::Warning, words);
        return Vec::new();
    }
    agreeing.typed = true;
    let trial = agreeing.trial;
    approve(model, trial)
}

/// Asks for how long the plan is to be on trial.
pub fn ask_trial(model: &mut Model) {
    if open(model).is_some_and(|dialog| dialog.applying.is_none()) {
        model.prompt = Some(Prompt::new(Purpose::Trial, "10m"));
    }
}

/// Applies the plan as a trial of this length: `10m`, `1h 30m`.
pub fn try_for(model: &mut Model, text: &str) -> Vec<Effect> {
    match text.trim().parse::<jiff::SignedDuration>() {
        Ok(time) if time.as_secs() > 0 => {
            let until = Some(model.seconds() + time.as_secs());
            approve(model, Some(Trial { until }))
        }
        _ => {
            model
                .say(Level::Warning, format!("{text} is no length of time, such as 10m or 1h30m; nothing was applied"));
            Vec::new()
        }
    }
}

/// A frame was drawn. What was agreed to before is applied now that it can be seen.
pub fn drawn(model: &mut Model) -> Vec<Effect> {
    let shown = model.drawn.map(|(shown, _)| shown);
    let agreed = |dialog: &&mut PlanDialog| {
        dialog.agreed && dialog.applying.is_none() && dialog.digest.is_some() && dialog.digest == shown
    };
    let Some(dialog) = open(model).filter(agreed) else { return Vec::new() };
    if dialog.plan.is_ready() {
        return approve(model, None);
    }
    // Somebody has to look at it.
    dialog.agreed = false;
    Vec::new()
}

fn unready(plan: &Plan) -> String {
    if let Some(block) = plan.blocks.first() {
        return format!("{block}; nothing was sent");
    }
    let step = plan.steps().find(|step| !step.answer.as_ref().is_some_and(crate::plan::Answer::is_good));
    match step.and_then(|step| Some((step, step.answer.as_ref()?))) {
        Some((step, answer)) => format!("{}: {}; nothing was sent", step.object.title(), answer.words()),
        None => "there is nothing to change".to_owned(),
    }
}

/// The operator says no; or stop, when it is being applied.
pub fn cancel(model: &mut Model) -> Vec<Effect> {
    if open(model).is_some_and(|dialog| dialog.applying.is_some()) {
        model.say(Level::Warning, "what was sent already cannot be called back; nothing more is sent");
        return vec![Effect::Stop];
    }
    model.drafting = None;
    let rest = open(model).is_some_and(|dialog| matches!(dialog.origin, Origin::Draft(Draft::Given(_))));
    if rest {
        let undo = model.keymap.keys(&[Layer::Global], Command::Undo).first().map(ToString::to_string);
        let undo = undo.map(|key| format!("; {key} takes that back, too")).unwrap_or_default();
        model.say(Level::Warning, format!("nothing more was changed: what was applied before stays{undo}"));
    } else {
        model.say(Level::Info, "nothing was changed");
    }
    leave(model)
}
