//! Names and other strings that repeat: kept once, shared by everyone who mentions them.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use super::binding::Subject;
use super::rights::rule::Rule;
use crate::text::clean::clean;

/// The name of an object, a namespace, a user: cheap to clone, safe to show (see [`crate::text::clean`]).
pub type Name = Arc<str>;

/// Whether two names are one, quicker where they are interned: then there is no need to look into them.
pub fn is_same(one: &Name, other: &Name) -> bool {
    Arc::ptr_eq(one, other) || one == other
}

/// Keeps one copy of each string, each list of subjects and each list of rules that objects of a cluster repeat. 20,000 rolebindings of 5,000
/// namespaces name the same few roles and people over and over.
#[derive(Debug, Default)]
pub struct Interner {
    strings: HashSet<Name>,
    subjects: HashSet<Arc<[Subject]>>,
    rules: HashSet<Arc<[Rule]>>,
}

impl Interner {
    /// The shared copy of `text`, made [`clean`].
    pub fn name(&mut self, text: &str) -> Name {
        let text = clean(text);
        intern(&mut self.strings, text.as_ref())
    }

    /// The shared copy of a list of subjects.
    pub fn subjects(&mut self, subjects: &[Subject]) -> Arc<[Subject]> {
        intern(&mut self.subjects, subjects)
    }

    /// The shared copy of a list of rules.
    pub fn rules(&mut self, rules: &[Rule]) -> Arc<[Rule]> {
        intern(&mut self.rules, rules)
    }

    /// Forgets what nobody else mentions any more; worth calling after a full list, so that a long session does not collect
    /// the names of everything that ever existed.
    pub fn prune(&mut self) {
        // What lists mention goes with them.
        self.subjects.retain(|list| Arc::strong_count(list) > 1);
        self.rules.retain(|list| Arc::strong_count(list) > 1);
        self.strings.retain(|name| Arc::strong_count(name) > 1);
    }
}

fn intern<T: ?Sized + Eq + Hash>(kept: &mut HashSet<Arc<T>>, value: &T) -> Arc<T>
where
    Arc<T>: for<'a> From<&'a T>,
{
    if let Some(shared) = kept.get(value) {
        return Arc::clone(shared);
    }
    let shared: Arc<T> = Arc::from(value);
    kept.insert(Arc::clone(&shared));
    shared
}
