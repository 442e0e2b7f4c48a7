//! The yardstick: the same exchanges with a real control plane and with the embedded demo, compared whole.
//!
//! `cargo test --test protocol -- watch` runs the topics whose name contains `watch`. `TENANTRY_PROTOCOL` chooses what is
//! done with them, see [`mode::Mode`].

mod compare;
mod differences;
mod mode;
mod normal;
mod planted;
mod random;
mod run;
mod side;
mod summary;
mod topic;
mod transcript;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tenantry_cluster::harness::{Scenario, Suite};
use tenantry_cluster::{Options, supervise_if_asked};

use crate::mode::Mode;
use crate::summary::Summary;
use crate::topic::{Era, Topic};

/// Controllers take their time, and some exchanges wait for them.
const LIMIT: Duration = Duration::from_mins(15);

fn main() -> ExitCode {
    supervise_if_asked();
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protocol"));
    let (mode, topics) = match (Mode::chosen(), topic::read_all(&folder.join("exchanges"))) {
        (Ok(mode), Ok(topics)) => (mode, topics),
        (Err(wrong), _) | (_, Err(wrong)) => {
            summary::say(&format!("protocol: {wrong}\n"));
            return ExitCode::FAILURE;
        }
    };
    let summary = Arc::new(Summary::default());
    let code = suite(mode, topics, folder, &summary).run();
    summary::say(&summary.text());
    code
}

fn suite(mode: Mode, topics: Vec<Topic>, folder: &Path, summary: &Arc<Summary>) -> Suite {
    let mut suite = planted::tests(Suite::new());
    let differences = folder.join("differences.toml");
    let (now, old): (Vec<_>, Vec<_>) = topics.into_iter().partition(|topic| topic.era == Era::Now);
    for (group, era, topics) in [("now", Era::Now, now), ("old", Era::Old, old)] {
        let scenario = |topic: Topic| {
            let (summary, differences) = (Arc::clone(summary), differences.clone());
            let name = topic.name.clone();
            Scenario::new(&name, move |cluster| async move { mode.run(topic, cluster, &differences, &summary).await })
                .limit(LIMIT)
        };
        if mode.needs_cluster() {
            let options = Options { capsule: era.capsule(), ..Options::default() };
            suite = suite.shared(group, options, topics.into_iter().map(scenario));
            continue;
        }
        for topic in topics {
            let (summary, differences) = (Arc::clone(summary), differences.clone());
            let name = topic.name.clone();
            suite = suite
                .free(group, &name, move || async move { Ok(mode.run_alone(topic, &differences, &summary).await?) });
        }
    }
    random::tests(suite, mode, &differences, summary)
}
