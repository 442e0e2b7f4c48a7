//! Kinds with few rules.

use super::super::names;
use super::{Faults, forbidden, invalid, items, one_of, required, text};
use crate::demo::object::{Meta as _, Object};

/// As `legacyValidateEvent`. `reporter`: what the version of the request calls who reports.
pub(super) fn event(event: &Object, reporter: &str, faults: &mut Faults) {
    let namespace = text(event, &["involvedObject", "namespace"]);
    let is_old = text(event, &["eventTime"]).is_empty();
    let homes: &[&str] = if is_old { &["", "default"] } else { &["default", "kube-system"] };
    let is_home = if namespace.is_empty() {
        homes.contains(&event.namespace())
    } else {
        // What is new is not held to its namespace.
        !is_old || namespace == event.namespace()
    };
    if !is_home {
        invalid(faults, "involvedObject.namespace", &namespace.into(), "does not match event.namespace");
    }
    if is_old {
        return;
    }
    let by = text(event, &["reportingComponent"]);
    if by.is_empty() {
        required(faults, reporter, "");
    }
    super::invalid_each(faults, reporter, by, names::qualified_name(by));
    for (field, limit) in [("reportingInstance", 128), ("action", 128), ("reason", 128)] {
        let given = text(event, &[field]);
        if given.is_empty() {
            required(faults, field, "");
        }
        too_long(faults, field, given, limit);
    }
    too_long(faults, "message", text(event, &["message"]), 1024);
}

fn too_long(faults: &mut Faults, field: &str, given: &str, limit: usize) {
    if given.len() > limit {
        invalid(faults, field, &"".into(), &format!("can have at most {limit} characters"));
    }
}

/// What `ValidateEventCreate` asks of the new form beyond that.
pub(super) fn new_event(event: &Object, faults: &mut Faults) {
    if event.at(&["series"]).is_some_and(|series| !series.is_null()) {
        if event.int(&["series", "count"]).unwrap_or_default() < 2 {
            invalid(faults, "series.count", &"".into(), "should be at least 2");
        }
        if text(event, &["series", "lastObservedTime"]).is_empty() {
            required(faults, "series.lastObservedTime", "");
        }
    }
    if text(event, &["eventTime"]).is_empty() {
        required(faults, "eventTime", "");
    }
    let kind = text(event, &["type"]);
    if !matches!(kind, "Normal" | "Warning") {
        invalid(faults, "type", &"".into(), &format!("has invalid value: {kind}"));
    }
    for field in ["firstTimestamp", "lastTimestamp"] {
        if !text(event, &[field]).is_empty() {
            invalid(faults, field, &"".into(), "needs to be unset");
        }
    }
    if event.int(&["count"]).unwrap_or_default() != 0 {
        invalid(faults, "count", &"".into(), "needs to be unset");
    }
    if ["component", "host"].iter().any(|part| !text(event, &["source", part]).is_empty()) {
        invalid(faults, "source", &"".into(), "needs to be unset");
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
