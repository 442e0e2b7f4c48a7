//! Whether what a step has begun has come true: workloads roll out, what was deleted goes. Pure.
//!
//! Roll-outs are read as `kubectl rollout status` reads them.

use serde_json::Value;

use super::gone;
use super::history::{Fate, Past};
use super::object::{self, ObjectRef};
use super::step::Change;

/// What is awaited of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaits {
    /// The one with this uid is gone.
    Gone(String),
    /// Its pods are as it says.
    RolledOut,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It has come true.
    Reached(String),
    /// Not yet, and what is missing.
    NotYet(String),
    /// It will not come true by itself, and why.
    Stuck(String),
}

impl State {
    /// Whether there is nothing more to wait for.
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::NotYet(_))
    }

    /// In words.
    pub fn words(&self) -> &str {
        match self {
            Self::Reached(words) | Self::NotYet(words) | Self::Stuck(words) => words,
        }
    }
}

/// What is to be waited for after a plan was applied.
pub fn awaited(past: &Past) -> Vec<(ObjectRef, Awaits)> {
    let done = past.steps.iter().filter(|(_, fate)| matches!(fate, Fate::Done(_)));
    let of = |record: &super::record::Record| match (&record.change, record.object.kind.as_str()) {
        (Change::Delete(_), _) => Some(Awaits::Gone(record.uid.clone())),
        (_, "Deployment" | "StatefulSet" | "DaemonSet") if record.object.group() == "apps" => Some(Awaits::RolledOut),
        _ => None,
    };
    done.filter_map(|(record, _)| Some((record.object.clone(), of(record)?))).collect()
}

/// How far an object is (`None`: it is not there).
pub fn state(awaits: &Awaits, now: Option<&Value>) -> State {
    match (awaits, now) {
        (Awaits::Gone(uid), Some(now)) if object::uid(now) == uid => State::NotYet(gone::words(now)),
        (Awaits::Gone(_), _) => State::Reached("gone".to_owned()),
        (Awaits::RolledOut, None) => State::Stuck("it is not there any more".to_owned()),
        (Awaits::RolledOut, Some(now)) => rolled_out(now),
    }
}

fn rolled_out(now: &Value) -> State {
    let number = |pointer: &str| now.pointer(pointer).and_then(Value::as_i64);
    let status = |field: &str| number(&format!("/status/{field}")).unwrap_or_default();
    if status("observedGeneration") < number("/metadata/generation").unwrap_or_default() {
        return State::NotYet("its controller has not seen it yet".to_owned());
    }
    if now.get("kind").and_then(Value::as_str) == Some("DaemonSet") {
        let wanted = status("desiredNumberScheduled");
        return counted(wanted, status("updatedNumberScheduled"), wanted, status("numberAvailable"));
    }
    let conditions = now.pointer("/status/conditions").and_then(Value::as_array);
    let late = |condition: &Value| condition.get("reason").and_then(Value::as_str) == Some("ProgressDeadlineExceeded");
    if conditions.is_some_and(|all| all.iter().any(late)) {
        return State::Stuck("it does not get on: its progress deadline is exceeded".to_owned());
    }
    if now.pointer("/spec/paused").and_then(Value::as_bool) == Some(true) {
        return State::Reached("accepted; its roll-out is paused".to_owned());
    }
    if now.pointer("/spec/updateStrategy/type").and_then(Value::as_str) == Some("OnDelete") {
        return State::Reached("accepted; its pods are replaced when they are deleted".to_owned());
    }
    let wanted = number("/spec/replicas").unwrap_or(1);
    let held_back = number("/spec/updateStrategy/rollingUpdate/partition").unwrap_or_default().min(wanted);
    let is_set = now.get("kind").and_then(Value::as_str) == Some("StatefulSet");
    // A set whose revision did not change counts no pods as updated.
    let same = now.pointer("/status/currentRevision") == now.pointer("/status/updateRevision");
    let updated = if is_set && same { wanted } else { status("updatedReplicas") + held_back };
    let available = status(if is_set { "readyReplicas" } else { "availableReplicas" });
    counted(wanted, updated, status("replicas"), available)
}

fn counted(wanted: i64, updated: i64, all: i64, available: i64) -> State {
    if updated < wanted {
        State::NotYet(format!("{updated} of {wanted} pods are new"))
    } else if all > wanted {
        let left = all - wanted;
        State::NotYet(format!("{left} old {} still there", if left == 1 { "pod is" } else { "pods are" }))
    } else if available < wanted {
        State::NotYet(format!("{available} of {wanted} pods are available"))
    } else {
        State::Reached(format!("rolled out, {available} of {wanted} pods are available"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rollout_is_followed_to_its_end() {
        let deployment = |seen: i64, status: Value| {
            let mut status = status;
            status["observedGeneration"] = seen.into();
            json!({"kind": "Deployment", "metadata": {"generation": 2}, "spec": {"replicas": 3}, "status": status})
        };
        for (object, words, is_final) in [
            (deployment(1, json!({})), "its controller has not seen it yet", false),
            (deployment(2, json!({"replicas": 3, "updatedReplicas": 1})), "1 of 3 pods are new", false),
            (deployment(2, json!({"replicas": 4, "updatedReplicas": 3})), "1 old pod is still there", false),
            (
                deployment(2, json!({"replicas": 3, "updatedReplicas": 3, "availableReplicas": 2})),
                "2 of 3 pods are available",
                false,
            ),
            (
                deployment(2, json!({"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3})),
                "rolled out, 3 of 3 pods are available",
                true,
            ),
            (
                deployment(2, json!({"conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]})),
                "it does not get on: its progress deadline is exceeded",
                true,
            ),
        ] {
            let state = state(&Awaits::RolledOut, Some(&object));
            assert_eq!((state.words(), state.is_final()), (words, is_final), "{object}");
        }
        let daemons = json!({"kind": "DaemonSet", "status": {
            "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 1,
        }});
        assert_eq!(state(&Awaits::RolledOut, Some(&daemons)).words(), "1 of 2 pods are available");
        let set = json!({"kind": "StatefulSet", "spec": {"replicas": 0}, "status": {"replicas": 1}});
        assert_eq!(state(&Awaits::RolledOut, Some(&set)).words(), "1 old pod is still there");
    }

    #[test]
    fn what_was_deleted_is_gone_when_another_has_its_name() {
        let awaits = Awaits::Gone("u".into());
        let held = json!({"metadata": {"uid": "u", "finalizers": ["example.com/a"]}});
        assert_eq!(state(&awaits, Some(&held)), State::NotYet("not gone yet, held by example.com/a".into()));
        assert!(state(&awaits, Some(&json!({"metadata": {"uid": "v"}}))).is_final());
        assert!(state(&awaits, None).is_final());
    }
}
