//! The workbench's files: read, and watched.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use notify::{RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::super::model::plan::{Choice, Drafted};
use super::super::msg::Msg;
use super::tell;
use crate::apply::work::{self, Asked, Kinds};
use crate::cluster::gate::Gate;
use crate::config::manifests;
use crate::plan::Target;
use crate::plan::manifest::{self, Text};
use crate::plan::work::{Wish, together};
use crate::world::trouble::{Trouble, TroubleKind};

/// How long files must have been left alone before they are read, and how long that is waited for: editors write in several
/// steps, and some programs never rest.
const QUIET: Duration = Duration::from_millis(60);
const LONGEST: Duration = Duration::from_millis(200);

/// Reads the files and plans them.
pub async fn draft(
    gate: &Gate,
    kinds: &Kinds,
    path: String,
    wish: Wish,
    prune: bool,
    target: Target,
) -> Result<Drafted, Trouble> {
    let texts = manifests::read(&[found(&path)]).await.map_err(together)?;
    let label = crate::plan::work::shared_label(&manifest::read(&texts).map_err(together)?);
    let asked = Asked { title: path, wish, prune: label.clone().filter(|_| prune) };
    let plan = work::plan(gate, kinds, &texts, &asked, target).await?;
    let title = |label| format!("delete what we applied with {label} and is in the files no more");
    let choices = label.map(|label| Choice { title: title(label), on: prune, switch: None });
    Ok(Drafted { plan, choices: choices.into_iter().collect() })
}

/// Plans what somebody has written.
pub async fn written(gate: &Gate, kinds: &Kinds, text: String, wish: Wish, target: Target) -> Result<Drafted, Trouble> {
    let texts = [Text { name: "your text".to_owned(), built: false, text }];
    let asked = Asked { title: "what you wrote".to_owned(), wish, prune: None };
    let mut plan = work::plan(gate, kinds, &texts, &asked, target).await?;
    // There is no file that a command could name.
    for step in plan.steps_mut() {
        step.source = None;
    }
    Ok(Drafted { plan, choices: Vec::new() })
}

/// A path as it was typed: `~` is the home folder, as in a shell.
fn found(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// Tells whenever the files at a path change. A folder of which another kustomization becomes a part is watched from then on.
pub async fn watch(path: String, jobs: mpsc::UnboundedSender<Msg>) {
    let (changed, mut changes) = mpsc::unbounded_channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access() && event.paths.iter().any(|path| manifests::matters(path))) {
            let _ = changed.send(());
        }
    });
    let mut watcher = match watcher {
        Ok(watcher) => watcher,
        Err(error) => return cannot(&path, &error, &jobs),
    };
    let mut known = BTreeSet::new();
    loop {
        let looked_for = found(&path);
        let now = tokio::task::spawn_blocking(move || manifests::watched(&[looked_for])).await.unwrap_or_default();
        for (folder, deep) in now.difference(&known) {
            let mode = if *deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            if let Err(error) = watcher.watch(folder, mode) {
                cannot(&path, &error, &jobs);
            }
        }
        known = now;
        if changes.recv().await.is_none() {
            return;
        }
        let latest = Instant::now() + LONGEST;
        while Instant::now() < latest && timeout(QUIET, changes.recv()).await.is_ok_and(|change| change.is_some()) {}
        tell(&jobs, Msg::FilesChanged(path.clone()));
    }
}

fn cannot(path: &str, error: &notify::Error, jobs: &mpsc::UnboundedSender<Msg>) {
    let trouble = Trouble::new(TroubleKind::File, format!("{path} cannot be watched: {error}"));
    tell(jobs, Msg::Notice(trouble.advise("open it anew to see what has changed")));
}
