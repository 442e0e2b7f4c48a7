//! Contexts: all of all files, who we are in each, whether their clusters answer; and what somebody else does to the files.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use tenantry::config::settings::Config;
use tenantry::console::headless::Headless;
use tenantry_cluster::Cluster;

use crate::desk::{Desk, Outcome, PATIENCE};
use crate::scripts::text;

/// A folder with the cluster's own kubeconfig, and one beside it of contexts that lead nowhere: to nobody, and to somebody who
/// accepts and never answers, the latter by way of a plugin that would write a file.
struct TwoFiles {
    folder: tempfile::TempDir,
    _silent: TcpListener,
}

impl TwoFiles {
    fn write(cluster: &Cluster) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let silent = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let address = silent.local_addr().map_err(|error| error.to_string())?;
        std::fs::copy(cluster.kubeconfig(), folder.path().join("one")).map_err(|error| error.to_string())?;
        let ran = folder.path().join("ran");
        let two = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: nobody\n\
             clusters: [{{name: gone, cluster: {{server: 'https://127.0.0.1:1'}}}}, {{name: mute, cluster: {{server: 'http://{address}'}}}}]\n\
             users: [{{name: asker, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: touch, args: ['{}'], interactiveMode: Always}}}}}}]\n\
             contexts: [{{name: nobody, context: {{cluster: gone, user: asker, namespace: far}}}}, {{name: silent, context: {{cluster: mute, user: asker}}}}, \
             {{name: broken, context: {{cluster: none, user: asker}}}}]\n",
            ran.display()
        );
        std::fs::write(folder.path().join("two"), two).map_err(|error| error.to_string())?;
        Ok(Self { folder, _silent: silent })
    }

    fn list(&self) -> String {
        format!("{}:{}", self.path("one").display(), self.path("two").display())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the binary with both files, and with a home that is kept.
    async fn say(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
        command.args(arguments).env("KUBECONFIG", self.list()).env("HOME", self.folder.path());
        command.env_remove("XDG_STATE_HOME").env_remove("XDG_CONFIG_HOME");
        let run = tokio::task::spawn_blocking(move || command.output()).await.map_err(|error| error.to_string())?;
        let output = run.map_err(|error| error.to_string())?;
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}

fn of<'a>(list: &'a Value, context: &str) -> &'a Value {
    let found = list.as_array().and_then(|list| list.iter().find(|one| one["context"] == context));
    found.unwrap_or(&Value::Null)
}

/// `tenantry ctx` lists the contexts of all files; with `--probe` it asks each who we are there, and waits for none for long.
pub async fn contexts_of_two_files_are_listed(cluster: Arc<Cluster>) -> Outcome {
    let files = TwoFiles::write(&cluster)?;
    let table = files.say(&["ctx"]).await?;
    let line = |begin: &str| table.lines().find(|line| line.starts_with(begin)).unwrap_or_default().to_owned();
    assert!(line("*  admin").contains("nobody has asked"), "the first file's current-context counts: {table}");
    assert!(line("   nobody").contains("far"), "{table}");
    assert!(line("   broken").contains("cannot be opened"), "{table}");
    let list: Value =
        serde_json::from_str(&files.say(&["ctx", "--probe", "-o", "json"]).await?).map_err(|e| e.to_string())?;
    let admin = of(&list, "admin");
    assert_eq!((&admin["current"], &admin["answers"]), (&Value::Bool(true), &Value::Bool(true)), "{admin}");
    assert_eq!(admin["identity"]["username"], "admin");
    assert_eq!(admin["identity"]["capsule"]["role"], "clusterAdministrator");
    assert_eq!(of(&list, "poor")["identity"]["username"], "system:serviceaccount:default:poor");
    for away in ["nobody", "silent"] {
        let away = of(&list, away);
        assert_eq!((&away["answers"], &away["identity"]), (&Value::Bool(false), &Value::Null), "{away}");
    }
    assert_eq!(of(&list, "broken")["answers"], Value::Bool(false));
    assert!(!files.path("ran").exists(), "a plugin that must ask was run");
    // What was learned is known from then on.
    let table = files.say(&["ctx"]).await?;
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("*  admin") && line.contains("admin, cluster administrator (<1m ago)")),
        "{table}"
    );
    Ok(())
}

/// The list in the console says which clusters answer, runs no plugin for that, and can be left while it is asking.
pub async fn reachability_is_asked_beside(cluster: Arc<Cluster>) -> Outcome {
    let files = TwoFiles::write(&cluster)?;
    let merged = files.path("merged");
    let both = merge(&files)?;
    std::fs::write(&merged, both).map_err(|error| error.to_string())?;
    let rules = "[contexts.\"adm*\"]\nclass = \"production\"\ncolour = \"danger\"\nreadonly = \"start\"\n";
    let config = Config::parse(rules, "config.toml").map_err(|trouble| trouble.to_string())?;
    let mut desk = Desk::unsettled(&merged, |settings| {
        settings.context = Some("admin".into());
        settings.config = config;
    })?;
    desk.console.settle(PATIENCE).await?;
    // Read-only at first, until somebody says otherwise, and that for as long as the context is open.
    desk.sees(" !! production ").await?;
    desk.sees(" RO ").await?;
    desk.press(": 'rw' enter").await?;
    desk.sees_no_more(" RO ").await?;
    desk.press(": 'ctx' enter").await?;
    desk.sees("asking").await?;
    desk.press("esc").await?;
    desk.sees_no_more("asking").await?;
    desk.press(": 'ctx' enter").await?;
    let row = |console: &Headless, name: &str, word: &str| {
        console.screen().lines().any(|line| line.contains(&format!(" {name} ")) && line.contains(word))
    };
    let told = |console: &Headless| {
        row(console, "admin", "answers")
            && row(console, "nobody", "no answer")
            && row(console, "silent", "no answer")
            && row(console, "broken", "cannot be opened")
    };
    desk.console.until("all were asked", PATIENCE, told).await?;
    assert!(row(&desk.console, "admin", "!! production RO"), "{}", desk.console.screen());
    assert!(!files.path("ran").exists(), "a plugin was run");
    desk.press("esc").await?;
    // Another opening begins read-only again.
    desk.press(": 'ctx admin' enter").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees(" RO ").await
}

/// Both files as one, as `kubectl config view --flatten` would have it.
fn merge(files: &TwoFiles) -> Result<String, String> {
    let read = |name: &str| -> Result<Value, String> {
        let bytes = std::fs::read(files.path(name)).map_err(|error| error.to_string())?;
        serde_yaml::from_slice(&bytes).map_err(|error| error.to_string())
    };
    let (mut one, two) = (read("one")?, read("two")?);
    for key in ["clusters", "users", "contexts"] {
        let more = two[key].as_array().cloned().unwrap_or_default();
        if let Some(list) = one[key].as_array_mut() {
            list.extend(more);
        }
    }
    Ok(one.to_string())
}

/// Somebody else switches `current-context`, and changes our entry: both are said, and neither is followed.
pub async fn what_others_do_to_the_files_is_told_not_followed(cluster: Arc<Cluster>) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("config");
    let write = |path: &Path, text: &str| {
        // As kubectl does it: a new file takes the place of the old one.
        let beside = path.with_extension("new");
        std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path)).map_err(|error| error.to_string())
    };
    let before = std::fs::read_to_string(cluster.kubeconfig()).map_err(|error| error.to_string())?;
    write(&file, &before)?;
    let mut desk = Desk::unsettled(&file, |_| {})?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("system:masters").await?;
    let read = serde_yaml::from_str::<Value>(&before).map_err(|error| error.to_string())?;
    let changed = |pointer: &str, to: &str| {
        let mut text = read.clone();
        if let Some(value) = text.pointer_mut(pointer) {
            *value = to.into();
        }
        text.to_string()
    };
    write(&file, &changed("/current-context", "bob"))?;
    desk.hears("somebody changed current-context to bob; nothing here follows it").await?;
    desk.must_show(" current is bob ")?;
    desk.must_show("system:masters")?;
    write(&file, &before)?;
    desk.sees_no_more(" current is bob ").await?;
    write(&file, &changed("/clusters/0/cluster/server", "https://127.0.0.1:1"))?;
    desk.hears("somebody changed the entry of admin in").await?;
    desk.must_show(" entry changed ")?;
    let last = desk.console.model().messages.last().map(|message| message.text.clone()).unwrap_or_default();
    assert!(last.contains("its cluster changed") && last.contains("`:ctx admin` opens it anew"), "{last}");
    // The session goes on where it began.
    desk.console.settle(PATIENCE).await?;
    desk.sees("live").await?;
    write(&file, &before)?;
    desk.hears("is again as it was").await?;
    desk.sees_no_more(" entry changed ").await
}
