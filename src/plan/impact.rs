//! What a plan does beyond the fields that it changes, in sentences: pods restarted, people let in, hosts changed, data lost.

use std::collections::BTreeMap;

use serde_json::Value;

use super::edit::{Edit, Segment, edits};
use super::record::Record;
use super::{Answer, Change, Plan, Step, diff};
use crate::world::trouble::{Trouble, TroubleKind};

/// The sentences, the gravest first.
pub fn sentences(plan: &Plan) -> Vec<String> {
    let mut found: BTreeMap<Impact, Vec<String>> = BTreeMap::new();
    for step in plan.steps() {
        for (impact, what) in of_step(step) {
            found.entry(impact).or_default().push(what);
        }
        if step.answer.as_ref().is_some_and(Answer::is_change) {
            let secrets = Record::secrets(step).into_iter().map(|path| format!("{path} of {}", step.object.title()));
            found.entry(Impact::NotKept).or_default().extend(secrets);
        }
    }
    found.into_iter().filter(|(_, what)| !what.is_empty()).map(|(impact, what)| impact.sentence(&what)).collect()
}

/// Kinds of consequences; the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Impact {
    Emptied,
    VolumesLost,
    AddressLost,
    Replaced,
    RightsGranted,
    RightsTaken,
    HostsChanged,
    Stopped,
    Scaled,
    Restarted,
    LimitsChanged,
    NotKept,
}

impl Impact {
    fn sentence(self, what: &[String]) -> String {
        const SHOWN: usize = 3;
        let names = what.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = what.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let before = match self {
            Self::Emptied => "deletes with everything in it: ",
            Self::VolumesLost => "removes claims, and their volumes unless these are retained: ",
            Self::AddressLost => "gives up addresses: ",
            Self::Replaced => "cannot be changed in place, only deleted and made anew: ",
            Self::RightsGranted => "grants rights: ",
            Self::RightsTaken => "takes rights away: ",
            Self::HostsChanged => "changes hosts: ",
            Self::Stopped => "stops: ",
            Self::Scaled => "scales: ",
            Self::Restarted => "restarts the pods of: ",
            Self::LimitsChanged => "changes limits: ",
            Self::NotKept => "is secret, so only this run can take it back: ",
        };
        format!("{before}{names}{more}")
    }
}

fn of_step(step: &Step) -> Vec<(Impact, String)> {
    let title = step.object.title();
    let kind = step.object.kind.as_str();
    match (&step.change, &step.answer) {
        (Change::Delete(_), Some(Answer::WouldDelete)) => deleted(kind, step.old(), &title),
        (_, Some(Answer::Refused(trouble))) if is_immutable(trouble) => vec![(Impact::Replaced, title)],
        (_, Some(Answer::WouldCreate(after))) if is_binding(kind) => {
            vec![(Impact::RightsGranted, grants(after, &title))]
        }
        (_, Some(Answer::WouldChange(after))) => {
            let (old, new) = (diff::without_bookkeeping(step.old()), diff::without_bookkeeping(after));
            changed(kind, &old, &new, &title)
        }
        _ => Vec::new(),
    }
}

/// Whether the server refuses since a field can never be changed, in the words of Kubernetes' own validation and of CEL rules.
fn is_immutable(trouble: &Trouble) -> bool {
    let says = |words: &str| trouble.what.contains(words) || trouble.detail.contains(words);
    trouble.kind == TroubleKind::Invalid
        && ["field is immutable", "updates to statefulset spec", "may not change fields", "cannot change roleRef"]
            .into_iter()
            .any(says)
}

fn is_binding(kind: &str) -> bool {
    matches!(kind, "RoleBinding" | "ClusterRoleBinding")
}

fn deleted(kind: &str, before: &Value, title: &str) -> Vec<(Impact, String)> {
    let impact = match kind {
        "Namespace" | "Tenant" | "CustomResourceDefinition" => Impact::Emptied,
        "PersistentVolumeClaim" => Impact::VolumesLost,
        "Service" if before.pointer("/spec/type").and_then(Value::as_str) == Some("LoadBalancer") => {
            Impact::AddressLost
        }
        "Ingress" | "HTTPRoute" => Impact::HostsChanged,
        "RoleBinding" | "ClusterRoleBinding" | "Role" | "ClusterRole" => Impact::RightsTaken,
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Pod" | "Job" | "CronJob" => Impact::Stopped,
        _ => return Vec::new(),
    };
    vec![(impact, title.to_owned())]
}

/// `edit for alice, group devs (RoleBinding oil-web/devs)`.
fn grants(binding: &Value, title: &str) -> String {
    let role = binding.pointer("/roleRef/name").and_then(Value::as_str).unwrap_or_default();
    let subjects = binding.get("subjects").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<&str> = subjects.filter_map(|subject| subject.get("name")?.as_str()).collect();
    format!("{role} for {} ({title})", if names.is_empty() { "nobody".to_owned() } else { names.join(", ") })
}

fn changed(kind: &str, old: &Value, new: &Value, title: &str) -> Vec<(Impact, String)> {
    let found = edits(old, new);
    let begins = |edit: &Edit, path: &[&str]| {
        path.iter()
            .enumerate()
            .all(|(at, name)| matches!(edit.path.get(at), Some(Segment::Field(field)) if field == name))
    };
    let any = |path: &[&str]| found.iter().any(|edit| begins(edit, path));
    let number = |object: &Value, pointer: &str| object.pointer(pointer).and_then(Value::as_i64);
    let mut impacts = Vec::new();
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => {
            let (was, is) = (number(old, "/spec/replicas").unwrap_or(1), number(new, "/spec/replicas").unwrap_or(1));
            if is == 0 && was > 0 {
                impacts.push((Impact::Stopped, format!("{title} ({was} {})", if was == 1 { "pod" } else { "pods" })));
            } else if was != is {
                impacts.push((Impact::Scaled, format!("{title} from {was} to {is}")));
            }
            if any(&["spec", "template"]) && kind != "ReplicaSet" && is > 0 {
                impacts.push((Impact::Restarted, title.to_owned()));
            }
        }
        "CronJob" | "Job"
            if new.pointer("/spec/suspend").and_then(Value::as_bool) == Some(true) && any(&["spec", "suspend"]) =>
        {
            impacts.push((Impact::Stopped, title.to_owned()));
        }
        "RoleBinding" | "ClusterRoleBinding" if any(&["subjects"]) || any(&["roleRef"]) => {
            impacts.push((Impact::RightsGranted, grants(new, title)));
        }
        "Role" | "ClusterRole" if any(&["rules"]) || any(&["aggregationRule"]) => {
            impacts.push((Impact::RightsGranted, format!("what {title} holds is another")));
        }
        "Tenant" => {
            if any(&["spec", "owners"]) || any(&["spec", "additionalRoleBindings"]) {
                impacts.push((Impact::RightsGranted, format!("owners or bindings of {title}")));
            }
            for limits in ["namespaceOptions", "resourceQuotas", "resourceQuota", "limitRanges"] {
                if any(&["spec", limits]) {
                    impacts.push((Impact::LimitsChanged, title.to_owned()));
                    break;
                }
            }
        }
        "ResourceQuota" | "LimitRange" => impacts.push((Impact::LimitsChanged, title.to_owned())),
        "Ingress" if any(&["spec", "rules"]) || any(&["spec", "tls"]) => {
            impacts.push((Impact::HostsChanged, title.to_owned()));
        }
        "HTTPRoute" if any(&["spec", "hostnames"]) => impacts.push((Impact::HostsChanged, title.to_owned())),
        "Service" => {
            let kind_of = |object: &Value| object.pointer("/spec/type").and_then(Value::as_str).map(str::to_owned);
            if kind_of(old).as_deref() == Some("LoadBalancer") && kind_of(new).as_deref() != Some("LoadBalancer") {
                impacts.push((Impact::AddressLost, title.to_owned()));
            }
        }
        _ => {}
    }
    impacts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{ObjectRef, Stage, Step};
    use serde_json::json;

    fn told(kind: &str, before: Value, after: Value) -> Vec<String> {
        let object = ObjectRef::namespaced("/apis/x/v1", "things", kind, "oil-web", "site");
        let mut step = Step::merge(object, json!({}), before);
        step.answer = Some(Answer::WouldChange(after));
        sentences(&Plan { stages: vec![Stage { steps: vec![step], goal: None }], ..Plan::default() })
    }

    #[test]
    fn what_can_only_be_replaced_says_so() {
        let object = ObjectRef::namespaced("/apis/apps/v1", "deployments", "Deployment", "oil-web", "site");
        let mut step = Step::merge(object, json!({}), json!({}));
        let words = "Deployment.apps \"site\" is invalid: spec.selector: Invalid value: {}: field is immutable";
        step.answer = Some(Answer::Refused(Trouble::new(TroubleKind::Invalid, words)));
        let plan = Plan { stages: vec![Stage { steps: vec![step], goal: None }], ..Plan::default() };
        assert_eq!(
            sentences(&plan),
            ["cannot be changed in place, only deleted and made anew: Deployment oil-web/site"]
        );
    }

    #[test]
    fn what_a_change_does_is_told() {
        let deployment = |replicas: i64, image: &str| json!({"spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "web", "image": image}]}}}});
        assert_eq!(
            told("Deployment", deployment(3, "a"), deployment(0, "a")),
            ["stops: Deployment oil-web/site (3 pods)"]
        );
        assert_eq!(
            told("Deployment", deployment(3, "a"), deployment(2, "b")),
            ["scales: Deployment oil-web/site from 3 to 2", "restarts the pods of: Deployment oil-web/site"]
        );
        let binding = |name: &str| json!({"roleRef": {"name": "edit"}, "subjects": [{"kind": "User", "name": name}]});
        assert_eq!(
            told("RoleBinding", binding("alice"), binding("bob")),
            ["grants rights: edit for bob (RoleBinding oil-web/site)"]
        );
        assert_eq!(told("ConfigMap", json!({"data": {"a": "1"}}), json!({"data": {"a": "2"}})), Vec::<String>::new());
        assert_eq!(
            told("Secret", json!({"data": {"a": "MQ=="}}), json!({"data": {"a": "Mg=="}})),
            ["is secret, so only this run can take it back: data.a of Secret oil-web/site"]
        );
    }
}
