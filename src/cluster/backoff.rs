//! How long to wait before trying again.

use std::time::Duration;

/// Waits that grow from 100 ms to 3 s, each shortened or lengthened by up to a fifth so that many watches do not all come
/// back in one instant.
#[derive(Debug, Clone)]
pub struct Backoff {
    failures: u32,
    seed: u64,
}

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(3);

impl Backoff {
    /// A backoff whose jitter is drawn from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { failures: 0, seed }
    }

    /// Something worked: the next failure waits shortly again. Not to be called for the mere start of a list.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }

    /// The wait before the next try.
    pub fn next_wait(&mut self) -> Duration {
        let grown = FIRST.saturating_mul(1 << self.failures.min(5)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        // Knuth's MMIX generator: the quality of the randomness does not matter here, its independence of the clock does.
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (self.seed >> 33) % 400;
        grown * (800 + share as u32) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        let mut backoff = Backoff::new(7);
        let waits: Vec<Duration> = (0..20).map(|_| backoff.next_wait()).collect();
        assert!(waits[0] >= FIRST * 8 / 10 && waits[0] <= FIRST * 12 / 10);
        assert!(waits[4] > waits[0] * 5);
        assert!(waits.iter().all(|wait| *wait <= LONGEST * 12 / 10));
        backoff.reset();
        assert!(backoff.next_wait() <= FIRST * 12 / 10);
    }
}
