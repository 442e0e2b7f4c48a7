//! The labels of an object, as far as one looks for objects by them.

use super::name::Name;

/// Keys and values, sorted by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(Box<[(Name, Name)]>);

impl Labels {
    /// The value of a label.
    pub fn get(&self, key: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(key)).ok()?;
        self.0.get(at).map(|(_, value)| &**value)
    }
}

impl FromIterator<(Name, Name)> for Labels {
    fn from_iter<I: IntoIterator<Item = (Name, Name)>>(labels: I) -> Self {
        let mut labels: Vec<(Name, Name)> = labels.into_iter().collect();
        labels.sort();
        labels.dedup_by(|one, other| one.0 == other.0);
        Self(labels.into())
    }
}
