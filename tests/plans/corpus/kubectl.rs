//! `kubectl diff --server-side`, and what it compares.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tenantry_cluster::{Cluster, User};
use tokio::process::Command;

use super::{nothing, title};

/// The real program.
pub struct Kubectl {
    program: PathBuf,
    home: TempDir,
}

impl Kubectl {
    /// The one of the cluster's version, for its administrator, in a namespace.
    pub fn new(cluster: &Cluster, namespace: &str) -> Result<Self, String> {
        let home = tempfile::tempdir().map_err(|error| error.to_string())?;
        let context = cluster
            .kubeconfig_of(User::Admin)
            .replace("user: admin}", &format!("user: admin, namespace: {namespace}}}"));
        // kubectl shows two folders to a program of one's choice: this one keeps them.
        let keep = "#!/bin/sh\nrm -rf live merged\ncp -r \"$1\" live\ncp -r \"$2\" merged\n";
        let write = |name: &str, text: &str| fs::write(home.path().join(name), text).map_err(|error| error.to_string());
        write("config", &context)?;
        write("keep", keep)?;
        let keep = home.path().join("keep");
        fs::set_permissions(&keep, fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
        let program = cluster.bin_dir().map_err(|failure| failure.to_string())?.join("kubectl");
        Ok(Self { program, home })
    }

    /// Each object of these texts as it is, and as it would be.
    pub async fn diff(&self, texts: impl Iterator<Item = String>) -> Result<BTreeMap<String, [Value; 2]>, String> {
        let folder = self.home.path();
        let text: String = texts.flat_map(|text| ["---\n".to_owned(), text, "\n".to_owned()]).collect();
        fs::write(folder.join("objects.yaml"), text).map_err(|error| error.to_string())?;
        for side in ["live", "merged"] {
            let _ = fs::remove_dir_all(folder.join(side));
        }
        let output = Command::new(&self.program)
            .args(["diff", "--server-side", "--field-manager=tenantry", "-f", "objects.yaml"])
            .current_dir(folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", folder)
            .env("KUBECONFIG", folder.join("config"))
            .env("KUBECTL_EXTERNAL_DIFF", folder.join("keep"))
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(|error| format!("kubectl: {error}"))?;
        if !output.status.success() {
            return Err(format!("kubectl diff: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let [mut live, merged] = [read(&folder.join("live"))?, read(&folder.join("merged"))?];
        Ok(merged
            .into_iter()
            .map(|(name, merged)| {
                let live = live.remove(&name).unwrap_or_else(nothing);
                (title(&merged), [live, merged])
            })
            .collect())
    }
}

/// The objects in a folder, by the names of their files.
fn read(folder: &Path) -> Result<BTreeMap<String, Value>, String> {
    let why = |error: &dyn std::fmt::Display| format!("{}: {error}", folder.display());
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|error| why(&error))? {
        let path = entry.map_err(|error| why(&error))?.path();
        let text = fs::read_to_string(&path).map_err(|error| why(&error))?;
        let object: Value = serde_yaml::from_str(&text).map_err(|error| why(&error))?;
        if !object.is_null() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.insert(name, object);
        }
    }
    Ok(found)
}
