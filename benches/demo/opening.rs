//! How long it takes to furnish the platform that `--demo` shows.

use std::time::Instant;

use tenantry::demo::clock::Clock;
use tenantry::demo::platform;

use crate::Found;
use crate::figures::{Series, millis};

/// How often it is furnished.
const ROUNDS: usize = 7;

pub fn measure() -> Found {
    let once = || {
        let begin = Instant::now();
        let demo = platform::lke_demo(Clock::Hand(Clock::Wall.now()), 1);
        let took = millis(begin.elapsed());
        drop(demo);
        took
    };
    let series = Series::of(std::iter::repeat_with(once).take(ROUNDS));
    let lines = vec![series.line("the platform of --demo, furnished", "ms")];
    Found { series, lines }
}
