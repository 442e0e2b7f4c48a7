//! What the controller makes in each namespace of a tenant: network policies, limit ranges, resource quotas, and in the new era
//! the status of its rules.
//!
//! ```text
//! tenant.spec.networkPolicies.items[i] ─┐
//! tenant.spec.limitRanges.items[i]      ├─▶ capsule-<tenant>-<i> in every namespace
//! tenant.spec.resourceQuotas.items[i]  ─┘      (quotas of scope Tenant: `hard` says what is left)
//! ```
//!
//! As `internal/controllers/tenant` of Capsule 0.14.0 and `controllers/tenant` of 0.4.2.

mod decorate;
mod md5;
mod metadata;
mod quotas;
mod rules;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

pub use metadata::namespace_metadata;

use super::{MANAGED_LABEL, NEW_TENANT_LABEL, TENANT_LABEL};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Event, Registry};
use crate::demo::schema::Era;

/// A sort of objects that a tenant asks for by a list in its spec.
struct Sort {
    /// Such as `limitranges`.
    resource: &'static str,
    /// Such as `LimitRange`.
    kind: &'static str,
    /// Such as `v1`.
    version: &'static str,
    /// The label with the item's index.
    label: &'static str,
    /// The field of the tenant's spec.
    field: &'static str,
}

const NETWORK_POLICIES: Sort = Sort {
    resource: "networkpolicies.networking.k8s.io",
    kind: "NetworkPolicy",
    version: "networking.k8s.io/v1",
    label: "capsule.clastix.io/network-policy",
    field: "networkPolicies",
};

const LIMIT_RANGES: Sort = Sort {
    resource: "limitranges",
    kind: "LimitRange",
    version: "v1",
    label: "capsule.clastix.io/limit-range",
    field: "limitRanges",
};

const QUOTAS: Sort = Sort {
    resource: "resourcequotas",
    kind: "ResourceQuota",
    version: "v1",
    label: "capsule.clastix.io/resource-quota",
    field: "resourceQuotas",
};

/// Brings what is generated for a tenant to what its spec says, in all its namespaces: makes what is missing, mends what was
/// changed, removes what is asked for no more. Nothing is written where nothing changes.
///
/// The caller calls it again, with the tenant as it then is, when the tenant's spec or list of namespaces changes, when a
/// generated object is changed or removed, and **when the `status.used` of a generated ResourceQuota changes**: what is left
/// for each namespace under a quota of scope Tenant follows from what all of them use. Metadata that a tenant wants on its
/// pods, Services and EndpointSlices comes with the same call, so their creation is an occasion too.
pub fn reconcile(registry: &mut Registry, by: &Caller, tenant: &Object, namespaces: &[String]) {
    let active: Vec<String> = namespaces
        .iter()
        .filter(|name| registry.get("namespaces", "", name).is_some_and(|namespace| !namespace.is_terminating()))
        .cloned()
        .collect();
    if registry.era == Era::V0_14 {
        rules::reconcile(registry, by, tenant, &active);
    }
    for sort in [&NETWORK_POLICIES, &LIMIT_RANGES] {
        prune(registry, by, tenant, sort, namespaces);
        for (index, item) in items(tenant, sort).iter().enumerate() {
            for namespace in &active {
                write(registry, by, tenant, sort, namespace, index, |object| object.set(&["spec"], item.clone()));
            }
        }
    }
    prune(registry, by, tenant, &QUOTAS, namespaces);
    quotas::reconcile(registry, by, tenant, &active);
    decorate::reconcile(registry, by, tenant, &active);
}

/// What a tenant asks for of a sort.
fn items<'a>(tenant: &'a Object, sort: &Sort) -> &'a [Value] {
    tenant.list(&["spec", sort.field, "items"])
}

/// The name of a generated object.
fn name_of(tenant: &Object, index: usize) -> String {
    format!("capsule-{}-{index}", tenant.name())
}

/// The reference that makes a tenant the controller of an object.
fn owner(tenant: &Object) -> Value {
    json!({
        "apiVersion": "capsule.clastix.io/v1beta2", "kind": "Tenant", "name": tenant.name(), "uid": tenant.uid(),
        "controller": true, "blockOwnerDeletion": true,
    })
}

/// Labels and owner of a generated object. The old era sets its labels and no others.
fn mark(object: &mut Object, era: Era, tenant: &Object, sort: &Sort, index: usize) {
    match era {
        Era::V0_14 => {
            object.unset(&["metadata", "labels", TENANT_LABEL]);
            for (label, value) in [
                // This one comes from the webhook of all tenants' objects.
                ("capsule.clastix.io/managed-by", tenant.name()),
                (MANAGED_LABEL, "controller"),
                (NEW_TENANT_LABEL, tenant.name()),
            ] {
                object.set(&["metadata", "labels", label], value);
            }
            object.set(&["metadata", "labels", sort.label], index.to_string());
        }
        Era::V0_4 => {
            let labels = json!({TENANT_LABEL: tenant.name(), sort.label: index.to_string()});
            object.set(&["metadata", "labels"], labels);
        }
    }
    adopt(object, tenant);
}

/// Makes a tenant the controller of an object that has none.
fn adopt(object: &mut Object, tenant: &Object) {
    if object.controller().is_none() {
        let mut owners: Vec<Value> =
            object.owners().iter().filter(|other| other.text(&["uid"]) != Some(tenant.uid())).cloned().collect();
        owners.push(owner(tenant));
        object.set(&["metadata", "ownerReferences"], owners);
    }
}

/// Makes or mends one object; the old era tells of what it has done.
fn write(
    registry: &mut Registry,
    by: &Caller,
    tenant: &Object,
    sort: &Sort,
    namespace: &str,
    index: usize,
    fill: impl FnOnce(&mut Object),
) {
    let era = registry.era;
    let name = name_of(tenant, index);
    let done = match registry.get(sort.resource, namespace, &name) {
        None => {
            let mut object = json!({
                "apiVersion": sort.version, "kind": sort.kind,
                "metadata": {"name": name, "namespace": namespace}, "spec": {},
            });
            fill(&mut object);
            mark(&mut object, era, tenant, sort, index);
            registry.create(&mut by.clone(), sort.resource, object).is_ok().then_some("created")
        }
        Some(there) => {
            let after = registry.change(by, sort.resource, "", namespace, &name, |object| {
                fill(object);
                mark(object, era, tenant, sort, index);
            });
            after.is_some_and(|after| after.version() != there.version()).then_some("updated")
        }
    };
    if let Some(result) = done.filter(|_| era == Era::V0_4) {
        let message = format!("Ensuring {} {name}", sort.kind);
        let event = Event {
            reason: namespace,
            message: &message,
            component: "tenant-controller",
            annotations: json!({"OperationResult": result}),
            ..Event::default()
        };
        registry.event(tenant, &event);
    }
}

/// Removes objects whose item is gone; in the new era also those in namespaces that have left the tenant.
fn prune(registry: &mut Registry, by: &Caller, tenant: &Object, sort: &Sort, namespaces: &[String]) {
    let count = items(tenant, sort).len();
    let is_wanted = |object: &Object| {
        object.label(sort.label).and_then(|index| index.parse::<usize>().ok()).is_some_and(|index| index < count)
    };
    let is_ours = |object: &Object| {
        object.label(NEW_TENANT_LABEL) == Some(tenant.name()) && object.label(MANAGED_LABEL) == Some("controller")
    };
    let is_new_era = registry.era == Era::V0_14;
    let surplus: Vec<(String, String)> = registry
        .list(sort.resource, None)
        .filter(|object| object.label(sort.label).is_some())
        .filter(|object| {
            let is_inside = namespaces.iter().any(|namespace| namespace == object.namespace());
            if is_inside { !is_wanted(object) } else { is_new_era && is_ours(object) }
        })
        .map(|object| (object.namespace().to_owned(), object.name().to_owned()))
        .collect();
    for (namespace, name) in surplus {
        // What is gone already needs no removal.
        let _ = registry.delete(&mut by.clone(), sort.resource, &namespace, &name, &Deletion::default());
    }
}
