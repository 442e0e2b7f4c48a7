//! What runs in a namespace, reduced to counts by state.

use super::name::Name;
use super::pause::Tally;

/// The kinds of workload that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadKind {
    /// A pod.
    Pod,
    /// A Deployment.
    Deployment,
    /// A StatefulSet.
    StatefulSet,
    /// A CronJob.
    CronJob,
}

impl WorkloadKind {
    /// All kinds, in the order of the screen.
    pub const ALL: [Self; 4] = [Self::Pod, Self::Deployment, Self::StatefulSet, Self::CronJob];

    /// The plural, as in API paths.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Pod => "pods",
            Self::Deployment => "deployments",
            Self::StatefulSet => "statefulsets",
            Self::CronJob => "cronjobs",
        }
    }

    const fn index(self) -> usize {
        self as usize
    }
}

/// A workload's state, the same few words for every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadState {
    /// Pod: ready. Deployment, StatefulSet: all replicas ready. CronJob: will run.
    Ready,
    /// On its way: pods that start or wait, controllers short of replicas.
    Progressing,
    /// Pod: failed or crashing. Controllers: cannot make their pods.
    Failing,
    /// Scaled to zero, or suspended.
    Stopped,
    /// A pod that ran to its end.
    Done,
    /// Being deleted.
    Terminating,
}

impl WorkloadState {
    /// All states, in the order of the screen.
    pub const ALL: [Self; 6] =
        [Self::Failing, Self::Progressing, Self::Ready, Self::Stopped, Self::Terminating, Self::Done];

    /// The word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Progressing => "starting",
            Self::Failing => "failing",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::Terminating => "terminating",
        }
    }

    const fn index(self) -> usize {
        self as usize
    }
}

/// One workload: only what the counts need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// Its kind.
    pub kind: WorkloadKind,
    /// Its namespace.
    pub namespace: Name,
    /// `metadata.name`.
    pub name: Name,
    /// Its state.
    pub state: WorkloadState,
    /// How it stands to a pause.
    pub hold: Hold,
    /// How many pods its controller says it has; a pod counts for itself.
    pub pods: u32,
}

/// How a workload stands to a pause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hold {
    /// No pause has touched it.
    #[default]
    Free,
    /// A pause has stopped it.
    Held,
    /// It carries the record of a pause, and runs all the same.
    Drifted,
    /// A pause leaves it alone: it asks for that, or another controller keeps it. A pod: nothing that a pause stops keeps it.
    Spared,
}

impl Workload {
    /// What it adds to a tally.
    fn tally(&self) -> Tally {
        let none = Tally::default();
        let running = Tally { expected: self.pods, ..none };
        match (self.kind, self.hold, self.state) {
            (WorkloadKind::Pod, Hold::Spared, _) => none,
            (WorkloadKind::Pod, ..) => Tally { pods: 1, ..none },
            (_, _, WorkloadState::Terminating) => running,
            (_, Hold::Held, _) => Tally { held: 1, ..none },
            (_, Hold::Drifted, _) => Tally { drifted: 1, ..running },
            (_, Hold::Free, WorkloadState::Stopped) => none,
            (_, Hold::Free, _) => Tally { loose: 1, ..running },
            (_, Hold::Spared, _) => running,
        }
    }
}

/// The workloads of one namespace, counted by kind and state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workloads {
    counts: [[u32; WorkloadState::ALL.len()]; WorkloadKind::ALL.len()],
    tally: Tally,
}

impl Workloads {
    /// How many workloads of `kind` are in `state`.
    pub const fn count(&self, kind: WorkloadKind, state: WorkloadState) -> u32 {
        self.counts[kind.index()][state.index()]
    }

    /// How many workloads of `kind` there are.
    pub fn of(&self, kind: WorkloadKind) -> u32 {
        self.counts[kind.index()].iter().sum()
    }

    /// How many workloads of any kind are failing.
    pub fn failing(&self) -> u32 {
        self.counts.iter().map(|states| states[WorkloadState::Failing.index()]).sum()
    }

    /// Whether nothing runs or could run.
    pub fn is_empty(&self) -> bool {
        self.counts.iter().flatten().all(|count| *count == 0)
    }

    /// How they stand to a pause.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Counts one more, or one less.
    pub fn add(&mut self, workload: &Workload) {
        self.counts[workload.kind.index()][workload.state.index()] += 1;
        self.tally += workload.tally();
    }

    /// Takes one away again.
    pub fn remove(&mut self, workload: &Workload) {
        let count = &mut self.counts[workload.kind.index()][workload.state.index()];
        *count = count.saturating_sub(1);
        self.tally -= workload.tally();
    }
}
