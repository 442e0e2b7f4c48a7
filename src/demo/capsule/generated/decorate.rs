//! Labels and annotations that a tenant wants on its Services, their endpoints, and (new era) its pods.
//!
//! Controllers of their own put them on after creation, so the answer to a create has none: `controllers/servicelabels` and
//! `internal/controllers/pod`.

use serde_json::{Map, Value};

use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};
use crate::demo::schema::Era;

/// Puts them on what lies in the namespaces.
pub(super) fn reconcile(registry: &mut Registry, by: &Caller, tenant: &Object, namespaces: &[String]) {
    let (services, pods): (&[&str], &[&str]) = match registry.era {
        Era::V0_14 => (&["services", "endpointslices.discovery.k8s.io"], &["pods"]),
        Era::V0_4 => (&["services", "endpoints", "endpointslices.discovery.k8s.io"], &[]),
    };
    for (options, resources) in [("serviceOptions", services), ("podOptions", pods)] {
        let Some(wanted) = tenant.at(&["spec", options, "additionalMetadata"]).and_then(Value::as_object) else {
            continue;
        };
        for (resource, namespace) in resources.iter().flat_map(|one| namespaces.iter().map(move |name| (*one, name))) {
            let bare: Vec<String> = registry
                .views(resource, Some(namespace))
                .filter(|object| !object.is_terminating() && !wears(object, wanted))
                .map(|object| object.name().to_owned())
                .collect();
            for name in bare {
                registry.change(by, resource, "", namespace, &name, |object| dress(object, wanted));
            }
        }
    }
}

/// Each of the labels and annotations.
fn each(wanted: &Map<String, Value>) -> impl Iterator<Item = (&'static str, &String, &Value)> {
    ["labels", "annotations"].into_iter().flat_map(|part| {
        wanted.get(part).and_then(Value::as_object).into_iter().flatten().map(move |(key, value)| (part, key, value))
    })
}

fn wears(object: &Object, wanted: &Map<String, Value>) -> bool {
    each(wanted).all(|(part, key, value)| object.at(&["metadata", part, key]) == Some(value))
}

fn dress(object: &mut Object, wanted: &Map<String, Value>) {
    for (part, key, value) in each(wanted) {
        object.set(&["metadata", part, key], value.clone());
    }
}
