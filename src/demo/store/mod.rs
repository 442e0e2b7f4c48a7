//! What is stored: objects as compact JSON, one table per kind, each with a log of its latest changes.
//!
//! An object is held without `apiVersion` and `kind`, which are the same for a whole table: lists of built-in kinds leave
//! them out, all other answers put them in front ([`typed`]). There is one revision for the whole store, as in etcd.

mod key;
mod log;
mod parsed;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use super::object::{Meta as _, Object};
pub use key::Key;
use log::Log;
pub use log::{Change, Verb};
use parsed::Parsed;

/// One version of an object.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Compact JSON without `apiVersion` and `kind`.
    pub body: Bytes,
    /// The store's revision at which it was written.
    pub revision: u64,
}

impl Stored {
    /// The object, without `apiVersion` and `kind`.
    pub fn parse(&self) -> Object {
        parse(&self.body)
    }
}

/// A body that the store itself has written.
pub fn parse(body: &[u8]) -> Object {
    serde_json::from_slice(body).unwrap_or_default()
}

/// The whole object as it goes over the wire: `apiVersion` and `kind` in front.
pub fn typed(api_version: &str, kind: &str, body: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"apiVersion\":\"");
    out.extend_from_slice(api_version.as_bytes());
    out.extend_from_slice(b"\",\"kind\":\"");
    out.extend_from_slice(kind.as_bytes());
    out.push(b'"');
    match body.get(1..) {
        Some(rest) if rest != b"}" => {
            out.push(b',');
            out.extend_from_slice(rest);
        }
        _ => out.push(b'}'),
    }
}

/// One kind's objects.
#[derive(Debug)]
struct Table {
    items: BTreeMap<Key, Stored>,
    log: Log,
    /// Tells watches that the log has grown.
    news: watch::Sender<u64>,
}

/// All objects.
#[derive(Debug)]
pub struct Store {
    revision: u64,
    tables: Vec<Table>,
    parsed: Parsed,
    /// Where bodies are written before it is known how long they are.
    scratch: Vec<u8>,
}

/// The objects of a table at one revision.
#[derive(Debug)]
pub struct Page {
    /// In the order of their keys.
    pub items: Vec<(Key, Stored)>,
    /// How many more there are after these.
    pub remaining: usize,
}

/// The log does not reach back to the revision that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooOld;

impl Store {
    /// An empty one with a number of tables.
    pub fn new(tables: usize) -> Self {
        let table = || Table { items: BTreeMap::new(), log: Log::default(), news: watch::Sender::new(0) };
        Self {
            revision: 1,
            tables: (0..tables).map(|_| table()).collect(),
            parsed: Parsed::default(),
            scratch: Vec::new(),
        }
    }

    /// The revision of the latest write.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// One object.
    pub fn get(&self, table: usize, key: &Key) -> Option<&Stored> {
        self.tables.get(table)?.items.get(key)
    }

    /// A version of an object, made of its text by `whole` unless it was lately looked at. It must be the same for all of a table.
    pub fn look(&self, stored: &Stored, whole: impl FnOnce(&Stored) -> Object) -> Arc<Object> {
        self.parsed.get(stored.revision, || whole(stored))
    }

    /// Lets go of everything that is only held to be quick.
    pub fn rest(&mut self) {
        self.parsed.clear();
    }

    /// How many objects a table has.
    pub fn len(&self, table: usize) -> usize {
        self.tables.get(table).map_or(0, |table| table.items.len())
    }

    /// The objects of a table, or of one of its namespaces, in the order of their keys.
    pub fn iter<'a>(
        &'a self,
        table: usize,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = (&'a Key, &'a Stored)> + use<'a> {
        let bounds = Key::bounds(namespace);
        self.tables.get(table).into_iter().flat_map(move |table| table.items.range(bounds.clone()))
    }

    /// The objects after `after` as they were at `revision`, at most `limit` of them that `wanted` lets pass.
    pub fn page(
        &self,
        table: usize,
        namespace: Option<&str>,
        after: Option<&Key>,
        revision: u64,
        limit: Option<usize>,
        wanted: &mut dyn FnMut(&Stored) -> bool,
    ) -> Result<Page, TooOld> {
        let Some(table) = self.tables.get(table) else { return Ok(Page { items: Vec::new(), remaining: 0 }) };
        let past = if revision >= self.revision { BTreeMap::new() } else { table.log.past(revision).ok_or(TooOld)? };
        let (from, to) = Key::bounds(namespace);
        let from = after.map_or(from, |key| Bound::Excluded(key.clone()));
        let mut page = Page { items: Vec::new(), remaining: 0 };
        let mut take = |key: &Key, stored: &Stored| {
            if !wanted(stored) {
                return;
            }
            if limit.is_some_and(|limit| page.items.len() >= limit) {
                page.remaining += 1;
            } else {
                page.items.push((key.clone(), stored.clone()));
            }
        };
        if past.is_empty() {
            for (key, stored) in table.items.range((from, to)) {
                take(key, stored);
            }
        } else {
            // What changed since stands in the log as it was before; what came since was not there yet.
            let mut then: BTreeMap<&Key, Option<&Stored>> =
                table.items.range((from.clone(), to.clone())).map(|(key, stored)| (key, Some(stored))).collect();
            for (key, before) in &past {
                if (from.clone(), to.clone()).contains_key(key) {
                    then.insert(key, before.as_ref());
                }
            }
            for (key, stored) in then.into_iter().filter_map(|(key, stored)| Some((key, stored?))) {
                take(key, stored);
            }
        }
        Ok(page)
    }

    /// Writes an object, with `apiVersion` and `kind`; its `resourceVersion` becomes the new revision. Returns it as written.
    pub fn put(&mut self, table: usize, object: Object) -> Arc<Object> {
        let object = self.numbered(object);
        let body = self.body_of(&object);
        self.write(table, Key::of(&object), body);
        // Controllers are about to look at it.
        let object = Arc::new(object);
        self.parsed.put(self.revision, Arc::clone(&object));
        object
    }

    /// The same, with another text in the place of one: what is large and not looked at need not be parsed for that.
    pub fn put_text(&mut self, table: usize, object: Object, place: &str, text: &str) {
        let object = self.numbered(object);
        let body = String::from_utf8_lossy(&self.body_of(&object)).replacen(place, text, 1);
        self.write(table, Key::of(&object), Bytes::from(body.into_bytes().into_boxed_slice()));
    }

    /// An object with the next revision.
    fn numbered(&mut self, mut object: Object) -> Object {
        self.revision += 1;
        object.set(&["metadata", "resourceVersion"], self.revision.to_string());
        object
    }

    /// Compact JSON without `apiVersion` and `kind`.
    fn body_of(&mut self, object: &Object) -> Bytes {
        let bytes = &mut self.scratch;
        bytes.clear();
        if let Some(map) = object.as_object() {
            bytes.push(b'{');
            for (key, value) in map.iter().filter(|(key, _)| *key != "apiVersion" && *key != "kind") {
                if bytes.len() > 1 {
                    bytes.push(b',');
                }
                // Writing JSON into memory cannot fail.
                let _ = serde_json::to_writer(&mut *bytes, key);
                bytes.push(b':');
                let _ = serde_json::to_writer(&mut *bytes, value);
            }
            bytes.push(b'}');
        }
        Bytes::copy_from_slice(bytes)
    }

    /// Writes a text at the present revision.
    fn write(&mut self, table: usize, key: Key, body: Bytes) {
        let revision = self.revision;
        let stored = Stored { body, revision };
        if let Some(table) = self.tables.get_mut(table) {
            let before = table.items.insert(key.clone(), stored.clone());
            let verb = if before.is_some() { Verb::Modified } else { Verb::Added };
            table.log.push(Change { revision, verb, key, body: stored.body, before });
            table.news.send_replace(revision);
        }
    }

    /// Removes an object. Returns its last state, with the revision of the removal.
    pub fn remove(&mut self, table: usize, key: &Key) -> Option<Object> {
        let revision = self.revision + 1;
        let before = self.tables.get_mut(table)?.items.remove(key)?;
        self.revision = revision;
        let mut object = before.parse();
        object.set(&["metadata", "resourceVersion"], revision.to_string());
        let body = self.body_of(&object);
        let table = self.tables.get_mut(table)?;
        table.log.push(Change { revision, verb: Verb::Deleted, key: key.clone(), body, before: Some(before) });
        table.news.send_replace(revision);
        Some(object)
    }

    /// The changes of a table after a revision, oldest first.
    pub fn changes(&self, table: usize, after: u64) -> Result<impl Iterator<Item = &Change>, TooOld> {
        let log = self.tables.get(table).map(|table| table.log.after(after));
        match log {
            Some(Some(changes)) => Ok(changes),
            _ => Err(TooOld),
        }
    }

    /// Wakes when a table has changed.
    pub fn subscribe(&self, table: usize) -> Option<watch::Receiver<u64>> {
        self.tables.get(table).map(|table| table.news.subscribe())
    }

    /// Forgets all changes, as a compaction of etcd does: older versions can be neither listed nor watched.
    pub fn compact(&mut self) {
        let revision = self.revision;
        for table in &mut self.tables {
            table.log.compact(revision);
            table.news.send_replace(revision);
        }
    }
}

/// Whether a range contains a key.
trait ContainsKey {
    fn contains_key(&self, key: &Key) -> bool;
}

impl ContainsKey for (Bound<Key>, Bound<Key>) {
    fn contains_key(&self, key: &Key) -> bool {
        std::ops::RangeBounds::contains(self, key)
    }
}

#[cfg(test)]
mod tests;
