//! The frame of a pane: focus is told by border weight, title and cursor, not by colour alone.

use std::hash::Hash;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Widget as _};

use super::theme::Theme;
use super::{Side, wrap};
use crate::console::model::Pane;
use crate::console::model::list::List;
use crate::console::model::page::{Ink, Line};
use crate::text::age::age;
use crate::text::width::{cut, width};
use crate::world::freshness::Freshness;

/// Draws the frame with its title and remarks; returns what is left inside.
pub fn frame(
    side: Side<'_>,
    theme: &Theme,
    pane: Pane,
    title: &str,
    remarks: &[(Ink, String)],
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let focused = side.is_focused(pane);
    let border = if focused { BorderType::Thick } else { BorderType::Plain };
    Block::bordered().border_type(border).border_style(theme.frame(focused)).render(area, buffer);
    heading(title, remarks, theme, focused, area, buffer);
    inner(area)
}

/// Draws a title and remarks into the upper border.
pub fn heading(title: &str, remarks: &[(Ink, String)], theme: &Theme, focused: bool, area: Rect, buffer: &mut Buffer) {
    if area.width < 6 || area.height < 2 {
        return;
    }
    let room = area.width as usize - 4;
    let mut x = area.x + 1;
    let mut put = |style, text: &str| {
        let left = (area.x as usize + 2 + room).saturating_sub(x as usize);
        let text = cut(text, left);
        buffer.set_string(x, area.y, &text, style);
        x += width(&text) as u16;
    };
    put(theme.frame(focused), &format!(" {title}"));
    for (ink, remark) in remarks {
        put(theme.ink(*ink), &format!(" · {remark}"));
    }
    put(theme.frame(focused), " ");
}

/// What is inside a frame.
pub fn inner(area: Rect) -> Rect {
    Rect {
        x: area.x + 1.min(area.width),
        y: area.y + 1.min(area.height),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// `12`, or `3/12` with a filter on.
pub fn count(shown: usize, total: usize) -> String {
    if shown == total { total.to_string() } else { format!("{shown}/{total}") }
}

/// What a title says of the filter that is on, and of marked rows.
pub fn filter<K: Clone + Eq + Hash>(list: &List<K>) -> Vec<(Ink, String)> {
    let loosely = if list.loose { " (letters in this order)" } else { "" };
    let filter = (!list.filter.is_empty()).then(|| (Ink::Warn, format!("/{}{loosely}", list.filter)));
    let marked = (!list.marks.is_empty()).then(|| match list.hidden_marks() {
        0 => (Ink::Head, format!("{} marked", list.marks.len())),
        hidden => (Ink::Warn, format!("{} marked, {hidden} hidden", list.marks.len())),
    });
    let faults = list.faults.then(|| (Ink::Warn, "only faults".to_owned()));
    marked.into_iter().chain(faults).chain(filter).collect()
}

/// What a title says of how fresh its rows are now (Unix seconds); nothing when they are live.
pub fn freshness(now: i64, freshness: &Freshness) -> Option<(Ink, String)> {
    match freshness {
        Freshness::Live | Freshness::Absent => None,
        Freshness::Loading => Some((Ink::Dim, "loading".to_owned())),
        Freshness::Stale { since, .. } => Some((Ink::Warn, format!("stale {}", age(now - since)))),
        Freshness::Failing { .. } => Some((Ink::Danger, "not loaded".to_owned())),
        Freshness::Refused { .. } => Some((Ink::Warn, "refused".to_owned())),
    }
}

/// Draws lines at the bottom of a pane, if there is room for them beside some rows; returns what is left above.
pub fn below(lines: &[Line], theme: &Theme, inner: Rect, buffer: &mut Buffer) -> Rect {
    let lines = wrap::wrap(lines, inner.width);
    let rows = (lines.len() as u16).min(inner.height / 2);
    if inner.height <= 3 {
        return inner;
    }
    let left = Rect { height: inner.height - rows, ..inner };
    wrap::draw(&lines, theme, Rect { y: inner.y + left.height, height: rows, ..inner }, buffer);
    left
}

/// `1-19 of 25`, if not all rows are seen.
pub fn place(from: usize, total: usize, inner: Rect) -> Option<String> {
    let to = (from + inner.height as usize).min(total);
    let is_whole = from == 0 && to == total;
    (inner.height > 0 && inner.width >= 12 && !is_whole).then(|| format!(" {}-{to} of {total} ", from + 1))
}

/// In the lower border: that there is more above or below.
pub fn more(theme: &Theme, from: usize, total: usize, inner: Rect, buffer: &mut Buffer) {
    let Some(text) = place(from, total, inner) else { return };
    let room = inner.width as usize;
    if width(&text) < room {
        let x = inner.x + (room - width(&text)) as u16;
        buffer.set_string(x, inner.y + inner.height, &text, theme.ink(Ink::Dim));
    }
}
