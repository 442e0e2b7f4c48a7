use super::*;

#[test]
fn a_deployment_comes_up_and_says_so() {
    let world = World::new();
    world.make("deployments.apps", deployment("web", 3));
    world.wait_milli(200);
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(condition(&web, "Available"), ("False".to_owned(), "MinimumReplicasUnavailable".to_owned()));
    assert_eq!(condition(&web, "Progressing"), ("True".to_owned(), "ReplicaSetUpdated".to_owned()));
    world.wait(5);
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(web.int(&["status", "availableReplicas"]), Some(3));
    assert_eq!(web.at(&["status", "unavailableReplicas"]), None);
    assert_eq!(condition(&web, "Available"), ("True".to_owned(), "MinimumReplicasAvailable".to_owned()));
    assert_eq!(condition(&web, "Progressing"), ("True".to_owned(), "NewReplicaSetAvailable".to_owned()));
    let [set] = world.list("replicasets.apps").try_into().unwrap();
    assert_eq!(set.annotation("deployment.kubernetes.io/revision"), Some("1"));
    assert_eq!(set.annotation("deployment.kubernetes.io/max-replicas"), Some("4"));
    let said = format!("Scaled up replica set {} from 0 to 3", set.name());
    assert_eq!(world.told("web", "ScalingReplicaSet"), [(said, 1)]);
}

#[test]
fn the_generation_counts_what_people_change_and_not_what_the_controller_notes() {
    let world = World::new();
    world.make("deployments.apps", deployment("web", 1));
    world.wait(5);
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(web.annotation("deployment.kubernetes.io/revision"), Some("1"));
    assert_eq!((web.int(&["metadata", "generation"]), web.int(&["status", "observedGeneration"])), (Some(1), Some(1)));
    // Annotations are copied to ReplicaSets, so those of people count.
    world.edit("deployments.apps", "web", |web| web.set(&["metadata", "annotations", "note"], "x"));
    world.wait(1);
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!((web.int(&["metadata", "generation"]), web.int(&["status", "observedGeneration"])), (Some(2), Some(2)));
    let [set] = world.list("replicasets.apps").try_into().unwrap();
    assert_eq!((set.annotation("note"), set.int(&["metadata", "generation"])), (Some("x"), Some(1)));
}

#[test]
fn nothing_is_written_when_nothing_happens() {
    let world = World::new();
    world.make("deployments.apps", deployment("web", 2));
    world.wait(10);
    let before = world.registry().store.revision();
    world.wait(3_600);
    assert_eq!(world.registry().store.revision(), before);
}

#[test]
fn scaling_adds_and_removes_pods() {
    let world = World::new();
    world.make("deployments.apps", deployment("web", 2));
    world.wait(5);
    let first: Vec<String> = world.names("pods");
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "replicas"], 3));
    world.wait(5);
    assert_eq!(world.list("pods").len(), 3);
    assert_eq!(world.list("replicasets.apps").len(), 1);
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "replicas"], 2));
    world.wait(5);
    // Of the two on one node the younger goes.
    assert_eq!(world.names("pods"), first);
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(web.int(&["status", "replicas"]), Some(2));
}

#[test]
fn pods_that_cost_less_go_first() {
    let world = World::new();
    world.make("deployments.apps", deployment("web", 3));
    world.wait(5);
    let names = world.names("pods");
    let cost = "controller.kubernetes.io/pod-deletion-cost";
    world.edit("pods", &names[0], |pod| pod.set(&["metadata", "annotations", cost], "-5"));
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "replicas"], 2));
    world.wait(5);
    assert_eq!(world.names("pods"), names[1..]);
}

#[test]
fn a_paused_deployment_scales_and_does_not_roll() {
    let world = World::new();
    world.make("deployments.apps", deployment("web", 2));
    world.wait(5);
    world.edit("deployments.apps", "web", |web| {
        web.set(&["spec", "paused"], true);
        web.set(&["spec", "template"], template("nginx:2"));
    });
    world.wait(5);
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(condition(&web, "Progressing"), ("Unknown".to_owned(), "DeploymentPaused".to_owned()));
    assert_eq!(world.list("replicasets.apps").len(), 1);
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "replicas"], 3));
    world.wait(5);
    assert_eq!(world.list("pods").iter().filter(|pod| is_ready(pod)).count(), 3);
    assert_eq!(world.list("replicasets.apps").len(), 1);
    world.edit("deployments.apps", "web", |web| web.set(&["spec", "paused"], false));
    world.wait_milli(100);
    assert_eq!(world.list("replicasets.apps").len(), 2);
    world.wait(15);
    let web = world.get("deployments.apps", "web").unwrap();
    assert_eq!(condition(&web, "Progressing"), ("True".to_owned(), "NewReplicaSetAvailable".to_owned()));
    assert_eq!(web.int(&["status", "updatedReplicas"]), Some(3));
}
