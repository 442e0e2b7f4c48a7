//! What no one would think of: random rights and questions, applies by several managers, and patches.
//!
//! All of it follows from one number, which a failure prints and `TENANTRY_PROTOCOL_SEED` sets. It has a control plane of its own,
//! since random rights of everybody would be felt by the other topics.

mod apply;
mod dice;
mod loosened;
mod patches;
mod rbac;
mod sequences;

use std::env;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tenantry_cluster::Failure;
use tenantry_cluster::harness::{Scenario, Suite};

use crate::mode::Mode;
use crate::summary::Summary;
use crate::topic::Era;

/// As many as there may be in a suite that everybody runs; more are a matter of other seeds.
const SEED: u64 = 1;

const LIMIT: Duration = Duration::from_mins(15);

/// Adds the random part, where a real control plane takes part.
pub fn tests(suite: Suite, mode: Mode, list: &Path, summary: &Arc<Summary>) -> Suite {
    if !matches!(mode, Mode::Compare | Mode::Twice) {
        return suite;
    }
    let options = tenantry_cluster::Options { capsule: Era::Now.capsule(), ..tenantry_cluster::Options::default() };
    let scenario = |name: &str| {
        let (summary, list, name) = (Arc::clone(summary), list.to_owned(), name.to_owned());
        Scenario::new(&name.clone(), move |cluster| async move {
            let seed = seed()?;
            let held = match name.as_str() {
                "apply" => {
                    sequences::hold("random.apply", apply::sequences(seed), mode, cluster, &list, &summary).await
                }
                "rbac" => rbac::hold(seed, mode, cluster, &summary).await,
                _ => sequences::hold("random.patches", patches::sequences(seed), mode, cluster, &list, &summary).await,
            };
            held.map_err(|why| Failure::new(format!("TENANTRY_PROTOCOL_SEED={seed}: {why}")))
        })
        .limit(LIMIT)
    };
    suite.shared("random", options, ["apply", "patches", "rbac"].map(scenario))
}

fn seed() -> Result<u64, Failure> {
    match env::var("TENANTRY_PROTOCOL_SEED") {
        Ok(text) => {
            text.parse().map_err(|_| Failure::new(format!("TENANTRY_PROTOCOL_SEED is a number, and not {text}")))
        }
        Err(_) => Ok(SEED),
    }
}
