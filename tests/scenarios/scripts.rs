//! The built binary in scripts.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use serde_json::Value;
use tenantry_cluster::{Cluster, User};

use crate::desk::{Outcome, furnish, is_cordoned};

/// Runs the binary as a user, with nobody at a terminal.
pub async fn tenantry(cluster: &Cluster, user: User, arguments: &[&str]) -> Result<Output, String> {
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    at_home(home.path(), cluster, user, arguments).await
}

/// The same, with a home that is kept.
pub async fn at_home(home: &Path, cluster: &Cluster, user: User, arguments: &[&str]) -> Result<Output, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    command
        .args(["--context", user.name()])
        .args(arguments)
        .env("KUBECONFIG", cluster.kubeconfig())
        .env("HOME", home)
        .env_remove("XDG_STATE_HOME")
        .env_remove("XDG_CONFIG_HOME");
    let run = tokio::task::spawn_blocking(move || command.output());
    run.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// What was printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// One line for people, one object for programs, one word for prompts; a failure has a sentence and an exit code.
pub async fn whoami_in_three_forms(cluster: Arc<Cluster>) -> Outcome {
    let people = tenantry(&cluster, User::Alice, &["whoami"]).await?;
    let line = text(&people.stdout);
    assert!(people.status.success() && line.lines().count() == 1, "{line}");
    let group = cluster.era().user_group();
    let begin = format!("alice ({group}, system:authenticated) on alice at 127.0.0.1:");
    assert!(line.starts_with(&begin), "{line}");
    let programs = tenantry(&cluster, User::Alice, &["whoami", "-o", "json"]).await?;
    let object: Value = serde_json::from_slice(&programs.stdout).map_err(|error| error.to_string())?;
    assert_eq!((object["username"].as_str(), object["context"].as_str()), (Some("alice"), Some("alice")));
    let prompt = tenantry(&cluster, User::Alice, &["-n", "oil-web", "whoami", "-o", "prompt"]).await?;
    assert_eq!(text(&prompt.stdout), "alice:oil-web ?\n");
    let role = object["capsule"]["role"].as_str().unwrap_or_default();
    assert!(["notVisible", "owner"].contains(&role), "an owner may not read the configuration: {object}");
    let wrong = tenantry(&cluster, User::Alice, &["whoami", "--kubeconfig", "/nowhere/config"]).await?;
    let said = text(&wrong.stderr);
    assert!(!wrong.status.success() && said.contains("/nowhere/config") && !said.contains("panicked"), "{said}");
    Ok(())
}

/// A snapshot presses keys and prints a screen; it changes nothing unless it is told to.
pub async fn snapshot_is_read_only_unless_told(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "snap", &["snap-web"]).await?;
    let keys = ["snapshot", "--size", "130x40", "--keys", ": 'tnt snap' enter shift-c y"];
    let looked = tenantry(&cluster, User::Admin, &keys).await?;
    let screen = text(&looked.stdout);
    assert!(looked.status.success(), "{screen}{}", text(&looked.stderr));
    assert_eq!(screen.lines().count(), 40);
    assert!(screen.contains("Cordon tenant snap") && screen.contains("read-only"), "{screen}");
    assert!(!is_cordoned(&cluster, "snap").await?);
    let svg = tenantry(&cluster, User::Admin, &["snapshot", "--format", "svg"]).await?;
    assert!(text(&svg.stdout).starts_with("<svg"));
    let wrote = tenantry(&cluster, User::Admin, &[&keys[..], &["--write"]].concat()).await?;
    assert!(wrote.status.success(), "{}{}", text(&wrote.stdout), text(&wrote.stderr));
    assert!(is_cordoned(&cluster, "snap").await?);
    Ok(())
}

/// An owner's screen is whole when it is printed: lists of single namespaces stand in for those that she is refused.
pub async fn an_owners_snapshot_is_whole(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "whole", &["whole-web"]).await?;
    for _ in 0..3 {
        let keys = ["-n", "whole-web", "snapshot", "--size", "160x40", "--keys", ": 'sa -A' enter"];
        let [panes, page] = [&keys[..5], &keys[..]].map(|keys| tenantry(&cluster, User::Alice, keys));
        let (panes, page) = (panes.await?, page.await?);
        let (panes, page) = (text(&panes.stdout), text(&page.stdout));
        for told in ["? whole ", "whole-web", "Access · whole", "admin ", "owner of 1 tenant"] {
            assert!(panes.contains(told), "{told} is not on\n{panes}");
        }
        assert!(!panes.contains("loading"), "{panes}");
        assert!(
            page.contains("whole-web") && page.contains("default") && page.contains("these are from whole-web"),
            "{page}"
        );
    }
    Ok(())
}
