//! Where our files are: the XDG folders, also on macOS.

use std::path::PathBuf;

use etcetera::{BaseStrategy as _, base_strategy::Xdg};

use crate::world::trouble::{Trouble, TroubleKind};

/// Our folders.
#[derive(Debug, Clone)]
pub struct Paths {
    /// `$XDG_CONFIG_HOME/tenantry`: config, keymap, theme.
    pub config: PathBuf,
    /// `$XDG_STATE_HOME/tenantry`: journal, log, remembered namespaces.
    pub state: PathBuf,
}

impl Paths {
    /// Finds them; they need not exist.
    pub fn find() -> Result<Self, Trouble> {
        let base = Xdg::new().map_err(|error| {
            Trouble::new(TroubleKind::File, format!("no home directory is known: {error}")).advise("set HOME")
        })?;
        let state = base.state_dir().unwrap_or_else(|| base.data_dir());
        Ok(Self { config: base.config_dir().join("tenantry"), state: state.join("tenantry") })
    }

    /// What a person has decided once.
    pub fn settings(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The user's keymap.
    pub fn keymap(&self) -> PathBuf {
        self.config.join("keymap.toml")
    }

    /// The user's theme.
    pub fn theme(&self) -> PathBuf {
        self.config.join("theme.toml")
    }

    /// The user's blueprints, each a folder.
    pub fn blueprints(&self) -> PathBuf {
        self.config.join("blueprints")
    }

    /// The write-ahead journal.
    pub fn journal(&self) -> PathBuf {
        self.state.join("journal.jsonl")
    }

    /// What the console keeps: panes, pins, commands.
    pub fn console(&self) -> PathBuf {
        self.state.join("console.json")
    }

    /// The log.
    pub fn log(&self) -> PathBuf {
        self.state.join(super::log::FILE)
    }

    /// Who we are in which context, a file each.
    pub fn identities(&self) -> PathBuf {
        self.state.join("identities")
    }

    /// The kubeconfigs of shells that are open now: where such things go until one logs out, or else among our own.
    pub fn shells(&self) -> PathBuf {
        let runtime = Xdg::new().ok().and_then(|base| base.runtime_dir()).filter(|folder| folder.is_dir());
        runtime.map_or_else(|| self.state.clone(), |folder| folder.join("tenantry")).join("shells")
    }

    /// The namespaces remembered per cluster.
    pub fn memory(&self) -> PathBuf {
        self.state.join("namespaces.json")
    }
}
