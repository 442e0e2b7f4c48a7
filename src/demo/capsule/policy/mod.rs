//! What tenants demand of the objects in their namespaces: classes, images, hostnames, service types, volumes.
//!
//! ```text
//! mutate: defaults, labels        validate: refusal ─▶ event ─▶ 403 (or 500)
//! ```
//!
//! Policies bind everyone, administrators of the cluster included. Texts, events and their order are those of
//! `internal/webhook` of Capsule 0.14.0 and `pkg/webhook` of 0.4.2. Where Go walks a map, the order here is the alphabet's.

mod allowed;
mod claims;
mod defaults;
mod gateways;
mod images;
mod ingresses;
mod pods;
mod rules;
mod services;
#[cfg(test)]
mod tests;

use serde_json::json;

use super::event;
use super::{NEW_TENANT_LABEL, deny};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Event, Operation, Registry, Review};
use crate::demo::schema::Era;
use crate::demo::status::Status;

/// A request that the policies of a tenant judge.
#[derive(Clone, Copy)]
struct Case<'a> {
    /// The cluster, to look up classes, volumes and other tenants' hostnames.
    registry: &'a Registry,
    /// Whose namespace it is about.
    tenant: &'a Object,
    /// The request.
    review: &'a Review<'a>,
    /// The object as it is to be written.
    object: &'a Object,
}

impl Case<'_> {
    /// The era that judges.
    fn era(&self) -> Era {
        self.registry.era
    }

    /// Whether the object is new.
    fn is_new(&self) -> bool {
        self.review.operation == Operation::Create
    }

    /// The object as the events of the old era name it: `oil-web/a`.
    fn place(&self) -> String {
        format!("{}/{}", self.review.namespace, self.review.name)
    }
}

/// A refusal that has not been told yet.
#[derive(Debug)]
struct Refusal {
    /// The text for the client.
    text: String,
    /// The webhook met an error (500), it has not denied (403).
    is_error: bool,
    /// Reason and note of the event, if there is one.
    event: Option<(&'static str, String)>,
}

impl Refusal {
    /// A denial that leaves an event.
    fn told(reason: &'static str, note: impl Into<String>, text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: false, event: Some((reason, note.into())) }
    }

    /// A denial without an event.
    fn quiet(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: false, event: None }
    }

    /// An error of the webhook, without an event.
    fn error(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: true, event: None }
    }

    /// The same as an error: the client gets a 500.
    fn into_error(mut self) -> Self {
        self.is_error = true;
        self
    }
}

/// What a judgement is.
type Verdict = Result<(), Refusal>;

/// What the mutating webhooks make of an object in a tenant's namespace, on creation and update: the classes that a tenant
/// says are its default, the claim's selector, and in the new era the labels of the tenant on everything but events.
pub fn mutate(registry: &mut Registry, tenant: &Object, review: &Review<'_>, object: &mut Object) {
    if review.operation == Operation::Delete || !review.subresource.is_empty() || review.kind.resource == "events" {
        return;
    }
    if let Some((class, what)) = defaults::complete(registry, tenant, review, object) {
        // The old era tells of it; the two names of an Ingress are the wrong way round there.
        let (namespace, name) = (review.namespace, object.name());
        let place = if what == "Ingress" { format!("{name}/{namespace}") } else { format!("{namespace}/{name}") };
        let message = format!("Assigned Tenant default {what} Class {class} to {place}");
        event::tell_old(registry, tenant, false, "TenantDefault", &message);
    }
    if registry.era == Era::V0_14 {
        for label in ["capsule.clastix.io/managed-by", NEW_TENANT_LABEL] {
            object.set(&["metadata", "labels", label], tenant.name());
        }
    }
}

/// What the validating webhooks refuse in a tenant's namespace, on creation and update. A refusal is told in an event first,
/// for dry runs too. Answers 403 with the webhook's name and text, 500 where the webhook itself fails, and 501 where a rule of
/// the tenant (`spec.rules[].enforce`) would have to be kept that the demo does not know.
pub fn validate(registry: &mut Registry, tenant: &Object, review: &Review<'_>, object: &Object) -> Result<(), Status> {
    if review.operation == Operation::Delete || !review.subresource.is_empty() {
        return Ok(());
    }
    let case = Case { registry, tenant, review, object };
    let is_new_era = case.era() == Era::V0_14;
    if is_new_era && rules::concern(&case) {
        return Err(Status::not_in_the_demo("keeping the rules of a tenant (spec.rules[].enforce)"));
    }
    let (new, old, verdict) = match (review.kind.group.as_str(), review.kind.resource.as_str()) {
        ("", "pods") => ("pods.validating.projectcapsule.dev", "pods.capsule.clastix.io", pods::judge(&case)),
        ("", "services") => {
            ("services.validating.projectcapsule.dev", "services.capsule.clastix.io", services::judge(&case))
        }
        ("", "persistentvolumeclaims") => {
            ("pvc.validating.projectcapsule.dev", "pvc.capsule.clastix.io", claims::judge(&case))
        }
        ("networking.k8s.io", "ingresses") => {
            ("ingress.validating.projectcapsule.dev", "ingress.capsule.clastix.io", ingresses::judge(&case))
        }
        ("gateway.networking.k8s.io", "gateways") if is_new_era => {
            ("gateway.validating.projectcapsule.dev", "", gateways::judge(&case))
        }
        _ => return Ok(()),
    };
    let webhook = if is_new_era { new } else { old };
    let Err(refusal) = verdict else { return Ok(()) };
    if let Some((reason, note)) = &refusal.event {
        tell(registry, review, tenant, object, reason, note);
        event::tell_old(registry, tenant, true, reason, note);
    }
    Err(if refusal.is_error { deny::error(webhook, &refusal.text) } else { deny::forbidden(webhook, &refusal.text) })
}

/// Tells of a refusal as the new era does. What is related to it is the tenant: whole for Ingresses and Gateways, whose tenant
/// comes from a cache, and without its kind for the others. Forbidden storage classes are told by another recorder.
fn tell(registry: &mut Registry, review: &Review<'_>, tenant: &Object, object: &Object, reason: &str, note: &str) {
    if registry.era != Era::V0_14 {
        return;
    }
    let mut related = json!({"name": tenant.name(), "uid": tenant.uid()});
    let is_cached = matches!(review.kind.resource.as_str(), "ingresses" | "gateways");
    let is_plain = reason == "ForbiddenStorageClass";
    if is_cached || is_plain {
        related.set(&["apiVersion"], "capsule.clastix.io/v1beta2");
        related.set(&["kind"], "Tenant");
    }
    let mut event = Event { warning: true, reason, message: note, action: "ValidationDenied", ..Event::default() };
    if is_plain {
        related.set(&["resourceVersion"], tenant.version());
        (event.component, event.instance) = ("tenant-controller", "tenant-controller-demo");
    } else {
        (event.component, event.instance) = ("controller.projectcapsule.dev", "capsule-admission");
        event.labels = json!({"capsule.clastix.io/managed-by": tenant.name(), NEW_TENANT_LABEL: tenant.name()});
        event.annotations = json!({
            "audit.projectcapsule.dev/request-uid": registry.ids.uid(),
            "audit.projectcapsule.dev/username": review.user.name,
        });
    }
    event.related = Some(related);
    registry.event(object, &event);
}
