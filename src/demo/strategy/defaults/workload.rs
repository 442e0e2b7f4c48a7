//! Deployments, their kin, jobs and cron jobs.

use serde_json::{Value, json};

use super::{Fields, fill, inner, is_empty, text};

pub(super) fn visit(name: &str, map: &mut Fields) {
    match name {
        "apps.DeploymentSpec" => deployment(map),
        "apps.ReplicaSetSpec" => fill(map, "replicas", 1),
        "apps.DaemonSet" => template_generation(map),
        "apps.DaemonSetSpec" => daemon_set(map),
        "apps.StatefulSetSpec" => stateful_set(map),
        "batch.Job" => job(map),
        "batch.CronJobSpec" => {
            fill(map, "concurrencyPolicy", "Allow");
            fill(map, "suspend", false);
            fill(map, "successfulJobsHistoryLimit", 3);
            fill(map, "failedJobsHistoryLimit", 1);
        }
        "batch.PodFailurePolicyOnPodConditionsPattern" => fill(map, "status", "True"),
        _ => {}
    }
}

fn deployment(map: &mut Fields) {
    fill(map, "replicas", 1);
    if let Some(strategy) = inner(map, "strategy") {
        fill(strategy, "type", "RollingUpdate");
        if text(strategy, "type") == "RollingUpdate"
            && let Some(rolling) = inner(strategy, "rollingUpdate")
        {
            rolling.entry("maxUnavailable").or_insert_with(|| json!("25%"));
            rolling.entry("maxSurge").or_insert_with(|| json!("25%"));
        }
    }
    fill(map, "revisionHistoryLimit", 10);
    fill(map, "progressDeadlineSeconds", 600);
}

/// Not a default: what the internal version counts comes back as an annotation, whoever left it out
/// (`Convert_apps_DaemonSet_To_v1_DaemonSet`).
fn template_generation(map: &mut Fields) {
    if let Some(notes) = inner(map, "metadata").and_then(|metadata| inner(metadata, "annotations")) {
        notes.entry("deprecated.daemonset.template.generation").or_insert_with(|| json!("0"));
    }
}

fn daemon_set(map: &mut Fields) {
    if let Some(strategy) = inner(map, "updateStrategy") {
        fill(strategy, "type", "RollingUpdate");
        if text(strategy, "type") == "RollingUpdate"
            && let Some(rolling) = inner(strategy, "rollingUpdate")
        {
            rolling.entry("maxUnavailable").or_insert_with(|| json!(1));
            rolling.entry("maxSurge").or_insert_with(|| json!(0));
        }
    }
    fill(map, "revisionHistoryLimit", 10);
}

fn stateful_set(map: &mut Fields) {
    fill(map, "podManagementPolicy", "OrderedReady");
    if let Some(strategy) = inner(map, "updateStrategy") {
        if is_empty(strategy, "type") {
            strategy.insert("type".into(), "RollingUpdate".into());
            inner(strategy, "rollingUpdate");
        }
        // Upstream leaves a strategy that names its type and no more as it is.
        if text(strategy, "type") == "RollingUpdate"
            && let Some(rolling) = strategy.get_mut("rollingUpdate").and_then(Value::as_object_mut)
        {
            fill(rolling, "partition", 0);
            rolling.entry("maxUnavailable").or_insert_with(|| json!(1));
        }
    }
    if let Some(policy) = inner(map, "persistentVolumeClaimRetentionPolicy") {
        fill(policy, "whenDeleted", "Retain");
        fill(policy, "whenScaled", "Retain");
    }
    fill(map, "replicas", 1);
    fill(map, "revisionHistoryLimit", 10);
}

fn job(map: &mut Fields) {
    let Some(spec) = inner(map, "spec") else { return };
    let is_absent = |spec: &Fields, key: &str| spec.get(key).is_none_or(Value::is_null);
    if is_absent(spec, "completions") && is_absent(spec, "parallelism") {
        fill(spec, "completions", 1);
    }
    fill(spec, "parallelism", 1);
    let limit = if is_absent(spec, "backoffLimitPerIndex") { 6 } else { i32::MAX };
    fill(spec, "backoffLimit", limit);
    fill(spec, "completionMode", "NonIndexed");
    fill(spec, "suspend", false);
    let policy = if is_absent(spec, "podFailurePolicy") { "TerminatingOrFailed" } else { "Failed" };
    fill(spec, "podReplacementPolicy", policy);
    fill(spec, "manualSelector", false);
}
