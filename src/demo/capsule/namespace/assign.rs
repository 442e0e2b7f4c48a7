//! The mutating webhook of namespaces: it gives a new namespace its tenant, and an old one its tenant back.

use serde_json::json;

use super::{Said, assigning, reference, resolve};
use crate::demo::capsule::event::{self, Told};
use crate::demo::capsule::{CORDONED_LABEL, TENANT_LABEL, TENANTS, deny, generated, users};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Operation, Registry, Review};
use crate::demo::schema::Era;
use crate::demo::status::Status;

/// What the webhook makes of a namespace.
pub fn assign(registry: &mut Registry, review: &Review<'_>, namespace: &mut Object) -> Result<(), Status> {
    let is_member = users::is_capsule_user(registry, review.user);
    let is_administrator = users::is_administrator(registry, review.user);
    if !review.subresource.is_empty() || !(is_member || is_administrator) || namespace.is_terminating() {
        return Ok(());
    }
    match (review.operation, registry.era) {
        (Operation::Create, _) => create(registry, review, namespace, is_administrator),
        (_, Era::V0_14) => update(registry, review, namespace, is_administrator),
        (_, Era::V0_4) => {
            // An owner cannot take a namespace out of his tenant: the references are put back without a word.
            let owners = review.old.map(|old| old.owners().to_vec()).unwrap_or_default();
            if !owners.is_empty() {
                namespace.set(&["metadata", "ownerReferences"], owners);
            }
            Ok(())
        }
    }
}

fn create(
    registry: &mut Registry,
    review: &Review<'_>,
    namespace: &mut Object,
    is_administrator: bool,
) -> Result<(), Status> {
    let Some(tenant) = choose(registry, review, namespace, is_administrator)? else { return Ok(()) };
    give(registry, &tenant, namespace);
    if registry.era == Era::V0_14 {
        let note = format!("namespace has been assigned to the desired tenant {}", tenant.name());
        let told = Told { action: "Mutated", reason: "TenantAssigned", note: &note, warning: false };
        event::tell(registry, review, namespace, Some(&tenant), &told);
    } else {
        let message = format!("Namespace {} has been assigned to the desired Tenant", namespace.name());
        event::tell_old(registry, &tenant, false, "NamespaceCreationWebhook", &message);
    }
    Ok(())
}

/// Puts the reference and the labels of its tenant on a namespace.
fn give(registry: &Registry, tenant: &Object, namespace: &mut Object) {
    let mut owners = namespace.owners().to_vec();
    owners.retain(|owner| owner.text(&["kind"]) != Some("Tenant"));
    owners.push(reference(tenant, registry.era));
    namespace.set(&["metadata", "ownerReferences"], owners);
    if registry.era == Era::V0_14 {
        namespace.set(&["metadata", "labels", TENANT_LABEL], tenant.name());
        let name = namespace.name().to_owned();
        namespace.set(&["metadata", "labels", "kubernetes.io/metadata.name"], name);
        if tenant.text(&["status", "state"]) == Some("Cordoned") {
            namespace.set(&["metadata", "labels", CORDONED_LABEL], "true");
        }
        let (labels, annotations) = generated::namespace_metadata(tenant, registry.era);
        for (part, entries) in [("labels", labels), ("annotations", annotations)] {
            for (key, value) in entries {
                namespace.set(&["metadata", part, &key], value);
            }
        }
    }
}

/// The tenant of a new namespace, as `GetNamespaceTenant`; nothing for an administrator who names none.
fn choose(
    registry: &mut Registry,
    review: &Review<'_>,
    namespace: &Object,
    is_administrator: bool,
) -> Result<Option<Object>, Status> {
    let era = registry.era;
    let webhook = assigning(era);
    if let Some(label) = Said::by(namespace).label {
        let Some(tenant) = registry.get(TENANTS, "", label) else {
            return Err(deny::bad_request(webhook, &format!("Tenant.capsule.clastix.io {label:?} not found")));
        };
        if !is_administrator && !users::owns(registry, &tenant, review.user) {
            if era == Era::V0_14 {
                let text = "can not assign the desired namespace to a non-owned Tenant";
                return Err(deny::bad_request(webhook, text));
            }
            let message = format!("Namespace {} cannot be assigned to the current Tenant", namespace.name());
            event::tell_old(registry, &tenant, true, "NonOwnedTenant", &message);
            return Err(deny::forbidden(webhook, "Cannot assign the desired namespace to a non-owned Tenant"));
        }
        return prefixed(registry, namespace, tenant).map(Some);
    }
    let owned: Vec<Object> =
        registry.list(TENANTS, None).filter(|tenant| users::owns(registry, tenant, review.user)).collect();
    if owned.is_empty() {
        if is_administrator {
            return Ok(None);
        }
        let text = "You do not have any Tenant assigned: please, reach out to the system administrators";
        return Err(deny::forbidden(webhook, text));
    }
    if let [tenant] = owned.as_slice() {
        return prefixed(registry, namespace, tenant.clone()).map(Some);
    }
    let forced = forces_prefix(registry, None);
    // The longest prefix wins; the old era looks at prefixes only when they are forced.
    let fits = |tenant: &&Object| namespace.name().starts_with(&format!("{}-", tenant.name()));
    let nearest = owned.iter().filter(fits).max_by_key(|tenant| tenant.name().len());
    if let Some(tenant) = nearest.filter(|_| era == Era::V0_14 || forced) {
        return prefixed(registry, namespace, tenant.clone()).map(Some);
    }
    if forced {
        return Err(deny::forbidden(webhook, "The Namespace prefix used doesn't match any available Tenant"));
    }
    if is_administrator {
        return Ok(None);
    }
    let text =
        format!("Unable to assign namespace to tenant. Please use {TENANT_LABEL} label when creating a namespace");
    Err(deny::forbidden(webhook, &text))
}

/// Whether names must begin with the tenant's: its own word, or else the configuration's.
pub(super) fn forces_prefix(registry: &Registry, tenant: Option<&Object>) -> bool {
    let own = tenant
        .filter(|_| registry.era == Era::V0_14)
        .and_then(|tenant| tenant.at(&["spec", "forceTenantPrefix"])?.as_bool());
    own.unwrap_or_else(|| {
        users::configuration(registry).is_some_and(|configuration| configuration.flag(&["spec", "forceTenantPrefix"]))
    })
}

/// Refuses a name without its tenant's prefix, where that is forced (0.14; the old era's other webhook does).
fn prefixed(registry: &Registry, namespace: &Object, tenant: Object) -> Result<Object, Status> {
    let fits = namespace.name().starts_with(&format!("{}-", tenant.name()));
    if registry.era == Era::V0_4 || fits || !forces_prefix(registry, Some(&tenant)) {
        return Ok(tenant);
    }
    let text = format!(
        "The Namespace name must start with '{}-' when ForceTenantPrefix is enabled in the Tenant.",
        tenant.name()
    );
    Err(deny::forbidden(assigning(registry.era), &text))
}

/// `tenantForUpdate`: only administrators move namespaces.
fn update(
    registry: &mut Registry,
    review: &Review<'_>,
    namespace: &mut Object,
    is_administrator: bool,
) -> Result<(), Status> {
    let Some(old) = review.old else { return Ok(()) };
    if is_administrator {
        // The label is enough: the reference follows it.
        if let Some(label) = Said::by(namespace).label.map(str::to_owned)
            && let Some(tenant) = registry.get(TENANTS, "", &label)
            && Said::by(old).owner.is_none_or(|(name, _)| name == label)
        {
            give(registry, &tenant, namespace);
        }
        return Ok(());
    }
    let refuse = |registry: &mut Registry, tenant: Option<&Object>, text: &str| {
        let told = Told {
            action: "ValidationDenied",
            reason: "ReasonNamespacePatch",
            note: "namespace disallows patching relevant metadata",
            warning: true,
        };
        event::tell(registry, review, old, tenant, &told);
        Err(deny::forbidden(assigning(registry.era), text))
    };
    let before = match resolve(registry, old) {
        Ok(before) => before,
        Err(fault) => return Err(deny::error(assigning(registry.era), &fault)),
    };
    let Some(tenant) = before else {
        let text = if Said::by(namespace).is_nothing() {
            "namespace is not owned by any tenant"
        } else {
            "namespace can not be patched into a tenant"
        };
        return refuse(registry, None, text);
    };
    if !Said::by(namespace).names(tenant.name()) {
        let text = if Said::by(namespace).is_nothing() {
            "namespace can not remove tenant ownership"
        } else {
            "namespace can not be migrated between tenants"
        };
        return refuse(registry, Some(&tenant), text);
    }
    if !users::owns(registry, &tenant, review.user) {
        return refuse(registry, None, "denied patch request for this namespace");
    }
    let cordoned = namespace.label(CORDONED_LABEL).map(str::to_owned);
    give(registry, &tenant, namespace);
    // The namespace's own cordon is the owner's to set and to take back.
    match cordoned {
        Some(cordoned) => namespace.set(&["metadata", "labels", CORDONED_LABEL], json!(cordoned)),
        None => drop(namespace.unset(&["metadata", "labels", CORDONED_LABEL])),
    }
    Ok(())
}
