//! What a tenant puts on its namespaces: `pkg/tenant/metdata.go` and `controllers/tenant/namespaces.go` of the old era.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::demo::capsule::CORDONED_LABEL;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::Era;

/// Labels or annotations.
type Texts = BTreeMap<String, String>;

/// Annotations of a tenant that its namespaces get too.
const INHERITED: [&str; 4] = [
    "capsule.clastix.io/forbidden-namespace-labels",
    "capsule.clastix.io/forbidden-namespace-labels-regexp",
    "capsule.clastix.io/forbidden-namespace-annotations",
    "capsule.clastix.io/forbidden-namespace-annotations-regexp",
];

/// Labels and annotations that a tenant puts on every namespace of its own, beside the labels of its membership
/// (`capsule.clastix.io/tenant`, `kubernetes.io/metadata.name`, and `name` in the old era). Of `additionalMetadataList` only
/// what holds for all namespaces alike: entries without a selector and without the namespace's name in them.
pub fn namespace_metadata(tenant: &Object, era: Era) -> (Texts, Texts) {
    let additional = |part: &str| texts(tenant.at(&["spec", "namespaceOptions", "additionalMetadata", part]));
    let (mut labels, mut annotations) = (additional("labels"), additional("annotations"));
    if let Some(selector) = tenant.at(&["spec", "nodeSelector"]) {
        let mut pairs: Vec<String> =
            texts(Some(selector)).iter().map(|(key, value)| format!("{key}={value}")).collect();
        pairs.sort();
        annotations.insert("scheduler.alpha.kubernetes.io/node-selector".to_owned(), pairs.join(","));
    }
    for (path, name) in [
        (&["spec", "ingressOptions", "allowedClasses"][..], "ingress-classes"),
        (&["spec", "storageClasses"], "storage-classes"),
        (&["spec", "containerRegistries"], "allowed-registries"),
    ] {
        let Some(list) = tenant.at(path) else { continue };
        let exact: Vec<&str> = list.list(&["allowed"]).iter().filter_map(Value::as_str).collect();
        if !exact.is_empty() {
            annotations.insert(format!("capsule.clastix.io/{name}"), exact.join(","));
        }
        if let Some(regex) = list.text(&["allowedRegex"]).filter(|regex| !regex.is_empty()) {
            annotations.insert(format!("capsule.clastix.io/{name}-regexp"), regex.to_owned());
        }
    }
    for key in INHERITED {
        if let Some(value) = tenant.annotation(key) {
            annotations.insert(key.to_owned(), value.to_owned());
        }
    }
    if era == Era::V0_14 {
        if texts(tenant.at(&["metadata", "annotations"]))
            .keys()
            .any(|key| key.starts_with("quota.resources.capsule.clastix.io"))
        {
            labels.entry("projectcapsule.dev/custom-resources".to_owned()).or_insert_with(|| "true".to_owned());
        }
        if tenant.flag(&["spec", "cordoned"]) {
            labels.insert(CORDONED_LABEL.to_owned(), "true".to_owned());
        }
        for entry in tenant.list(&["spec", "namespaceOptions", "additionalMetadataList"]) {
            if entry.get("namespaceSelector").is_some_and(Value::is_object) {
                continue;
            }
            for (part, all) in [("labels", &mut labels), ("annotations", &mut annotations)] {
                for (key, value) in texts(entry.get(part)) {
                    if let (Some(key), Some(value)) = (filled(&key, tenant), filled(&value, tenant)) {
                        all.entry(key).or_insert(value);
                    }
                }
            }
        }
    }
    (labels, annotations)
}

/// A map of texts.
fn texts(map: Option<&Value>) -> Texts {
    let pairs = map.and_then(Value::as_object).into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// A text with the tenant's name in its places; nothing if it has places for something else.
fn filled(text: &str, tenant: &Object) -> Option<String> {
    let mut parts = text.split("{{");
    let mut whole = parts.next()?.to_owned();
    for part in parts {
        let (place, rest) = part.split_once("}}")?;
        if place.trim() != "tenant.name" {
            return None;
        }
        whole.push_str(tenant.name());
        whole.push_str(rest);
    }
    Some(whole)
}
