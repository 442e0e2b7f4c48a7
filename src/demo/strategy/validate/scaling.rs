//! Autoscalers and disruption budgets.

use serde_json::Value;

use super::{Faults, invalid, items, one_of, required, selector, text, value_at, workload};
use crate::demo::object::{Meta as _, Object};
use crate::demo::status::FieldFault;

pub(super) fn autoscaler(object: &Object, faults: &mut Faults) {
    let spec = value_at(object, &["spec"]);
    let (least, most) = (spec.int(&["minReplicas"]), spec.int(&["maxReplicas"]).unwrap_or_default());
    if most > 0 && least.is_some_and(|least| most < least) {
        invalid(faults, "spec.maxReplicas", &most.into(), "must be greater than or equal to `minReplicas`");
    }
    for part in ["kind", "name"] {
        let value = text(spec, &["scaleTargetRef", part]);
        let field = format!("spec.scaleTargetRef.{part}");
        if value.is_empty() {
            required(faults, field, "");
        } else {
            super::invalid_each(faults, &field, value, super::super::names::path_segment(value));
        }
    }
    if !text(spec, &["scaleTargetRef", "apiVersion"]).contains('/')
        && text(spec, &["scaleTargetRef", "kind"]) != "ReplicationController"
    {
        let shown = text(spec, &["scaleTargetRef", "apiVersion"]);
        invalid(faults, "spec.scaleTargetRef.apiVersion", &shown.into(), "apiVersion must specify API group");
    }
    for (at, metric) in items(spec, &["metrics"]) {
        one_metric(metric, &format!("spec.metrics[{at}]"), faults);
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

fn one_metric(metric: &Value, here: &str, faults: &mut Faults) {
    let of = text(metric, &["type"]);
    one_of(faults, format!("{here}.type"), of, &["ContainerResource", "External", "Object", "Pods", "Resource"]);
    if of != "Resource" {
        return;
    }
    let target = value_at(metric, &["resource", "target"]);
    if text(metric, &["resource", "name"]).is_empty() {
        required(faults, format!("{here}.resource.name"), "must specify a resource name");
    }
    if target.at(&["averageUtilization"]).is_none() && target.at(&["averageValue"]).is_none() {
        let says = "must set either a target raw value or a target utilization";
        required(faults, format!("{here}.resource.target.averageUtilization"), says);
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
