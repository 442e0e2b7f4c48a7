//! The control plane's programs: found in `KUBEBUILDER_ASSETS` or built from Go modules, once, into a cache.
//!
//! The go.mod files under `tools/` pin every version; their content is compiled in, so that a built test does not
//! depend on where its sources lie. An artefact's directory carries a digest of all that decides its content, and
//! appears under its final name only when complete: what is there can be used without asking.

mod cache;
mod go;
mod tools;

use std::env;
use std::path::{Path, PathBuf};

use crate::era::{Capsule, Era};
use crate::error::{Context, Failure, StartError};

use tools::{Artefact, ETCD, HELM, KUBE_APISERVER, KUBE_CONTROLLER_MANAGER, KUBECTL, KWOK, STAGES};

/// Names the directory that holds built programs, in place of the user's cache directory.
pub const CACHE_VARIABLE: &str = "TENANTRY_CLUSTER_CACHE";

/// Names a directory with kube-apiserver, etcd, kubectl and kube-controller-manager that are used as they are.
pub const ASSETS_VARIABLE: &str = "KUBEBUILDER_ASSETS";

/// Which of the optional programs a cluster needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Capsule's controller, or at least its definitions.
    pub capsule: Capsule,
    /// kwok, which plays the nodes.
    pub kwok: bool,
    /// helm, for those who work on a cluster.
    pub helm: bool,
}

/// Where everything a cluster is started from lies.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The API server.
    pub kube_apiserver: PathBuf,
    /// Its controllers.
    pub kube_controller_manager: PathBuf,
    /// The command line client of the same version.
    pub kubectl: PathBuf,
    /// The API server's store.
    pub etcd: PathBuf,
    /// Capsule's controller, if asked for.
    pub capsule: Option<PathBuf>,
    /// A directory of Capsule's custom resource definitions, if asked for.
    pub capsule_crds: Option<PathBuf>,
    /// The program that plays the nodes, if asked for.
    pub kwok: Option<PathBuf>,
    /// What it plays: the stages of its nodes and pods.
    pub kwok_stages: Option<PathBuf>,
    /// Another command line client, if asked for.
    pub helm: Option<PathBuf>,
    /// What it is fed with: Capsule's own chart.
    pub capsule_chart: Option<PathBuf>,
}

/// Finds or builds all that `needs` names. Takes minutes the first time, and milliseconds later.
pub fn programs(needs: Needs) -> Result<Programs, StartError> {
    let sources = Sources { assets: assets(), cache: cache::root()?, go: go::Toolchain::find() };
    let optional = |wanted: bool, artefact: &Artefact| wanted.then(|| sources.obtain(artefact)).transpose();
    let (crds, controller) = match needs.capsule.era() {
        Era::V0_4 => (&tools::CAPSULE_0_4_CRDS, &tools::CAPSULE_0_4),
        Era::V0_14 => (&tools::CAPSULE_CRDS, &tools::CAPSULE),
    };
    Ok(Programs {
        // The quick one first: a machine on which nothing can be built says so at once.
        etcd: sources.obtain(&ETCD)?,
        kube_apiserver: sources.obtain(&KUBE_APISERVER)?,
        kube_controller_manager: sources.obtain(&KUBE_CONTROLLER_MANAGER)?,
        kubectl: sources.obtain(&KUBECTL)?,
        capsule_crds: optional(needs.capsule.has_definitions(), crds)?,
        capsule: optional(needs.capsule.has_controller(), controller)?,
        kwok_stages: optional(needs.kwok, &STAGES)?,
        kwok: optional(needs.kwok, &KWOK)?,
        helm: optional(needs.helm, &HELM)?,
        capsule_chart: optional(needs.helm, &tools::CAPSULE_CHART)?,
    })
}

fn assets() -> Option<PathBuf> {
    env::var_os(ASSETS_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from)
}

struct Sources {
    assets: Option<PathBuf>,
    cache: PathBuf,
    go: Option<go::Toolchain>,
}

impl Sources {
    fn obtain(&self, artefact: &Artefact) -> Result<PathBuf, StartError> {
        if let Some(ready) = self.asset(artefact).or_else(|| self.cached(artefact)) {
            return Ok(ready);
        }
        let Some(go) = &self.go else {
            return Err(StartError::Unavailable(format!(
                "{} is missing: there is no Go toolchain to build it with, and {ASSETS_VARIABLE} does not offer it",
                artefact.name
            )));
        };
        Ok(cache::fill(&self.directory(artefact, go.version()), artefact, go)?)
    }

    fn asset(&self, artefact: &Artefact) -> Option<PathBuf> {
        let path = self.assets.as_ref()?.join(artefact.name);
        (artefact.in_assets && path.is_file()).then_some(path)
    }

    fn cached(&self, artefact: &Artefact) -> Option<PathBuf> {
        let directories = match &self.go {
            Some(go) => vec![self.directory(artefact, go.version())],
            // Without Go any build of the same sources will do.
            None => cache::directories(&self.cache, &artefact.module.key()),
        };
        directories.into_iter().map(|directory| directory.join(artefact.name)).find(|path| path.exists())
    }

    fn directory(&self, artefact: &Artefact, go_version: &str) -> PathBuf {
        self.cache.join(format!("{}-{go_version}", artefact.module.key()))
    }
}

/// Makes the programs reachable under their own names in `directory`, for a PATH.
pub(crate) fn link(programs: &Programs, directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory).context(format_args!("{} cannot be made", directory.display()))?;
    let named = [
        ("kube-apiserver", Some(&programs.kube_apiserver)),
        ("kube-controller-manager", Some(&programs.kube_controller_manager)),
        ("kubectl", Some(&programs.kubectl)),
        ("etcd", Some(&programs.etcd)),
        ("capsule", programs.capsule.as_ref()),
        ("kwok", programs.kwok.as_ref()),
        ("helm", programs.helm.as_ref()),
    ];
    for (name, target) in named {
        if let Some(target) = target {
            std::os::unix::fs::symlink(target, directory.join(name))
                .context(format_args!("{name} cannot be linked"))?;
        }
    }
    Ok(())
}
