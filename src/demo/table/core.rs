//! Kinds of the core group that have few columns: namespaces, nodes, configuration.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::cells::{Row, age, containers, count, filled, len, text};
use super::selector;

/// By resource.
pub(super) fn printer(resource: &str) -> Option<Row> {
    Some(match resource {
        "namespaces" => {
            |object, now| vec![json!(object.name()), json!(text(object, &["status", "phase"], "")), age(object, now)]
        }
        "configmaps" => |object, now| {
            let entries = len(object, &["data"]) + len(object, &["binaryData"]);
            vec![json!(object.name()), json!(entries), age(object, now)]
        },
        "secrets" => |object, now| {
            vec![
                json!(object.name()),
                json!(text(object, &["type"], "")),
                json!(len(object, &["data"])),
                age(object, now),
            ]
        },
        "serviceaccounts" => |object, now| vec![json!(object.name()), age(object, now)],
        "resourcequotas" => quota,
        "nodes" => node,
        "podtemplates" => |object, _| {
            let [names, images] = containers(object, &["template", "spec"]);
            let labels = selector::labels(object.at(&["template", "metadata", "labels"]));
            vec![json!(object.name()), names, images, json!(labels)]
        },
        "replicationcontrollers" => |object, now| {
            let [names, images] = containers(object, &["spec", "template", "spec"]);
            vec![
                json!(object.name()),
                json!(count(object, &["spec", "replicas"])),
                json!(count(object, &["status", "replicas"])),
                json!(count(object, &["status", "readyReplicas"])),
                age(object, now),
                names,
                images,
                json!(selector::labels(object.at(&["spec", "selector"]))),
            ]
        },
        _ => return None,
    })
}

/// `requests.cpu: 1/2, ...`; what begins with `limits.` has a column of its own. As `printResourceQuota`.
fn quota(object: &Value, now: Timestamp) -> Vec<Value> {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (resource, hard) in object.at(&["status", "hard"]).and_then(Value::as_object).into_iter().flatten() {
        let used = text(object, &["status", "used", resource], "0");
        let line = format!("{resource}: {used}/{}", hard.as_str().unwrap_or("0"));
        if resource.starts_with("limits.") { limits.push(line) } else { requests.push(line) }
    }
    vec![json!(object.name()), json!(requests.join(", ")), json!(limits.join(", ")), age(object, now)]
}

/// As `printNode`.
fn node(object: &Value, now: Timestamp) -> Vec<Value> {
    let ready = object.list(&["status", "conditions"]).iter().rfind(|one| text(one, &["type"], "") == "Ready");
    let mut status = match ready.map(|condition| text(condition, &["status"], "")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if object.flag(&["spec", "unschedulable"]) {
        status.push_str(",SchedulingDisabled");
    }
    let mut roles = BTreeSet::new();
    for (key, value) in object.at(&["metadata", "labels"]).and_then(Value::as_object).into_iter().flatten() {
        let role = match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => role,
            None if key == "kubernetes.io/role" => value.as_str().unwrap_or_default(),
            None => continue,
        };
        if !role.is_empty() {
            roles.insert(role);
        }
    }
    let roles = if roles.is_empty() { "<none>".to_owned() } else { roles.into_iter().collect::<Vec<_>>().join(",") };
    let address = |kind: &str| {
        let mut all = object.list(&["status", "addresses"]).iter();
        all.find(|one| text(one, &["type"], "") == kind).map_or("<none>", |one| text(one, &["address"], ""))
    };
    let info = |key| filled(object, &["status", "nodeInfo", key], "<unknown>");
    let kernel = match filled(object, &["status", "nodeInfo", "architecture"], "") {
        "" => info("kernelVersion").to_owned(),
        architecture => format!("{} ({architecture})", info("kernelVersion")),
    };
    vec![
        json!(object.name()),
        json!(status),
        json!(roles),
        age(object, now),
        json!(text(object, &["status", "nodeInfo", "kubeletVersion"], "")),
        json!(address("InternalIP")),
        json!(address("ExternalIP")),
        json!(info("osImage")),
        json!(kernel),
        json!(info("containerRuntimeVersion")),
    ]
}
