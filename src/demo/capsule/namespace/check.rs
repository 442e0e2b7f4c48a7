//! The validating webhook of namespaces.

use regex::Regex;

use super::assign::forces_prefix;
use super::metadata;
use super::{Said, refusing, resolve};
use crate::demo::capsule::event::{self, Told};
use crate::demo::capsule::{TENANTS, cordon, deny, namespaces_of, users};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Operation, Registry, Review};
use crate::demo::schema::Era;
use crate::demo::status::Status;

/// What it refuses.
pub fn check(registry: &mut Registry, review: &Review<'_>, object: Option<&Object>) -> Result<(), Status> {
    // `status` and `finalize` carry no metadata of tenants in any case that was seen.
    if !review.subresource.is_empty() {
        return Ok(());
    }
    match registry.era {
        Era::V0_14 => check_new(registry, review, object),
        Era::V0_4 => check_old(registry, review, object),
    }
}

fn check_new(registry: &mut Registry, review: &Review<'_>, object: Option<&Object>) -> Result<(), Status> {
    let webhook = refusing(registry.era);
    let is_capsule = users::is_capsule_user(registry, review.user) || users::is_administrator(registry, review.user);
    match (review.operation, review.old, object) {
        (Operation::Create, _, Some(namespace)) => {
            if !is_capsule && Said::by(namespace).is_nothing() {
                return Ok(());
            }
            let found = resolve(registry, namespace).map_err(|fault| deny::error(webhook, &fault))?;
            let Some(tenant) = found else { return Ok(()) };
            if !is_capsule {
                return Err(deny::forbidden(webhook, "only tenant owners can create tenant-owned namespaces"));
            }
            if tenant.is_terminating() {
                return Err(deny::error(webhook, "tenant is terminating and does not accept new namespaces"));
            }
            cordon::check_namespace(registry, &tenant, review, namespace)?;
            name(registry, review, &tenant, namespace)?;
            quota(registry, review, &tenant, namespace)?;
            metadata::check(registry, review, &tenant, namespace)
        }
        (Operation::Delete, Some(old), _) => {
            if old.is_terminating() {
                return Ok(());
            }
            let tenant = match resolve(registry, old) {
                Ok(tenant) => tenant,
                Err(fault) if fault.ends_with("not found") || users::is_administrator(registry, review.user) => None,
                Err(fault) => return Err(deny::error(webhook, &fault)),
            };
            match tenant {
                Some(tenant) => cordon::check_namespace(registry, &tenant, review, old),
                None => Ok(()),
            }
        }
        (Operation::Update, Some(old), Some(new)) => update(registry, review, old, new),
        _ => Ok(()),
    }
}

/// The transition of a namespace's tenant, as `validateNamespaceTenantReferenceTransition` and `OnUpdate`.
fn update(registry: &mut Registry, review: &Review<'_>, old: &Object, new: &Object) -> Result<(), Status> {
    let webhook = refusing(registry.era);
    let (before, after) = (Said::by(old), Said::by(new));
    let is_moved = before.label != after.label || before.owner != after.owner;
    if old.is_terminating() {
        let text = "namespace tenant ownership can not change during termination";
        return if is_moved { Err(deny::forbidden(webhook, text)) } else { Ok(()) };
    }
    let is_administrator = users::is_administrator(registry, review.user);
    if before.is_nothing() && after.is_nothing() {
        return Ok(());
    }
    if !is_administrator {
        if before.is_nothing() {
            return Err(deny::forbidden(webhook, "namespace can not be patched into a tenant"));
        }
        if after.is_nothing() {
            return Err(deny::forbidden(webhook, "namespace can not remove tenant ownership"));
        }
    }
    let old_tenant = match resolve(registry, old) {
        Ok(tenant) => tenant,
        Err(_) if is_administrator => None,
        Err(fault) => return Err(deny::error(webhook, &fault)),
    };
    let new_tenant = match resolve(registry, new) {
        Ok(tenant) => tenant,
        // An administrator may take the label away: nothing is released by that.
        Err(_) if is_administrator && after.label.is_none() => old_tenant.clone(),
        Err(fault) => return Err(deny::error(webhook, &fault)),
    };
    let changes_tenant = match (&old_tenant, &new_tenant) {
        (Some(old), Some(new)) => old.name() != new.name(),
        _ => false,
    };
    if changes_tenant {
        return Err(deny::forbidden(webhook, "namespace can not be migrated between tenants"));
    }
    let Some(tenant) = new_tenant else { return Ok(()) };
    cordon::check_namespace(registry, &tenant, review, new)?;
    if users::is_capsule_user(registry, review.user) {
        metadata::check(registry, review, &tenant, new)?;
    }
    Ok(())
}

fn check_old(registry: &mut Registry, review: &Review<'_>, object: Option<&Object>) -> Result<(), Status> {
    let webhook = refusing(registry.era);
    if !users::is_capsule_user(registry, review.user) {
        return Ok(());
    }
    let about = object.or(review.old).cloned().unwrap_or_default();
    let owner = super::super::owner_of(review.old.unwrap_or(&about)).map(str::to_owned);
    let tenant = owner.and_then(|name| registry.look(TENANTS, "", &name));
    if review.operation == Operation::Update
        && let Some(old) = review.old
        && let Some(label) = Said::by(old).label
        && let Some(tenant) = registry.look(TENANTS, "", label)
        && !users::owns(registry, &tenant, review.user)
    {
        let text = format!("namespace/{} can not be patched", old.name());
        event::tell_old(registry, &tenant, true, "NamespacePatch", &text);
        return Err(deny::forbidden(webhook, &text));
    }
    let Some(tenant) = tenant else { return Ok(()) };
    if review.operation == Operation::Create {
        quota(registry, review, &tenant, &about)?;
    }
    cordon::check_namespace(registry, &tenant, review, &about)?;
    if review.operation == Operation::Create {
        name(registry, review, &tenant, &about)?;
    }
    if review.operation == Operation::Delete { Ok(()) } else { metadata::check(registry, review, &tenant, &about) }
}

/// Names: protected ones, and the tenant's prefix.
fn name(registry: &mut Registry, review: &Review<'_>, tenant: &Object, namespace: &Object) -> Result<(), Status> {
    let webhook = refusing(registry.era);
    let configuration = users::configuration(registry).unwrap_or_default();
    let protected = configuration.text(&["spec", "protectedNamespaceRegex"]).filter(|text| !text.is_empty());
    if let Some(text) = protected
        && let Ok(pattern) = Regex::new(text)
        && pattern.is_match(namespace.name())
    {
        let text = format!(
            "Creating namespaces with name matching {text} regexp is not allowed; please, reach out to the system \
             administrators"
        );
        return Err(deny::forbidden(webhook, &text));
    }
    let prefix = format!("{}-", tenant.name());
    if !forces_prefix(registry, Some(tenant)) || namespace.name().starts_with(&prefix) {
        return Ok(());
    }
    if registry.era == Era::V0_14 {
        let note = format!("namespace does not match the expected prefix for the elected tenant ({prefix})");
        let told = Told { action: "ValidationDenied", reason: "InvalidTenantPrefix", note: &note, warning: true };
        event::tell(registry, review, namespace, Some(tenant), &told);
        let text = format!("The namespace doesn't match the tenant prefix, expected prefix {prefix:?}");
        return Err(deny::forbidden(webhook, &text));
    }
    let message = format!("Namespace {} does not match the expected prefix for the current Tenant", namespace.name());
    event::tell_old(registry, tenant, true, "InvalidTenantPrefix", &message);
    let text = format!("The namespace doesn't match the tenant prefix, expected {prefix}{}", namespace.name());
    Err(deny::forbidden(webhook, &text))
}

/// How many namespaces a tenant may have. One that is there already is left for the store to refuse.
fn quota(registry: &mut Registry, review: &Review<'_>, tenant: &Object, namespace: &Object) -> Result<(), Status> {
    let Some(most) = tenant.int(&["spec", "namespaceOptions", "quota"]) else { return Ok(()) };
    // The webhook trusts the status, which lags a little behind; we count, so that a quota holds in a quick succession too.
    let there = namespaces_of(registry, tenant).len() as i64;
    if there < most || registry.has("namespaces", "", namespace.name()) {
        return Ok(());
    }
    let webhook = refusing(registry.era);
    if registry.era == Era::V0_14 {
        let told = Told {
            action: "ValidationDenied",
            reason: "Overprovisioned",
            note: "namespace cannot be attached, quota exceeded for the elected tenant",
            warning: true,
        };
        event::tell(registry, review, namespace, Some(tenant), &told);
    } else {
        let message =
            format!("Namespace {} cannot be attached, quota exceeded for the current Tenant", namespace.name());
        event::tell_old(registry, tenant, true, "NamespaceQuotaExceded", &message);
    }
    let text = "Cannot exceed Namespace quota: please, reach out to the system administrators";
    Err(deny::forbidden(webhook, text))
}
