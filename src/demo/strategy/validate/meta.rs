//! `metadata` (apimachinery's `pkg/api/validation/objectmeta.go`).

use serde_json::Value;

use super::super::{built_in, names};
use super::{Faults, forbidden, invalid, invalid_each, required, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;
use crate::demo::status::FieldFault;

/// The rule for the kind's names.
fn rule(kind: &Kind) -> fn(&str) -> Vec<String> {
    match built_in(kind) {
        Some(("", "namespaces")) => namespace_name,
        Some(("", "services")) => names::dns_label,
        Some(("rbac.authorization.k8s.io", _)) => names::path_segment,
        Some(("apps", "statefulsets")) => names::dns_label,
        _ => names::dns_subdomain,
    }
}

fn namespace_name(name: &str) -> Vec<String> {
    // Declared on the type by now, where lengths are counted in characters.
    names::dns_label(name).into_iter().map(|fault| fault.replace("63 bytes", "63 characters")).collect()
}

pub(super) fn create(kind: &Kind, object: &Object, faults: &mut Faults) {
    let rule = rule(kind);
    let prefix = text(object, &["metadata", "generateName"]);
    if !prefix.is_empty() {
        invalid_each(faults, "metadata.generateName", prefix, rule(&names::as_prefix(prefix)));
    }
    if object.name().is_empty() {
        required(faults, "metadata.name", "name or generateName is required");
    } else {
        invalid_each(faults, "metadata.name", object.name(), rule(object.name()));
    }
    if kind.namespaced {
        if object.namespace().is_empty() {
            required(faults, "metadata.namespace", "");
        } else {
            invalid_each(faults, "metadata.namespace", object.namespace(), names::dns_label(object.namespace()));
        }
    } else if !object.namespace().is_empty() {
        forbidden(faults, "metadata.namespace", "not allowed on this type");
    }
    common(object, faults);
    finalizers(object, faults);
    finalizers_are_known(kind, object, faults);
}

pub(super) fn update(kind: &Kind, old: &Object, new: &Object, faults: &mut Faults) {
    if old.is_terminating() {
        let known = old.finalizers();
        let mut extra: Vec<&str> = new.finalizers().into_iter().filter(|one| !known.contains(one)).collect();
        extra.sort_unstable();
        extra.dedup();
        if !extra.is_empty() {
            let list = extra.iter().map(|one| format!("{one:?}")).collect::<Vec<_>>().join(", ");
            let says = "no new finalizers can be added if the object is being deleted, found new finalizers";
            forbidden(faults, "metadata.finalizers", &format!("{says} []string{{{list}}}"));
        }
    }
    if new.version().is_empty() && kind.custom.is_some() {
        invalid(faults, "metadata.resourceVersion", &0.into(), "must be specified for an update");
    }
    for field in ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        let (was, is) = (value_at(old, &["metadata", field]), value_at(new, &["metadata", field]));
        if was != is {
            invalid(faults, format!("metadata.{field}"), is, "field is immutable");
        }
    }
    common(new, faults);
    finalizers(new, faults);
    finalizers_are_known(kind, new, faults);
}

/// Labels, annotations and owners.
fn common(object: &Object, faults: &mut Faults) {
    labels(value_at(object, &["metadata", "labels"]), "metadata.labels", faults);
    annotations(value_at(object, &["metadata", "annotations"]), "metadata.annotations", faults);
    let mut first: Option<String> = None;
    for (at, owner) in object.owners().iter().enumerate() {
        let here = format!("metadata.ownerReferences[{at}]");
        for field in ["apiVersion", "kind", "name", "uid"] {
            if text(owner, &[field]).is_empty() {
                required(faults, format!("{here}.{field}"), "must not be empty");
            } else if field == "apiVersion" && text(owner, &[field]).matches('/').count() > 1 {
                let says = "must be <group>/<version> or <version>";
                invalid(faults, format!("{here}.{field}"), value_at(owner, &[field]), says);
            }
        }
        if (text(owner, &["apiVersion"]), text(owner, &["kind"])) == ("v1", "Event") {
            invalid(faults, here, owner, "/v1, Kind=Event is disallowed from being an owner");
        }
        if owner.flag(&["controller"]) {
            let this = format!("{}/{}", text(owner, &["kind"]), text(owner, &["name"]));
            match &first {
                None => first = Some(this),
                Some(first) => {
                    let says = "Only one reference can have Controller set to true. Found \"true\" in references for";
                    let list = object.owners().iter().map(go_json).collect::<Vec<_>>().join(",");
                    faults.push(FieldFault {
                        reason: "FieldValueInvalid",
                        field: "metadata.ownerReferences".to_owned(),
                        what: format!("Invalid value: [{list}]: {says} {first} and {this}"),
                    });
                }
            }
        }
    }
}

/// An owner reference as Go writes it: in the order of the struct's fields.
fn go_json(owner: &Value) -> String {
    let always = ["apiVersion", "kind", "name", "uid"];
    let fields = always.iter().map(|key| format!("{key:?}:{:?}", text(owner, &[key])));
    let more =
        ["controller", "blockOwnerDeletion"].into_iter().filter_map(|key| Some(format!("{key:?}:{}", owner.get(key)?)));
    format!("{{{}}}", fields.chain(more).collect::<Vec<_>>().join(","))
}

pub(super) fn labels(labels: &Value, field: &str, faults: &mut Faults) {
    for (key, value) in labels.as_object().into_iter().flatten() {
        invalid_each(faults, field, key, names::qualified_name(key));
        let value = value.as_str().unwrap_or_default();
        invalid_each(faults, field, value, names::label_value(value));
    }
}

pub(super) fn annotations(annotations: &Value, field: &str, faults: &mut Faults) {
    const LIMIT: usize = 256 << 10;
    let mut size = 0;
    for (key, value) in annotations.as_object().into_iter().flatten() {
        invalid_each(faults, field, key, names::qualified_name(&key.to_lowercase()));
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > LIMIT {
        faults.push(FieldFault {
            reason: "FieldValueTooLong",
            field: field.to_owned(),
            what: format!("Too long: may not be more than {LIMIT} bytes"),
        });
    }
}

fn finalizers(object: &Object, faults: &mut Faults) {
    let all = object.finalizers();
    for one in &all {
        invalid_each(faults, "metadata.finalizers", one, names::qualified_name(one));
    }
    if all.contains(&"orphan") && all.contains(&"foregroundDeletion") {
        let says = "finalizer orphan and foregroundDeletion cannot be both set";
        invalid(faults, "metadata.finalizers", value_at(object, &["metadata", "finalizers"]), says);
    }
}

/// Finalizers of others are qualified (`validateKubeFinalizerName`). The groups whose validation is apimachinery's alone do not
/// ask for it.
fn finalizers_are_known(kind: &Kind, object: &Object, faults: &mut Faults) {
    if matches!(built_in(kind), None | Some(("coordination.k8s.io" | "apiextensions.k8s.io" | "policy", _))) {
        return;
    }
    for (at, one) in object.finalizers().into_iter().enumerate() {
        if !one.contains('/') && !matches!(one, "kubernetes" | "orphan" | "foregroundDeletion") {
            let says = "name is neither a standard finalizer name nor is it fully qualified";
            invalid(faults, format!("metadata.finalizers[{at}]"), &one.into(), says);
        }
    }
}

/// Cron jobs append eleven letters to make the names of their jobs.
pub(super) fn name_fits(kind: &Kind, object: &Object, faults: &mut Faults) {
    if built_in(kind) == Some(("batch", "cronjobs")) && object.name().len() > 52 {
        invalid(faults, "metadata.name", &object.name().into(), "must be no more than 52 characters");
    }
}
