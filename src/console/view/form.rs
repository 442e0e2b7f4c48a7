//! The form beside a plan that makes a tenant.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Clear, Widget as _};

use super::theme::Theme;
use super::{pane, wrap};
use crate::console::model::form::{Form, Row};
use crate::console::model::page::{Ink, Line};
use crate::text::clean::clean;
use crate::text::width::{cut, width};

/// How wide labels are at most.
const LABEL: usize = 20;

/// The form's part of what a plan has, and what is left: side by side where there is room, else one above the other.
pub fn split(area: Rect) -> (Rect, Rect) {
    if area.width >= 100 {
        let left = (area.width * 9 / 20).min(72);
        (Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area })
    } else {
        let top = area.height.div_ceil(2);
        (Rect { height: top, ..area }, Rect { y: area.y + top, height: area.height - top, ..area })
    }
}

/// Draws it.
pub fn draw(form: &Form, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    Clear.render(area, buffer);
    Block::bordered().border_type(BorderType::Plain).border_style(theme.frame(true)).render(area, buffer);
    pane::heading("Blueprint", &[(Ink::Text, form.name.clone())], theme, true, area, buffer);
    let inner = pane::inner(area);
    if inner.height == 0 || inner.width < 8 {
        return;
    }
    let rows = form.rows();
    let about = about(form, inner.width);
    let room = (inner.height as usize).saturating_sub(about.len()).max(1).min(inner.height as usize);
    // The row under the cursor stays in sight, with what comes next.
    let from = form.cursor.saturating_sub(room.saturating_sub(2)).min(rows.len().saturating_sub(room));
    let label = rows.iter().map(|row| width(form.label(*row))).max().unwrap_or_default().min(LABEL);
    for (at, row) in rows.iter().enumerate().skip(from).take(room) {
        let y = inner.y + (at - from) as u16;
        let fault = matches!(row, Row::Field(field) if field.fault.is_some());
        let mark = if fault { '!' } else { ' ' };
        let name = cut(form.label(*row), label);
        let ink = if fault { Ink::Danger } else { Ink::Dim };
        let begin = format!("{mark} {name}{}  ", " ".repeat(label.saturating_sub(width(&name))));
        let (x, _) = buffer.set_stringn(inner.x, y, &begin, inner.width as usize, theme.ink(ink));
        let left = (inner.x + inner.width).saturating_sub(x) as usize;
        buffer.set_string(x, y, cut(&value(form, *row), left), theme.ink(Ink::Text));
        if at == form.cursor {
            buffer.set_style(Rect { y, height: 1, ..inner }, theme.selected(true));
        }
    }
    pane::more(theme, from, rows.len().max(room), Rect { height: room as u16, ..inner }, buffer);
    let y = inner.y + inner.height - (about.len() as u16).min(inner.height.saturating_sub(room as u16));
    let below = Rect { y, height: (inner.y + inner.height).saturating_sub(y), ..inner };
    wrap::draw(&about, theme, below, buffer);
}

/// What a row holds, as it is shown: what can be chosen stands between marks.
fn value(form: &Form, row: Row<'_>) -> String {
    let text = form.text(row);
    let lines = text.lines().count();
    let first = clean(text.lines().next().unwrap_or_default()).into_owned();
    let text = if lines > 1 { format!("{first} … ({lines} lines)") } else { first };
    if form.options(row).len() > 1 { format!("‹ {text} ›") } else { text }
}

/// What the row under the cursor means, and what is wrong with it.
fn about(form: &Form, columns: u16) -> Vec<wrap::Fitted> {
    let row = form.row();
    let mut lines = vec![Line::default(), Line::of(Ink::Dim, form.meaning(row))];
    if let Row::Field(field) = row {
        let choice = field.choices.iter().find(|choice| choice.value == field.text && !choice.description.is_empty());
        lines.extend(choice.map(|choice| Line::of(Ink::Dim, format!("{}: {}", choice.value, choice.description))));
        let suggestions = form.suggestions(row);
        if !suggestions.is_empty() {
            lines.push(Line::of(Ink::Dim, format!("here: {}", suggestions.join(", "))));
        }
        lines.extend(field.fault.iter().map(|fault| Line::of(Ink::Danger, fault)));
        lines.extend(field.notes.iter().map(|note| Line::of(Ink::Warn, note)));
    }
    lines.extend(form.sheet.faults.iter().map(|fault| Line::of(Ink::Danger, fault)));
    wrap::wrap(&lines, columns)
}
