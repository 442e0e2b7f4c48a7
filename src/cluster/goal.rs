//! Waits until what a stage ends in is so.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::gate::Gate;
use super::{follow, write};
use crate::plan::{Goal, ObjectRef};
use crate::world::trouble::{Trouble, TroubleKind};

/// How long until what could not be followed is looked at again.
const AGAIN: Duration = Duration::from_millis(500);

/// Waits until a goal is reached, or its deadline has passed. [`Goal::Cordoned`] is seen by whoever follows the namespaces; it
/// is not waited for here.
pub async fn reached(gate: &Gate, goal: &Goal) -> Result<(), Trouble> {
    let Goal::Usable { objects, deadline } = goal else { return Ok(()) };
    let waiting = async {
        for object in objects {
            usable(gate, object).await;
        }
    };
    let deadline = Duration::from_secs(u64::try_from(*deadline).unwrap_or_default());
    timeout(deadline, waiting).await.map_err(|_| {
        let names: Vec<String> = objects.iter().map(ObjectRef::title).collect();
        let words = format!("not usable after {} s: {}", deadline.as_secs(), names.join(", "));
        Trouble::new(TroubleKind::TimedOut, words).advise("nothing more was sent; look at what it waits for")
    })
}

async fn usable(gate: &Gate, object: &ObjectRef) {
    loop {
        if write::read(gate, object).await.is_ok_and(|object| is_usable(&object)) {
            return;
        }
        let change = follow::follow_until(gate, object, |object| object.is_some_and(is_usable));
        if timeout(AGAIN * 10, change).await.is_ok_and(|seen| seen.is_ok_and(|seen| seen)) {
            return;
        }
        sleep(AGAIN).await;
    }
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
