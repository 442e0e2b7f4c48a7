//! The page of objects of any kind.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Column};
use super::theme::Theme;
use super::{pane, wrap};
use crate::console::model::Model;
use crate::console::model::columns::Row as _;
use crate::console::model::objects::Objects;
use crate::console::model::page::{self, Ink, Line};
use crate::text::width::width;
use crate::world::freshness::Freshness;
use crate::world::table::{Column as Said, Says};

/// How wide a column is at most before others get their room, and one of names.
const USUAL: u16 = 12;
const NAME: u16 = 20;
/// From how many columns on there is room for what the server holds for less important.
const WIDE: u16 = 140;

/// What the title says.
pub fn title(objects: &Objects) -> String {
    format!("{} {}", objects.words(), pane::count(objects.list.rows().len(), objects.list.total))
}

/// What stands beside the title.
pub fn remarks(model: &Model, objects: &Objects) -> Vec<(Ink, String)> {
    let mut remarks: Vec<_> = pane::freshness(model.seconds(), &objects.freshness()).into_iter().collect();
    remarks.extend(pane::filter(&objects.list));
    remarks
}

/// Draws the page inside its frame.
pub fn draw(model: &Model, objects: &Objects, theme: &Theme, inner: Rect, buffer: &mut Buffer) {
    let list = &objects.list;
    let mut inner = inner;
    if let Some(trouble) = objects.rows.sources().refused().filter(|_| !list.rows().is_empty()) {
        // What is shown is not all there is: that must stand where the rows stand.
        let names: Vec<&str> = objects.rows.sources().namespaces().map(AsRef::as_ref).collect();
        let words = format!("others may exist: {}; these are from {}", trouble.what, names.join(", "));
        inner = pane::below(&[Line::of(Ink::Dim, words)], theme, inner, buffer);
    }
    if list.rows().is_empty() {
        wrap::draw(&wrap::wrap(&empty(objects), inner.width), theme, inner, buffer);
        return;
    }
    let columns = columns(model, objects, inner);
    let now = model.seconds();
    table::draw(list, &columns, true, theme, inner, buffer, |key| objects.row(key, now));
    pane::more(theme, list.offset(), list.rows().len(), super::tenants::shrunk(inner), buffer);
}

/// The columns, as wide as what is to be seen in them; where that is too much, names keep their room.
fn columns<'a>(model: &Model, objects: &'a Objects, inner: Rect) -> Vec<Column<'a>> {
    let now = model.seconds();
    let shown = objects.list.rows().iter().skip(objects.list.offset()).take(inner.height as usize);
    let rows: Vec<_> = shown.filter_map(|key| objects.row(key, now)).collect();
    let name = objects.name_column();
    let needed: Vec<u16> = objects
        .titles()
        .into_iter()
        .enumerate()
        .map(|(at, title)| {
            let cells = rows.iter().map(|row| width(&row.cell(at)));
            // One more for the sign of the order.
            cells.max().unwrap_or_default().max(width(title) + 1).min(200) as u16
        })
        .collect();
    let is_shown = |said: Option<&Said>| inner.width >= WIDE || !said.is_some_and(|said| said.wide);
    let shown = objects.columns().zip(&needed).filter(|(said, _)| is_shown(*said));
    let fits = shown.map(|(_, wide)| wide + 2).sum::<u16>() <= inner.width + 2;
    let column = |(at, (said, needed)): (usize, (Option<&'a Said>, u16))| {
        let most = if at == name || said.is_none() { NAME } else { USUAL };
        let least = if fits { needed + 1 } else { needed.min(most) };
        let priority = match said {
            _ if at == name => 0,
            None => 1,
            Some(said) if said.wide => 9,
            Some(said) if said.says == Says::Age => 2,
            Some(_) => 3,
        };
        Column {
            title: said.map_or(crate::console::model::objects::NAMESPACE, |said| &said.title),
            least,
            share: needed.saturating_sub(least),
            priority,
            from: if said.is_some_and(|said| said.wide) { WIDE } else { 0 },
            right: said.is_some_and(|said| said.number),
            name: at == name || said.is_none(),
        }
    };
    objects.columns().zip(needed).enumerate().map(column).collect()
}

/// What is said in place of rows.
fn empty(objects: &Objects) -> Vec<Line> {
    let title = objects.words();
    match objects.freshness() {
        Freshness::Loading => vec![Line::of(Ink::Dim, "reading …")],
        Freshness::Refused { trouble } | Freshness::Failing { trouble } | Freshness::Stale { trouble, .. } => {
            page::told(&trouble)
        }
        Freshness::Absent => {
            let mut lines = vec![Line::of(Ink::Warn, format!("there are no {} here any more", objects.resource))];
            lines.push(Line::of(Ink::Dim, "the server does not know the kind, or the namespace is not there"));
            lines
        }
        Freshness::Live if objects.list.total > 0 && objects.list.filter.is_empty() => {
            vec![Line::of(Ink::Dim, "none of them needs a look")]
        }
        Freshness::Live if objects.list.total > 0 => vec![Line::of(Ink::Dim, "the filter keeps none of them")],
        Freshness::Live => vec![Line::of(Ink::Dim, format!("there are no {title}"))],
    }
}
