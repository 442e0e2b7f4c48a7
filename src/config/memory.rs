//! Namespaces remembered per cluster: what stands in for a list that the server refuses.

use std::collections::BTreeMap;
use std::path::Path;

use super::state;
use crate::world::trouble::{Trouble, TroubleKind};

/// How many namespaces are remembered per cluster; the oldest go first.
const KEPT: usize = 50;

/// By API server (`host:port`), the namespaces, the latest last.
type Memory = BTreeMap<String, Vec<String>>;

/// The namespaces remembered for this server. An unreadable file remembers nothing: it is only a convenience.
pub fn recall(path: &Path, server: &str) -> Vec<String> {
    state::load::<Memory>(path).remove(server).unwrap_or_default()
}

/// Remembers a namespace. The file is replaced as a whole, so that a crash leaves the old one or the new one.
pub fn remember(path: &Path, server: &str, namespace: &str) -> Result<(), Trouble> {
    let mut memory: Memory = state::load(path);
    let names = memory.entry(server.to_owned()).or_default();
    names.retain(|name| name != namespace);
    names.push(namespace.to_owned());
    let excess = names.len().saturating_sub(KEPT);
    names.drain(..excess);
    state::save(path, &memory).map_err(|error| {
        Trouble::new(TroubleKind::File, format!("cannot write {}: {error}", path.display()))
            .advise("the namespace is in force, but will not be remembered")
    })
}

/// A path with the home directory as `~`.
pub fn tilde(path: &Path) -> String {
    let home = etcetera::home_dir().ok();
    match home.as_deref().and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_comes_back_for_its_own_server_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/namespaces.json");
        for name in ["oil-web", "oil-db", "oil-web"] {
            remember(&path, "a:443", name).unwrap();
        }
        assert_eq!(recall(&path, "a:443"), ["oil-db", "oil-web"]);
        assert!(recall(&path, "b:443").is_empty());
        std::fs::write(&path, "not json").unwrap();
        assert!(recall(&path, "a:443").is_empty());
    }
}
