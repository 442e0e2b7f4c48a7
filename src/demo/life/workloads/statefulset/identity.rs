//! What a pod of a StatefulSet is called, and what it looks like (`stateful_set_utils.go`).

use serde_json::{Value, json};

use super::Ensemble;
use crate::demo::life::workloads::owned;
use crate::demo::object::{Meta as _, Object};

/// The number of a pod.
pub(super) fn ordinal(set: &Object, pod: &Object) -> Option<i64> {
    pod.name().strip_prefix(set.name())?.strip_prefix('-')?.parse().ok().filter(|number| *number >= 0)
}

/// The name of the revision of the present template.
pub(super) fn revision(set: &Object) -> String {
    format!("{}-{}", set.name(), owned::hash(set.at(&["spec", "template"]).unwrap_or(&Value::Null)))
}

/// The name of a claim of a pod.
pub(super) fn claim(template: &Value, pod: &Object) -> String {
    format!("{}-{}", template.name(), pod.name())
}

/// The pod of a number, with its name, its host name and its claims.
pub(super) fn pod(ensemble: &Ensemble, number: i64) -> Object {
    let set = &ensemble.set;
    let name = format!("{}-{number}", set.name());
    let mut pod = owned::pod(set, set.at(&["spec", "template"]).unwrap_or(&Value::Null));
    pod.set(&["metadata", "name"], name.as_str());
    pod.set(&["metadata", "generateName"], format!("{}-", set.name()));
    pod.set(&["metadata", "labels", "apps.kubernetes.io/pod-index"], number.to_string());
    pod.set(&["metadata", "labels", "controller-revision-hash"], ensemble.revision.as_str());
    pod.set(&["metadata", "labels", "statefulset.kubernetes.io/pod-name"], name.as_str());
    pod.set(&["spec", "hostname"], name);
    if let Some(service) = set.text(&["spec", "serviceName"]).filter(|service| !service.is_empty()) {
        pod.set(&["spec", "subdomain"], service);
    }
    let templates = set.list(&["spec", "volumeClaimTemplates"]);
    let mut volumes: Vec<Value> = templates
        .iter()
        .map(|template| json!({"name": template.name(), "persistentVolumeClaim": {"claimName": claim(template, &pod)}}))
        .collect();
    let is_other = |volume: &&Value| templates.iter().all(|template| volume.text(&["name"]) != Some(template.name()));
    volumes.extend(pod.list(&["spec", "volumes"]).iter().filter(is_other).cloned());
    if !volumes.is_empty() {
        pod.set(&["spec", "volumes"], volumes);
    }
    pod
}
