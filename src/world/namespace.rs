//! A namespace, reduced to what the screen shows.

use super::labels::Labels;
use super::name::Name;
use super::workload::Workloads;

/// A namespace as far as it is shown. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// `metadata.name`.
    pub name: Name,
    /// `metadata.uid`.
    pub uid: Name,
    /// `metadata.creationTimestamp`.
    pub created: i64,
    /// `metadata.deletionTimestamp`.
    pub deleting: Option<i64>,
    /// The tenant it belongs to: the owner reference decides, the label stands in where there is none.
    pub tenant: Option<Name>,
    /// The label `capsule.clastix.io/tenant`, when it disagrees with the owner reference (or the latter is missing).
    pub stray_label: Option<Name>,
    /// The label `projectcapsule.dev/cordoned` is `true`.
    pub cordoned: bool,
    /// `status.phase` is `Terminating`.
    pub terminating: bool,
    /// Why a termination does not get on, from the conditions; empty if it does.
    pub stuck: Name,
    /// `metadata.labels`.
    pub labels: Labels,
}

/// What is the matter with a namespace, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamespaceState {
    /// Being deleted.
    Terminating,
    /// Something in it fails.
    Failing,
    /// Writes by the tenant's people are refused.
    Cordoned,
    /// Things run in it.
    Active,
    /// Nothing runs in it.
    Empty,
}

impl NamespaceState {
    /// The word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Terminating => "terminating",
            Self::Failing => "failing",
            Self::Cordoned => "cordoned",
            Self::Active => "active",
            Self::Empty => "empty",
        }
    }

    /// The glyph that tells the state without colour; ASCII.
    pub const fn glyph(self) -> char {
        match self {
            Self::Terminating => 'x',
            Self::Failing => '!',
            Self::Cordoned => '#',
            Self::Active => ' ',
            Self::Empty => '-',
        }
    }
}

impl Namespace {
    /// Whether the namespace is being deleted.
    pub fn is_terminating(&self) -> bool {
        self.terminating || self.deleting.is_some()
    }

    /// The namespace's state; `workloads` is what runs in it, `None` if that is not known (then it counts as active).
    pub fn state(&self, workloads: Option<&Workloads>) -> NamespaceState {
        if self.is_terminating() {
            NamespaceState::Terminating
        } else if self.cordoned {
            NamespaceState::Cordoned
        } else if workloads.is_some_and(|w| w.failing() > 0) {
            NamespaceState::Failing
        } else if workloads.is_some_and(Workloads::is_empty) {
            NamespaceState::Empty
        } else {
            NamespaceState::Active
        }
    }
}
