//! Pause and resume, from the keys and words to the plan.

use super::super::effect::Effect;
use super::super::model::overlay::{Prompt, Purpose};
use super::super::model::plan::{Draft, Origin};
use super::super::model::{Level, Model};
use super::plan::{again, draft, open};
use crate::action::pause::{self, Direction, Wish};
use crate::action::{Need, Selection};
use crate::world::name::Name;

/// Makes the plan of a wish.
pub fn plan(model: &mut Model, mut wish: Wish) -> Vec<Effect> {
    wish.at = model.seconds();
    draft(model, Draft::Pause(Box::new(wish)), false)
}

/// `:pause`, `:pause REASON`, `:pause TENANT REASON`, and `:resume` the same.
pub fn said(model: &mut Model, direction: Direction, text: &str) -> Vec<Effect> {
    let text = text.trim().split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim());
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let named = Name::from(first);
    let is_tenant = model.here.world.tenant_names().contains(&named);
    let (selection, reason) =
        if is_tenant { (Selection::Tenant(named), rest.trim()) } else { (model.selection(), text) };
    begin(model, &selection, direction, reason)
}

/// The answer to which way to go.
pub fn go(model: &mut Model, text: &str) -> Vec<Effect> {
    let text = text.trim().to_lowercase();
    let is = |word: &str| !text.is_empty() && word.starts_with(&text);
    let direction = match (is("pause"), is("resume")) {
        (true, false) => Direction::Pause,
        (false, true) => Direction::Resume,
        _ => {
            model.say(Level::Warning, format!("{text} is neither pause nor resume; nothing was changed"));
            return Vec::new();
        }
    };
    let selection = model.selection();
    begin(model, &selection, direction, "")
}

fn begin(model: &mut Model, selection: &Selection, direction: Direction, reason: &str) -> Vec<Effect> {
    match pause::wish(&model.here.world, selection, Some(direction)) {
        Need::Survey(mut wish) => {
            reason.clone_into(&mut wish.reason);
            plan(model, *wish)
        }
        Need::Impossible(words) => {
            model.say(Level::Info, words);
            Vec::new()
        }
        Need::Reads(_) | Need::Direction | Need::Ready(_) => Vec::new(),
    }
}

/// The wish that the open plan was made of, if it is a pause or a resume that can still be changed.
fn wish(model: &mut Model) -> Option<&mut Wish> {
    let dialog = open(model).filter(|dialog| dialog.applying.is_none())?;
    match &mut dialog.origin {
        Origin::Draft(Draft::Pause(wish)) => Some(wish),
        _ => None,
    }
}

/// Leaves what is under the cursor out of the plan.
pub fn leave(model: &mut Model) -> Vec<Effect> {
    let step = super::super::view::plan_step(model);
    let path: Option<String> =
        open(model).zip(step).and_then(|(dialog, step)| Some(dialog.plan.steps().nth(step)?.object.path()));
    if let (Some(path), Some(dialog)) = (&path, open(model))
        && let Origin::Draft(Draft::Leftovers { leave }) = &mut dialog.origin
    {
        leave.push(path.clone());
        return again(model);
    }
    match (path, wish(model)) {
        (Some(path), Some(wish)) => {
            wish.options.leave.insert(path);
            again(model)
        }
        (None, Some(_)) => {
            model.say(Level::Info, "put the cursor on what is to be left out first");
            Vec::new()
        }
        (_, None) => {
            model.say(Level::Info, "nothing can be left out of this plan");
            Vec::new()
        }
    }
}

/// Asks why it is paused.
pub fn ask_why(model: &mut Model) {
    let reason = wish(model).map(|wish| wish.reason.clone());
    match reason {
        Some(reason) => model.prompt = Some(Prompt::new(Purpose::Why, &reason)),
        None => model.say(Level::Info, "this plan asks for no reason"),
    }
}

/// Takes the reason down.
pub fn because(model: &mut Model, reason: &str) -> Vec<Effect> {
    let Some(wish) = wish(model) else { return Vec::new() };
    reason.clone_into(&mut wish.reason);
    again(model)
}
