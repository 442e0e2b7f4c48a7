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
use crate::demo::status::Status;

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
    /// As the controller calls it in its errors.
    noun: &'static str,
}

const NETWORK_POLICIES: Sort = Sort {
    resource: "networkpolicies.networking.k8s.io",
    kind: "NetworkPolicy",
    version: "networking.k8s.io/v1",
    label: "capsule.clastix.io/network-policy",
    field: "networkPolicies",
    noun: "networkPolicy",
};

const LIMIT_RANGES: Sort = Sort {
    resource: "limitranges",
    kind: "LimitRange",
    version: "v1",
    label: "capsule.clastix.io/limit-range",
    field: "limitRanges",
    noun: "limitrange",
};

const QUOTAS: Sort = Sort {
    resource: "resourcequotas",
    kind: "ResourceQuota",
    version: "v1",
    label: "capsule.clastix.io/resource-quota",
    field: "resourceQuotas",
    noun: "resourcequota",
};

/// Brings what is generated for a tenant to what its spec says, in all its namespaces: makes what is missing, mends what was
/// changed, removes what is asked for no more. Nothing is written where nothing changes.
///
/// The caller calls it again, with the tenant as it then is, when the tenant's spec or list of namespaces changes, when a
/// generated object is changed or removed, and **when the `status.used` of a generated ResourceQuota changes**: what is left
/// for each namespace under a quota of scope Tenant follows from what all of them use. Metadata that a tenant wants on its
/// pods, Services and EndpointSlices comes with the same call, so their creation is an occasion too.
///
/// Answers with what could not be done, as it stands in the condition `Ready`: a line for each sort and namespace.
pub fn reconcile(registry: &mut Registry, by: &Caller, tenant: &Object, namespaces: &[String]) -> Option<String> {
    let active: Vec<String> = namespaces
        .iter()
        .filter(|name| registry.look("namespaces", "", name).is_some_and(|namespace| !namespace.is_terminating()))
        .cloned()
        .collect();
    if registry.era == Era::V0_14 {
        rules::reconcile(registry, by, tenant, &active);
    }
    let mut faults = Vec::new();
    for sort in [&NETWORK_POLICIES, &LIMIT_RANGES] {
        prune(registry, by, tenant, sort, namespaces);
        let written = active.iter().map(|namespace| {
            let mut items = items(tenant, sort).iter().enumerate();
            items.try_for_each(|(index, item)| {
                write(registry, by, tenant, sort, namespace, index, |object| object.set(&["spec"], item.clone()))
            })
        });
        faults.extend(fault(sort, &active, written.collect()));
    }
    prune(registry, by, tenant, &QUOTAS, namespaces);
    let written = quotas::reconcile(registry, by, tenant, &active);
    faults.extend(fault(&QUOTAS, &active, written));
    decorate::reconcile(registry, by, tenant, &active);
    (!faults.is_empty()).then(|| faults.join("\n"))
}

/// What failed of a sort, namespace by namespace.
fn fault(sort: &Sort, namespaces: &[String], written: Vec<Result<(), Status>>) -> Option<String> {
    let failed = namespaces.iter().zip(written).filter_map(|(namespace, written)| {
        let why = written.err()?;
        Some(format!("namespace {namespace:?}: {}", why.message))
    });
    let lines = failed.collect::<Vec<_>>().join("\n");
    (!lines.is_empty()).then(|| format!("cannot sync {} items: {lines}", sort.noun))
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
) -> Result<(), Status> {
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
            registry.create(&mut by.clone(), sort.resource, object)?;
            Some("created")
        }
        Some(there) => {
            let mut wanted = there.clone();
            fill(&mut wanted);
            mark(&mut wanted, era, tenant, sort, index);
            let change = &mut |_: &Object| Ok(wanted.clone());
            let after = registry.update(&mut by.clone(), sort.resource, "", namespace, &name, change)?;
            (after.version() != there.version()).then_some("updated")
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
    Ok(())
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
        .views(sort.resource, None)
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
