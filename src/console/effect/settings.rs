//! Where things are, and what was asked for on the command line.

use std::path::PathBuf;

use super::contexts;
use crate::cluster::embedded::Embedded;
use crate::cluster::kubeconfig::Files;
use crate::config::paths::Paths;
use crate::config::settings::Config;
use crate::console::model::kept::Kept;
use crate::console::msg::ContextLine;
use crate::console::view::theme::Wish;
use crate::world::identity::ActingAs;
use crate::world::trouble::Trouble;

/// Where things are, and what was asked for on the command line.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `--kubeconfig`.
    pub kubeconfig: Option<PathBuf>,
    /// Clusters in this process, instead of any kubeconfig.
    pub embedded: Option<Embedded>,
    /// `--context`.
    pub context: Option<String>,
    /// `--namespace`.
    pub namespace: Option<String>,
    /// `--as` and `--as-group`.
    pub acting_as: Option<ActingAs>,
    /// The editor, in place of what the environment names.
    pub editor: Option<String>,
    /// `--readonly`.
    pub read_only: bool,
    /// Where the person's own files are, to be followed; `None`: what they said at first holds.
    pub files: Option<Paths>,
    /// What the last run kept.
    pub kept: Kept,
    /// What the command line says of the looks.
    pub asked: Wish,
    /// What was decided.
    pub config: Config,
    /// What was decided cannot be read.
    pub unsure: bool,
    /// Where the journal is written.
    pub journal: PathBuf,
    /// Where namespaces are remembered; `None`: nowhere.
    pub memory: Option<PathBuf>,
    /// Where is kept who we are in which context; `None`: nowhere.
    pub identities: Option<PathBuf>,
}

impl Settings {
    /// The kubeconfig files, or what stands in for them.
    pub(super) fn find_files(&self) -> Result<Files, Trouble> {
        if let Some(embedded) = &self.embedded {
            return Ok(Files::embedded(embedded));
        }
        Files::find(self.kubeconfig.as_deref(), |name| std::env::var_os(name))
    }

    /// The contexts in them; none, if they cannot be read.
    pub(super) fn contexts(&self, config: &Config, now: i64) -> Vec<ContextLine> {
        let files = self.find_files();
        files.map(|files| contexts::lines(&files, config, self.identities.as_deref(), now)).unwrap_or_default()
    }
}
