//! The cordon: a tenant's people and workloads write nothing. Subresources and events pass; administrators do.

use super::event::{self, Told};
use super::{CORDONED_LABEL, deny, users};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Registry, Review};
use crate::demo::schema::Era;
use crate::demo::status::Status;

/// Refuses a write in a cordoned namespace.
pub fn check(
    registry: &mut Registry,
    tenant: &Object,
    review: &Review<'_>,
    object: Option<&Object>,
) -> Result<(), Status> {
    // The rules of the webhooks name no subresources, in any era.
    if !review.subresource.is_empty() || !users::is_capsule_user(registry, review.user) {
        return Ok(());
    }
    match registry.era {
        Era::V0_14 => {
            let is_cordoned = registry
                .get("namespaces", "", review.namespace)
                .is_some_and(|namespace| namespace.label(CORDONED_LABEL) == Some("true"));
            if !is_cordoned || review.kind.resource == "events" {
                return Ok(());
            }
            let (kind, name) = (review.kind, review.name);
            let text = format!(
                "The current namespace '{}' is cordoned. The attempted operation {} for {}/{}/{}/{name} is not permitted \
                 during cordoning status.",
                review.namespace,
                review.operation.name(),
                kind.group,
                kind.version,
                kind.kind
            );
            Err(deny::forbidden("cordoning.validating.projectcapsule.dev", &text))
        }
        Era::V0_4 => {
            let is_member = tenant.list(&["status", "namespaces"]).iter().any(|name| name == review.namespace);
            if !tenant.flag(&["spec", "cordoned"]) || !is_member {
                return Ok(());
            }
            let name = object.or(review.old).map_or(review.name, Object::name);
            let message = format!(
                "{} {}/{name} cannot be {}d, current Tenant is freezed",
                review.kind.kind,
                review.namespace,
                review.operation.name().to_lowercase()
            );
            event::tell_old(registry, tenant, true, "TenantFreezed", &message);
            let text = format!("tenant {} is freezed: please, reach out to the system administrator", tenant.name());
            Err(deny::forbidden("cordoning.tenant.capsule.clastix.io", &text))
        }
    }
}

/// Refuses a write of a namespace itself while its tenant is cordoned.
pub fn check_namespace(
    registry: &mut Registry,
    tenant: &Object,
    review: &Review<'_>,
    about: &Object,
) -> Result<(), Status> {
    let is_cordoned = match registry.era {
        Era::V0_14 => tenant.text(&["status", "state"]) == Some("Cordoned"),
        Era::V0_4 => tenant.flag(&["spec", "cordoned"]),
    };
    if !is_cordoned || !users::is_capsule_user(registry, review.user) || users::is_administrator(registry, review.user)
    {
        return Ok(());
    }
    match registry.era {
        Era::V0_14 => {
            let told = Told {
                action: "ValidationDenied",
                reason: "Cordoned",
                note: "namespace can not be modified because the tenant is cordoned",
                warning: true,
            };
            event::tell(registry, review, about, Some(tenant), &told);
            Err(deny::forbidden("namespaces.validating.projectcapsule.dev", "the selected tenant is cordoned"))
        }
        Era::V0_4 => {
            let message = format!("Namespace {} cannot be attached, the current Tenant is freezed", about.name());
            event::tell_old(registry, tenant, true, "TenantFreezed", &message);
            Err(deny::forbidden("namespaces.capsule.clastix.io", "the selected Tenant is freezed"))
        }
    }
}
