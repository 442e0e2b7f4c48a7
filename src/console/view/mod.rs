//! `(&Model, &Theme, &mut Buffer) -> Shown`: pure; one file per part of the screen.
//!
//! ```text
//! strip     context ▸ cluster ▸ user (groups) ▸ role ▸ namespace      RW  live
//! panes     Tenants | Namespaces | Access
//!                   | Identity
//! hints     keys for this row, or what was said last, or the text field
//! ```

mod access;
mod form;
mod hints;
pub mod layout;
mod namespaces;
mod objects;
mod overlay;
mod pane;
mod panel;
mod rights;
mod strip;
mod table;
mod tenants;
pub mod theme;
mod wrap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Widget as _};

use super::keymap::Command;
use super::model::overlay::Overlay;
use super::model::page::Line;
use super::model::plan_page::{self, Shape};
use super::model::{Model, Pane, page};
use crate::plan::Digest;
use crate::world::trouble::Trouble;
use theme::Theme;

/// From this many columns on there is room for ages.
pub const WIDE: u16 = 160;

/// What a drawn frame showed, as far as later messages depend on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    /// The digest of the plan on the screen, if it was readable and every step of it answered.
    pub plan: Option<Digest>,
    /// Where the terminal's cursor stands, if a text field is open.
    pub cursor: Option<(u16, u16)>,
}

/// Draws the whole screen.
pub fn draw(model: &Model, theme: &Theme, buffer: &mut Buffer) -> Shown {
    let area = buffer.area;
    let parts = layout::screen(model, area);
    strip::draw(model, theme, parts.strip, buffer);
    let nothing = model.here.nothing_to_see();
    if let Some((title, trouble)) = nothing {
        draw_nothing(model, title, trouble, theme, parts.body, buffer);
    }
    for (pane, place) in parts.panes.iter().filter(|_| nothing.is_none()) {
        match pane {
            Pane::Tenants => tenants::draw(model, theme, *place, buffer),
            Pane::Namespaces => namespaces::draw(model, theme, *place, buffer),
            Pane::Access => access::draw(model, theme, *place, buffer),
            Pane::Identity => draw_identity(model, theme, *place, buffer),
        }
    }
    let plan = overlay::draw(model, theme, parts.body, buffer);
    let cursor = hints::draw(model, theme, parts.hints, buffer);
    panel::draw(model, theme, parts.body, buffer);
    theme.finish(buffer);
    Shown { plan, cursor }
}

/// Where nothing of a cluster was ever seen there is nothing for the panes to show: what can be done about that stands in their
/// place.
fn draw_nothing(model: &Model, title: &str, trouble: &Trouble, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let border = if model.overlays.is_empty() { BorderType::Thick } else { BorderType::Plain };
    Block::bordered().border_type(border).border_style(theme.frame(true)).render(area, buffer);
    pane::heading(title, &[], theme, true, area, buffer);
    let inner = pane::inner(area);
    wrap::draw(&wrap::wrap(&page::nothing(model, trouble), inner.width), theme, inner, buffer);
}

fn draw_identity(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let inner = pane::frame(model, theme, Pane::Identity, "Identity", &[], area, buffer);
    let lines = wrap::wrap(&page::identity(model), inner.width);
    let from = model.here.identity_scroll.min(lines.len().saturating_sub(inner.height as usize));
    wrap::draw(&lines[from..], theme, inner, buffer);
    pane::more(theme, from, lines.len(), inner, buffer);
}

/// How far the topmost page, or the identity pane, can be scrolled.
pub fn scroll_limit(model: &Model) -> usize {
    let screen = Rect::new(0, 0, model.size.0, model.size.1);
    let parts = layout::screen(model, screen);
    match model.overlays.last() {
        Some(overlay) => overlay::scroll_limit(model, overlay, parts.body),
        None => {
            let Some(area) = parts.pane(Pane::Identity) else { return 0 };
            let inner = pane::inner(area);
            wrap::wrap(&page::identity(model), inner.width).len().saturating_sub(inner.height as usize)
        }
    }
}

/// The lines of the document on top that have what is looked for there.
pub fn found_lines(model: &Model) -> Vec<usize> {
    overlay::found_lines(model, body(model))
}

/// Which line each row of the document or the plan on top is of.
pub fn rows_on_top(model: &Model) -> Vec<usize> {
    overlay::rows(model, body(model))
}

fn body(model: &Model) -> Rect {
    layout::screen(model, Rect::new(0, 0, model.size.0, model.size.1)).body
}

/// How many columns the text of the plan on top has.
pub fn plan_columns(model: &Model) -> usize {
    model.overlays.last().map_or(0, |overlay| overlay::columns(overlay, body(model)) as usize)
}

fn plan_lines(model: &Model) -> Vec<(Option<usize>, Line)> {
    let Some(Overlay::Plan(dialog)) = model.overlays.last() else { return Vec::new() };
    plan_page::lines(dialog, Shape { form: model.diff_form, columns: plan_columns(model), shown: plan_page::SHOWN })
}

/// The text of the line under the cursor of the plan on top.
pub fn plan_line(model: &Model) -> Option<String> {
    let Some(Overlay::Plan(dialog)) = model.overlays.last() else { return None };
    let (_, line) = plan_lines(model).into_iter().nth(dialog.cursor)?;
    Some(line.spans.into_iter().map(|(_, text)| text).collect::<String>().trim().to_owned())
}

/// The step under the cursor of the plan on top.
pub fn plan_step(model: &Model) -> Option<usize> {
    let Some(Overlay::Plan(dialog)) = model.overlays.last() else { return None };
    let lines = plan_lines(model);
    let here = lines.get(dialog.cursor).and_then(|(step, _)| *step);
    here.or_else(|| dialog.is_single().then_some(0))
}

/// The pane at a column and row, and which of its visible rows is there.
pub fn pane_at(model: &Model, x: u16, y: u16) -> Option<(Pane, Option<usize>)> {
    let parts = layout::screen(model, Rect::new(0, 0, model.size.0, model.size.1));
    let (pane, area) = parts.panes.iter().find(|(_, area)| area.contains((x, y).into()))?;
    Some((*pane, table::row_at(pane::inner(*area), y)))
}

/// The command whose hint stands at a column and row.
pub fn hint_at(model: &Model, x: u16, y: u16) -> Option<Command> {
    let area = layout::screen(model, Rect::new(0, 0, model.size.0, model.size.1)).hints;
    if area.contains((x, y).into()) { hints::at(model, area, x) } else { None }
}

/// The page on top as text.
pub fn page_text(model: &Model) -> String {
    overlay::text(model, body(model))
}

/// How many rows a screenful has, of what keys move now.
pub fn page_rows(model: &Model) -> usize {
    let parts = layout::screen(model, Rect::new(0, 0, model.size.0, model.size.1));
    match model.overlays.last() {
        Some(Overlay::Objects(_) | Overlay::Rights(_)) => page_table_rows(model),
        Some(Overlay::Contexts(_) | Overlay::Journal(_)) | None => model.visible_rows(model.here.focus),
        Some(_) => parts.body.height.saturating_sub(2) as usize,
    }
}

/// Which visible row of a table that fills a page is at a column and row.
pub fn page_row_at(model: &Model, x: u16, y: u16) -> Option<usize> {
    let inner = page_table(model);
    table::row_at(inner, y).filter(|_| inner.contains((x, y).into()))
}

/// How many rows a table that fills a page shows.
pub fn page_table_rows(model: &Model) -> usize {
    table::rows_in(page_table(model))
}

/// Where the table of a page stands: below that of rights the way to them stands, too.
fn page_table(model: &Model) -> Rect {
    let inner = pane::inner(body(model));
    model.rights().map_or(inner, |page| rights::split(page, inner).0)
}
