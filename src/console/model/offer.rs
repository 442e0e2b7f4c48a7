//! Whether a command applies to what is on the screen, and why not: dispatch, hints and help ask the same function.

use super::document::{Form, selected, under_cursor};
use super::overlay::Overlay;
use super::page::action_of;
use super::plan::{Draft, Origin};
use super::{Model, Pane};
use crate::action::Offer;
use crate::console::keymap::Command;

/// Whether a command applies here and now. What always applies, or finds out only while it is done, is offered.
pub fn offer(model: &Model, command: Command) -> Offer {
    if let Some(action) = action_of(command) {
        return (action.offer)(&model.world, &model.selection());
    }
    match why_not(model, command) {
        Some(reason) => Offer::No(reason),
        None => Offer::Yes,
    }
}

/// Why a command cannot be meant here.
fn why_not(model: &Model, command: Command) -> Option<String> {
    let reason = match command {
        Command::Edit | Command::PlanEdit => match model.overlays.last() {
            Some(Overlay::Plan(dialog)) => match &dialog.origin {
                Origin::Draft(Draft::Edited { .. } | Draft::Written { .. } | Draft::Blueprint { .. }) => return None,
                _ => "this plan was not made in the editor",
            },
            _ if under_cursor(model).is_none() => "put the cursor on something that can be edited first",
            _ => return None,
        },
        Command::Delete if is_grant(model) => {
            let raw = hint(model, Command::AccessRaw, "shows the bindings");
            return Some(format!("a grant is made by bindings, perhaps by several: those can be deleted{raw}"));
        }
        Command::Delete if selected(model).0.is_empty() => "put the cursor on something that can be deleted first",
        Command::Describe | Command::Yaml | Command::Events if under_cursor(model).is_none() => {
            "there is nothing here to read about"
        }
        Command::Reveal => match model.overlays.last() {
            Some(Overlay::Document(document)) if document.is_secret() && document.revealed => return None,
            Some(Overlay::Document(document)) if document.is_secret() && document.found.is_none() => {
                "it has not been read"
            }
            Some(Overlay::Document(document)) if document.is_secret() && model.world.identity.is_none() => {
                "the server has not said yet who we are: who looks is to be written down"
            }
            Some(Overlay::Document(document)) if document.is_secret() => return None,
            _ => "nothing is hidden here that could be shown",
        },
        Command::Status | Command::ManagedFields => match model.overlays.last() {
            Some(Overlay::Document(document)) if document.form == Form::Yaml => return None,
            _ => "that is for an object's YAML",
        },
        command if model.objects().is_some() && is_about_panes(command) => {
            let back = hint(model, Command::Back, "goes back to them");
            return Some(format!("that is for the panes{back}"));
        }
        _ => return None,
    };
    Some(reason.to_owned())
}

/// `; ? shows the keys`, if the command has a key.
pub fn hint(model: &Model, command: Command, does: &str) -> String {
    model.keymap.keys(model.layers(), command).first().map(|key| format!("; {key} {does}")).unwrap_or_default()
}

/// Whether the row under the cursor is a grant: several bindings may make it.
fn is_grant(model: &Model) -> bool {
    model.overlays.is_empty() && model.focus == Pane::Access && !model.raw
}

/// Whether a command moves or changes the panes, which lie below a page of objects.
const fn is_about_panes(command: Command) -> bool {
    matches!(
        command,
        Command::FocusNext
            | Command::FocusPrevious
            | Command::MoveLeft
            | Command::MoveRight
            | Command::Zoom
            | Command::PaneWider
            | Command::PaneNarrower
            | Command::PaneTaller
            | Command::PaneLower
            | Command::PaneHide
            | Command::PaneAll
            | Command::AccessRaw
    )
}
