//! Where everything stands, at any size.
//!
//! From 120 columns on all four panes stand side by side. Below that, tenants and namespaces share the upper part, and access
//! or identity, whichever was looked at last, fills the lower one. On very small screens the focused pane is alone.

use ratatui::layout::Rect;

use super::pane;
use crate::console::model::{Model, Pane};

/// From this many columns on all panes stand side by side.
pub const SIDE_BY_SIDE: u16 = 120;
/// Below this size the focused pane stands alone.
const SMALLEST: (u16, u16) = (72, 14);

/// The parts of the screen.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Who and where, on top.
    pub strip: Rect,
    /// All between strip and hints.
    pub body: Rect,
    /// The panes that are shown.
    pub panes: Vec<(Pane, Rect)>,
    /// The last line.
    pub hints: Rect,
}

impl Parts {
    /// Where `pane` stands, if it is shown.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(shown, _)| *shown == pane).map(|(_, area)| *area)
    }
}

/// Lays the screen out.
pub fn screen(model: &Model, area: Rect) -> Parts {
    let strip_rows = if area.width >= SIDE_BY_SIDE { 1 } else { 2 }.min(area.height);
    let hint_rows = 1.min(area.height.saturating_sub(strip_rows));
    let strip = Rect { height: strip_rows, ..area };
    let hints = Rect { y: area.y + area.height - hint_rows, height: hint_rows, ..area };
    let body = Rect { y: area.y + strip_rows, height: area.height - strip_rows - hint_rows, ..area };
    Parts { strip, body, panes: panes(model, body), hints }
}

fn panes(model: &Model, body: Rect) -> Vec<(Pane, Rect)> {
    if model.zoom || body.width < SMALLEST.0 || body.height < SMALLEST.1 {
        return vec![(model.focus, body)];
    }
    if body.width >= SIDE_BY_SIDE {
        let left = (body.width * 31 / 100).clamp(34, 62);
        let rest = body.width - left;
        // Identity holds about a dozen lines; on a low screen half of the height goes to it at most.
        let lower = 14.min(body.height / 2);
        let upper = body.height - lower;
        let middle = (rest * 42 / 100).max(34);
        let x = body.x + left;
        return vec![
            (Pane::Tenants, Rect { width: left, ..body }),
            (Pane::Namespaces, Rect { x, width: middle, height: upper, ..body }),
            (Pane::Access, Rect { x: x + middle, width: rest - middle, height: upper, ..body }),
            (Pane::Identity, Rect { x, y: body.y + upper, width: rest, height: lower }),
        ];
    }
    let upper = body.height.div_ceil(2);
    let left = body.width * 45 / 100;
    let lower = if model.lower == Pane::Identity { Pane::Identity } else { Pane::Access };
    vec![
        (Pane::Tenants, Rect { width: left, height: upper, ..body }),
        (Pane::Namespaces, Rect { x: body.x + left, width: body.width - left, height: upper, ..body }),
        (lower, Rect { y: body.y + upper, height: body.height - upper, ..body }),
    ]
}

/// How many rows the table of `pane` shows.
pub fn table_height(model: &Model, pane: Pane) -> usize {
    let parts = screen(model, Rect::new(0, 0, model.size.0, model.size.1));
    parts.pane(pane).map_or(0, |area| super::table::rows_in(pane::inner(area)))
}
