//! How fresh is what we show, and if it isn't, why.

use std::collections::BTreeMap;

use super::feed::Scope;
use super::trouble::{Trouble, TroubleKind};

/// The condition of one source of rows. Times are Unix seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Freshness {
    /// The first list has not arrived yet.
    #[default]
    Loading,
    /// Followed by a watch.
    Live,
    /// Was live; the rows are those of `since`.
    Stale {
        /// Since when.
        since: i64,
        /// What happened.
        trouble: Trouble,
    },
    /// Never arrived, and is tried again.
    Failing {
        /// What happened.
        trouble: Trouble,
    },
    /// The server refuses it to us.
    Refused {
        /// Its words.
        trouble: Trouble,
    },
    /// The cluster does not serve this kind.
    Absent,
}

/// All sources of one kind: the whole cluster, or single namespaces.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    by_scope: BTreeMap<Scope, Source>,
}

#[derive(Debug, Clone, Default)]
struct Source {
    freshness: Freshness,
    listing: u32,
}

impl Sources {
    /// A list numbered `listing` begins for `scope`.
    pub(super) fn begin(&mut self, scope: &Scope, listing: u32) {
        self.by_scope.entry(scope.clone()).or_default().listing = listing;
    }

    /// The number of the latest list of `scope`.
    pub(super) fn listing(&self, scope: &Scope) -> u32 {
        self.by_scope.get(scope).map_or(0, |source| source.listing)
    }

    pub(super) fn set(&mut self, scope: &Scope, freshness: Freshness) {
        self.by_scope.entry(scope.clone()).or_default().freshness = freshness;
    }

    pub(super) fn failed(&mut self, scope: &Scope, now: i64, trouble: Trouble) {
        let source = self.by_scope.entry(scope.clone()).or_default();
        source.freshness = match (&source.freshness, &trouble.kind) {
            (_, TroubleKind::Forbidden(_)) => Freshness::Refused { trouble },
            // The first failure tells since when; the latest one tells why.
            (Freshness::Stale { since, .. }, _) => Freshness::Stale { since: *since, trouble },
            (Freshness::Live, _) => Freshness::Stale { since: now, trouble },
            _ => Freshness::Failing { trouble },
        };
    }

    pub(super) fn drop_scope(&mut self, scope: &Scope) {
        self.by_scope.remove(scope);
    }

    /// The freshness of one scope.
    pub fn of(&self, scope: &Scope) -> Option<&Freshness> {
        self.by_scope.get(scope).map(|source| &source.freshness)
    }

    /// The freshness of the whole kind: the worst of its scopes. A refused cluster-wide list does not count once single
    /// namespaces stand in for it.
    pub fn overall(&self) -> Freshness {
        let urgency = |freshness: &Freshness| match freshness {
            Freshness::Live => 0,
            Freshness::Absent => 1,
            Freshness::Refused { .. } => 2,
            Freshness::Loading => 3,
            Freshness::Failing { .. } => 4,
            Freshness::Stale { .. } => 5,
        };
        let replaced = self.by_scope.len() > 1;
        self.by_scope
            .iter()
            .filter(|(scope, source)| {
                !(replaced && **scope == Scope::Cluster && matches!(source.freshness, Freshness::Refused { .. }))
            })
            .map(|(_, source)| &source.freshness)
            .max_by_key(|freshness| urgency(freshness))
            .cloned()
            .unwrap_or_default()
    }

    /// Whether one of these namespaces, which stand in for a refused list of the whole cluster, is still to be listed.
    pub fn awaits(&self, followed: &[super::name::Name]) -> bool {
        let is_awaited = |name: &super::name::Name| {
            matches!(self.of(&Scope::Namespace(name.clone())), None | Some(Freshness::Loading))
        };
        self.refused().is_some() && followed.iter().any(is_awaited)
    }

    /// What the cluster-wide list was refused with, if it was.
    pub fn refused(&self) -> Option<&Trouble> {
        match self.of(&Scope::Cluster) {
            Some(Freshness::Refused { trouble }) => Some(trouble),
            _ => None,
        }
    }

    /// The namespaces that stand in for the whole cluster.
    pub fn namespaces(&self) -> impl Iterator<Item = &super::name::Name> {
        self.by_scope.keys().filter_map(|scope| match scope {
            Scope::Namespace(name) => Some(name),
            Scope::Cluster => None,
        })
    }
}
