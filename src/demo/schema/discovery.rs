//! What discovery says of the kinds served: the legacy documents and the aggregated one (`apidiscovery.k8s.io/v2`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Kind, Schemas, Subresource};

/// What a client's `Accept` header asks for when it wants the aggregated form.
pub const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Whether an `Accept` header prefers the aggregated form (version 2, JSON) to the legacy documents.
pub fn wants_aggregated(accept: &str) -> bool {
    accept.split(',').any(|one| {
        let mut words = one.split(';').map(str::trim);
        words.next() == Some("application/json")
            && words.clone().any(|word| word == "g=apidiscovery.k8s.io")
            && words.clone().any(|word| word == "v=v2")
            && words.any(|word| word == "as=APIGroupDiscoveryList")
    })
}

/// `/version`.
pub fn version() -> Value {
    json!({
        "major": "1", "minor": "37", "emulationMajor": "1", "emulationMinor": "37",
        "minCompatibilityMajor": "1", "minCompatibilityMinor": "36", "gitVersion": "v1.37.1",
        "gitCommit": "$Format:%H$", "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "go1.26.8", "compiler": "gc", "platform": "linux/amd64",
    })
}

/// `/api`, for a server that clients reach at `address` (host and port).
pub fn core_versions(address: &str) -> Value {
    json!({
        "kind": "APIVersions", "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    })
}

/// `/apis`: an `APIGroupList`.
pub fn groups(schemas: &Schemas) -> Value {
    let named = in_order(schemas.kinds().iter().map(|kind| kind.group.as_str()).filter(|group| !group.is_empty()));
    let groups: Vec<Value> = named.into_iter().map(|name| group_entry(schemas, name)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/G`: an `APIGroup`; nothing for a group that is not served.
pub fn group(schemas: &Schemas, name: &str) -> Option<Value> {
    if name.is_empty() || !schemas.kinds().iter().any(|kind| kind.group == name) {
        return None;
    }
    let mut entry = group_entry(schemas, name);
    let body = entry.as_object_mut()?;
    body.insert("kind".into(), "APIGroup".into());
    body.insert("apiVersion".into(), "v1".into());
    Some(entry)
}

/// `/api/v1` and `/apis/G/V`: an `APIResourceList`; nothing for a version that is not served.
pub fn resources(schemas: &Schemas, group: &str, version: &str) -> Option<Value> {
    let served = of_version(schemas, group, version);
    let group_version = served.first()?.api_version();
    let mut resources = Vec::new();
    for kind in served {
        resources.push(resource(kind));
        resources.extend(kind.subresources.iter().map(|below| subresource(kind, below)));
    }
    let mut body = json!({"kind": "APIResourceList", "groupVersion": group_version, "resources": resources});
    if let (Some(body), false) = (body.as_object_mut(), group.is_empty()) {
        // The core group's document is older than the field.
        body.insert("apiVersion".into(), "v1".into());
    }
    Some(body)
}

/// `/api` (the core group) and `/apis` (all others) for clients that accept [`AGGREGATED`]: an `APIGroupDiscoveryList`.
pub fn aggregated(schemas: &Schemas, core: bool) -> Value {
    let names =
        in_order(schemas.kinds().iter().map(|kind| kind.group.as_str()).filter(|group| group.is_empty() == core));
    let items: Vec<Value> = names
        .into_iter()
        .map(|name| {
            let versions: Vec<Value> =
                versions(schemas, name).into_iter().map(|version| aggregated_version(schemas, name, version)).collect();
            let metadata = if core { json!({}) } else { json!({"name": name}) };
            json!({"metadata": metadata, "versions": versions})
        })
        .collect();
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items})
}

/// Each once, where it is met first.
fn in_order<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for name in names {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

fn versions<'a>(schemas: &'a Schemas, group: &str) -> Vec<&'a str> {
    in_order(schemas.kinds().iter().filter(|kind| kind.group == group).map(|kind| kind.version.as_str()))
}

fn of_version<'a>(schemas: &'a Schemas, group: &str, version: &str) -> Vec<&'a Kind> {
    schemas.kinds().iter().filter(|kind| kind.group == group && kind.version == version).collect()
}

fn group_entry(schemas: &Schemas, name: &str) -> Value {
    let versions: Vec<Value> = versions(schemas, name)
        .into_iter()
        .map(|version| json!({"groupVersion": format!("{name}/{version}"), "version": version}))
        .collect();
    json!({"name": name, "preferredVersion": versions.first(), "versions": versions})
}

fn resource(kind: &Kind) -> Value {
    let mut entry = json!({
        "name": kind.resource, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind,
        "verbs": kind.verbs,
    });
    if let Some(entry) = entry.as_object_mut() {
        lists(entry, kind);
        if is_stored(kind) {
            entry.insert("storageVersionHash".into(), storage_version_hash(kind).into());
        }
    }
    entry
}

fn subresource(kind: &Kind, below: &Subresource) -> Value {
    let mut entry = json!({
        "name": format!("{}/{}", kind.resource, below.name), "singularName": "", "namespaced": kind.namespaced,
        "kind": below.kind, "verbs": below.verbs,
    });
    if let (Some(entry), true) = (entry.as_object_mut(), kind.custom.is_none() && !below.group.is_empty()) {
        entry.insert("group".into(), below.group.as_str().into());
        entry.insert("version".into(), below.version.as_str().into());
    }
    entry
}

fn lists(entry: &mut Map<String, Value>, kind: &Kind) {
    if !kind.short.is_empty() {
        entry.insert("shortNames".into(), json!(kind.short));
    }
    if !kind.categories.is_empty() {
        entry.insert("categories".into(), json!(kind.categories));
    }
}

fn aggregated_version(schemas: &Schemas, group: &str, version: &str) -> Value {
    let resources: Vec<Value> = of_version(schemas, group, version).into_iter().map(aggregated_resource).collect();
    json!({"version": version, "freshness": "Current", "resources": resources})
}

fn aggregated_resource(kind: &Kind) -> Value {
    // Built-in kinds say nothing where their group and version are those of the document.
    let (group, version) = if kind.custom.is_some() { (kind.group.as_str(), kind.version.as_str()) } else { ("", "") };
    let mut entry = json!({
        "resource": kind.resource, "singularResource": kind.singular, "verbs": kind.verbs,
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
        "responseKind": {"group": group, "version": version, "kind": kind.kind},
    });
    if let Some(entry) = entry.as_object_mut() {
        lists(entry, kind);
        if !kind.subresources.is_empty() {
            let below = |below: &Subresource| {
                json!({
                    "subresource": below.name, "verbs": below.verbs,
                    "responseKind": {"group": below.group, "version": below.version, "kind": below.kind},
                })
            };
            entry.insert("subresources".into(), kind.subresources.iter().map(below).collect());
        }
    }
    entry
}

/// Whether objects of the kind are kept; reviews are only answered.
fn is_stored(kind: &Kind) -> bool {
    kind.verbs.iter().any(|verb| verb == "get")
}

/// As apiserver's `pkg/endpoints/discovery/storageversionhash.go`.
fn storage_version_hash(kind: &Kind) -> String {
    // Two kinds are stored in another version than they are served in.
    let (group, version) = match (kind.group.as_str(), kind.kind.as_str()) {
        ("events.k8s.io", "Event") => ("", "v1"),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => ("apiextensions.k8s.io", "v1beta1"),
        (group, _) => (group, kind.version.as_str()),
    };
    let digest = Sha256::digest(format!("{group}/{version}/{}", kind.kind));
    STANDARD.encode(digest.iter().copied().take(8).collect::<Vec<u8>>())
}
