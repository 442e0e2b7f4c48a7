//! Builds everything that a cluster of either era is started from, unless it is there: so that no build takes the machine
//! from tests that run.

use std::process::ExitCode;

use tenantry_cluster::build::{self, Needs};
use tenantry_cluster::{Capsule, StartError};

fn main() -> ExitCode {
    match [Capsule::V0_14, Capsule::V0_4].into_iter().try_for_each(build) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;

            let _ = writeln!(std::io::stderr(), "programs: {error}");
            ExitCode::FAILURE
        }
    }
}

fn build(capsule: Capsule) -> Result<(), StartError> {
    build::programs(Needs { capsule, kwok: true, helm: true }).map(drop)
}
