//! The last line: the text field if one is open, what was said last, or the keys for this row.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::theme::Theme;
use crate::action::{self, Offer};
use crate::console::keymap::Command;
use crate::console::model::document::Form;
use crate::console::model::k9s;
use crate::console::model::offer::offer;
use crate::console::model::overlay::{Overlay, Purpose};
use crate::console::model::page::{Ink, level_ink};
use crate::console::model::{Fetching, Model, Pane};
use crate::console::update::filter_fault;
use crate::plan::history::Past;
use crate::text::width::{cut, width};

/// How long something is fetched before the line says so, in milliseconds.
const PATIENCE: i64 = 300;

/// Draws the line; returns where the terminal's cursor belongs.
pub fn draw(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) -> Option<(u16, u16)> {
    if area.height == 0 {
        return None;
    }
    if let Some(prompt) = &model.prompt {
        return Some(field(model, prompt, theme, area, buffer));
    }
    if let Some(fetching) = busy(model) {
        let text = format!(" {}: asking the cluster …  esc gives up", fetching.action);
        buffer.set_stringn(area.x, area.y, text, area.width as usize, theme.ink(Ink::Text));
    } else if let Some(message) = model.toast() {
        let advice = if message.advice.is_empty() { String::new() } else { format!(" · {}", message.advice) };
        let text = cut(&format!(" {}{advice}", message.text), area.width as usize);
        buffer.set_string(area.x, area.y, text, theme.ink(level_ink(message.level)));
    } else {
        keys(model, theme, area, buffer);
    }
    None
}

/// What has been fetched for so long that the line says so.
fn busy(model: &Model) -> Option<&Fetching> {
    model.fetching.as_ref().filter(|fetching| model.now - fetching.since >= PATIENCE)
}

/// The command whose hint stands at this column, if hints are what the line shows.
pub fn at(model: &Model, area: Rect, column: u16) -> Option<Command> {
    if model.prompt.is_some() || busy(model).is_some() || model.toast().is_some() {
        return None;
    }
    let is_there = |placed: &&Placed| (placed.x..placed.x + placed.wide()).contains(&column);
    placed(model, area).iter().find(is_there).map(|placed| placed.command)
}

fn field(
    model: &Model,
    prompt: &crate::console::model::overlay::Prompt,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> (u16, u16) {
    let sign = match prompt.purpose {
        Purpose::Filter => "/",
        Purpose::Command => ":",
        Purpose::Agree => "type the name to apply: ",
        Purpose::Reason => "why must they be seen? ",
        Purpose::Trial => "take it back after: ",
        Purpose::Direction => "some of it rests and some runs: pause or resume? ",
        Purpose::Why => "why is it paused? ",
        Purpose::Field => "value: ",
    };
    let (x, _) = buffer.set_stringn(area.x, area.y, sign, area.width as usize, theme.ink(Ink::Head));
    let room = (area.x + area.width).saturating_sub(x + 1) as usize;
    // A text longer than the line shows its end, where the cursor is.
    let before = &prompt.text[..prompt.cursor];
    let hidden = width(before).saturating_sub(room);
    let skip = before.char_indices().find(|(at, _)| width(&before[..*at]) >= hidden).map_or(0, |(at, _)| at);
    let (end, _) = buffer.set_stringn(x, area.y, &prompt.text[skip..], room + 1, theme.ink(Ink::Text));
    let cursor = x + width(&before[skip..]) as u16;
    if let Some(fault) = fault(model).filter(|fault| is_beside(model, fault, area.width)) {
        buffer.set_string(end + 2, area.y, fault, theme.ink(Ink::Warn));
    }
    (cursor.min(area.x + area.width.saturating_sub(1)), area.y)
}

/// What is wrong with the filter that is being typed.
pub fn fault(model: &Model) -> Option<&str> {
    let prompt = model.prompt.as_ref()?;
    filter_fault(model).filter(|_| prompt.purpose == Purpose::Filter)
}

/// Whether it has room behind what was typed, on a line of so many columns.
pub fn is_beside(model: &Model, fault: &str, columns: u16) -> bool {
    let typed = model.prompt.as_ref().map_or(0, |prompt| width(&prompt.text));
    1 + typed + 2 + width(fault) <= columns as usize
}

/// A hint: a command, its words, and why it does not apply now.
type Hint = (Command, String, Option<String>);

/// A hint in its place on the line.
struct Placed {
    x: u16,
    command: Command,
    key: String,
    words: String,
    /// It does not apply now.
    off: bool,
}

impl Placed {
    fn wide(&self) -> u16 {
        (width(&self.key) + 1 + width(&self.words)) as u16
    }
}

/// The hints that have room.
fn placed(model: &Model, area: Rect) -> Vec<Placed> {
    let mut x = area.x + 1.min(area.width);
    let mut all = Vec::new();
    for (command, words, not) in hints(model) {
        let keys = model.keymap.keys(model.layers(), command);
        let Some(key) = keys.iter().find(|key| k9s::meaning(model, key, command).is_none()) else { continue };
        let placed = Placed { x, command, key: key.to_string(), words, off: not.is_some() };
        if x + placed.wide() > area.x + area.width {
            break;
        }
        x += placed.wide() + 2;
        all.push(placed);
    }
    all
}

fn keys(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    for Placed { x, key, words, off, .. } in placed(model, area) {
        let [key_ink, word_ink] = if off { [Ink::Dim; 2] } else { [Ink::Head, Ink::Text] };
        let room = (area.x + area.width).saturating_sub(x) as usize;
        let (x, _) = buffer.set_stringn(x, area.y, format!("{key} "), room, theme.ink(key_ink));
        buffer.set_stringn(x, area.y, words, (area.x + area.width).saturating_sub(x) as usize, theme.ink(word_ink));
    }
}

/// What is offered here, in the order of importance.
fn hints(model: &Model) -> Vec<Hint> {
    let plain =
        |command: Command| (command, command.title().to_owned(), why_not(model, command, offer(model, command)));
    match model.overlays.last() {
        Some(Overlay::Plan(dialog)) => {
            let mut hints = Vec::new();
            if dialog.form.is_some() && dialog.applying.is_none() {
                hints.extend([plain(Command::FormEdit), plain(Command::FormNext)]);
            }
            if dialog.plan.is_ready() && !model.here.read_only && dialog.applying.is_none() {
                hints.extend([plain(Command::PlanApply), plain(Command::PlanTrial)]);
            }
            if !dialog.choices.is_empty() {
                hints.push(plain(Command::PlanChoose));
            }
            // What cannot be taken back can be kept.
            if dialog.plan.typed.is_some() && dialog.applying.is_none() {
                hints.push(plain(Command::PlanSnapshot));
            }
            if !dialog.is_single() {
                hints.push(plain(Command::PlanUnfold));
            }
            if dialog.form.is_some() {
                hints.push((Command::PlanEdit, "to the editor".to_owned(), None));
            }
            if dialog.files().is_some() {
                hints.push(plain(Command::PlanTakeBack));
            }
            if dialog.is_refused() {
                hints.push(plain(Command::Explain));
            }
            let form = model.diff_form.next(super::plan_columns(model)).words();
            hints.extend([plain(Command::PlanDetails), (Command::PlanForm, form.to_owned(), None)]);
            let search = (Command::FilterStart, "search".to_owned(), None);
            hints.extend([plain(Command::PlanCancel), search, plain(Command::CopyWhole)]);
            return hints;
        }
        Some(Overlay::Journal(_)) => {
            let past = model.overlays.last().and_then(|_| crate::console::update::chosen_past(model));
            let mut hints = vec![plain(Command::Open), plain(Command::Undo)];
            if past.as_ref().is_some_and(Past::is_interrupted) {
                hints.push(plain(Command::Finish));
                hints.push((Command::Keep, "let it be".to_owned(), None));
            } else if past.is_some_and(|past| past.trial.is_some()) {
                hints.push(plain(Command::Keep));
            }
            hints.extend([plain(Command::Back), plain(Command::Save), plain(Command::Script)]);
            return hints;
        }
        Some(Overlay::Past { .. }) => {
            return [Command::Undo, Command::Back, Command::Save, Command::Script].map(plain).to_vec();
        }
        Some(Overlay::Objects(_)) => {
            let about =
                [Command::Open, Command::Yaml, Command::Events, Command::Edit, Command::Back, Command::FilterStart];
            let rest =
                [Command::AllNamespaces, Command::CommandStart, Command::Mark, Command::SortColumn, Command::Help];
            return actions(model).into_iter().chain(about.into_iter().chain(rest).map(plain)).collect();
        }
        Some(Overlay::Rights(page)) => {
            let mut hints = vec![plain(Command::Open), plain(Command::Yaml)];
            if page.why_not_asked().is_none() {
                hints.push(plain(Command::AskServer));
            }
            if page.has_cells() {
                hints.push((Command::MoveRight, "next cell".to_owned(), None));
            } else {
                hints.push((Command::Delete, "revoke".to_owned(), why_not(model, Command::Delete, Offer::Yes)));
                hints.push(plain(Command::Matrix));
            }
            let rest = [Command::Back, Command::FilterStart, Command::Copy, Command::CommandStart, Command::Help];
            hints.extend(rest.map(plain));
            return hints;
        }
        Some(Overlay::Contexts(_)) => {
            let beside = (Command::OtherSide, "open beside".to_owned(), None);
            return vec![plain(Command::Open), beside, plain(Command::Back), plain(Command::MoveDown)];
        }
        Some(Overlay::Namespace { .. }) => {
            return [actions(model), vec![plain(Command::Back), plain(Command::Help)]].concat();
        }
        Some(Overlay::Document(document)) => {
            let other = if document.form == Form::Yaml { Command::Describe } else { Command::Yaml };
            let mut hints =
                vec![plain(Command::Back), plain(other), plain(Command::FilterStart), plain(Command::SearchNext)];
            if document.is_secret() {
                hints.insert(1, plain(Command::Reveal));
            }
            if document.form == Form::Yaml {
                hints.extend([plain(Command::Status), plain(Command::ManagedFields)]);
            }
            hints.push(plain(Command::Help));
            return hints;
        }
        Some(_) => return vec![plain(Command::Back), plain(Command::MoveDown), plain(Command::MovePageDown)],
        None => {}
    }
    if model.here.nothing_to_see().is_some() {
        return [Command::Refresh, Command::CommandStart, Command::Help, Command::Messages, Command::Quit]
            .map(plain)
            .into();
    }
    let mut hints = actions(model);
    match model.here.focus {
        Pane::Tenants => hints.extend([plain(Command::Open), plain(Command::Describe), plain(Command::Yaml)]),
        Pane::Namespaces => {
            let about = [Command::Open, Command::SwitchNamespace, Command::Describe, Command::Yaml];
            hints.extend(about.map(plain));
        }
        Pane::Access => {
            if !model.here.raw {
                hints.push((Command::Open, "why".to_owned(), None));
            }
            hints.extend([Command::Matrix, Command::AccessRaw].map(plain));
            if !model.here.raw {
                hints.push((Command::Delete, "revoke".to_owned(), why_not(model, Command::Delete, Offer::Yes)));
            }
            hints.extend([Command::Describe, Command::Yaml].map(plain));
        }
        Pane::Identity => {}
    }
    let rest = [
        Command::FilterStart,
        Command::CommandStart,
        Command::FocusNext,
        Command::AllNamespaces,
        Command::Zoom,
        Command::Messages,
        Command::Quit,
    ];
    hints.insert(hints.len().min(3), plain(Command::Help));
    if model.beside.is_some() {
        hints.insert(hints.len().min(3), plain(Command::OtherSide));
    }
    hints.extend(rest.map(plain));
    hints
}

fn actions(model: &Model) -> Vec<Hint> {
    let selection = model.selection();
    let offered = action::ALL.iter().filter_map(|action| {
        let command = action.id.parse::<Command>().ok()?;
        let title = (action.title)(&model.here.world, &selection);
        let offer = (action.offer)(&model.here.world, &selection);
        (offer != Offer::Absent).then(|| (command, title, why_not(model, command, offer)))
    });
    offered.collect()
}

/// Why a command is not for now.
fn why_not(model: &Model, command: Command, offer: Offer) -> Option<String> {
    match offer {
        Offer::No(reason) => Some(reason),
        _ if model.here.read_only && command.writes() => Some("the console is read-only".to_owned()),
        _ => None,
    }
}
