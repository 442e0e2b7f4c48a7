//! A namespace, reduced to what the screen shows.

use super::labels::Labels;
use super::name::Name;
use super::pause::record::Record;
use super::pause::{Cordoning, PauseState, Whole};
use super::workload::Workloads;

/// A namespace as far as it is shown. Times are Unix seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// Why a termination does not get on, from the conditions, one a line; empty if it does.
    pub stuck: Name,
    /// `metadata.labels`.
    pub labels: Labels,
    /// The record of a pause of this namespace alone.
    pub pause: Option<Box<Record>>,
}

/// What is the matter with a namespace, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamespaceState {
    /// Being deleted.
    Terminating,
    /// Something in it fails.
    Failing,
    /// Some of it rests and some runs.
    PartPaused,
    /// It is being stopped.
    Pausing,
    /// It is being started again.
    Resuming,
    /// All of it rests.
    Paused,
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
            Self::PartPaused => PauseState::PartPaused.word(),
            Self::Pausing => PauseState::Pausing.word(),
            Self::Resuming => PauseState::Resuming.word(),
            Self::Paused => PauseState::Paused.word(),
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
            Self::PartPaused => PauseState::PartPaused.glyph(),
            Self::Pausing => PauseState::Pausing.glyph(),
            Self::Resuming => PauseState::Resuming.glyph(),
            Self::Paused => PauseState::Paused.glyph(),
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

    /// How the namespace stands to a pause.
    pub fn pause_state(&self, workloads: Option<&Workloads>) -> PauseState {
        let tally = workloads.map(Workloads::tally).copied().unwrap_or_default();
        let whole = self.pause.as_deref().map(|record| {
            let wanted = record.set.get("cordoned").and_then(serde_json::Value::as_bool) == Some(true);
            let cordon = match (wanted, self.cordoned) {
                (false, _) => Cordoning::Unwanted,
                (true, true) => Cordoning::InForce,
                (true, false) => Cordoning::Pending,
            };
            Whole { resumed: record.resumed.is_some(), cordon }
        });
        PauseState::of(&tally, whole)
    }

    /// The namespace's state; `workloads` is what runs in it, `None` if that is not known (then it counts as active).
    pub fn state(&self, workloads: Option<&Workloads>) -> NamespaceState {
        if self.is_terminating() {
            return NamespaceState::Terminating;
        }
        match self.pause_state(workloads) {
            PauseState::Pausing => return NamespaceState::Pausing,
            PauseState::Paused => return NamespaceState::Paused,
            PauseState::PartPaused => return NamespaceState::PartPaused,
            PauseState::Resuming => return NamespaceState::Resuming,
            PauseState::Active => {}
        }
        if self.cordoned {
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
