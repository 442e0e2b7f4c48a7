//! A small panel over the hint line: what a command could become, what keys can follow, or what is wrong with a filter.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Clear, Widget as _};

use super::theme::Theme;
use super::{hints, pane, wrap};
use crate::console::keymap::Meaning;
use crate::console::model::Model;
use crate::console::model::page::{Ink, Line};
use crate::text::width::{cut, width};

/// How many lines it shows at most.
const ROWS: usize = 10;
/// Its width at most.
const COLUMNS: u16 = 84;

/// Draws the panel, if there is something to show in it.
pub fn draw(model: &Model, theme: &Theme, body: Rect, buffer: &mut Buffer) {
    if let Some(fault) = hints::fault(model).filter(|fault| !hints::is_beside(model, fault, body.width)) {
        let room = body.width.min(COLUMNS).saturating_sub(2);
        let broken = wrap::wrap(&[Line::of(Ink::Warn, fault.to_owned())], room);
        let whole = |line: wrap::Fitted| (line.into_iter().map(|(_, piece)| piece).collect(), "");
        let lines: Vec<(String, &str)> = broken.into_iter().map(whole).collect();
        panel("", &lines, None, theme, body, buffer);
    } else if let Some(prompt) = &model.prompt {
        let lines: Vec<(String, &str)> =
            prompt.candidates.iter().map(|candidate| (candidate.line.clone(), candidate.meaning.as_str())).collect();
        panel(" tab completes ", &lines, prompt.chosen, theme, body, buffer);
    } else if !model.pressed.is_empty()
        && let Meaning::Begins(chords) = model.keymap.resolve(model.layers(), &model.pressed)
    {
        let pressed: Vec<String> = model.pressed.iter().map(ToString::to_string).collect();
        let line = |(chord, command): &(crate::console::keymap::Chord, crate::console::keymap::Command)| {
            (chord.rest(pressed.len()), command.title())
        };
        let lines: Vec<(String, &str)> = chords.iter().map(line).collect();
        panel(&format!(" {} … ", pressed.join(" ")), &lines, None, theme, body, buffer);
    }
}

fn panel(title: &str, lines: &[(String, &str)], chosen: Option<usize>, theme: &Theme, body: Rect, buffer: &mut Buffer) {
    let rows = lines.len().min(ROWS).min(body.height.saturating_sub(2) as usize);
    if rows == 0 || body.width < 12 {
        return;
    }
    let height = rows as u16 + 2;
    let area = Rect { y: body.y + body.height - height, height, width: body.width.min(COLUMNS), ..body };
    Clear.render(area, buffer);
    Block::bordered().border_type(BorderType::Plain).border_style(theme.frame(false)).render(area, buffer);
    buffer.set_string(area.x + 1, area.y, cut(title, area.width as usize - 2), theme.ink(Ink::Dim));
    let inner = pane::inner(area);
    let from = chosen.unwrap_or_default().saturating_sub(rows - 1);
    let left = lines.iter().skip(from).take(rows).map(|(left, _)| width(left)).max().unwrap_or_default();
    let is_told = lines.iter().any(|(_, meaning)| !meaning.is_empty());
    let left = left.min(if is_told { inner.width as usize * 3 / 5 } else { inner.width as usize });
    for (row, (line, meaning)) in lines.iter().skip(from).take(rows).enumerate() {
        let y = inner.y + row as u16;
        buffer.set_string(inner.x, y, cut(line, left), theme.ink(Ink::Text));
        let x = inner.x + left as u16 + 2;
        let room = (inner.x + inner.width).saturating_sub(x) as usize;
        if room > 0 {
            buffer.set_string(x, y, cut(meaning, room), theme.ink(Ink::Dim));
        }
        if chosen == Some(from + row) {
            buffer.set_style(Rect { y, height: 1, ..inner }, theme.selected(true));
        }
    }
    pane::more(theme, from, lines.len(), inner, buffer);
}
