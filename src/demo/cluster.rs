//! One running cluster: its state, and what wakes its controllers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::Notify;

use super::clock::Clock;
use super::fault::Faults;
use super::life;
use super::registry::Registry;

/// One cluster.
pub struct Cluster {
    registry: Mutex<Registry>,
    work: Arc<Notify>,
    /// What is to go wrong.
    pub faults: Faults,
}

impl Cluster {
    /// A cluster around its state.
    pub fn new(registry: Registry) -> Arc<Self> {
        Arc::new(Self { registry: Mutex::new(registry), work: Arc::default(), faults: Faults::default() })
    }

    /// Holds the cluster still.
    pub fn lock(&self) -> MutexGuard<'_, Registry> {
        // A request that panicked has left objects whole: the store changes in single steps.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the controllers that there may be work.
    pub fn wake(&self) {
        self.work.notify_one();
    }

    /// Runs the controllers on the wall's clock until the cluster is dropped.
    pub fn drive(self: &Arc<Self>) -> impl Future<Output = ()> + Send + 'static {
        let (cluster, work): (Weak<Self>, _) = (Arc::downgrade(self), Arc::clone(&self.work));
        async move {
            loop {
                // The cluster is let go while waiting, so that its last user ends it, and this.
                let wait = {
                    let Some(cluster) = cluster.upgrade() else { return };
                    let mut registry = cluster.lock();
                    life::run(&mut registry);
                    let now = registry.now();
                    registry.agenda.next().map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default())
                };
                match wait {
                    Some(wait) => drop(tokio::time::timeout(wait, work.notified()).await),
                    None => work.notified().await,
                }
            }
        }
    }

    /// Moves a hand's clock and runs what becomes due on the way, in its order.
    pub fn advance(&self, by: SignedDuration) {
        let mut registry = self.lock();
        let end = registry.now().checked_add(by).unwrap_or_else(|_| registry.now());
        life::run(&mut registry);
        while let Some(at) = registry.agenda.next().filter(|at| *at <= end) {
            let now = registry.now();
            registry.clock.advance(at.duration_since(now).max(SignedDuration::ZERO));
            life::run(&mut registry);
        }
        let rest = end.duration_since(registry.now());
        registry.clock.advance(rest.max(SignedDuration::ZERO));
    }

    /// Whether time is moved by hand.
    pub fn is_by_hand(&self) -> bool {
        matches!(self.lock().clock, Clock::Hand(_))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.work.notify_one();
    }
}
