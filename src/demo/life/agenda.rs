//! What controllers have to look at, and when.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

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
