//! Time as a parameter: whoever needs it is given a clock, which may be the wall's, or one that a test moves by hand.

use std::fmt;
use std::sync::Arc;

/// Where the time comes from, in milliseconds since the epoch.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The time as `now` tells it.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Milliseconds since the epoch.
    pub fn milliseconds(&self) -> i64 {
        (self.0)()
    }

    /// Seconds since the epoch.
    pub fn seconds(&self) -> i64 {
        self.milliseconds().div_euclid(1000)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.milliseconds())
    }
}
