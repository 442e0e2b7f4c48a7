//! A key press: into the text field if one is open, else through the keymap to a command. Every key does something visible,
//! or says why not.

use super::super::effect::Effect;
use super::super::keymap::{Command, Key};
use super::super::model::list::Step;
use super::super::model::overlay::{Overlay, Prompt, Purpose};
use super::super::model::page;
use super::super::model::{Breadth, Level, Model, Pane};
use super::{command, nav, plan, prompt};
use crate::world::trouble::TroubleKind;

/// Takes a key press.
pub fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    if model.prompt.is_some() {
        return prompt::press(model, key);
    }
    let Some(command) = model.keymap.resolve(model.layers(), key) else {
        let help = hint(model, Command::Help);
        model.say(Level::Info, format!("{key} does nothing here{help}"));
        return Vec::new();
    };
    run(model, command)
}

/// `; ? shows the keys`, if the help has a key.
fn hint(model: &Model, command: Command) -> String {
    model.keymap.keys(model.layers(), command).first().map(|key| format!("; {key} shows the keys")).unwrap_or_default()
}

/// Does what a command says.
pub fn run(model: &mut Model, command: Command) -> Vec<Effect> {
    if let Some(action) = page::action_of(command) {
        return plan::start(model, action);
    }
    match command {
        Command::Quit => model.quit = true,
        Command::Suspend => return vec![Effect::Suspend],
        Command::Help => toggle(model, |overlay| matches!(overlay, Overlay::Help { .. }), Overlay::Help { scroll: 0 }),
        Command::Messages => {
            toggle(model, |overlay| matches!(overlay, Overlay::Messages { .. }), Overlay::Messages { scroll: 0 });
        }
        Command::Refresh => {
            model.probed = None;
            if let Some(trouble) = &model.unopened {
                // What asks for something at the terminal gets the terminal, once, on request.
                let terminal = matches!(trouble.kind, TroubleKind::NeedsTerminal { .. });
                let context = model.asked_context.clone();
                model.say(Level::Info, "opening the context again");
                return vec![Effect::Open { generation: model.generation, context, terminal }];
            }
            model.say(Level::Info, "asking the cluster anew");
            return vec![Effect::Refresh];
        }
        Command::CommandStart => model.prompt = Some(Prompt::new(Purpose::Command, "")),
        Command::FilterStart => match nav::filter_of(model) {
            Some(filter) => model.prompt = Some(Prompt::new(Purpose::Filter, &filter.clone())),
            None => model.say(Level::Info, "there is nothing to filter here"),
        },
        Command::Back => return back(model),
        Command::Open => return nav::open(model),
        Command::FocusNext => nav::focus_by(model, 1),
        Command::FocusPrevious => nav::focus_by(model, Pane::ALL.len() - 1),
        Command::Zoom => model.zoom = !model.zoom,
        Command::AccessRaw => {
            model.raw = !model.raw;
            let what = if model.raw { "raw bindings" } else { "grants" };
            model.say(Level::Info, format!("access shows {what}"));
        }
        Command::AllNamespaces => {
            let all = model.breadth == Breadth::Tenant;
            model.breadth = if all { Breadth::All } else { Breadth::Tenant };
            model.narrow = false;
            model.say(Level::Info, if all { "all namespaces" } else { "the tenant's namespaces" });
        }
        Command::SwitchNamespace => return nav::use_namespace(model),
        Command::SwitchContext => return command::contexts(model),
        Command::MoveUp => nav::step(model, Step::By(-1)),
        Command::MoveDown => nav::step(model, Step::By(1)),
        Command::MovePageUp => nav::page(model, -1),
        Command::MovePageDown => nav::page(model, 1),
        Command::MoveTop => nav::step(model, Step::First),
        Command::MoveBottom => nav::step(model, Step::Last),
        Command::MoveLeft => nav::sideways(model, false),
        Command::MoveRight => nav::sideways(model, true),
        Command::PlanApply => return plan::approve(model),
        Command::PlanCancel => return plan::cancel(model),
        Command::PlanDetails => plan::toggle_details(model),
        Command::TenantCordon => {}
    }
    Vec::new()
}

/// Opens an overlay, or closes it when it is the topmost already.
fn toggle(model: &mut Model, is_it: fn(&Overlay) -> bool, overlay: Overlay) {
    if model.overlays.last().is_some_and(is_it) {
        model.overlays.pop();
    } else {
        model.overlays.push(overlay);
    }
}

/// One step back: close what lies on top, stop what is being fetched, drop the filter, leave the zoom, widen the view.
fn back(model: &mut Model) -> Vec<Effect> {
    if model.overlays.pop().is_some() {
        return Vec::new();
    }
    if let Some(fetching) = model.fetching.take() {
        model.say(Level::Info, format!("{} given up", fetching.action));
    } else if nav::filter_of(model).is_some_and(|filter| !filter.is_empty()) {
        nav::set_filter(model, "");
    } else if model.zoom {
        model.zoom = false;
    } else if model.breadth == Breadth::All {
        model.breadth = Breadth::Tenant;
    } else if model.focus == Pane::Tenants {
        let help = hint(model, Command::Help);
        model.say(Level::Info, format!("nothing to go back from{help}"));
    } else {
        nav::focus(model, Pane::Tenants);
    }
    Vec::new()
}
