//! CronJobs: a Job at every turn of a schedule. As `pkg/controller/cronjob`.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::cron::Schedule;
use super::{job, owned};
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Event, Propagation, Registry, event::reference};
use crate::demo::store::Key;

/// The cronjob-controller.
pub const NAME: &str = "cronjob-controller";

const JOBS: &str = "jobs.batch";

/// Starts what is due, and waits for the next turn.
pub fn reconcile(registry: &mut Registry, key: &Key) {
    let Some(cron) = registry.look("cronjobs.batch", key.namespace(), key.name()) else { return };
    if cron.is_terminating() {
        return;
    }
    let jobs = owned::of(registry, JOBS, &cron);
    tidy(registry, &cron, &jobs);
    welcome(registry, &cron, &jobs);
    let mut last = time(&cron, &["status", "lastScheduleTime"]);
    if !cron.flag(&["spec", "suspend"])
        && let Some(schedule) = cron.text(&["spec", "schedule"]).and_then(Schedule::parse)
    {
        let now = registry.now();
        let Some(zone) = zone(registry, &cron) else { return status(registry, &cron, last) };
        let since = last.or_else(|| time(&cron, &["metadata", "creationTimestamp"])).unwrap_or(now);
        if let Some(due) = latest(&schedule, since, now, &zone)
            && start(registry, &cron, &jobs, due)
        {
            last = Some(due);
        }
        if let Some(next) = schedule.after(now, &zone) {
            registry.queue(NAME, key.clone(), next.duration_since(now) + SignedDuration::from_millis(100));
        }
    }
    status(registry, &cron, last);
}

/// The time zone of the schedule. One that is not known here is told, and nothing is started.
fn zone(registry: &mut Registry, cron: &Object) -> Option<TimeZone> {
    let Some(name) = cron.text(&["spec", "timeZone"]) else { return Some(TimeZone::UTC) };
    if let Ok(zone) = TimeZone::get(name) {
        return Some(zone);
    }
    let message = format!("invalid timeZone: {name:?}: unknown time zone {name}");
    let event =
        Event { warning: true, reason: "UnknownTimeZone", message: &message, component: NAME, ..Event::default() };
    registry.event(cron, &event);
    None
}

/// Tells of the Jobs that have ended since the last look.
fn welcome(registry: &mut Registry, cron: &Object, jobs: &[Arc<Object>]) {
    let active = cron.list(&["status", "active"]);
    let was_active = |one: &&Arc<Object>| active.iter().any(|other| other.text(&["uid"]) == Some(one.uid()));
    for one in jobs.iter().filter(was_active).filter(|one| job::is_finished(one)) {
        let condition = if owned::has_condition(one, "Complete") { "Complete" } else { "Failed" };
        let message = format!("Saw completed job: {}, condition: {condition}", one.name());
        registry
            .event(cron, &Event { reason: "SawCompletedJob", message: &message, component: NAME, ..Event::default() });
    }
}

fn time(object: &Object, path: &[&str]) -> Option<Timestamp> {
    object.text(path)?.parse().ok()
}

/// The latest turn in a span of time. Of many that were missed only the last counts.
fn latest(schedule: &Schedule, since: Timestamp, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let mut found = None;
    let mut at = since;
    // Long-missed turns are not walked through one by one: only the last day can hold the latest one that counts.
    let day = SignedDuration::from_hours(24);
    if now.duration_since(at) > day
        && let Ok(near) = now.checked_sub(day)
        && schedule.after(near, zone).is_some_and(|next| next <= now)
    {
        at = near;
    }
    while let Some(next) = schedule.after(at, zone).filter(|next| *next <= now) {
        found = Some(next);
        at = next;
    }
    found
}

/// Starts the Job of a turn, if concurrency and the deadline allow.
fn start(registry: &mut Registry, cron: &Object, jobs: &[Arc<Object>], due: Timestamp) -> bool {
    let late = registry.now().duration_since(due);
    if cron.int(&["spec", "startingDeadlineSeconds"]).is_some_and(|seconds| late > SignedDuration::from_secs(seconds)) {
        return false;
    }
    let running: Vec<&Arc<Object>> = jobs.iter().filter(|one| !job::is_finished(one)).collect();
    match cron.text(&["spec", "concurrencyPolicy"]) {
        Some("Forbid") if !running.is_empty() => {
            let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
            let event = Event { reason: "JobAlreadyActive", message, component: NAME, ..Event::default() };
            registry.event(cron, &event);
            return false;
        }
        Some("Replace") => {
            for job in running {
                remove(registry, cron, job);
            }
        }
        _ => {}
    }
    let name = format!("{}-{}", cron.name(), due.as_second() / 60);
    if registry.has(JOBS, cron.namespace(), &name) {
        return true;
    }
    let template = cron.at(&["spec", "jobTemplate"]).cloned().unwrap_or(Value::Null);
    let mut metadata = template.get("metadata").cloned().unwrap_or_else(|| json!({}));
    metadata.set(&["name"], name.clone());
    metadata.set(&["namespace"], cron.namespace());
    metadata.set(&["ownerReferences"], owned::reference(cron));
    metadata.set(&["annotations", "batch.kubernetes.io/cronjob-scheduled-timestamp"], rfc3339(due));
    let object = json!({"metadata": metadata, "spec": template.get("spec")});
    match registry.create(&mut Caller::controller(NAME), JOBS, object) {
        Ok(_) => {
            let message = format!("Created job {name}");
            registry.event(
                cron,
                &Event { reason: "SuccessfulCreate", message: &message, component: NAME, ..Event::default() },
            );
            true
        }
        Err(status) => {
            let message = format!("Error creating job: {status}");
            let event =
                Event { warning: true, reason: "FailedCreate", message: &message, component: NAME, ..Event::default() };
            registry.event(cron, &event);
            false
        }
    }
}

fn remove(registry: &mut Registry, cron: &Object, job: &Object) {
    let how = Deletion { propagation: Some(Propagation::Background), ..Deletion::default() };
    if registry.delete(&mut Caller::controller(NAME), JOBS, job.namespace(), job.name(), &how).is_ok() {
        let message = format!("Deleted job {}", job.name());
        registry
            .event(cron, &Event { reason: "SuccessfulDelete", message: &message, component: NAME, ..Event::default() });
    }
}

/// Removes old Jobs beyond the history that is kept.
fn tidy(registry: &mut Registry, cron: &Object, jobs: &[Arc<Object>]) {
    for (condition, limit, default) in
        [("Complete", "successfulJobsHistoryLimit", 3), ("Failed", "failedJobsHistoryLimit", 1)]
    {
        let keep = cron.int(&["spec", limit]).and_then(|keep| usize::try_from(keep).ok()).unwrap_or(default);
        let mut ended: Vec<&Arc<Object>> =
            jobs.iter().filter(|job| owned::has_condition(job, condition) && !job.is_terminating()).collect();
        ended.sort_by_key(|job| job.text(&["status", "startTime"]).unwrap_or_default().to_owned());
        let many = ended.len().saturating_sub(keep);
        for job in ended.into_iter().take(many) {
            remove(registry, cron, job);
        }
    }
}

fn status(registry: &mut Registry, cron: &Object, last: Option<Timestamp>) {
    let jobs = owned::of(registry, JOBS, cron);
    let active: Vec<Value> = jobs.iter().filter(|one| !job::is_finished(one)).map(|one| reference(one)).collect();
    let ended = jobs
        .iter()
        .filter(|one| owned::has_condition(one, "Complete"))
        .filter_map(|one| one.text(&["status", "completionTime"]).map(str::to_owned))
        .max();
    let by = Caller::controller(NAME);
    registry.change(&by, "cronjobs.batch", "status", cron.namespace(), cron.name(), |cron| {
        let mut status = json!({});
        if !active.is_empty() {
            status.set(&["active"], active);
        }
        if let Some(last) = last {
            status.set(&["lastScheduleTime"], rfc3339(last));
        }
        let before = cron.text(&["status", "lastSuccessfulTime"]).map(str::to_owned);
        if let Some(ended) = ended.max(before) {
            status.set(&["lastSuccessfulTime"], ended);
        }
        cron.set(&["status"], status);
    });
}
