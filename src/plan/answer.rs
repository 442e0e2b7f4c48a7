//! What the server says it would do with a step.

use serde_json::Value;

use crate::world::trouble::Trouble;

/// What the server says it would do.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The object would be made, like this.
    WouldCreate(Value),
    /// The object would become this.
    WouldChange(Value),
    /// The object would be deleted.
    WouldDelete,
    /// Nothing would change.
    WouldNotChange,
    /// Accepted, but what is there may not be read, or what came back is no object: what would change is not known.
    Unreadable,
    /// Somebody says no: RBAC, a webhook, a quota, validation.
    Refused(Trouble),
    /// The question could not be put: no connection, a webhook that is down or knows no dry run, a missing kind.
    NotAsked(Trouble),
    /// The question makes no sense yet: the same plan first makes what the object is in (a namespace, a kind), or first changes
    /// the object in another way. That is said here (`Namespace oil-web does not exist yet`); it is asked afterwards.
    Simulated(String),
}

impl Answer {
    /// The words on screen.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::WouldCreate(_) => "would create",
            Self::WouldChange(_) => "would change",
            Self::WouldDelete => "would delete",
            Self::WouldNotChange => "would not change",
            Self::Unreadable => "accepted but unreadable",
            Self::Refused(_) => "refused",
            Self::NotAsked(_) => "could not be asked",
            Self::Simulated(_) => "simulated",
        }
    }

    /// The glyph on screen; ASCII.
    pub const fn glyph(&self) -> char {
        match self {
            Self::WouldCreate(_) => '+',
            Self::WouldChange(_) => '~',
            Self::WouldDelete => '-',
            Self::WouldNotChange => '=',
            Self::Unreadable | Self::NotAsked(_) => '?',
            Self::Refused(_) => '!',
            Self::Simulated(_) => '*',
        }
    }

    /// Whether the server would do what was asked, and it is known what that is.
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::WouldCreate(_) | Self::WouldChange(_) | Self::WouldDelete | Self::WouldNotChange)
    }

    /// Whether something would be another.
    pub const fn is_change(&self) -> bool {
        matches!(self, Self::WouldCreate(_) | Self::WouldChange(_) | Self::WouldDelete)
    }

    /// The object as it would be.
    pub const fn after(&self) -> Option<&Value> {
        match self {
            Self::WouldCreate(after) | Self::WouldChange(after) => Some(after),
            _ => None,
        }
    }
}
