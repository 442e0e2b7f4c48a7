//! Whether a command applies to what is on the screen, and why not: dispatch, hints and help ask the same function.

use super::Model;
use super::document::{Form, selected_of, under_cursor_of};
use super::overlay::Overlay;
use super::page::action_of;
use super::plan::{Draft, Origin};
use crate::action::Offer;
use crate::console::keymap::Command;

/// Whether a command applies here and now. What always applies, or finds out only while it is done, is offered.
pub fn offer(model: &Model, command: Command) -> Offer {
    match action_of(command) {
        Some(action) => (action.offer)(&model.here.world, &model.selection()),
        None => offered(model, model.overlays.last(), command),
    }
}

/// The same on the panes, whatever lies over them.
pub fn offer_below(model: &Model, command: Command) -> Offer {
    match action_of(command) {
        Some(action) => (action.offer)(&model.here.world, &model.here.row()),
        None => offered(model, None, command),
    }
}

fn offered(model: &Model, top: Option<&Overlay>, command: Command) -> Offer {
    match why_not(model, top, command) {
        Some(reason) => Offer::No(reason),
        None => Offer::Yes,
    }
}

/// Why a command cannot be meant where this is on top.
fn why_not(model: &Model, top: Option<&Overlay>, command: Command) -> Option<String> {
    let reason = match command {
        Command::Edit | Command::PlanEdit => match top {
            Some(Overlay::Plan(dialog)) => match &dialog.origin {
                Origin::Draft(Draft::Edited { .. } | Draft::Written { .. } | Draft::Blueprint { .. }) => return None,
                _ => "this plan was not made in the editor",
            },
            _ if under_cursor_of(model, top).is_none() => "put the cursor on something that can be edited first",
            _ => return None,
        },
        Command::Delete if selected_of(model, top).0.is_empty() => {
            "put the cursor on something that can be deleted first"
        }
        Command::Describe | Command::Yaml | Command::Events if under_cursor_of(model, top).is_none() => {
            "there is nothing here to read about"
        }
        Command::Reveal => match top {
            Some(Overlay::Document(document)) if document.is_secret() && document.revealed => return None,
            Some(Overlay::Document(document)) if document.is_secret() && document.found.is_none() => {
                "it has not been read"
            }
            Some(Overlay::Document(document)) if document.is_secret() && model.here.world.identity.is_none() => {
                "the server has not said yet who we are: who looks is to be written down"
            }
            Some(Overlay::Document(document)) if document.is_secret() => return None,
            _ => "nothing is hidden here that could be shown",
        },
        Command::Status | Command::ManagedFields => match top {
            Some(Overlay::Document(document)) if document.form == Form::Yaml => return None,
            _ => "that is for an object's YAML",
        },
        Command::MoveLeft | Command::MoveRight if matches!(top, Some(Overlay::Rights(page)) if page.has_cells()) => {
            return None;
        }
        Command::OtherSide if model.beside.is_none() && !matches!(top, Some(Overlay::Contexts(_))) => {
            "nothing stands beside: `:beside CONTEXT` puts another context there"
        }
        Command::Zoom if matches!(top, Some(Overlay::Rights(_))) => return None,
        Command::AllNamespaces if matches!(top, Some(Overlay::Rights(_))) => {
            "the place stands in the question: `:who delete pods in all`"
        }
        Command::AskServer => match top {
            Some(Overlay::Rights(page)) => return page.why_not_asked(),
            _ => "that is for who may do what: `:who delete pods`, `:can alice delete pods`",
        },
        command if matches!(top, Some(Overlay::Objects(_) | Overlay::Rights(_))) && is_about_panes(command) => {
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
            | Command::ViewAs
    )
}
