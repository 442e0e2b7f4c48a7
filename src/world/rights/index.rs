//! Which bindings name a subject: kept as bindings come and go.

use std::collections::BTreeMap;

use crate::world::binding::{Binding, Key, Subject};

use super::person::account;

/// The bindings of each subject, in the order of subjects.
#[derive(Debug, Clone, Default)]
pub struct Index {
    by_subject: BTreeMap<Subject, Vec<Key>>,
}

impl Index {
    /// A binding has come, changed or gone.
    pub fn replace(&mut self, before: Option<&Binding>, after: Option<&Binding>) {
        if let (Some(before), Some(after)) = (before, after)
            && before.subjects == after.subjects
            && before.key() == after.key()
        {
            return;
        }
        if let Some(binding) = before {
            let key = binding.key();
            for subject in binding.subjects.iter().map(one) {
                let Some(keys) = self.by_subject.get_mut(&subject) else { continue };
                keys.retain(|other| *other != key);
                if keys.is_empty() {
                    self.by_subject.remove(&subject);
                }
            }
        }
        if let Some(binding) = after {
            let key = binding.key();
            for subject in binding.subjects.iter().map(one) {
                let keys = self.by_subject.entry(subject).or_default();
                // A binding may name somebody twice.
                if keys.last() != Some(&key) {
                    keys.push(key.clone());
                }
            }
        }
    }

    /// The bindings that name a subject.
    pub fn of(&self, subject: &Subject) -> &[Key] {
        self.by_subject.get(subject).map(Vec::as_slice).unwrap_or_default()
    }

    /// All subjects that bindings name, in order.
    pub fn subjects(&self) -> impl ExactSizeIterator<Item = &Subject> {
        self.by_subject.keys()
    }
}

/// Somebody by one name: a ServiceAccount may be bound by its user name, too.
pub fn one(subject: &Subject) -> Subject {
    match subject {
        Subject::User(name) => match account(name) {
            Some((namespace, name)) => Subject::ServiceAccount { namespace: namespace.into(), name: name.into() },
            None => subject.clone(),
        },
        other => other.clone(),
    }
}
