//! Autoscalers and disruption budgets.

use serde_json::Value;

use super::super::names;
use super::{
    Faults, forbidden, invalid, invalid_each, items, one_of, required, resources, selector, text, value_at, workload,
};
use crate::demo::object::{Meta as _, Object};
use crate::demo::quantity::Quantity;
use crate::demo::status::FieldFault;

pub(super) fn autoscaler(object: &Object, faults: &mut Faults) {
    let spec = value_at(object, &["spec"]);
    let (least, most) = (spec.int(&["minReplicas"]), spec.int(&["maxReplicas"]).unwrap_or_default());
    if least.is_some_and(|least| most < least) {
        invalid(faults, "spec.maxReplicas", &most.into(), "must be greater than or equal to `minReplicas`");
    }
    reference(value_at(spec, &["scaleTargetRef"]), "spec.scaleTargetRef", faults);
    for (at, metric) in items(spec, &["metrics"]) {
        one_metric(metric, &format!("spec.metrics[{at}]"), faults);
    }
    let is_outside = |metric: &Value| matches!(text(metric, &["type"]), "Object" | "External");
    if least == Some(0) && !spec.list(&["metrics"]).iter().any(is_outside) {
        let says = "must specify at least one Object or External metric to support scaling to zero replicas";
        forbidden(faults, "spec.metrics", says);
    }
    if let Some(least) = least.filter(|least| *least < 0) {
        invalid(faults, "spec.minReplicas", &least.into(), "must be greater than or equal to 0");
    }
    if most == 0 {
        required(faults, "spec.maxReplicas", "");
    } else if most < 0 {
        invalid(faults, "spec.maxReplicas", &most.into(), "must be greater than 0");
    }
}

const SOURCES: [&str; 5] = ["ContainerResource", "External", "Object", "Pods", "Resource"];

/// As `validateMetricSpec`.
fn one_metric(metric: &Value, here: &str, faults: &mut Faults) {
    let of = text(metric, &["type"]);
    if of.is_empty() {
        required(faults, format!("{here}.type"), "must specify a metric source type");
    }
    one_of(faults, format!("{here}.type"), of, &SOURCES);
    let present: Vec<&str> = ["object", "external", "pods", "resource", "containerResource"]
        .into_iter()
        .filter(|source| metric.at(&[source]).is_some_and(|source| !source.is_null()))
        .collect();
    if let Some(source) = present.first() {
        one_source(source, value_at(metric, &[source]), &format!("{here}.{source}"), faults);
    }
    let mut first = of.chars();
    let expected: String = first.next().map(|letter| letter.to_ascii_lowercase()).into_iter().chain(first).collect();
    if SOURCES.contains(&of) && !present.contains(&expected.as_str()) {
        required(faults, format!("{here}.{expected}"), "must populate information for the given metric source");
    }
    if present.len() != 1 {
        for other in present.iter().filter(|source| **source != expected) {
            forbidden(faults, format!("{here}.{other}"), "must populate the given metric source only");
        }
    }
}

fn one_source(source: &str, value: &Value, here: &str, faults: &mut Faults) {
    let is_there = |part: &str| value.at(&["target", part]).is_some_and(|value| !value.is_null());
    match source {
        "resource" | "containerResource" => {
            let name = text(value, &["name"]);
            if name.is_empty() {
                required(faults, format!("{here}.name"), "must specify a resource name");
            } else if source == "containerResource" {
                resources::name_of_container(name, &format!("{here}.name"), faults);
            }
            if source == "containerResource" {
                let container = text(value, &["container"]);
                if container.is_empty() {
                    required(faults, format!("{here}.container"), "must specify a container");
                } else {
                    invalid_each(faults, &format!("{here}.container"), container, names::dns_label(container));
                }
            }
            target(value, here, faults);
            match (is_there("averageUtilization"), is_there("averageValue")) {
                (false, false) => {
                    let says = "must set either a target raw value or a target utilization";
                    required(faults, format!("{here}.target.averageUtilization"), says);
                }
                (true, true) => {
                    let says = "may not set both a target raw value and a target utilization";
                    forbidden(faults, format!("{here}.target.averageValue"), says);
                }
                _ => {}
            }
        }
        _ => {
            if source == "object" {
                reference(value_at(value, &["describedObject"]), &format!("{here}.describedObject"), faults);
            }
            let name = text(value, &["metric", "name"]);
            if name.is_empty() {
                required(faults, format!("{here}.metric.name"), "must specify a metric name");
            } else {
                invalid_each(faults, &format!("{here}.metric.name"), name, names::path_segment(name));
            }
            target(value, here, faults);
            let says = match source {
                "pods" if !is_there("averageValue") => "must specify a positive target averageValue",
                "object" if !is_there("value") && !is_there("averageValue") => {
                    "must set either a target value or averageValue"
                }
                "external" if !is_there("value") && !is_there("averageValue") => {
                    "must set either a target value for metric or a per-pod target"
                }
                _ => "",
            };
            if !says.is_empty() {
                required(faults, format!("{here}.target.averageValue"), says);
            }
            if source == "external" && is_there("value") && is_there("averageValue") {
                let says = "may not set both a target value for metric and a per-pod target";
                forbidden(faults, format!("{here}.target.value"), says);
            }
        }
    }
}

/// As `validateMetricTarget`.
fn target(source: &Value, here: &str, faults: &mut Faults) {
    let target = value_at(source, &["target"]);
    let here = format!("{here}.target");
    let of = text(target, &["type"]);
    if of.is_empty() {
        required(faults, format!("{here}.type"), "must specify a metric target type");
    }
    if !matches!(of, "Utilization" | "Value" | "AverageValue") {
        invalid(faults, format!("{here}.type"), &of.into(), "must be either Utilization, Value, or AverageValue");
    }
    for part in ["value", "averageValue"] {
        let given = target.text(&[part]).and_then(Quantity::parse);
        if given.is_some_and(|given| given.is_zero() || given.is_negative()) {
            invalid(faults, format!("{here}.{part}"), value_at(target, &[part]), "must be positive");
        }
    }
    if let Some(share) = target.int(&["averageUtilization"]).filter(|share| *share < 1) {
        invalid(faults, format!("{here}.averageUtilization"), &share.into(), "must be greater than 0");
    }
}

/// What an autoscaler points at, as `ValidateCrossVersionObjectReference`.
fn reference(to: &Value, here: &str, faults: &mut Faults) {
    for part in ["kind", "name"] {
        let value = text(to, &[part]);
        let field = format!("{here}.{part}");
        if value.is_empty() {
            required(faults, field, "");
        } else {
            invalid_each(faults, &field, value, names::path_segment(value));
        }
    }
    let version = text(to, &["apiVersion"]);
    if !version.contains('/') && text(to, &["kind"]) != "ReplicationController" {
        invalid(faults, format!("{here}.apiVersion"), &version.into(), "apiVersion must specify API group");
    }
}

pub(super) fn budget(object: &Object, faults: &mut Faults) {
    let spec = value_at(object, &["spec"]);
    let part = |name: &str| spec.get(name).unwrap_or(&Value::Null);
    if !part("minAvailable").is_null() && !part("maxUnavailable").is_null() {
        let shown = format!(
            "{{\"MinAvailable\":{},\"Selector\":{},\"MaxUnavailable\":{},\"UnhealthyPodEvictionPolicy\":{}}}",
            part("minAvailable"),
            part("selector"),
            part("maxUnavailable"),
            part("unhealthyPodEvictionPolicy")
        );
        let what = format!("Invalid value: {shown}: minAvailable and maxUnavailable cannot be both set");
        faults.push(FieldFault { reason: "FieldValueInvalid", field: "spec".to_owned(), what });
    }
    for name in ["minAvailable", "maxUnavailable"] {
        workload::amount(part(name), &format!("spec.{name}"), faults);
        workload::at_most_all(part(name), &format!("spec.{name}"), faults);
    }
    selector::check(part("selector"), "spec.selector", faults);
}
