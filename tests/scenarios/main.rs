//! What an operator does, from start to end: keys go into the real loop, screens and the cluster are looked at.
//!
//! What has to do with Capsule runs on several *grounds*: real Kubernetes API servers with the real Capsule controller of
//! either era, and the embedded demo in both. A scenario asks its cluster's [`Era`](tenantry_cluster::Era) where they differ.
//!
//! `cargo test --test scenarios -- cordon` runs those whose name contains `cordon`, `-- v0_4::` those of the old era.

mod connection;
mod cordon;
mod demo;
mod desk;
mod faults;
mod looking;
mod rights;
mod scripts;

use std::process::ExitCode;

use tenantry_cluster::harness::{Scenario, Suite};
use tenantry_cluster::{Capsule, Era, Failure, Options, supervise_if_asked};

fn main() -> ExitCode {
    supervise_if_asked();
    let mut suite = Suite::new();
    for (ground, capsule) in [("v0_14", Capsule::V0_14), ("v0_4", Capsule::V0_4)] {
        let full = Options { capsule, kwok: true, ..Options::default() };
        suite = suite.shared(ground, full, capsules()).own(
            ground,
            Options { kwok: false, ..full },
            without_its_controller(),
        );
    }
    for (group, era) in [("demo_v0_14", Era::V0_14), ("demo_v0_4", Era::V0_4)] {
        suite = suite.shared_on(group, move || demo::ground(era), capsules());
    }
    let bare = Options { capsule: Capsule::None, kwok: false, ..Options::default() };
    suite = suite.own("bare", bare, without_capsule());
    faulty(suite).run()
}

/// What goes wrong at will, on demos of their own.
fn faulty(mut suite: Suite) -> Suite {
    macro_rules! add {
        ($($name:ident),* $(,)?) => {
            $(suite = suite.free("faults", stringify!($name), async || Ok(faults::$name().await.map_err(Failure::new)?));)*
        };
    }
    add!(
        a_late_answer_holds_up_nothing_else,
        a_failing_route_is_tried_again,
        a_proxys_page_is_no_answer,
        cut_watches_lose_nothing,
        a_torn_list_is_taken_anew,
        a_slow_body_fills_the_screen_as_it_comes,
        a_dead_server_is_waited_for,
        a_dry_run_that_is_never_answered_can_be_left,
    );
    suite
}

/// Whatever has to do with Capsule, or is the same on every ground.
fn capsules() -> Vec<Scenario> {
    vec![
        Scenario::new("four_panes_show_a_cluster", looking::four_panes_show_a_cluster),
        Scenario::new("changes_appear_by_themselves", looking::changes_appear_by_themselves),
        Scenario::new("a_namespace_has_a_page", looking::a_namespace_has_a_page),
        Scenario::new("raw_bindings_are_one_key_away", looking::raw_bindings_are_one_key_away),
        Scenario::new("a_filter_narrows_down", looking::a_filter_narrows_down),
        Scenario::new("every_size_draws", looking::every_size_draws),
        Scenario::new("another_context_starts_from_nothing", looking::another_context_starts_from_nothing),
        Scenario::new("cordon_and_uncordon", cordon::cordon_and_uncordon),
        Scenario::new("a_namespace_stands_for_its_tenant", cordon::a_namespace_stands_for_its_tenant),
        Scenario::new("no_is_the_default", cordon::no_is_the_default),
        Scenario::new("typing_ahead_approves_nothing", cordon::typing_ahead_approves_nothing),
        Scenario::new("a_moved_object_withdraws_the_plan", cordon::a_moved_object_withdraws_the_plan),
        Scenario::new("a_busy_status_does_not", cordon::a_busy_status_does_not),
        Scenario::new("a_deleted_object_closes_the_plan", cordon::a_deleted_object_closes_the_plan),
        Scenario::new("read_only_writes_nothing", cordon::read_only_writes_nothing),
        Scenario::new("the_configuration_decides_per_context", cordon::the_configuration_decides_per_context),
        Scenario::new("a_refusal_is_shown_in_the_servers_words", cordon::a_refusal_is_shown_in_the_servers_words),
        Scenario::new("the_journal_knows_before_and_after", cordon::the_journal_knows_before_and_after),
        Scenario::new("a_journal_that_cannot_be_written_stops_it", cordon::a_journal_that_cannot_be_written_stops_it),
        Scenario::new("an_owner_sees_what_he_names", rights::an_owner_sees_what_he_names),
        Scenario::new("an_owner_cannot_cordon", rights::an_owner_cannot_cordon),
        Scenario::new("a_poor_account_is_told_why", rights::a_poor_account_is_told_why),
        Scenario::new("an_owner_is_remembered", rights::an_owner_is_remembered),
        Scenario::new("acting_as_is_said", rights::acting_as_is_said),
        Scenario::new("whoami_in_three_forms", scripts::whoami_in_three_forms),
        Scenario::new("snapshot_is_read_only_unless_told", scripts::snapshot_is_read_only_unless_told),
    ]
}

/// What needs a Capsule of its own, to kill its controller.
fn without_its_controller() -> Vec<Scenario> {
    vec![Scenario::new("dead_webhooks_are_told", connection::dead_webhooks_are_told)]
}

/// What has nothing to do with Capsule, and needs a control plane of its own to break.
fn without_capsule() -> Vec<Scenario> {
    vec![
        Scenario::new("without_capsule_it_says_so", connection::without_capsule_it_says_so),
        Scenario::new("a_restarted_server_is_live_again", connection::a_restarted_server_is_live_again),
        Scenario::new("compaction_is_survived", connection::compaction_is_survived),
        Scenario::new("a_hanging_server_is_noticed", connection::a_hanging_server_is_noticed),
        Scenario::new("refused_certificates_are_told_apart", connection::refused_certificates_are_told_apart),
        Scenario::new("an_unreachable_context_can_be_left", connection::an_unreachable_context_can_be_left),
    ]
}
