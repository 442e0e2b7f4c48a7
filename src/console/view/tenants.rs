//! The tenants pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Column};
use super::theme::Theme;
use super::{pane, wrap};
use crate::console::model::page::{self, Ink, Line, state_ink};
use crate::console::model::{Model, Pane, rows};
use crate::text::age::age;

const COLUMNS: [Column; 6] = [
    Column::fixed("", 1, 0),
    Column::names("TENANT", 6, 3, 0),
    Column::fixed("STATE", 13, 1),
    Column::fixed("NS", 5, 2).right(),
    Column::names("OWNERS", 12, 2, 3),
    Column::fixed("AGE", 6, 4).right(),
];

/// Draws the pane.
pub fn draw(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let world = &model.world;
    let list = &model.tenants;
    let mut remarks: Vec<_> = pane::freshness(model, &world.tenants.sources().overall()).into_iter().collect();
    if !list.filter.is_empty() {
        remarks.insert(0, (Ink::Warn, format!("/{}", list.filter)));
    }
    let title = format!("Tenants {}", pane::count(list.rows().len(), list.total));
    let mut inner = pane::frame(model, theme, Pane::Tenants, &title, &remarks, area, buffer);
    if list.rows().is_empty() {
        wrap::draw(&wrap::wrap(&page::empty(model, Pane::Tenants), inner.width), theme, inner, buffer);
        return;
    }
    // A reason is longer than a cell: that of the tenant under the cursor stands whole below the rows.
    let reason = list.selected().and_then(|name| Some(world.tenants.get(name)?.reason(world.tenant_state(name))));
    if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
        inner = pane::below(&[Line::of(Ink::Warn, reason)], theme, inner, buffer);
    }
    let focused = model.focus == Pane::Tenants;
    table::draw(list, &COLUMNS, focused, theme, inner, buffer, |name| {
        let state = world.tenant_state(name);
        let ink = state_ink(state.glyph());
        let known = world.namespaces_of(name).count();
        let Some(tenant) = world.tenants.get(name) else {
            return vec![
                (ink, state.glyph().to_string()),
                (Ink::Text, name.to_string()),
                (ink, state.word().to_owned()),
                (Ink::Text, known.to_string()),
            ];
        };
        let reason = tenant.reason(state);
        let word = if reason.is_empty() { state.word().to_owned() } else { format!("{}: {reason}", state.word()) };
        let size = if world.namespaces.is_empty() { tenant.size as usize } else { known };
        let quota = tenant.quota.map(|quota| format!("/{quota}")).unwrap_or_default();
        vec![
            (ink, state.glyph().to_string()),
            (Ink::Text, name.to_string()),
            (ink, word),
            (Ink::Text, format!("{size}{quota}")),
            (Ink::Dim, rows::owners(Some(tenant))),
            (Ink::Dim, age(model.seconds() - tenant.created)),
        ]
    });
    pane::more(theme, list.offset(), list.rows().len(), shrunk(inner), buffer);
}

/// The part of a pane that rows stand in, for counting them.
pub fn shrunk(inner: Rect) -> Rect {
    let rows = table::rows_in(inner) as u16;
    Rect { y: inner.y + inner.height - rows, height: rows, ..inner }
}
