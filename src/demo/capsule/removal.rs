//! The end of a tenant. The old era leaves it to the garbage collector; the new one removes the namespaces itself, and what
//! holds them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{TENANT, TENANTS, controller, namespaces_of};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Deletion, Propagation, Registry};
use crate::demo::schema::Era;
use crate::demo::schema::kind::Kind;
use crate::demo::store::Key;

/// The finalizer of the new era, while a tenant has namespaces.
const FINALIZER: &str = "controller.projectcapsule.dev/finalize";

/// How long pods and finalizers are waited for before everything in a namespace is removed by force.
const GRACE: SignedDuration = SignedDuration::from_secs(10);

/// How often the controller looks again.
const AGAIN: SignedDuration = SignedDuration::from_secs(1);

/// Keeps the finalizer on a tenant as long as there is something to remove.
pub fn hold(registry: &mut Registry, tenant: &Object) {
    if registry.era != Era::V0_14 {
        return;
    }
    let is_empty = namespaces_of(registry, tenant).is_empty();
    registry.change(&controller(), TENANTS, "", "", tenant.name(), |tenant| {
        let mut finalizers: Vec<Value> =
            tenant.finalizers().into_iter().filter(|one| *one != FINALIZER).map(|one| json!(one)).collect();
        if !is_empty {
            finalizers.push(json!(FINALIZER));
        }
        if finalizers.is_empty() {
            tenant.unset(&["metadata", "finalizers"]);
        } else {
            tenant.set(&["metadata", "finalizers"], finalizers);
        }
    });
}

/// Brings a tenant nearer to its end.
pub fn reconcile(registry: &mut Registry, tenant: &Object) {
    if registry.era != Era::V0_14 {
        return;
    }
    let names = namespaces_of(registry, tenant);
    if names.is_empty() {
        registry.change(&controller(), TENANTS, "", "", tenant.name(), |tenant| {
            let left: Vec<Value> =
                tenant.finalizers().into_iter().filter(|one| *one != FINALIZER).map(|one| json!(one)).collect();
            tenant.set(&["metadata", "finalizers"], left);
        });
        return;
    }
    for name in names {
        let Some(namespace) = registry.look("namespaces", "", &name) else { continue };
        if !namespace.is_terminating() {
            let _ = registry.delete(&mut controller(), "namespaces", "", &name, &Deletion::default());
            continue;
        }
        let since = namespace.text(&["metadata", "deletionTimestamp"]).and_then(|text| text.parse::<Timestamp>().ok());
        if since.is_some_and(|since| registry.now().duration_since(since) >= GRACE) {
            empty(registry, &name);
        }
    }
    registry.queue(TENANT, Key::new("", tenant.name()), AGAIN);
}

/// Removes everything in a namespace by force, finalizers or not.
fn empty(registry: &mut Registry, namespace: &str) {
    let by = controller();
    let resources: Vec<String> = registry
        .schemas
        .kinds()
        .iter()
        .filter(|kind| kind.namespaced && kind.verbs.iter().any(|verb| verb == "delete"))
        .map(Kind::qualified)
        .filter(|resource| resource != "events.events.k8s.io")
        .collect();
    let how = Deletion { propagation: Some(Propagation::Background), grace: Some(0), ..Deletion::default() };
    for resource in resources {
        let names: Vec<String> =
            registry.views(&resource, Some(namespace)).map(|object| object.name().to_owned()).collect();
        for name in names {
            registry.change(&by, &resource, "", namespace, &name, |object| {
                object.unset(&["metadata", "finalizers"]);
            });
            let _ = registry.delete(&mut by.clone(), &resource, namespace, &name, &how);
        }
    }
}
