//! Sizes of panes, and which of them are shown.

use super::super::effect::Effect;
use super::super::model::arrangement::Growth;
use super::super::model::kept::Kept;
use super::super::model::offer::hint;
use super::super::model::{Level, Model};
use super::nav;

/// Makes the focused pane larger or smaller.
pub fn grow(model: &mut Model, growth: Growth) -> Vec<Effect> {
    let (pane, wide) = (model.here.focus, model.is_wide());
    if !model.arrangement_mut().grow(pane, growth, wide) {
        model.say(Level::Info, "this pane has nothing beside it to share with in that direction");
        return Vec::new();
    }
    keep(model)
}

/// Hides the focused pane.
pub fn hide(model: &mut Model) -> Vec<Effect> {
    let pane = model.here.focus;
    if !model.arrangement_mut().hide(pane) {
        model.say(Level::Info, "it is the only pane that is shown");
        return Vec::new();
    }
    nav::focus_by(model, 0);
    let key = hint(model, super::super::keymap::Command::PaneAll, "shows it again");
    model.say(Level::Info, format!("the pane is hidden{key}"));
    keep(model)
}

/// Shows all panes.
pub fn all(model: &mut Model) -> Vec<Effect> {
    let hidden = std::mem::take(&mut model.arrangement_mut().hidden);
    model.say(Level::Info, if hidden.is_empty() { "all panes are shown" } else { "all panes are shown again" });
    keep(model)
}

/// Keeps what is to be found again in the next run.
pub fn keep(model: &Model) -> Vec<Effect> {
    vec![Effect::Keep(Box::new(Kept::of(model)))]
}
