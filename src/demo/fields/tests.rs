use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::element::Element;
use super::samples::{Nothing, object, workload};
use super::set::FieldSet;
use super::{FieldManager, Reset, from_user_agent, keep_times, validate};
use crate::demo::object::{Meta, Object};
use crate::demo::schema::node::Node;
use crate::demo::status::Status;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn fields_of(root: &Arc<Node>, run: impl FnOnce(FieldManager<'_>) -> Object) -> Object {
    run(manager(root, &Reset::exclude(&[&["status"]])))
}

fn manager<'a>(root: &'a Arc<Node>, reset: &'a Reset) -> FieldManager<'a> {
    FieldManager {
        api_version: "apps/v1",
        kind: "Workload",
        served: &[],
        root,
        definitions: &Nothing,
        custom: false,
        subresource: "",
        reset: Some(reset),
    }
}

fn apply(live: Option<&Object>, config: &Object, who: &str, force: bool, second: i64) -> Result<Object, Status> {
    let (root, reset) = (workload(), Reset::exclude(&[&["status"]]));
    let mut applied = manager(&root, &reset).apply(live, config, who, force, at(second))?;
    if live.is_none() {
        applied.set(&["metadata", "uid"], "1");
    }
    Ok(applied)
}

fn update(live: Option<&Object>, mut new: Object, who: &str, second: i64) -> Object {
    if live.is_none() {
        new = fields_of(&workload(), |manager| manager.update(None, new, who, at(second)));
        new.set(&["metadata", "uid"], "1");
        return new;
    }
    fields_of(&workload(), |manager| manager.update(live, new, who, at(second)))
}

/// The fields of an entry, or null.
fn owned(object: &Object, who: &str, operation: &str) -> Value {
    let entries = object.list(&["metadata", "managedFields"]).iter();
    let mut of = entries.filter(|entry| entry["manager"] == who && entry["operation"] == operation);
    of.next().map(|entry| entry["fieldsV1"].clone()).unwrap_or_default()
}

#[test]
fn a_creation_owns_what_go_does_not_print_by_itself() {
    let new = object(&json!({
        "replicas": 2, "strategy": {"type": "Recreate"}, "selector": {"a": "b"},
        "containers": [{"name": "app", "image": "x", "resources": {}, "ports": [{"containerPort": 80, "protocol": "TCP"}]}],
    }));
    let created = update(None, new, "creator", 0);
    // As on the real server: no `.` for the structs of spec, one for what was not there at all.
    let wanted = json!({"f:spec": {
        "f:replicas": {}, "f:selector": {}, "f:strategy": {"f:type": {}},
        "f:containers": {".": {}, "k:{\"name\":\"app\"}": {".": {}, "f:name": {}, "f:image": {}, "f:resources": {},
            "f:ports": {".": {}, "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}, "f:protocol": {}}}}},
    }});
    assert_eq!(owned(&created, "creator", "Update"), wanted);
}

#[test]
fn conflicts_name_the_manager_and_force_takes_over() {
    let live =
        update(None, object(&json!({"replicas": 2, "containers": [{"name": "app", "image": "a"}]})), "creator", 0);
    let one = apply(Some(&live), &object(&json!({"replicas": 3})), "ci", false, 1).unwrap_err();
    let text = "Apply failed with 1 conflict: conflict with \"creator\" using apps/v1: .spec.replicas";
    assert_eq!((one.code, one.reason, one.message.as_str()), (409, "Conflict", text));
    let both = object(&json!({"replicas": 3, "containers": [{"name": "app", "image": "b"}]}));
    let two = apply(Some(&live), &both, "ci", false, 1).unwrap_err();
    let text = "Apply failed with 2 conflicts: conflicts with \"creator\" using apps/v1:\n- .spec.replicas\n- .spec.containers[name=\"app\"].image";
    assert_eq!(two.message, text);
    let cause = json!({"reason": "FieldManagerConflict", "message": "conflict with \"creator\" using apps/v1", "field": ".spec.replicas"});
    assert_eq!(two.details.unwrap()["causes"][0], cause);
    let forced = apply(Some(&live), &both, "ci", true, 1).unwrap();
    assert_eq!(forced.at(&["spec", "replicas"]), Some(&json!(3)));
    assert_eq!(owned(&forced, "creator", "Update")["f:spec"]["f:replicas"], Value::Null);
    assert_eq!(owned(&forced, "ci", "Apply")["f:spec"]["f:replicas"], json!({}));
}

#[test]
fn what_is_no_longer_applied_goes_unless_shared() {
    let first = apply(None, &object(&json!({"replicas": 1, "paused": true})), "one", false, 0).unwrap();
    let second = apply(Some(&first), &object(&json!({"replicas": 1})), "two", false, 1).unwrap();
    // As the real server: an apply that changes nothing gives the new entry no time.
    assert!(second.list(&["metadata", "managedFields"]).iter().any(|e| e["manager"] == "two" && e["time"].is_null()));
    let third = apply(Some(&second), &object(&json!({})), "one", false, 2).unwrap();
    assert_eq!(third.at(&["spec"]).unwrap()["replicas"], json!(1));
    assert_eq!(third.at(&["spec"]).unwrap().get("paused"), None);
    assert_eq!(owned(&third, "one", "Apply"), json!({"f:spec": {}}));
}

#[test]
fn applying_twice_changes_nothing() {
    let config = object(&json!({"replicas": 1, "extra": {"a": [1, {"b": null}]}}));
    let first = apply(None, &config, "one", false, 0).unwrap();
    assert_eq!(apply(Some(&first), &config, "one", false, 9).unwrap(), first);
}

#[test]
fn wrong_configurations_are_refused_in_upstreams_words() {
    let said = |spec: Value| apply(None, &object(&spec), "one", false, 0).unwrap_err().message;
    let prefix = "failed to create typed patch object (oil-web/site; apps/v1, Kind=Workload): ";
    for (spec, text) in [
        (json!({"foo": 1}), ".spec.foo: field not declared in schema"),
        (json!({"replicas": "two"}), ".spec.replicas: expected numeric (int or float), got string"),
        (json!({"containers": "x"}), ".spec.containers: expected list, got &{x}"),
        (
            json!({"containers": [{"name": "a", "image": 7}]}),
            ".spec.containers[name=\"a\"].image: expected string, got &value.valueUnstructured{Value:7}",
        ),
        (
            json!({"containers": [{"name": "a"}, {"name": "a"}]}),
            ".spec.containers: duplicate entries for key [name=\"a\"]",
        ),
    ] {
        assert_eq!(said(spec), format!("{prefix}{text}"));
    }
    let mut managed = object(&json!({}));
    managed.set(&["metadata", "managedFields"], json!([]));
    assert_eq!(apply(None, &managed, "one", false, 0).unwrap_err().message, "metadata.managedFields must be nil");
    let other = json!({"apiVersion": "v1", "kind": "Secret"});
    assert_eq!(apply(None, &other, "one", false, 0).unwrap_err().message, "invalid object type: /v1, Kind=Secret");
}

#[test]
fn kubectl_takes_over_from_the_clients_side() {
    let mut new = object(&json!({"replicas": 1}));
    new.set(&["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"], new.to_string());
    let live = update(None, new, "kubectl-client-side-apply", 0);
    let config = object(&json!({"replicas": 2}));
    assert_eq!(apply(Some(&live), &config, "other", false, 1).unwrap_err().code, 409);
    let taken = apply(Some(&live), &config, "kubectl", false, 1).unwrap();
    let last = taken.annotation("kubectl.kubernetes.io/last-applied-configuration").unwrap();
    assert_eq!(last, format!("{config}\n"));
}

#[test]
fn managers_before_the_first_apply_and_forgotten_ones() {
    let live = update(None, object(&json!({"replicas": 1})), "creator", 0);
    let mut forget = live.clone();
    forget.set(&["metadata", "managedFields"], json!([]));
    let bare = update(Some(&live), forget, "x", 1);
    assert_eq!(bare.at(&["metadata", "managedFields"]), None);
    assert_eq!(update(Some(&bare), object(&json!({"replicas": 2})), "x", 1).at(&["metadata", "managedFields"]), None);
    let applied = apply(Some(&bare), &object(&json!({"paused": true})), "one", false, 2).unwrap();
    assert_eq!(owned(&applied, "before-first-apply", "Update"), json!({"f:spec": {"f:replicas": {}}}));
}

#[test]
fn no_more_than_ten_managers_of_updates() {
    let mut live = update(None, object(&json!({"replicas": 0})), "m0", 0);
    for step in 1..13 {
        let mut new = live.clone();
        new.set(&["metadata", "labels", &format!("l{step}")], "x");
        live = update(Some(&live), new, &format!("m{step}"), step);
    }
    assert_eq!(live.list(&["metadata", "managedFields"]).len(), 10);
    assert_ne!(owned(&live, "ancient-changes", "Update")["f:spec"]["f:replicas"], Value::Null);
}

#[test]
fn times_alone_make_no_new_version() {
    let live = apply(None, &object(&json!({"replicas": 1})), "one", false, 0).unwrap();
    let mut new = live.clone();
    new["metadata"]["managedFields"][0]["time"] = json!("2030-01-01T00:00:00Z");
    keep_times(&live, &mut new);
    assert_eq!(new, live);
}

#[test]
fn names_of_managers() {
    assert_eq!(from_user_agent("kubectl/v1.37.1 (linux/amd64)"), "kubectl");
    assert_eq!(from_user_agent(&"a".repeat(200)).len(), 128);
    assert_eq!(validate("", true)[0].what, "Required value: is required for apply patch");
    assert_eq!(validate(&"a".repeat(129), false)[0].what, "Too long: may not be more than 128 bytes");
    assert_eq!(validate("a\nb", false)[0].what, "Invalid value: \"a\\nb\": invalid character U+000A (at position 1)");
}

fn element() -> impl Strategy<Value = Element> {
    let scalar = prop_oneof![
        any::<i16>().prop_map(Value::from),
        "[a-c<\"]{0,2}".prop_map(Value::from),
        any::<bool>().prop_map(Value::from)
    ];
    prop_oneof![
        4 => "[a-c]{1,2}".prop_map(Element::Field),
        1 => scalar.clone().prop_map(Element::Value),
        1 => scalar.prop_map(|value| Element::Key(vec![("name".to_owned(), value)])),
        1 => (0..3_i64).prop_map(Element::Index),
    ]
}

fn set() -> impl Strategy<Value = FieldSet> {
    proptest::collection::vec(proptest::collection::vec(element(), 1..4), 0..8).prop_map(|paths| {
        let mut set = FieldSet::default();
        for path in &paths {
            set.insert(path);
        }
        set
    })
}

fn spec() -> impl Strategy<Value = Value> {
    let name = prop_oneof![Just("a"), Just("b"), Just("c")];
    let containers = proptest::collection::btree_map(name, "[xy]", 0..3);
    (proptest::option::of(0..3), proptest::option::of(any::<bool>()), containers).prop_map(
        |(replicas, paused, containers)| {
            let containers: Vec<_> =
                containers.iter().map(|(name, image)| json!({"name": name, "image": image})).collect();
            let mut spec = json!({});
            if let Some(replicas) = replicas {
                spec["replicas"] = json!(replicas);
            }
            if let Some(paused) = paused {
                spec["paused"] = json!(paused);
            }
            if !containers.is_empty() {
                spec["containers"] = json!(containers);
            }
            spec
        },
    )
}

proptest! {
    #[test]
    fn sets_survive_their_json(set in set()) {
        prop_assert_eq!(FieldSet::decode(&set.encode()).unwrap(), set);
    }

    #[test]
    fn sets_obey_their_laws(a in set(), b in set()) {
        prop_assert_eq!(a.union(&b), b.union(&a));
        prop_assert_eq!(a.union(&b).len(), a.len() + b.difference(&a).len());
        prop_assert_eq!(a.intersection(&b).union(&a.difference(&b)), a.clone());
        prop_assert!(a.difference(&b).intersection(&b).is_empty());
        prop_assert!(a.union(&b).paths().iter().all(|path| a.contains(path) || b.contains(path)));
    }

    #[test]
    fn a_forced_apply_holds_and_repeats(steps in proptest::collection::vec((0..3, spec()), 1..6)) {
        let mut live: Option<Object> = None;
        for (second, (who, spec)) in steps.iter().enumerate() {
            let (who, config) = (format!("m{who}"), object(spec));
            let next = apply(live.as_ref(), &config, &who, true, second as i64).unwrap();
            let again = apply(Some(&next), &config, &who, false, second as i64 + 9).unwrap();
            prop_assert_eq!(&again, &next);
            if let Some(replicas) = spec.get("replicas") {
                prop_assert_eq!(next.at(&["spec", "replicas"]), Some(replicas));
            }
            live = Some(next);
        }
    }
}
