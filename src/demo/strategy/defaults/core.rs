//! The other kinds of the core group.

use serde_json::{Value, json};

use super::{Fields, fill, is_empty, text};

pub(super) fn visit(name: &str, map: &mut Fields) {
    match name {
        "core.Service" => service(map),
        "core.Secret" => fill(map, "type", "Opaque"),
        "core.PersistentVolume" => {
            phase(map, "Pending");
            if let Some(spec) = map.get_mut("spec").and_then(Value::as_object_mut) {
                fill(spec, "persistentVolumeReclaimPolicy", "Retain");
                fill(spec, "volumeMode", "Filesystem");
            }
        }
        "core.PersistentVolumeClaim" => phase(map, "Pending"),
        "core.PersistentVolumeClaimSpec" => fill(map, "volumeMode", "Filesystem"),
        "core.EndpointPort" => fill(map, "protocol", "TCP"),
        "core.Namespace" => namespace(map),
        "core.NodeStatus" if is_empty(map, "allocatable") => {
            if let Some(capacity) = map.get("capacity").filter(|one| !one.is_null()).cloned() {
                map.insert("allocatable".into(), capacity);
            }
        }
        "core.LimitRangeItem" if text(map, "type") == "Container" => limit(map),
        _ => {}
    }
}

fn phase(map: &mut Fields, phase: &str) {
    if let Some(status) = super::inner(map, "status") {
        fill(status, "phase", phase);
    }
}

fn namespace(map: &mut Fields) {
    phase(map, "Active");
    let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    let name = text(metadata, "name").to_owned();
    if let (false, Some(labels)) = (name.is_empty(), super::inner(metadata, "labels")) {
        labels.insert("kubernetes.io/metadata.name".into(), name.into());
    }
}

/// `max` gives `default`, `default` gives `defaultRequest`, and `min` does where neither did.
fn limit(map: &mut Fields) {
    for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
        let Some(amounts) = map.get(from).and_then(Value::as_object).filter(|one| !one.is_empty()).cloned() else {
            continue;
        };
        if let Some(target) = super::inner(map, to) {
            for (name, amount) in amounts {
                target.entry(name).or_insert(amount);
            }
        }
    }
}

fn service(map: &mut Fields) {
    let Some(spec) = map.get_mut("spec").and_then(Value::as_object_mut) else { return };
    fill(spec, "sessionAffinity", "None");
    match text(spec, "sessionAffinity") {
        "None" => drop(spec.remove("sessionAffinityConfig")),
        "ClientIP" => {
            let path = "/sessionAffinityConfig/clientIP/timeoutSeconds";
            let is_set = Value::Object(spec.clone()).pointer(path).is_some_and(|seconds| !seconds.is_null());
            if !is_set {
                spec.insert("sessionAffinityConfig".into(), json!({"clientIP": {"timeoutSeconds": 10800}}));
            }
        }
        _ => {}
    }
    fill(spec, "type", "ClusterIP");
    for port in
        spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
    {
        fill(port, "protocol", "TCP");
        let number = port.get("port").cloned().unwrap_or_else(|| json!(0));
        if port.get("targetPort").is_none_or(|target| target.is_null() || *target == json!(0) || *target == json!("")) {
            port.insert("targetPort".into(), number);
        }
    }
    let of = text(spec, "type").to_owned();
    let is_outside = matches!(of.as_str(), "NodePort" | "LoadBalancer");
    // As `service.ExternallyAccessible`.
    if is_outside || (of == "ClusterIP" && !is_empty(spec, "externalIPs")) {
        fill(spec, "externalTrafficPolicy", "Cluster");
    }
    if is_outside || of == "ClusterIP" {
        fill(spec, "internalTrafficPolicy", "Cluster");
    }
    if of == "LoadBalancer" {
        fill(spec, "allocateLoadBalancerNodePorts", true);
        let status = map.get_mut("status").and_then(|status| status.pointer_mut("/loadBalancer/ingress"));
        for point in status.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
            if !text(point, "ip").is_empty() {
                fill(point, "ipMode", "VIP");
            }
        }
    }
}
