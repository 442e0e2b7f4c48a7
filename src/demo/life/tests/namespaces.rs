use super::*;

fn conditions(world: &World) -> Vec<(String, String, String)> {
    let namespace = world.get("namespaces", "team").unwrap();
    let text = |one: &Value, field: &str| one.text(&[field]).unwrap().to_owned();
    let all = namespace.list(&["status", "conditions"]);
    all.iter().map(|one| (text(one, "type"), text(one, "status"), text(one, "message"))).collect()
}

#[test]
fn a_namespace_takes_its_content_with_it() {
    let world = World::new();
    world.make("deployments.apps", deployment("web", 2));
    world.wait(5);
    world.delete("namespaces", "team", None);
    let team = world.get("namespaces", "team").unwrap();
    assert_eq!((team.text(&["status", "phase"]), team.is_terminating()), (Some("Terminating"), true));
    let refused = world.try_make("configmaps", json!({"metadata": {"name": "late"}})).unwrap_err();
    assert!(refused.message.ends_with("because it is being terminated"), "{refused}");
    // The controller waits five seconds, then ends the pods, and looks again after half their grace.
    world.wait(4);
    assert_eq!(world.list("deployments.apps").len(), 1);
    world.wait(2);
    assert!(world.list("pods").iter().all(Object::is_terminating));
    world.wait(120);
    assert!(world.get("namespaces", "team").is_none());
    for resource in ["deployments.apps", "replicasets.apps", "pods", "configmaps", "serviceaccounts", "events"] {
        assert!(world.list(resource).is_empty(), "{resource}");
    }
}

#[test]
fn it_says_what_holds_it() {
    let world = World::new();
    for (resource, name) in [("configmaps", "a"), ("configmaps", "b"), ("deployments.apps", "web")] {
        let mut held = if resource == "configmaps" { json!({}) } else { deployment(name, 0) };
        held.set(&["metadata"], json!({"name": name, "finalizers": ["example.com/hold"]}));
        world.make(resource, held);
    }
    world.delete("namespaces", "team", None);
    world.wait(60);
    let all = conditions(&world);
    let said = |kind: &str| {
        all.iter().find(|(one, _, _)| one == kind).map(|(_, status, said)| (status.as_str(), said.as_str()))
    };
    assert_eq!(
        said("NamespaceContentRemaining"),
        Some((
            "True",
            "Some resources are remaining: configmaps. has 2 resource instances, deployments.apps has 1 resource instances"
        ))
    );
    assert_eq!(
        said("NamespaceFinalizersRemaining"),
        Some((
            "True",
            "Some content in the namespace has finalizers remaining: example.com/hold in 3 resource instances"
        ))
    );
    assert_eq!(said("NamespaceDeletionContentFailure").map(|(status, _)| status), Some("False"));
    let before = world.registry().store.revision();
    world.wait(600);
    assert_eq!(world.registry().store.revision(), before, "nothing new is said again");
    for (resource, name) in [("configmaps", "a"), ("configmaps", "b"), ("deployments.apps", "web")] {
        world.edit(resource, name, |held| drop(held.unset(&["metadata", "finalizers"])));
    }
    world.wait(20);
    assert!(world.get("namespaces", "team").is_none());
}

#[test]
fn a_finalizer_of_its_own_holds_an_empty_one() {
    let world = World::new();
    world.make("namespaces", json!({"metadata": {"name": "own"}, "spec": {"finalizers": ["example.com/own"]}}));
    world.wait(1);
    world.delete("namespaces", "own", None);
    world.wait(30);
    let own = world.get("namespaces", "own").unwrap();
    assert_eq!(own.list(&["spec", "finalizers"]), [json!("example.com/own")]);
    assert_eq!(own.list(&["status", "conditions"]).len(), 5);
    assert!(own.list(&["status", "conditions"]).iter().all(|one| one.text(&["status"]) == Some("False")));
}
