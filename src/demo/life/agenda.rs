//! What controllers have to look at, and when.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::demo::store::Key;

/// One object that one controller should look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Job {
    /// The controller's name, such as `deployment-controller`; those of Capsule begin with `capsule-`.
    pub controller: &'static str,
    /// The object, of the kind that the controller is about.
    pub key: Key,
}

/// A work queue as client-go's: an object is queued once, for the earliest time that anybody asked for.
#[derive(Debug, Default)]
pub struct Agenda {
    due: BTreeSet<(Timestamp, u64, Job)>,
    queued: HashMap<Job, (Timestamp, u64)>,
    counter: u64,
    failures: HashMap<Job, u32>,
}

/// How long a job that failed waits: at first, and at most. In between it is twice as long each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure.
    pub first: SignedDuration,
    /// At most.
    pub most: SignedDuration,
}

impl Backoff {
    /// That of client-go's `DefaultTypedControllerRateLimiter`.
    pub const QUEUE: Self = Self { first: SignedDuration::from_millis(5), most: SignedDuration::from_secs(1000) };

    /// How long after so many failures in a row.
    pub fn after(self, failures: u32) -> SignedDuration {
        let factor = 1_i32.checked_shl(failures.saturating_sub(1)).filter(|factor| *factor > 0).unwrap_or(i32::MAX);
        self.first.saturating_mul(factor).min(self.most)
    }
}

impl Agenda {
    /// Queues a job for a time. If it is queued for later, it moves; if for earlier, nothing changes.
    pub fn add(&mut self, at: Timestamp, job: Job) {
        if let Some((queued, number)) = self.queued.get(&job).copied() {
            if queued <= at {
                return;
            }
            self.due.remove(&(queued, number, job.clone()));
        }
        self.counter += 1;
        self.queued.insert(job.clone(), (at, self.counter));
        self.due.insert((at, self.counter, job));
    }

    /// Queues a job that has failed, the later the more often it did. How often it did.
    pub fn retry(&mut self, now: Timestamp, job: Job, backoff: Backoff) -> u32 {
        let failures = self.failures.entry(job.clone()).or_default();
        *failures = failures.saturating_add(1);
        let failures = *failures;
        self.add(now.checked_add(backoff.after(failures)).unwrap_or(now), job);
        failures
    }

    /// A job has succeeded, or is given up.
    pub fn forget(&mut self, job: &Job) {
        self.failures.remove(job);
    }

    /// When the next job is due.
    pub fn next(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _, _)| *at)
    }

    /// Takes a job that is due.
    pub fn take(&mut self, now: Timestamp) -> Option<Job> {
        if self.next()? > now {
            return None;
        }
        let (_, _, job) = self.due.pop_first()?;
        self.queued.remove(&job);
        Some(job)
    }
}
