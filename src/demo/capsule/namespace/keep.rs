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
    // Uncordoning takes the label from all, whoever has set it; at rest a namespace's own cordon stays. The status comes after the
    // labels: of a tenant that was uncordoned in between it never said that it was cordoned, but the labels are ours.
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
                Era::V0_14 if was_cordoned || is_ours(namespace, &by.manager) => {
                    drop(namespace.unset(&["metadata", "labels", CORDONED_LABEL]));
                }
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

/// Whether the controller itself has put the label of the cordon on a namespace.
fn is_ours(namespace: &Object, manager: &str) -> bool {
    let field = format!("f:{CORDONED_LABEL}");
    namespace.list(&["metadata", "managedFields"]).iter().any(|entry| {
        entry.text(&["manager"]) == Some(manager)
            && entry.get("fieldsV1").is_some_and(|fields| {
                fields.pointer("/f:metadata/f:labels").is_some_and(|labels| labels.get(&field).is_some())
            })
    })
}
