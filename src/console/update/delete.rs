//! Deleting what is selected or marked.

use super::super::effect::Effect;
use super::super::keymap::Command;
use super::super::model::plan::Draft;
use super::super::model::{Level, Model, Pane, document};
use super::{keys, plan};
use crate::plan::Propagation;

/// Begins to make the plan.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    if model.overlays.is_empty() && model.focus == Pane::Access && !model.raw {
        let raw = keys::hint(model, Command::AccessRaw, "shows the bindings");
        model.say(Level::Info, format!("a grant is made by bindings, perhaps by several: those can be deleted{raw}"));
        return Vec::new();
    }
    let (objects, hidden) = document::selected(model);
    if objects.is_empty() {
        model.say(Level::Info, "put the cursor on something that can be deleted first");
        return Vec::new();
    }
    plan::draft(model, Draft::Delete { objects, hidden, propagation: Propagation::default() }, false)
}
