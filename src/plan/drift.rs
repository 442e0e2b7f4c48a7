//! Has an object moved since its plan was shown?

use serde_json::Value;

use super::diff::{self, Difference};
use super::step::{Change, Step};

/// How an object differs from the one that a plan was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drift {
    /// It is the same.
    None,
    /// Only status or the server's bookkeeping changed: the plan holds, for the new version.
    Bookkeeping,
    /// It was deleted.
    Gone,
    /// It was deleted and made anew under the same name.
    Replaced,
    /// Something changed that a person decided, or might have.
    Moved {
        /// What.
        differences: Vec<Difference>,
        /// The field manager that wrote last.
        by: Option<String>,
    },
}

/// Compares the object a plan was made for with the present one (`None`: it is gone).
pub fn drift(kind: &str, planned: &Value, now: Option<&Value>) -> Drift {
    let Some(now) = now else { return Drift::Gone };
    let meta = |object: &Value, field: &str| object.pointer(&format!("/metadata/{field}")).cloned();
    if meta(planned, "uid") != meta(now, "uid") {
        return Drift::Replaced;
    }
    if diff::without_bookkeeping(planned) != diff::without_bookkeeping(now) {
        return Drift::Moved { differences: diff::diff(kind, planned, now).shown, by: last_manager(now) };
    }
    if meta(planned, "resourceVersion") == meta(now, "resourceVersion") { Drift::None } else { Drift::Bookkeeping }
}

/// The label by which Capsule cordons a namespace.
const CORDONED: &str = "projectcapsule.dev/cordoned";

/// What a Deployment's controller writes down of its roll-outs.
const ROLLED: &str = "deployment.kubernetes.io/";

/// Whether a step still means the same for its object as it is now. Finalizers are what controllers keep for themselves, and come
/// and go by themselves: they matter to a deletion, and to a step that is about them. So does the label by which Capsule cordons
/// a namespace: it follows the tenant, and matters to a step that is about it. What a Deployment's controller counts is nobody's
/// decision.
pub fn holds(step: &Step, now: &Value) -> bool {
    let body = step.change.body();
    let is_about = |pointer: &str| body.is_some_and(|body| body.pointer(pointer).is_some());
    let held = matches!(step.change, Change::Delete(_)) || is_about("/metadata/finalizers");
    let cordoned = step.object.kind != "Namespace" || is_about("/metadata/labels/projectcapsule.dev~1cordoned");
    let plain = |object: &Value| {
        let mut object = object.clone();
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            if !held {
                metadata.remove("finalizers");
            }
            if let Some(Value::Object(notes)) = metadata.get_mut("annotations") {
                notes.retain(|key, _| !key.starts_with(ROLLED));
                if notes.is_empty() {
                    metadata.remove("annotations");
                }
            }
            if let Some(labels) = metadata.get_mut("labels").and_then(Value::as_object_mut).filter(|_| !cordoned) {
                labels.remove(CORDONED);
            }
        }
        object
    };
    let Some(before) = step.before.object() else { return false };
    matches!(drift(&step.object.kind, &plain(before), Some(&plain(now))), Drift::None | Drift::Bookkeeping)
}

/// The field manager with the latest entry that is not about status.
fn last_manager(object: &Value) -> Option<String> {
    let entries = object.pointer("/metadata/managedFields")?.as_array()?;
    let of = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).map(str::to_owned);
    entries
        .iter()
        .filter(|entry| entry.get("subresource").is_none())
        .max_by_key(|entry| of(entry, "time"))
        .and_then(|entry| of(entry, "manager"))
}

impl Drift {
    /// The sentence on screen; `None` if the plan holds.
    pub fn words(&self, object: &str) -> Option<String> {
        match self {
            Self::None | Self::Bookkeeping => None,
            Self::Gone => Some(format!("{object} has been deleted")),
            Self::Replaced => Some(format!("{object} has been deleted and made anew")),
            Self::Moved { differences, by } => {
                let paths: Vec<&str> = differences.iter().map(|difference| difference.path.as_str()).take(3).collect();
                let more = differences.len().saturating_sub(paths.len());
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
                // What is told of nowhere else is a copy that was kept in an annotation.
                let what = if paths.is_empty() { String::new() } else { format!(": {}{more}", paths.join(", ")) };
                Some(format!("{object} was changed{by}{what}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{ObjectRef, Propagation};
    use serde_json::json;

    #[test]
    fn finalizers_matter_to_what_is_about_them() {
        let object = ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", "oil");
        let before = json!({"metadata": {"uid": "u", "resourceVersion": "1"}, "spec": {"cordoned": true}});
        let now =
            json!({"metadata": {"uid": "u", "resourceVersion": "2", "finalizers": ["x"]}, "spec": {"cordoned": true}});
        let step = |patch: Value| Step::merge(object.clone(), patch, before.clone());
        assert!(holds(&step(json!({"spec": {"cordoned": false}})), &now));
        assert!(!holds(&step(json!({"metadata": {"finalizers": []}})), &now));
        let deletion = Step { change: Change::Delete(Propagation::Background), ..step(json!({})) };
        assert!(!holds(&deletion, &now));
        let other = json!({"metadata": {"uid": "u", "finalizers": ["x"]}, "spec": {"cordoned": false}});
        assert!(!holds(&step(json!({"spec": {"cordoned": false}})), &other));
    }

    #[test]
    fn what_a_deployment_counts_is_no_drift() {
        let object = ObjectRef::namespaced("/apis/apps/v1", "deployments", "Deployment", "oil-web", "site");
        let site = |notes: Value| json!({"metadata": {"uid": "u", "annotations": notes}, "spec": {"replicas": 2}});
        let before = json!({"metadata": {"uid": "u"}, "spec": {"replicas": 2}});
        let step = Step::merge(object, json!({"spec": {"replicas": 0}}), before);
        assert!(holds(&step, &site(json!({"deployment.kubernetes.io/revision": "1"}))));
        assert!(!holds(&step, &site(json!({"deployment.kubernetes.io/revision": "1", "a": "b"}))));
    }

    #[test]
    fn a_cordon_that_follows_the_tenant_is_no_drift_of_its_namespaces() {
        let object = ObjectRef::cluster("/api/v1", "namespaces", "Namespace", "oil-web");
        let space = |label: Value| json!({"metadata": {"uid": "u", "labels": {"a": "b", CORDONED: label}}});
        let (before, now) = (space(json!("true")), json!({"metadata": {"uid": "u", "labels": {"a": "b"}}}));
        let step = |patch: Value| Step::merge(object.clone(), patch, before.clone());
        let deletion = Step { change: Change::Delete(Propagation::Background), ..step(json!({})) };
        assert!(holds(&deletion, &now));
        assert!(holds(&step(json!({"metadata": {"labels": {"c": "d"}}})), &now));
        assert!(!holds(&step(json!({"metadata": {"labels": {CORDONED: "true"}}})), &now));
        assert!(!holds(&deletion, &json!({"metadata": {"uid": "u", "labels": {"a": "c"}}})));
    }

    fn tenant(version: &str, cordoned: bool, ready: bool) -> Value {
        json!({
            "metadata": {"uid": "u1", "resourceVersion": version, "managedFields": [
                {"manager": "kubectl-patch", "time": "2026-11-22T10:00:00Z"},
                {"manager": "capsule", "time": "2026-11-22T11:00:00Z", "subresource": "status"},
            ]},
            "spec": {"cordoned": cordoned},
            "status": {"ready": ready},
        })
    }

    #[test]
    fn status_is_no_drift_and_everything_else_is() {
        let planned = tenant("1", false, true);
        assert_eq!(drift("Tenant", &planned, Some(&tenant("1", false, true))), Drift::None);
        assert_eq!(drift("Tenant", &planned, Some(&tenant("2", false, false))), Drift::Bookkeeping);
        assert_eq!(drift("Tenant", &planned, None), Drift::Gone);
        let mut other = tenant("2", false, true);
        other["metadata"]["uid"] = json!("u2");
        assert_eq!(drift("Tenant", &planned, Some(&other)), Drift::Replaced);
        let moved = drift("Tenant", &planned, Some(&tenant("2", true, true)));
        assert_eq!(moved.words("Tenant oil").unwrap(), "Tenant oil was changed by kubectl-patch: spec.cordoned");
    }
}
