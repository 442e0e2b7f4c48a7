//! The world that `--demo` shows: a platform with a dozen tenants, built so that every screen has something true to show.
//!
//! It is written as an operator would write it, in `manifests/*.yaml`, and made as it would have been made: each document is
//! applied through the API's pipeline by the user its first line names, on a clock that stands in the past and walks up to now,
//! while the controllers run. What the documents cannot say by themselves (a denial, a pod that is missing, a namespace that is
//! stuck) is therefore what the cluster made of them, not something that was painted.

mod bustle;
mod furnish;
mod helm;
mod kubeconfig;
mod manifest;
mod users;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::thread;

use jiff::{SignedDuration, Timestamp};

use super::clock::Clock;
use super::schema::{Era, Schemas};
use super::{Demo, Options};

pub use bustle::bustle;
pub use furnish::History;
pub use kubeconfig::{IN_PROCESS, Server, Servers, kubeconfig};
pub use users::users;

/// How old the platform's own cluster is: older than the oldest document.
const AGE: SignedDuration = SignedDuration::from_hours(401 * 24);

/// The platform, furnished, on the wall's clock or by hand. On the wall's clock it lives on by itself, with some bustle, if there
/// is a tokio runtime.
pub fn lke_demo(clock: Clock, seed: u64) -> Demo {
    open(clock, seed, Era::V0_14, History::of_demo)
}

/// A second, smaller cluster, one era of Capsule behind: somewhere to switch to, and to find oneself by mistake.
pub fn lke_staging(clock: Clock, seed: u64) -> Demo {
    open(clock, seed, Era::V0_4, History::of_staging)
}

fn open(clock: Clock, seed: u64, era: Era, history: fn(Timestamp) -> History) -> Demo {
    let now = clock.now();
    let begin = now.checked_sub(AGE).unwrap_or(now);
    let options = Options { capsule: Some(era), clock: Clock::Hand(begin), users: users(), seed, ..Options::default() };
    let schemas = Arc::new(Schemas::new(era));
    let (demo, history) = thread::scope(|scope| {
        // While the cluster is installed.
        let reading = scope.spawn(|| {
            let history = history(now);
            history.build(&schemas);
            history
        });
        let demo = Demo::start_with(&options, Arc::clone(&schemas));
        (demo, reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    {
        let mut registry = demo.cluster().lock();
        history.play(&mut registry, now);
        registry.clock = clock;
    }
    if matches!(clock, Clock::Wall) && tokio::runtime::Handle::try_current().is_ok() {
        tokio::spawn(demo.cluster().drive());
        tokio::spawn(bustle(Arc::downgrade(demo.cluster()), seed));
    }
    demo
}
