//! A plan that deletes objects.

use serde_json::Value;

use super::{Before, Change, ObjectRef, Plan, Propagation, Stage, Step, Target, finalizer};
use crate::world::trouble::{Trouble, TroubleKind};

/// Deletes what is there of these. `hidden`: how many of them a filter hides.
pub fn plan(
    found: Vec<(ObjectRef, Before)>,
    hidden: usize,
    propagation: Propagation,
    target: Target,
) -> Result<Plan, Trouble> {
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
    fn what_is_gone_needs_no_deletion() {
        let secret = ObjectRef::namespaced("/api/v1", "secrets", "Secret", "oil-web", "key");
        let gone = plan(vec![(secret, Before::Absent)], 0, Propagation::Background, Target::default());
        assert_eq!(gone.unwrap_err().kind, TroubleKind::NotFound);
    }
}
