//! The events that Capsule's webhooks leave. Dry runs leave them too: nothing tells the webhooks' recorder of that.

use serde_json::{Value, json};

use super::NEW_TENANT_LABEL;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Event, Registry, Review};
use crate::demo::schema::Era;

/// What the new era says: `events.k8s.io`, with an action and the asking user.
pub struct Told<'a> {
    /// Such as `ValidationDenied`.
    pub action: &'a str,
    /// Such as `Cordoned`.
    pub reason: &'a str,
    /// The sentence.
    pub note: &'a str,
    /// Whether it is a warning.
    pub warning: bool,
}

/// Tells of a request about an object of a tenant, in the new era; the old one says nothing here.
pub fn tell(registry: &mut Registry, review: &Review<'_>, about: &Object, tenant: Option<&Object>, told: &Told<'_>) {
    if registry.era != Era::V0_14 {
        return;
    }
    let labels = tenant.map_or(
        Value::Null,
        |tenant| json!({"capsule.clastix.io/managed-by": tenant.name(), NEW_TENANT_LABEL: tenant.name()}),
    );
    let related = tenant.map(|tenant| {
        json!({
            "kind": "Tenant", "apiVersion": "capsule.clastix.io/v1beta2", "name": tenant.name(), "uid": tenant.uid(),
        })
    });
    write(registry, review, about, labels, related, told);
}

fn write(
    registry: &mut Registry,
    review: &Review<'_>,
    about: &Object,
    labels: Value,
    related: Option<Value>,
    told: &Told<'_>,
) {
    let uid = registry.ids.uid();
    let annotations = json!({
        "audit.projectcapsule.dev/request-uid": uid, "audit.projectcapsule.dev/username": review.user.name,
    });
    let event = Event {
        warning: told.warning,
        reason: told.reason,
        message: told.note,
        component: "controller.projectcapsule.dev",
        action: told.action,
        instance: "capsule-admission",
        related,
        labels,
        annotations,
        ..Event::default()
    };
    registry.event(about, &event);
}

/// Tells of a request about a tenant itself.
pub fn tell_of_tenant(registry: &mut Registry, review: &Review<'_>, tenant: &Object, told: &Told<'_>) {
    let labels = json!({"capsule.clastix.io/managed-by": tenant.name(), NEW_TENANT_LABEL: tenant.name()});
    write(registry, review, tenant, labels, None, told);
}

/// Tells of a tenant in the old era: core events on the Tenant, in the namespace `default`.
pub fn tell_old(registry: &mut Registry, tenant: &Object, warning: bool, reason: &str, message: &str) {
    if registry.era != Era::V0_4 {
        return;
    }
    let event = Event { warning, reason, message, component: "tenant-webhook", ..Event::default() };
    registry.event(tenant, &event);
}
