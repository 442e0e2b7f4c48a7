use super::*;

fn images(world: &World) -> Vec<(String, i64)> {
    let mut sets: Vec<(String, i64)> = world
        .list("replicasets.apps")
        .iter()
        .map(|set| {
            let [container] = set.list(&["spec", "template", "spec", "containers"]) else { panic!("{set}") };
            (container.text(&["image"]).unwrap().to_owned(), set.int(&["spec", "replicas"]).unwrap())
        })
        .collect();
    sets.sort();
    sets
}

fn pair(old: i64, new: i64) -> [(String, i64); 2] {
    [("nginx:1".to_owned(), old), ("nginx:2".to_owned(), new)]
}

#[test]
fn a_rollout_keeps_to_its_limits() {
    let world = World::new();
    world.make("deployments.apps", deployment("web", 4));
    world.wait(5);
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "template"], template("nginx:2")));
    // A quarter, rounded up, may be too many; a quarter, rounded down, may be missing: four become three to five.
    let mut has_seen_both = false;
    for _ in 0..300 {
        world.wait_milli(50);
        let pods = world.list("pods");
        let active = pods.iter().filter(|pod| !pod.is_terminating()).count();
        let ready = pods.iter().filter(|pod| is_ready(pod)).count();
        assert!(ready >= 3 && active <= 5, "{ready} ready of {active}");
        let sets = images(&world);
        has_seen_both |= sets.len() == 2 && sets.iter().all(|(_, count)| *count > 0);
    }
    assert!(has_seen_both);
    assert_eq!(images(&world), pair(0, 4));
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(web.annotation("deployment.kubernetes.io/revision"), Some("2"));
    assert_eq!(condition(&web, "Progressing").1, "NewReplicaSetAvailable");
}

#[test]
fn the_only_pod_stays_until_the_next_is_ready() {
    let world = World::new();
    world.make("deployments.apps", deployment("web", 1));
    world.wait(5);
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "template"], template("registry.invalid/web:2")));
    world.wait(30);
    let sets = images(&world);
    assert_eq!(sets, [("nginx:1".to_owned(), 1), ("registry.invalid/web:2".to_owned(), 1)]);
    assert_eq!(world.list("pods").iter().filter(|pod| is_ready(pod)).count(), 1);
}

#[test]
fn a_rollout_that_fails_is_told_and_can_be_taken_back() {
    let world = World::new();
    let mut web = deployment("web", 2);
    web.set(&["spec", "progressDeadlineSeconds"], 60);
    world.make("deployments.apps", web);
    world.wait(5);
    let first = world.names("replicasets.apps");
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "template"], template("registry.invalid/web:2")));
    world.wait(30);
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(condition(&web, "Progressing"), ("True".to_owned(), "ReplicaSetUpdated".to_owned()));
    world.wait(60);
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(condition(&web, "Progressing"), ("False".to_owned(), "ProgressDeadlineExceeded".to_owned()));
    assert_eq!(condition(&web, "Available").0, "True");
    // What `kubectl rollout undo` does: the template of the revision before.
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "template"], template("nginx:1")));
    world.wait(10);
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(web.annotation("deployment.kubernetes.io/revision"), Some("3"));
    assert_eq!(condition(&web, "Progressing"), ("True".to_owned(), "NewReplicaSetAvailable".to_owned()));
    let back = world.get("replicasets.apps", &first[0]).unwrap();
    assert_eq!(back.annotation("deployment.kubernetes.io/revision"), Some("3"));
    assert_eq!(back.annotation("deployment.kubernetes.io/revision-history"), Some("1"));
    assert_eq!(images(&world), [("nginx:1".to_owned(), 2), ("registry.invalid/web:2".to_owned(), 0)]);
}

#[test]
fn recreate_ends_the_old_pods_first() {
    let world = World::new();
    let mut web = deployment("web", 2);
    web.set(&["spec", "strategy"], json!({"type": "Recreate"}));
    world.make("deployments.apps", web);
    world.wait(5);
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "template"], template("nginx:2")));
    for _ in 0..100 {
        world.wait_milli(50);
        let pods = world.list("pods");
        let images: std::collections::BTreeSet<&str> = pods
            .iter()
            .flat_map(|pod| pod.list(&["spec", "containers"]))
            .filter_map(|one| one.text(&["image"]))
            .collect();
        assert!(images.len() <= 1, "{images:?}");
    }
    assert_eq!(images(&world), pair(0, 2));
}

#[test]
fn scaling_in_the_middle_of_a_rollout_is_shared() {
    let world = World::new();
    world.make("deployments.apps", deployment("web", 4));
    world.wait(5);
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "template"], template("registry.invalid/web:2")));
    world.wait(5);
    let counts = |world: &World| images(world).into_iter().map(|(_, count)| count).collect::<Vec<_>>();
    assert_eq!(counts(&world), [3, 2]);
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "replicas"], 8));
    world.wait_milli(100);
    assert_eq!(counts(&world), [6, 4]);
}

#[test]
fn old_replica_sets_are_kept_as_many_as_asked_for() {
    let world = World::new();
    let mut web = deployment("web", 1);
    web.set(&["spec", "revisionHistoryLimit"], 2);
    world.make("deployments.apps", web);
    for turn in 2..=6 {
        world.wait(10);
        world.edit("deployments.apps", "web", |web| web.set(&["spec", "template"], template(&format!("nginx:{turn}"))));
    }
    world.wait(10);
    let mut revisions: Vec<String> = world
        .list("replicasets.apps")
        .iter()
        .map(|set| set.annotation("deployment.kubernetes.io/revision").unwrap().to_owned())
        .collect();
    revisions.sort();
    assert_eq!(revisions, ["4", "5", "6"]);
}

#[test]
fn pods_have_to_be_ready_long_enough() {
    let world = World::new();
    let mut web = deployment("web", 1);
    web.set(&["spec", "minReadySeconds"], 20);
    world.make("deployments.apps", web);
    world.wait(10);
    let status = |field: &str| world.get("deployments.apps", "web").unwrap().int(&["status", field]);
    assert_eq!((status("readyReplicas"), status("availableReplicas")), (Some(1), None));
    world.wait(20);
    assert_eq!(status("availableReplicas"), Some(1));
}
