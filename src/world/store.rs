//! The rows of one kind, kept in order, relisted without ever going blank.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::fmt;

use super::feed::{Change, Scope, What};
use super::freshness::{Freshness, Sources};
use super::name::Name;

/// A row that a store can hold.
pub trait Row: fmt::Debug {
    /// What tells it from others of its kind, in the order of the screen.
    type Key: Ord + Clone + fmt::Debug;

    /// Its key.
    fn key(&self) -> Self::Key;

    /// The namespace of the object with this key; `None` for cluster-scoped kinds.
    fn namespace(key: &Self::Key) -> Option<&Name>;
}

/// The rows of one kind.
///
/// While a scope is listed again its rows stay, each new one replaces its predecessor at once, and those that the list did not
/// name go when it is complete: every row carries the number of the list that named it last.
#[derive(Debug, Clone)]
pub struct Store<R: Row> {
    rows: BTreeMap<R::Key, Held<R>>,
    sources: Sources,
    listing: u32,
    revision: u64,
}

#[derive(Debug, Clone)]
struct Held<R> {
    row: R,
    listing: u32,
}

impl<R: Row> Default for Store<R> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), sources: Sources::default(), listing: 0, revision: 0 }
    }
}

impl<R: Row + Clone + PartialEq> Store<R> {
    /// Takes in a change at `now` (Unix seconds). `replaced` is called with each row that goes or comes, before and after, for
    /// whoever keeps an index.
    pub fn apply(&mut self, change: Change<R>, now: i64, mut replaced: impl FnMut(Option<&R>, Option<&R>)) {
        let Change { scope, what } = change;
        match what {
            What::Begin => {
                self.listing += 1;
                let listing = self.listing;
                self.sources.begin(&scope, listing);
            }
            What::Rows(rows) => {
                let listing = self.sources.listing(&scope);
                for row in rows {
                    self.put(row, listing, &mut replaced);
                }
            }
            What::Gone(keys) => {
                for key in keys {
                    if let Some(held) = self.rows.remove(&key) {
                        self.revision += 1;
                        replaced(Some(&held.row), None);
                    }
                }
            }
            What::Synced => {
                let listing = self.sources.listing(&scope);
                self.sweep(&scope, listing, &mut replaced);
                self.sources.set(&scope, Freshness::Live);
                self.revision += 1;
            }
            What::Alive => self.sources.set(&scope, Freshness::Live),
            What::Failed(trouble) => {
                self.sources.failed(&scope, now, trouble);
                self.revision += 1;
            }
            What::Absent => {
                self.sources.set(&scope, Freshness::Absent);
                self.revision += 1;
            }
            What::Dropped => {
                self.sweep(&scope, u32::MAX, &mut replaced);
                self.sources.drop_scope(&scope);
                self.revision += 1;
            }
        }
    }

    fn put(&mut self, row: R, listing: u32, replaced: &mut impl FnMut(Option<&R>, Option<&R>)) {
        match self.rows.entry(row.key()) {
            btree_map::Entry::Vacant(place) => {
                replaced(None, Some(&row));
                place.insert(Held { row, listing });
                self.revision += 1;
            }
            btree_map::Entry::Occupied(mut place) => {
                let held = place.get_mut();
                held.listing = listing;
                // Events that change nothing we show (a status heartbeat, say) must not cost a frame.
                if held.row != row {
                    replaced(Some(&held.row), Some(&row));
                    held.row = row;
                    self.revision += 1;
                }
            }
        }
    }

    /// Takes out the rows of `scope` that the list numbered `listing` did not name.
    fn sweep(&mut self, scope: &Scope, listing: u32, replaced: &mut impl FnMut(Option<&R>, Option<&R>)) {
        let revision = &mut self.revision;
        self.rows.retain(|key, held| {
            let within = match scope {
                Scope::Cluster => true,
                Scope::Namespace(namespace) => R::namespace(key) == Some(namespace),
            };
            let stays = !within || held.listing == listing;
            if !stays {
                *revision += 1;
                replaced(Some(&held.row), None);
            }
            stays
        });
    }
}

impl<R: Row> Store<R> {
    /// All rows, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &R> + ExactSizeIterator {
        self.rows.values().map(|held| &held.row)
    }

    /// The rows whose keys lie in `range`.
    pub fn range<B: std::ops::RangeBounds<R::Key>>(&self, range: B) -> impl Iterator<Item = &R> {
        self.rows.range(range).map(|(_, held)| &held.row)
    }

    /// The row with this key.
    pub fn get(&self, key: &R::Key) -> Option<&R> {
        self.rows.get(key).map(|held| &held.row)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A number that changes whenever anything shown changes.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Where the rows come from and how fresh they are.
    pub const fn sources(&self) -> &Sources {
        &self.sources
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::namespace::Namespace;
    use crate::world::testing::namespace;
    use crate::world::trouble::{Trouble, TroubleKind};
    use proptest::prelude::*;

    fn change(what: What<Namespace>) -> Change<Namespace> {
        Change { scope: Scope::Cluster, what }
    }

    fn names(store: &Store<Namespace>) -> Vec<&str> {
        store.iter().map(|row| &*row.name).collect()
    }

    fn filled() -> Store<Namespace> {
        let mut store = Store::default();
        store.apply(change(What::Begin), 0, |_, _| {});
        store.apply(change(What::Rows(vec![namespace("a", None), namespace("b", None)])), 0, |_, _| {});
        store.apply(change(What::Synced), 0, |_, _| {});
        store
    }

    #[test]
    fn a_relist_never_blanks_and_sweeps_at_its_end() {
        let mut store = filled();
        store.apply(change(What::Begin), 1, |_, _| {});
        assert_eq!(names(&store), ["a", "b"]);
        store.apply(change(What::Rows(vec![namespace("b", None), namespace("c", None)])), 1, |_, _| {});
        assert_eq!(names(&store), ["a", "b", "c"]);
        store.apply(change(What::Synced), 1, |_, _| {});
        assert_eq!(names(&store), ["b", "c"]);
    }

    #[test]
    fn a_failure_keeps_the_rows_and_remembers_since_when() {
        let mut store = filled();
        let trouble = Trouble::new(TroubleKind::Refused, "nothing listens");
        store.apply(change(What::Failed(trouble.clone())), 7, |_, _| {});
        store.apply(change(What::Failed(trouble.clone())), 9, |_, _| {});
        assert_eq!(names(&store), ["a", "b"]);
        assert_eq!(store.sources().overall(), Freshness::Stale { since: 7, trouble });
    }

    #[test]
    fn an_event_that_changes_nothing_shown_leaves_the_revision() {
        let mut store = filled();
        let before = store.revision();
        store.apply(change(What::Rows(vec![namespace("a", None)])), 1, |_, _| panic!("nothing was replaced"));
        assert_eq!(store.revision(), before);
    }

    proptest! {
        /// Whatever lists and events come, what is in the store is what they said last.
        #[test]
        fn the_store_follows_a_model(steps in proptest::collection::vec((0_u8..4, 0_u8..6), 0..80)) {
            let mut store = Store::default();
            let mut model = std::collections::BTreeSet::new();
            let mut listed: Option<std::collections::BTreeSet<String>> = None;
            let mut index = std::collections::BTreeSet::new();
            for (step, n) in steps {
                let name = format!("ns-{n}");
                let what = match step {
                    0 => {
                        listed = Some(std::collections::BTreeSet::new());
                        What::Begin
                    }
                    1 => {
                        if let Some(listed) = &mut listed { listed.insert(name.clone()); }
                        model.insert(name.clone());
                        What::Rows(vec![namespace(&name, None)])
                    }
                    2 => {
                        if let Some(listed) = &mut listed { listed.remove(&name); }
                        model.remove(&name);
                        What::Gone(vec![name.as_str().into()])
                    }
                    _ => {
                        let Some(listed) = listed.take() else { continue };
                        model = listed;
                        What::Synced
                    }
                };
                store.apply(change(what), 0, |before, after| {
                    if let Some(row) = before { index.remove(&row.name); }
                    if let Some(row) = after { index.insert(row.name.clone()); }
                });
                prop_assert_eq!(names(&store), model.iter().map(String::as_str).collect::<Vec<_>>());
                prop_assert_eq!(index.len(), store.len());
            }
        }
    }
}
