//! The tenants pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Column};
use super::theme::Theme;
use super::{Side, pane, wrap};
use crate::console::model::Pane;
use crate::console::model::columns::{TENANTS, TenantRow};
use crate::console::model::page::{self, Ink, Line};

const COLUMNS: [Column<'_>; 6] = [
    Column::fixed(TENANTS[0], 1, 0),
    Column::names(TENANTS[1], 6, 3, 0),
    Column::fixed(TENANTS[2], 13, 1),
    Column::fixed(TENANTS[3], 5, 2).right(),
    Column::names(TENANTS[4], 12, 2, 3),
    Column::fixed(TENANTS[5], 6, 4).right(),
];

/// Draws the pane.
pub fn draw(side: Side<'_>, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let Side { model, opening, .. } = side;
    let world = &opening.world;
    let list = &opening.tenants;
    let mut remarks: Vec<_> =
        pane::freshness(model.seconds(), &world.tenants.sources().overall()).into_iter().collect();
    remarks.splice(..0, pane::filter(list));
    let title = format!("Tenants {}", pane::count(list.rows().len(), list.total));
    let mut inner = pane::frame(side, theme, Pane::Tenants, &title, &remarks, area, buffer);
    if list.rows().is_empty() {
        wrap::draw(&wrap::wrap(&page::empty(opening, Pane::Tenants), inner.width), theme, inner, buffer);
        return;
    }
    // A reason is longer than a cell: that of the tenant under the cursor stands whole below the rows.
    let reason = list.selected().and_then(|name| Some(world.tenants.get(name)?.reason(world.tenant_state(name))));
    if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
        inner = pane::below(&[Line::of(Ink::Warn, reason)], theme, inner, buffer);
    }
    let focused = side.is_cursor_in(Pane::Tenants);
    table::draw(list, &COLUMNS, focused, theme, inner, buffer, |name| {
        Some(TenantRow::new(world, name, model.seconds()))
    });
    pane::more(theme, list.offset(), list.rows().len(), shrunk(inner), buffer);
}

/// The part of a pane that rows stand in, for counting them.
pub fn shrunk(inner: Rect) -> Rect {
    let rows = table::rows_in(inner) as u16;
    Rect { y: inner.y + inner.height - rows, height: rows, ..inner }
}
