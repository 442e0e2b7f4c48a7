//! What is built once is not built again: seen with a Go toolchain that only pretends.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tenantry_cluster::build::{self, CACHE_VARIABLE, Needs};
use tenantry_cluster::{Capsule, Failure, StartError};

use crate::children::{Role, run, write_script};
use crate::failure;

/// Builds slowly enough for two builders to meet, and writes down what it was asked to build.
const GO: &str = r#"
here=$(dirname "$0")
case "$1" in
env) echo go9.99 ;;
mod) echo "{\"Dir\": \"$here/source\"}" ;;
build)
    while [ "$1" != -o ]; do shift; done
    sleep 0.1
    echo "$3" >> "$here/built"
    echo program > "$2" ;;
esac"#;

const BROKEN_GO: &str = r#"
case "$1" in
env) echo go9.99 ;;
*) echo "main.go:1: it does not compile" >&2; exit 1 ;;
esac"#;

const STAGES: [&str; 5] = [
    "node/fast/node-initialize",
    "node/heartbeat-with-lease/node-heartbeat-with-lease",
    "pod/fast/pod-ready",
    "pod/fast/pod-complete",
    "pod/fast/pod-delete",
];

/// All that full clusters of both eras need: seven programs, two folders and a file.
const ARTEFACTS: &str = "ok 10 0\n";

struct Place {
    directory: TempDir,
}

impl Place {
    fn new(go: Option<&str>) -> Result<Self, Failure> {
        let place = Self { directory: tempfile::tempdir().map_err(failure)? };
        if let Some(go) = go {
            place.install(go).map_err(failure)?;
        }
        Ok(place)
    }

    fn install(&self, go: &str) -> io::Result<()> {
        let source = self.path("source");
        fs::create_dir_all(source.join("charts/capsule/crds"))?;
        for stage in STAGES {
            let file = source.join(format!("kustomize/stage/{stage}.yaml"));
            file.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(file, "kind: Stage\n")?;
        }
        write_script(&self.path("go"), go)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn build(&self, path: &str) -> Result<String, Failure> {
        let cache = self.path("cache");
        let environment =
            [(CACHE_VARIABLE, cache.as_os_str()), ("PATH", OsStr::new(path)), ("KUBEBUILDER_ASSETS", OsStr::new(""))];
        run(Role::Builds, &environment)
    }

    /// A PATH on which this place's Go comes first.
    fn with_go(&self) -> String {
        format!("{}:/usr/bin:/bin", self.directory.path().display())
    }
}

pub(crate) async fn two_builders_at_once_build_once() -> Result<(), StartError> {
    let place = Place::new(Some(GO))?;
    let path = place.with_go();
    std::thread::scope(|scope| {
        let builders = [(); 2].map(|()| scope.spawn(|| place.build(&path)));
        for builder in builders {
            assert_eq!(builder.join().ok().and_then(Result::ok).as_deref(), Some(ARTEFACTS));
        }
    });
    let built = fs::read_to_string(place.path("built")).map_err(failure)?;
    let mut packages: Vec<&str> = built.lines().collect();
    packages.sort_unstable();
    let expected = [
        "github.com/projectcapsule/capsule",
        "github.com/projectcapsule/capsule/cmd/controller",
        "go.etcd.io/etcd/server/v3",
        "k8s.io/kubernetes/cmd/kube-apiserver",
        "k8s.io/kubernetes/cmd/kube-controller-manager",
        "k8s.io/kubernetes/cmd/kubectl",
        "sigs.k8s.io/kwok/cmd/kwok",
    ];
    assert_eq!(packages, expected, "each package once");

    // Go may even be gone by now.
    assert_eq!(place.build(&nowhere(&place))?, ARTEFACTS);
    Ok(())
}

pub(crate) async fn without_go_there_is_a_reason() -> Result<(), StartError> {
    let place = Place::new(None)?;
    let said = place.build(&nowhere(&place))?;
    assert!(said.starts_with("unavailable etcd is missing: there is no Go toolchain"), "{said}");
    Ok(())
}

pub(crate) async fn a_failing_build_is_no_reason_to_ignore() -> Result<(), StartError> {
    let place = Place::new(Some(BROKEN_GO))?;
    let said = place.build(&place.with_go())?;
    assert!(said.starts_with("failed etcd cannot be put into") && said.contains("it does not compile"), "{said}");
    Ok(())
}

/// With the real toolchain, or whatever this machine has.
pub(crate) async fn what_is_built_is_not_built_again() -> Result<(), StartError> {
    let needs = Needs { capsule: Capsule::None, kwok: false, helm: false };
    let programs = tokio::task::spawn_blocking(move || build::programs(needs));
    let first = programs.await.map_err(failure)??;
    let built = modified(&first.kube_apiserver)?;
    let begin = Instant::now();
    let second = build::programs(needs)?;
    assert!(begin.elapsed() < Duration::from_secs(2), "looking took {:?}", begin.elapsed());
    assert_eq!(modified(&second.kube_apiserver)?, built);
    Ok(())
}

fn modified(path: &Path) -> Result<std::time::SystemTime, Failure> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).map_err(failure)
}

fn nowhere(place: &Place) -> String {
    place.path("empty").display().to_string()
}
