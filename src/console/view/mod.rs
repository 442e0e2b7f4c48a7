//! `(&Model, &Theme, &mut Buffer) -> Shown`: pure; one file per part of the screen.
//!
//! ```text
//! strip     context ▸ cluster ▸ user (groups) ▸ role ▸ namespace      RW  live
//! panes     Tenants | Namespaces | Access
//!                   | Identity
//! hints     keys for this row, or what was said last, or the text field
//! ```

mod access;
mod hints;
pub mod layout;
mod namespaces;
mod overlay;
mod pane;
mod strip;
mod table;
mod tenants;
pub mod theme;
mod wrap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::model::overlay::Overlay;
use super::model::{Model, Pane, page};
use crate::plan::Digest;
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
pub fn draw(model: &Model, theme: Theme, buffer: &mut Buffer) -> Shown {
    let area = buffer.area;
    let parts = layout::screen(model, area);
    strip::draw(model, theme, parts.strip, buffer);
    for (pane, place) in &parts.panes {
        match pane {
            Pane::Tenants => tenants::draw(model, theme, *place, buffer),
            Pane::Namespaces => namespaces::draw(model, theme, *place, buffer),
            Pane::Access => access::draw(model, theme, *place, buffer),
            Pane::Identity => draw_identity(model, theme, *place, buffer),
        }
    }
    let plan = overlay::draw(model, theme, parts.body, buffer);
    let cursor = hints::draw(model, theme, parts.hints, buffer);
    Shown { plan, cursor }
}

fn draw_identity(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let inner = pane::frame(model, theme, Pane::Identity, "Identity", &[], area, buffer);
    let lines = wrap::wrap(&page::identity(model), inner.width);
    let from = model.identity_scroll.min(lines.len().saturating_sub(inner.height as usize));
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

/// How many rows a screenful has, of what keys move now.
pub fn page_rows(model: &Model) -> usize {
    let parts = layout::screen(model, Rect::new(0, 0, model.size.0, model.size.1));
    match model.overlays.last() {
        Some(Overlay::Contexts(_)) | None => model.visible_rows(model.focus),
        Some(_) => parts.body.height.saturating_sub(2) as usize,
    }
}
