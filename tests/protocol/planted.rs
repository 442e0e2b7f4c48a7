//! The yardstick itself: that it finds a difference where there is one, and none where there is none.

use serde_json::{Value, json};
use tenantry_cluster::Failure;
use tenantry_cluster::harness::Suite;

use crate::compare::{self, Difference};
use crate::differences::{self, Known};
use crate::normal::Normaliser;
use crate::transcript::{Answer, Transcript};

/// Adds the tests of this file.
pub fn tests(suite: Suite) -> Suite {
    suite
        .free("yardstick", "what_must_differ_does_not_count", async || Ok(what_must_differ_does_not_count()?))
        .free("yardstick", "another_relation_is_found", async || Ok(another_relation_is_found()?))
        .free("yardstick", "quoted_objects_have_no_order", async || Ok(quoted_objects_have_no_order()?))
        .free("yardstick", "planted_differences_are_found", async || Ok(planted_differences_are_found()?))
        .free("yardstick", "a_listed_difference_has_to_exist", async || Ok(a_listed_difference_has_to_exist()?))
        .free("yardstick", "what_is_not_served_is_left_out", async || Ok(what_is_not_served_is_left_out()?))
}

fn holds(condition: bool, what: &str) -> Result<(), Failure> {
    if condition { Ok(()) } else { Err(Failure::new(what)) }
}

fn answer(label: &str, body: impl Into<Value>) -> Answer {
    let body = body.into();
    Answer {
        label: label.to_owned(),
        request: format!("GET /{label}"),
        said: json!({"code": 200, "headers": {"content-type": "application/json"}, "body": body}),
        ignored: std::collections::BTreeMap::default(),
        served: false,
    }
}

/// A pod and its ReplicaSet as a server with these made-up values would answer.
fn answers(owner: &str, pod: &str, suffix: &str, hash: &str, version: u32, time: &str) -> Transcript {
    let mut normaliser = Normaliser::default();
    let set = json!({"kind": "ReplicaSet", "metadata": {
        "name": format!("web-{hash}"), "uid": owner, "resourceVersion": version.to_string(),
        "creationTimestamp": time, "labels": {"pod-template-hash": hash},
    }});
    let pod = json!({"kind": "Pod", "metadata": {
        "name": format!("web-{hash}-{suffix}"), "generateName": format!("web-{hash}-"), "uid": pod,
        "resourceVersion": (version + 1).to_string(), "ownerReferences": [{"name": format!("web-{hash}"), "uid": owner}],
    }});
    vec![answer("set", normaliser.body(set)), answer("pod", normaliser.body(pod))]
}

const ONE: &str = "11111111-aaaa-4bbb-8ccc-000000000001";
const TWO: &str = "22222222-aaaa-4bbb-8ccc-000000000002";
const THREE: &str = "33333333-aaaa-4bbb-8ccc-000000000003";

fn first() -> Transcript {
    answers(ONE, TWO, "x7k2p", "5d8f7c9b6", 120, "2026-11-23T01:00:00Z")
}

fn what_must_differ_does_not_count() -> Result<(), Failure> {
    let second = answers(THREE, ONE, "q9wzz", "7f6d5c4b8", 9000, "2026-11-23T02:30:59Z");
    let found = compare::differences(&first(), &second);
    holds(found.is_empty(), &format!("{found:?}"))
}

fn another_relation_is_found() -> Result<(), Failure> {
    let mut normaliser = Normaliser::default();
    let own = normaliser.body(json!({"uid": ONE, "owner": ONE}));
    let foreign = Normaliser::default().body(json!({"uid": ONE, "owner": TWO}));
    let found = compare::differences(&vec![answer("x", own)], &vec![answer("x", foreign)]);
    holds(found.len() == 1 || found.len() == 2, &format!("a foreign owner passes: {found:?}"))?;
    let moved = Normaliser::default().body(json!([{"resourceVersion": "10"}, {"resourceVersion": "11"}]));
    let stayed = Normaliser::default().body(json!([{"resourceVersion": "10"}, {"resourceVersion": "10"}]));
    let found = compare::differences(&vec![answer("x", moved)], &vec![answer("x", stayed)]);
    holds(found.len() == 1, &format!("a write that did nothing passes: {found:?}"))
}

fn quoted_objects_have_no_order() -> Result<(), Failure> {
    let said = |object: &str| Normaliser::default().body(json!(format!("Invalid value: {object}: strict")));
    let one = said(r#""{\"a\":\"x\\\"y\",\"b\":1}""#);
    holds(one == said(r#""{\"b\":1,\"a\":\"x\\\"y\"}""#), "the order of fields counts")?;
    holds(one != said(r#""{\"b\":2,\"a\":\"x\\\"y\"}""#), "what a field holds does not count")?;
    holds(one.as_str().is_some_and(|text| text.ends_with(": strict")), "what stands behind the object is lost")
}

fn planted_differences_are_found() -> Result<(), Failure> {
    let plant = |pointer: &str, value: Value| {
        let mut second = first();
        if let Some(place) = second[1].said.pointer_mut(pointer) {
            *place = value;
        }
        compare::differences(&first(), &second)
    };
    for (pointer, value) in [
        ("/code", json!(201)),
        ("/headers/content-type", json!("text/plain")),
        ("/body/metadata/ownerReferences/0/name", json!("api")),
        ("/body/metadata/ownerReferences", json!([])),
        ("/body/kind", Value::Null),
    ] {
        let found: Vec<String> = plant(pointer, value).into_iter().map(|one| one.pointer).collect();
        holds(found == [pointer], &format!("planted at {pointer}, found at {found:?}"))?;
    }
    let mut shorter = first();
    shorter.pop();
    holds(compare::differences(&first(), &shorter).len() == 1, "a missing answer passes")
}

fn a_listed_difference_has_to_exist() -> Result<(), Failure> {
    let difference = Difference {
        label: "pods".to_owned(),
        request: String::new(),
        pointer: "/body/items/3/spec".to_owned(),
        real: None,
        other: None,
    };
    let known = |pointer: &str| Known {
        topic: "crud".to_owned(),
        exchange: "pods".to_owned(),
        pointer: pointer.to_owned(),
        reason: "it is so".to_owned(),
    };
    let judged = differences::judge(vec![difference.clone()], vec![known("/body/items/*/spec")]);
    holds(judged.new.is_empty() && judged.outdated.is_empty() && judged.known.len() == 1, "it is listed")?;
    let judged = differences::judge(vec![difference], vec![known("/body/kind")]);
    holds(judged.new.len() == 1 && judged.outdated.len() == 1, "another one is listed")
}

fn what_is_not_served_is_left_out() -> Result<(), Failure> {
    let listed = |names: &[&str]| {
        let resources: Vec<Value> = names.iter().map(|name| json!({"name": name, "kind": "X"})).collect();
        let mut one = answer("x", json!({"resources": resources}));
        one.served = true;
        vec![one]
    };
    let fewer = compare::differences(&listed(&["pods", "nodes"]), &listed(&["pods"]));
    holds(fewer.is_empty(), &format!("{fewer:?}"))?;
    let more = compare::differences(&listed(&["pods"]), &listed(&["pods", "toys"]));
    holds(more.len() == 1, "something that only the demo serves passes")
}
