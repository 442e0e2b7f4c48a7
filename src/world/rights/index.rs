//! Which bindings name a subject: kept as bindings come and go.

use std::borrow::Cow;
use std::collections::BTreeMap;

use smallvec::SmallVec;

use crate::world::binding::{Binding, Key, Subject};
use crate::world::name::is_same;

use super::person::account;

/// Most subjects are named by a few bindings: their numbers stand where the subject stands.
type Numbers = SmallVec<[u32; 4]>;

/// The bindings of each subject, in the order of subjects. Bindings have numbers in it: most subjects are named once or twice, and
/// there are many of them.
#[derive(Debug, Clone, Default)]
pub struct Index {
    by_subject: BTreeMap<Subject, Numbers>,
    numbers: BTreeMap<Key, u32>,
    /// By number; `None`: free to be given again.
    keys: Vec<Option<Key>>,
    free: Vec<u32>,
}

impl Index {
    /// A binding has come, changed or gone.
    pub fn replace(&mut self, before: Option<&Binding>, after: Option<&Binding>) {
        if let (Some(before), Some(after)) = (before, after)
            && before.subjects == after.subjects
        {
            return;
        }
        if let Some(binding) = before
            && let Some(number) = self.numbers.remove(&binding.key())
        {
            for subject in binding.subjects.iter().map(one) {
                let Some(numbers) = self.by_subject.get_mut(&*subject) else { continue };
                numbers.retain(|other| *other != number);
                if numbers.is_empty() {
                    self.by_subject.remove(&*subject);
                }
            }
            if let Some(key) = self.keys.get_mut(number as usize) {
                *key = None;
            }
            self.free.push(number);
        }
        if let Some(binding) = after.filter(|binding| !binding.subjects.is_empty()) {
            let number = self.number(binding.key());
            for subject in binding.subjects.iter().map(one) {
                let numbers = self.by_subject.entry(subject.into_owned()).or_default();
                // A binding may name somebody twice.
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
            }
        }
    }

    /// A number for a binding.
    fn number(&mut self, key: Key) -> u32 {
        let number = self.free.pop().unwrap_or(self.keys.len() as u32);
        match self.keys.get_mut(number as usize) {
            Some(place) => *place = Some(key.clone()),
            None => self.keys.push(Some(key.clone())),
        }
        self.numbers.insert(key, number);
        number
    }

    /// The bindings that name a subject.
    pub fn of(&self, subject: &Subject) -> impl Iterator<Item = &Key> + use<'_> {
        let numbers = self.by_subject.get(subject).into_iter().flatten();
        numbers.filter_map(|number| self.keys.get(*number as usize)?.as_ref())
    }

    /// All subjects that bindings name, in order, each with the numbers of these bindings.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Subject, &[u32])> {
        self.by_subject.iter().map(|(subject, numbers)| (subject, numbers.as_slice()))
    }

    /// How many numbers there are.
    pub(super) const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Each of `all` with its number; those that name nobody have none. `all` are the bindings that are indexed, in the order of
    /// their keys.
    pub(super) fn numbered<'a>(
        &self,
        all: impl Iterator<Item = &'a Binding>,
    ) -> impl Iterator<Item = (&'a Binding, Option<u32>)> {
        let mut numbers = self.numbers.iter();
        all.map(move |binding| {
            // Both are walked in step, and a key was made of its binding: seldom is there a need to look into names.
            let is_it = |(key, _): &(&Key, &u32)| {
                is_same(&key.1, &binding.name)
                    && match (&key.0, &binding.namespace) {
                        (Some(one), Some(other)) => is_same(one, other),
                        (one, other) => one.is_none() && other.is_none(),
                    }
            };
            let number = (!binding.subjects.is_empty()).then(|| numbers.find(is_it)).flatten();
            (binding, number.map(|(_, number)| *number))
        })
    }

    /// All subjects that bindings name, in order.
    pub fn subjects(&self) -> impl ExactSizeIterator<Item = &Subject> {
        self.by_subject.keys()
    }
}

/// Somebody by one name: a ServiceAccount may be bound by its user name, too.
pub fn one(subject: &Subject) -> Cow<'_, Subject> {
    match subject {
        Subject::User(name) => account(name).map_or(Cow::Borrowed(subject), |(namespace, name)| {
            Cow::Owned(Subject::ServiceAccount { namespace: namespace.into(), name: name.into() })
        }),
        _ => Cow::Borrowed(subject),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::testing::binding;
    use proptest::prelude::*;

    fn subject(number: u8) -> Subject {
        match number % 3 {
            0 => Subject::User(format!("u{number}").as_str().into()),
            1 => Subject::User(format!("system:serviceaccount:ns:a{number}").as_str().into()),
            _ => Subject::ServiceAccount { namespace: "ns".into(), name: format!("a{}", number - 1).as_str().into() },
        }
    }

    proptest! {
        /// Whatever comes, changes and goes, the index says what is there.
        #[test]
        fn the_index_follows_a_model(steps in proptest::collection::vec((0_u8..6, proptest::option::of(proptest::collection::vec(0_u8..9, 0..4))), 0..60)) {
            let mut index = Index::default();
            let mut model: BTreeMap<Key, Binding> = BTreeMap::new();
            for (name, named) in steps {
                let subjects: Option<Vec<Subject>> = named.map(|all| all.into_iter().map(subject).collect());
                let after = subjects.map(|all| binding(Some("ns"), &format!("b{name}"), "view", &all));
                let key: Key = (Some("ns".into()), format!("b{name}").as_str().into());
                index.replace(model.get(&key), after.as_ref());
                match after {
                    Some(binding) => drop(model.insert(key, binding)),
                    None => drop(model.remove(&key)),
                }
                let mut wanted: BTreeMap<Subject, Vec<Key>> = BTreeMap::new();
                for (key, binding) in &model {
                    for subject in binding.subjects.iter().map(one) {
                        let keys = wanted.entry(subject.into_owned()).or_default();
                        if !keys.contains(key) {
                            keys.push(key.clone());
                        }
                    }
                }
                prop_assert_eq!(index.subjects().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
                for (subject, keys) in &wanted {
                    let mut found: Vec<Key> = index.of(subject).cloned().collect();
                    found.sort();
                    prop_assert_eq!(&found, keys);
                }
            }
        }
    }
}
