//! Time is a parameter: the wall's in the demo, a hand's in tests.

use jiff::{SignedDuration, Timestamp};

/// Where the cluster takes its time from.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// From the machine.
    Wall,
    /// It stands until it is moved.
    Hand(Timestamp),
}

impl Clock {
    /// What time it is.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Wall => Timestamp::now(),
            Self::Hand(at) => *at,
        }
    }

    /// Moves a hand's clock; the wall's moves by itself.
    pub fn advance(&mut self, by: SignedDuration) {
        if let Self::Hand(at) = self {
            *at = at.checked_add(by).unwrap_or(*at);
        }
    }
}

/// As Kubernetes writes times (`metav1.Time`): whole seconds, UTC.
pub fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `metav1.MicroTime`, as events and leases have it.
pub fn rfc3339_micro(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}
