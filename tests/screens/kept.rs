//! What keys can go to, and the screen of it that is kept, on the demo and at all sizes.

use tenantry::console::model::document::Form;
use tenantry::console::model::overlay::{Overlay, Purpose};
use tenantry::console::model::rights::Asked;
use tenantry::console::model::{Model, Pane};

use crate::demo::{self, Scene};
use crate::golden;

/// Keeps a screen of the demo, at all sizes: what these keys lead to in a context.
async fn on_demo(name: &str, context: &str, keys: &str) {
    let demo = demo::platform();
    for (columns, rows) in golden::SIZES {
        let scene = Scene::open(&demo, context, columns, rows).await.press(keys).await;
        if let Some((shown, _)) = KEPT.iter().find(|(_, kept)| *kept == name) {
            assert_eq!(&shown_by(scene.model()), shown, "{name} shows something else");
        }
        golden::at(name, (columns, rows), &scene);
    }
}

/// What keys go to: a new kind of it needs a screen in [`KEPT`].
fn shown_by(model: &Model) -> &'static str {
    match (&model.prompt, model.overlays.last(), model.here.focus) {
        (Some(prompt), ..) => match prompt.purpose {
            Purpose::Filter => "a filter",
            Purpose::Command => "a command",
            Purpose::Agree => "a name",
            Purpose::Reason => "a reason",
            Purpose::Trial => "a time",
            Purpose::Direction => "a direction",
            Purpose::Why => "a reason for a pause",
            Purpose::Field => "a field",
        },
        (None, Some(overlay), _) => match overlay {
            Overlay::Namespace { .. } => "a namespace",
            Overlay::Help { .. } => "the help",
            Overlay::Messages { .. } => "the messages",
            Overlay::Contexts(_) => "the contexts",
            Overlay::Objects(_) => "objects",
            Overlay::Document(document) => match document.form {
                Form::Yaml => "an object as YAML",
                Form::Words => "an object in words",
                Form::Events => "events",
                Form::Why => "what of an object was refused",
            },
            Overlay::Rights(page) => match page.asked {
                Asked::Who(_) => "who may",
                Asked::Held(..) => "what one may",
                Asked::Differ(..) => "what two may",
                Asked::May(..) => "whether one may",
                Asked::Bound(..) => "why",
                Asked::Matrix(_) => "the matrix",
            },
            Overlay::Journal(_) => "the journal",
            Overlay::Past { .. } => "an earlier plan",
            Overlay::Why { .. } => "why it was refused",
            Overlay::Plan(dialog) if dialog.files().is_some() => "the workbench",
            Overlay::Plan(dialog) if dialog.form.is_some() => "a form",
            Overlay::Plan(_) => "a plan",
        },
        (None, None, pane) => match pane {
            Pane::Tenants => "tenants",
            Pane::Namespaces => "namespaces",
            Pane::Access if model.here.raw => "bindings",
            Pane::Access => "access",
            Pane::Identity => "identity",
        },
    }
}

/// Everything that keys can go to, and the screen of it that is kept.
const KEPT: &[(&str, &str)] = &[
    ("tenants", "platform"),
    ("namespaces", "zoomed"),
    ("bindings", "raw-bindings"),
    ("access", "access"),
    ("identity", "identity"),
    ("a namespace", "namespace-page"),
    ("the help", "help"),
    ("the messages", "messages"),
    ("the contexts", "contexts"),
    ("objects", "objects"),
    ("an object as YAML", "document-yaml"),
    ("an object in words", "document-words"),
    ("events", "events"),
    ("who may", "who-can"),
    ("what one may", "can"),
    ("what two may", "compare"),
    ("whether one may", "can-do"),
    ("why", "why"),
    ("the matrix", "matrix"),
    ("what of an object was refused", "why-object"),
    ("why it was refused", "why-refused"),
    ("the journal", "journal"),
    ("an earlier plan", "journal-plan"),
    ("a plan", "plan"),
    ("the workbench", "work"),
    ("a filter", "filter"),
    ("a command", "command"),
    ("a name", "plan-agree"),
    ("a reason", "secret-reason"),
    ("a time", "plan-trial"),
    ("a direction", "pause-direction"),
    ("a reason for a pause", "pause-why"),
    ("a form", "form"),
    ("a field", "form-field"),
];

#[test]
fn every_pane_and_overlay_is_kept_at_every_size() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (_, name) in KEPT {
        for (columns, rows) in golden::SIZES {
            let kept = root.join(format!("tests/screens/golden/{name}-{columns}x{rows}.txt"));
            assert!(kept.exists(), "{}", kept.display());
        }
        for look in ["dark", "light", "plain"] {
            assert!(root.join(format!("docs/screens/{name}-{look}.svg")).exists(), "{name}-{look}");
        }
    }
}

/// The same where the keys change the cluster: each size has its own.
pub async fn on_changed_demo(name: &str, keys: &str) {
    for (columns, rows) in golden::SIZES {
        let demo = demo::platform();
        golden::at(name, (columns, rows), &Scene::open(&demo, "lke-demo", columns, rows).await.press(keys).await);
    }
}

macro_rules! on_demo {
    ($($test:ident: $name:literal, $context:literal, $keys:literal;)*) => {
        $(#[tokio::test]
        async fn $test() {
            on_demo($name, $context, $keys).await;
        })*
    };
}

on_demo! {
    a_platform: "platform", "lke-demo", "";
    an_owner_who_may_list_nothing: "owner", "lke-demo-alice", "";
    access_alone: "access", "lke-demo", ": 'access oil-web' enter";
    identity_alone: "identity", "lke-demo", ": 'who' enter";
    one_pane_that_is_zoomed: "zoomed", "lke-demo", "0 tab Z";
    a_filter_of_several_parts: "filter", "lke-demo", "/ 'o !state:active'";
    a_filter_that_cannot_be_meant_anywhere: "filter-fault", "lke-demo", "/ 'oil colour:red'";
    letters_in_their_order: "filter-loose", "lke-demo", "0 tab / 'owb' enter";
    rows_by_a_column: "sorted", "lke-demo", "shift-right shift-right shift-right shift-o shift-o";
    a_plan_in_detail: "plan-details", "lke-demo", ": 'tnt oil' enter shift-c tab";
    a_name_that_agrees: "plan-agree", "lke-demo", ": 'ns oil-web' enter ctrl-d y 'oil'";
    a_pause: "pause", "lke-demo", ": 'tnt oil' enter p";
    a_resume: "resume", "lke-demo", ": 'tnt gas' enter p";
    which_way_to_go: "pause-direction", "lke-demo", ": 'tnt wind' enter p";
    why_it_is_paused: "pause-why", "lke-demo", ": 'tnt oil' enter p r 'until spring'";
    a_trial_for_some_time: "plan-trial", "lke-demo", ": 'tnt oil' enter shift-c shift-t";
    why_a_secret_is_to_be_seen: "secret-reason", "lke-demo", ": 'secret -A' enter d x 'the door is stuck'";
    a_secret_that_is_shown: "secret-shown", "lke-demo", ": 'secret -A' enter y x 'the door is stuck' enter";
    what_is_looked_for: "document-search", "lke-demo", ": 'tnt oil' enter y z / 'alice' enter";
    what_is_folded: "document-folded", "lke-demo", ": 'tnt oil' enter y / 'owners' enter enter";
    an_event_about_an_object: "events-object", "lke-demo", ": 'deploy oil-web' enter v";
    files_that_are_watched: "work", "lke-demo", ": 'work tests/screens/site.yaml' enter";
    objects_of_an_owner: "objects-owner", "lke-demo-alice", ": 'po -A' enter";
    raw_bindings: "raw-bindings", "lke-demo", ": 'rb' enter";
    a_page_about_a_namespace: "namespace-page", "lke-demo", ": 'oil-web' enter enter";
    an_object_in_words: "document-words", "lke-demo", ": 'tnt oil' enter d";
    an_object_as_yaml: "document-yaml", "lke-demo", ": 'tnt oil' enter y";
    events_of_a_tenants_namespaces: "events", "lke-demo", ": 'tnt oil' enter v";
    why_lists_are_refused: "why-refused", "lke-demo-alice", ": 'who' enter W";
    what_of_an_object_was_refused: "why-object", "lke-demo", ": 'deploy -A /solar' enter W";
    objects_of_any_kind: "objects", "lke-demo", ": 'deploy -A' enter j";
    a_plan_to_be_approved: "plan", "lke-demo", ": 'tnt oil' enter shift-c";
    who_may_do_something: "who-can", "lke-demo", ": 'who delete pods in tenant oil' enter";
    what_somebody_may_do: "can", "lke-demo", ": 'can sa:oil-job/ci in all' enter";
    whether_somebody_may: "can-do", "lke-demo", ": 'can sa:oil-job/ci delete pods in all' enter V";
    what_one_of_two_may: "compare", "lke-demo", ": 'compare alice sa:oil-job/ci in tenant oil' enter";
    why_somebody_may: "why", "lke-demo", ": 'tnt salt' enter : 'access' enter enter";
    what_goes_across_tenants: "access-across", "lke-demo", ": 'tnt salt' enter : 'access' enter";
    a_matrix: "matrix", "lke-demo", ": 'matrix oil' enter l";
    a_grant_before_it_is_made: "plan-grant", "lke-demo", ": 'tnt oil' enter : 'bind+ edit bob' enter";
    a_right_that_capsule_keeps: "plan-revoke", "lke-demo", ": 'tnt oil' enter : 'access /devs' enter ctrl-d";
    who_sees_little_is_told: "who-can-owner", "lke-demo-alice", ": 'who delete pods in ns oil-web' enter";
    a_question_that_is_completed: "command-who", "lke-demo", ": 'who delete po'";
    a_plan_that_is_refused: "plan-refused", "lke-demo", ": 'tnt oil' enter ctrl-d";
    a_plan_of_several_steps: "plan-steps", "lke-demo", ": 'deploy oil-web' enter * : 'scale 0' enter";
    a_tenants_deletion: "plan-tenant", "lke-demo", ": 'tnt gas' enter ctrl-d";
    a_tenants_name_that_is_typed: "plan-tenant-name", "lke-demo", ": 'tnt gas' enter ctrl-d y 'ga'";
    a_deletion: "plan-deletion", "lke-demo", ": 'deploy oil-web' enter ctrl-d";
    a_plan_as_yaml: "plan-yaml", "lke-demo", ": 'deploy oil-web' enter : 'scale 5' enter d";
    a_plan_side_by_side: "plan-beside", "lke-demo", ": 'deploy oil-web' enter : 'scale 5' enter d d";
    what_goes_along_by_name: "plan-along", "lke-demo", ": 'ns oil-db' enter ctrl-d tab";
    help: "help", "lke-demo", "?";
    a_command_that_is_completed: "command", "lke-demo", ": 'oil' tab";
    rows_that_are_marked: "marks", "lke-demo", "space j j ctrl-space / '!oil' enter";
    a_new_tenant_in_a_form: "form", "lke-demo", "a 'sun' enter enter 'alice' enter shift-g k k k k k enter 'sun.example.net' enter";
    a_field_of_a_form: "form-field", "lke-demo", "a 'sun'";
    a_form_that_says_what_is_wrong: "form-fault", "lke-demo", "a 'sun' enter enter 'alice' enter shift-g k k k k k enter 'shop.example.net' enter k";
    two_contexts_side_by_side: "beside", "lke-demo", ": 'tnt oil' enter : 'beside lke-demo-alice' enter";
    the_other_of_them: "beside-other", "lke-demo", ": 'tnt oil' enter : 'beside lke-demo-alice' enter ctrl-w shift-c";
    contexts_on_file: "contexts", "lke-demo", ": 'ctx' enter";
    messages: "messages", "lke-demo", "0 b x !";
}
