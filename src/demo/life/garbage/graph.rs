//! Who owns whom, kept up to date with every write, so that nobody has to search the store for it. As `graph_builder.go`.

use std::collections::{BTreeSet, HashMap};

use crate::demo::object::{Meta as _, Object};
use crate::demo::store::Key;

/// An object: its table, and its key there.
pub type Place = (usize, Key);

/// The owner references of all objects, and what the collector has yet to look at.
#[derive(Debug, Default)]
pub struct Graph {
    /// Those who name an owner, by its uid.
    dependents: HashMap<String, BTreeSet<Place>>,
    /// Dependents whose owners may be gone or going.
    suspects: BTreeSet<Place>,
    /// Owners that are going, and wait for the collector to take its finalizer from them.
    waiting: BTreeSet<Place>,
}

impl Graph {
    /// The objects of a table that name an owner, in the order of their keys.
    pub fn dependents(&self, uid: &str, table: usize) -> impl Iterator<Item = &Key> {
        self.all_dependents(uid).filter(move |(one, _)| *one == table).map(|(_, key)| key)
    }

    /// All objects that name an owner.
    pub(super) fn all_dependents(&self, uid: &str) -> impl Iterator<Item = &Place> {
        self.dependents.get(uid).into_iter().flatten()
    }

    /// Takes up a write. Whether the collector has something to look at because of it.
    pub(super) fn note(&mut self, place: &Place, before: Option<&Object>, after: Option<&Object>) -> bool {
        let (was, is) = (before.map_or(&[][..], |it| it.owners()), after.map_or(&[][..], |it| it.owners()));
        let is_moved = was != is;
        if is_moved {
            self.relate(place, was, is);
        }
        let Some(after) = after else {
            self.suspects.remove(place);
            self.waiting.remove(place);
            let left = before.is_some_and(|before| self.suspect(before.uid()));
            // One that is gone may be the last one that its owner waited for.
            return left || (!was.is_empty() && !self.waiting.is_empty());
        };
        let mut is_news = is_moved && !self.waiting.is_empty();
        if is_moved && !is.is_empty() {
            is_news |= self.suspects.insert(place.clone());
        }
        if after.is_terminating() {
            if before.is_none_or(|before| !before.is_terminating()) {
                is_news |= self.suspect(after.uid());
            }
            let waits = after.finalizers().iter().any(|one| matches!(*one, "orphan" | "foregroundDeletion"));
            is_news |= if waits { self.waiting.insert(place.clone()) } else { self.waiting.remove(place) };
        }
        is_news
    }

    /// Dependents to look at; each is handed out once.
    pub(super) fn take_suspects(&mut self) -> BTreeSet<Place> {
        std::mem::take(&mut self.suspects)
    }

    /// Looks at one again.
    pub(super) fn suspect_again(&mut self, place: Place) {
        self.suspects.insert(place);
    }

    /// Owners that wait.
    pub(super) fn waiting(&self) -> Vec<Place> {
        self.waiting.iter().cloned().collect()
    }

    /// All dependents of an owner are to be looked at. Whether there are any.
    fn suspect(&mut self, uid: &str) -> bool {
        let Some(dependents) = self.dependents.get(uid) else { return false };
        self.suspects.extend(dependents.iter().cloned());
        true
    }

    fn relate(&mut self, place: &Place, was: &[Object], is: &[Object]) {
        for uid in was.iter().map(Object::uid_of_reference) {
            if let Some(dependents) = self.dependents.get_mut(uid) {
                dependents.remove(place);
                if dependents.is_empty() {
                    self.dependents.remove(uid);
                }
            }
        }
        for uid in is.iter().map(Object::uid_of_reference) {
            self.dependents.entry(uid.to_owned()).or_default().insert(place.clone());
        }
    }
}

/// An owner reference.
trait Reference {
    fn uid_of_reference(&self) -> &str;
}

impl Reference for Object {
    fn uid_of_reference(&self) -> &str {
        self.text(&["uid"]).unwrap_or_default()
    }
}
