//! What the controller keeps on a tenant's namespaces: labels, annotations, the cordon.

use super::super::{CORDONED_LABEL, TENANT_LABEL, controller, generated, namespaces_of};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Registry;
use crate::demo::schema::Era;

/// Brings a tenant's namespaces to what the tenant says.
pub fn keep(registry: &mut Registry, tenant: &Object) {
    let by = controller();
    let era = registry.era;
    let is_cordoned = tenant.flag(&["spec", "cordoned"]);
    // Uncordoning takes the label from all, whoever has set it; at rest a namespace's own cordon stays.
    let was_cordoned = tenant.text(&["status", "state"]) == Some("Cordoned");
    let (labels, annotations) = generated::namespace_metadata(tenant, era);
    for name in namespaces_of(registry, tenant) {
        registry.change(&by, "namespaces", "", "", &name, |namespace| {
            if namespace.is_terminating() {
                return;
            }
            namespace.set(&["metadata", "labels", TENANT_LABEL], tenant.name());
            namespace.set(&["metadata", "labels", "kubernetes.io/metadata.name"], name.clone());
            match era {
                Era::V0_4 => namespace.set(&["metadata", "labels", "name"], name.clone()),
                Era::V0_14 if is_cordoned => namespace.set(&["metadata", "labels", CORDONED_LABEL], "true"),
                Era::V0_14 if was_cordoned => drop(namespace.unset(&["metadata", "labels", CORDONED_LABEL])),
                Era::V0_14 => {}
            }
            for (key, value) in &labels {
                namespace.set(&["metadata", "labels", key], value.clone());
            }
            for (key, value) in &annotations {
                namespace.set(&["metadata", "annotations", key], value.clone());
            }
        });
    }
}
