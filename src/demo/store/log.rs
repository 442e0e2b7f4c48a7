//! The latest changes of a table: what watches are fed from, and what earlier versions are read from.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use super::{Key, Stored};

/// How many changes of a kind are remembered. A watch that falls further behind is told 410, as by etcd's compaction.
const MEMORY: usize = 2_000;

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// It is new.
    Added,
    /// It has another content.
    Modified,
    /// It is gone.
    Deleted,
}

/// One change.
#[derive(Debug, Clone)]
pub struct Change {
    /// The store's revision.
    pub revision: u64,
    /// What happened.
    pub verb: Verb,
    /// To whom.
    pub key: Key,
    /// The object after it; of a removed one its last state.
    pub body: Bytes,
    /// The object before it.
    pub before: Option<Stored>,
}

/// Changes, oldest first.
#[derive(Debug, Default)]
pub struct Log {
    changes: VecDeque<Change>,
    /// The changes up to this revision are forgotten.
    forgotten: u64,
}

impl Log {
    /// Remembers a change.
    pub fn push(&mut self, change: Change) {
        if self.changes.len() >= MEMORY
            && let Some(oldest) = self.changes.pop_front()
        {
            self.forgotten = oldest.revision;
        }
        self.changes.push_back(change);
    }

    /// Forgets all changes up to a revision.
    pub fn compact(&mut self, revision: u64) {
        self.changes.retain(|change| change.revision > revision);
        self.changes.shrink_to_fit();
        self.forgotten = self.forgotten.max(revision);
    }

    /// The changes after a revision, or nothing if some of them are forgotten.
    pub fn after(&self, revision: u64) -> Option<impl Iterator<Item = &Change>> {
        if revision < self.forgotten {
            return None;
        }
        let start = self.changes.partition_point(|change| change.revision <= revision);
        Some(self.changes.range(start..))
    }

    /// What has changed since a revision, as it was then (nothing if it was not there).
    pub fn past(&self, revision: u64) -> Option<BTreeMap<Key, Option<Stored>>> {
        let mut past = BTreeMap::new();
        for change in self.after(revision)? {
            past.entry(change.key.clone()).or_insert_with(|| change.before.clone());
        }
        Some(past)
    }
}
