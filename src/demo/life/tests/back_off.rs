//! Nobody floods a cluster: neither with tries nor with events.

use super::*;
use crate::demo::life::agenda::Backoff;

fn waiting(pod: &Object) -> String {
    pod.list(&["status", "containerStatuses"])[0].text(&["state", "waiting", "reason"]).unwrap().to_owned()
}

#[test]
fn an_image_that_cannot_be_had_is_tried_ever_more_seldom() {
    let world = World::new();
    let containers = json!([{"name": "c", "image": "registry.invalid/team/web:2"}]);
    world.make("pods", json!({"metadata": {"name": "web"}, "spec": {"containers": containers}}));
    let (mut writes, mut changes) = (Vec::new(), Vec::new());
    let begin = world.now();
    let mut last = (String::new(), world.registry().store.revision());
    for _ in 0..3_600 {
        world.wait(1);
        let Some(pod) = world.get("pods", "web").filter(|pod| !pod.list(&["status", "containerStatuses"]).is_empty())
        else {
            continue;
        };
        let second = world.now().duration_since(begin).as_secs();
        let revision = world.registry().store.revision();
        if revision != last.1 {
            writes.push(second);
        }
        if waiting(&pod) != last.0 {
            changes.push((second, waiting(&pod)));
        }
        last = (waiting(&pod), revision);
    }
    let tries: Vec<i64> =
        changes.iter().filter(|(_, reason)| reason == "ErrImagePull").map(|(second, _)| *second).collect();
    let gaps: Vec<i64> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps[..6], [10, 20, 40, 80, 160, 300]);
    assert!(gaps[6..].iter().all(|gap| *gap == 300), "{gaps:?}");
    assert_eq!(last.0, "ImagePullBackOff");
    // One when it fails, one when it waits: nothing in between.
    assert!(writes.len() <= 2 * tries.len() + 2, "{} writes for {} tries", writes.len(), tries.len());
    let pod = world.get("pods", "web").unwrap();
    assert_eq!((pod.text(&["status", "phase"]), condition(&pod, "Ready").0.as_str()), (Some("Pending"), "False"));
    let failed = world.told("web", "Failed");
    assert!(failed.iter().any(|(said, _)| said.contains("lookup registry.invalid: no such host")), "{failed:?}");
}

#[test]
fn another_image_is_tried_at_once() {
    let world = World::new();
    let containers = json!([{"name": "c", "image": "registry.invalid/web:2"}]);
    world.make("pods", json!({"metadata": {"name": "web"}, "spec": {"containers": containers}}));
    world.wait(1_000);
    world.edit("pods", "web", |pod| {
        let mut containers = pod.list(&["spec", "containers"]).to_vec();
        containers[0].set(&["image"], "nginx");
        pod.set(&["spec", "containers"], containers);
    });
    world.wait(3);
    assert!(is_ready(&world.get("pods", "web").unwrap()));
}

#[test]
fn a_refused_replica_set_backs_off_and_comes_up_when_it_may() {
    let world = World::new();
    world.make("resourcequotas", json!({"metadata": {"name": "q"}, "spec": {"hard": {"pods": "1"}}}));
    world.wait(1);
    world.make("deployments.apps", deployment("web", 2));
    let tries = |world: &World| -> i64 {
        let [set] = world.list("replicasets.apps").try_into().unwrap();
        world.told(set.name(), "FailedCreate").iter().map(|(_, count)| count).sum()
    };
    world.wait(10);
    let soon = tries(&world);
    assert!((5..=20).contains(&soon), "{soon} tries in ten seconds");
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(condition(&web, "ReplicaFailure"), ("True".to_owned(), "FailedCreate".to_owned()));
    let [set] = world.list("replicasets.apps").try_into().unwrap();
    let version = set.version().to_owned();
    world.wait(300);
    assert!(tries(&world) <= soon + 6, "{} tries in five minutes", tries(&world));
    assert_eq!(world.get("replicasets.apps", set.name()).unwrap().version(), version, "it says the same");
    // From the tenth on they are one event.
    let told = world.told(set.name(), "FailedCreate");
    assert_eq!(told.len(), 10, "{told:#?}");
    assert!(told.iter().any(|(said, count)| said.starts_with("(combined from similar events): ") && *count > 1));
    world.wait(3_600);
    assert!(tries(&world) <= soon + 12, "{} tries in an hour", tries(&world));
    world.delete("resourcequotas", "q", None);
    world.wait(1_010);
    assert_eq!(world.list("pods").len(), 2);
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(condition(&web, "ReplicaFailure").0, "");
}

#[test]
fn a_pod_that_fits_nowhere_comes_to_the_first_node_that_suits() {
    let world = World::new();
    let spec = json!({"nodeSelector": {"disk": "ssd"}, "containers": [{"name": "c", "image": "nginx"}]});
    world.make("pods", json!({"metadata": {"name": "picky"}, "spec": spec}));
    world.wait(60);
    assert_eq!(
        condition(&world.get("pods", "picky").unwrap(), "PodScheduled"),
        ("False".into(), "Unschedulable".into())
    );
    let [(_, count)] = world.told("picky", "FailedScheduling").try_into().unwrap();
    assert_eq!(count, 1);
    world.edit("nodes", "n2", |node| node.set(&["metadata", "labels", "disk"], "ssd"));
    world.wait(5);
    assert_eq!(world.get("pods", "picky").unwrap().text(&["spec", "nodeName"]), Some("n2"));
    assert!(is_ready(&world.get("pods", "picky").unwrap()));
}

#[test]
fn the_wait_doubles_up_to_the_most() {
    let seconds = |failures: u32| Backoff::QUEUE.after(failures).as_millis();
    assert_eq!([1, 2, 3, 11].map(seconds), [5, 10, 20, 5_120]);
    assert_eq!([18, 19, 40, u32::MAX].map(seconds), [655_360, 1_000_000, 1_000_000, 1_000_000]);
}
