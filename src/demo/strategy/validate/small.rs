//! Kinds with few rules.

use super::{Faults, forbidden, invalid, items, one_of, required, text};
use crate::demo::object::{Meta as _, Object};

pub(super) fn event(event: &Object, faults: &mut Faults) {
    let namespace = text(event, &["involvedObject", "namespace"]);
    let is_fine = if namespace.is_empty() {
        matches!(event.namespace(), "default" | "kube-system")
    } else {
        namespace == event.namespace()
    };
    if !is_fine && text(event, &["eventTime"]).is_empty() {
        invalid(faults, "involvedObject.namespace", &namespace.into(), "does not match event.namespace");
    }
}

pub(super) fn priority_class(old: Option<&Object>, class: &Object, faults: &mut Faults) {
    const HIGHEST: i64 = 1_000_000_000;
    let name = class.name();
    if name.starts_with("system-") {
        if old.is_none() && !matches!(name, "system-node-critical" | "system-cluster-critical") {
            let says = format!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {name} is not a known system priority class"
            );
            forbidden(faults, "metadata.name", &says);
        }
    } else if class.int(&["value"]).is_some_and(|value| value > HIGHEST) {
        forbidden(faults, "value", &format!("maximum allowed value of a user defined priority is {HIGHEST}"));
    }
    let policy = text(class, &["preemptionPolicy"]);
    if !policy.is_empty() {
        one_of(faults, "preemptionPolicy", policy, &["PreemptLowerPriority", "Never"]);
    }
}

pub(super) fn lease(lease: &Object, faults: &mut Faults) {
    if let Some(seconds) = lease.int(&["spec", "leaseDurationSeconds"]).filter(|seconds| *seconds <= 0) {
        invalid(faults, "spec.leaseDurationSeconds", &seconds.into(), "must be greater than 0");
    }
    super::nonnegative(faults, lease, &["spec", "leaseTransitions"], "spec.leaseTransitions");
}

pub(super) fn endpoint_slice(slice: &Object, faults: &mut Faults) {
    let of = text(slice, &["addressType"]);
    if of.is_empty() {
        required(faults, "addressType", "");
    } else {
        one_of(faults, "addressType", of, &["FQDN", "IPv4", "IPv6"]);
    }
    for (at, endpoint) in items(slice, &["endpoints"]) {
        if endpoint.list(&["addresses"]).is_empty() {
            required(faults, format!("endpoints[{at}].addresses"), "");
        }
    }
}
