//! The controllers, on a clock moved by hand.

mod back_off;
mod cron_jobs;
mod deletion;
mod deployments;
mod jobs;
mod namespaces;
mod rollouts;
mod shared;
mod stateful_sets;

use std::sync::{Arc, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::demo::access::user::User;
use crate::demo::clock::Clock;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deleted, Deletion, Propagation, Registry};
use crate::demo::status::Status;
use crate::demo::{Demo, Options};

/// A cluster with two nodes and the namespace `team`, at noon.
struct World {
    demo: Demo,
}

fn user() -> Caller {
    let groups = vec!["system:authenticated".to_owned(), "system:masters".to_owned()];
    Caller::new(User { name: "carol".to_owned(), groups, ..User::default() }, "tests")
}

impl World {
    fn new() -> Self {
        let noon: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let demo = Demo::start(&Options { capsule: None, clock: Clock::Hand(noon), ..Options::default() });
        let world = Self { demo };
        for name in ["n1", "n2"] {
            let conditions = json!([{"type": "Ready", "status": "True"}]);
            world.make("nodes", json!({"metadata": {"name": name}, "status": {"conditions": conditions}}));
        }
        world.make("namespaces", json!({"metadata": {"name": "team"}}));
        world.wait(1);
        world
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.demo.cluster().lock()
    }

    fn wait(&self, seconds: i64) {
        self.demo.advance(SignedDuration::from_secs(seconds));
    }

    fn wait_milli(&self, milli: i64) {
        self.demo.advance(SignedDuration::from_millis(milli));
    }

    fn now(&self) -> Timestamp {
        self.registry().now()
    }

    /// Makes an object, in `team` unless it says otherwise.
    fn make(&self, resource: &str, object: Object) -> Object {
        self.try_make(resource, object).unwrap_or_else(|status| panic!("{resource}: {status}"))
    }

    fn try_make(&self, resource: &str, mut object: Object) -> Result<Object, Status> {
        let mut registry = self.registry();
        if registry.kind(resource).unwrap().namespaced && object.namespace().is_empty() {
            object.set(&["metadata", "namespace"], "team");
        }
        registry.create(&mut user(), resource, object).map(Arc::unwrap_or_clone)
    }

    fn get(&self, resource: &str, name: &str) -> Option<Object> {
        let registry = self.registry();
        let namespace = if registry.kind(resource).unwrap().namespaced { "team" } else { "" };
        registry.get(resource, namespace, name)
    }

    fn list(&self, resource: &str) -> Vec<Object> {
        self.registry().list(resource, Some("team")).collect()
    }

    fn names(&self, resource: &str) -> Vec<String> {
        self.list(resource).iter().map(|object| object.name().to_owned()).collect()
    }

    fn edit(&self, resource: &str, name: &str, edit: impl FnOnce(&mut Object)) -> Arc<Object> {
        let mut registry = self.registry();
        let namespace = if registry.kind(resource).unwrap().namespaced { "team" } else { "" };
        registry.change(&user(), resource, "", namespace, name, edit).unwrap()
    }

    fn edit_status(&self, resource: &str, name: &str, edit: impl FnOnce(&mut Object)) {
        self.registry().change(&user(), resource, "status", "team", name, edit).unwrap();
    }

    fn delete(&self, resource: &str, name: &str, propagation: Option<Propagation>) -> Deleted {
        let mut registry = self.registry();
        let namespace = if registry.kind(resource).unwrap().namespaced { "team" } else { "" };
        let how = Deletion { propagation, ..Deletion::default() };
        registry.delete(&mut user(), resource, namespace, name, &how).unwrap()
    }

    /// The messages of the events about an object, with how often each was told.
    fn told(&self, about: &str, reason: &str) -> Vec<(String, i64)> {
        self.list("events")
            .iter()
            .filter(|event| {
                event.text(&["involvedObject", "name"]) == Some(about) && event.text(&["reason"]) == Some(reason)
            })
            .map(|event| (event.text(&["message"]).unwrap().to_owned(), event.int(&["count"]).unwrap()))
            .collect()
    }
}

/// A template of pods that run `image`.
fn template(image: &str) -> Value {
    json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": image}]}})
}

fn deployment(name: &str, replicas: i64) -> Object {
    json!({
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template("nginx:1")},
    })
}

fn condition(object: &Object, kind: &str) -> (String, String) {
    let found = object.list(&["status", "conditions"]).iter().find(|one| one.text(&["type"]) == Some(kind));
    let text = |field: &str| found.and_then(|one| one.text(&[field])).unwrap_or_default().to_owned();
    (text("status"), text("reason"))
}

fn is_ready(pod: &Object) -> bool {
    !pod.is_terminating() && condition(pod, "Ready").0 == "True"
}
