//! The embedded data: which kinds there are, and the text of each definition.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Custom, Era, Kind, Subresource};

/// The definition of `metadata`.
pub(super) const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// The definitions of one Go package, such as `io.k8s.api.apps.v1`.
#[derive(Debug, Clone)]
pub(super) struct File {
    package: &'static str,
    /// Whether they were published for CustomResourceDefinitions.
    custom: bool,
    text: &'static str,
    /// Cut into definitions, which are not parsed yet.
    cut: OnceLock<HashMap<&'static str, &'static RawValue>>,
}

macro_rules! embedded {
    ($custom:literal, $package:literal) => {
        embedded!($custom, $package, "")
    };
    ($custom:literal, $package:literal, $era:literal) => {
        ($package, $custom, include_str!(concat!("data/", $package, $era, ".json")))
    };
}

type Embedded = (&'static str, bool, &'static str);

const SHARED: &[Embedded] = &[
    embedded!(true, "io.argoproj.v1alpha1"),
    embedded!(true, "io.cert-manager.v1"),
    embedded!(true, "io.fluxcd.toolkit.helm.v2"),
    embedded!(true, "io.fluxcd.toolkit.kustomize.v1"),
    embedded!(false, "io.k8s.api.admissionregistration.v1"),
    embedded!(false, "io.k8s.api.apps.v1"),
    embedded!(false, "io.k8s.api.authentication.v1"),
    embedded!(false, "io.k8s.api.authorization.v1"),
    embedded!(false, "io.k8s.api.autoscaling.v1"),
    embedded!(false, "io.k8s.api.autoscaling.v2"),
    embedded!(false, "io.k8s.api.batch.v1"),
    embedded!(false, "io.k8s.api.coordination.v1"),
    embedded!(false, "io.k8s.api.core.v1"),
    embedded!(false, "io.k8s.api.discovery.v1"),
    embedded!(false, "io.k8s.api.events.v1"),
    embedded!(false, "io.k8s.api.networking.v1"),
    embedded!(false, "io.k8s.api.policy.v1"),
    embedded!(false, "io.k8s.api.rbac.v1"),
    embedded!(false, "io.k8s.api.scheduling.v1"),
    embedded!(false, "io.k8s.api.scheduling.v1alpha3"),
    embedded!(false, "io.k8s.api.storage.v1"),
    embedded!(false, "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"),
    embedded!(false, "io.k8s.apimachinery.pkg.api.resource"),
    embedded!(false, "io.k8s.apimachinery.pkg.apis.meta.v1"),
    embedded!(false, "io.k8s.apimachinery.pkg.util.intstr"),
    embedded!(true, "io.k8s.networking.gateway.v1"),
    embedded!(true, "io.kuma.v1alpha1"),
    embedded!(true, "sh.keda.v1alpha1"),
];

const CAPSULE_V0_14: Embedded = embedded!(true, "io.clastix.capsule.v1beta2", "-0.14");
const CAPSULE_V0_4: Embedded = embedded!(true, "io.clastix.capsule.v1beta2", "-0.4");

/// A line of the list of kinds.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    group: String,
    version: String,
    kind: String,
    resource: String,
    singular: String,
    #[serde(default)]
    short: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    namespaced: bool,
    verbs: Vec<String>,
    #[serde(default)]
    subresources: Vec<Below>,
    columns: Option<Vec<Value>>,
    definition: String,
}

#[derive(Debug, Deserialize)]
struct Below {
    name: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    version: String,
    verbs: Vec<String>,
}

impl Row {
    /// The kind, and the name of its definition.
    pub(super) fn into_kind(self) -> (Kind, String) {
        let name = format!("{}.{}", self.resource, self.group);
        let below = |one: Below| Subresource {
            name: one.name,
            kind: one.kind,
            group: one.group,
            version: one.version,
            verbs: one.verbs,
        };
        let kind = Kind {
            group: self.group,
            version: self.version,
            kind: self.kind,
            resource: self.resource,
            singular: self.singular,
            short: self.short,
            categories: self.categories,
            namespaced: self.namespaced,
            verbs: self.verbs,
            subresources: self.subresources.into_iter().map(below).collect(),
            custom: self.columns.map(|columns| Custom { columns, name }),
        };
        (kind, self.definition)
    }
}

/// The kinds of an era. The data is ours and a test reads all of it, so that what cannot be read is no case to handle.
pub(super) fn rows(era: Era) -> Vec<Row> {
    let text = match era {
        Era::V0_14 => include_str!("data/kinds-0.14.json"),
        Era::V0_4 => include_str!("data/kinds-0.4.json"),
    };
    serde_json::from_str(text).unwrap_or_default()
}

/// The definitions of an era.
pub(super) fn files(era: Era) -> Vec<File> {
    let capsule = match era {
        Era::V0_14 => CAPSULE_V0_14,
        Era::V0_4 => CAPSULE_V0_4,
    };
    let file = |&(package, custom, text): &Embedded| File { package, custom, text, cut: OnceLock::new() };
    SHARED.iter().chain([&capsule]).map(file).collect()
}

/// The text of a definition, and whether it was published for a CustomResourceDefinition.
pub(super) fn raw(files: &[File], name: &str) -> Option<(&'static str, bool)> {
    let (package, _) = name.rsplit_once('.')?;
    let file = files.iter().find(|file| file.package == package)?;
    let cut = file.cut.get_or_init(|| serde_json::from_str(file.text).unwrap_or_default());
    cut.get(name).map(|text| (text.get(), file.custom))
}

/// The definition of a subresource's body that is of another kind than its parent.
pub(super) fn body_definition(group: &str, version: &str, kind: &str) -> Option<&'static str> {
    match (group, version, kind) {
        ("autoscaling", "v1", "Scale") => Some("io.k8s.api.autoscaling.v1.Scale"),
        ("policy", "v1", "Eviction") => Some("io.k8s.api.policy.v1.Eviction"),
        ("authentication.k8s.io", "v1", "TokenRequest") => Some("io.k8s.api.authentication.v1.TokenRequest"),
        ("" | "v1", _, "Binding") => Some("io.k8s.api.core.v1.Binding"),
        _ => None,
    }
}
