//! Those who may do something, as an answer keeps them: by reference, for they may be a hundred thousand.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use crate::world::binding::{Binding, Subject};
use crate::world::grant::Reach;
use crate::world::name::Name;
use crate::world::role::Role;

use super::chain::{Chain, Link};

/// All who may do something, each subject once, in order. What lies behind each is put together when it is asked for.
#[derive(Debug, Default)]
pub struct Holders<'a> {
    found: Vec<Found<'a>>,
    /// Each subject with where its places in `by` end.
    subjects: Vec<(Cow<'a, Subject>, usize)>,
    /// Places in `found`, subject by subject.
    by: Vec<u32>,
}

/// Somebody who may do it.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// Who.
    pub subject: &'a Subject,
    found: &'a [Found<'a>],
    by: &'a [u32],
}

/// Where somebody may do it, and why: shared by all whom one binding names, who may be many.
#[derive(Debug, PartialEq, Eq)]
pub struct Ways {
    /// Where.
    pub reach: Reach,
    /// Why: each binding that allows it, with its rule.
    pub chains: Vec<Chain>,
}

/// A binding that allows it.
#[derive(Debug)]
pub(super) struct Found<'a> {
    binding: &'a Binding,
    role: &'a Role,
    /// The first rule that allows it.
    rule: usize,
    /// Made when somebody asks.
    ways: OnceCell<Arc<Ways>>,
}

impl<'a> Holders<'a> {
    /// Nobody yet, by these bindings.
    pub(super) fn new(found: Vec<Found<'a>>) -> Self {
        // Seldom is somebody named twice.
        let most = found.iter().map(|found| found.binding.subjects.len()).sum();
        Self { found, subjects: Vec::with_capacity(most), by: Vec::with_capacity(most) }
    }

    /// The bindings that allow it, as they were asked.
    pub(super) fn bindings(&self) -> impl Iterator<Item = &'a Binding> + use<'_, 'a> {
        self.found.iter().map(|found| found.binding)
    }

    /// Somebody who comes after all that are there, with the places of the bindings that name him. Nobody, if there is none.
    pub(super) fn push(&mut self, subject: Cow<'a, Subject>, places: impl Iterator<Item = u32>) {
        let before = self.by.len();
        self.by.extend(places);
        if let Some(places) = self.by.get_mut(before..)
            && !places.is_empty()
        {
            // As they were asked.
            places.sort_unstable();
            self.subjects.push((subject, self.by.len()));
        }
    }

    /// How many they are.
    pub const fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Nobody may.
    pub const fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// Each of them, in order.
    pub fn each(&self) -> impl ExactSizeIterator<Item = Holder<'_>> {
        let mut begin = 0;
        self.subjects.iter().map(move |(subject, end)| {
            let by = self.by.get(std::mem::replace(&mut begin, *end)..*end).unwrap_or_default();
            Holder { subject, found: &self.found, by }
        })
    }
}

/// The same people by the same ways.
impl PartialEq for Holders<'_> {
    fn eq(&self, other: &Self) -> bool {
        let said = |holder: Holder<'_>| (holder.subject.clone(), holder.ways());
        self.each().map(said).eq(other.each().map(said))
    }
}

impl Eq for Holders<'_> {}

impl Holder<'_> {
    /// Where, and why.
    pub fn ways(&self) -> Arc<Ways> {
        let mut all = self.by.iter().filter_map(|place| self.found.get(*place as usize)).map(Found::ways);
        match (all.next(), self.by.len()) {
            (Some(one), 1) => Arc::clone(one),
            (first, _) => Arc::new(Ways::of(first.into_iter().chain(all).map(AsRef::as_ref))),
        }
    }
}

impl Ways {
    /// All of these together.
    fn of<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut together = Self { reach: Reach::Namespaces(Vec::new()), chains: Vec::new() };
        let mut names: Vec<Name> = Vec::new();
        for ways in all {
            match &ways.reach {
                Reach::Cluster => together.reach = Reach::Cluster,
                Reach::Namespaces(more) => names.extend_from_slice(more),
            }
            together.chains.extend_from_slice(&ways.chains);
        }
        if let Reach::Namespaces(all) = &mut together.reach {
            names.sort();
            names.dedup();
            *all = names;
        }
        together
    }
}

impl<'a> Found<'a> {
    /// It allows it wherever it holds, by a rule.
    pub(super) const fn new(binding: &'a Binding, role: &'a Role, rule: usize) -> Self {
        Self { binding, role, rule, ways: OnceCell::new() }
    }

    /// It holds in the whole cluster, but allows it in these namespaces only, in each by a rule. `None`: in none of them.
    pub(super) fn within(binding: &'a Binding, role: &'a Role, places: Vec<(Name, usize)>) -> Option<Self> {
        let (_, rule) = *places.first()?;
        let mut rules: Vec<usize> = places.iter().map(|(_, rule)| *rule).collect();
        rules.dedup();
        let chains = rules.into_iter().map(|rule| Chain::of(None, Link::new(binding, role, rule))).collect();
        let reach = Reach::Namespaces(places.into_iter().map(|(name, _)| name).collect());
        Some(Self { binding, role, rule, ways: OnceCell::from(Arc::new(Ways { reach, chains })) })
    }

    fn ways(&self) -> &Arc<Ways> {
        self.ways.get_or_init(|| {
            let namespace = self.binding.namespace.clone();
            let reach = namespace.map_or(Reach::Cluster, |namespace| Reach::Namespaces(vec![namespace]));
            let chains = vec![Chain::of(None, Link::new(self.binding, self.role, self.rule))];
            Arc::new(Ways { reach, chains })
        })
    }
}
