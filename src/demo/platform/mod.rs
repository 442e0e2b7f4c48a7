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

use jiff::{SignedDuration, Timestamp};

use super::clock::Clock;
use super::schema::Era;
use super::{Demo, Options};

pub use bustle::bustle;
pub use furnish::{furnish, furnish_staging};
pub use kubeconfig::{IN_PROCESS, Server, Servers, kubeconfig};
pub use users::users;

/// How old the platform's own cluster is: older than the oldest document.
const AGE: SignedDuration = SignedDuration::from_hours(401 * 24);

/// The platform, furnished, on the wall's clock or by hand. On the wall's clock it lives on by itself, with some bustle, if there
/// is a tokio runtime.
pub fn lke_demo(clock: Clock, seed: u64) -> Demo {
    open(clock, seed, Some(Era::V0_14), |registry, now| drop(furnish(registry, now)))
}

/// A second, smaller cluster, one era of Capsule behind: somewhere to switch to, and to find oneself by mistake.
pub fn lke_staging(clock: Clock, seed: u64) -> Demo {
    open(clock, seed, Some(Era::V0_4), |registry, now| drop(furnish_staging(registry, now)))
}

fn open(clock: Clock, seed: u64, capsule: Option<Era>, fill: fn(&mut super::registry::Registry, Timestamp)) -> Demo {
    let now = clock.now();
    let past = now.checked_sub(AGE).unwrap_or(now);
    let options = Options { capsule, clock: Clock::Hand(past), users: users(), seed, ..Options::default() };
    let demo = Demo::start(&options);
    {
        let mut registry = demo.cluster().lock();
        fill(&mut registry, now);
        registry.clock = clock;
    }
    if matches!(clock, Clock::Wall) && tokio::runtime::Handle::try_current().is_ok() {
        tokio::spawn(demo.cluster().drive());
        tokio::spawn(bustle(Arc::downgrade(demo.cluster()), seed));
    }
    demo
}
