use super::*;

fn job(name: &str, spec: &Value) -> Object {
    let mut job = json!({"metadata": {"name": name}, "spec": spec});
    job.set(
        &["spec", "template"],
        json!({"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox"}]}}),
    );
    job
}

#[test]
fn a_job_runs_to_its_end() {
    let world = World::new();
    world.make("jobs.batch", job("once", &json!({"completions": 3, "parallelism": 2})));
    world.wait_milli(100);
    assert_eq!(world.list("pods").len(), 2);
    let once = world.get("jobs.batch", "once").unwrap();
    assert_eq!((once.int(&["status", "active"]), once.int(&["status", "succeeded"])), (Some(2), None));
    assert!(world.list("pods").iter().all(|pod| pod.finalizers() == ["batch.kubernetes.io/job-tracking"]));
    world.wait(30);
    let once = world.get("jobs.batch", "once").unwrap();
    assert_eq!((once.int(&["status", "active"]), once.int(&["status", "succeeded"])), (None, Some(3)));
    assert_eq!(condition(&once, "Complete"), ("True".to_owned(), "CompletionsReached".to_owned()));
    assert!(once.text(&["status", "completionTime"]).is_some());
    assert_eq!(world.list("pods").len(), 3);
    assert!(world.list("pods").iter().all(|pod| pod.finalizers().is_empty()));
}

#[test]
fn a_suspended_job_has_no_pods() {
    let world = World::new();
    world.make("jobs.batch", job("later", &json!({"suspend": true})));
    world.wait(5);
    let later = world.get("jobs.batch", "later").unwrap();
    assert_eq!(condition(&later, "Suspended"), ("True".to_owned(), "JobSuspended".to_owned()));
    assert!(world.list("pods").is_empty() && later.at(&["status", "startTime"]).is_none());
    world.edit("jobs.batch", "later", |job| job.set(&["spec", "suspend"], false));
    world.wait(1);
    assert_eq!(world.list("pods").len(), 1);
    assert_eq!(
        condition(&world.get("jobs.batch", "later").unwrap(), "Suspended"),
        ("False".into(), "JobResumed".into())
    );
    world.edit("jobs.batch", "later", |job| job.set(&["spec", "suspend"], true));
    world.wait(3);
    assert!(world.list("pods").is_empty());
}

#[test]
fn a_job_that_keeps_failing_is_given_up() {
    let world = World::new();
    world.make("jobs.batch", job("bad", &json!({"backoffLimit": 1})));
    for _ in 0..60 {
        world.wait(1);
        for pod in world.list("pods").iter().filter(|pod| pod.text(&["status", "phase"]) == Some("Running")) {
            world.edit_status("pods", pod.name(), |pod| pod.set(&["status", "phase"], "Failed"));
        }
    }
    let bad = world.get("jobs.batch", "bad").unwrap();
    assert_eq!(condition(&bad, "Failed"), ("True".to_owned(), "BackoffLimitExceeded".to_owned()));
    assert_eq!(bad.int(&["status", "failed"]), Some(2));
    assert_eq!(world.list("pods").len(), 2);
}

#[test]
fn a_finished_job_goes_after_its_time() {
    let world = World::new();
    world.make("jobs.batch", job("short", &json!({"ttlSecondsAfterFinished": 60})));
    world.wait(30);
    assert!(world.get("jobs.batch", "short").is_some());
    world.wait(60);
    assert!(world.get("jobs.batch", "short").is_none());
    assert!(world.list("pods").is_empty());
}
