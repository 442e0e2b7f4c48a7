//! The pages of rights: a table, and below it how the row under the cursor comes to its right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Column};
use super::theme::Theme;
use super::{pane, wrap};
use crate::console::keymap::Command;
use crate::console::model::Model;
use crate::console::model::offer::hint;
use crate::console::model::page::{Ink, Line};
use crate::console::model::rights::row::{APART, BOUND, HELD, MATRIX, WAYS, WHO, heading};
use crate::console::model::rights::{Asked, Rights};

const OF_WHO: [Column<'_>; 6] = [
    Column::names(WHO[0], 14, 4, 0),
    Column::fixed(WHO[1], 5, 3),
    Column::names(WHO[2], 10, 3, 0),
    Column::names(WHO[3], 10, 3, 1),
    Column::names(WHO[4], 9, 3, 4),
    Column::fixed(WHO[5], 12, 2),
];

const OF_HELD: [Column<'_>; 5] = [
    Column::names(HELD[0], 16, 4, 0),
    Column::names(HELD[1], 16, 5, 0),
    Column::names(HELD[2], 9, 2, 1),
    Column::names(HELD[3], 9, 2, 2),
    Column::names(HELD[4], 9, 2, 3),
];

const OF_APART: [Column<'_>; 6] = [
    Column::names(APART[0], 10, 2, 0),
    Column::names(APART[1], 14, 4, 0),
    Column::names(APART[2], 12, 5, 0),
    Column::names(APART[3], 9, 2, 1),
    Column::names(APART[4], 9, 2, 2),
    Column::names(APART[5], 9, 2, 3),
];

const OF_WAYS: [Column<'_>; 5] = [
    Column::names(WAYS[0], 10, 2, 0),
    Column::names(WAYS[1], 10, 2, 0),
    Column::names(WAYS[2], 8, 2, 2),
    Column::names(WAYS[3], 14, 4, 1),
    Column::names(WAYS[4], 9, 2, 3),
];

const OF_BOUND: [Column<'_>; 6] = [
    Column::fixed(BOUND[0], 1, 0),
    Column::names(BOUND[1], 10, 2, 0),
    Column::names(BOUND[2], 10, 3, 0),
    Column::names(BOUND[3], 8, 2, 2),
    Column::names(BOUND[4], 14, 4, 1),
    Column::names(BOUND[5], 9, 2, 3),
];

const OF_MATRIX: [Column<'_>; 9] = [
    Column::names(MATRIX[0], 12, 4, 0),
    Column::fixed(MATRIX[1], 5, 2),
    Column::fixed(MATRIX[2], 6, 0),
    Column::fixed(MATRIX[3], 6, 0),
    Column::fixed(MATRIX[4], 7, 0),
    Column::fixed(MATRIX[5], 6, 0),
    Column::fixed(MATRIX[6], 6, 0),
    Column::fixed(MATRIX[7], 12, 0),
    Column::fixed(MATRIX[8], 9, 0),
];

/// What the title says.
pub fn title(page: &Rights) -> String {
    let count = pane::count(page.list.rows().len(), page.list.total);
    match page.asked {
        Asked::May(..) => heading(&page.asked, page.answer()),
        _ => format!("{} {count}", heading(&page.asked, page.answer())),
    }
}

/// What stands beside the title.
pub fn remarks(model: &Model, page: &Rights) -> Vec<(Ink, String)> {
    let mut remarks = vec![(Ink::Dim, "RBAC only".to_owned())];
    if let Some(said) = page.verdict(None) {
        remarks.push((Ink::Head, format!("the server: {}", said.word())));
    }
    remarks.extend(pane::freshness(model.seconds(), &model.here.world.bindings.sources().overall()));
    remarks.extend(pane::filter(&page.list));
    remarks
}

/// Where the table stands, and where what is said of it.
pub fn split(page: &Rights, inner: Rect) -> (Rect, Rect) {
    let below = match inner.height {
        height if page.tall => height.saturating_sub(5),
        // On a low screen the rows matter more.
        0..10 => 0,
        height => (height * 2 / 5).clamp(5, 16),
    };
    let above = Rect { height: inner.height - below, ..inner };
    (above, Rect { y: inner.y + above.height, height: below, ..inner })
}

/// Draws the page inside its frame.
pub fn draw(model: &Model, page: &Rights, theme: &Theme, inner: Rect, buffer: &mut Buffer) {
    let list = &page.list;
    let (above, below) = split(page, inner);
    let world = &model.here.world;
    let columns: &[Column<'_>] = match page.asked {
        Asked::Who(_) => &OF_WHO,
        Asked::Held(..) => &OF_HELD,
        Asked::Differ(..) => &OF_APART,
        Asked::May(..) => &OF_WAYS,
        Asked::Bound(..) => &OF_BOUND,
        Asked::Matrix(_) => &OF_MATRIX,
    };
    if list.rows().is_empty() {
        wrap::draw(&wrap::wrap(&empty(page), above.width), theme, above, buffer);
    } else {
        table::draw(list, columns, true, theme, above, buffer, |key| page.row(world, key));
    }
    if below.height > 0 {
        draw_why(model, page, theme, below, buffer);
    }
    // On the rule below the rows, or on the frame: a row is never written over.
    let height = table::rows_in(above) as u16;
    let rows = Rect { y: above.y + above.height - height, height, ..above };
    pane::more(theme, list.offset(), list.rows().len(), rows, buffer);
}

/// Draws why the row under the cursor is there, and what the answer lacks, below a rule.
fn draw_why(model: &Model, page: &Rights, theme: &Theme, below: Rect, buffer: &mut Buffer) {
    let world = &model.here.world;
    let rule = format!("── why {}", "─".repeat(usize::from(below.width.saturating_sub(7))));
    buffer.set_stringn(below.x, below.y, rule, usize::from(below.width), theme.frame(false));
    let below = Rect { y: below.y + 1, height: below.height - 1, ..below };
    // What it lacks stands last and is never cut: an answer that is not whole must say so.
    let notes = wrap::wrap(&page.answer().notes, below.width);
    let least = usize::from(below.height / 2);
    let kept = notes.len().min(least.max(1));
    let lines = wrap::wrap(&page.detail(world), below.width);
    let room = usize::from(below.height) - kept;
    let shown = if lines.len() > room { &lines[..room.saturating_sub(1)] } else { &lines[..] };
    wrap::draw(shown, theme, Rect { height: room as u16, ..below }, buffer);
    if lines.len() > room && room > 0 {
        let zoom = hint(model, Command::Zoom, if page.tall { "shows the rows again" } else { "shows more" });
        let words = format!("… {} more lines{zoom}", lines.len() - shown.len());
        buffer.set_stringn(below.x, below.y + room as u16 - 1, words, usize::from(below.width), theme.ink(Ink::Dim));
    }
    let place = Rect { y: below.y + room as u16, height: kept as u16, ..below };
    wrap::draw(&notes[..kept], theme, place, buffer);
}

/// What is said in place of rows.
fn empty(page: &Rights) -> Vec<Line> {
    let words = match &page.asked {
        _ if !page.list.filter.is_empty() && page.list.total > 0 => format!("nothing matches {}", page.list.filter),
        _ if page.list.faults && page.list.total > 0 => "none of them needs a look".to_owned(),
        Asked::Who(_) => "no binding lets anybody do that".to_owned(),
        Asked::Held(..) => "no binding gives anything here".to_owned(),
        Asked::Differ(..) => "neither may do anything that the other may not, as RBAC has it".to_owned(),
        Asked::May(..) => "no binding allows that".to_owned(),
        Asked::Bound(..) => "no binding names this subject".to_owned(),
        Asked::Matrix(_) => "nobody is bound here".to_owned(),
    };
    vec![Line::of(Ink::Dim, words)]
}
