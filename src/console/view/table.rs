//! A table that draws only the rows that are visible. Columns drop by priority as space shrinks and come back in the same
//! place.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::theme::Theme;
use crate::console::model::columns::Row;
use crate::console::model::list::List;
use crate::console::model::page::Ink;
use crate::text::width::{cut, cut_middle, width};

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// Its heading.
    pub title: &'a str,
    /// The columns it needs at least.
    pub least: u16,
    /// Its share of what is left over.
    pub share: u16,
    /// Which go first when space shrinks: the highest. Columns of priority 0 stay.
    pub priority: u8,
    /// It is shown in tables at least this wide only, so that names keep their room.
    pub from: u16,
    /// Numbers stand to the right.
    pub right: bool,
    /// Of names both ends matter.
    pub name: bool,
}

impl<'a> Column<'a> {
    /// A column that takes its least width.
    pub const fn fixed(title: &'a str, least: u16, priority: u8) -> Self {
        Self { title, least, share: 0, priority, from: 0, right: false, name: false }
    }

    /// A column of names, taking a share of what is left over.
    pub const fn names(title: &'a str, least: u16, share: u16, priority: u8) -> Self {
        Self { title, least, share, priority, from: 0, right: false, name: true }
    }

    /// The same, in tables at least this wide only.
    #[must_use]
    pub const fn from(mut self, width: u16) -> Self {
        self.from = width;
        self
    }

    /// The same, with its content to the right.
    #[must_use]
    pub const fn right(mut self) -> Self {
        self.right = true;
        self
    }
}

/// Rows that fit into `inner`, below the heading if there is room for one.
pub const fn rows_in(inner: Rect) -> usize {
    (inner.height as usize).saturating_sub(heading_rows(inner))
}

/// Which visible row stands at this row of the screen.
pub fn row_at(inner: Rect, y: u16) -> Option<usize> {
    let first = inner.y + heading_rows(inner) as u16;
    (first..inner.y + inner.height).contains(&y).then(|| (y - first) as usize)
}

const fn heading_rows(inner: Rect) -> usize {
    if inner.height >= 4 { 1 } else { 0 }
}

/// Draws the visible rows of `list`; `row` makes one of a key.
pub fn draw<'a, K: Clone + Eq + std::hash::Hash, R: Row>(
    list: &'a List<K>,
    columns: &[Column<'_>],
    focused: bool,
    theme: &Theme,
    inner: Rect,
    buffer: &mut Buffer,
    row: impl Fn(&'a K) -> Option<R>,
) {
    let widths = widths(columns, inner.width);
    let heading = heading_rows(inner) as u16;
    if heading > 0 {
        headings(list, columns, &widths, focused, theme, inner, buffer);
    }
    let visible = rows_in(inner);
    for (line, key) in list.rows().iter().skip(list.offset()).take(visible).enumerate() {
        let area = Rect { y: inner.y + heading + line as u16, height: 1, ..inner };
        let selected = list.offset() + line == list.at();
        let style = if selected { theme.selected(focused) } else { Style::new() };
        if let Some(row) = row(key) {
            cells(&row, list, columns, &widths, theme, style, area, buffer);
        }
        if selected {
            buffer.set_style(area, style);
        }
        // In the border: a mark takes no column from what it marks.
        if list.marks.contains(key) && inner.x > 0 {
            buffer.set_string(inner.x - 1, area.y, MARK, theme.ink(Ink::Head));
        }
    }
}

/// Stands beside a marked row.
const MARK: &str = "*";

/// The titles: that of the chosen column underlined, that of the sorted one with the way it goes.
fn headings<K>(
    list: &List<K>,
    columns: &[Column<'_>],
    widths: &[u16],
    focused: bool,
    theme: &Theme,
    inner: Rect,
    buffer: &mut Buffer,
) {
    let mut x = inner.x;
    for (at, (column, wide)) in columns.iter().zip(widths).enumerate().filter(|(_, (_, wide))| **wide > 0) {
        let sign = match list.sort.filter(|sort| sort.column == at) {
            Some(sort) if sort.descending => "v",
            Some(_) => "^",
            None => "",
        };
        let room = *wide as usize;
        let text = cut(&format!("{}{sign}", column.title), room);
        let indent = if column.right { room - width(&text) } else { 0 };
        let is_chosen = focused && list.heading == at && list.heading > 0;
        let style = if is_chosen || !sign.is_empty() { theme.chosen(is_chosen) } else { theme.ink(Ink::Dim) };
        buffer.set_string(x + indent as u16, inner.y, &text, style);
        x += wide + 1;
    }
}

#[expect(clippy::too_many_arguments, reason = "all of them are parts of one line's drawing")]
fn cells<K>(
    row: &impl Row,
    list: &List<K>,
    columns: &[Column<'_>],
    widths: &[u16],
    theme: &Theme,
    style: Style,
    area: Rect,
    buffer: &mut Buffer,
) {
    let mut x = area.x;
    for (at, (column, wide)) in columns.iter().zip(widths).enumerate().filter(|(_, (_, wide))| **wide > 0) {
        let room = *wide as usize;
        let whole = row.cell(at);
        let text = if column.name { cut_middle(&whole, room) } else { cut(&whole, room) };
        let indent = if column.right { room - width(&text) } else { 0 };
        let start = x + indent as u16;
        buffer.set_string(start, area.y, &text, style.patch(theme.ink(row.ink(at))));
        let found = if list.loose && at == row.name_column() {
            list.kept_by.letters(&text)
        } else {
            list.kept_by.matches(at, &text)
        };
        for found in found {
            let (before, part) = (&text[..found.start], &text[found]);
            let place = Rect { x: start + width(before) as u16, width: width(part) as u16, ..area };
            buffer.set_style(place, theme.matched());
        }
        x += wide + 1;
    }
}

/// How wide each column is; 0 for those that are dropped.
fn widths(columns: &[Column<'_>], room: u16) -> Vec<u16> {
    let mut shown: Vec<bool> = columns.iter().map(|column| room >= column.from).collect();
    let needed = |shown: &[bool]| -> u16 {
        let kept = columns.iter().zip(shown).filter(|(_, shown)| **shown);
        kept.map(|(column, _)| column.least + 1).sum::<u16>().saturating_sub(1)
    };
    while needed(&shown) > room {
        let droppable = (0..columns.len()).filter(|at| shown[*at] && columns[*at].priority > 0);
        let Some(first) = droppable.max_by_key(|at| (columns[*at].priority, *at)) else { break };
        shown[first] = false;
    }
    let mut left = room.saturating_sub(needed(&shown));
    let mut shares: u16 = columns.iter().zip(&shown).filter(|(_, s)| **s).map(|(column, _)| column.share).sum();
    let mut taken = 0;
    columns
        .iter()
        .zip(&shown)
        .map(|(column, shown)| {
            if !shown {
                return 0;
            }
            let extra = (left * column.share).checked_div(shares).unwrap_or(0);
            left -= extra;
            shares -= column.share;
            // On a very narrow screen not even the columns that stay fit: the last ones are cut.
            let wide = (column.least + extra).min(room.saturating_sub(taken));
            taken += wide + 1;
            wide
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLUMNS: [Column<'_>; 4] = [
        Column::fixed("", 1, 0),
        Column::names("NAME", 8, 2, 0),
        Column::fixed("STATE", 9, 1),
        Column::names("OWNERS", 10, 1, 2),
    ];

    #[test]
    fn columns_drop_by_priority_and_names_take_what_is_left() {
        assert_eq!(widths(&COLUMNS, 60), [1, 27, 9, 20]);
        assert_eq!(widths(&COLUMNS, 25), [1, 13, 9, 0]);
        assert_eq!(widths(&COLUMNS, 12), [1, 10, 0, 0]);
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_its_room(room in 0_u16..200) {
            let widths = widths(&COLUMNS, room);
            let gaps = widths.iter().filter(|wide| **wide > 0).count().saturating_sub(1) as u16;
            prop_assert!(widths.iter().sum::<u16>() + gaps <= room.max(1));
        }
    }
}
