//! What a change must leave alone.

use serde_json::Value;

use super::super::{built_in, internal};
use super::pod as of_pod;
use super::{Faults, forbidden, invalid, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::quantity::Quantity;
use crate::demo::schema::kind::Kind;
use crate::demo::status::FieldFault;

const SAYS: &str = "field is immutable";

pub(super) fn check(kind: &Kind, old: &Object, new: &Object, faults: &mut Faults) {
    let same = |path: &[&str], faults: &mut Faults| {
        let value = value_at(new, path);
        if value_at(old, path) != value {
            invalid(faults, path.join("."), value, SAYS);
        }
    };
    // Where upstream's own check hands on no value.
    let hidden = |field: &str, faults: &mut Faults| {
        if value_at(old, &[field]) != value_at(new, &[field]) {
            invalid(faults, field, &Value::Null, SAYS);
        }
    };
    match built_in(kind) {
        Some(("apps", "deployments" | "replicasets" | "daemonsets")) => same(&["spec", "selector"], faults),
        Some(("apps", _)) => {
            same(&["spec", "selector"], faults);
            let claims = value_at(new, &["spec", "volumeClaimTemplates"]);
            if value_at(old, &["spec", "volumeClaimTemplates"]) != claims {
                internal_fault(faults, "spec.volumeClaimTemplates", "[PersistentVolumeClaim", claims);
            }
            same(&["spec", "serviceName"], faults);
            same(&["spec", "podManagementPolicy"], faults);
        }
        Some(("batch", "jobs")) => job(old, new, faults),
        Some(("", "pods")) => pod(old, new, faults),
        Some(("", "configmaps" | "secrets")) => {
            if kind.resource == "secrets" {
                same(&["type"], faults);
            }
            config(old, new, faults);
        }
        Some(("", "services")) => service(old, new, faults),
        Some(("", "persistentvolumeclaims")) => claim(old, new, faults),
        Some(("", "persistentvolumes")) => volume(old, new, faults),
        Some(("", "resourcequotas")) => same(&["spec", "scopes"], faults),
        Some(("networking.k8s.io", "ingressclasses")) => same(&["spec", "controller"], faults),
        Some(("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings")) => {
            let part = |name: &str| Value::from(text(new, &["roleRef", name]));
            if value_at(old, &["roleRef"]) != value_at(new, &["roleRef"]) {
                let (group, kind, name) = (part("apiGroup"), part("kind"), part("name"));
                let shown = format!("{{\"APIGroup\":{group},\"Kind\":{kind},\"Name\":{name}}}");
                let what = format!("Invalid value: {shown}: {SAYS}");
                faults.push(FieldFault { reason: "FieldValueInvalid", field: "roleRef".to_owned(), what });
            }
        }
        Some(("storage.k8s.io", "storageclasses")) => {
            for field in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
                hidden(field, faults);
            }
        }
        Some(("scheduling.k8s.io", _)) => {
            if value_at(old, &["value"]) != value_at(new, &["value"]) {
                forbidden(faults, "value", "may not be changed in an update.");
            }
            if value_at(old, &["preemptionPolicy"]) != value_at(new, &["preemptionPolicy"]) {
                same(&["preemptionPolicy"], faults);
            }
        }
        Some(("discovery.k8s.io", _)) => hidden("addressType", faults),
        _ => {}
    }
}

fn config(old: &Object, new: &Object, faults: &mut Faults) {
    if !old.flag(&["immutable"]) {
        return;
    }
    let says = "field is immutable when `immutable` is set";
    if !new.flag(&["immutable"]) {
        forbidden(faults, "immutable", says);
    }
    for field in ["data", "binaryData"] {
        if value_at(old, &[field]) != value_at(new, &[field]) {
            forbidden(faults, field, says);
        }
    }
}

fn job(old: &Object, new: &Object, faults: &mut Faults) {
    let differs = |field: &str| value_at(old, &["spec", field]) != value_at(new, &["spec", field]);
    let is_indexed = text(old, &["spec", "completionMode"]) == "Indexed";
    let tracks = value_at(new, &["spec", "completions"]) == value_at(new, &["spec", "parallelism"]);
    for field in ["completions", "selector"] {
        if differs(field) && !(field == "completions" && is_indexed && tracks) {
            invalid(faults, format!("spec.{field}"), value_at(new, &["spec", field]), SAYS);
        }
    }
    template_of_job(old, new, faults);
    for field in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] {
        if differs(field) {
            invalid(faults, format!("spec.{field}"), value_at(new, &["spec", field]), SAYS);
        }
    }
}

/// As `validatePodTemplateUpdate`: of a suspended job that has no pods, where pods may run and what they may use.
fn template_of_job(old: &Object, new: &Object, faults: &mut Faults) {
    let (was, is) = (value_at(old, &["spec", "template"]), value_at(new, &["spec", "template"]));
    let is_suspended = old.flag(&["spec", "suspend"]);
    let says_so = |one: &Value| text(one, &["type"]) == "Suspended" && text(one, &["status"]) == "True";
    let has_come_to_rest =
        old.at(&["status", "startTime"]).is_none() || old.list(&["status", "conditions"]).iter().any(says_so);
    let is_free = is_suspended && has_come_to_rest && old.int(&["status", "active"]).unwrap_or_default() == 0;
    if !is_free {
        if was != is {
            internal_fault(faults, "spec.template", "PodTemplateSpec", is);
        }
        return;
    }
    let mut may_be = value_at(was, &["spec"]).clone();
    let is = value_at(is, &["spec"]);
    for path in [&["nodeSelector"][..], &["tolerations"], &["schedulingGates"], &["affinity", "nodeAffinity"]] {
        match is.at(path) {
            Some(value) => may_be.set(path, value.clone()),
            None => drop(may_be.unset(path)),
        }
    }
    if may_be.at(&["affinity"]).and_then(Value::as_object).is_some_and(serde_json::Map::is_empty)
        && is.at(&["affinity"]).is_none()
    {
        may_be.unset(&["affinity"]);
    }
    for list in ["containers", "initContainers"] {
        let fresh = is.list(&[list]).to_vec();
        let Some(before) = may_be.get_mut(list).and_then(Value::as_array_mut) else { continue };
        if fresh.len() == before.len() {
            for (one, before) in fresh.iter().zip(before).filter(|(one, before)| one.get("name") == before.get("name"))
            {
                before.set(&["resources"], value_at(one, &["resources"]).clone());
            }
        }
    }
    if may_be != *is {
        internal_fault(faults, "spec.template.spec", "PodSpec", is);
    }
}

/// A part that may not change, shown as the server's own struct.
fn internal_fault(faults: &mut Faults, field: &str, of: &str, value: &Value) {
    let what = format!("Invalid value: {}: {SAYS}", internal::shown(of, value));
    faults.push(FieldFault { reason: "FieldValueInvalid", field: field.to_owned(), what });
}

/// What a pod may change: images, deadlines that get shorter, further tolerations.
fn pod(old: &Object, new: &Object, faults: &mut Faults) {
    let bare = |pod: &Object| {
        let mut spec = value_at(pod, &["spec"]).clone();
        for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
            spec.unset(&[field]);
        }
        for list in ["containers", "initContainers"] {
            for one in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                one.unset(&["image"]);
            }
        }
        let gates = pod.list(&["spec", "schedulingGates"]);
        if !gates.is_empty() {
            for field in ["nodeSelector", "affinity"] {
                spec.unset(&[field]);
            }
        }
        spec
    };
    for list in ["containers", "initContainers"] {
        if old.list(&["spec", list]).len() != new.list(&["spec", list]).len() {
            forbidden(faults, format!("spec.{list}"), "pod updates may not add or remove containers");
            return;
        }
    }
    if !deadline(old, new, faults) {
        return;
    }
    added_tolerations(old, new, faults);
    if bare(old) != bare(new) {
        let difference = internal::difference("PodSpec", value_at(old, &["spec"]), &munged(old, new));
        let says = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
        forbidden(faults, "spec", &format!("{says}\n{difference}"));
    }
}

/// A deadline may come, and come nearer; whether what else is wrong is told too.
fn deadline(old: &Object, new: &Object, faults: &mut Faults) -> bool {
    const FIELD: &str = "spec.activeDeadlineSeconds";
    let of = |pod: &Object| pod.int(&["spec", "activeDeadlineSeconds"]);
    match (of(old), of(new)) {
        (_, Some(is)) if !(0..=i64::from(i32::MAX)).contains(&is) => {
            invalid(faults, FIELD, &is.into(), "must be between 0 and 2147483647, inclusive");
            false
        }
        (Some(was), Some(is)) if was < is => {
            invalid(faults, FIELD, &is.into(), "must be less than or equal to previous value");
            false
        }
        (Some(_), None) => {
            invalid(faults, FIELD, &Value::Null, "must not update from a positive integer to nil value");
            true
        }
        _ => true,
    }
}

/// As `validateOnlyAddedTolerations`.
fn added_tolerations(old: &Object, new: &Object, faults: &mut Faults) {
    let bare = |toleration: &Value| {
        let mut toleration = toleration.clone();
        toleration.unset(&["tolerationSeconds"]);
        toleration
    };
    let new = new.list(&["spec", "tolerations"]);
    let kept: Vec<Value> = new.iter().map(bare).collect();
    if old.list(&["spec", "tolerations"]).iter().any(|one| !kept.contains(&bare(one))) {
        let says = "existing toleration can not be modified except its tolerationSeconds";
        return forbidden(faults, "spec.tolerations", says);
    }
    of_pod::tolerations(new, "spec.tolerations", faults);
}

/// A pod's new spec, with what may change as it was.
fn munged(old: &Object, new: &Object) -> Value {
    let mut spec = value_at(new, &["spec"]).clone();
    let restore = |spec: &mut Value, field: &str| match old.at(&["spec", field]) {
        Some(value) => spec.set(&[field], value.clone()),
        None => drop(spec.unset(&[field])),
    };
    for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
        restore(&mut spec, field);
    }
    for list in ["containers", "initContainers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for (one, before) in containers.zip(old.list(&["spec", list])) {
            one.set(&["image"], text(before, &["image"]));
        }
    }
    if !old.list(&["spec", "schedulingGates"]).is_empty() {
        restore(&mut spec, "nodeSelector");
        restore(&mut spec, "affinity");
    }
    spec
}

fn service(old: &Object, new: &Object, faults: &mut Faults) {
    let (was, is) = (text(old, &["spec", "clusterIP"]), text(new, &["spec", "clusterIP"]));
    let has_address = |service: &Object| text(service, &["spec", "type"]) != "ExternalName";
    if has_address(old) && has_address(new) && !was.is_empty() && was != is {
        invalid(faults, "spec.clusterIPs[0]", &Value::from(vec![is]), "may not change once set");
    }
}

fn claim(old: &Object, new: &Object, faults: &mut Faults) {
    let is_bound = text(old, &["status", "phase"]) == "Bound";
    let bare = |claim: &Object| {
        let mut spec = value_at(claim, &["spec"]).clone();
        if is_bound {
            spec.unset(&["resources", "requests"]);
            spec.unset(&["volumeAttributesClassName"]);
        }
        if text(old, &["spec", "volumeName"]).is_empty() {
            spec.unset(&["volumeName"]);
        }
        // A class may be given to a claim that has none.
        if old.at(&["spec", "storageClassName"]).is_none() {
            spec.unset(&["storageClassName"]);
        }
        spec
    };
    if bare(old) != bare(new) {
        let says =
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        let mut shown = value_at(new, &["spec"]).clone();
        if is_bound {
            for path in [&["resources", "requests", "storage"][..], &["volumeAttributesClassName"]] {
                match value_at(old, &["spec"]).at(path) {
                    Some(value) => shown.set(path, value.clone()),
                    None => drop(shown.unset(path)),
                }
            }
        }
        let mut before = value_at(old, &["spec"]).clone();
        if text(&before, &["volumeName"]).is_empty() {
            before.set(&["volumeName"], text(&shown, &["volumeName"]));
        }
        let difference = internal::difference("PersistentVolumeClaimSpec", &before, &shown);
        forbidden(faults, "spec", &format!("{says}\n{difference}"));
    }
    // It may shrink as long as it has not been given what it asked for.
    let size = |path: &[&str], claim: &Object| claim.text(path).and_then(Quantity::parse).unwrap_or(Quantity::ZERO);
    let asked = ["spec", "resources", "requests", "storage"];
    if size(&asked, new) < size(&asked, old) && size(&asked, new) <= size(&["status", "capacity", "storage"], old) {
        forbidden(faults, "spec.resources.requests.storage", "field can not be less than status.capacity");
    }
}

fn volume(old: &Object, new: &Object, faults: &mut Faults) {
    let source = |volume: &Object| {
        let mut spec = value_at(volume, &["spec"]).clone();
        for field in [
            "accessModes",
            "capacity",
            "claimRef",
            "mountOptions",
            "nodeAffinity",
            "persistentVolumeReclaimPolicy",
            "storageClassName",
            "volumeAttributesClassName",
            "volumeMode",
        ] {
            spec.unset(&[field]);
        }
        spec
    };
    if source(old) != source(new) {
        let says = "spec.persistentvolumesource is immutable after creation\n";
        forbidden(faults, "spec.persistentvolumesource", says);
    }
    let (was, is) = (value_at(old, &["spec", "volumeMode"]), value_at(new, &["spec", "volumeMode"]));
    if was != is {
        invalid(faults, "spec.volumeMode", is, SAYS);
    }
}
