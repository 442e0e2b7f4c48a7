//! The text field: filters and commands.

use super::super::effect::Effect;
use super::super::keymap::{Code, Key};
use super::super::model::Model;
use super::super::model::overlay::{Prompt, Purpose};
use super::{command, nav};

/// Takes a key press while the field is open.
pub fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(prompt) = &mut model.prompt else { return Vec::new() };
    let purpose = prompt.purpose;
    if let Some(c) = key.text() {
        prompt.insert(c.encode_utf8(&mut [0; 4]));
    } else if key == Key::ctrl('c') || key.code() == Code::Esc {
        if purpose == Purpose::Filter {
            nav::set_filter(model, "");
        }
        model.prompt = None;
        return Vec::new();
    } else if key == Key::ctrl('u') {
        prompt.clear();
    } else if key == Key::ctrl('w') {
        prompt.delete_word();
    } else {
        match key.code() {
            Code::Enter => return enter(model),
            Code::Backspace if prompt.text.is_empty() => model.prompt = None,
            Code::Backspace => prompt.backspace(),
            Code::Delete => prompt.delete(),
            Code::Left => prompt.left(),
            Code::Right => prompt.right(),
            Code::Home => prompt.cursor = 0,
            Code::End => prompt.cursor = prompt.text.len(),
            Code::Up | Code::Down if purpose == Purpose::Command => recall(model, key.code() == Code::Up),
            Code::Tab if purpose == Purpose::Command => complete(model),
            // Leaves the field and moves on, as in k9s: the filter stays.
            Code::Tab | Code::Down | Code::Up => model.prompt = None,
            _ => {}
        }
    }
    live_filter(model);
    Vec::new()
}

/// Takes pasted text: it goes into the field, or nowhere. Pasted text is never a command.
pub fn paste(model: &mut Model, text: &str) {
    if text.is_empty() {
        return;
    }
    match &mut model.prompt {
        Some(prompt) => prompt.insert(text),
        None => model.say(super::super::model::Level::Info, "pasted text was dropped: no text field is open"),
    }
    live_filter(model);
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
        Purpose::Filter => Vec::new(),
        Purpose::Command => {
            let text = prompt.text.trim().to_owned();
            if !text.is_empty() && model.history.last() != Some(&text) {
                model.history.push(text.clone());
            }
            command::run(model, &text)
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

/// Completes to the first candidate.
fn complete(model: &mut Model) {
    let candidates = command::candidates(model);
    if let (Some(prompt), Some(first)) = (&mut model.prompt, candidates.first()) {
        prompt.set(first);
    }
}
