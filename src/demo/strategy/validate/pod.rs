//! Pods and templates of pods (`ValidatePodSpec`).

use serde_json::Value;

use super::super::names;
use super::{Faults, container, invalid, invalid_each, items, meta, one_of, required, text, value_at, volume};
use crate::demo::object::{Meta as _, Object};

pub(super) fn pod(pod: &Object, faults: &mut Faults) {
    spec(value_at(pod, &["spec"]), "spec", faults);
    for (at, one) in items(pod, &["spec", "containers"]) {
        let image = text(one, &["image"]);
        if image.trim() != image {
            let says = "must not have leading or trailing whitespace";
            invalid(faults, format!("spec.containers[{at}].image"), &image.into(), says);
        }
    }
}

/// As `ValidatePodTemplateSpec`.
pub(super) fn template(template: &Value, field: &str, faults: &mut Faults) {
    meta::labels(value_at(template, &["metadata", "labels"]), &format!("{field}.labels"), faults);
    meta::annotations(value_at(template, &["metadata", "annotations"]), &format!("{field}.annotations"), faults);
    spec(value_at(template, &["spec"]), &format!("{field}.spec"), faults);
}

fn spec(spec: &Value, field: &str, faults: &mut Faults) {
    let volumes = volume::check(spec, field, faults);
    container::check(spec, field, &volumes, faults);
    let policy = text(spec, &["restartPolicy"]);
    if policy.is_empty() {
        required(faults, format!("{field}.restartPolicy"), "");
    } else {
        one_of(faults, format!("{field}.restartPolicy"), policy, &["Always", "OnFailure", "Never"]);
    }
    let policy = text(spec, &["dnsPolicy"]);
    if policy.is_empty() {
        required(faults, format!("{field}.dnsPolicy"), "");
    } else {
        let known = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
        one_of(faults, format!("{field}.dnsPolicy"), policy, &known);
    }
    meta::labels(value_at(spec, &["nodeSelector"]), &format!("{field}.nodeSelector"), faults);
    if policy == "None" {
        let says = "when `dnsPolicy` is None";
        if value_at(spec, &["dnsConfig"]).is_null() {
            required(faults, format!("{field}.dnsConfig"), &format!("must provide `dnsConfig` {says}"));
        } else if spec.list(&["dnsConfig", "nameservers"]).is_empty() {
            let says = format!("must provide at least one DNS nameserver {says}");
            required(faults, format!("{field}.dnsConfig.nameservers"), &says);
        }
    }
    let account = text(spec, &["serviceAccountName"]);
    if !account.is_empty() {
        invalid_each(faults, &format!("{field}.serviceAccountName"), account, names::dns_subdomain(account));
    }
    let node = text(spec, &["nodeName"]);
    if !node.is_empty() {
        invalid_each(faults, &format!("{field}.nodeName"), node, names::dns_subdomain(node));
    }
    if let Some(seconds) = spec.int(&["activeDeadlineSeconds"])
        && !(1..=i64::from(i32::MAX)).contains(&seconds)
    {
        let says = "must be between 1 and 2147483647, inclusive";
        invalid(faults, format!("{field}.activeDeadlineSeconds"), &seconds.into(), says);
    }
    for name in ["hostname", "subdomain"] {
        let value = text(spec, &[name]);
        if !value.is_empty() {
            invalid_each(faults, &format!("{field}.{name}"), value, names::dns_label(value));
        }
    }
    tolerations(spec.list(&["tolerations"]), &format!("{field}.tolerations"), faults);
}

/// As `ValidateTolerations`.
pub(super) fn tolerations(tolerations: &[Value], field: &str, faults: &mut Faults) {
    for (at, toleration) in tolerations.iter().enumerate() {
        let here = format!("{field}[{at}]");
        let part = |name: &str| text(toleration, &[name]);
        let (key, operator, value, effect) = (part("key"), part("operator"), part("value"), part("effect"));
        if !key.is_empty() {
            invalid_each(faults, &format!("{here}.key"), key, names::qualified_name(key));
        } else if operator != "Exists" {
            let says = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            invalid(faults, format!("{here}.operator"), &operator.into(), says);
        }
        if toleration.int(&["tolerationSeconds"]).is_some() && effect != "NoExecute" {
            let says = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            invalid(faults, format!("{here}.effect"), &effect.into(), says);
        }
        match operator {
            "Equal" | "" => {
                let said = names::label_value(value).join(";");
                if !said.is_empty() {
                    invalid(faults, format!("{here}.operator"), &value.into(), &said);
                }
            }
            "Exists" if value.is_empty() => {}
            "Exists" => {
                let says = "value must be empty when `operator` is 'Exists'";
                invalid(faults, format!("{here}.operator"), &value.into(), says);
            }
            "Lt" | "Gt" => one_of(faults, format!("{here}.operator"), operator, &["Equal", "Exists", "Lt", "Gt"]),
            _ => one_of(faults, format!("{here}.operator"), operator, &["Equal", "Exists"]),
        }
        if !effect.is_empty() {
            one_of(faults, format!("{here}.effect"), effect, &["NoSchedule", "PreferNoSchedule", "NoExecute"]);
        }
    }
}
