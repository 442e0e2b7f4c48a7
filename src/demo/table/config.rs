//! Kinds that configure the cluster: classes, leases, flow control.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::cells::{Row, age, count, text};

/// By resource.
pub(super) fn printer(resource: &str) -> Option<Row> {
    Some(match resource {
        "priorityclasses.scheduling.k8s.io" => |object, now| {
            vec![
                json!(object.name()),
                json!(count(object, &["value"])),
                json!(object.flag(&["globalDefault"])),
                age(object, now),
                json!(text(object, &["preemptionPolicy"], "")),
            ]
        },
        "leases.coordination.k8s.io" => |object, now| {
            vec![json!(object.name()), json!(text(object, &["spec", "holderIdentity"], "")), age(object, now)]
        },
        "runtimeclasses.node.k8s.io" => {
            |object, now| vec![json!(object.name()), json!(text(object, &["handler"], "")), age(object, now)]
        }
        "flowschemas.flowcontrol.apiserver.k8s.io" => flow_schema,
        "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io" => priority_level,
        _ => return None,
    })
}

fn flow_schema(object: &Value, now: Timestamp) -> Vec<Value> {
    let mut conditions = object.list(&["status", "conditions"]).iter();
    let dangling = conditions.find(|one| text(one, &["type"], "") == "Dangling");
    vec![
        json!(object.name()),
        json!(text(object, &["spec", "priorityLevelConfiguration", "name"], "")),
        json!(count(object, &["spec", "matchingPrecedence"])),
        json!(text(object, &["spec", "distinguisherMethod", "type"], "<none>")),
        age(object, now),
        json!(dangling.map_or("?", |one| text(one, &["status"], ""))),
    ]
}

fn priority_level(object: &Value, now: Timestamp) -> Vec<Value> {
    let limited = object.at(&["spec", "limited"]).filter(|one| one.is_object());
    let queuing = limited.and_then(|one| one.at(&["limitResponse", "queuing"])).filter(|one| one.is_object());
    let cell = |from: Option<&Value>, key: &str| from.map_or_else(|| json!("<none>"), |one| json!(count(one, &[key])));
    vec![
        json!(object.name()),
        json!(text(object, &["spec", "type"], "")),
        cell(limited, "nominalConcurrencyShares"),
        cell(queuing, "queues"),
        cell(queuing, "handSize"),
        cell(queuing, "queueLengthLimit"),
        age(object, now),
    ]
}
