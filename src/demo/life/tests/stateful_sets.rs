use super::*;

fn set(name: &str, replicas: i64) -> Object {
    json!({
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas, "serviceName": name, "selector": {"matchLabels": {"app": "web"}},
            "template": template("postgres:16"),
            "volumeClaimTemplates": [{
                "metadata": {"name": "data"},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
            }],
        },
    })
}

fn retaining(deleted: &str, scaled: &str) -> Object {
    let mut set = set("db", 2);
    set.set(&["spec", "persistentVolumeClaimRetentionPolicy"], json!({"whenDeleted": deleted, "whenScaled": scaled}));
    set
}

#[test]
fn pods_come_one_after_the_other() {
    let world = World::new();
    world.make("statefulsets.apps", set("db", 3));
    let mut seen = Vec::new();
    for _ in 0..120 {
        world.wait_milli(50);
        let pods = world.list("pods");
        assert!(pods.iter().filter(|pod| !is_ready(pod)).count() <= 1, "only one at a time");
        let names = world.names("pods");
        if seen.last() != Some(&names) {
            seen.push(names);
        }
    }
    assert_eq!(seen.last().unwrap(), &["db-0", "db-1", "db-2"]);
    assert_eq!(seen.iter().map(Vec::len).filter(|count| *count > 0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(world.names("persistentvolumeclaims"), ["data-db-0", "data-db-1", "data-db-2"]);
    let said = world.told("db", "SuccessfulCreate");
    assert!(said.contains(&("Create Claim data-db-0 Pod db-0 in StatefulSet db success".to_owned(), 1)), "{said:?}");
    assert!(said.contains(&("Create Pod db-2 in StatefulSet db successful".to_owned(), 1)), "{said:?}");
    let db = world.get("statefulsets.apps", "db").unwrap();
    assert_eq!((db.int(&["status", "readyReplicas"]), db.int(&["status", "currentReplicas"])), (Some(3), Some(3)));
    assert_eq!(db.at(&["status", "currentRevision"]), db.at(&["status", "updateRevision"]));
}

#[test]
fn a_pod_that_is_not_ready_holds_the_next_back() {
    let world = World::new();
    let mut db = set("db", 3);
    db.set(&["spec", "template"], template("registry.invalid/db:1"));
    world.make("statefulsets.apps", db);
    world.wait(60);
    assert_eq!(world.names("pods"), ["db-0"]);
}

#[test]
fn in_parallel_all_come_at_once() {
    let world = World::new();
    let mut db = set("db", 3);
    db.set(&["spec", "podManagementPolicy"], "Parallel");
    world.make("statefulsets.apps", db);
    world.wait_milli(100);
    assert_eq!(world.names("pods"), ["db-0", "db-1", "db-2"]);
}

#[test]
fn the_last_goes_first_and_claims_stay() {
    let world = World::new();
    world.make("statefulsets.apps", set("db", 3));
    world.wait(10);
    world.edit("statefulsets.apps", "db", |db| db.set(&["spec", "replicas"], 1));
    let mut gone = Vec::new();
    for _ in 0..100 {
        world.wait_milli(50);
        let going: Vec<String> =
            world.list("pods").iter().filter(|pod| pod.is_terminating()).map(|pod| pod.name().to_owned()).collect();
        assert!(going.len() <= 1, "{going:?}");
        gone.extend(going.into_iter().filter(|name| !gone.contains(name)).collect::<Vec<_>>());
    }
    assert_eq!(gone, ["db-2", "db-1"]);
    assert_eq!(world.names("pods"), ["db-0"]);
    assert_eq!(world.list("persistentvolumeclaims").len(), 3);
}

#[test]
fn claims_of_pods_that_are_scaled_away_may_go() {
    let world = World::new();
    world.make("statefulsets.apps", retaining("Retain", "Delete"));
    world.wait(10);
    assert_eq!(world.list("persistentvolumeclaims").len(), 2);
    world.edit("statefulsets.apps", "db", |db| db.set(&["spec", "replicas"], 1));
    world.wait(10);
    assert_eq!(world.names("persistentvolumeclaims"), ["data-db-0"]);
    // The set itself takes none with it.
    world.delete("statefulsets.apps", "db", None);
    world.wait(10);
    assert_eq!(world.names("pods"), Vec::<String>::new());
    assert_eq!(world.names("persistentvolumeclaims"), ["data-db-0"]);
}

#[test]
fn claims_of_a_deleted_set_may_go() {
    let world = World::new();
    world.make("statefulsets.apps", retaining("Delete", "Retain"));
    world.wait(10);
    let claim = world.get("persistentvolumeclaims", "data-db-1").unwrap();
    assert_eq!(claim.controller().and_then(|owner| owner.text(&["kind"])), Some("StatefulSet"));
    world.edit("statefulsets.apps", "db", |db| db.set(&["spec", "replicas"], 1));
    world.wait(10);
    assert_eq!(world.list("persistentvolumeclaims").len(), 2);
    world.delete("statefulsets.apps", "db", None);
    world.wait(10);
    assert_eq!(world.names("persistentvolumeclaims"), Vec::<String>::new());
}

#[test]
fn a_policy_that_is_taken_back_frees_the_claims() {
    let world = World::new();
    world.make("statefulsets.apps", retaining("Delete", "Delete"));
    world.wait(10);
    world.edit("statefulsets.apps", "db", |db| {
        let policy = json!({"whenDeleted": "Retain", "whenScaled": "Retain"});
        db.set(&["spec", "persistentVolumeClaimRetentionPolicy"], policy);
    });
    world.wait(5);
    assert!(world.list("persistentvolumeclaims").iter().all(|claim| claim.owners().is_empty()));
}

#[test]
fn another_template_goes_from_the_last_to_the_partition() {
    let world = World::new();
    let mut db = set("db", 3);
    db.set(&["spec", "updateStrategy"], json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}));
    world.make("statefulsets.apps", db);
    world.wait(10);
    world.edit("statefulsets.apps", "db", |db| db.set(&["spec", "template"], template("postgres:17")));
    let images = |world: &World| -> Vec<String> {
        let pods = world.list("pods");
        pods.iter().map(|pod| pod.list(&["spec", "containers"])[0].text(&["image"]).unwrap().to_owned()).collect()
    };
    world.wait_milli(2_000);
    assert_eq!(images(&world), ["postgres:16", "postgres:16", "postgres:17"]);
    world.wait(10);
    assert_eq!(images(&world), ["postgres:16", "postgres:17", "postgres:17"]);
    let db = world.get("statefulsets.apps", "db").unwrap();
    assert_eq!((db.int(&["status", "updatedReplicas"]), db.int(&["status", "currentReplicas"])), (Some(2), Some(1)));
    assert_ne!(db.at(&["status", "currentRevision"]), db.at(&["status", "updateRevision"]));
}

#[test]
fn on_delete_waits_for_somebody_to_delete() {
    let world = World::new();
    let mut db = set("db", 1);
    db.set(&["spec", "updateStrategy"], json!({"type": "OnDelete"}));
    world.make("statefulsets.apps", db);
    world.wait(5);
    let uid = world.get("pods", "db-0").unwrap().uid().to_owned();
    world.edit("statefulsets.apps", "db", |db| db.set(&["spec", "template"], template("postgres:17")));
    world.wait(10);
    assert_eq!(world.get("pods", "db-0").unwrap().uid(), uid);
    world.delete("pods", "db-0", None);
    world.wait(10);
    assert_eq!(
        world.get("pods", "db-0").unwrap().list(&["spec", "containers"])[0].text(&["image"]),
        Some("postgres:17")
    );
}
