//! What is kept in files of our own: texts, snapshots, what the journal tells, what the next run is to know.

use std::path::Path;

use super::runner::Runner;
use super::{plans, tell};
use crate::apply::snapshot::{self, Kept as Snapshot};
use crate::config::paths::Paths;
use crate::config::{memory, state};
use crate::console::model::kept::Kept;
use crate::console::msg::{Msg, SnapshotKept};
use crate::console::terminal::clipboard;
use crate::journal::saved;
use crate::plan::{Keep, Plan};
use crate::world::trouble::{Trouble, TroubleKind};

impl Runner {
    /// Saves a text under this name, to which the time is added.
    pub(super) fn save(&self, name: String, text: String) {
        let folder = self.orders.settings.journal.with_file_name("saved");
        let now = self.clock.milliseconds();
        self.soon(move || Msg::Saved(save(&folder, &name, &text, now)));
    }

    /// Saves what the journal tells of one plan, or of all.
    pub(super) fn export_journal(&self, id: Option<String>, script: bool) {
        let (path, now) = (self.orders.settings.journal.clone(), self.clock.milliseconds());
        self.soon(move || {
            let exported = plans::export(&path, id.as_deref(), script);
            let folder = path.with_file_name("saved");
            Msg::Saved(exported.and_then(|(name, text)| save(&folder, &name, &text, now)))
        });
    }

    /// Keeps the objects of a plan as they are.
    pub(super) fn snapshot(&self, plan: Plan, keep: Keep) {
        let (journal, now) = (self.orders.settings.journal.clone(), self.clock.milliseconds());
        self.job(move |gate, jobs| async move {
            let kept = snapshot::keep(&gate, &plan, &keep, &journal, now).await;
            tell(&jobs, Msg::Snapshot(kept.map(snapshot_kept)));
        });
    }

    /// Writes down that a plan of earlier is to stay as it is.
    pub(super) fn settle(&self, plan: String) {
        let (path, jobs, at) = (self.orders.settings.journal.clone(), self.jobs.clone(), self.clock.seconds());
        tokio::task::spawn_blocking(move || {
            if let Err(trouble) = plans::settle(&path, plan, at) {
                tell(&jobs, Msg::Notice(trouble));
            }
        });
    }

    /// Keeps something for the next run.
    pub(super) fn keep(&self, kept: Box<Kept>) {
        let Some(path) = self.orders.settings.files.as_ref().map(Paths::console) else { return };
        tokio::task::spawn_blocking(move || {
            if let Err(error) = state::save(&path, &*kept) {
                tracing::warn!(%error, path = %path.display(), "what the console keeps cannot be written");
            }
        });
    }

    /// Remembers a namespace for the next session with this cluster.
    pub(super) fn remember(&self, namespace: String) {
        let Some(path) = self.orders.settings.memory.clone() else { return };
        let Some(server) = self.gate().map(|gate| gate.place().server.clone()) else { return };
        let jobs = self.jobs.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(trouble) = memory::remember(&path, &server, &namespace) {
                tell(&jobs, Msg::Notice(trouble));
            }
        });
    }
}

/// What is in the clipboard, as if it had been pasted.
pub fn clipboard() -> Msg {
    let words = match clipboard::read() {
        Ok(Some(text)) => return Msg::Paste(text),
        Ok(None) => "no program here has the clipboard".to_owned(),
        Err(error) => format!("the clipboard cannot be read: {error}"),
    };
    let advice = "what your terminal pastes into the console is taken, too";
    Msg::Notice(Trouble::new(TroubleKind::Other, words).advise(advice))
}

/// Writes a new file that only we can read; says where it is.
fn save(folder: &Path, name: &str, text: &str, now: i64) -> Result<String, Trouble> {
    saved::save(folder, name, text, now).map(|path| memory::tilde(&path))
}

/// What was kept, as the console hears it.
pub fn snapshot_kept(kept: Snapshot) -> SnapshotKept {
    let Snapshot { path, snapshot } = kept;
    let (count, refused, withheld) = (snapshot.count, snapshot.refused, snapshot.withheld.len());
    SnapshotKept { count, path: memory::tilde(&path), refused, withheld }
}
