//! What is built from what.

use sha2::{Digest, Sha256};

use crate::text::short_hex;

/// A go.mod with its go.sum: the versions of one family of programs.
pub(super) struct Module {
    pub name: &'static str,
    pub go_mod: &'static str,
    pub go_sum: &'static str,
    /// What the linker stamps into this family's programs, as `symbol=value`.
    pub stamps: &'static [&'static str],
}

/// One thing in the cache.
pub(super) struct Artefact {
    /// Its file name there, and its name in messages.
    pub name: &'static str,
    pub module: &'static Module,
    pub content: Content,
    /// Whether `KUBEBUILDER_ASSETS` may offer it.
    pub in_assets: bool,
}

pub(super) enum Content {
    /// A main package to build.
    Program { package: &'static str },
    /// The YAML files of one folder of a Go module, kept as a folder.
    Folder { module: &'static str, path: &'static str },
    /// One folder of a Go module with all that is in it.
    Tree { module: &'static str, path: &'static str },
    /// YAML files of a Go module, joined to one file of several documents.
    Documents { module: &'static str, paths: &'static [&'static str] },
}

/// The flags of every build; a part of the digest.
pub(super) const FLAGS: &[&str] = &["-mod=readonly", "-trimpath", "-buildvcs=false"];

static KUBERNETES_MODULE: Module = Module {
    name: "kubernetes",
    go_mod: include_str!("../../tools/kubernetes/go.mod"),
    go_sum: include_str!("../../tools/kubernetes/go.sum"),
    // Unstamped programs call themselves v0.0.0-master, on which Capsule and kubectl trip.
    stamps: &[
        "k8s.io/component-base/version.gitVersion=v1.37.1",
        "k8s.io/component-base/version.gitMajor=1",
        "k8s.io/component-base/version.gitMinor=37",
        "k8s.io/component-base/version.gitTreeState=clean",
        "k8s.io/client-go/pkg/version.gitVersion=v1.37.1",
        "k8s.io/client-go/pkg/version.gitMajor=1",
        "k8s.io/client-go/pkg/version.gitMinor=37",
    ],
};

static ETCD_MODULE: Module = Module {
    name: "etcd",
    go_mod: include_str!("../../tools/etcd/go.mod"),
    go_sum: include_str!("../../tools/etcd/go.sum"),
    stamps: &["go.etcd.io/etcd/api/v3/version.GitSHA=v3.6.14"],
};

static CAPSULE_MODULE: Module = Module {
    name: "capsule",
    go_mod: include_str!("../../tools/capsule/go.mod"),
    go_sum: include_str!("../../tools/capsule/go.sum"),
    stamps: &[
        "github.com/projectcapsule/capsule/internal/version.Version=v0.14.0",
        "github.com/projectcapsule/capsule/internal/version.GitTag=v0.14.0",
    ],
};

static CAPSULE_0_4_MODULE: Module = Module {
    name: "capsule-0.4",
    go_mod: include_str!("../../tools/capsule-0.4/go.mod"),
    go_sum: include_str!("../../tools/capsule-0.4/go.sum"),
    stamps: &["main.GitTag=v0.4.2", "main.GitDirty="],
};

static KWOK_MODULE: Module = Module {
    name: "kwok",
    go_mod: include_str!("../../tools/kwok/go.mod"),
    go_sum: include_str!("../../tools/kwok/go.sum"),
    stamps: &["sigs.k8s.io/kwok/pkg/consts.Version=v0.8.0"],
};

static HELM_MODULE: Module = Module {
    name: "helm",
    go_mod: include_str!("../../tools/helm/go.mod"),
    go_sum: include_str!("../../tools/helm/go.sum"),
    stamps: &["helm.sh/helm/v3/internal/version.version=v3.19.0"],
};

pub(super) static KUBE_APISERVER: Artefact = Artefact {
    name: "kube-apiserver",
    module: &KUBERNETES_MODULE,
    content: Content::Program { package: "k8s.io/kubernetes/cmd/kube-apiserver" },
    in_assets: true,
};

pub(super) static KUBE_CONTROLLER_MANAGER: Artefact = Artefact {
    name: "kube-controller-manager",
    module: &KUBERNETES_MODULE,
    content: Content::Program { package: "k8s.io/kubernetes/cmd/kube-controller-manager" },
    in_assets: true,
};

pub(super) static KUBECTL: Artefact = Artefact {
    name: "kubectl",
    module: &KUBERNETES_MODULE,
    content: Content::Program { package: "k8s.io/kubernetes/cmd/kubectl" },
    in_assets: true,
};

pub(super) static ETCD: Artefact = Artefact {
    name: "etcd",
    module: &ETCD_MODULE,
    content: Content::Program { package: "go.etcd.io/etcd/server/v3" },
    in_assets: true,
};

pub(super) static CAPSULE: Artefact = Artefact {
    name: "capsule",
    module: &CAPSULE_MODULE,
    content: Content::Program { package: "github.com/projectcapsule/capsule/cmd/controller" },
    in_assets: false,
};

pub(super) static CAPSULE_CRDS: Artefact = Artefact {
    name: "crds",
    module: &CAPSULE_MODULE,
    content: Content::Folder { module: "github.com/projectcapsule/capsule", path: "charts/capsule/crds" },
    in_assets: false,
};

pub(super) static CAPSULE_CHART: Artefact = Artefact {
    name: "chart",
    module: &CAPSULE_MODULE,
    content: Content::Tree { module: "github.com/projectcapsule/capsule", path: "charts/capsule" },
    in_assets: false,
};

pub(super) static CAPSULE_0_4: Artefact = Artefact {
    name: "capsule",
    module: &CAPSULE_0_4_MODULE,
    content: Content::Program { package: "github.com/projectcapsule/capsule" },
    in_assets: false,
};

pub(super) static CAPSULE_0_4_CRDS: Artefact = Artefact {
    name: "crds",
    module: &CAPSULE_0_4_MODULE,
    content: Content::Folder { module: "github.com/projectcapsule/capsule", path: "charts/capsule/crds" },
    in_assets: false,
};

pub(super) static KWOK: Artefact = Artefact {
    name: "kwok",
    module: &KWOK_MODULE,
    content: Content::Program { package: "sigs.k8s.io/kwok/cmd/kwok" },
    in_assets: false,
};

pub(super) static STAGES: Artefact = Artefact {
    name: "stages.yaml",
    module: &KWOK_MODULE,
    content: Content::Documents {
        module: "sigs.k8s.io/kwok",
        paths: &[
            "kustomize/stage/node/fast/node-initialize.yaml",
            "kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
            "kustomize/stage/pod/fast/pod-ready.yaml",
            "kustomize/stage/pod/fast/pod-complete.yaml",
            "kustomize/stage/pod/fast/pod-delete.yaml",
        ],
    },
    in_assets: false,
};

pub(super) static HELM: Artefact = Artefact {
    name: "helm",
    module: &HELM_MODULE,
    content: Content::Program { package: "helm.sh/helm/v3/cmd/helm" },
    in_assets: false,
};

impl Module {
    /// The name of this family's directory in the cache, but for the Go version.
    pub(super) fn key(&self) -> String {
        let mut digest = Sha256::new();
        let parts = [self.go_mod, self.go_sum, std::env::consts::ARCH].into_iter();
        for part in parts.chain(FLAGS.iter().copied()).chain(self.stamps.iter().copied()) {
            // The length in front: no two lists of parts run together to the same bytes.
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
        format!("{}-{}", self.name, short_hex(&digest.finalize()))
    }

    /// The linker's arguments: no symbol tables, and the versions.
    pub(super) fn linker_flags(&self) -> String {
        let mut flags = "-s -w".to_owned();
        for stamp in self.stamps {
            flags.push_str(" -X ");
            flags.push_str(stamp);
        }
        flags
    }
}
