//! From an action to an applied plan: read, plan, ask, show, approve, apply, wait.

use serde_json::Value;

use super::super::effect::Effect;
use super::super::keymap::{Command, Layer};
use super::super::model::overlay::{Overlay, Prompt, Purpose};
use super::super::model::plan::{Agreeing, Choice, Draft, Drafted, Drafting, Origin, PlanDialog};
use super::super::model::{Awaited, Fetching, Level, Model};
use super::super::msg::Applied;
use super::{history, pause, work};
use crate::action::{self, Action, Need, Offer, Selection, whatif};
use crate::plan::answered::Answered;
use crate::plan::drift::{Drift, drift};
use crate::plan::history::Trial;
use crate::plan::settled;
use crate::plan::trace::Trace;
use crate::plan::undo::Wish;
use crate::plan::{Before, Confirm, Keep, Plan, Propagation};
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
    if !knows_identity(model, &title) {
        return Vec::new();
    }
    make(model, action, selection, &[])
}

/// A plan is valid for an identity: without one there is none.
fn knows_identity(model: &mut Model, title: &str) -> bool {
    let known = model.world.identity.is_some();
    if !known {
        model.say(Level::Warning, format!("{title}: the server has not said yet who we are"));
    }
    known
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
    let namespace = model.namespace.as_deref().unwrap_or("default").to_owned();
    vec![Effect::Draft { request, draft: Box::new(draft), target: model.target(), namespace }]
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

/// Shows a plan (in place of the one that is open) and asks the server about it.
fn show(model: &mut Model, plan: Plan, origin: Origin, choices: Vec<Choice>, agreed: bool) -> Vec<Effect> {
    let followed = model.next_request();
    let mut dialog = PlanDialog::new(plan.clone(), origin, choices, followed, model.now);
    // Where nothing is to be asked, what is selected is changed as soon as it can be seen; what is lost for good is asked about.
    let unasked = model.confirm == Confirm::None && matches!(dialog.origin, Origin::Action { .. });
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
    model.asked.retain(|(_, trace)| trace.until.is_none_or(|until| until + HOUR >= from));
    for step in plan.steps() {
        let (object, tenant) = (step.object.clone(), model.tenant_of(&step.object));
        model.asked.push((request, Trace { object, tenant, from, until: None, tried: true }));
    }
    let excess = model.asked.len().saturating_sub(KEPT);
    model.asked.drain(..excess);
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
            Some(action) => make(model, action, selection, &[]),
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

/// The server has answered.
pub fn previewed(model: &mut Model, request: u64, answered: Answered) -> Vec<Effect> {
    let now = model.seconds();
    for (_, trace) in model.asked.iter_mut().filter(|(asked, _)| *asked == request) {
        trace.until = Some(now);
    }
    let consequence = whatif::consequence(&model.world, &answered.plan);
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

/// The operator says yes to what the last drawn frame showed; as a trial, if it is to be taken back unless it is kept.
pub fn approve(model: &mut Model, trial: Option<Trial>) -> Vec<Effect> {
    let (drawn, read_only, generation) = (model.drawn.map(|(shown, _)| shown), model.read_only, model.generation);
    let unseen = model.drawn.is_some_and(|(_, since)| model.now - since < GLANCE);
    let request = model.next_request();
    let (confirm, locked) = (model.confirm, model.locked);
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
    let is_here = model.is_of(&past.target);
    let now = model.now;
    let goals = goals.into_iter().map(|goal| Awaited { goal, since: now, missing: Vec::new(), late: false });
    if is_here {
        model.awaited.extend(goals);
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
