//! Claims of volumes: storage classes, and volumes of other tenants.

use super::allowed::Allowed;
use super::{Case, Refusal, Verdict};
use crate::demo::capsule::TENANT_LABEL;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Operation, Review};
use crate::demo::schema::Era;
use serde_json::Value;

/// In upstream's order, which the eras do not share.
pub(super) fn judge(case: &Case<'_>) -> Verdict {
    match case.era() {
        Era::V0_4 if case.is_new() => {
            class(case)?;
            old_volume(case)
        }
        Era::V0_4 => Ok(()),
        Era::V0_14 if !concerns(case.review, case.object) => Ok(()),
        Era::V0_14 => {
            selector(case)?;
            volume(case)?;
            if case.is_new() { class(case) } else { Ok(()) }
        }
    }
}

/// Whether the new era looks at a claim: not at bound ones, and not while the last finalizers go.
pub(super) fn concerns(review: &Review<'_>, claim: &Object) -> bool {
    match review.old.filter(|_| review.operation == Operation::Update) {
        Some(old) if old.text(&["status", "phase"]) == Some("Bound") => false,
        Some(old) if claim.is_terminating() => claim.get("spec") != old.get("spec"),
        _ => true,
    }
}

fn class(case: &Case<'_>) -> Verdict {
    let Some(allowed) = Allowed::of(case.tenant, &["spec", "storageClasses"]) else { return Ok(()) };
    let is_old = case.era() == Era::V0_4;
    let Some(class) = case.object.text(&["spec", "storageClassName"]) else {
        let note = if is_old {
            format!("PersistentVolumeClaim {} is missing StorageClass", case.place())
        } else {
            "persistentvolume must provide a storageclass".to_owned()
        };
        let text = format!("A valid Storage Class must be used: {}", allowed.advice(&allowed.exact()));
        return Err(Refusal::told("MissingStorageClass", note, text));
    };
    let is_selected = || {
        let found = case.registry.get("storageclasses.storage.k8s.io", "", class);
        allowed.selects() && found.is_some_and(|found| allowed.selects_object(&found))
    };
    if allowed.default() == class || allowed.names(class) || is_selected() {
        return Ok(());
    }
    let note = if is_old {
        format!("PersistentVolumeClaim {} StorageClass {class} is forbidden for the current Tenant", case.place())
    } else {
        format!("StorageClass {class} is forbidden for the Tenant {}", case.tenant.name())
    };
    let text =
        format!("Storage Class {class} is forbidden for the current Tenant {}", allowed.advice(&allowed.sorted()));
    Err(Refusal::told("ForbiddenStorageClass", note, text))
}

/// A selector must keep to the tenant's own volumes.
fn selector(case: &Case<'_>) -> Verdict {
    let tenant = case.tenant.name();
    let Some(selector) = case.object.at(&["spec", "selector"]).filter(|selector| selector.is_object()) else {
        return Ok(());
    };
    let expressions = selector.list(&["matchExpressions"]);
    let Some(ours) = expressions.iter().find(|one| one.text(&["key"]) == Some(TENANT_LABEL)) else {
        let text = format!("PVC selector must include tenant selector expression {TENANT_LABEL:?} In [{tenant:?}]");
        return Err(Refusal::error(text));
    };
    if ours.text(&["operator"]) != Some("In") {
        let text = format!("PVC selector expression for {TENANT_LABEL:?} must use operator \"In\"");
        return Err(Refusal::error(text));
    }
    match ours.list(&["values"]) {
        [only] if only.as_str() == Some(tenant) => Ok(()),
        _ => {
            let text = format!("PVC selector expression for {TENANT_LABEL:?} must contain only tenant {tenant:?}");
            Err(Refusal::error(text))
        }
    }
}

/// The volume that a claim names, with its label of a tenant.
fn named_volume(case: &Case<'_>) -> Result<Option<Object>, Refusal> {
    let name = case.object.text(&["spec", "volumeName"]).unwrap_or_default();
    if name.is_empty() {
        return Ok(None);
    }
    let volume = case.registry.get("persistentvolumes", "", name);
    volume.map(Some).ok_or_else(|| Refusal::error("cannot create a PVC referring to a not yet existing PV"))
}

fn volume(case: &Case<'_>) -> Verdict {
    let Some(volume) = named_volume(case)? else { return Ok(()) };
    let name = volume.name();
    match volume.label(TENANT_LABEL) {
        None => Err(Refusal::quiet(format!(
            "PersistentVolume {name} is missing the Tenant label ({TENANT_LABEL}), preventing a potential cross-tenant mount"
        ))),
        Some(owner) if owner != case.tenant.name() => {
            Err(Refusal::quiet(format!("Preventing a cross-tenant mount for PersistentVolume {name}")))
        }
        Some(_) => Ok(()),
    }
}

fn old_volume(case: &Case<'_>) -> Verdict {
    if case.object.at(&["spec", "selector"]).is_some_and(Value::is_object) {
        let text = "PersistentVolume selectors are not allowed since unable to prevent cross-tenant mount";
        return Err(Refusal::error(text));
    }
    let Some(volume) = named_volume(case)? else { return Ok(()) };
    let name = volume.name();
    if volume.at(&["metadata", "labels"]).and_then(Value::as_object).is_none_or(serde_json::Map::is_empty) {
        let text =
            format!("PeristentVolume {name} is missing any label, please, ask the Cluster Administrator to label it");
        return Err(Refusal::error(text));
    }
    match volume.label(TENANT_LABEL) {
        None => Err(Refusal::error(format!(
            "PeristentVolume {name} is missing the Capsule Tenant label, preventing a potential cross-tenant mount"
        ))),
        Some(owner) if owner != case.tenant.name() => Err(Refusal::error(format!(
            "PeristentVolume {name} cannot be used by the following Tenant, preventing a cross-tenant mount"
        ))),
        Some(_) => Ok(()),
    }
}
