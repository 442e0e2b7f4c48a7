//! Other people's clients on the embedded demo: kubectl and helm, which must print the same as on a real cluster, and kube's
//! watchers, which must not lose anything.
//!
//! `cargo test --test clients -- describe` runs the sessions whose name contains `describe`. `TENANTRY_CLIENTS=show` prints
//! what kubectl says on the real cluster in place of comparing.

mod compare;
mod differences;
#[path = "../scenarios/demo.rs"]
mod ground;
mod kubectl;
mod normal;
mod session;
mod watchers;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tenantry_cluster::harness::{Scenario, Suite};
use tenantry_cluster::{Capsule, Options, supervise_if_asked};

use crate::kubectl::Pair;

/// Controllers take their time, and a session is many commands.
const LIMIT: Duration = Duration::from_mins(20);

fn main() -> ExitCode {
    supervise_if_asked();
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients"));
    let sessions = match session::read_all(&folder.join("sessions")) {
        Ok(sessions) => sessions,
        Err(wrong) => {
            kubectl::say(&format!("clients: {wrong}\n"));
            return ExitCode::FAILURE;
        }
    };
    let pair = Arc::new(Pair::default());
    let differences = folder.join("differences.toml");
    let scenarios = sessions.into_iter().map(|session| {
        let (pair, differences) = (Arc::clone(&pair), differences.clone());
        let name = session.name.clone();
        Scenario::new(&name, move |real| async move { pair.hold(&session, &real, &differences).await }).limit(LIMIT)
    });
    let options = Options { capsule: Capsule::V0_14, kwok: true, helm: true, ..Options::default() };
    let suite = Suite::new().shared("kubectl", options, scenarios);
    watchers::tests(normal::tests(session::tests(compare::tests(suite)))).run()
}
