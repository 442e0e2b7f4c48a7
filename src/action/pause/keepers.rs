//! Who would start things again: GitOps controllers and Capsule's replications, as far as they can be found and held.

use std::collections::BTreeMap;

use serde_json::Value;

use super::kinds::kind_of;
use super::survey::{Found, Survey};
use crate::world::capsule::Era;

/// What would start some workloads again.
#[derive(Debug, Default)]
pub struct Keepers<'a> {
    /// Those that can be held, each once, with how many of the workloads it keeps.
    pub held: Vec<(&'a Found, usize)>,
    /// Those that cannot, each in a sentence.
    pub loose: Vec<String>,
}

/// An object elsewhere that keeps a workload: kind, namespace (empty: any) and name, and what to call it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer {
    /// Its kind.
    pub kind: &'static str,
    /// Its group.
    pub group: &'static str,
    /// Its namespace; empty if that is not said.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// The objects that a workload says keep it.
pub fn pointers(found: &Found) -> Vec<Pointer> {
    let mut pointers = Vec::new();
    let tracking = found.annotation("argocd.argoproj.io/tracking-id").and_then(|id| id.split(':').next());
    if let Some(app) = tracking.or_else(|| found.label("argocd.argoproj.io/instance")) {
        // With applications in any namespace the tracking id begins with NAMESPACE_NAME.
        let (namespace, name) = app.split_once('_').unwrap_or(("", app));
        pointers.push(Pointer {
            kind: "Application",
            group: "argoproj.io",
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        });
    }
    for (prefix, kind) in [("kustomize.toolkit.fluxcd.io", "Kustomization"), ("helm.toolkit.fluxcd.io", "HelmRelease")]
    {
        if let Some(name) = found.label(&format!("{prefix}/name")) {
            let namespace = found.label(&format!("{prefix}/namespace")).unwrap_or(found.namespace());
            pointers.push(Pointer { kind, group: prefix, namespace: namespace.to_owned(), name: name.to_owned() });
        }
    }
    pointers
}

impl Pointer {
    /// Whether an object is the one that is meant.
    pub fn is(&self, found: &Found) -> bool {
        found.object.kind == self.kind
            && found.object.group() == self.group
            && found.object.name == self.name
            && (self.namespace.is_empty() || found.namespace() == self.namespace)
    }

    fn words(&self) -> String {
        match self.kind {
            "Application" => format!("Argo CD app {}", self.name),
            kind => format!("Flux {kind} {}/{}", self.namespace, self.name),
        }
    }
}

/// Who would start `workloads` again.
pub fn keepers<'a>(survey: &'a Survey, workloads: &[&Found], tenants: &[&str]) -> Keepers<'a> {
    let mut keepers = Keepers::default();
    let mut pointed: BTreeMap<Pointer, usize> = BTreeMap::new();
    for pointer in workloads.iter().flat_map(|found| pointers(found)) {
        *pointed.entry(pointer).or_default() += 1;
    }
    for (pointer, count) in pointed {
        match survey.found.iter().find(|found| pointer.is(found)) {
            Some(found) if reverts(found) => keepers.held.push((found, count)),
            Some(_) => {}
            None => keepers.loose.push(format!(
                "{} may start {count} of them again: it cannot be read here, so it is not held",
                pointer.words()
            )),
        }
    }
    for found in survey.found.iter().filter(|found| replicates(found, tenants)) {
        if survey.era == Era::Dynamic {
            keepers.held.push((found, 0));
        } else {
            keepers
                .loose
                .push(format!("{} makes workloads again, and this Capsule cannot hold it", found.object.title()));
        }
    }
    keepers
}

/// Whether it sets back by itself what others change: Argo CD when it syncs by itself, Flux always.
fn reverts(found: &Found) -> bool {
    match found.object.kind.as_str() {
        "Application" => found.value.pointer("/spec/syncPolicy/automated").is_some_and(Value::is_object),
        _ => true,
    }
}

/// Whether one of Capsule's replications makes workloads in these tenants.
fn replicates(found: &Found, tenants: &[&str]) -> bool {
    let concerns = match found.object.kind.as_str() {
        "TenantResource" => true,
        "GlobalTenantResource" => {
            found.value.pointer("/status/selectedTenants").and_then(Value::as_array).is_some_and(|selected| {
                selected.iter().any(|name| name.as_str().is_some_and(|name| tenants.contains(&name)))
            })
        }
        _ => return false,
    };
    let makes = |item: &Value| {
        let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
        let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
        kind_of(group, text("kind")).is_some()
    };
    let resources = found.value.pointer("/spec/resources").and_then(Value::as_array);
    let items = resources.into_iter().flatten().flat_map(|resource| {
        ["rawItems", "namespacedItems"].into_iter().filter_map(|key| resource.get(key)?.as_array()).flatten()
    });
    concerns && items.into_iter().any(makes)
}
