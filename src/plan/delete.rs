//! A plan that deletes objects; or, where a tenant is protected against that, one that lifts the protection.

use serde_json::{Value, json};

use super::{Before, Change, ObjectRef, Plan, Propagation, Stage, Step, Target, finalizer};
use crate::world::trouble::{Trouble, TroubleKind};

/// Deletes what is there of these. `hidden`: how many of them a filter hides.
pub fn plan(
    found: Vec<(ObjectRef, Before)>,
    hidden: usize,
    propagation: Propagation,
    target: Target,
) -> Result<Plan, Trouble> {
    let is_protected = |(object, before): &&(ObjectRef, Before)| {
        object.kind == "Tenant" && before.object().is_some_and(|now| now.pointer(PROTECTED) == Some(&json!(true)))
    };
    let protected: Vec<(ObjectRef, Before)> = found.iter().filter(is_protected).cloned().collect();
    if !protected.is_empty() {
        return Ok(lift(protected, target));
    }
    let (mut summary, mut steps) = (Vec::new(), Vec::new());
    if hidden > 0 {
        summary.push(format!("{hidden} of what is marked is hidden by a filter"));
    }
    for (object, before) in found {
        match &before {
            Before::Absent => {
                summary.push(format!("{} is gone already", object.title()));
                continue;
            }
            Before::Present(now) => summary.extend(waits(&object, now)),
            Before::Unreadable(_) => {}
        }
        steps.push(Step { object, change: Change::Delete(propagation), before, answer: None, source: None });
    }
    let title = match steps.as_slice() {
        [] => return Err(Trouble::new(TroubleKind::NotFound, "what is to be deleted is gone already")),
        [step] => format!("Delete {}", step.object.title()),
        steps => format!("Delete {} objects", steps.len()),
    };
    // What takes others with it that no undo brings back is named by hand.
    let gravest = steps.iter().find(|step| is_vessel(&step.object.kind)).map(|step| step.object.name.clone());
    if gravest.is_some() {
        summary.push("this cannot be taken back; a snapshot of it can be kept first".to_owned());
    }
    let stages = vec![Stage { steps, goal: None }];
    Ok(Plan { title, summary, target, stages, typed: gravest, ..Plan::default() })
}

/// Where a tenant says that it must not be deleted.
const PROTECTED: &str = "/spec/preventDeletion";

/// Lifts the protection of tenants, and deletes nothing.
fn lift(protected: Vec<(ObjectRef, Before)>, target: Target) -> Plan {
    let names: Vec<String> = protected.iter().map(|(object, _)| object.name.clone()).collect();
    let summary = vec![
        format!("{} is protected against deletion (preventDeletion): Capsule would refuse it", names.join(", ")),
        "this lifts that and deletes nothing; then it can be deleted, by a plan of its own".to_owned(),
    ];
    let patch = json!({"spec": {"preventDeletion": false}});
    let step = |(object, before): (ObjectRef, Before)| Step {
        object,
        change: Change::Merge(patch.clone()),
        before,
        answer: None,
        source: None,
    };
    let steps = protected.into_iter().map(step).collect();
    let title = format!("Lift the protection of {}", names.join(", "));
    Plan { title, summary, target, stages: vec![Stage { steps, goal: None }], ..Plan::default() }
}

/// Whether a plan deletes anything.
pub fn is_deletion(plan: &Plan) -> bool {
    plan.steps().any(|step| matches!(step.change, Change::Delete(_)))
}

/// Whether everything that a tenant is, or that is in a namespace, goes with it.
pub fn is_whole(object: &ObjectRef) -> bool {
    matches!((object.kind.as_str(), object.group()), ("Namespace", "") | ("Tenant", "capsule.clastix.io"))
}

fn is_vessel(kind: &str) -> bool {
    matches!(kind, "Namespace" | "Tenant" | "CustomResourceDefinition" | "PersistentVolume" | "PersistentVolumeClaim")
}

/// What a deletion has to wait for.
fn waits(object: &ObjectRef, now: &Value) -> Vec<String> {
    let title = object.title();
    let texts = |pointer: &str| -> Vec<String> {
        let list = now.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let mut words = Vec::new();
    let finalizers = texts("/metadata/finalizers");
    if !finalizers.is_empty() {
        let finalizers: Vec<String> = finalizers.iter().map(|name| finalizer::words(name, Some(now))).collect();
        words.push(format!("{title} goes when those who hold it let it go: {}", finalizers.join(", ")));
    }
    if let ("PersistentVolume", Some(policy)) =
        (object.kind.as_str(), now.pointer("/spec/persistentVolumeReclaimPolicy").and_then(Value::as_str))
    {
        let does =
            if policy == "Retain" { "what is on it stays where it is stored" } else { "what is on it may go, too" };
        words.push(format!("{title}: its reclaim policy is {policy}, so {does}"));
    }
    if now.pointer("/metadata/deletionTimestamp").is_some() {
        words.push(format!("{title} is being deleted already"));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_takes_others_with_it_is_named_by_hand() {
        let namespace = ObjectRef::cluster("/api/v1", "namespaces", "Namespace", "oil-web");
        let now = json!({"metadata": {"uid": "u", "resourceVersion": "1", "finalizers": ["example.com/backup"]}});
        let found = vec![(namespace, Before::Present(now))];
        let plan = plan(found, 1, Propagation::Background, Target::default()).unwrap();
        assert_eq!(plan.typed.as_deref(), Some("oil-web"));
        assert_eq!(
            plan.summary,
            [
                "1 of what is marked is hidden by a filter",
                "Namespace oil-web goes when those who hold it let it go: example.com/backup",
                "this cannot be taken back; a snapshot of it can be kept first",
            ]
        );
    }

    #[test]
    fn a_protected_tenant_is_not_deleted_but_offered_to_be_freed() {
        let tenant = |name: &str| ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", name);
        let now = |protected: bool| {
            Before::Present(json!({"metadata": {"uid": "u"}, "spec": {"preventDeletion": protected}}))
        };
        let found = vec![(tenant("oil"), now(true)), (tenant("gas"), now(false))];
        let lifting = plan(found, 0, Propagation::Background, Target::default()).unwrap();
        assert_eq!((lifting.title.as_str(), lifting.typed.as_ref()), ("Lift the protection of oil", None));
        let changes: Vec<&Change> = lifting.steps().map(|step| &step.change).collect();
        assert_eq!(changes, [&Change::Merge(json!({"spec": {"preventDeletion": false}}))]);
        assert!(!is_deletion(&lifting));
        let free = plan(vec![(tenant("gas"), now(false))], 0, Propagation::Background, Target::default()).unwrap();
        assert!(is_deletion(&free) && free.typed.as_deref() == Some("gas"));
    }

    #[test]
    fn what_is_gone_needs_no_deletion() {
        let secret = ObjectRef::namespaced("/api/v1", "secrets", "Secret", "oil-web", "key");
        let gone = plan(vec![(secret, Before::Absent)], 0, Propagation::Background, Target::default());
        assert_eq!(gone.unwrap_err().kind, TroubleKind::NotFound);
    }
}
