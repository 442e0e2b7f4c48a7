//! Where everything stands, at any size.
//!
//! From 120 columns on all four panes stand side by side. Below that, tenants and namespaces share the upper part, and access
//! or identity, whichever was looked at last, fills the lower one. Sizes are changed and panes hidden by hand, for wide screens and
//! for others ([`Arrangement`](crate::console::model::arrangement::Arrangement)). On very small screens the focused pane is alone.

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
        return vec![(model.here.focus, body)];
    }
    let arrangement = model.arrangement();
    let shown = |pane: Pane| arrangement.shows(pane);
    // The usual size with what was changed of it, as far as it leaves the neighbour some.
    let sized = |usual: u16, change: i16, least: u16, whole: u16| {
        usual.saturating_add_signed(change).clamp(least, whole.saturating_sub(least).max(least))
    };
    let mut panes = Vec::new();
    let mut put = |pane: Pane, area: Rect| {
        if area.width > 0 && area.height > 0 {
            panes.push((pane, area));
        }
    };
    let lower = |usual: u16| sized(usual, arrangement.lower, 4, body.height);
    let wide = body.width >= SIDE_BY_SIDE;
    // What stands beside each other, and what below: a pane that is hidden leaves its room to its neighbour.
    let beside = if wide { Pane::ALL[1..].iter().any(|pane| shown(*pane)) } else { shown(Pane::Namespaces) };
    let left = match (shown(Pane::Tenants), beside) {
        (false, _) => 0,
        (true, false) => body.width,
        (true, true) if wide => sized((body.width * 31 / 100).clamp(34, 62), arrangement.left, 20, body.width),
        (true, true) => sized(body.width * 45 / 100, arrangement.left, 20, body.width),
    };
    let rest = body.width - left;
    let x = body.x + left;
    if wide {
        let above = shown(Pane::Namespaces) || shown(Pane::Access);
        let lower = match (shown(Pane::Identity), above) {
            (false, _) => 0,
            (true, false) => body.height,
            // Identity holds about a dozen lines; on a low screen half of the height goes to it at most.
            (true, true) => lower(14.min(body.height / 2)),
        };
        let upper = body.height - lower;
        let middle = match (shown(Pane::Namespaces), shown(Pane::Access)) {
            // Where there is room, what runs in a namespace stands beside its whole name.
            (true, true) => {
                sized((rest * 42 / 100).max(if rest >= 130 { 64 } else { 34 }), arrangement.middle, 20, rest)
            }
            (true, false) => rest,
            (false, _) => 0,
        };
        put(Pane::Tenants, Rect { width: left, ..body });
        put(Pane::Namespaces, Rect { x, width: middle, height: upper, ..body });
        if shown(Pane::Access) {
            put(Pane::Access, Rect { x: x + middle, width: rest - middle, height: upper, ..body });
        }
        put(Pane::Identity, Rect { x, y: body.y + upper, width: rest, height: lower });
        return panes;
    }
    let both = [model.here.lower, Pane::Access, Pane::Identity];
    let below = both.into_iter().find(|pane| matches!(pane, Pane::Access | Pane::Identity) && shown(*pane));
    let above = shown(Pane::Tenants) || shown(Pane::Namespaces);
    let lower = match (below, above) {
        (None, _) => 0,
        (Some(_), false) => body.height,
        (Some(_), true) => lower(body.height / 2),
    };
    let upper = body.height - lower;
    put(Pane::Tenants, Rect { width: left, height: upper, ..body });
    if shown(Pane::Namespaces) {
        put(Pane::Namespaces, Rect { x, width: rest, height: upper, ..body });
    }
    if let Some(below) = below {
        put(below, Rect { y: body.y + upper, height: lower, ..body });
    }
    panes
}

/// How many rows the table of `pane` shows.
pub fn table_height(model: &Model, pane: Pane) -> usize {
    let parts = screen(model, Rect::new(0, 0, model.size.0, model.size.1));
    parts.pane(pane).map_or(0, |area| super::table::rows_in(pane::inner(area)))
}
