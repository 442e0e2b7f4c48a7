//! Who made an object and keeps it as it is, told by the marks that the field's tools leave: Argo CD's tracking
//! (`argocd.argoproj.io/tracking-id`, or its instance label), Flux' labels (`kustomize.toolkit.fluxcd.io/*`,
//! `helm.toolkit.fluxcd.io/*`), Helm's (`meta.helm.sh/release-name`), Capsule's (`projectcapsule.dev/managed-by`, `created-by`), and
//! Kubernetes' own (`kubernetes.io/bootstrapping`).

use super::name::Name;

/// Who made an object, and has a say in what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Maker {
    /// Capsule's controller, of a tenant.
    Capsule,
    /// An application of Argo CD.
    ArgoCd(Name),
    /// A Kustomization of Flux.
    Kustomization(Name),
    /// A HelmRelease of Flux.
    HelmRelease(Name),
    /// A release of Helm.
    Helm(Name),
    /// Kubernetes itself, which has it again when it starts.
    Kubernetes,
    /// Somebody with a tool that people use by hand. Nothing in an object says who.
    Hand(Name),
    /// A program, by the name that it manages fields under.
    Program(Name),
}

/// Managers of fields that stand for a person at a keyboard, by how their names begin.
const BY_HAND: [&str; 9] =
    ["kubectl", "tenantry", "k9s", "oc", "lens", "headlamp", "freelens", "node-fetch", "dashboard"];

impl Maker {
    /// All who have left a mark on an object, the one to ask first. `label` and `note` read its labels and annotations;
    /// `of_tenant`: a Tenant is among its owners.
    pub fn marks<'a>(
        label: impl Fn(&str) -> Option<&'a str>,
        note: impl Fn(&str) -> Option<&'a str>,
        of_tenant: bool,
    ) -> Vec<Self> {
        let mut found = Vec::new();
        let tracked = note("argocd.argoproj.io/tracking-id").and_then(|id| id.split(':').next());
        found.extend(tracked.or_else(|| label("argocd.argoproj.io/instance")).map(|app| Self::ArgoCd(app.into())));
        found.extend(label("kustomize.toolkit.fluxcd.io/name").map(|name| Self::Kustomization(name.into())));
        found.extend(label("helm.toolkit.fluxcd.io/name").map(|name| Self::HelmRelease(name.into())));
        found.extend(note("meta.helm.sh/release-name").map(|name| Self::Helm(name.into())));
        let of_capsule = [label("projectcapsule.dev/managed-by"), label("projectcapsule.dev/created-by")];
        let is_generated = label("capsule.clastix.io/role-binding").is_some() && of_tenant;
        let by = ["controller", "replications"];
        if is_generated || of_capsule.into_iter().flatten().any(|by_whom| by.contains(&by_whom)) {
            found.push(Self::Capsule);
        }
        if label("kubernetes.io/bootstrapping").is_some() {
            found.push(Self::Kubernetes);
        }
        found
    }

    /// Whoever manages fields under this name.
    pub fn manager(name: &Name) -> Self {
        if BY_HAND.iter().any(|tool| name.to_lowercase().starts_with(tool)) {
            Self::Hand(name.clone())
        } else {
            Self::Program(name.clone())
        }
    }

    /// The same with its name put in another way.
    #[must_use]
    pub fn map(self, change: impl FnOnce(Name) -> Name) -> Self {
        match self {
            Self::ArgoCd(name) => Self::ArgoCd(change(name)),
            Self::Kustomization(name) => Self::Kustomization(change(name)),
            Self::HelmRelease(name) => Self::HelmRelease(change(name)),
            Self::Helm(name) => Self::Helm(change(name)),
            Self::Hand(name) => Self::Hand(change(name)),
            Self::Program(name) => Self::Program(change(name)),
            Self::Capsule | Self::Kubernetes => self,
        }
    }

    /// Who, as on screen: `Helm release site`.
    pub fn words(&self) -> String {
        match self {
            Self::Capsule => "Capsule".to_owned(),
            Self::ArgoCd(name) => format!("Argo CD app {name}"),
            Self::Kustomization(name) => format!("Flux Kustomization {name}"),
            Self::HelmRelease(name) => format!("Flux HelmRelease {name}"),
            Self::Helm(name) => format!("Helm release {name}"),
            Self::Kubernetes => "Kubernetes".to_owned(),
            Self::Hand(name) => format!("by hand ({name})"),
            Self::Program(name) => name.to_string(),
        }
    }
}
