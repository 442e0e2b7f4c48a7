//! What a real API server stored and refused, against what this makes of the same.
//!
//! `exchanges.json` holds creations and changes sent to Kubernetes 1.37.1, without managed fields.

mod fuzz;
mod units;

use serde_json::{Value, json};

use super::*;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Subresource;

/// A built-in kind, as its exchanges name it.
pub(super) fn kind(group: &str, version: &str, resource: &str) -> Kind {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../../schema/data/kinds-0.14.json")).unwrap();
    let row = rows.iter().find(|row| row["group"] == group && row["resource"] == resource).unwrap();
    let below = |one: &Value| Subresource {
        name: one["name"].as_str().unwrap().to_owned(),
        kind: String::new(),
        group: String::new(),
        version: String::new(),
        verbs: Vec::new(),
    };
    Kind {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: row["kind"].as_str().unwrap().to_owned(),
        resource: resource.to_owned(),
        singular: String::new(),
        short: Vec::new(),
        categories: Vec::new(),
        namespaced: row["namespaced"].as_bool().unwrap(),
        verbs: Vec::new(),
        subresources: row["subresources"].as_array().map(|all| all.iter().map(below).collect()).unwrap_or_default(),
        custom: None,
    }
}

pub(super) fn exchanges() -> Vec<Value> {
    serde_json::from_str(include_str!("exchanges.json")).unwrap()
}

pub(super) fn kind_of(exchange: &Value) -> Kind {
    let text = |key: &str| exchange[key].as_str().unwrap();
    kind(text("group"), text("version"), text("resource"))
}

/// What admission plugins of a real server add, and what a controller wrote meanwhile, is not the strategy's.
fn without_admission(kind: &Kind, input: &Value, object: &mut Object) {
    object.unset(&["metadata", "resourceVersion"]);
    match built_in(kind) {
        Some(("", "pods")) => {
            for field in ["priority", "preemptionPolicy", "tolerations", "serviceAccountName", "serviceAccount"] {
                if input.at(&["spec", field]).is_none_or(|one| *one == json!([])) {
                    object.unset(&["spec", field]);
                }
            }
        }
        Some(("", "persistentvolumeclaims" | "persistentvolumes")) => drop(object.unset(&["metadata", "finalizers"])),
        Some(("", "nodes")) => drop(object.unset(&["spec", "taints"])),
        _ => {}
    }
}

/// The object of a request, up to where it is validated.
fn created(kind: &Kind, input: &Value, like: &Value) -> Object {
    let mut object = input.clone();
    object.set(&["apiVersion"], kind.api_version());
    object.set(&["kind"], kind.kind.clone());
    normalize(kind, &mut object);
    defaults::apply(kind, &mut object);
    for field in ["uid", "creationTimestamp", "namespace"] {
        if let Some(value) = like.at(&["metadata", field]) {
            object.set(&["metadata", field], value.clone());
        } else if kind.namespaced && field == "namespace" {
            object.set(&["metadata", field], "play");
        }
    }
    prepare_create(kind, &mut object);
    let address = like.text(&["spec", "clusterIP"]).unwrap_or("10.0.0.1").to_owned();
    allocate(kind, &mut object, &mut || address.clone());
    object
}

#[test]
fn new_objects_are_stored_as_by_a_real_server() {
    let mut wrong = Vec::new();
    for exchange in exchanges().iter().filter(|one| one["code"] == 201) {
        let kind = kind_of(exchange);
        let mut theirs = exchange["output"].clone();
        let mut ours = created(&kind, &exchange["input"], &theirs);
        without_admission(&kind, &exchange["input"], &mut theirs);
        without_admission(&kind, &exchange["input"], &mut ours);
        if ours != theirs {
            wrong.push(format!("{} {}\n{}", kind.resource, ours.name(), difference("", &theirs, &ours).join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn changes_are_stored_as_by_a_real_server() {
    let mut wrong = Vec::new();
    for exchange in exchanges() {
        let kind = kind_of(&exchange);
        for update in exchange["updates"].as_array().unwrap().iter().filter(|one| one["code"] == 200) {
            let (old, mut ours, mut theirs) = (update["old"].clone(), update["new"].clone(), update["output"].clone());
            normalize(&kind, &mut ours);
            defaults::apply(&kind, &mut ours);
            prepare_update(&kind, update["sub"].as_str().unwrap(), &old, &mut ours);
            ours.unset(&["metadata", "resourceVersion"]);
            theirs.unset(&["metadata", "resourceVersion"]);
            if ours != theirs {
                wrong.push(format!("{} {}\n{}", kind.resource, ours.name(), difference("", &theirs, &ours).join("\n")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn nothing_that_a_real_server_stored_is_refused() {
    let mut wrong = Vec::new();
    for exchange in exchanges() {
        let kind = kind_of(&exchange);
        if exchange["code"] == 201 {
            let object = created(&kind, &exchange["input"], &exchange["output"]);
            let faults = validate::create(&kind, &object);
            if !faults.is_empty() {
                wrong.push(format!("{} {}: {faults:?}", kind.resource, object.name()));
            }
        }
        for update in exchange["updates"].as_array().unwrap().iter().filter(|one| one["code"] == 200) {
            let faults = validate::update(&kind, update["sub"].as_str().unwrap(), &update["old"], &update["output"]);
            if !faults.is_empty() {
                wrong.push(format!("update of {}: {faults:?}", kind.resource));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn faults_are_those_of_a_real_server() {
    let (mut wrong, mut right) = (Vec::new(), 0);
    for exchange in exchanges() {
        let kind = kind_of(&exchange);
        if exchange["code"] == 422 {
            let object = created(&kind, &exchange["input"], &Value::Null);
            compare(&kind, &validate::create(&kind, &object), &exchange["output"], &mut wrong, &mut right);
        }
        for update in exchange["updates"].as_array().unwrap().iter().filter(|one| one["code"] == 422) {
            let (old, mut new) = (&update["old"], update["new"].clone());
            let sub = update["sub"].as_str().unwrap();
            normalize(&kind, &mut new);
            defaults::apply(&kind, &mut new);
            prepare_update(&kind, sub, old, &mut new);
            compare(&kind, &validate::update(&kind, sub, old, &new), &update["output"], &mut wrong, &mut right);
        }
    }
    // What is known to be said otherwise; this number only falls.
    assert!(wrong.len() <= KNOWN_OTHER, "{right} right, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Refusals of the fixtures whose list of faults is not the real one: a job's other template (shown there as an internal Go
/// struct), a time zone that does not exist, `.dockerconfigjson` that is no JSON, and Endpoints.
const KNOWN_OTHER: usize = 4;

fn compare(
    kind: &Kind,
    faults: &[crate::demo::status::FieldFault],
    status: &Value,
    wrong: &mut Vec<String>,
    right: &mut usize,
) {
    let lines = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let ours: Vec<String> = faults.iter().map(|one| lines(&format!("{}: {}", one.field, one.what))).collect();
    let theirs: Vec<String> = status["details"]["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| lines(&format!("{}: {}", one["field"].as_str().unwrap(), one["message"].as_str().unwrap())))
        .collect();
    if ours == theirs {
        *right += 1;
    } else {
        wrong.push(format!("{}:\n  theirs {theirs:#?}\n  ours   {ours:#?}", kind.resource));
    }
}

/// Where two values differ.
fn difference(path: &str, theirs: &Value, ours: &Value) -> Vec<String> {
    match (theirs, ours) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            let none = json!("<absent>");
            keys.iter()
                .flat_map(|key| {
                    difference(&format!("{path}.{key}"), a.get(*key).unwrap_or(&none), b.get(*key).unwrap_or(&none))
                })
                .collect()
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().flat_map(|(at, (a, b))| difference(&format!("{path}[{at}]"), a, b)).collect()
        }
        _ if theirs == ours => Vec::new(),
        _ => vec![format!("  {path}: theirs {theirs}, ours {ours}")],
    }
}
