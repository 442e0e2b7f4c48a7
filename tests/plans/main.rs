//! What plans promise, held against real servers and the demo: a preview is what happens, an undo takes back exactly that, no
//! secret gets out, and whatever ends the program in the middle, the journal is enough to go on or to go back.
//!
//! `cargo test --test plans -- corpus` runs those whose name contains `corpus`.

mod answers;
mod corpus;
#[path = "../scenarios/front.rs"]
mod front;
#[path = "../scenarios/demo.rs"]
mod ground;
mod killed;
mod paused;
mod proxy;
mod secrets;
mod stage;
mod undo;

use std::process::ExitCode;
use std::time::Duration;

use tenantry_cluster::harness::{Scenario, Suite};
use tenantry_cluster::{Capsule, Controllers, Era, Failure, Options, supervise_if_asked};

/// For what takes its time on a busy machine.
const LONG: Duration = Duration::from_mins(20);

fn main() -> ExitCode {
    supervise_if_asked();
    let real = Options { capsule: Capsule::V0_14, ..Options::default() };
    // Nobody but Capsule acts on what the corpus makes: what changes is what was applied.
    let quiet = Options { controllers: Controllers::Few, helm: true, ..real };
    let demo = || ground::ground(Era::V0_14);
    Suite::new()
        .own("corpus", quiet, [Scenario::new("changes_as_previewed", corpus::on_a_real_server).limit(LONG)])
        .shared_on("corpus_demo", demo, [Scenario::new("changes_as_previewed", corpus::on_the_demo).limit(LONG)])
        .own("answers", real, answers::scenarios())
        .free("answers", "what_no_new_server_says", async || {
            Ok(answers::what_no_new_server_says().await.map_err(Failure::new)?)
        })
        .shared("killed", real, killed::scenarios(killed::Breadth::Ends))
        .shared_on("killed_demo", demo, killed::scenarios(killed::Breadth::All))
        .shared("paused", Options { kwok: true, ..real }, paused::scenarios())
        // Killed resumes are tried on the real one: on the demo, where controllers are as quick as requests, that takes minutes.
        .shared_on("paused_demo", demo, paused::scenarios().into_iter().take(1))
        .shared_on("secrets", demo, [Scenario::new("no_secret_gets_out", secrets::no_secret_gets_out).limit(LONG)])
        .free("undo", "an_undo_gives_back_what_was", async || Ok(undo::property().await.map_err(Failure::new)?))
        .run()
}
