//! The control plane itself: it starts, serves, breaks and mends as asked, and leaves nothing behind.

mod breaking;
mod cache;
mod children;
mod elsewhere;
mod leftovers;
mod serving;

use std::process::ExitCode;

use tenantry_cluster::harness::{Scenario, Suite};
use tenantry_cluster::{Capsule, Controllers, Failure, Options, supervise_if_asked};

/// Any error as one that a test can end with.
#[expect(clippy::needless_pass_by_value, reason = "made for map_err, which passes errors by value")]
fn failure(error: impl ToString) -> Failure {
    Failure::new(error.to_string())
}

fn main() -> ExitCode {
    supervise_if_asked();
    children::play_if_asked();

    let full = Options { kwok: true, ..Options::default() };
    let old = Options { capsule: Capsule::V0_4, ..full };
    let bare = Options { capsule: Capsule::None, controllers: Controllers::Few, ..Options::default() };
    Suite::new()
        // First what a killed test leaves behind: if that is anything, nothing else should run.
        .free("leftovers", "a_killed_test_leaves_nothing", leftovers::a_killed_test_leaves_nothing)
        .free("leftovers", "a_shutdown_leaves_nothing", leftovers::a_shutdown_leaves_nothing)
        .free("leftovers", "a_failing_start_says_why", leftovers::a_failing_start_says_why)
        .free("cache", "two_builders_at_once_build_once", cache::two_builders_at_once_build_once)
        .free("cache", "without_go_there_is_a_reason", cache::without_go_there_is_a_reason)
        .free("cache", "a_failing_build_is_no_reason_to_ignore", cache::a_failing_build_is_no_reason_to_ignore)
        .free("cache", "what_is_built_is_not_built_again", cache::what_is_built_is_not_built_again)
        .shared("v0_14", full, capsules().into_iter().chain(alone()))
        .shared("v0_4", old, capsules())
        .own("seeds", full, [Scenario::new("the_small_one_has_all_states", serving::the_small_seed_has_all_states)])
        .own("seeds_v0_4", old, [Scenario::new("the_small_one_has_all_states", serving::the_small_seed_has_all_states)])
        .own(
            "breaking",
            bare,
            [
                Scenario::new("a_killed_api_server_comes_back", breaking::a_killed_api_server_comes_back),
                Scenario::new("a_frozen_api_server_hangs", breaking::a_frozen_api_server_hangs),
                Scenario::new("compacted_versions_are_gone", breaking::compacted_versions_are_gone),
                Scenario::new("two_stand_side_by_side", breaking::two_stand_side_by_side),
            ],
        )
        .own(
            "breaking",
            Options::default(),
            [Scenario::new("without_capsule_writes_fail", breaking::without_capsule_writes_fail)],
        )
        .own(
            "breaking_v0_4",
            Options { capsule: Capsule::V0_4, ..Options::default() },
            [Scenario::new("without_capsule_writes_fail", breaking::without_capsule_writes_fail)],
        )
        .run()
}

/// What holds with a Capsule of either era.
fn capsules() -> Vec<Scenario> {
    vec![
        Scenario::new("everybody_is_who_he_is", serving::everybody_is_who_he_is),
        Scenario::new("an_owner_gets_a_namespace_and_rights", serving::an_owner_gets_a_namespace_and_rights),
        Scenario::new("a_cordon_is_enforced", serving::a_cordon_is_enforced),
    ]
}

/// What has nothing to do with Capsule.
fn alone() -> Vec<Scenario> {
    vec![
        Scenario::new("versions_are_stamped", serving::versions_are_stamped),
        Scenario::new("wrong_certificates_are_refused", serving::wrong_certificates_are_refused),
        Scenario::new("pods_run", serving::pods_run),
        Scenario::new("elsewhere_it_is_used_alike", elsewhere::it_is_used_alike),
    ]
}
