//! Workloads of the groups apps and batch.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::cells::{Row, age, containers, count, len, since, text};
use super::duration::human;
use super::selector;

/// By resource.
pub(super) fn printer(resource: &str) -> Option<Row> {
    Some(match resource {
        "deployments.apps" => deployment,
        "replicasets.apps" => |object, now| {
            let counts = [&["spec", "replicas"], &["status", "replicas"], &["status", "readyReplicas"]];
            let [names, images] = containers(object, TEMPLATE);
            let mut row = vec![json!(object.name())];
            row.extend(counts.map(|path| json!(count(object, path))));
            row.extend([age(object, now), names, images, chosen(object, &["spec", "selector"])]);
            row
        },
        "statefulsets.apps" => |object, now| {
            let [names, images] = containers(object, TEMPLATE);
            vec![json!(object.name()), json!(ready(object)), age(object, now), names, images]
        },
        "daemonsets.apps" => daemon_set,
        "controllerrevisions.apps" => |object, now| {
            let owner = object.controller().map_or_else(|| "<none>".to_owned(), owner);
            vec![json!(object.name()), json!(owner), json!(count(object, &["revision"])), age(object, now)]
        },
        "jobs.batch" => job,
        "cronjobs.batch" => cron_job,
        _ => return None,
    })
}

/// Where a workload's pod spec is.
const TEMPLATE: &[&str] = &["spec", "template", "spec"];

/// Ready and desired replicas.
fn ready(object: &Value) -> String {
    format!("{}/{}", count(object, &["status", "readyReplicas"]), count(object, &["spec", "replicas"]))
}

/// A label selector as a cell.
fn chosen(object: &Value, path: &[&str]) -> Value {
    json!(selector::format(object.at(path)))
}

/// Such as `statefulset.apps/db`.
fn owner(reference: &Value) -> String {
    let group = text(reference, &["apiVersion"], "").split_once('/').map_or("", |(group, _)| group);
    let kind = text(reference, &["kind"], "");
    let kind = if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") };
    format!("{}/{}", kind.to_lowercase(), text(reference, &["name"], ""))
}

fn deployment(object: &Value, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(object, TEMPLATE);
    // Unlike the others it does not say `<none>`.
    let selector = selector::written(object.at(&["spec", "selector"])).unwrap_or_else(|| "<invalid>".to_owned());
    vec![
        json!(object.name()),
        json!(ready(object)),
        json!(count(object, &["status", "updatedReplicas"])),
        json!(count(object, &["status", "availableReplicas"])),
        age(object, now),
        names,
        images,
        json!(selector),
    ]
}

fn daemon_set(object: &Value, now: Timestamp) -> Vec<Value> {
    const COUNTS: [&str; 5] = [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ];
    let [names, images] = containers(object, TEMPLATE);
    let mut row = vec![json!(object.name())];
    row.extend(COUNTS.map(|key| json!(count(object, &["status", key]))));
    row.extend([
        json!(selector::labels(object.at(&["spec", "template", "spec", "nodeSelector"]))),
        age(object, now),
        names,
        images,
        chosen(object, &["spec", "selector"]),
    ]);
    row
}

fn job(object: &Value, now: Timestamp) -> Vec<Value> {
    let done = count(object, &["status", "succeeded"]);
    let completions = match (object.int(&["spec", "completions"]), count(object, &["spec", "parallelism"])) {
        (Some(wanted), _) => format!("{done}/{wanted}"),
        (None, parallel) if parallel > 1 => format!("{done}/1 of {parallel}"),
        (None, _) => format!("{done}/1"),
    };
    let time = |key| object.text(&["status", key]).and_then(|at| at.parse::<Timestamp>().ok());
    let took = time("startTime").map(|start| human(time("completionTime").unwrap_or(now).duration_since(start)));
    let is = |name: &str| {
        let mut all = object.list(&["status", "conditions"]).iter();
        all.find(|one| text(one, &["type"], "") == name).is_some_and(|one| text(one, &["status"], "") == "True")
    };
    let status = match () {
        () if is("Complete") => "Complete",
        () if is("Failed") => "Failed",
        () if object.is_terminating() => "Terminating",
        () if is("Suspended") => "Suspended",
        () if is("FailureTarget") => "FailureTarget",
        () if is("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    };
    let [names, images] = containers(object, TEMPLATE);
    vec![
        json!(object.name()),
        json!(status),
        json!(completions),
        json!(took.unwrap_or_default()),
        age(object, now),
        names,
        images,
        chosen(object, &["spec", "selector"]),
    ]
}

fn cron_job(object: &Value, now: Timestamp) -> Vec<Value> {
    let last = object.text(&["status", "lastScheduleTime"]);
    let suspend = match object.at(&["spec", "suspend"]).and_then(Value::as_bool) {
        Some(true) => "True",
        Some(false) => "False",
        None => "<unset>",
    };
    let [names, images] = containers(object, &["spec", "jobTemplate", "spec", "template", "spec"]);
    vec![
        json!(object.name()),
        json!(text(object, &["spec", "schedule"], "")),
        json!(text(object, &["spec", "timeZone"], "<none>")),
        json!(suspend),
        json!(len(object, &["status", "active"])),
        json!(last.map_or_else(|| "<none>".to_owned(), |last| since(Some(last), now))),
        age(object, now),
        names,
        images,
        chosen(object, &["spec", "jobTemplate", "spec", "selector"]),
    ]
}
