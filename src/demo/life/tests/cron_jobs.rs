use super::*;

fn cron(spec: &Value) -> Object {
    let mut cron = json!({"metadata": {"name": "tick"}, "spec": {"schedule": "*/10 * * * *"}});
    for (key, value) in spec.as_object().unwrap() {
        cron.set(&["spec", key], value.clone());
    }
    let containers = json!([{"name": "c", "image": "busybox"}]);
    let template = json!({"spec": {"restartPolicy": "Never", "containers": containers}});
    cron.set(&["spec", "jobTemplate"], json!({"spec": {"template": template}}));
    cron
}

/// A Job that never ends, since its image cannot be had.
fn endless(spec: &Value) -> Object {
    let mut cron = cron(spec);
    let containers = json!([{"name": "c", "image": "registry.invalid/tick:1"}]);
    cron.set(&["spec", "jobTemplate", "spec", "template", "spec", "containers"], containers);
    cron
}

fn minutes(world: &World) -> Vec<i64> {
    let noon = "2026-03-02T12:00:00Z".parse::<Timestamp>().unwrap().as_second() / 60;
    let number = |name: &String| name.rsplit('-').next().unwrap().parse::<i64>().unwrap() - noon;
    world.names("jobs.batch").iter().map(number).collect()
}

#[test]
fn jobs_start_on_schedule() {
    let world = World::new();
    world.make("cronjobs.batch", cron(&json!({})));
    world.wait(9 * 60);
    assert_eq!(minutes(&world), Vec::<i64>::new());
    world.wait(60 + 1);
    assert_eq!(minutes(&world), [10]);
    let tick = world.get("cronjobs.batch", "tick").unwrap();
    assert_eq!(tick.text(&["status", "lastScheduleTime"]), Some("2026-03-02T12:10:00Z"));
    assert_eq!(tick.list(&["status", "active"]).len(), 1);
    world.wait(60);
    let tick = world.get("cronjobs.batch", "tick").unwrap();
    let said = format!("Saw completed job: {}, condition: Complete", world.names("jobs.batch")[0]);
    assert_eq!(world.told("tick", "SawCompletedJob"), [(said, 1)]);
    assert!(tick.list(&["status", "active"]).is_empty() && tick.text(&["status", "lastSuccessfulTime"]).is_some());
    world.wait(9 * 60);
    assert_eq!(minutes(&world), [10, 20]);
}

#[test]
fn an_unknown_time_zone_is_told_and_nothing_starts() {
    let world = World::new();
    // It gets past the validation where no list of zones is at hand, and as an old object does upstream.
    let made = world.try_make("cronjobs.batch", cron(&json!({"timeZone": "Nowhere/Land"})));
    if made.is_err() {
        return;
    }
    world.wait(15 * 60);
    assert_eq!(minutes(&world), Vec::<i64>::new());
    let told = world.told("tick", "UnknownTimeZone");
    assert_eq!(told[0].0, "invalid timeZone: \"Nowhere/Land\": unknown time zone Nowhere/Land");
}

#[test]
fn a_suspended_cron_job_starts_nothing() {
    let world = World::new();
    world.make("cronjobs.batch", cron(&json!({"suspend": true, "startingDeadlineSeconds": 30})));
    world.wait(25 * 60);
    assert_eq!(minutes(&world), Vec::<i64>::new());
    // What was missed is too late, what comes is not.
    world.edit("cronjobs.batch", "tick", |tick| tick.set(&["spec", "suspend"], false));
    world.wait(60);
    assert_eq!(minutes(&world), Vec::<i64>::new());
    world.wait(5 * 60);
    assert_eq!(minutes(&world), [30]);
}

#[test]
fn old_jobs_are_kept_as_many_as_asked_for() {
    let world = World::new();
    world.make("cronjobs.batch", cron(&json!({"successfulJobsHistoryLimit": 2})));
    world.wait(65 * 60);
    assert_eq!(minutes(&world), [50, 60]);
    assert_eq!(world.list("pods").len(), 2);
}

#[test]
fn what_runs_still_is_left_alone_joined_or_replaced() {
    for (policy, expected) in [("Forbid", vec![10]), ("Allow", vec![10, 20, 30]), ("Replace", vec![30])] {
        let world = World::new();
        world.make("cronjobs.batch", endless(&json!({"concurrencyPolicy": policy})));
        world.wait(31 * 60);
        assert_eq!(minutes(&world), expected, "{policy}");
        let told = world.told("tick", "JobAlreadyActive");
        assert_eq!(!told.is_empty(), policy == "Forbid", "{policy}: {told:?}");
    }
}
