use super::*;

fn world() -> World {
    let world = World::new();
    world.make("deployments.apps", deployment("web", 2));
    world.wait(5);
    world
}

fn counts(world: &World) -> [usize; 3] {
    ["deployments.apps", "replicasets.apps", "pods"].map(|resource| world.list(resource).len())
}

#[test]
fn in_the_background_the_owner_goes_first() {
    let world = world();
    assert!(matches!(world.delete("deployments.apps", "web", Some(Propagation::Background)), Deleted::Gone(_)));
    assert_eq!(counts(&world), [0, 1, 2]);
    world.wait(5);
    assert_eq!(counts(&world), [0, 0, 0]);
}

#[test]
fn in_the_foreground_the_owner_goes_last() {
    let world = world();
    assert!(matches!(world.delete("deployments.apps", "web", Some(Propagation::Foreground)), Deleted::Terminating(_)));
    let mut seen = Vec::new();
    for _ in 0..100 {
        world.wait_milli(50);
        let now = counts(&world);
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    assert_eq!(seen.first(), Some(&[1, 1, 2]));
    assert_eq!(seen.last(), Some(&[0, 0, 0]));
    // Whoever owns something is still there as long as that is.
    assert!(seen.iter().all(|[web, sets, pods]| sets <= web && (*pods == 0 || *sets == 1)), "{seen:?}");
}

#[test]
fn orphans_stay_without_an_owner() {
    let world = world();
    world.delete("deployments.apps", "web", Some(Propagation::Orphan));
    world.wait(5);
    assert_eq!(counts(&world), [0, 1, 2]);
    let [set] = world.list("replicasets.apps").try_into().unwrap();
    assert!(set.owners().is_empty());
    assert!(world.list("pods").iter().all(|pod| pod.owners().len() == 1));
}

#[test]
fn what_has_two_owners_stays_with_the_other() {
    let world = World::new();
    let owner = |name: &str| {
        let made = world.make("configmaps", json!({"metadata": {"name": name}}));
        json!({"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": made.uid()})
    };
    let owners = json!([owner("one"), owner("two")]);
    world.make("secrets", json!({"metadata": {"name": "s", "ownerReferences": owners}}));
    world.delete("configmaps", "one", None);
    world.wait(1);
    let left = world.get("secrets", "s").unwrap();
    assert_eq!(left.owners().iter().map(|owner| owner.text(&["name"]).unwrap()).collect::<Vec<_>>(), ["two"]);
    world.delete("configmaps", "two", None);
    world.wait(1);
    assert!(world.get("secrets", "s").is_none());
}

#[test]
fn an_owner_that_never_was_owns_nothing() {
    let world = World::new();
    let owner = json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "none", "uid": "1-2-3"});
    world.make("secrets", json!({"metadata": {"name": "s", "ownerReferences": [owner]}}));
    world.wait(1);
    assert!(world.get("secrets", "s").is_none());
}

#[test]
fn finalizers_hold_what_is_deleted() {
    let world = World::new();
    world.make("configmaps", json!({"metadata": {"name": "held", "finalizers": ["example.com/hold"]}}));
    world.delete("configmaps", "held", None);
    world.wait(60);
    assert!(world.get("configmaps", "held").unwrap().is_terminating());
    world.edit("configmaps", "held", |map| drop(map.unset(&["metadata", "finalizers"])));
    assert!(world.get("configmaps", "held").is_none());
}
