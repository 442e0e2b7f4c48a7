//! The contexts on file, and what is known of each without asking anybody.

use std::path::{Path, PathBuf};

use crate::cluster::connect::{self, Choice};
use crate::cluster::kubeconfig::{ContextEntry, Files};
use crate::cluster::proxy::Proxies;
use crate::config::settings::{Config, ReadOnly};
use crate::config::{known, memory};
use crate::console::msg::ContextLine;

/// All contexts of these files. `identities`: where is kept who we were.
pub fn lines(files: &Files, config: &Config, identities: Option<&Path>, now: i64) -> Vec<ContextLine> {
    let current = files.current().map(str::to_owned);
    let proxies = Proxies::from_env(|name| std::env::var_os(name));
    let line = |entry: ContextEntry| {
        let choice = Choice { context: Some(entry.name.clone()), ..Choice::default() };
        let (place, fault) = match connect::place(files, &choice, &proxies) {
            Ok(place) => (place, None),
            Err(trouble) => (crate::world::identity::Place::default(), Some(trouble.what)),
        };
        let known = identities.and_then(|folder| known::recall(folder, &place));
        let decided = config.decide(&entry.name, &entry.user);
        ContextLine {
            current: current.as_deref() == Some(entry.name.as_str()),
            name: entry.name,
            cluster: entry.cluster,
            server: entry.server,
            user: entry.user,
            namespace: entry.namespace,
            file: memory::tilde(&entry.file),
            class: decided.class,
            read_only: decided.readonly != ReadOnly::No,
            stale: known.as_ref().is_some_and(|known| known.is_stale(&place, now)),
            known,
            proof: place.proof,
            fault,
        }
    };
    files.contexts().into_iter().map(line).collect()
}

/// The files that are read, or would be if they were there.
pub fn paths(files: &Files) -> Vec<PathBuf> {
    files.paths.iter().chain(&files.missing).cloned().collect()
}
