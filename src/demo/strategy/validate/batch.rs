//! Jobs and cron jobs (`pkg/apis/batch/validation`).

use serde_json::Value;

use super::{Faults, cron, invalid, nonnegative, one_of, pod, required, selector, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::status::FieldFault;

pub(super) fn job(object: &Object, faults: &mut Faults) {
    let spec = value_at(object, &["spec"]);
    numbers(spec, "spec", faults);
    template(spec, "spec", faults);
    let chosen = value_at(spec, &["selector"]);
    if chosen.is_null() {
        required(faults, "spec.selector", "");
    } else {
        selector::check(chosen, "spec.selector", faults);
    }
    // No selector selects nothing.
    let labels = value_at(spec, &["template", "metadata", "labels"]);
    if chosen.is_null() || !selector::matches(chosen, labels) {
        invalid(faults, "spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
    }
}

fn numbers(spec: &Value, here: &str, faults: &mut Faults) {
    for part in ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"] {
        nonnegative(faults, spec, &[part], format!("{here}.{part}"));
    }
    if let Some(mode) = spec.text(&["completionMode"])
        && !matches!(mode, "NonIndexed" | "Indexed")
    {
        one_of(faults, format!("{here}.completionMode"), mode, &["NonIndexed", "Indexed"]);
    }
    if text(spec, &["completionMode"]) == "Indexed" && spec.at(&["completions"]).is_none() {
        required(faults, format!("{here}.completions"), "when completion mode is Indexed");
    }
}

fn template(spec: &Value, here: &str, faults: &mut Faults) {
    pod::template(value_at(spec, &["template"]), &format!("{here}.template"), faults);
    let policy = text(spec, &["template", "spec", "restartPolicy"]);
    let field = format!("{here}.template.spec.restartPolicy");
    if policy.is_empty() || policy == "Always" {
        required(faults, field, "valid values: \"OnFailure\", \"Never\"");
    } else if !matches!(policy, "OnFailure" | "Never") {
        faults.push(FieldFault::unsupported(field, &policy.into(), &["OnFailure", "Never"]));
    }
}

pub(super) fn cron_job(object: &Object, faults: &mut Faults) {
    let spec = value_at(object, &["spec"]);
    let schedule = text(spec, &["schedule"]);
    if !schedule.is_empty()
        && let Some(says) = cron::fault(schedule)
    {
        invalid(faults, "spec.schedule", &schedule.into(), &says);
    }
    nonnegative(faults, spec, &["startingDeadlineSeconds"], "spec.startingDeadlineSeconds");
    if let Some(zone) = spec.text(&["timeZone"]) {
        time_zone(zone, faults);
    }
    let inner = value_at(spec, &["jobTemplate", "spec"]);
    for part in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        nonnegative(faults, spec, &[part], format!("spec.{part}"));
    }
    let policy = text(spec, &["concurrencyPolicy"]);
    numbers(inner, "spec.jobTemplate.spec", faults);
    template(inner, "spec.jobTemplate.spec", faults);
    one_of(faults, "spec.concurrencyPolicy", policy, &["Allow", "Forbid", "Replace"]);
    if schedule.is_empty() {
        required(faults, "spec.schedule", "");
    }
}

/// Where this program carries no list of the world's zones only the form is looked at.
fn time_zone(zone: &str, faults: &mut Faults) {
    if zone.is_empty() {
        invalid(faults, "spec.timeZone", &zone.into(), "timeZone must be nil or non-empty string");
    } else if zone.eq_ignore_ascii_case("local") {
        invalid(
            faults,
            "spec.timeZone",
            &zone.into(),
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
        );
    } else if !jiff::tz::db().is_definitively_empty() && jiff::tz::TimeZone::get(zone).is_err() {
        invalid(faults, "spec.timeZone", &zone.into(), &format!("unknown time zone {zone}"));
    }
}
