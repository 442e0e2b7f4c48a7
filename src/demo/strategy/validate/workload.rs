//! Deployments, replica sets, stateful sets and daemon sets (`pkg/apis/apps/validation`).

use std::borrow::Cow;

use serde_json::{Value, json};

use super::super::{built_in, names};
use super::{Faults, forbidden, invalid, invalid_each, nonnegative, pod, required, selector, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;
use crate::demo::status::FieldFault;

pub(super) fn deployment(object: &Object, faults: &mut Faults) {
    nonnegative(faults, object, &["spec", "replicas"], "spec.replicas");
    selected(object, "deployment", "invalid label selector", "ReplicaSet", faults);
    let strategy = value_at(object, &["spec", "strategy"]);
    let rolling = strategy.get("rollingUpdate");
    match text(strategy, &["type"]) {
        "Recreate" if rolling.is_some() => {
            let says = "may not be specified when strategy `type` is 'Recreate'";
            forbidden(faults, "spec.strategy.rollingUpdate", says);
        }
        "Recreate" => {}
        "RollingUpdate" => {
            let field = "spec.strategy.rollingUpdate";
            let rolling = rolling.unwrap_or(&Value::Null);
            amount(value_at(rolling, &["maxUnavailable"]), &format!("{field}.maxUnavailable"), faults);
            amount(value_at(rolling, &["maxSurge"]), &format!("{field}.maxSurge"), faults);
            let unavailable = value_at(rolling, &["maxUnavailable"]);
            if number(unavailable) == 0 && number(value_at(rolling, &["maxSurge"])) == 0 {
                invalid(faults, format!("{field}.maxUnavailable"), unavailable, "may not be 0 when `maxSurge` is 0");
            }
            at_most_all(unavailable, &format!("{field}.maxUnavailable"), faults);
        }
        other => {
            let what = format!(
                "Unsupported value: {}: supported values: \"Recreate\", \"RollingUpdate\"",
                in_go(other, rolling)
            );
            faults.push(FieldFault { reason: "FieldValueNotSupported", field: "spec.strategy".to_owned(), what });
        }
    }
    nonnegative(faults, object, &["spec", "minReadySeconds"], "spec.minReadySeconds");
    nonnegative(faults, object, &["spec", "revisionHistoryLimit"], "spec.revisionHistoryLimit");
    nonnegative(faults, object, &["spec", "progressDeadlineSeconds"], "spec.progressDeadlineSeconds");
    if let Some(deadline) = object.int(&["spec", "progressDeadlineSeconds"])
        && deadline <= object.int(&["spec", "minReadySeconds"]).unwrap_or_default()
    {
        invalid(faults, "spec.progressDeadlineSeconds", &deadline.into(), "must be greater than minReadySeconds");
    }
}

pub(super) fn replica_set(object: &Object, faults: &mut Faults) {
    nonnegative(faults, object, &["spec", "replicas"], "spec.replicas");
    nonnegative(faults, object, &["spec", "minReadySeconds"], "spec.minReadySeconds");
    selected(object, "deployment", "invalid label selector", "ReplicaSet", faults);
}

pub(super) fn stateful_set(object: &Object, faults: &mut Faults) {
    let spec = value_at(object, &["spec"]);
    match text(spec, &["podManagementPolicy"]) {
        "OrderedReady" | "Parallel" => {}
        other => invalid(faults, "spec.podManagementPolicy", &other.into(), "must be 'OrderedReady' or 'Parallel'"),
    }
    let rolling = spec.at(&["updateStrategy", "rollingUpdate"]);
    match text(spec, &["updateStrategy", "type"]) {
        "OnDelete" => {
            if let Some(rolling) = rolling {
                let says = "only allowed for updateStrategy 'RollingUpdate'";
                let shown = json!({
                    "Partition": rolling.get("partition").cloned().unwrap_or(json!(0)),
                    "MaxUnavailable": rolling.get("maxUnavailable").cloned(),
                });
                let what = format!(
                    "Invalid value: {{\"Partition\":{},\"MaxUnavailable\":{}}}: {says}",
                    value_at(&shown, &["Partition"]),
                    value_at(&shown, &["MaxUnavailable"])
                );
                let field = "spec.updateStrategy.rollingUpdate".to_owned();
                faults.push(FieldFault { reason: "FieldValueInvalid", field, what });
            }
        }
        "RollingUpdate" => {
            if let Some(rolling) = rolling {
                let field = "spec.updateStrategy.rollingUpdate";
                nonnegative(faults, rolling, &["partition"], format!("{field}.partition"));
                if let Some(unavailable) = rolling.get("maxUnavailable") {
                    amount(unavailable, &format!("{field}.maxUnavailable"), faults);
                    if number(unavailable) == 0 {
                        invalid(faults, format!("{field}.maxUnavailable"), unavailable, "cannot be 0");
                    }
                    at_most_all(unavailable, &format!("{field}.maxUnavailable"), faults);
                }
            }
        }
        other => {
            let what = format!("Invalid value: {}: must be 'RollingUpdate' or 'OnDelete'", in_go(other, rolling));
            faults.push(FieldFault { reason: "FieldValueInvalid", field: "spec.updateStrategy".to_owned(), what });
        }
    }
    nonnegative(faults, spec, &["replicas"], "spec.replicas");
    nonnegative(faults, spec, &["minReadySeconds"], "spec.minReadySeconds");
    nonnegative(faults, spec, &["ordinals", "start"], "spec.ordinals.start");
    let service = text(spec, &["serviceName"]);
    if !service.is_empty() {
        invalid_each(faults, "spec.serviceName", service, names::dns_label(service));
    }
    selected(object, "statefulset", "", "StatefulSet", faults);
}

pub(super) fn daemon_set(object: &Object, faults: &mut Faults) {
    selected(object, "daemonset", "invalid label selector", "DaemonSet", faults);
    nonnegative(faults, object, &["spec", "minReadySeconds"], "spec.minReadySeconds");
    let strategy = value_at(object, &["spec", "updateStrategy"]);
    let field = "spec.updateStrategy";
    match text(strategy, &["type"]) {
        "OnDelete" => {}
        "RollingUpdate" => {
            let unavailable = value_at(strategy, &["rollingUpdate", "maxUnavailable"]);
            let surge = value_at(strategy, &["rollingUpdate", "maxSurge"]);
            for (name, value) in [("maxUnavailable", unavailable), ("maxSurge", surge)] {
                amount(value, &format!("{field}.rollingUpdate.{name}"), faults);
            }
            for (name, value) in [("maxUnavailable", unavailable), ("maxSurge", surge)] {
                at_most_all(value, &format!("{field}.rollingUpdate.{name}"), faults);
            }
            match (number(unavailable) != 0, number(surge) != 0) {
                (true, true) => {
                    let says = "may not be set when maxUnavailable is non-zero";
                    invalid(faults, format!("{field}.rollingUpdate.maxSurge"), surge, says);
                }
                (false, false) => {
                    required(faults, format!("{field}.rollingUpdate.maxUnavailable"), "cannot be 0 when maxSurge is 0");
                }
                _ => {}
            }
        }
        other => {
            let shown = in_go(other, strategy.get("rollingUpdate"));
            let what = format!("Unsupported value: {shown}: supported values: \"RollingUpdate\", \"OnDelete\"");
            faults.push(FieldFault { reason: "FieldValueNotSupported", field: field.to_owned(), what });
        }
    }
    nonnegative(faults, object, &["spec", "revisionHistoryLimit"], "spec.revisionHistoryLimit");
}

/// The selector, and the template that must satisfy it.
fn selected(object: &Object, of: &str, unsound: &str, owner: &str, faults: &mut Faults) {
    let chosen = value_at(object, &["spec", "selector"]);
    if chosen.is_null() {
        if of != "daemonset" {
            required(faults, "spec.selector", "");
        }
    } else {
        selector::check(chosen, "spec.selector", faults);
        if selector::is_empty(chosen) {
            invalid(faults, "spec.selector", chosen, &format!("empty selector is invalid for {of}"));
        }
        if !selector::is_sound(chosen) {
            invalid(faults, "spec.selector", chosen, unsound);
            return;
        }
    }
    let template = value_at(object, &["spec", "template"]);
    let labels = value_at(template, &["metadata", "labels"]);
    // No selector at all selects nothing, an empty one everything.
    let fits = !chosen.is_null() && (selector::is_empty(chosen) || selector::matches(chosen, labels));
    if !fits {
        invalid(faults, "spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
    }
    pod::template(&with_claims(object, template), "spec.template", faults);
    let policy = text(template, &["spec", "restartPolicy"]);
    if policy != "Always" {
        let field = "spec.template.spec.restartPolicy";
        faults.push(FieldFault::unsupported(field, &policy.into(), &["Always"]));
    }
    if template.at(&["spec", "activeDeadlineSeconds"]).is_some() {
        let says = format!("activeDeadlineSeconds in {owner} is not Supported");
        forbidden(faults, "spec.template.spec.activeDeadlineSeconds", &says);
    }
}

/// A stateful set's template, with the volumes that its controller adds for the claims (`volumesToAddForTemplates`). Host
/// name and subdomain are the controller's too.
fn with_claims<'a>(object: &Object, template: &'a Value) -> Cow<'a, Value> {
    let claims = object.list(&["spec", "volumeClaimTemplates"]);
    if claims.is_empty() || !template.is_object() {
        return Cow::Borrowed(template);
    }
    let names: Vec<&str> = claims.iter().map(crate::demo::object::Meta::name).collect();
    let once = names.iter().enumerate().filter(|(at, name)| !names.iter().take(*at).any(|before| before == *name));
    let added = once.map(|(_, name)| json!({"name": name, "persistentVolumeClaim": {"claimName": name}}));
    let own = template.list(&["spec", "volumes"]).iter().filter(|volume| !names.contains(&text(volume, &["name"])));
    let volumes: Vec<Value> = added.chain(own.cloned()).collect();
    let mut template = template.clone();
    template.set(&["spec", "volumes"], volumes);
    template.unset(&["spec", "hostname"]);
    template.unset(&["spec", "subdomain"]);
    Cow::Owned(template)
}

/// A strategy as Go writes its internal form.
fn in_go(of: &str, rolling: Option<&Value>) -> String {
    let shown = rolling.filter(|rolling| rolling.is_object()).map_or_else(
        || "null".to_owned(),
        |rolling| {
            let (unavailable, surge) = (value_at(rolling, &["maxUnavailable"]), value_at(rolling, &["maxSurge"]));
            format!("{{\"MaxUnavailable\":{unavailable},\"MaxSurge\":{surge}}}")
        },
    );
    format!("{{\"Type\":{},\"RollingUpdate\":{shown}}}", Value::from(of))
}

/// As `ValidatePositiveIntOrPercent`.
pub(super) fn amount(value: &Value, field: &str, faults: &mut Faults) {
    match value {
        Value::String(text) if percent(text).is_none() => {
            let says = "a valid percent string must be a numeric string followed by an ending '%'";
            invalid(faults, field, value, &names::regex_fault(says, "[0-9]+%", &["1%", "93%"]));
        }
        Value::Number(number) if number.as_i64().is_some_and(|number| number < 0) => {
            invalid(faults, field, value, "must be greater than or equal to 0");
        }
        _ => {}
    }
}

fn percent(text: &str) -> Option<i64> {
    let digits = text.strip_suffix('%')?;
    let is_number = !digits.is_empty() && digits.chars().all(|letter| letter.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(i64::MAX))
}

fn number(value: &Value) -> i64 {
    value.as_i64().or_else(|| percent(value.as_str()?)).unwrap_or_default()
}

/// As `IsNotMoreThan100Percent`.
pub(super) fn at_most_all(value: &Value, field: &str, faults: &mut Faults) {
    if value.as_str().and_then(percent).is_some_and(|percent| percent > 100) {
        invalid(faults, field, value, "must not be greater than 100%");
    }
}

/// What controllers report.
pub(super) fn status(kind: &Kind, object: &Object, faults: &mut Faults) {
    let Some(("apps", resource @ ("deployments" | "replicasets"))) = built_in(kind) else { return };
    let parts: &[&str] = if resource == "deployments" {
        &["replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"]
    } else {
        &["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"]
    };
    for part in parts {
        nonnegative(faults, object, &["status", part], format!("status.{part}"));
    }
    let of = |part: &str| object.int(&["status", part]).unwrap_or_default();
    for part in parts.iter().filter(|part| !matches!(**part, "replicas" | "unavailableReplicas")) {
        if of(part) > of("replicas") {
            invalid(faults, format!("status.{part}"), &of(part).into(), "cannot be greater than status.replicas");
        }
    }
    if of("availableReplicas") > of("readyReplicas") {
        let says = "cannot be greater than readyReplicas";
        invalid(faults, "status.availableReplicas", &of("availableReplicas").into(), says);
    }
}
