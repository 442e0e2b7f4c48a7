//! The access pane: grants, or raw bindings.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Column};
use super::theme::Theme;
use super::{Side, pane, wrap};
use crate::console::model::columns::{AccessCells, BINDINGS, GRANTS};
use crate::console::model::page::{self, Ink};
use crate::console::model::{Breadth, Pane};

const OF_GRANTS: [Column<'_>; 7] = [
    Column::fixed(GRANTS[0], 1, 0),
    Column::names(GRANTS[1], 10, 4, 0),
    Column::fixed(GRANTS[2], 5, 3),
    Column::names(GRANTS[3], 7, 3, 0),
    Column::names(GRANTS[4], 7, 3, 1),
    Column::fixed(GRANTS[5], 12, 2),
    Column::names(GRANTS[6], 9, 3, 4),
];

const OF_BINDINGS: [Column<'_>; 5] = [
    Column::names(BINDINGS[0], 8, 2, 1),
    Column::names(BINDINGS[1], 10, 3, 0),
    Column::names(BINDINGS[2], 8, 2, 0),
    Column::names(BINDINGS[3], 10, 3, 2),
    Column::fixed(BINDINGS[4], 6, 3).right().from(100),
];

/// Draws the pane.
pub fn draw(side: Side<'_>, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let Side { model, opening, .. } = side;
    let world = &opening.world;
    let list = &opening.access;
    let cluster = world.cluster_bindings.sources();
    let mut remarks: Vec<_> =
        pane::freshness(model.seconds(), &world.bindings.sources().overall()).into_iter().collect();
    if remarks.is_empty() {
        remarks.extend(match cluster.refused() {
            Some(_) => Some((Ink::Warn, "cluster-wide ones refused".to_owned())),
            None => pane::freshness(model.seconds(), &cluster.overall()),
        });
    }
    remarks.splice(..0, pane::filter(list));
    let what = if opening.raw { "Bindings" } else { "Access" };
    let about = match (opening.narrow, opening.breadth) {
        (true, _) => opening.namespaces.selected(),
        (false, Breadth::Tenant) => opening.tenants.selected(),
        (false, Breadth::All) => None,
    };
    let about = about.map_or("all", |name| name);
    let title = format!("{what} · {about} {}", pane::count(list.rows().len(), list.total));
    let inner = pane::frame(side, theme, Pane::Access, &title, &remarks, area, buffer);
    if list.rows().is_empty() {
        wrap::draw(&wrap::wrap(&page::empty(opening, Pane::Access), inner.width), theme, inner, buffer);
        return;
    }
    let focused = side.is_cursor_in(Pane::Access);
    let columns: &[Column<'_>] = if opening.raw { &OF_BINDINGS } else { &OF_GRANTS };
    let all = opening.access_scope().map_or_else(|| world.namespaces.len(), |names| names.len());
    table::draw(list, columns, focused, theme, inner, buffer, |key| AccessCells::new(world, key, all, model.seconds()));
    pane::more(theme, list.offset(), list.rows().len(), super::tenants::shrunk(inner), buffer);
}
