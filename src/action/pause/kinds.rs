//! Which kinds a pause stops, by which field, and in which order.
//!
//! Every one of them is stopped and started in the same way: one field is set, and the record of what was there rides in the same
//! patch. What differs is only the field.

use serde_json::{Map, Value, json};

/// The field that stops an object of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knob {
    /// `spec.replicas`; absent means 1.
    Replicas,
    /// `spec.suspend`; absent means no.
    Suspend,
    /// `spec.cordoned`; absent means no.
    Cordoned,
    /// An annotation.
    Annotation(&'static str),
}

impl Knob {
    /// The field's name in a record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replicas => "replicas",
            Self::Suspend => "suspend",
            Self::Cordoned => "cordoned",
            Self::Annotation(key) => key,
        }
    }

    /// What the field holds; null if it is not there.
    pub fn get(self, object: &Value) -> Value {
        let place = match self {
            Self::Annotation(_) => object.pointer("/metadata/annotations"),
            _ => object.get("spec"),
        };
        place.and_then(|place| place.get(self.name())).cloned().unwrap_or(Value::Null)
    }

    /// The same with what the server takes an absent field for.
    pub fn meant(self, object: &Value) -> Value {
        match (self, self.get(object)) {
            (Self::Replicas, Value::Null) => json!(1),
            (Self::Suspend | Self::Cordoned, Value::Null) => json!(false),
            (_, value) => value,
        }
    }

    /// A merge patch that sets the field, and these annotations (null removes).
    pub fn patch(self, value: Value, annotations: &[(&str, Value)]) -> Value {
        let mut notes: Map<String, Value> =
            annotations.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let mut patch = json!({});
        if let Self::Annotation(key) = self {
            notes.insert(key.to_owned(), value);
        } else {
            patch["spec"] = json!({ self.name(): value });
        }
        if !notes.is_empty() {
            patch["metadata"] = json!({ "annotations": notes });
        }
        patch
    }
}

/// When in a pause something is stopped; a resume goes the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Who would start things again.
    Keepers,
    /// What decides how many replicas there are.
    Scalers,
    /// What serves.
    Workloads,
    /// What keeps data: after all that uses it.
    Stateful,
    /// What starts Jobs.
    Schedules,
    /// What runs to its end by itself, if it is to be stopped, too.
    Jobs,
}

impl Phase {
    /// In the order in which they are stopped.
    pub const ALL: [Self; 6] =
        [Self::Keepers, Self::Scalers, Self::Workloads, Self::Stateful, Self::Schedules, Self::Jobs];

    /// In the order in which they are started: data first, then what scales and serves, then who keeps it so, schedules last.
    pub const RESUMED: [Self; 6] =
        [Self::Stateful, Self::Workloads, Self::Scalers, Self::Jobs, Self::Keepers, Self::Schedules];
}

/// A kind that a pause can stop.
#[derive(Debug)]
pub struct PauseKind {
    /// The API group.
    pub group: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// The field that stops it.
    pub knob: Knob,
    /// When.
    pub phase: Phase,
}

impl PauseKind {
    /// What the field is set to.
    pub fn stopped(&self) -> Value {
        match (self.knob, self.kind) {
            (Knob::Replicas, _) => json!(0),
            (Knob::Suspend | Knob::Cordoned, _) => json!(true),
            (Knob::Annotation(_), "ScaledObject") => json!("0"),
            (Knob::Annotation(_), _) => json!("true"),
        }
    }

    /// Whether an object of the kind is stopped, by whomever.
    pub fn is_stopped(&self, object: &Value) -> bool {
        self.knob.meant(object) == self.stopped()
    }

    /// How many replicas an object is to have, in words: `3 replicas`, `running`.
    pub fn words(&self, value: &Value) -> String {
        match self.knob {
            Knob::Replicas => match value.as_i64().unwrap_or(1) {
                1 => "1 replica".to_owned(),
                count => format!("{count} replicas"),
            },
            _ if *value == self.stopped() => "stopped".to_owned(),
            _ => "running".to_owned(),
        }
    }
}

/// KEDA scales to this many and leaves it there; `paused` would freeze at the present number
/// (keda.sh, "Pause autoscaling").
const KEDA: Knob = Knob::Annotation("autoscaling.keda.sh/paused-replicas");
const KEDA_JOBS: Knob = Knob::Annotation("autoscaling.keda.sh/paused");
/// Argo CD, "Skip Application Reconcile".
const ARGO: Knob = Knob::Annotation("argocd.argoproj.io/skip-reconcile");

/// All kinds, in the order in which they are stopped.
pub const KINDS: &[PauseKind] = &[
    PauseKind { group: "capsule.clastix.io", kind: "TenantResource", knob: Knob::Cordoned, phase: Phase::Keepers },
    PauseKind {
        group: "capsule.clastix.io",
        kind: "GlobalTenantResource",
        knob: Knob::Cordoned,
        phase: Phase::Keepers,
    },
    PauseKind { group: "argoproj.io", kind: "Application", knob: ARGO, phase: Phase::Keepers },
    PauseKind {
        group: "kustomize.toolkit.fluxcd.io",
        kind: "Kustomization",
        knob: Knob::Suspend,
        phase: Phase::Keepers,
    },
    PauseKind { group: "helm.toolkit.fluxcd.io", kind: "HelmRelease", knob: Knob::Suspend, phase: Phase::Keepers },
    PauseKind { group: "keda.sh", kind: "ScaledObject", knob: KEDA, phase: Phase::Scalers },
    PauseKind { group: "keda.sh", kind: "ScaledJob", knob: KEDA_JOBS, phase: Phase::Scalers },
    PauseKind { group: "apps", kind: "Deployment", knob: Knob::Replicas, phase: Phase::Workloads },
    PauseKind { group: "argoproj.io", kind: "Rollout", knob: Knob::Replicas, phase: Phase::Workloads },
    PauseKind { group: "apps", kind: "ReplicaSet", knob: Knob::Replicas, phase: Phase::Workloads },
    PauseKind { group: "", kind: "ReplicationController", knob: Knob::Replicas, phase: Phase::Workloads },
    PauseKind { group: "apps", kind: "StatefulSet", knob: Knob::Replicas, phase: Phase::Stateful },
    PauseKind { group: "batch", kind: "CronJob", knob: Knob::Suspend, phase: Phase::Schedules },
    PauseKind { group: "batch", kind: "Job", knob: Knob::Suspend, phase: Phase::Jobs },
];

/// The kind of this group and name, if a pause can stop it.
pub fn kind_of(group: &str, kind: &str) -> Option<&'static PauseKind> {
    KINDS.iter().find(|one| one.group == group && one.kind == kind)
}

/// Kinds that are read besides, since they tell what goes on: group, kind.
pub const READ_BESIDES: &[(&str, &str)] = &[
    ("", "Pod"),
    ("", "Service"),
    ("", "PersistentVolumeClaim"),
    ("", "ResourceQuota"),
    ("apps", "DaemonSet"),
    ("autoscaling", "HorizontalPodAutoscaler"),
    ("kube-green.com", "SleepInfo"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_and_set() {
        let deployment = json!({"spec": {"replicas": 3}});
        assert_eq!(Knob::Replicas.get(&deployment), json!(3));
        assert_eq!(Knob::Replicas.meant(&json!({"spec": {}})), json!(1));
        assert_eq!(Knob::Suspend.meant(&json!({"spec": {}})), json!(false));
        assert_eq!(
            Knob::Replicas.patch(json!(0), &[("a", json!("b"))]),
            json!({"spec": {"replicas": 0}, "metadata": {"annotations": {"a": "b"}}})
        );
        assert_eq!(
            KEDA.patch(json!("0"), &[("a", Value::Null)]),
            json!({"metadata": {"annotations": {"autoscaling.keda.sh/paused-replicas": "0", "a": null}}})
        );
    }

    #[test]
    fn each_kind_knows_when_it_is_stopped() {
        let stopped = |group, kind, object: Value| kind_of(group, kind).is_some_and(|kind| kind.is_stopped(&object));
        assert!(stopped("apps", "Deployment", json!({"spec": {"replicas": 0}})));
        assert!(!stopped("apps", "Deployment", json!({"spec": {}})));
        assert!(stopped("batch", "CronJob", json!({"spec": {"suspend": true}})));
        let scaled = |value: &str| json!({"metadata": {"annotations": {"autoscaling.keda.sh/paused-replicas": value}}});
        assert!(stopped("keda.sh", "ScaledObject", scaled("0")));
        assert!(!stopped("keda.sh", "ScaledObject", scaled("2")));
    }

    #[test]
    fn every_phase_is_gone_through_both_ways() {
        let mut there = Phase::ALL.to_vec();
        let mut back = Phase::RESUMED.to_vec();
        there.sort();
        back.sort();
        assert_eq!(there, back);
        assert!(KINDS.iter().map(|kind| kind.phase).is_sorted());
    }
}
