//! The Go toolchain, run with an environment of which only the places of its caches and proxies are the user's.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::tools::{FLAGS, Module};
use crate::error::{Context, Failure};

/// A Go toolchain that answers.
pub(super) struct Toolchain {
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Download {
    #[serde(default)]
    dir: PathBuf,
    #[serde(default)]
    error: String,
}

impl Toolchain {
    /// The one in PATH, if there is one.
    pub(super) fn find() -> Option<Self> {
        let output = command(Path::new(".")).args(["env", "GOVERSION"]).output().ok()?;
        let version = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && !version.is_empty()).then_some(Self { version })
    }

    /// Such as `go1.26.8`.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Builds `package` of the module in `directory` into the file `output`.
    pub(super) fn build(&self, directory: &Path, module: &Module, package: &str, output: &Path) -> Result<(), Failure> {
        let mut go = command(directory);
        go.arg("build").args(FLAGS).args(["-ldflags", &module.linker_flags(), "-o"]).arg(output).arg(package);
        run(go, &format!("{package} does not build with {}", self.version)).map(drop)
    }

    /// Where the source of `module` lies, as selected and checked by the go.mod and go.sum in `directory`.
    pub(super) fn source(&self, directory: &Path, module: &str) -> Result<PathBuf, Failure> {
        let mut go = command(directory);
        go.args(["mod", "download", "-json", module]);
        let what = format!("{module} cannot be had with {}", self.version);
        let answer: Download = serde_json::from_slice(&run(go, &what)?).context(&what)?;
        if answer.dir.as_os_str().is_empty() {
            return Err(Failure::new(format!("{what}: {}", answer.error)));
        }
        Ok(answer.dir)
    }
}

fn command(directory: &Path) -> Command {
    let mut go = Command::new("go");
    go.current_dir(directory)
        .env("CGO_ENABLED", "0")
        .env("GOWORK", "off")
        // Flags of the user's own, such as -mod=mod, would make builds that the digest does not know of.
        .env("GOFLAGS", "")
        .stdin(Stdio::null());
    go
}

fn run(mut go: Command, what: &str) -> Result<Vec<u8>, Failure> {
    let output = go.output().context(what)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = crate::text::last_lines(&said, 20);
    let more = String::from_utf8_lossy(&output.stdout);
    Err(Failure::new(format!("{what} ({})\n{last}\n{}", output.status, crate::text::last_lines(&more, 5)).trim_end()))
}
