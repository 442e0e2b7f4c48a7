//! The text field: filters and commands.

use super::super::effect::Effect;
use super::super::keymap::{Code, Key};
use super::super::model::command_line;
use super::super::model::list::Step;
use super::super::model::overlay::{Prompt, Purpose};
use super::super::model::plan::Draft;
use super::super::model::{Level, Model};
use super::{arrange, command, document, form, nav, pause, places, plan};

/// Takes a key press while the field is open.
pub fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(prompt) = &mut model.prompt else { return Vec::new() };
    let purpose = prompt.purpose;
    if let Some(c) = key.text() {
        prompt.insert(c.encode_utf8(&mut [0; 4]));
    } else if key == Key::ctrl('c') || key.code() == Code::Esc {
        if purpose == Purpose::Field {
            return form::given_up(model);
        }
        if purpose == Purpose::Filter {
            nav::set_filter(model, "");
        }
        model.prompt = None;
        return Vec::new();
    } else if key == Key::ctrl('u') || key == Key::ctrl('q') {
        prompt.clear();
    } else if key == Key::ctrl('w') {
        prompt.delete_word();
    } else if key == Key::ctrl('e') {
        return enter(model);
    } else {
        // At the end of the text there is nothing to go on to but what it could become.
        let takes = purpose == Purpose::Command && prompt.chosen.is_none() && prompt.cursor == prompt.text.len();
        match key.code() {
            Code::Enter => return enter(model),
            Code::Right if takes => {
                complete(model, true);
                return Vec::new();
            }
            _ if takes && key == Key::ctrl('f') => {
                complete(model, true);
                return Vec::new();
            }
            Code::Backspace if prompt.text.is_empty() => model.prompt = None,
            Code::Backspace => prompt.backspace(),
            Code::Delete => prompt.delete(),
            Code::Left => prompt.left(),
            Code::Right => prompt.right(),
            Code::Home => prompt.cursor = 0,
            Code::End => prompt.cursor = prompt.text.len(),
            Code::Up | Code::Down if purpose == Purpose::Command => recall(model, key.code() == Code::Up),
            Code::Tab if purpose == Purpose::Command => {
                complete(model, !key.held().shift);
                return Vec::new();
            }
            Code::Tab | Code::Down | Code::Up if purpose == Purpose::Field => {
                model.prompt = None;
                form::step(model, Step::By(if key.code() == Code::Up { -1 } else { 1 }));
                return Vec::new();
            }
            // Leaves the field and moves on, as in k9s: the filter stays.
            Code::Tab | Code::Down | Code::Up => model.prompt = None,
            _ => {}
        }
    }
    live_filter(model);
    offer(model);
    form::typed(model)
}

/// Takes pasted text: it goes into the field. Pasted text is never a command; but objects that are pasted where none is open are
/// shown as a plan that makes them.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if text.is_empty() {
        return Vec::new();
    }
    let on_panes = model.overlays.is_empty() || model.objects().is_some();
    match &mut model.prompt {
        Some(prompt) => prompt.insert(text),
        None if on_panes && text.contains("apiVersion") && text.contains("kind") => {
            return plan::draft(model, Draft::Written { text: text.to_owned(), force: false }, false);
        }
        None => model.say(Level::Info, "pasted text was dropped: no text field is open"),
    }
    live_filter(model);
    offer(model);
    form::typed(model)
}

/// A filter narrows down as it is typed.
fn live_filter(model: &mut Model) {
    if let Some(Prompt { purpose: Purpose::Filter, text, .. }) = &model.prompt {
        let text = text.clone();
        nav::set_filter(model, &text);
    }
}

fn enter(model: &mut Model) -> Vec<Effect> {
    let Some(prompt) = model.prompt.take() else { return Vec::new() };
    match prompt.purpose {
        Purpose::Filter => {
            if let Some(fault) = nav::filter_fault(model) {
                let fault = fault.to_owned();
                model.say(Level::Warning, fault);
            }
            Vec::new()
        }
        Purpose::Field => form::entered(model),
        Purpose::Reason => document::give_reason(model, prompt.text.trim()),
        Purpose::Trial => plan::try_for(model, &prompt.text),
        Purpose::Direction => pause::go(model, &prompt.text),
        Purpose::Why => pause::because(model, prompt.text.trim()),
        Purpose::Agree => plan::agree(model, &prompt.text),
        Purpose::Command => {
            let text = prompt.text.trim().to_owned();
            if !text.is_empty() && model.history.last() != Some(&text) {
                model.history.push(text.clone());
            }
            let mut effects = arrange::keep(model);
            effects.extend(places::travel(model, |model| command::run(model, &text)));
            effects
        }
    }
}

/// Shows an earlier, or a later, command.
fn recall(model: &mut Model, earlier: bool) {
    let Some(prompt) = &mut model.prompt else { return };
    let next = match (prompt.recalled, earlier) {
        (None, true) => Some(0),
        (Some(at), true) => Some((at + 1).min(model.history.len().saturating_sub(1))),
        (Some(0) | None, false) => None,
        (Some(at), false) => Some(at - 1),
    };
    let text = next.and_then(|back| model.history.iter().rev().nth(back)).cloned().unwrap_or_default();
    prompt.set(&text);
    prompt.recalled = next;
}

/// Puts the next candidate into the field, or the one before.
fn complete(model: &mut Model, forward: bool) {
    let Some(prompt) = &mut model.prompt else { return };
    let count = prompt.candidates.len();
    if count == 0 {
        return;
    }
    let next = match (prompt.chosen, forward) {
        (None, true) => 0,
        (None, false) => count - 1,
        (Some(at), true) => (at + 1) % count,
        (Some(at), false) => (at + count - 1) % count,
    };
    let line = prompt.candidates.get(next).map(|candidate| candidate.line.clone()).unwrap_or_default();
    prompt.set(&line);
    prompt.chosen = Some(next);
}

/// What the command could become, after it was typed on.
pub fn offer(model: &mut Model) {
    let Some(Prompt { purpose: Purpose::Command, text, .. }) = &model.prompt else { return };
    let candidates = command_line::candidates(model, text);
    if let Some(prompt) = &mut model.prompt {
        prompt.candidates = candidates;
        prompt.chosen = None;
    }
}
