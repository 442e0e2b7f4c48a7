//! Waits until what a stage ends in is so.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::gate::{Class, Gate};
use super::review::request;
use super::wire;
use super::{follow, write};
use crate::plan::{Goal, ObjectRef, pods};
use crate::world::cordon::Cordon;
use crate::world::name::Interner;
use crate::world::trouble::{Trouble, TroubleKind};

/// How long until what could not be followed is looked at again.
const AGAIN: Duration = Duration::from_millis(500);

/// Waits until a goal is reached, or its deadline has passed: then the plan goes no further, and what is missing is told.
pub async fn reached(gate: &Gate, goal: &Goal) -> Result<(), Trouble> {
    let waiting = async {
        match goal {
            Goal::Usable { objects, .. } => {
                for object in objects {
                    until(gate, object, |object| object.is_some_and(is_usable)).await;
                }
            }
            Goal::Ready { workloads, .. } => {
                for object in workloads {
                    until(gate, object, |object| object.is_none_or(is_ready)).await;
                }
            }
            Goal::Stopped { workloads, .. } => {
                for (namespace, workloads) in by_namespace(workloads) {
                    stopped(gate, namespace, &workloads).await;
                }
            }
            Goal::Cordoned { tenant, cordoned, .. } => {
                while !lacks(gate, tenant, *cordoned).await.is_ok_and(|missing| missing.is_empty()) {
                    sleep(AGAIN / 5).await;
                }
            }
        }
    };
    let deadline = Duration::from_secs(u64::try_from(goal.deadline()).unwrap_or_default());
    let Err(_) = timeout(deadline, waiting).await else { return Ok(()) };
    let advice = "nothing more was sent; look at what it waits for, then do the rest of it";
    let missing = missing(gate, goal).await;
    let words = format!("not so after {} s: {missing}", deadline.as_secs());
    Err(Trouble::new(TroubleKind::TimedOut, words).advise(advice))
}

/// What still stands between a goal and its being reached, in words.
async fn missing(gate: &Gate, goal: &Goal) -> String {
    let titles = |objects: &[ObjectRef]| objects.iter().map(ObjectRef::title).collect::<Vec<_>>().join(", ");
    match goal {
        Goal::Usable { objects, .. } => format!("{} can be used", titles(objects)),
        Goal::Ready { workloads, .. } => format!("{} is ready", titles(workloads)),
        Goal::Cordoned { tenant, cordoned, .. } => match lacks(gate, tenant, *cordoned).await {
            Ok(missing) => missing.join(", "),
            Err(trouble) => trouble.what,
        },
        Goal::Stopped { workloads, .. } => {
            let mut left = Vec::new();
            for (namespace, workloads) in by_namespace(workloads) {
                left.extend(running(gate, namespace, &workloads).await.unwrap_or_default().into_values());
            }
            format!("the pods are gone of which these still run: {}", left.join(", "))
        }
    }
}

/// Waits until an object is as wanted.
async fn until(gate: &Gate, object: &ObjectRef, wanted: impl Fn(Option<&Value>) -> bool) {
    loop {
        match write::read(gate, object).await {
            Ok(now) if wanted(Some(&now)) => return,
            Err(trouble) if trouble.kind == TroubleKind::NotFound && wanted(None) => return,
            _ => {}
        }
        let change = follow::follow_until(gate, object, &wanted);
        if timeout(AGAIN * 10, change).await.is_ok_and(|seen| seen.is_ok_and(|seen| seen)) {
            return;
        }
        sleep(AGAIN).await;
    }
}

/// What a cordon lacks: see [`Cordon::missing`].
async fn lacks(gate: &Gate, tenant: &str, cordoned: bool) -> Result<Vec<String>, Trouble> {
    let wrong = |error: serde_json::Error| Trouble::new(TroubleKind::Other, error.to_string());
    let read = ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", tenant);
    let object = write::read(gate, &read).await?;
    let uri = format!("/api/v1/namespaces?labelSelector=capsule.clastix.io%2Ftenant%3D{tenant}");
    let list = gate.ask::<Value>(Class::Read, request(http::Request::get(uri), Vec::new())?, "list namespaces").await;
    let list = match list {
        // Then the tenant's status speaks alone.
        Err(trouble) if matches!(trouble.kind, TroubleKind::Forbidden(_)) => Value::Null,
        list => list?,
    };
    let mut names = Interner::default();
    let tenant = wire::capsule::decode_tenant(object.to_string().as_bytes(), &mut names).map_err(wrong)?;
    let mut spaces = Vec::new();
    for item in list.get("items").and_then(Value::as_array).into_iter().flatten() {
        spaces.push(wire::namespace::decode(item.to_string().as_bytes(), &mut names).map_err(wrong)?);
    }
    let map: BTreeMap<_, _> = spaces.iter().map(|space| (space.name.clone(), space)).collect();
    Ok(Cordon::missing(&tenant, &map, cordoned))
}

type Workload<'a> = (&'a str, &'a str);

/// The workloads of each namespace, by kind and name.
fn by_namespace(workloads: &[ObjectRef]) -> BTreeMap<&str, BTreeSet<Workload<'_>>> {
    let mut all: BTreeMap<&str, BTreeSet<Workload<'_>>> = BTreeMap::new();
    for one in workloads {
        all.entry(one.namespace.as_deref().unwrap_or_default()).or_default().insert((&one.kind, &one.name));
    }
    all
}

/// The pods of these workloads that still run: uid to name.
async fn running(
    gate: &Gate,
    namespace: &str,
    workloads: &BTreeSet<Workload<'_>>,
) -> Result<BTreeMap<String, String>, Trouble> {
    let (mut running, mut next) = (BTreeMap::new(), String::new());
    loop {
        let uri = format!("/api/v1/namespaces/{namespace}/pods?limit=500&continue={}", super::list::encode(&next));
        let request = request(http::Request::get(uri), Vec::new())?;
        let list = gate.ask::<Value>(Class::Read, request, &format!("list pods in {namespace}")).await?;
        for pod in list.get("items").and_then(Value::as_array).into_iter().flatten() {
            if pods::is_running(pod) && pods::keeper(pod).is_some_and(|keeper| workloads.contains(&keeper)) {
                let text =
                    |key: &str| pod.pointer(&format!("/metadata/{key}")).and_then(Value::as_str).unwrap_or_default();
                running.insert(text("uid").to_owned(), format!("{namespace}/{}", text("name")));
            }
        }
        match list.pointer("/metadata/continue").and_then(Value::as_str) {
            Some(more) if !more.is_empty() => more.clone_into(&mut next),
            _ => return Ok(running),
        }
    }
}

/// Waits until none of them is left.
async fn stopped(gate: &Gate, namespace: &str, workloads: &BTreeSet<Workload<'_>>) {
    let mut wait = AGAIN / 5;
    while !running(gate, namespace, workloads).await.is_ok_and(|running| running.is_empty()) {
        sleep(wait).await;
        wait = (wait * 2).min(AGAIN * 4);
    }
}

/// Whether a workload has all its pods, ready, in its present form.
fn is_ready(object: &Value) -> bool {
    let number = |pointer: &str| object.pointer(pointer).and_then(Value::as_i64);
    let wanted = number("/spec/replicas").unwrap_or(1);
    number("/status/observedGeneration") >= number("/metadata/generation")
        && number("/status/readyReplicas").unwrap_or(0) >= wanted
}

/// Whether a namespace is active, a custom kind is served, a tenant is known to its controller.
fn is_usable(object: &Value) -> bool {
    let condition = |kind: &str| {
        let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
        conditions.is_some_and(|conditions| {
            conditions.iter().any(|condition| {
                condition.get("type").and_then(Value::as_str) == Some(kind)
                    && condition.get("status").and_then(Value::as_str) == Some("True")
            })
        })
    };
    match object.get("kind").and_then(Value::as_str) {
        Some("CustomResourceDefinition") => condition("Established"),
        // Before its controller has seen a tenant nobody can make namespaces in it. Up to 0.10 there are no conditions.
        Some("Tenant") => {
            condition("Ready")
                || object.pointer("/status/conditions").is_none() && object.pointer("/status/state").is_some()
        }
        Some("Namespace") => object.pointer("/status/phase").and_then(Value::as_str) == Some("Active"),
        _ => true,
    }
}
