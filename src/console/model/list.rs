//! A list with a cursor that holds on to its row, not to its place.

use std::collections::HashSet;
use std::hash::Hash;

use super::filter::Filter;

/// Rows by key, the cursor's key, and the first visible row.
#[derive(Debug, Clone)]
pub struct List<K> {
    rows: Vec<K>,
    selected: Option<K>,
    /// Where the cursor stands.
    at: usize,
    /// The cursor holds on to its row. Where nobody has been yet it stands on the first, whatever came first from the server.
    held: bool,
    offset: usize,
    /// What is typed to narrow the rows down.
    pub filter: String,
    /// The same, as it was read when the rows were made.
    pub kept_by: Filter,
    /// No row has the words: those are shown that have their letters.
    pub loose: bool,
    /// Only rows that need a look are shown.
    pub faults: bool,
    /// The heading that was chosen.
    pub heading: usize,
    /// What the rows are sorted by; by name if by nothing else.
    pub sort: Option<Sort>,
    /// The rows that are marked, also those that the filter hides.
    pub marks: HashSet<K>,
    /// The row that was marked last: where a range begins.
    anchor: Option<K>,
    /// How many rows there are without the filter.
    pub total: usize,
    /// What the rows were made from, so that they are not made again for nothing.
    pub made_from: u64,
}

impl<K> Default for List<K> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            selected: None,
            at: 0,
            held: true,
            offset: 0,
            filter: String::new(),
            kept_by: Filter::default(),
            loose: false,
            faults: false,
            heading: 0,
            sort: None,
            marks: HashSet::new(),
            anchor: None,
            total: 0,
            made_from: u64::MAX,
        }
    }
}

/// An order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    /// The column.
    pub column: usize,
    /// The largest first.
    pub descending: bool,
}

/// A step of the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Up or down by so many rows.
    By(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

impl<K: Clone + Eq + Hash> List<K> {
    /// A list whose cursor nobody uses yet: see [`List::hold`].
    pub fn unused() -> Self {
        Self { held: false, ..Self::default() }
    }

    /// From now on the cursor holds on to its row.
    pub const fn hold(&mut self) {
        self.held = true;
    }

    /// The rows.
    pub fn rows(&self) -> &[K] {
        &self.rows
    }

    /// The row under the cursor.
    pub const fn selected(&self) -> Option<&K> {
        self.selected.as_ref()
    }

    /// The place of the cursor.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The first visible row.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Puts new rows in. The cursor stays on its row wherever that has gone; when it is gone for good, the cursor stays in
    /// its place and the lost key is returned.
    pub fn set_rows(&mut self, rows: Vec<K>) -> Option<K> {
        self.rows = rows;
        let mut lost = None;
        if !self.held {
            (self.at, self.selected) = (0, None);
        }
        match &self.selected {
            Some(selected) => match self.find(selected) {
                Some(at) => self.at = at,
                None => lost = self.selected.take(),
            },
            None => self.at = 0,
        }
        self.at = self.at.min(self.rows.len().saturating_sub(1));
        if self.selected.is_none() {
            self.selected = self.rows.get(self.at).cloned();
        }
        lost
    }

    /// Where `key` stands; looks around the cursor first, since rows rarely move.
    fn find(&self, key: &K) -> Option<usize> {
        if self.rows.get(self.at) == Some(key) {
            return Some(self.at);
        }
        self.rows.iter().position(|row| row == key)
    }

    /// Sorts by a column; the other way round if it is sorted by it already.
    pub fn sort_by(&mut self, column: usize) {
        let descending = self.sort.is_some_and(|sort| sort.column == column && !sort.descending);
        self.sort = Some(Sort { column, descending });
        self.heading = column;
    }

    /// Puts the cursor on `key`, if it is there.
    pub fn select(&mut self, key: &K) -> bool {
        let Some(at) = self.rows.iter().position(|row| row == key) else { return false };
        self.held = true;
        self.at = at;
        self.selected = Some(key.clone());
        true
    }

    /// Wishes for the cursor to stand on `key` as soon as such a row exists.
    pub fn wish(&mut self, key: K) {
        self.held = true;
        if !self.select(&key) {
            self.selected = Some(key);
        }
    }

    /// Marks the row under the cursor, or takes its mark away, and moves on.
    pub fn toggle_mark(&mut self) {
        let Some(key) = self.selected.clone() else { return };
        if !self.marks.remove(&key) {
            self.marks.insert(key.clone());
        }
        self.anchor = Some(key);
        self.step(Step::By(1));
    }

    /// Marks all rows from the one that was marked last to the cursor.
    pub fn mark_range(&mut self) {
        let from = self.anchor.as_ref().and_then(|anchor| self.find(anchor)).unwrap_or(self.at);
        let (from, to) = (from.min(self.at), from.max(self.at));
        self.marks.extend(self.rows.iter().take(to + 1).skip(from).cloned());
        self.anchor.clone_from(&self.selected);
    }

    /// Marks all rows that are shown.
    pub fn mark_all(&mut self) {
        self.marks.extend(self.rows.iter().cloned());
    }

    /// How many marked rows are not shown.
    pub fn hidden_marks(&self) -> usize {
        self.marks.len() - self.rows.iter().filter(|row| self.marks.contains(row)).count()
    }

    /// Takes the marks of rows away that exist no more.
    pub fn keep_marks(&mut self, exists: impl Fn(&K) -> bool) {
        self.marks.retain(|key| exists(key));
    }

    /// Moves the cursor.
    pub fn step(&mut self, step: Step) {
        let last = self.rows.len().saturating_sub(1);
        self.held = true;
        self.at = match step {
            Step::By(rows) => self.at.saturating_add_signed(rows).min(last),
            Step::First => 0,
            Step::Last => last,
        };
        self.selected = self.rows.get(self.at).cloned();
    }

    /// Scrolls so that the cursor is among the `visible` rows.
    pub fn scroll_to_cursor(&mut self, visible: usize) {
        let visible = visible.max(1);
        if self.at < self.offset {
            self.offset = self.at;
        } else if self.at >= self.offset + visible {
            self.offset = self.at + 1 - visible;
        }
        self.offset = self.offset.min(self.rows.len().saturating_sub(visible));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(rows: &[u32]) -> List<u32> {
        let mut list = List::default();
        list.set_rows(rows.to_vec());
        list
    }

    #[test]
    fn the_cursor_follows_its_row() {
        let mut list = list(&[1, 3, 5]);
        list.step(Step::By(1));
        assert_eq!(list.set_rows(vec![0, 1, 2, 3, 5]), None);
        assert_eq!((list.selected(), list.at()), (Some(&3), 3));
    }

    #[test]
    fn a_vanished_row_leaves_the_cursor_in_its_place_and_is_told() {
        let mut list = list(&[1, 3, 5]);
        list.step(Step::By(1));
        assert_eq!(list.set_rows(vec![1, 5]), Some(3));
        assert_eq!(list.selected(), Some(&5));
        assert_eq!(list.set_rows(vec![]), Some(5));
        assert_eq!(list.selected(), None);
    }

    proptest! {
        #[test]
        fn the_cursor_is_always_on_a_visible_row(
            steps in proptest::collection::vec((0_u8..5, -5_isize..5, proptest::collection::btree_set(0_u32..12, 0..9)), 0..60),
            visible in 0_usize..6,
        ) {
            let mut list: List<u32> = List::default();
            for (what, by, rows) in steps {
                match what {
                    0 => { list.set_rows(rows.into_iter().collect()); }
                    1 => list.step(Step::By(by)),
                    2 => list.step(Step::First),
                    3 => list.step(Step::Last),
                    _ => { list.wish(by.unsigned_abs() as u32); }
                }
                list.set_rows(list.rows().to_vec());
                list.scroll_to_cursor(visible);
                prop_assert_eq!(list.selected(), list.rows().get(list.at()));
                if !list.rows().is_empty() {
                    prop_assert!(list.offset() <= list.at() && list.at() < list.offset() + visible.max(1));
                }
            }
        }
    }
}
