//! What an operator does, from start to end: keys go into the real loop, screens and the cluster are looked at.
//!
//! What has to do with Capsule runs on several *grounds*: real Kubernetes API servers with the real Capsule controller of
//! either era, and the embedded demo in both. A scenario asks its cluster's [`Era`](tenantry_cluster::Era) where they differ.
//!
//! `cargo test --test scenarios -- cordon` runs those whose name contains `cordon`, `-- v0_4::` those of the old era.

mod access;
mod connection;
mod contexts;
mod cordon;
mod crash;
mod create;
mod definitions;
mod demo;
mod denials;
mod desk;
mod dialog;
mod documents;
mod faults;
mod front;
mod grants;
mod identity;
mod looking;
mod objects;
mod pause;
mod plans;
mod proxied;
mod readonly;
mod removal;
mod rights;
mod scripts;
mod viewing;
mod whole;
mod workbench;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use tenantry_cluster::harness::{Scenario, Suite};
use tenantry_cluster::{Capsule, Era, Failure, Options, supervise_if_asked};

fn main() -> ExitCode {
    supervise_if_asked();
    let mut suite = Suite::new();
    for (ground, capsule) in [("v0_14", Capsule::V0_14), ("v0_4", Capsule::V0_4)] {
        let full = Options { capsule, kwok: true, ..Options::default() };
        suite = suite.shared(ground, full, capsules()).own(ground, full, alone()).own(
            ground,
            Options { kwok: false, ..full },
            without_its_controller(),
        );
    }
    for (group, era) in [("demo_v0_14", Era::V0_14), ("demo_v0_4", Era::V0_4)] {
        suite = suite.shared_on(group, move || demo::ground(era), capsules());
        for scenario in alone() {
            suite = suite.shared_on(group, move || demo::ground(era), [scenario]);
        }
    }
    let bare = Options { capsule: Capsule::None, kwok: false, ..Options::default() };
    suite = suite.own("bare", bare, without_capsule());
    let ended = faulty(suite).run();
    // Whatever was refused on the way, on any ground, must have been understood.
    let unexplained = desk::unexplained();
    if unexplained.is_empty() {
        return ended;
    }
    let _ = writeln!(io::stderr(), "refused, and not understood:\n{}", unexplained.join("\n"));
    ExitCode::FAILURE
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
        .free("faults", "a_cut_watch_is_taken_up_again", async || {
            Ok(dialog::a_cut_watch_is_taken_up_again().await.map_err(Failure::new)?)
        })
        .free("faults", "a_failure_is_told_step_by_step", async || {
            Ok(dialog::a_failure_is_told_step_by_step().await.map_err(Failure::new)?)
        })
        .free("readonly", "a_read_only_console_sends_no_write", async || {
            Ok(readonly::a_read_only_console_sends_no_write().await.map_err(Failure::new)?)
        })
        .free("readonly", "a_read_only_console_tries_where_it_may", async || {
            Ok(readonly::a_read_only_console_tries_where_it_may().await.map_err(Failure::new)?)
        })
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
        Scenario::new("a_document_is_live", documents::a_document_is_live),
        Scenario::new("events_are_live", documents::events_are_live),
        Scenario::new("a_document_outlives_its_object", documents::a_document_outlives_its_object),
        Scenario::new("a_refused_document_says_so", documents::a_refused_document_says_so),
        Scenario::new("objects_of_any_kind_are_listed", objects::objects_of_any_kind_are_listed),
        Scenario::new("a_kind_is_found_by_any_name", objects::a_kind_is_found_by_any_name),
        Scenario::new("a_refused_kind_says_why", objects::a_refused_kind_says_why),
        Scenario::new("a_secret_is_shown_for_a_reason", objects::a_secret_is_shown_for_a_reason),
        Scenario::new("a_secret_stays_hidden_without_a_journal", objects::a_secret_stays_hidden_without_a_journal),
        Scenario::new("marked_objects_are_the_selection", objects::marked_objects_are_the_selection),
        Scenario::new("cordon_and_uncordon", cordon::cordon_and_uncordon),
        Scenario::new("a_namespace_stands_for_its_tenant", cordon::a_namespace_stands_for_its_tenant),
        Scenario::new("marked_tenants_go_together", cordon::marked_tenants_go_together),
        Scenario::new("a_tenant_is_paused_and_resumed", pause::a_tenant_is_paused_and_resumed),
        Scenario::new("an_owner_pauses_what_he_may", pause::an_owner_pauses_what_he_may),
        Scenario::new("a_namespace_is_paused_alone", pause::a_namespace_is_paused_alone),
        Scenario::new(
            "a_change_meanwhile_is_shown_and_asked_about",
            pause::a_change_meanwhile_is_shown_and_asked_about,
        ),
        Scenario::new("volumes_that_would_be_lost_block", pause::volumes_that_would_be_lost_block),
        Scenario::new("a_pause_in_scripts", pause::a_pause_in_scripts),
        Scenario::new("who_is_bound_by_the_cordon_lifts_it_first", pause::who_is_bound_by_the_cordon_lifts_it_first),
        Scenario::new("a_rollback_loses_no_count", pause::a_rollback_loses_no_count),
        Scenario::new("an_undo_takes_a_pause_back", pause::an_undo_takes_a_pause_back),
        Scenario::new("an_undo_takes_back_and_a_redo_does_again", plans::an_undo_takes_back_and_a_redo_does_again),
        Scenario::new("an_undo_leaves_what_others_did", plans::an_undo_leaves_what_others_did),
        Scenario::new("an_edit_is_a_plan", plans::an_edit_is_a_plan),
        Scenario::new("an_edit_keeps_what_others_do_meanwhile", plans::an_edit_keeps_what_others_do_meanwhile),
        Scenario::new("an_addition_is_a_plan", plans::an_addition_is_a_plan),
        Scenario::new("a_bad_edit_is_kept", plans::a_bad_edit_is_kept),
        Scenario::new("a_refused_edit_goes_back_to_the_editor", plans::a_refused_edit_goes_back_to_the_editor),
        Scenario::new("another_run_undoes_from_the_journal", plans::another_run_undoes_from_the_journal),
        Scenario::new("a_trial_is_counted_and_taken_back", plans::a_trial_is_counted_and_taken_back),
        Scenario::new("a_trial_ends_by_itself", plans::a_trial_ends_by_itself),
        // Nearly a hundred plans, one after the other.
        Scenario::new("a_cut_plan_is_finished_or_taken_back", crash::a_cut_plan_is_finished_or_taken_back)
            .limit(Duration::from_mins(20)),
        Scenario::new("small_changes_are_plans", plans::small_changes_are_plans),
        Scenario::new("a_deletion_is_named_by_hand", plans::a_deletion_is_named_by_hand),
        Scenario::new("a_deletion_is_taken_back", plans::a_deletion_is_taken_back),
        Scenario::new("a_tenant_is_deleted_and_made_again", removal::a_tenant_is_deleted_and_made_again)
            .limit(Duration::from_mins(20)),
        Scenario::new(
            "a_deletion_is_taken_back_from_its_snapshot",
            removal::a_deletion_is_taken_back_from_its_snapshot,
        )
        .limit(Duration::from_mins(20)),
        Scenario::new("a_protected_tenant_is_freed_first", removal::a_protected_tenant_is_freed_first),
        Scenario::new("a_deletion_waits_for_its_snapshot", removal::a_deletion_waits_for_its_snapshot),
        Scenario::new("leftovers_are_found", removal::leftovers_are_found),
        Scenario::new("a_deletion_in_scripts", removal::a_deletion_in_scripts).limit(Duration::from_mins(20)),
        Scenario::new("a_context_is_named_by_hand", plans::a_context_is_named_by_hand),
        Scenario::new("a_context_can_ask_for_nothing", plans::a_context_can_ask_for_nothing),
        Scenario::new("a_difference_has_three_forms", dialog::a_difference_has_three_forms),
        Scenario::new("a_deletion_says_what_goes_along", dialog::a_deletion_says_what_goes_along),
        Scenario::new("a_preview_is_known_by_its_events", dialog::a_preview_is_known_by_its_events),
        Scenario::new("a_rollout_is_followed", dialog::a_rollout_is_followed),
        Scenario::new("what_stands_beside_a_secret_is_taken_back", dialog::what_stands_beside_a_secret_is_taken_back),
        Scenario::new("read_only_can_be_had_for_a_session", dialog::read_only_can_be_had_for_a_session),
        Scenario::new("pasted_objects_are_a_plan", dialog::pasted_objects_are_a_plan),
        Scenario::new("many_objects_are_followed", dialog::many_objects_are_followed),
        Scenario::new("what_left_a_folder_is_deleted_by_choice", dialog::what_left_a_folder_is_deleted_by_choice),
        Scenario::new("a_save_shows_what_it_would_do", workbench::a_save_shows_what_it_would_do),
        Scenario::new(
            "what_a_plan_makes_first_is_asked_about_later",
            workbench::what_a_plan_makes_first_is_asked_about_later,
        ),
        Scenario::new("broken_yaml_is_told_and_mended", workbench::broken_yaml_is_told_and_mended),
        Scenario::new("others_fields_are_taken_over_by_choice", workbench::others_fields_are_taken_over_by_choice),
        Scenario::new("files_are_compared_in_scripts", workbench::files_are_compared_in_scripts),
        Scenario::new("files_are_taken_back_in_scripts", workbench::files_are_taken_back_in_scripts),
        Scenario::new("files_are_applied_in_scripts", workbench::files_are_applied_in_scripts),
        Scenario::new("an_empty_tenant_is_created", create::an_empty_tenant_is_created),
        Scenario::new("a_web_tenant_is_created_behind_a_cordon", create::a_web_tenant_is_created_behind_a_cordon),
        Scenario::new(
            "a_half_made_tenant_is_finished_or_taken_back",
            create::a_half_made_tenant_is_finished_or_taken_back,
        ),
        Scenario::new("who_may_not_create_is_told_so", create::who_may_not_create_is_told_so),
        Scenario::new("a_tenant_is_created_in_a_form", create::a_tenant_is_created_in_a_form),
        Scenario::new("one_more_host_is_compared_with_all_others", create::one_more_host_is_compared_with_all_others),
        Scenario::new("a_new_owner_gets_a_kubeconfig", create::a_new_owner_gets_a_kubeconfig),
        Scenario::new("gateways_and_meshes_are_created", create::gateways_and_meshes_are_created),
        Scenario::new("blueprints_are_checked", create::blueprints_are_checked),
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
        Scenario::new("every_refusal_is_understood", denials::every_refusal_is_understood)
            .limit(Duration::from_mins(20)),
        Scenario::new("a_workload_that_is_refused_says_why", denials::a_workload_that_is_refused_says_why),
        Scenario::new("an_owner_works_behind_capsule_proxy", proxied::an_owner_works_behind_capsule_proxy),
        Scenario::new("an_owner_sees_what_he_names", rights::an_owner_sees_what_he_names),
        Scenario::new("an_owner_cannot_cordon", rights::an_owner_cannot_cordon),
        Scenario::new("a_poor_account_is_told_why", rights::a_poor_account_is_told_why),
        Scenario::new("an_owner_is_remembered", rights::an_owner_is_remembered),
        Scenario::new("acting_as_is_said", rights::acting_as_is_said),
        Scenario::new("two_contexts_stand_side_by_side", viewing::two_contexts_stand_side_by_side),
        Scenario::new("a_cluster_is_seen_as_its_owner_sees_it", viewing::a_cluster_is_seen_as_its_owner_sees_it),
        Scenario::new("what_is_written_as_somebody_names_both", viewing::what_is_written_as_somebody_names_both),
        Scenario::new("a_group_and_an_account_are_seen_as", viewing::a_group_and_an_account_are_seen_as),
        Scenario::new("who_may_not_impersonate_stays", viewing::who_may_not_impersonate_stays),
        Scenario::new("a_context_that_was_left_is_at_hand", viewing::a_context_that_was_left_is_at_hand),
        Scenario::new("a_token_is_told_wherever_it_comes_from", identity::a_token_is_told_wherever_it_comes_from),
        Scenario::new("an_end_is_told_in_time", identity::an_end_is_told_in_time),
        Scenario::new("a_revoked_token_is_told", identity::a_revoked_token_is_told),
        Scenario::new("groups_are_acted_as_too", identity::groups_are_acted_as_too),
        Scenario::new("a_prompt_says_what_was_known_last", identity::a_prompt_says_what_was_known_last),
        Scenario::new("contexts_of_two_files_are_listed", contexts::contexts_of_two_files_are_listed),
        Scenario::new("reachability_is_asked_beside", contexts::reachability_is_asked_beside),
        Scenario::new(
            "what_others_do_to_the_files_is_told_not_followed",
            contexts::what_others_do_to_the_files_is_told_not_followed,
        ),
        Scenario::new("who_may_is_answered_once_for_each", grants::who_may_is_answered_once_for_each),
        Scenario::new("what_one_may_is_answered_with_the_way", grants::what_one_may_is_answered_with_the_way),
        Scenario::new("a_grant_shows_its_cells_and_is_taken_back", grants::a_grant_shows_its_cells_and_is_taken_back),
        Scenario::new("capsules_own_binding_leads_to_the_owner", grants::capsules_own_binding_leads_to_the_owner),
        Scenario::new("a_hand_made_binding_is_taken_away", grants::a_hand_made_binding_is_taken_away),
        Scenario::new("an_outsider_sees_what_he_cannot_see", grants::an_outsider_sees_what_he_cannot_see),
        Scenario::new("who_can_names_everybody_once", access::who_can_names_everybody_once),
        Scenario::new("can_answers_by_its_exit_code", access::can_answers_by_its_exit_code),
        Scenario::new("access_tells_of_strangers", access::access_tells_of_strangers),
        Scenario::new("an_owner_is_told_what_is_not_counted", access::an_owner_is_told_what_is_not_counted),
        Scenario::new("whoami_in_three_forms", scripts::whoami_in_three_forms),
        Scenario::new("an_owners_snapshot_is_whole", scripts::an_owners_snapshot_is_whole),
        Scenario::new("snapshot_is_read_only_unless_told", scripts::snapshot_is_read_only_unless_told),
    ]
}

/// What looks at a whole cluster, in which nobody else does anything.
fn alone() -> Vec<Scenario> {
    const LONG: Duration = Duration::from_mins(20);
    vec![
        Scenario::new("a_life_leaves_the_cluster_as_it_was", whole::a_life_leaves_the_cluster_as_it_was).limit(LONG),
        Scenario::new("an_undo_leaves_the_cluster_as_it_was", whole::an_undo_leaves_the_cluster_as_it_was).limit(LONG),
    ]
}

/// What needs a Capsule of its own, to kill its controller.
fn without_its_controller() -> Vec<Scenario> {
    vec![
        Scenario::new("dead_webhooks_are_told", connection::dead_webhooks_are_told),
        Scenario::new("a_dead_webhook_is_no_denial", denials::a_dead_webhook_is_no_denial),
    ]
}

/// What has nothing to do with Capsule, and needs a control plane of its own to break.
fn without_capsule() -> Vec<Scenario> {
    vec![
        Scenario::new("without_capsule_it_says_so", connection::without_capsule_it_says_so),
        Scenario::new("a_restarted_server_is_live_again", connection::a_restarted_server_is_live_again),
        Scenario::new("compaction_is_survived", connection::compaction_is_survived),
        Scenario::new("a_hanging_server_is_noticed", connection::a_hanging_server_is_noticed),
        Scenario::new("a_certificate_tells_its_subject_and_end", identity::a_certificate_tells_its_subject_and_end),
        Scenario::new("refused_certificates_are_told_apart", connection::refused_certificates_are_told_apart),
        Scenario::new("an_unreachable_context_can_be_left", connection::an_unreachable_context_can_be_left),
    ]
}
