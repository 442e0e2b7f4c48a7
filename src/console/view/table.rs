//! A table that draws only the rows that are visible. Columns drop by priority as space shrinks and come back in the same
//! place.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::theme::Theme;
use crate::console::model::list::List;
use crate::console::model::page::Ink;
use crate::text::width::{cut, cut_middle, width};

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// The columns it needs at least.
    pub least: u16,
    /// Its share of what is left over.
    pub share: u16,
    /// Which go first when space shrinks: the highest. Columns of priority 0 stay.
    pub priority: u8,
    /// Numbers stand to the right.
    pub right: bool,
    /// Of names both ends matter.
    pub name: bool,
}

impl Column {
    /// A column that takes its least width.
    pub const fn fixed(title: &'static str, least: u16, priority: u8) -> Self {
        Self { title, least, share: 0, priority, right: false, name: false }
    }

    /// A column of names, taking a share of what is left over.
    pub const fn names(title: &'static str, least: u16, share: u16, priority: u8) -> Self {
        Self { title, least, share, priority, right: false, name: true }
    }

    /// The same, with its content to the right.
    #[must_use]
    pub const fn right(mut self) -> Self {
        self.right = true;
        self
    }
}

/// A cell: how it is inked, and its text.
pub type Cell = (Ink, String);

/// Rows that fit into `inner`, below the heading if there is room for one.
pub const fn rows_in(inner: Rect) -> usize {
    (inner.height as usize).saturating_sub(heading_rows(inner))
}

const fn heading_rows(inner: Rect) -> usize {
    if inner.height >= 4 { 1 } else { 0 }
}

/// Draws the visible rows of `list`; `cells` makes the cells of one row.
pub fn draw<K: Clone + PartialEq>(
    list: &List<K>,
    columns: &[Column],
    focused: bool,
    theme: Theme,
    inner: Rect,
    buffer: &mut Buffer,
    mut cells: impl FnMut(&K) -> Vec<Cell>,
) {
    let widths = widths(columns, inner.width);
    let heading = heading_rows(inner) as u16;
    if heading > 0 {
        let titles: Vec<Cell> = columns.iter().map(|column| (Ink::Dim, column.title.to_owned())).collect();
        row(&titles, columns, &widths, theme, Style::new(), Rect { height: 1, ..inner }, buffer);
    }
    let visible = rows_in(inner);
    for (line, key) in list.rows().iter().skip(list.offset()).take(visible).enumerate() {
        let area = Rect { y: inner.y + heading + line as u16, height: 1, ..inner };
        let selected = list.offset() + line == list.at();
        let style = if selected { theme.selected(focused) } else { Style::new() };
        row(&cells(key), columns, &widths, theme, style, area, buffer);
        if selected {
            buffer.set_style(area, style);
        }
    }
}

fn row(
    cells: &[Cell],
    columns: &[Column],
    widths: &[u16],
    theme: Theme,
    style: Style,
    area: Rect,
    buffer: &mut Buffer,
) {
    let mut x = area.x;
    for ((column, columns_wide), (ink, text)) in columns.iter().zip(widths).zip(cells) {
        if *columns_wide == 0 {
            continue;
        }
        let room = *columns_wide as usize;
        let text = if column.name { cut_middle(text, room) } else { cut(text, room) };
        let indent = if column.right { room - width(&text) } else { 0 };
        buffer.set_string(x + indent as u16, area.y, &text, style.patch(theme.ink(*ink)));
        x += columns_wide + 1;
    }
}

/// How wide each column is; 0 for those that are dropped.
fn widths(columns: &[Column], room: u16) -> Vec<u16> {
    let mut shown = vec![true; columns.len()];
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

    const COLUMNS: [Column; 4] = [
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
