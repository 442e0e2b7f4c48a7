//! Where everything stands, at any size.
//!
//! From 120 columns on all four panes stand side by side. Below that, tenants and namespaces share the upper part, and access
//! or identity, whichever was looked at last, fills the lower one. Sizes are changed and panes hidden by hand, for wide screens and
//! for others ([`Arrangement`](crate::console::model::arrangement::Arrangement)). On very small screens the focused pane is alone.
//!
//! Two openings side by side have a half each, laid out as a screen of that size.

use ratatui::layout::Rect;

use super::pane;
use crate::console::model::opening::Opening;
use crate::console::model::{Model, Pane};

/// From this many columns on all panes stand side by side.
pub const SIDE_BY_SIDE: u16 = 120;
/// Below this size the focused pane stands alone.
const SMALLEST: (u16, u16) = (72, 14);

/// The parts of the screen.
#[derive(Debug, Clone)]
pub struct Parts {
    /// What has the keys: all but the hints, or a half of that.
    pub here: Half,
    /// What is shown beside it.
    pub beside: Option<Half>,
    /// The last line.
    pub hints: Rect,
}

/// Where one opening of a context is drawn.
#[derive(Debug, Clone)]
pub struct Half {
    /// Who and where, on top.
    pub strip: Rect,
    /// All below the strip.
    pub body: Rect,
    /// The panes that are shown.
    pub panes: Vec<(Pane, Rect)>,
}

impl Half {
    fn new(model: &Model, opening: &Opening, area: Rect) -> Self {
        let rows = if area.width >= SIDE_BY_SIDE { 1 } else { 2 }.min(area.height);
        let strip = Rect { height: rows, ..area };
        let body = Rect { y: area.y + rows, height: area.height - rows, ..area };
        Self { strip, body, panes: panes(model, opening, body) }
    }

    /// Where `pane` stands, if it is shown.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(shown, _)| *shown == pane).map(|(_, area)| *area)
    }

    /// Whether a column and row are in it.
    pub fn contains(&self, x: u16, y: u16) -> bool {
        self.strip.union(self.body).contains((x, y).into())
    }
}

/// Lays the screen out.
pub fn screen(model: &Model, area: Rect) -> Parts {
    let hint_rows = u16::from(area.height > if area.width >= SIDE_BY_SIDE { 1 } else { 2 });
    let hints = Rect { y: area.y + area.height - hint_rows, height: hint_rows, ..area };
    let above = Rect { height: area.height - hint_rows, ..area };
    let Some((beside, is_left)) = model.shown_beside().zip(model.beside.map(|beside| beside.left)) else {
        return Parts { here: Half::new(model, &model.here, above), beside: None, hints };
    };
    let width = model.columns().min(area.width / 2);
    let left = Rect { width, ..above };
    let right = Rect { x: above.x + above.width - width, ..left };
    let [here, there] = if is_left { [right, left] } else { [left, right] };
    let here = Half::new(model, &model.here, here);
    Parts { here, beside: Some(Half::new(model, beside, there)), hints }
}

/// Lays the whole screen out.
pub fn whole(model: &Model) -> Parts {
    screen(model, Rect::new(0, 0, model.size.0, model.size.1))
}

fn panes(model: &Model, opening: &Opening, body: Rect) -> Vec<(Pane, Rect)> {
    if model.zoom || body.width < SMALLEST.0 || body.height < SMALLEST.1 {
        return vec![(opening.focus, body)];
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
    let both = [opening.lower, Pane::Access, Pane::Identity];
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
pub fn table_height(half: &Half, pane: Pane) -> usize {
    half.pane(pane).map_or(0, |area| super::table::rows_in(pane::inner(area)))
}
