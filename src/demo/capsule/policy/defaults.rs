//! The classes that an object gets when it names none, or only the cluster's default: `internal/webhook/defaults`.

use serde_json::{Value, json};

use super::allowed::Allowed;
use super::{claims, ingresses};
use crate::demo::capsule::TENANT_LABEL;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Operation, Registry, Review};
use crate::demo::schema::Era;

/// Gives an object the tenant's defaults. Returns the class and what it is a class of (`Priority`, `Storage`, `Ingress`), if
/// the old era tells of it.
pub(super) fn complete(
    registry: &Registry,
    tenant: &Object,
    review: &Review<'_>,
    object: &mut Object,
) -> Option<(String, &'static str)> {
    let is_new = review.operation == Operation::Create;
    match (review.kind.group.as_str(), review.kind.resource.as_str()) {
        ("", "pods") if is_new => pod(registry, tenant, object).map(|class| (class, "Priority")),
        ("", "persistentvolumeclaims") => {
            if registry.era == Era::V0_14 && claims::concerns(review, object) {
                select(tenant, is_new, object);
            }
            if is_new { claim(registry, tenant, object).map(|class| (class, "Storage")) } else { None }
        }
        ("networking.k8s.io", "ingresses") => ingress(registry, tenant, object).map(|class| (class, "Ingress")),
        ("gateway.networking.k8s.io", "gateways") if registry.era == Era::V0_14 => {
            gateway(tenant, object);
            None
        }
        _ => None,
    }
}

/// A tenant's default class of a sort.
fn default_of<'a>(tenant: &'a Object, path: &[&str]) -> Option<&'a str> {
    Some(Allowed::of(tenant, path)?.default()).filter(|class| !class.is_empty())
}

/// Whether a class is the cluster's default by an annotation.
fn is_default(class: Option<&Object>, annotation: &str) -> bool {
    class.is_some_and(|class| class.annotation(annotation) == Some("true"))
}

fn pod(registry: &Registry, tenant: &Object, pod: &mut Object) -> Option<String> {
    if registry.era == Era::V0_14
        && let Some(class) = default_of(tenant, &["spec", "runtimeClasses"])
        && pod.text(&["spec", "runtimeClassName"]).unwrap_or_default().is_empty()
    {
        pod.set(&["spec", "runtimeClassName"], class);
    }
    let class = default_of(tenant, &["spec", "priorityClasses"])?;
    let named = pod.text(&["spec", "priorityClassName"]).unwrap_or_default();
    if !named.is_empty() && named != class {
        let named = registry.get("priorityclasses.scheduling.k8s.io", "", named)?;
        if !named.flag(&["globalDefault"]) {
            return None;
        }
    }
    let found = registry.get("priorityclasses.scheduling.k8s.io", "", class)?;
    pod.set(&["spec", "priorityClassName"], class);
    pod.set(&["spec", "priority"], found.int(&["value"]).unwrap_or_default());
    match found.get("preemptionPolicy") {
        Some(policy) => pod.set(&["spec", "preemptionPolicy"], policy.clone()),
        None => drop(pod.unset(&["spec", "preemptionPolicy"])),
    }
    Some(class.to_owned())
}

fn claim(registry: &Registry, tenant: &Object, claim: &mut Object) -> Option<String> {
    let class = default_of(tenant, &["spec", "storageClasses"])?;
    if let Some(named) = claim.text(&["spec", "storageClassName"]).filter(|named| *named != class) {
        let named = registry.get("storageclasses.storage.k8s.io", "", named);
        if !is_default(named.as_ref(), "storageclass.kubernetes.io/is-default-class") {
            return None;
        }
    }
    claim.set(&["spec", "storageClassName"], class);
    Some(class.to_owned())
}

fn ingress(registry: &Registry, tenant: &Object, ingress: &mut Object) -> Option<String> {
    let class = default_of(tenant, &["spec", "ingressOptions", "allowedClasses"])?;
    if let Some(named) = ingresses::class_of(ingress).filter(|named| *named != class) {
        let named = registry.get("ingressclasses.networking.k8s.io", "", named);
        if !is_default(named.as_ref(), "ingressclass.kubernetes.io/is-default-class") {
            return None;
        }
    }
    let is_annotated = ingress.text(&["spec", "ingressClassName"]).is_none()
        && ingress.annotation(ingresses::CLASS_ANNOTATION).is_some();
    let path: &[&str] = if is_annotated {
        &["metadata", "annotations", ingresses::CLASS_ANNOTATION]
    } else {
        &["spec", "ingressClassName"]
    };
    ingress.set(path, class);
    Some(class.to_owned())
}

fn gateway(tenant: &Object, gateway: &mut Object) {
    if let Some(class) = default_of(tenant, &["spec", "gatewayOptions", "allowedClasses"])
        && gateway.text(&["spec", "gatewayClassName"]).unwrap_or_default().is_empty()
    {
        gateway.set(&["spec", "gatewayClassName"], class);
    }
}

/// Claims that are bound by hand get the tenant's own volumes only: `pvc/pvc_mutating_volume.go`.
fn select(tenant: &Object, is_new: bool, claim: &mut Object) {
    let has_selector = claim.at(&["spec", "selector"]).is_some_and(Value::is_object);
    let names_volume = claim.text(&["spec", "volumeName"]).is_some_and(|name| !name.is_empty());
    if !(has_selector || is_new && names_volume) {
        return;
    }
    claim.unset(&["spec", "selector", "matchLabels", TENANT_LABEL]);
    if claim.at(&["spec", "selector", "matchLabels"]).and_then(Value::as_object).is_some_and(serde_json::Map::is_empty)
    {
        claim.unset(&["spec", "selector", "matchLabels"]);
    }
    let mut expressions: Vec<Value> = claim
        .list(&["spec", "selector", "matchExpressions"])
        .iter()
        .filter(|one| one.text(&["key"]) != Some(TENANT_LABEL))
        .cloned()
        .collect();
    expressions.push(json!({"key": TENANT_LABEL, "operator": "In", "values": [tenant.name()]}));
    claim.set(&["spec", "selector", "matchExpressions"], expressions);
}
