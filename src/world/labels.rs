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

/// What a label selector demands, all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Selector(pub Vec<Demand>);

/// What is demanded of one label.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Demand {
    /// Its value is one of these.
    In(Name, Vec<Name>),
    /// It is not there, or its value is none of these.
    NotIn(Name, Vec<Name>),
    /// It is there.
    Exists(Name),
    /// It is not there.
    Absent(Name),
    /// What no selector can mean: nothing fulfils it.
    Never,
}

impl Selector {
    /// Whether labels are as demanded. Without demands all are.
    pub fn selects(&self, labels: &Labels) -> bool {
        let is_one =
            |key: &str, values: &[Name]| labels.get(key).is_some_and(|is| values.iter().any(|one| **one == *is));
        self.0.iter().all(|demand| match demand {
            Demand::In(key, values) => is_one(key, values),
            Demand::NotIn(key, values) => !is_one(key, values),
            Demand::Exists(key) => labels.get(key).is_some(),
            Demand::Absent(key) => labels.get(key).is_none(),
            Demand::Never => false,
        })
    }
}
