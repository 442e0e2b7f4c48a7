//! What a cluster has beyond its API server and its controllers.

use jiff::SignedDuration;

/// Who takes care of pods and volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nature {
    /// Puts pods on nodes.
    pub scheduler: bool,
    /// Runs the pods that are on a node.
    pub kubelets: bool,
    /// Makes volumes for claims, and protects those that are in use.
    pub volumes: bool,
    /// From a pod's arrival on a node until it is ready.
    pub start: SignedDuration,
    /// From a pod's deletion until it is gone.
    pub stop: SignedDuration,
    /// How long a Job's pod runs.
    pub run: SignedDuration,
}

impl Default for Nature {
    fn default() -> Self {
        Self {
            scheduler: true,
            kubelets: true,
            volumes: true,
            start: SignedDuration::from_millis(1_200),
            stop: SignedDuration::from_millis(900),
            run: SignedDuration::from_secs(8),
        }
    }
}

impl Nature {
    /// A control plane without anything beside it, as in the tests on real clusters.
    pub const BARE: Self = Self {
        scheduler: false,
        kubelets: false,
        volumes: false,
        start: SignedDuration::ZERO,
        stop: SignedDuration::ZERO,
        run: SignedDuration::ZERO,
    };
}
