//! A Capsule Tenant, reduced to what the screen shows, and its state in one word.
//!
//! Every field of the wire object is optional here: charts 0.4.6 to 0.14 differ in what they fill in (status conditions and
//! spaces came with 0.11, the `Terminating` state with 0.13).

use std::collections::BTreeMap;

use super::binding::Subject;
use super::labels::Labels;
use super::name::Name;
use super::namespace::Namespace;
use super::pause::record::Record;
use super::pause::{Cordoning, PauseState, Whole};

/// A Tenant as far as it is shown. Times are Unix seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tenant {
    /// `metadata.name`.
    pub name: Name,
    /// `metadata.uid`.
    pub uid: Name,
    /// `metadata.creationTimestamp`.
    pub created: i64,
    /// `metadata.deletionTimestamp`.
    pub deleting: Option<i64>,
    /// `metadata.finalizers`: what a deletion waits for.
    pub finalizers: Vec<Name>,
    /// `metadata.generation`.
    pub generation: i64,
    /// `status.observedGeneration`, where the era publishes it.
    pub observed_generation: Option<i64>,
    /// `spec.cordoned`.
    pub cordoned: bool,
    /// `spec.preventDeletion`.
    pub protected: bool,
    /// `spec.namespaceOptions.quota`.
    pub quota: Option<u32>,
    /// `status.size`.
    pub size: u32,
    /// `status.state`, as written.
    pub state: Option<Name>,
    /// The condition `Ready`.
    pub ready: Option<Condition>,
    /// The condition `Cordoned`.
    pub cordon: Option<Condition>,
    /// Owners: `status.owners` where published (it holds those matched by label too), else `spec.owners`.
    pub owners: Vec<Owner>,
    /// ServiceAccounts that were promoted: `status.promotions`, and owners that `spec.owners` does not name.
    pub promoted: Vec<Subject>,
    /// The tenant's namespaces as its status lists them.
    pub spaces: Vec<Space>,
    /// `metadata.labels`.
    pub labels: Labels,
    /// The record of a pause that it carries.
    pub pause: Option<Box<Record>>,
}

/// A condition of a Tenant or of one of its spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Whether `status` is `True`.
    pub met: bool,
    /// The reason, one word.
    pub reason: Name,
    /// The message, as written.
    pub message: Name,
}

/// An owner and the ClusterRoles that Capsule binds to it in each namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Who.
    pub subject: Subject,
    /// The names of the ClusterRoles.
    pub cluster_roles: Vec<Name>,
}

/// A namespace as its tenant's status tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// The namespace's name.
    pub name: Name,
    /// The condition `Cordoned`; `None` where the era has no conditions.
    pub cordoned: Option<bool>,
}

/// What is the matter with a tenant, in one word. The order is the order of urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TenantState {
    /// Being deleted.
    Terminating,
    /// The controller has not got it into the shape its spec asks for.
    NotReady,
    /// Some of its workloads rest and some run.
    PartPaused,
    /// Its workloads are being stopped.
    Pausing,
    /// Its workloads are being started again.
    Resuming,
    /// All of it rests.
    Paused,
    /// Its spec says cordoned, or has just ceased to, and not everything follows yet.
    Cordoning,
    /// Writes by its people are refused.
    Cordoned,
    /// Some of its namespaces are cordoned.
    PartCordoned,
    /// Nothing is the matter.
    Active,
    /// Known only by the labels of a namespace: the Tenant itself may not be read.
    Unread,
}

impl TenantState {
    /// The word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Terminating => "terminating",
            Self::NotReady => "not ready",
            Self::PartPaused => PauseState::PartPaused.word(),
            Self::Pausing => PauseState::Pausing.word(),
            Self::Resuming => PauseState::Resuming.word(),
            Self::Paused => PauseState::Paused.word(),
            Self::Cordoning => "cordoning",
            Self::Cordoned => "cordoned",
            Self::PartCordoned => "part-cordoned",
            Self::Active => "active",
            Self::Unread => "not readable",
        }
    }

    /// The glyph that tells the state without colour; ASCII.
    pub const fn glyph(self) -> char {
        match self {
            Self::Terminating => 'x',
            Self::NotReady => '!',
            Self::PartPaused => PauseState::PartPaused.glyph(),
            Self::Pausing => PauseState::Pausing.glyph(),
            Self::Resuming => PauseState::Resuming.glyph(),
            Self::Paused => PauseState::Paused.glyph(),
            Self::Cordoning => '>',
            Self::Cordoned => '#',
            Self::PartCordoned => '~',
            Self::Active => ' ',
            Self::Unread => '?',
        }
    }
}

impl TenantState {
    /// The state when a pause is looked at, too: a deletion and a fault matter more, a cordon is part of it.
    #[must_use]
    pub const fn with(self, pause: PauseState) -> Self {
        match (self, pause) {
            (Self::Terminating | Self::NotReady, _) | (_, PauseState::Active) => self,
            (_, PauseState::Pausing) => Self::Pausing,
            (_, PauseState::Paused) => Self::Paused,
            (_, PauseState::PartPaused) => Self::PartPaused,
            (_, PauseState::Resuming) => Self::Resuming,
        }
    }
}

impl Tenant {
    /// What the tenant's own record says of a pause, and how far that is so.
    pub fn whole(&self, namespaces: &BTreeMap<Name, &Namespace>) -> Option<Whole> {
        let record = self.pause.as_deref()?;
        let cordon = if record.set.get("cordoned").and_then(serde_json::Value::as_bool) != Some(true) {
            Cordoning::Unwanted
        } else if self.cordoned && super::cordon::Cordon::of(self, namespaces).pending.is_empty() {
            Cordoning::InForce
        } else {
            Cordoning::Pending
        };
        Some(Whole { resumed: record.resumed.is_some(), cordon })
    }

    /// The tenant's state, as its own object and its namespaces tell it. `namespaces` are those known to belong to it; an
    /// empty map means that none may be seen (then the status speaks alone).
    pub fn state(&self, namespaces: &BTreeMap<Name, &Namespace>) -> TenantState {
        if self.is_terminating() {
            return TenantState::Terminating;
        }
        let cordon = super::cordon::Cordon::of(self, namespaces);
        if self.cordoned {
            return if cordon.pending.is_empty() { TenantState::Cordoned } else { TenantState::Cordoning };
        }
        if self.ready.as_ref().is_some_and(|ready| !ready.met) {
            return TenantState::NotReady;
        }
        if !cordon.cordoned.is_empty() {
            return TenantState::PartCordoned;
        }
        TenantState::Active
    }

    /// Whether the tenant is being deleted. During a deletion Capsule 0.14 keeps saying Ready=True, so the object's own mark
    /// and `status.state` decide.
    pub fn is_terminating(&self) -> bool {
        self.deleting.is_some() || self.state.as_deref() == Some("Terminating")
    }

    /// Why the tenant is in the state it is in, in a few words; empty when the word says it all.
    pub fn reason(&self, state: TenantState) -> String {
        match state {
            TenantState::NotReady => self.ready.as_ref().map(|ready| ready.message.to_string()).unwrap_or_default(),
            TenantState::Terminating if !self.finalizers.is_empty() => {
                let names: Vec<&str> = self.finalizers.iter().map(AsRef::as_ref).collect();
                format!("waits for {}", names.join(", "))
            }
            TenantState::Paused | TenantState::PartPaused | TenantState::Pausing | TenantState::Resuming => {
                self.pause.as_ref().map(|record| record.words()).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// Whether `subject` is among the owners.
    pub fn is_owned_by(&self, subject: &Subject) -> bool {
        self.owners.iter().any(|owner| owner.subject == *subject)
    }
}
