//! Quotas and limit ranges.

use serde_json::Value;

use super::super::names;
use super::{Faults, forbidden, invalid, invalid_each, items, required, resources, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::quantity::Quantity;
use crate::demo::status::FieldFault;

const COUNTED: [&str; 10] = [
    "pods",
    "services",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
    "count/",
];
const MEASURED: [&str; 11] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "storage",
];

pub(super) fn quota(object: &Object, faults: &mut Faults) {
    for (name, given) in value_at(object, &["spec", "hard"]).as_object().into_iter().flatten() {
        let field = format!("spec.hard[{name}]");
        let is_counted = COUNTED.contains(&name.as_str());
        if !name.contains('/')
            && !is_counted
            && !MEASURED.contains(&name.as_str())
            && !name.starts_with("requests.hugepages-")
            && !name.starts_with("hugepages-")
        {
            let shown = Value::from(name.as_str());
            let said = names::qualified_name(name);
            if said.is_empty() {
                invalid(faults, &field, &shown, "must be a standard resource type or fully qualified");
            }
            invalid_each(faults, &field, name, said);
            invalid(faults, &field, &shown, "must be a standard resource for quota");
        }
        let Some(amount) = given.as_str().and_then(Quantity::parse) else { continue };
        if amount.is_negative() {
            invalid(faults, &field, given, "must be greater than or equal to 0");
        }
        if (is_counted || name.starts_with("count/")) && !amount.is_whole() {
            invalid(faults, &field, given, "must be an integer");
        }
    }
    let known = [
        "Terminating",
        "NotTerminating",
        "BestEffort",
        "NotBestEffort",
        "PriorityClass",
        "CrossNamespacePodAffinity",
        "VolumeAttributesClass",
    ];
    let scopes = value_at(object, &["spec", "scopes"]);
    for scope in object.list(&["spec", "scopes"]).iter().filter_map(Value::as_str) {
        if !known.contains(&scope) {
            invalid(faults, "spec.scopes", scopes, "unsupported scope");
        } else if scope == "BestEffort"
            && value_at(object, &["spec", "hard"]).as_object().into_iter().flatten().any(|(name, _)| name != "pods")
        {
            invalid(faults, "spec.scopes", scopes, "unsupported scope applied to resource");
        }
    }
}

/// What limits are for, where the type is not somebody's own.
const STANDARD: [&str; 3] = ["Pod", "Container", "PersistentVolumeClaim"];

pub(super) fn limits(object: &Object, faults: &mut Faults) {
    let mut known = Vec::new();
    for (at, limit) in items(object, &["spec", "limits"]) {
        let here = format!("spec.limits[{at}]");
        let of = text(limit, &["type"]);
        let said = names::qualified_name(of);
        if said.is_empty() && !of.contains('/') && !STANDARD.contains(&of) {
            invalid(faults, format!("{here}.type"), &of.into(), "must be a standard limit type or fully qualified");
        }
        invalid_each(faults, &format!("{here}.type"), of, said);
        if known.contains(&of) {
            faults.push(FieldFault::duplicate(format!("{here}.type"), &of.into()));
        }
        known.push(of);
        lists(of, limit, &here, faults);
        compare(limit, &here, faults);
    }
}

/// Whose names may be where.
fn lists(of: &str, limit: &Value, here: &str, faults: &mut Faults) {
    for list in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
        let Some(amounts) = limit.get(list).and_then(Value::as_object).filter(|amounts| !amounts.is_empty()) else {
            continue;
        };
        if of == "Pod" && list.starts_with("default") {
            forbidden(faults, format!("{here}.{list}"), "may not be specified when `type` is 'Pod'");
            continue;
        }
        for name in amounts.keys() {
            let field = format!("{here}.{list}[{name}]");
            match of {
                "Pod" | "Container" => resources::name_of_container(name, &field, faults),
                _ => drop(resources::name(name, &field, faults)),
            }
        }
    }
    let has_storage = |list: &str| limit.at(&[list, "storage"]).is_some();
    if of == "PersistentVolumeClaim" && !has_storage("min") && !has_storage("max") {
        let says = "either minimum or maximum storage value is required, but neither was provided";
        required(faults, format!("{here}.limits"), says);
    }
}

/// What is less must be less: `min`, `defaultRequest`, `default`, `max`.
fn compare(limit: &Value, here: &str, faults: &mut Faults) {
    let lists = ["max", "min", "default", "defaultRequest"];
    let names: std::collections::BTreeSet<&String> =
        lists.iter().filter_map(|list| limit.get(*list)?.as_object()).flat_map(|map| map.keys()).collect();
    for name in names {
        let of = |list: &str| limit.text(&[list, name]).and_then(|given| Some((given, Quantity::parse(given)?)));
        let (max, min, default, request) = (of("max"), of("min"), of("default"), of("defaultRequest"));
        let mut must = |less: Option<(&str, Quantity)>,
                        more: Option<(&str, Quantity)>,
                        field: &str,
                        shows_less: bool,
                        says: [&str; 2]| {
            if let (Some((a, less)), Some((b, more))) = (less, more)
                && less > more
            {
                let [less_name, more_name] = says;
                let shown: Value = if shows_less { a } else { b }.into();
                let says = format!("{less_name} value {a} is greater than {more_name} value {b}");
                invalid(faults, format!("{here}.{field}[{name}]"), &shown, &says);
            }
        };
        must(min, max, "min", true, ["min", "max"]);
        must(min, request, "defaultRequest", false, ["min", "default request"]);
        must(request, max, "defaultRequest", true, ["default request", "max"]);
        must(request, default, "defaultRequest", true, ["default request", "default limit"]);
        must(min, default, "default", true, ["min", "default"]);
        must(default, max, "default", false, ["default", "max"]);
    }
}
