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
use super::model::opening::Opening;
use super::model::overlay::Overlay;
use super::model::page::Line;
use super::model::plan_page::{self, Shape};
use super::model::{Model, Pane, page};
use crate::plan::Digest;
use crate::world::trouble::Trouble;
use layout::Half;
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

/// One opening of a context, as it is drawn.
#[derive(Clone, Copy)]
struct Side<'a> {
    model: &'a Model,
    opening: &'a Opening,
    /// Keys go to it.
    has_keys: bool,
}

impl Side<'_> {
    /// Whether keys go to this pane: not while something lies over it.
    fn is_focused(&self, pane: Pane) -> bool {
        self.is_cursor_in(pane) && self.model.overlays.is_empty()
    }

    /// Whether the cursor is in this pane, whatever lies over it.
    fn is_cursor_in(&self, pane: Pane) -> bool {
        self.has_keys && self.opening.focus == pane
    }
}

/// Draws the whole screen.
pub fn draw(model: &Model, theme: &Theme, buffer: &mut Buffer) -> Shown {
    let parts = layout::screen(model, buffer.area);
    draw_side(Side { model, opening: &model.here, has_keys: true }, &parts.here, theme, buffer);
    if let Some((opening, half)) = model.shown_beside().zip(parts.beside.as_ref()) {
        draw_side(Side { model, opening, has_keys: false }, half, theme, buffer);
    }
    let plan = overlay::draw(model, theme, parts.here.body, buffer);
    let cursor = hints::draw(model, theme, parts.hints, buffer);
    panel::draw(model, theme, parts.here.body, buffer);
    theme.finish(buffer);
    Shown { plan, cursor }
}

fn draw_side(side: Side<'_>, half: &Half, theme: &Theme, buffer: &mut Buffer) {
    strip::draw(side, theme, half.strip, buffer);
    if let Some((title, trouble)) = side.opening.nothing_to_see() {
        return draw_nothing(side, title, trouble, theme, half.body, buffer);
    }
    for (pane, place) in &half.panes {
        match pane {
            Pane::Tenants => tenants::draw(side, theme, *place, buffer),
            Pane::Namespaces => namespaces::draw(side, theme, *place, buffer),
            Pane::Access => access::draw(side, theme, *place, buffer),
            Pane::Identity => draw_identity(side, theme, *place, buffer),
        }
    }
}

/// Where nothing of a cluster was ever seen there is nothing for the panes to show: what can be done about that stands in their
/// place.
fn draw_nothing(side: Side<'_>, title: &str, trouble: &Trouble, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let focused = side.has_keys && side.model.overlays.is_empty();
    let border = if focused { BorderType::Thick } else { BorderType::Plain };
    Block::bordered().border_type(border).border_style(theme.frame(side.has_keys)).render(area, buffer);
    pane::heading(title, &[], theme, side.has_keys, area, buffer);
    let inner = pane::inner(area);
    let lines = page::nothing(side.model, side.opening, trouble);
    wrap::draw(&wrap::wrap(&lines, inner.width), theme, inner, buffer);
}

fn draw_identity(side: Side<'_>, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let inner = pane::frame(side, theme, Pane::Identity, "Identity", &[], area, buffer);
    let lines = wrap::wrap(&page::identity(side.model, side.opening), inner.width);
    let from = side.opening.identity_scroll.min(lines.len().saturating_sub(inner.height as usize));
    wrap::draw(&lines[from..], theme, inner, buffer);
    pane::more(theme, from, lines.len(), inner, buffer);
}

/// How far the topmost page, or the identity pane, can be scrolled.
pub fn scroll_limit(model: &Model) -> usize {
    let here = layout::whole(model).here;
    match model.overlays.last() {
        Some(overlay) => overlay::scroll_limit(model, overlay, here.body),
        None => {
            let Some(area) = here.pane(Pane::Identity) else { return 0 };
            let inner = pane::inner(area);
            let lines = page::identity(model, &model.here);
            wrap::wrap(&lines, inner.width).len().saturating_sub(inner.height as usize)
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
    layout::whole(model).here.body
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
    let here = layout::whole(model).here;
    let (pane, area) = here.panes.iter().find(|(_, area)| area.contains((x, y).into()))?;
    Some((*pane, table::row_at(pane::inner(*area), y)))
}

/// Whether what is shown beside stands at a column and row.
pub fn is_beside(model: &Model, x: u16, y: u16) -> bool {
    layout::whole(model).beside.is_some_and(|half| half.contains(x, y))
}

/// The command whose hint stands at a column and row.
pub fn hint_at(model: &Model, x: u16, y: u16) -> Option<Command> {
    let area = layout::whole(model).hints;
    if area.contains((x, y).into()) { hints::at(model, area, x) } else { None }
}

/// The page on top as text.
pub fn page_text(model: &Model) -> String {
    overlay::text(model, body(model))
}

/// How many rows a screenful has, of what keys move now.
pub fn page_rows(model: &Model) -> usize {
    match model.overlays.last() {
        Some(Overlay::Objects(_) | Overlay::Rights(_)) => page_table_rows(model),
        Some(Overlay::Contexts(_) | Overlay::Journal(_)) | None => model.visible_rows(model.here.focus),
        Some(_) => body(model).height.saturating_sub(2) as usize,
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
