//! What each kind's registry makes of an object before it is validated: `PrepareForCreate` and `PrepareForUpdate`.

use serde_json::{Value, json};

use super::{built_in, custom_definition, go, job, qos, service};
use crate::demo::fields;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;

/// Prepares a new object. Its uid and creation time stand in its metadata already.
pub fn prepare_create(kind: &Kind, object: &mut Object) {
    // Where the server does not count, what a client says stands.
    if has_generation(kind) {
        object.set(&["metadata", "generation"], 1);
    }
    clear_status(kind, object);
    let created = object.at(&["metadata", "creationTimestamp"]).cloned().unwrap_or(Value::Null);
    match built_in(kind) {
        Some(("", "pods")) => {
            let mut status = json!({"phase": "Pending", "qosClass": qos::class(object)});
            if !object.list(&["spec", "schedulingGates"]).is_empty() {
                status.set(&["conditions"], json!([{
                    "type": "PodScheduled", "status": "False", "reason": "SchedulingGated", "lastProbeTime": null,
                    "lastTransitionTime": created, "message": "Scheduling is blocked due to non-empty scheduling gates",
                }]));
            }
            object.set(&["status"], status);
        }
        Some(("", "namespaces")) => {
            object.set(&["status"], json!({"phase": "Active"}));
            let mut finalizers = object.list(&["spec", "finalizers"]).to_vec();
            if !finalizers.iter().any(|one| one == "kubernetes") {
                finalizers.push("kubernetes".into());
            }
            object.set(&["spec", "finalizers"], finalizers);
            label_namespace(object);
        }
        Some(("", "persistentvolumeclaims")) => object.set(&["status"], json!({"phase": "Pending"})),
        Some(("", "persistentvolumes")) => {
            object.set(&["status"], json!({"phase": "Pending", "lastPhaseTransitionTime": created}));
        }
        Some(("", "serviceaccounts")) => clean_references(object),
        Some(("apps", "daemonsets")) => template_generation(object, 1),
        Some(("batch", "jobs")) => {
            job::generate_selector(object);
            job::share_labels(object);
        }
        Some(("apiextensions.k8s.io", "customresourcedefinitions")) => custom_definition::store_version(object),
        _ => {}
    }
}

/// Prepares another content of an object. `subresource` is empty or `status`; others change nothing but what they are for.
pub fn prepare_update(kind: &Kind, subresource: &str, old: &Object, new: &mut Object) {
    if subresource == "status" {
        return prepare_status(kind, old, new);
    }
    // A binding goes past the strategy of pods: it writes the condition too, and counts for no change.
    if (built_in(kind), subresource) == (Some(("", "pods")), "binding") {
        return;
    }
    if kind.has_status() {
        restore(old, new, "status");
    }
    match built_in(kind) {
        Some(("", "namespaces")) => {
            if subresource != "finalize" {
                match old.at(&["spec", "finalizers"]) {
                    Some(kept) => new.set(&["spec", "finalizers"], kept.clone()),
                    None => drop(new.unset(&["spec", "finalizers"])),
                }
            }
            label_namespace(new);
        }
        Some(("", "services")) => service::prepare_update(old, new),
        Some(("batch", "jobs")) => job::share_labels(new),
        Some(("", "serviceaccounts")) => clean_references(new),
        Some(("", "pods")) if new.at(&["spec", "resources"]).is_none() => {
            if let Some(kept) = old.at(&["spec", "resources"]) {
                new.set(&["spec", "resources"], kept.clone());
            }
        }
        Some(("", "secrets")) if new.text(&["type"]).is_none_or(str::is_empty) => restore(old, new, "type"),
        Some(("apps", "daemonsets")) => {
            let before = template_generation_of(old);
            let is_other = old.at(&["spec", "template"]) != new.at(&["spec", "template"]);
            template_generation(new, before.saturating_add(i64::from(is_other)));
        }
        Some(("apiextensions.k8s.io", "customresourcedefinitions")) => custom_definition::store_version(new),
        _ => {}
    }
    if has_generation(kind) && is_other(kind, old, new) {
        let generation = old.int(&["metadata", "generation"]).unwrap_or_default();
        new.set(&["metadata", "generation"], generation.saturating_add(1));
    }
}

/// The status subresource: all but the status stays as it was. Metadata: as each kind's strategy has it.
fn prepare_status(kind: &Kind, old: &Object, new: &mut Object) {
    match built_in(kind) {
        None | Some(("apiextensions.k8s.io", _)) => {
            const SENT: [&[&str]; 3] = [&["status"], &["metadata", "managedFields"], &["metadata", "resourceVersion"]];
            let sent = SENT.map(|path| new.unset(path));
            *new = fields::without(old, &|key, _| key != "status");
            for (path, value) in SENT.into_iter().zip(sent) {
                match value {
                    Some(value) => new.set(path, value),
                    None => drop(new.unset(path)),
                }
            }
        }
        Some(place) => {
            restore(old, new, "spec");
            let kept: &[&str] = match place {
                ("apps", "deployments") => &["labels"],
                ("", "pods") => &["ownerReferences"],
                _ => &[],
            };
            for field in kept {
                match old.at(&["metadata", field]) {
                    Some(value) => new.set(&["metadata", field], value.clone()),
                    None => drop(new.unset(&["metadata", field])),
                }
            }
            if place == ("", "pods") && new.text(&["status", "qosClass"]).is_none_or(str::is_empty) {
                new.set(&["status", "qosClass"], old.text(&["status", "qosClass"]).unwrap_or("BestEffort"));
            }
            if place == ("", "persistentvolumes") && old.at(&["status", "phase"]) == new.at(&["status", "phase"]) {
                let at = old.at(&["status", "lastPhaseTransitionTime"]).cloned();
                if let (Some(at), None) = (at, new.at(&["status", "lastPhaseTransitionTime"])) {
                    new.set(&["status", "lastPhaseTransitionTime"], at);
                }
            }
        }
    }
}

/// A status that was sent with a new object is none: kinds with a status subresource begin with an empty one, where Go
/// writes one at all.
fn clear_status(kind: &Kind, object: &mut Object) {
    // Nodes register with their status.
    if !kind.has_status() || built_in(kind) == Some(("", "nodes")) {
        return;
    }
    object.unset(&["status"]);
    let Some(root) = go::root(kind) else { return };
    if let Some(field) = go::fields(root).iter().find(|field| field.name == "status") {
        object.set(&["status"], super::normalize::empty(&field.of));
    }
}

/// Whether the server counts the kind's changes.
fn has_generation(kind: &Kind) -> bool {
    let Some(place) = built_in(kind) else { return true };
    match place {
        ("", resource) => resource == "pods",
        ("coordination.k8s.io" | "events.k8s.io" | "rbac.authorization.k8s.io" | "storage.k8s.io", _) => false,
        _ => true,
    }
}

/// Whether the change counts.
fn is_other(kind: &Kind, old: &Object, new: &Object) -> bool {
    let differs = |field: &str| old.at(&[field]) != new.at(&[field]);
    match built_in(kind) {
        None => {
            let keys = [old, new].into_iter().filter_map(Value::as_object).flat_map(|map| map.keys());
            keys.filter(|key| *key != "metadata").any(|key| differs(key))
        }
        Some(("apps", "deployments")) => {
            let notes = |object: &Object| object.at(&["metadata", "annotations"]).cloned().unwrap_or_else(|| json!({}));
            differs("spec") || notes(old) != notes(new)
        }
        Some(("admissionregistration.k8s.io", _)) => differs("webhooks"),
        Some(("scheduling.k8s.io", _)) => false,
        Some(("discovery.k8s.io", _)) => {
            let labels = |object: &Object| object.at(&["metadata", "labels"]).cloned();
            ["addressType", "endpoints", "ports"].into_iter().any(differs) || labels(old) != labels(new)
        }
        Some(_) => differs("spec"),
    }
}

fn restore(old: &Object, new: &mut Object, field: &str) {
    match old.at(&[field]) {
        // Most writes leave it alone.
        kept if kept == new.at(&[field]) => {}
        Some(value) => new.set(&[field], value.clone()),
        None => drop(new.unset(&[field])),
    }
}

/// As the namespace strategy's `Canonicalize`.
fn label_namespace(namespace: &mut Object) {
    let name = namespace.name().to_owned();
    if !name.is_empty() {
        namespace.set(&["metadata", "labels", "kubernetes.io/metadata.name"], name);
    }
}

/// As `cleanSecretReferences`: only the names of secrets are kept.
fn clean_references(account: &mut Object) {
    let secrets = account.as_object_mut().and_then(|map| map.get_mut("secrets")).and_then(Value::as_array_mut);
    for secret in secrets.into_iter().flatten().filter_map(Value::as_object_mut) {
        secret.retain(|key, _| key == "name");
    }
}

const TEMPLATE_GENERATION: [&str; 3] = ["metadata", "annotations", "deprecated.daemonset.template.generation"];

fn template_generation_of(set: &Object) -> i64 {
    set.text(&TEMPLATE_GENERATION).and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Daemon sets count the changes of their template in an annotation, since `spec.templateGeneration` is no field of v1.
fn template_generation(set: &mut Object, generation: i64) {
    set.set(&TEMPLATE_GENERATION, generation.max(1).to_string());
}
