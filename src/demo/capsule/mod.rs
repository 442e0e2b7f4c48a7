//! Capsule: what its webhooks let pass and its controller brings about, in two eras.
//!
//! ```text
//! request ─ mutate: assign namespaces, defaults ─ validate: cordon, quotas, policies ─▶ store
//!                                                        tenant or namespace changed ─▶ reconcile: status, bindings, labels
//! ```
//!
//! Texts and delays are those of Capsule 0.14.0 and 0.4.2 as they were seen on a real API server; 0.4.2 stands for the era of
//! chart 0.4.6.

mod bindings;
mod cordon;
mod deny;
mod deprecated;
mod event;
mod generated;
mod hash;
mod install;
mod namespace;
mod policy;
mod removal;
mod status;
mod tenant;
mod users;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::SignedDuration;

use super::life::agenda::Job;
use super::object::{Meta as _, Object};
use super::registry::{Caller, Registry, Review};
use super::schema::Era;
use super::schema::kind::Kind;
use super::status::Status;
use super::store::Key;
pub use install::install;
use status::Outcome;

/// The group of Capsule's kinds.
pub const GROUP: &str = "capsule.clastix.io";

/// The kind of tenants.
pub const TENANTS: &str = "tenants.capsule.clastix.io";

/// The label that says whose a namespace is, in all eras.
pub const TENANT_LABEL: &str = "capsule.clastix.io/tenant";

/// The label on what belongs to a tenant, from 0.13 on.
pub const NEW_TENANT_LABEL: &str = "projectcapsule.dev/tenant";

/// The label of a cordoned namespace, from 0.9 on; from 0.13 on it is what cordons.
pub const CORDONED_LABEL: &str = "projectcapsule.dev/cordoned";

/// The label of what only the controller may touch, from 0.13 on.
pub const MANAGED_LABEL: &str = "projectcapsule.dev/managed-by";

/// The controller that brings tenants about.
const TENANT: &str = "capsule-tenant";

/// The rights in a tenant's namespaces come in a step of their own, and later.
const BINDINGS: &str = "capsule-bindings";

/// How long the controller takes from a change to its effects, as measured.
fn latency(era: Era) -> SignedDuration {
    match era {
        Era::V0_14 => SignedDuration::from_millis(110),
        Era::V0_4 => SignedDuration::from_millis(12),
    }
}

/// The same for the rights of owners.
fn rights_latency(era: Era) -> SignedDuration {
    match era {
        Era::V0_14 => SignedDuration::from_millis(350),
        Era::V0_4 => SignedDuration::from_millis(60),
    }
}

/// The controller, as it writes.
fn controller() -> Caller {
    let user = super::access::User::of_service_account("capsule-system", "capsule");
    let mut by = Caller::new(user, "capsule");
    // Bound to cluster-admin by the chart.
    by.user.groups.push("system:masters".to_owned());
    by
}

/// What the mutating webhooks make of an object.
pub fn mutate(registry: &mut Registry, review: &Review<'_>, object: &mut Object) -> Result<(), Status> {
    if users::is_controller(review.user) {
        return Ok(());
    }
    if is(review, "", "namespaces") {
        return namespace::assign(registry, review, object);
    }
    if is(review, GROUP, "tenants") && registry.era == Era::V0_14 {
        tenant::complete(registry, review.kind, object);
        return Ok(());
    }
    if review.subresource.is_empty()
        && !review.namespace.is_empty()
        && let Some(tenant) = tenant_of(registry, review.namespace)
    {
        policy::mutate(registry, &tenant, review, object);
    }
    Ok(())
}

/// What the validating webhooks refuse.
pub fn validate(registry: &mut Registry, review: &Review<'_>, object: Option<&Object>) -> Result<(), Status> {
    if users::is_controller(review.user) {
        return Ok(());
    }
    if is(review, "", "namespaces") {
        return namespace::check(registry, review, object);
    }
    if is(review, GROUP, "tenants") {
        return tenant::check(registry, review, object);
    }
    if review.namespace.is_empty() {
        return Ok(());
    }
    let Some(tenant) = tenant_of(registry, review.namespace) else { return Ok(()) };
    cordon::check(registry, &tenant, review, object)?;
    tenant::guard_managed(registry, review, object)?;
    match object {
        Some(object) if review.subresource.is_empty() => policy::validate(registry, &tenant, review, object),
        _ => Ok(()),
    }
}

/// Whether a request is about a kind.
fn is(review: &Review<'_>, group: &str, resource: &str) -> bool {
    review.kind.group == group && review.kind.resource == resource
}

/// The tenant of a namespace. Membership is what the owner reference says.
fn tenant_of(registry: &Registry, namespace: &str) -> Option<Arc<Object>> {
    let namespace = registry.look("namespaces", "", namespace)?;
    registry.look(TENANTS, "", owner_of(&namespace)?)
}

/// The tenant that an object's owner references name.
fn owner_of(object: &Object) -> Option<&str> {
    object.owners().iter().find(|owner| owner.text(&["kind"]) == Some("Tenant")).and_then(|owner| owner.text(&["name"]))
}

/// The names of a tenant's namespaces, sorted.
fn namespaces_of(registry: &Registry, tenant: &Object) -> Vec<String> {
    let uid = tenant.uid();
    registry
        .views("namespaces", None)
        .filter(|namespace| namespace.owners().iter().any(|owner| owner.text(&["uid"]) == Some(uid)))
        .map(|namespace| namespace.name().to_owned())
        .collect()
}

/// Queues the tenant that a change is about.
pub fn observe(registry: &mut Registry, kind: &Kind, before: Option<&Object>, after: Option<&Object>) {
    let Some(object) = after.or(before) else { return };
    let (soon, later) = (latency(registry.era), rights_latency(registry.era));
    let queue = |registry: &mut Registry, name: &str| {
        registry.queue(TENANT, Key::new("", name), soon);
        registry.queue(BINDINGS, Key::new("", name), later);
    };
    match (kind.group.as_str(), kind.resource.as_str()) {
        (GROUP, "tenants") => queue(registry, object.name()),
        (GROUP, "capsuleconfigurations") => registry.queue(install::CONFIGURATION, Key::of(object), soon),
        ("", "namespaces") => {
            let owners =
                [before, after].into_iter().flatten().filter_map(owner_of).map(str::to_owned).collect::<Vec<_>>();
            for name in owners {
                queue(registry, &name);
            }
        }
        // Which classes there are stands in every tenant's status.
        ("storage.k8s.io", "storageclasses")
        | ("scheduling.k8s.io", "priorityclasses")
        | ("gateway.networking.k8s.io", "gatewayclasses")
            if registry.era == Era::V0_14 =>
        {
            let names: Vec<String> = registry.views(TENANTS, None).map(|tenant| tenant.name().to_owned()).collect();
            for name in names {
                registry.queue(TENANT, Key::new("", &name), soon);
            }
        }
        // What is new wears the metadata that its tenant wants on such objects, a little later.
        ("", "pods" | "services" | "endpoints") | ("discovery.k8s.io", "endpointslices") if before.is_none() => {
            let options = if kind.resource == "pods" { "podOptions" } else { "serviceOptions" };
            let tenant = tenant_of(registry, object.namespace())
                .filter(|tenant| tenant.at(&["spec", options, "additionalMetadata"]).is_some());
            if let Some(tenant) = tenant {
                registry.queue(BINDINGS, Key::new("", tenant.name()), soon);
            }
        }
        // What the controller has made comes back when it is taken away or changed.
        ("rbac.authorization.k8s.io", "rolebindings")
        | ("", "resourcequotas" | "limitranges")
        | ("networking.k8s.io", "networkpolicies") => {
            let owner = before.and_then(owner_of).map(str::to_owned);
            let is_changed = match (before, after) {
                (Some(before), Some(after)) => {
                    before.get("spec") != after.get("spec")
                        || before.get("subjects") != after.get("subjects")
                        || before.get("status") != after.get("status")
                }
                (Some(_), None) => true,
                _ => false,
            };
            if let Some(name) = owner.filter(|_| is_changed) {
                queue(registry, &name);
            }
        }
        _ => {}
    }
}

/// Lets the controller look at what was queued.
pub fn reconcile(registry: &mut Registry, job: &Job) {
    match job.controller {
        install::CONFIGURATION => install::resolve(registry, job.key.name()),
        BINDINGS => {
            let Some(tenant) = registry.look(TENANTS, "", job.key.name()) else { return };
            if !tenant.is_terminating() {
                let namespaces = namespaces_of(registry, &tenant);
                bindings::reconcile(registry, &tenant, &namespaces);
                let fault = generated::reconcile(registry, &controller(), &tenant, &namespaces);
                status::write(registry, tenant.name(), Outcome::Known(fault));
            }
        }
        _ => {
            let Some(tenant) = registry.look(TENANTS, "", job.key.name()) else { return };
            if tenant.is_terminating() {
                removal::reconcile(registry, &tenant);
            } else {
                namespace::keep(registry, &tenant);
                removal::hold(registry, &tenant);
            }
            status::write(registry, job.key.name(), Outcome::AsBefore);
        }
    }
}
