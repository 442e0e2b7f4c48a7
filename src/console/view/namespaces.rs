//! The namespaces pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Column};
use super::theme::Theme;
use super::{Side, pane, wrap};
use crate::console::model::columns::{NAMESPACES, NamespaceRow};
use crate::console::model::page::{self, Ink, Line};
use crate::console::model::{Breadth, Pane};

const COLUMNS: [Column<'_>; 7] = [
    Column::fixed(NAMESPACES[0], 1, 0),
    Column::names(NAMESPACES[1], 12, 3, 0),
    Column::fixed(NAMESPACES[2], 11, 1),
    Column::fixed(NAMESPACES[3], 5, 2).right(),
    Column::names(NAMESPACES[4], 8, 2, 3),
    Column::fixed(NAMESPACES[5], 17, 4),
    Column::fixed(NAMESPACES[6], 6, 5).right().from(80),
];

/// Draws the pane.
pub fn draw(side: Side<'_>, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let Side { model, opening, .. } = side;
    let world = &opening.world;
    let list = &opening.namespaces;
    let sources = world.namespaces.sources();
    let mut remarks: Vec<_> = pane::freshness(model.seconds(), &sources.overall()).into_iter().collect();
    remarks.splice(..0, pane::filter(list));
    let count = pane::count(list.rows().len(), list.total);
    let title = match (opening.breadth, opening.tenants.selected()) {
        (Breadth::Tenant, Some(tenant)) => format!("Namespaces · {tenant} {count}"),
        (Breadth::All, _) => format!("Namespaces · all {count}"),
        (Breadth::Tenant, None) => format!("Namespaces {count}"),
    };
    let mut inner = pane::frame(side, theme, Pane::Namespaces, &title, &remarks, area, buffer);
    if let Some(trouble) = sources.refused()
        && !list.rows().is_empty()
    {
        // What is shown is not all there is: that must stand where the rows stand.
        let words = format!("others may exist: {}", trouble.what);
        inner = pane::below(&[Line::of(Ink::Dim, words)], theme, inner, buffer);
    }
    if list.rows().is_empty() {
        wrap::draw(&wrap::wrap(&page::empty(opening, Pane::Namespaces), inner.width), theme, inner, buffer);
        return;
    }
    let focused = side.is_cursor_in(Pane::Namespaces);
    table::draw(list, &COLUMNS, focused, theme, inner, buffer, |name| {
        Some(NamespaceRow::new(opening, name, model.seconds()))
    });
    pane::more(theme, list.offset(), list.rows().len(), super::tenants::shrunk(inner), buffer);
}
