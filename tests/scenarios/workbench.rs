//! The workbench: files that are watched, previewed, applied and taken back.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tenantry_cluster::{Cluster, User};

use crate::desk::{Desk, Outcome, PATIENCE, furnish, get, send};
use crate::scripts::{at_home, tenantry, text};

fn write(folder: &Path, name: &str, text: &str) -> Outcome {
    fs::write(folder.join(name), text).map_err(|error| error.to_string())
}

fn folder() -> Result<tempfile::TempDir, String> {
    tempfile::tempdir().map_err(|error| error.to_string())
}

fn config_map(namespace: &str, name: &str, colour: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: {namespace}\ndata:\n  colour: {colour}\n"
    )
}

async fn colour(cluster: &Cluster, namespace: &str, name: &str) -> Result<Value, String> {
    Ok(get(cluster, &format!("/api/v1/namespaces/{namespace}/configmaps/{name}")).await?["data"]["colour"].clone())
}

async fn work(cluster: &Arc<Cluster>, path: &Path) -> Result<Desk, String> {
    let mut desk = Desk::sit(cluster, User::Admin).await?;
    desk.press(&format!(": 'work {}' enter", path.display())).await?;
    Ok(desk)
}

/// Save, look, apply, save, look, apply, take back, and go on.
pub async fn a_save_shows_what_it_would_do(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "bench", &["bench-web"]).await?;
    let folder = folder()?;
    write(folder.path(), "site.yaml", &config_map("bench-web", "site", "red"))?;
    let mut desk = work(&cluster, folder.path()).await?;
    desk.sees("would create").await?;
    desk.console.settle(PATIENCE).await?;
    for words in ["1 object of 1 file", "ConfigMap bench-web/site", "site.yaml:1", "+ red"] {
        desk.sees(words).await?;
    }
    desk.approve("y").await?;
    desk.sees("all as in the files").await?;
    assert_eq!(colour(&cluster, "bench-web", "site").await?, "red");
    write(folder.path(), "site.yaml", &config_map("bench-web", "site", "blue"))?;
    for words in ["would change", "- red", "+ blue"] {
        desk.sees(words).await?;
    }
    assert_eq!(colour(&cluster, "bench-web", "site").await?, "red", "a save applies nothing");
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.sees("all as in the files").await?;
    assert_eq!(colour(&cluster, "bench-web", "site").await?, "blue");
    desk.press("shift-u").await?;
    desk.sees("Undo: Apply").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    // The workbench is there again, and shows that files and cluster differ.
    desk.hears("Undo: Apply").await?;
    desk.sees("+ blue").await?;
    assert_eq!(colour(&cluster, "bench-web", "site").await?, "red");
    write(folder.path(), "site.yaml", &config_map("bench-web", "site", "red"))?;
    desk.sees("all as in the files").await?;
    desk.press("esc").await?;
    desk.sees_no_more("all as in the files").await
}

/// What lies in a namespace that the same files make is asked about when that is there.
pub async fn what_a_plan_makes_first_is_asked_about_later(cluster: Arc<Cluster>) -> Outcome {
    let folder = folder()?;
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: bench-new\n";
    write(folder.path(), "a.yaml", &format!("{}---\n{namespace}", config_map("bench-new", "site", "red")))?;
    let mut desk = work(&cluster, folder.path()).await?;
    desk.sees("(and ask about 1 more)").await?;
    desk.must_show("simulated")?;
    desk.must_show("Namespace bench-new does not exist yet")?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.sees("+ red").await?;
    desk.must_not_show("simulated")?;
    assert!(colour(&cluster, "bench-new", "site").await.is_err(), "it is asked about once more");
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.sees("all as in the files").await?;
    assert_eq!(colour(&cluster, "bench-new", "site").await?, "red");
    Ok(())
}

/// What is wrong stands in place of the plan, and goes when it is mended.
pub async fn broken_yaml_is_told_and_mended(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "mend", &["mend-web"]).await?;
    let folder = folder()?;
    write(folder.path(), "site.yaml", &config_map("mend-web", "site", "red"))?;
    let mut desk = work(&cluster, folder.path()).await?;
    desk.sees("would create").await?;
    write(folder.path(), "site.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: site\n  name: site\n")?;
    desk.sees("site.yaml:5: name is set twice: here and on line 4").await?;
    desk.sees("nothing can be applied until this is mended").await?;
    desk.must_not_show("would create")?;
    desk.press("y").await?;
    desk.hears("nothing was approved").await?;
    write(folder.path(), "site.yaml", "apiVersion: v1\nkind: Widget\nmetadata:\n  name: site\n")?;
    desk.sees("site.yaml:2: the server has no Widget in v1, and no file defines it").await?;
    write(folder.path(), "site.yaml", &config_map("mend-web", "site", "red"))?;
    desk.sees("would create").await?;
    desk.must_not_show("mended")
}

/// Another manager's field is named, and taken over only when that is chosen.
pub async fn others_fields_are_taken_over_by_choice(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "force", &["force-web"]).await?;
    let theirs =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "site"}, "data": {"colour": "green"}});
    send(&cluster, "POST", "/api/v1/namespaces/force-web/configmaps", &theirs).await?;
    let folder = folder()?;
    write(folder.path(), "site.yaml", &config_map("force-web", "site", "red"))?;
    let mut desk = work(&cluster, &folder.path().join("site.yaml")).await?;
    desk.sees("kubectl-elsewhere").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("refused").await?;
    desk.sees("[ ] take over the fields that others manage").await?;
    desk.press("y").await?;
    assert_eq!(colour(&cluster, "force-web", "site").await?, "green");
    desk.press("o").await?;
    desk.sees("[x] take over the fields that others manage").await?;
    desk.sees("- green").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.sees("all as in the files").await?;
    assert_eq!(colour(&cluster, "force-web", "site").await?, "red");
    Ok(())
}

/// `tenantry diff` says by its exit code what it found.
pub async fn files_are_compared_in_scripts(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "compare", &["compare-web"]).await?;
    let folder = folder()?;
    let path = folder.path().display().to_string();
    write(folder.path(), "site.yaml", &config_map("compare-web", "site", "red"))?;
    let found = tenantry(&cluster, User::Admin, &["diff", &path]).await?;
    let printed = text(&found.stdout);
    assert_eq!(found.status.code(), Some(1), "{printed}{}", text(&found.stderr));
    assert!(
        printed.contains("+ ConfigMap compare-web/site  would create") && printed.contains("1 to create"),
        "{printed}"
    );
    let found = tenantry(&cluster, User::Admin, &["diff", &path, "--detailed-exitcode", "-o", "json"]).await?;
    assert_eq!(found.status.code(), Some(2));
    let object: Value = serde_json::from_slice(&found.stdout).map_err(|error| error.to_string())?;
    assert_eq!(object["steps"][0]["answer"], "would-create");
    assert_eq!(object["steps"][0]["source"], format!("{path}/site.yaml:1"));
    write(folder.path(), "site.yaml", &config_map("compare-web", "site", "red").replace("\ndata:", "\ndataa:"))?;
    let wrong = tenantry(&cluster, User::Admin, &["diff", &path]).await?;
    let printed = text(&wrong.stdout);
    assert_eq!(wrong.status.code(), Some(2), "{printed}");
    assert!(printed.contains("refused") && printed.contains("site.yaml:6"), "the line of the field: {printed}");
    write(folder.path(), "site.yaml", &config_map("compare-web", "site", "red"))?;
    write(folder.path(), "broken.yaml", "a: [\n")?;
    for (more, code) in [(None, 2), (Some("--detailed-exitcode"), 1)] {
        let arguments: Vec<&str> = ["diff", &path].into_iter().chain(more).collect();
        let failed = tenantry(&cluster, User::Admin, &arguments).await?;
        assert_eq!(failed.status.code(), Some(code));
        assert!(text(&failed.stderr).contains("broken.yaml:"), "{}", text(&failed.stderr));
    }
    let refused = tenantry(&cluster, User::Bob, &["diff", &format!("{path}/site.yaml")]).await?;
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stdout));
    Ok(())
}

/// `tenantry apply` asks, or is told not to; it goes on with what it made room for, and prunes by a label.
pub async fn files_are_applied_in_scripts(cluster: Arc<Cluster>) -> Outcome {
    let folder = folder()?;
    let path = folder.path().display().to_string();
    let labelled = |name: &str| {
        config_map("scripted", name, "red").replace("metadata:\n", "metadata:\n  labels: {app: scripted}\n")
    };
    write(folder.path(), "namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: scripted\n")?;
    write(folder.path(), "one.yaml", &labelled("one"))?;
    write(folder.path(), "two.yaml", &labelled("two"))?;
    let unasked = tenantry(&cluster, User::Admin, &["apply", &path]).await?;
    assert_eq!(unasked.status.code(), Some(2));
    assert!(text(&unasked.stderr).contains("--yes applies without asking"), "{}", text(&unasked.stderr));
    let guarded = tenantry(&cluster, User::Admin, &["apply", &path, "--yes", "--readonly"]).await?;
    assert_eq!(guarded.status.code(), Some(1));
    assert!(get(&cluster, "/api/v1/namespaces/scripted").await.is_err());
    let applied = tenantry(&cluster, User::Admin, &["apply", &path, "--yes"]).await?;
    let printed = text(&applied.stdout);
    assert_eq!(applied.status.code(), Some(0), "{printed}{}", text(&applied.stderr));
    assert!(
        printed.contains("apply Namespace scripted: done") && printed.contains("apply ConfigMap scripted/two: done"),
        "{printed}"
    );
    assert_eq!(colour(&cluster, "scripted", "two").await?, "red");
    let same = tenantry(&cluster, User::Admin, &["diff", &path]).await?;
    assert_eq!(same.status.code(), Some(0), "{}{}", text(&same.stdout), text(&same.stderr));
    fs::remove_file(folder.path().join("two.yaml")).map_err(|error| error.to_string())?;
    let arguments = ["apply", &path, "--yes", "-o", "json", "--prune", "-l", "app=scripted"];
    let pruned = tenantry(&cluster, User::Admin, &arguments).await?;
    assert_eq!(pruned.status.code(), Some(0), "{}", text(&pruned.stderr));
    let object: Value = serde_json::from_slice(&pruned.stdout).map_err(|error| error.to_string())?;
    let steps = object["applied"][0]["steps"].as_array().cloned().unwrap_or_default();
    let deleted: Vec<&Value> =
        steps.iter().filter(|step| step["verb"] == "delete").map(|step| &step["object"]["name"]).collect();
    assert_eq!(deleted, ["two"], "{object}");
    assert!(colour(&cluster, "scripted", "two").await.is_err());
    assert_eq!(colour(&cluster, "scripted", "one").await?, "red");
    Ok(())
}

/// What was applied is in the journal, and is taken back from there.
pub async fn files_are_taken_back_in_scripts(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "rewind", &["rewind-web"]).await?;
    let home = folder()?;
    let folder = folder()?;
    let path = folder.path().display().to_string();
    let run = async |arguments: &[&str]| {
        let output = at_home(home.path(), &cluster, User::Admin, arguments).await?;
        let printed = text(&output.stdout);
        if output.status.success() { Ok(printed) } else { Err(format!("{printed}{}", text(&output.stderr))) }
    };
    for value in ["red", "blue"] {
        write(folder.path(), "site.yaml", &config_map("rewind-web", "site", value))?;
        run(&["apply", &path, "--yes"]).await?;
    }
    let listed = run(&["journal"]).await?;
    assert!(listed.lines().count() == 2 && listed.contains("as admin  Apply "), "{listed}");
    let script = run(&["journal", "-o", "script"]).await?;
    assert!(script.contains("kubectl --context admin -n rewind-web apply --server-side"), "{script}");
    run(&["undo", "--yes"]).await?;
    assert_eq!(colour(&cluster, "rewind-web", "site").await?, "red");
    // What an undo set is ours: it is no conflict with ourselves.
    run(&["apply", &path, "--yes"]).await?;
    assert_eq!(colour(&cluster, "rewind-web", "site").await?, "blue");
    let pasts: Value =
        serde_json::from_str(&run(&["journal", "-o", "json"]).await?).map_err(|error| error.to_string())?;
    assert_eq!(pasts.as_array().map(Vec::len), Some(4));
    // What another machine has done is taken back from what it has exported.
    let exported = folder.path().join("exported");
    fs::write(&exported, run(&["journal", "-o", "json"]).await?).map_err(|error| error.to_string())?;
    let elsewhere = tempfile::tempdir().map_err(|error| error.to_string())?;
    let arguments = ["undo", "--yes", "--from", &exported.display().to_string()];
    let undone = at_home(elsewhere.path(), &cluster, User::Admin, &arguments).await?;
    assert!(undone.status.success(), "{}{}", text(&undone.stdout), text(&undone.stderr));
    assert_eq!(colour(&cluster, "rewind-web", "site").await?, "red");
    let first = pasts[0]["id"].as_str().unwrap_or_default();
    let told = run(&["journal", first]).await?;
    assert!(told.contains("apply ConfigMap rewind-web/site: done"), "{told}");
    Ok(())
}
