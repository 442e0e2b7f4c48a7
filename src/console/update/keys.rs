//! A key press: into the text field if one is open, else through the keymap to a command. Every key does something visible,
//! or says why not.

use super::super::effect::Effect;
use super::super::effect::visit::Visit;
use super::super::keymap::{Chord, Code, Command, Key, Meaning};
use super::super::model::arrangement::Growth;
use super::super::model::document::Form;
use super::super::model::list::Step;
use super::super::model::offer::hint;
use super::super::model::overlay::{Overlay, Prompt, Purpose};
use super::super::model::{Breadth, Level, Model, Pane, k9s, offer, page};
use super::marks::{self, Which};
use super::{
    acting, arrange, command, copy, delete, dialog, document, edit, form, history, identity, nav, objects, pause,
    places, plan, prompt, rights, sort, why, work, worlds,
};
use crate::action::Offer;
use crate::plan::history::Trial;
use crate::world::trouble::TroubleKind;

/// Takes a key press.
pub fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    if model.prompt.is_some() {
        return prompt::press(model, key);
    }
    let begun = !model.pressed.is_empty();
    if begun && key.code() == Code::Esc {
        model.pressed.clear();
        return Vec::new();
    }
    model.pressed.push(key);
    match model.keymap.resolve(model.layers(), &model.pressed) {
        Meaning::Does(command) => {
            let chord = Chord::from(std::mem::take(&mut model.pressed));
            if let Some(words) = k9s::meaning(model, &chord, command) {
                model.say(Level::Info, k9s::told(&chord, words, command));
                return Vec::new();
            }
            return run(model, command);
        }
        // What can follow is on the screen.
        Meaning::Begins(_) => {}
        Meaning::Nothing => {
            let keys: Vec<String> = model.pressed.drain(..).map(|key| key.to_string()).collect();
            let help = hint(model, Command::Help, "shows the keys");
            model.say(Level::Info, format!("{} does nothing here{help}", keys.join(" ")));
        }
    }
    Vec::new()
}

/// Does what a command says.
pub fn run(model: &mut Model, command: Command) -> Vec<Effect> {
    if let Some(action) = page::action_of(command) {
        return plan::start(model, action);
    }
    if let Offer::No(reason) = offer::offer(model, command) {
        model.say(Level::Info, reason);
        return Vec::new();
    }
    match command {
        Command::Quit => model.quit = !history::reminds(model),
        Command::Edit | Command::PlanEdit => return edit::begin(model),
        // A text that could not be used goes first: it is somebody's work.
        Command::Add if model.overlays.is_empty() && model.here.focus == Pane::Tenants && !edit::has_kept(model) => {
            return form::begin(model, "");
        }
        Command::Add => return edit::add(model),
        Command::FormEdit => return form::edit(model),
        Command::FormNext => return form::choose(model, true),
        Command::FormPrevious => return form::choose(model, false),
        Command::Delete => return delete::begin(model),
        Command::Undo => return history::undo(model),
        Command::PlanTakeBack => return work::take_back(model),
        Command::Finish => return history::finish(model),
        Command::Keep => return history::settle(model),
        Command::Journal => return history::journal(model),
        Command::Suspend => return vec![Effect::Suspend],
        Command::Shell => return identity::shell(model),
        Command::Help => toggle(model, |overlay| matches!(overlay, Overlay::Help { .. }), Overlay::Help { scroll: 0 }),
        Command::Messages => {
            toggle(model, |overlay| matches!(overlay, Overlay::Messages { .. }), Overlay::Messages { scroll: 0 });
        }
        Command::Refresh => {
            model.here.probed = None;
            if let Some(trouble) = &model.here.unopened {
                // What asks for something at the terminal gets the terminal, once, on request.
                let terminal = matches!(trouble.kind, TroubleKind::NeedsTerminal { .. });
                model.say(Level::Info, "opening the context again");
                return vec![worlds::again(model, terminal)];
            }
            model.say(Level::Info, "asking the cluster anew");
            return vec![Effect::Refresh];
        }
        Command::ReadOnly => return read_only(model, !model.here.read_only),
        Command::Script => return copy::script(model),
        Command::CommandStart => {
            model.prompt = Some(Prompt::new(Purpose::Command, ""));
            prompt::offer(model);
        }
        Command::FilterStart => match nav::filter_of(model) {
            Some(filter) => model.prompt = Some(Prompt::new(Purpose::Filter, &filter.clone())),
            None => model.say(Level::Info, "there is nothing to filter here"),
        },
        Command::Describe => return document::open(model, Form::Words),
        Command::Yaml => return document::open(model, Form::Yaml),
        Command::Events => return document::open(model, Form::Events),
        Command::Explain => return why::explain(model),
        Command::ManagedFields => document::managed(model),
        Command::Reveal => document::reveal(model),
        Command::Status => document::status(model),
        Command::SearchNext if plan::open(model).is_some_and(|dialog| dialog.search.is_empty()) => {
            return plan::cancel(model);
        }
        Command::SearchNext => document::search(model, true),
        Command::SearchPrevious => document::search(model, false),
        Command::Faults => marks::faults(model),
        Command::SortName => sort::by(model, &["TENANT", "NAMESPACE", "SUBJECT", "BINDING"]),
        Command::SortAge => sort::by(model, &["AGE"]),
        Command::SortState => sort::by(model, &["STATE"]),
        Command::SortNext => sort::choose(model, 1),
        Command::SortPrevious => sort::choose(model, -1),
        Command::SortColumn => sort::by_chosen(model),
        Command::Back => return back(model),
        Command::Open => return places::travel(model, nav::open),
        Command::HistoryBack => return places::step(model, -1),
        Command::HistoryForward => return places::step(model, 1),
        Command::HistoryLast => return places::back_and_forth(model),
        Command::PinSet => return places::pin(model),
        Command::Pin1
        | Command::Pin2
        | Command::Pin3
        | Command::Pin4
        | Command::Pin5
        | Command::Pin6
        | Command::Pin7
        | Command::Pin8
        | Command::Pin9 => {
            if let Some(digit) = command.pin() {
                return places::travel(model, |model| places::to_digit(model, digit));
            }
        }
        Command::Mark => marks::mark(model, Which::This),
        Command::MarkRange => marks::mark(model, Which::Range),
        Command::MarkAll => marks::mark(model, Which::All),
        Command::MarkNone => marks::mark(model, Which::None),
        Command::Copy => return copy::value(model),
        Command::CopyPath => return copy::path(model),
        Command::CopyKubectl => return copy::kubectl(model),
        Command::CopyWhole => return copy::whole(model),
        Command::Save => return copy::save(model),
        Command::Pager => return copy::visit(model, Visit::Pager),
        Command::Editor => return copy::visit(model, Visit::Editor),
        Command::Wrap => document::wrap(model),
        Command::FocusNext => nav::focus_by(model, 1),
        Command::FocusPrevious => nav::focus_by(model, -1),
        Command::PaneWider => return arrange::grow(model, Growth::Wider(true)),
        Command::PaneNarrower => return arrange::grow(model, Growth::Wider(false)),
        Command::PaneTaller => return arrange::grow(model, Growth::Taller(true)),
        Command::PaneLower => return arrange::grow(model, Growth::Taller(false)),
        Command::PaneHide => return arrange::hide(model),
        Command::PaneAll => return arrange::all(model),
        Command::Zoom if model.rights().is_some() => rights::zoom(model),
        Command::Zoom => model.zoom = !model.zoom,
        Command::AccessRaw => return places::travel(model, nav::raw),
        Command::AllNamespaces if model.objects().is_some() => {
            return places::travel(model, objects::all_namespaces);
        }
        Command::AllNamespaces => return places::travel(model, nav::all_namespaces),
        Command::SwitchNamespace => return nav::use_namespace(model),
        Command::SwitchContext => return command::contexts(model),
        Command::ViewAs => return acting::row(model),
        Command::OtherSide => return places::travel(model, command::other_side),
        Command::MoveUp => nav::step(model, Step::By(-1)),
        Command::MoveDown => nav::step(model, Step::By(1)),
        Command::MovePageUp => nav::page(model, -1),
        Command::MovePageDown => nav::page(model, 1),
        Command::MoveTop => nav::step(model, Step::First),
        Command::MoveBottom => nav::step(model, Step::Last),
        Command::MoveLeft | Command::MoveRight if model.rights().is_some() => {
            rights::sideways(model, command == Command::MoveRight);
        }
        Command::MoveLeft => nav::sideways(model, false),
        Command::MoveRight => nav::sideways(model, true),
        Command::Matrix => return places::travel(model, |model| rights::matrix(model, None)),
        Command::AskServer => return rights::ask(model),
        Command::PlanApply => return plan::approve(model, None),
        Command::PlanTrial => return plan::approve(model, Some(Trial { until: None })),
        Command::PlanTrialTimed => plan::ask_trial(model),
        Command::PlanUnfold => dialog::unfold(model),
        Command::PlanChoose => return plan::choose(model, 0),
        Command::PlanChooseNext => return plan::choose(model, 1),
        Command::PlanChoose3 => return plan::choose(model, 2),
        Command::PlanChoose4 => return plan::choose(model, 3),
        Command::PlanChoose5 => return plan::choose(model, 4),
        Command::PlanLeave => return pause::leave(model),
        Command::PlanReason => pause::ask_why(model),
        Command::PlanCancel => return plan::cancel(model),
        Command::PlanDetails => dialog::toggle_details(model),
        Command::PlanForm => dialog::reform(model),
        Command::PlanNoise => dialog::toggle_noise(model),
        Command::PlanSnapshot => return dialog::snapshot(model),
        Command::PlanCommands => return copy::commands(model),
        Command::TenantPause | Command::TenantCordon => {}
    }
    Vec::new()
}

/// Refuses writes in this session, or no longer.
pub fn read_only(model: &mut Model, wanted: bool) -> Vec<Effect> {
    if let Some(why) = model.here.locked.filter(|_| !wanted) {
        model.say(Level::Warning, format!("it stays read-only: {why}"));
        return Vec::new();
    }
    let words = match (wanted, model.here.read_only) {
        (true, true) => "it is read-only already",
        (false, false) => "it is not read-only",
        (true, false) => "read-only: nothing is written in this session",
        (false, true) => "plans can be applied again",
    };
    model.say(Level::Done, words);
    vec![Effect::ReadOnly(wanted)]
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
    if model.objects().is_some() || model.rights().is_some() {
        if nav::filter_of(model).is_some_and(|filter| !filter.is_empty()) {
            nav::set_filter(model, "");
            return Vec::new();
        }
        if marks::forget_faults(model) {
            return Vec::new();
        }
        if nav::forget_marks(model) {
            model.say(Level::Info, "nothing is marked any more");
            return Vec::new();
        }
    }
    if model.overlays.pop().is_some() {
        return Vec::new();
    }
    if let Some(fetching) = model.fetching.take() {
        model.say(Level::Info, format!("{} given up", fetching.action));
    } else if nav::filter_of(model).is_some_and(|filter| !filter.is_empty()) {
        nav::set_filter(model, "");
    } else if marks::forget_faults(model) {
        // That is said.
    } else if nav::forget_marks(model) {
        model.say(Level::Info, "nothing is marked any more");
    } else if model.zoom {
        model.zoom = false;
    } else if model.here.breadth == Breadth::All {
        model.here.breadth = Breadth::Tenant;
    } else if model.here.focus == Pane::Tenants && (model.trying.is_some() || model.here.seen_as.is_some()) {
        return places::travel(model, acting::back);
    } else if model.here.focus == Pane::Tenants {
        let help = hint(model, Command::Help, "shows the keys");
        model.say(Level::Info, format!("nothing to go back from{help}"));
    } else {
        nav::focus(model, Pane::Tenants);
    }
    Vec::new()
}
