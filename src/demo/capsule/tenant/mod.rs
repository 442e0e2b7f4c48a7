//! Tenants themselves, and what only the controller may touch.

mod sound;

use super::event::{self, Told};
use super::{MANAGED_LABEL, deny, users};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Operation, Registry, Review};
use crate::demo::schema::Era;
use crate::demo::schema::kind::Kind;
use crate::demo::status::Status;
use crate::demo::strategy;

/// The label that the mutating webhook of 0.14 puts on tenants. Where it does so it answers with the tenant as its own
/// structs write it, without what is empty in them (`webhook/tenant/mutation/metadata.go`).
pub fn complete(registry: &Registry, kind: &Kind, tenant: &mut Object) {
    const LABEL: &str = "kubernetes.io/metadata.name";
    let name = tenant.name().to_owned();
    if !name.is_empty() && tenant.label(LABEL) != Some(&name) {
        tenant.set(&["metadata", "labels", LABEL], name);
        strategy::through("capsule.Tenant", tenant);
        registry.schemas.default(kind, tenant);
    }
}

/// The validating webhook of tenants: protection, and the events of a cordon.
pub fn check(registry: &mut Registry, review: &Review<'_>, object: Option<&Object>) -> Result<(), Status> {
    if !review.subresource.is_empty() {
        return Ok(());
    }
    let (webhook, era) = match registry.era {
        Era::V0_14 => ("tenants.validating.projectcapsule.dev", Era::V0_14),
        Era::V0_4 => ("tenants.capsule.clastix.io", Era::V0_4),
    };
    if let Some(tenant) = object {
        if let Some(fault) = sound::fault(era, review.old, tenant) {
            return Err(deny::forbidden(webhook, &fault));
        }
        if era == Era::V0_14 {
            registry.warnings.extend(super::deprecated::warnings(tenant));
        }
    }
    match (review.operation, review.old, object) {
        (Operation::Delete, Some(old), _) if old.flag(&["spec", "preventDeletion"]) => {
            Err(deny::forbidden(webhook, "tenant is protected and cannot be deleted"))
        }
        (Operation::Update, Some(old), Some(new)) => {
            let (before, after) = (old.flag(&["spec", "cordoned"]), new.flag(&["spec", "cordoned"]));
            if before == after {
                return Ok(());
            }
            if era == Era::V0_14 {
                let (action, note) = if after {
                    ("Cordoned", "Tenant has been cordoned")
                } else {
                    ("UnCordoned", "Tenant has been uncordoned")
                };
                let told = Told { action, reason: "Cordoned", note, warning: false };
                event::tell_of_tenant(registry, review, new, &told);
            } else {
                let (reason, message) = if after {
                    ("TenantCordoned", "Tenant has been cordoned")
                } else {
                    ("TenantUncordoned", "Tenant has been uncordoned")
                };
                event::tell_old(registry, new, false, reason, message);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// From 0.13 on nobody but the controller and administrators touches what is labelled as the controller's.
pub fn guard_managed(registry: &Registry, review: &Review<'_>, object: Option<&Object>) -> Result<(), Status> {
    if registry.era != Era::V0_14 || !review.subresource.is_empty() {
        return Ok(());
    }
    let is_managed = |object: &Object| object.label(MANAGED_LABEL) == Some("controller");
    if !object.is_some_and(is_managed) && !review.old.is_some_and(is_managed) {
        return Ok(());
    }
    // The controllers of the cluster itself clean up after owners and namespaces.
    let is_system = review.user.service_account().is_some_and(|(namespace, _)| namespace == "kube-system");
    if is_system || users::is_administrator(registry, review.user) {
        return Ok(());
    }
    let text = "Labeling resources as controller managed can only be done by the controller or administrators";
    Err(deny::forbidden("managed.validating.projectcapsule.dev", text))
}
