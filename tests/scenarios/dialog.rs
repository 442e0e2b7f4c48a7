//! What the dialog of a plan shows, and what comes after it: forms of the difference, what goes along, what comes true.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use serde_json::{Value, json};
use tenantry::config::settings::{ReadOnly, Rule};
use tenantry::console::headless::Headless;
use tenantry::console::model::overlay::Overlay;
use tenantry::demo::fault::Fault;
use tenantry::plan::Step;
use tenantry_cluster::{Cluster, Era, User};

use crate::demo;
use crate::desk::{Desk, Outcome, PATIENCE, furnish, get, is_cordoned, patch, send, tenant};
use crate::scripts::{tenantry, text as text_of};

fn deployment(name: &str, replicas: u8) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"nodeName": tenantry_cluster::NODES[0], "containers": [{
                "name": "web", "image": "registry.example.net/web:1",
                "env": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "plain"}],
            }]}},
        },
    })
}

/// A Deployment in a namespace, and as many pods of it as it wants.
async fn deploy(cluster: &Arc<Cluster>, namespace: &str, name: &str, replicas: u8) -> Outcome {
    let collection = format!("/apis/apps/v1/namespaces/{namespace}/deployments");
    send(cluster, "POST", &collection, &deployment(name, replicas)).await?;
    let there = async || {
        let seen = get(cluster, &format!("{collection}/{name}")).await;
        seen.is_ok_and(|object| object["status"]["replicas"].as_u64() == Some(replicas.into()))
    };
    tenantry_cluster::wait_until("its pods are made", PATIENCE, there).await.map_err(|failure| failure.to_string())
}

async fn image(cluster: &Cluster, namespace: &str, name: &str) -> Result<Value, String> {
    let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}");
    Ok(get(cluster, &path).await?["spec"]["template"]["spec"]["containers"][0]["image"].clone())
}

/// By path, as YAML, side by side; with what the server keeps for itself; searched, and saved for nobody else to read.
pub async fn a_difference_has_three_forms(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "forms", &["forms-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("forms").await?;
    desk.open_plan().await?;
    for text in ["spec.cordoned", "+ true"] {
        desk.sees(text).await?;
    }
    desk.press("d").await?;
    for text in ["@@ -", "+   cordoned: true"] {
        desk.must_show(text)?;
    }
    desk.press("d").await?;
    desk.must_show(" │ ")?;
    desk.must_not_show("@@ -")?;
    // Where two sides have no room they stand one below the other.
    desk.console.resize(90, 30).await;
    desk.must_show("@@ -")?;
    desk.console.resize(220, 50).await;
    desk.press("ctrl-s").await?;
    desk.hears("saved to").await?;
    let saved = std::fs::read_dir(desk.folder().join("state/saved")).map_err(|error| error.to_string())?;
    let saved: Vec<_> = saved.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let [file] = saved.as_slice() else { return Err(format!("{saved:?}")) };
    let mode = std::fs::metadata(file).map_err(|error| error.to_string())?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    assert!(
        text.contains("--- a/Tenant/forms\n+++ b/Tenant/forms\n") && text.contains("\n+  cordoned: true\n"),
        "{text}"
    );
    desk.press("d").await?;
    desk.must_show("spec.cordoned")?;
    desk.must_not_show("metadata.generation")?;
    desk.press("z").await?;
    desk.must_show("metadata.generation")?;
    desk.press("z / 'cordoned' enter n").await?;
    desk.hears(" of ").await?;
    desk.must_show("Cordon tenant forms")?;
    desk.press("/ enter").await?;
    desk.press("esc").await?;
    assert!(!is_cordoned(&cluster, "forms").await?, "looking applies nothing");
    Ok(())
}

/// What a deletion takes along is counted by kind, and named on demand; what an orphan is stays.
pub async fn a_deletion_says_what_goes_along(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "along", &["along-web"]).await?;
    deploy(&cluster, "along-web", "site", 2).await?;
    let held = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "finalizers": ["example.com/drain"]}});
    send(&cluster, "POST", "/api/v1/namespaces/along-web/configmaps", &held).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'deploy along-web' enter").await?;
    desk.sees("site").await?;
    desk.press("ctrl-d").await?;
    desk.sees("goes along: 2 Pods, 1 ReplicaSet").await?;
    desk.console.settle(PATIENCE).await?;
    desk.must_not_show("Pod along-web/site-")?;
    desk.press("tab").await?;
    desk.must_show("Pod along-web/site-")?;
    desk.press("shift-o").await?;
    desk.sees("stays, without an owner: 1 ReplicaSet").await?;
    desk.console.settle(PATIENCE).await?;
    desk.press("esc : 'ns along-web' enter ctrl-d").await?;
    desk.sees("Delete Namespace along-web").await?;
    desk.console.settle(PATIENCE).await?;
    for text in ["1 Deployment", "2 Pods", "wait", "example.com/drain"] {
        desk.sees(text).await?;
    }
    desk.must_not_show("could not be asked")?;
    // What cannot be taken back can be kept, and made again.
    desk.sees("a snapshot of it can be kept first").await?;
    desk.press("s").await?;
    desk.hears("`tenantry apply` makes them again").await?;
    let saved = std::fs::read_dir(desk.folder().join("state/saved")).map_err(|error| error.to_string())?;
    let saved: Vec<_> = saved.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let [file] = saved.as_slice() else { return Err(format!("{saved:?}")) };
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    for part in ["kind: Namespace\n", "kind: Deployment\n", "value: hunter2\n", "name: held\n"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("kind: Pod\n") && !text.contains("kind: ReplicaSet\n"), "{text}");
    let again = tenantry(&cluster, User::Admin, &["diff", &file.display().to_string()]).await?;
    assert_ne!(again.status.code(), Some(2), "{}{}", text_of(&again.stdout), text_of(&again.stderr));
    patch(&cluster, "/api/v1/namespaces/along-web/configmaps/held", &json!({"metadata": {"finalizers": null}})).await?;
    desk.press("esc").await
}

/// Events that a dry run may have left are marked, and none is hidden.
pub async fn a_preview_is_known_by_its_events(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "trace", &["trace-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("trace").await?;
    desk.open_plan().await?;
    desk.press("esc d").await?;
    desk.sees("(perhaps from our preview)").await?;
    desk.press("esc").await?;
    desk.open_plan().await?;
    desk.approve("y").await?;
    desk.hears("trace is cordoned").await?;
    desk.press("d").await?;
    desk.sees("or change)").await
}

/// What was applied is followed until it has come true.
pub async fn a_rollout_is_followed(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "rollout", &["rollout-web"]).await?;
    deploy(&cluster, "rollout-web", "site", 1).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'deploy rollout-web' enter").await?;
    desk.sees("site").await?;
    desk.press(": 'scale 3' enter").await?;
    desk.sees("Scale Deployment rollout-web/site").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("accepted; it is followed until it has come true").await?;
    desk.hears("Deployment rollout-web/site: rolled out, 3 of 3 pods are available").await
}

/// A secret in an environment keeps nobody from taking back what is beside it, after a restart too.
pub async fn what_stands_beside_a_secret_is_taken_back(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "beside", &["beside-web"]).await?;
    deploy(&cluster, "beside-web", "site", 1).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'deploy beside-web' enter").await?;
    desk.sees("site").await?;
    desk.press(": 'image registry.example.net/web:2' enter").await?;
    desk.sees("- registry.example.net/web:1").await?;
    desk.console.settle(PATIENCE).await?;
    desk.must_not_show("hunter2")?;
    desk.approve("y").await?;
    desk.hears("registry.example.net/web:2: accepted").await?;
    let journal =
        std::fs::read_to_string(desk.folder().join("state/journal.jsonl")).map_err(|error| error.to_string())?;
    assert!(!journal.contains("hunter2"), "{journal}");
    let mut desk = Box::pin(desk.again(&cluster, User::Admin)).await?;
    desk.press(": 'journal' enter").await?;
    desk.sees("Image Deployment beside-web/site").await?;
    desk.press("shift-u").await?;
    desk.sees("Undo: Image Deployment").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("Undo: Image Deployment beside-web/site: registry.example.net/web:2: accepted").await?;
    assert_eq!(image(&cluster, "beside-web", "site").await?, "registry.example.net/web:1");
    let path = "/apis/apps/v1/namespaces/beside-web/deployments/site";
    let container = get(&cluster, path).await?["spec"]["template"]["spec"]["containers"][0].clone();
    assert_eq!(container["env"][0]["value"], "hunter2", "{container}");
    Ok(())
}

/// Read-only can be had for a session, and given up unless it was decided elsewhere.
pub async fn read_only_can_be_had_for_a_session(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "session", &["session-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press("ctrl-o").await?;
    desk.hears("read-only: nothing is written in this session").await?;
    desk.sees("RO").await?;
    desk.go_to_tenant("session").await?;
    desk.press("shift-c").await?;
    desk.sees("Cordon tenant session").await?;
    desk.console.settle(PATIENCE).await?;
    desk.press("y").await?;
    desk.hears("the console is read-only").await?;
    desk.press("esc : 'readwrite' enter").await?;
    desk.sees("RW").await?;
    desk.open_plan().await?;
    desk.approve("y").await?;
    desk.hears("session is cordoned").await?;
    let rule = Rule { readonly: ReadOnly::Always, ..Rule::default() };
    let mut desk = Desk::with(&cluster, User::Admin, |settings| {
        settings.config.contexts.insert("adm*".to_owned(), rule);
    })
    .await?;
    desk.press("ctrl-o").await?;
    desk.hears("it stays read-only: a rule in config.toml").await?;
    desk.must_show("RO")
}

/// Objects that are pasted onto the panes are a plan; anything else is dropped, as before.
pub async fn pasted_objects_are_a_plan(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "paste", &["paste-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.console.paste("rm -rf /\n").await;
    desk.hears("pasted text was dropped").await?;
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pasted, namespace: paste-web}\ndata: {key: x}\ny\n";
    desk.console.paste(text).await;
    desk.hears("nothing of it is lost").await?;
    desk.console.paste(&text.replace("\ny\n", "\n")).await;
    desk.sees("ConfigMap paste-web/pasted").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("would create").await?;
    let path = "/api/v1/namespaces/paste-web/configmaps/pasted";
    assert!(get(&cluster, path).await.is_err(), "pasting applies nothing");
    desk.approve("y").await?;
    desk.hears("accepted").await?;
    assert_eq!(get(&cluster, path).await?["data"]["key"], "x");
    // A field that somebody else has set since is taken over by a choice of its own.
    patch(&cluster, path, &json!({"data": {"key": "theirs"}})).await?;
    desk.console.paste(&text.replace("\ny\n", "\n")).await;
    desk.sees("kubectl-elsewhere").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("[ ] take over the fields that others manage").await?;
    desk.press("o").await?;
    desk.sees("- theirs").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    let ours = async || get(&cluster, path).await.is_ok_and(|object| object["data"]["key"] == "x");
    tenantry_cluster::wait_until("it is ours again", PATIENCE, ours).await.map_err(|failure| failure.to_string())
}

/// Of many objects in one list only what moved is read, and told.
pub async fn many_objects_are_followed(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "many", &["many-web"]).await?;
    let collection = "/api/v1/namespaces/many-web/configmaps";
    for number in 0..20 {
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("m{number:02}")}, "data": {"a": "1"}});
        send(&cluster, "POST", collection, &map).await?;
    }
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'cm many-web /!kube' enter").await?;
    desk.sees("m19").await?;
    desk.press("* : 'label example.com/team=red' enter").await?;
    desk.sees("Label 20 objects").await?;
    desk.console.settle(PATIENCE).await?;
    patch(&cluster, &format!("{collection}/m07"), &json!({"data": {"a": "2"}})).await?;
    desk.sees("ConfigMap many-web/m07 was changed by kubectl-elsewhere: data.a").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("Label 20 objects: example.com/team=red: accepted").await?;
    let moved = get(&cluster, &format!("{collection}/m07")).await?;
    assert_eq!((&moved["data"]["a"], &moved["metadata"]["labels"]["example.com/team"]), (&json!("2"), &json!("red")));
    Ok(())
}

/// A plan whose watches are cut goes on following its objects.
pub async fn a_cut_watch_is_taken_up_again() -> Outcome {
    let (cluster, demo) = demo::start(Era::V0_14).await.map_err(|failure| failure.to_string())?;
    let cluster = Arc::new(cluster);
    furnish(&cluster, "again", &["again-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("again").await?;
    desk.open_plan().await?;
    for round in 0..3 {
        demo.faults.cut();
        let value = json!(format!("round {round}"));
        patch(&cluster, &tenant("again"), &json!({"metadata": {"annotations": {"example.com/note": value}}})).await?;
        let is_planned = |console: &Headless| {
            let Some(Overlay::Plan(dialog)) = console.model().overlays.last() else { return false };
            let note = |step: &Step| step.old().pointer("/metadata/annotations/example.com~1note") == Some(&value);
            dialog.plan.steps().next().is_some_and(note)
        };
        desk.console.until(&format!("{value} is planned with"), PATIENCE, is_planned).await?;
    }
    desk.must_not_show("followed")?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("again is cordoned").await
}

/// After a failure nothing new is sent; what was done, has failed and was not tried is told apart, and undone from there.
pub async fn a_failure_is_told_step_by_step() -> Outcome {
    let (cluster, demo) = demo::start(Era::V0_14).await.map_err(|failure| failure.to_string())?;
    let cluster = Arc::new(cluster);
    furnish(&cluster, "fails", &["fails-web"]).await?;
    let collection = "/api/v1/namespaces/fails-web/configmaps";
    for number in 0..20 {
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("m{number:02}")}});
        send(&cluster, "POST", collection, &map).await?;
    }
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'cm fails-web /!kube' enter").await?;
    desk.sees("m19").await?;
    desk.press("* : 'label example.com/team=red' enter").await?;
    desk.sees("Label 20 objects").await?;
    desk.console.settle(PATIENCE).await?;
    let words = "configmaps \"m10\" is forbidden: User \"admin\" cannot patch resource \"configmaps\" in API group \"\" in \
                 the namespace \"fails-web\"";
    let path = format!("{collection}/m10");
    demo.faults.add(Some(http::Method::PATCH), &path, Fault::Refused(403, "Forbidden", words.to_owned()), None);
    desk.approve("y").await?;
    desk.hears("15 done, 1 failed, 4 not tried; shift-u takes back what was done").await?;
    desk.must_show("Earlier plan")?;
    for text in
        ["15 done, 1 failed, 4 not tried", "patch ConfigMap fails-web/m10: ", "patch ConfigMap fails-web/m00  done"]
    {
        desk.sees(text).await?;
    }
    desk.press("shift-g").await?;
    desk.sees("m19  not tried").await?;
    demo.faults.clear();
    desk.press("shift-u").await?;
    desk.sees("Undo: Label 20 objects").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Apply 15 changes").await?;
    desk.approve("y").await?;
    desk.hears("Undo: Label 20 objects: example.com/team=red: accepted").await?;
    let object = get(&cluster, &format!("{collection}/m00")).await?;
    assert_eq!(object["metadata"]["labels"]["example.com/team"], Value::Null);
    Ok(())
}

/// What left a folder is deleted when that is chosen, and never unasked.
pub async fn what_left_a_folder_is_deleted_by_choice(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "prune", &["prune-web"]).await?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let write = |name: &str| {
        let text = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: prune-web, labels: {{app: shop}}}}\n"
        );
        std::fs::write(folder.path().join(format!("{name}.yaml")), text).map_err(|error| error.to_string())
    };
    write("stays")?;
    write("leaves")?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(&format!(": 'work {}' enter", folder.path().display())).await?;
    desk.sees("would create").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.sees("all as in the files").await?;
    std::fs::remove_file(folder.path().join("leaves.yaml")).map_err(|error| error.to_string())?;
    desk.sees("1 object of 1 file").await?;
    desk.must_show("[ ] delete what we applied with app=shop and is in the files no more")?;
    desk.must_not_show("would delete")?;
    desk.press("o").await?;
    desk.sees("would delete").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("ConfigMap prune-web/leaves").await?;
    desk.approve("y").await?;
    desk.sees("[ ] delete what we applied").await?;
    desk.sees("all as in the files").await?;
    assert!(get(&cluster, "/api/v1/namespaces/prune-web/configmaps/leaves").await.is_err());
    get(&cluster, "/api/v1/namespaces/prune-web/configmaps/stays").await.map(drop)
}
