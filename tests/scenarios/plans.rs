//! What becomes of plans: taken back, done again, edited, on trial, found in the journal.

use std::sync::Arc;

use serde_json::{Value, json};
use tenantry::config::settings::Rule;
use tenantry::plan::Confirm;
use tenantry_cluster::{Cluster, User};

use crate::desk::{Desk, Outcome, PATIENCE, furnish, get, is_cordoned, patch, send, tenant};

/// The annotation and the label that these scenarios write.
const NOTE: &str = "example.com/note";
const TEAM: &str = "example.com/team";

fn note(object: &Value) -> Option<&str> {
    object["metadata"]["annotations"][NOTE].as_str()
}

/// Undo is a plan like any other, and so is its undo.
pub async fn an_undo_takes_back_and_a_redo_does_again(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "undo", &["undo-web"]).await?;
    let before = get(&cluster, &tenant("undo")).await?["spec"].clone();
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press("shift-u").await?;
    desk.hears("nothing was applied to this cluster").await?;
    desk.press("esc").await?;
    desk.go_to_tenant("undo").await?;
    desk.open_plan().await?;
    desk.approve("y").await?;
    desk.hears("undo is cordoned, in its one namespace").await?;
    desk.press("shift-u").await?;
    desk.sees("Undo: Cordon tenant undo").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("spec.cordoned").await?;
    desk.approve("y").await?;
    desk.hears("Undo: Cordon tenant undo: accepted").await?;
    assert_eq!(get(&cluster, &tenant("undo")).await?["spec"], before, "as it was before, and nothing more");
    desk.press("shift-u").await?;
    desk.sees("Redo: Cordon tenant undo").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("Redo: Cordon tenant undo: accepted").await?;
    assert!(is_cordoned(&cluster, "undo").await?);
    Ok(())
}

/// A desk whose editor is this command of a shell.
async fn with_editor(cluster: &Arc<Cluster>, editor: &str) -> Result<Desk, String> {
    Desk::with(cluster, User::Admin, |settings| settings.editor = Some(editor.to_owned())).await
}

/// An editor that puts a note and a team among the annotations of what it opens.
fn annotating() -> String {
    format!("sed -i 's|^metadata:|metadata:\\n  annotations: {{{NOTE}: ours, {TEAM}: red}}|'")
}

/// Only what was changed is set back, where it still has the value that was given to it.
pub async fn an_undo_leaves_what_others_did(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "theirs", &["theirs-web"]).await?;
    // An object without annotations, so that the editor's line is the only one.
    patch(&cluster, &tenant("theirs"), &json!({"metadata": {"annotations": null}})).await?;
    let mut desk = with_editor(&cluster, &annotating()).await?;
    desk.go_to_tenant("theirs").await?;
    desk.edit().await?;
    desk.sees("Edit Tenant theirs").await?;
    desk.approve("y").await?;
    desk.hears("Edit Tenant theirs: accepted").await?;
    let theirs = json!({"metadata": {"annotations": {NOTE: "theirs", "example.com/other": "theirs"}}});
    patch(&cluster, &tenant("theirs"), &theirs).await?;
    desk.press("shift-u").await?;
    desk.sees("Undo: Edit Tenant theirs").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("is \"theirs\" now (set by kubectl-elsewhere), not \"ours\" as it was set; it stays so").await?;
    desk.sees("[ ] also 1 field that others have changed since").await?;
    desk.press("o").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("[x] also 1 field").await?;
    desk.press("o").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("Undo: Edit Tenant theirs: accepted").await?;
    let after = get(&cluster, &tenant("theirs")).await?;
    assert_eq!(note(&after), Some("theirs"));
    assert_eq!(after["metadata"]["annotations"]["example.com/other"], "theirs");
    assert_eq!(after["metadata"]["annotations"][TEAM], Value::Null, "ours is gone");
    Ok(())
}

/// Out to the editor, back as a plan; what is left as it was is no change.
pub async fn an_edit_is_a_plan(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "edit", &["edit-web"]).await?;
    let mut desk = with_editor(&cluster, "true").await?;
    desk.go_to_tenant("edit").await?;
    desk.edit().await?;
    desk.hears("Tenant edit: nothing was changed").await?;
    let mut desk = with_editor(&cluster, "sed -i 's|^spec:|spec:\\n  cordoned: true|; /cordoned: false/d'").await?;
    desk.go_to_tenant("edit").await?;
    desk.press("y").await?;
    desk.sees("Tenant").await?;
    desk.edit().await?;
    for text in ["Edit Tenant edit", "would change", "spec.cordoned", "+ true", "Apply 1 change"] {
        desk.sees(text).await?;
    }
    assert!(!is_cordoned(&cluster, "edit").await?, "leaving the editor applies nothing");
    desk.approve("y").await?;
    desk.hears("Edit Tenant edit: accepted").await?;
    assert!(is_cordoned(&cluster, "edit").await?);
    Ok(())
}

/// What is written in the editor is made, in the namespace in force where it names none, and taken back.
pub async fn an_addition_is_a_plan(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "addition", &["addition-web"]).await?;
    let text = r#"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: added}\ndata: {key: "yes"}\n"#;
    let mut desk =
        with_editor(&cluster, &format!("sh -c 'printf \"{}\" >> \"$1\"' sh", text.replace('"', "\\\""))).await?;
    desk.press(": 'ns addition-web' enter").await?;
    desk.sees("addition-web").await?;
    desk.press("a").await?;
    desk.console.visit().await;
    desk.console.settle(PATIENCE).await?;
    desk.sees("ConfigMap addition-web/added").await?;
    desk.sees("would create").await?;
    desk.approve("y").await?;
    desk.hears("accepted").await?;
    let path = "/api/v1/namespaces/addition-web/configmaps/added";
    assert_eq!(get(&cluster, path).await?["data"]["key"], "yes");
    desk.press("shift-u").await?;
    desk.sees("Undo:").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("would delete").await?;
    desk.approve("y").await?;
    let gone = async || get(&cluster, path).await.is_err();
    tenantry_cluster::wait_until("it is gone", PATIENCE, gone).await.map_err(|failure| failure.to_string())
}

/// What somebody else does while the plan of an edit is open is shown, and stays.
pub async fn an_edit_keeps_what_others_do_meanwhile(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "meanwhile", &["meanwhile-web"]).await?;
    patch(&cluster, &tenant("meanwhile"), &json!({"metadata": {"annotations": null}})).await?;
    let mut desk = with_editor(&cluster, &annotating()).await?;
    desk.go_to_tenant("meanwhile").await?;
    desk.edit().await?;
    let theirs = json!({"metadata": {"annotations": {"example.com/other": "theirs"}}});
    patch(&cluster, &tenant("meanwhile"), &theirs).await?;
    desk.sees("Tenant meanwhile was changed by kubectl-elsewhere").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("Edit Tenant meanwhile: accepted").await?;
    let after = get(&cluster, &tenant("meanwhile")).await?;
    assert_eq!(note(&after), Some("ours"));
    assert_eq!(after["metadata"]["annotations"]["example.com/other"], "theirs");
    Ok(())
}

/// Text that is no object is told, and comes back with the next try.
pub async fn a_bad_edit_is_kept(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "kept", &["kept-web"]).await?;
    let seen = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    let path = seen.path().display();
    // The first time it breaks the text; what it is given the second time is kept for us to look at.
    let editor = format!("sh -c 'cp \"$1\" {path}; printf \"\\nbroken: [1\\n\" >> \"$1\"' sh");
    let mut desk = with_editor(&cluster, &editor).await?;
    desk.go_to_tenant("kept").await?;
    desk.edit().await?;
    desk.hears("the text is no YAML").await?;
    desk.hears("nothing of it is lost").await?;
    desk.must_not_show("Edit Tenant kept")?;
    desk.edit().await?;
    let given = std::fs::read_to_string(seen.path()).map_err(|error| error.to_string())?;
    assert!(given.contains("# It could not be used as it is:"), "{given}");
    assert!(given.contains("no YAML") && given.contains("\nbroken: [1\n"), "{given}");
    Ok(())
}

/// What the server refuses goes back to the editor with the server's words.
pub async fn a_refused_edit_goes_back_to_the_editor(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "refused", &["refused-web"]).await?;
    let seen = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    let path = seen.path().display();
    let editor = format!("sh -c 'cp \"$1\" {path}; sed -i \"s|^spec:|spec:\\n  cordonned: true|\" \"$1\"' sh");
    let mut desk = with_editor(&cluster, &editor).await?;
    desk.go_to_tenant("refused").await?;
    desk.edit().await?;
    desk.sees("refused").await?;
    desk.sees("cordonned").await?;
    desk.sees("this plan cannot be applied").await?;
    desk.edit().await?;
    let given = std::fs::read_to_string(seen.path()).map_err(|error| error.to_string())?;
    assert!(given.contains("unknown field") && given.contains("\n  cordonned: true\n"), "{given}");
    Ok(())
}

/// The journal outlives the console.
pub async fn another_run_undoes_from_the_journal(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "another", &["another-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("another").await?;
    desk.open_plan().await?;
    desk.approve("y").await?;
    desk.hears("another is cordoned").await?;
    let mut desk = Box::pin(desk.again(&cluster, User::Admin)).await?;
    desk.press(": 'journal' enter").await?;
    desk.sees("Cordon tenant another").await?;
    desk.press("enter").await?;
    for text in ["Earlier plan", "patch Tenant another", "spec.cordoned", "done"] {
        desk.sees(text).await?;
    }
    desk.press("shift-u").await?;
    desk.sees("Undo: Cordon tenant another").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("Undo: Cordon tenant another: accepted").await?;
    assert!(!is_cordoned(&cluster, "another").await?);
    Ok(())
}

/// What is on trial is counted, reminded of, and taken back or kept.
pub async fn a_trial_is_counted_and_taken_back(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "trial", &["trial-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("trial").await?;
    desk.open_plan().await?;
    desk.approve("t").await?;
    desk.hears("trial is cordoned").await?;
    desk.sees("1 on trial").await?;
    desk.press("q").await?;
    desk.hears("1 of what you applied is on trial").await?;
    desk.must_show("Tenants")?;
    desk.press("shift-u").await?;
    desk.sees("Undo: Cordon tenant trial").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("Undo: Cordon tenant trial: accepted").await?;
    desk.sees_no_more("1 on trial").await?;
    assert!(!is_cordoned(&cluster, "trial").await?);
    Ok(())
}

/// A trial with a time is taken back when that is over.
pub async fn a_trial_ends_by_itself(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "timed", &["timed-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("timed").await?;
    desk.open_plan().await?;
    desk.press("shift-t enter").await?;
    desk.hears("timed is cordoned").await?;
    desk.sees("1 on trial").await?;
    assert!(is_cordoned(&cluster, "timed").await?);
    desk.console.pass(11 * 60_000);
    desk.hears("the time of the trial is over").await?;
    desk.hears("Undo: Cordon tenant timed: accepted").await?;
    assert!(!is_cordoned(&cluster, "timed").await?);
    Ok(())
}

/// A namespace is deleted by typing its name; the wrong name deletes nothing.
pub async fn a_deletion_is_named_by_hand(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "bygone", &["bygone-web", "bygone-db"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'ns bygone-db' enter").await?;
    desk.sees("bygone-db").await?;
    desk.press("ctrl-d").await?;
    desk.sees("Delete Namespace bygone-db").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("would delete").await?;
    desk.sees("deletes with everything in it: Namespace bygone-db").await?;
    desk.approve("y").await?;
    desk.sees("type the name to apply:").await?;
    desk.press("'bygone-web' enter").await?;
    desk.hears("bygone-web is not bygone-db: nothing was applied").await?;
    let still = get(&cluster, "/api/v1/namespaces/bygone-db").await?;
    assert!(still.pointer("/metadata/deletionTimestamp").is_none());
    desk.approve("y").await?;
    desk.press("'bygone-db' enter").await?;
    desk.hears("Delete Namespace bygone-db: accepted").await?;
    desk.hears("the namespace bygone-db is gone").await?;
    desk.press("shift-u").await?;
    desk.sees("what was in it is lost").await
}

/// Bindings are deleted and made again.
pub async fn a_deletion_is_taken_back(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "back", &["back-web"]).await?;
    let collection = "/apis/rbac.authorization.k8s.io/v1/namespaces/back-web/rolebindings";
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": "a-reader", "labels": {"example.com/team": "red"}},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "bob"}],
    });
    let made = send(&cluster, "POST", collection, &binding).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'rb back-web /a-reader' enter").await?;
    desk.sees("a-reader").await?;
    desk.press("ctrl-d").await?;
    desk.sees("Delete RoleBinding back-web/a-reader").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("takes rights away: RoleBinding back-web/a-reader").await?;
    desk.approve("y").await?;
    desk.hears("Delete RoleBinding back-web/a-reader: accepted").await?;
    assert!(get(&cluster, &format!("{collection}/a-reader")).await.is_err());
    desk.press("shift-u").await?;
    desk.sees("is made anew").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("would create").await?;
    desk.approve("y").await?;
    desk.hears("Undo: Delete RoleBinding back-web/a-reader: accepted").await?;
    let again = get(&cluster, &format!("{collection}/a-reader")).await?;
    assert_ne!(again["metadata"]["uid"], made["metadata"]["uid"]);
    for field in ["/roleRef", "/subjects", "/metadata/labels/example.com~1team"] {
        assert_eq!(again.pointer(field), made.pointer(field), "{field}");
    }
    Ok(())
}

/// A context can ask for its name to be typed.
pub async fn a_context_is_named_by_hand(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "spelled", &["spelled-web"]).await?;
    let named = Rule { confirm: Some(Confirm::Name), ..Rule::default() };
    let mut desk = Desk::with(&cluster, User::Admin, |settings| {
        settings.config.contexts.insert("adm*".to_owned(), named);
    })
    .await?;
    desk.go_to_tenant("spelled").await?;
    desk.open_plan().await?;
    desk.approve("y").await?;
    desk.sees("type the name to apply:").await?;
    desk.press("'admin' enter").await?;
    desk.hears("spelled is cordoned").await?;
    assert!(is_cordoned(&cluster, "spelled").await?);
    Ok(())
}

/// A context can ask for nothing: what is selected is changed as soon as it can be seen.
pub async fn a_context_can_ask_for_nothing(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "unasked", &["unasked-web"]).await?;
    let unasked = Rule { confirm: Some(Confirm::None), ..Rule::default() };
    let mut desk = Desk::with(&cluster, User::Admin, |settings| {
        settings.config.contexts.insert("*".to_owned(), unasked);
    })
    .await?;
    desk.go_to_tenant("unasked").await?;
    desk.press("shift-c").await?;
    desk.hears("unasked is cordoned").await?;
    desk.press(": 'ns unasked-web' enter ctrl-d").await?;
    desk.sees("Delete Namespace unasked-web").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("would").await
}

/// Small changes of what is marked, and what makes no sense says why.
pub async fn small_changes_are_plans(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "small", &["small-web", "small-db"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'ns small-web' enter").await?;
    desk.sees("small-db").await?;
    desk.press("* : 'label example.com/team=red' enter").await?;
    desk.sees("Label 2 objects: example.com/team=red").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Apply 2 changes to admin as admin?").await?;
    desk.approve("y").await?;
    desk.hears("Label 2 objects: example.com/team=red: accepted").await?;
    for namespace in ["small-web", "small-db"] {
        let object = get(&cluster, &format!("/api/v1/namespaces/{namespace}")).await?;
        assert_eq!(object["metadata"]["labels"][TEAM], "red", "{namespace}");
    }
    desk.press("shift-u").await?;
    desk.sees("Undo: Label 2 objects").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("Undo: Label 2 objects: example.com/team=red: accepted").await?;
    let object = get(&cluster, "/api/v1/namespaces/small-db").await?;
    assert_eq!(object["metadata"]["labels"][TEAM], Value::Null);
    desk.press(": 'scale 3' enter").await?;
    desk.hears("it has no replicas").await?;
    desk.press(": 'restart' enter").await?;
    desk.hears("it makes no pods").await
}
