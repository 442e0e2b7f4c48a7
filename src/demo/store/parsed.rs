//! Objects that were lately looked at, parsed. Bodies are text, and most of what controllers do is to read.

use std::cell::RefCell;
use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use super::Object;

/// How many are remembered for sure; at most twice as many are held.
const ENOUGH: usize = 96;

/// By the revision at which each was written, which no two versions share: nothing in here can be out of date. Held in two
/// generations; what nobody has looked at during a whole one is let go.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    generations: RefCell<[HashMap<u64, Arc<Object>>; 2]>,
}

impl Parsed {
    /// The object of a revision, parsed now if it was not lately.
    pub(super) fn get(&self, revision: u64, parse: impl FnOnce() -> Object) -> Arc<Object> {
        let mut generations = self.generations.borrow_mut();
        let [young, old] = &mut *generations;
        if let Some(known) = young.get(&revision) {
            return Arc::clone(known);
        }
        let object = old.remove(&revision).unwrap_or_else(|| Arc::new(parse()));
        keep(&mut generations, revision, Arc::clone(&object));
        object
    }

    /// An object that was just written.
    pub(super) fn put(&mut self, revision: u64, object: Arc<Object>) {
        keep(self.generations.get_mut(), revision, object);
    }

    /// Lets all go.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

fn keep([young, old]: &mut [HashMap<u64, Arc<Object>>; 2], revision: u64, object: Arc<Object>) {
    if young.len() >= ENOUGH {
        *old = mem::take(young);
    }
    young.insert(revision, object);
}
