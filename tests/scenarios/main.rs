//! What an operator does, from start to end, on a real Kubernetes API server with the real Capsule controller: keys go into the
//! real loop, screens and the cluster are looked at.
//!
//! `cargo test --test scenarios -- cordon` runs those whose name contains `cordon`.

mod connection;
mod cordon;
mod desk;
mod looking;
mod rights;
mod scripts;

use std::process::ExitCode;

use tenantry_cluster::harness::{Scenario, Suite};
use tenantry_cluster::{Capsule, Options, supervise_if_asked};

fn main() -> ExitCode {
    supervise_if_asked();
    let bare = Options { capsule: Capsule::None, kwok: false, ..Options::default() };
    Suite::new()
        .shared(
            "capsule",
            Options { kwok: true, ..Options::default() },
            [
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
                Scenario::new(
                    "a_refusal_is_shown_in_the_servers_words",
                    cordon::a_refusal_is_shown_in_the_servers_words,
                ),
                Scenario::new("the_journal_knows_before_and_after", cordon::the_journal_knows_before_and_after),
                Scenario::new(
                    "a_journal_that_cannot_be_written_stops_it",
                    cordon::a_journal_that_cannot_be_written_stops_it,
                ),
                Scenario::new("an_owner_sees_what_he_names", rights::an_owner_sees_what_he_names),
                Scenario::new("an_owner_cannot_cordon", rights::an_owner_cannot_cordon),
                Scenario::new("a_poor_account_is_told_why", rights::a_poor_account_is_told_why),
                Scenario::new("an_owner_is_remembered", rights::an_owner_is_remembered),
                Scenario::new("acting_as_is_said", rights::acting_as_is_said),
                Scenario::new("whoami_in_three_forms", scripts::whoami_in_three_forms),
                Scenario::new("snapshot_is_read_only_unless_told", scripts::snapshot_is_read_only_unless_told),
            ],
        )
        .own(
            "broken",
            Options::default(),
            [Scenario::new("dead_webhooks_are_told", connection::dead_webhooks_are_told)],
        )
        .own(
            "bare",
            bare,
            [
                Scenario::new("without_capsule_it_says_so", connection::without_capsule_it_says_so),
                Scenario::new("a_restarted_server_is_live_again", connection::a_restarted_server_is_live_again),
                Scenario::new("compaction_is_survived", connection::compaction_is_survived),
                Scenario::new("a_hanging_server_is_noticed", connection::a_hanging_server_is_noticed),
                Scenario::new("refused_certificates_are_told_apart", connection::refused_certificates_are_told_apart),
                Scenario::new("an_unreachable_context_can_be_left", connection::an_unreachable_context_can_be_left),
            ],
        )
        .run()
}
