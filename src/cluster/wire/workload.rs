//! Pods, Deployments, StatefulSets and CronJobs on the wire, reduced to one word each.

use serde::Deserialize;

use super::meta::{Labels, Meta, Unread};
use super::{Text, nullable};
use crate::world::name::Interner;
use crate::world::workload::{Hold, Workload, WorkloadKind, WorkloadState};

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    metadata: Meta<'a, Labels<'a>, Unread<'a>>,
    #[serde(default, deserialize_with = "nullable")]
    spec: Spec,
    #[serde(borrow, default, deserialize_with = "nullable")]
    status: Status<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    replicas: Option<i64>,
    suspend: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    replicas: i64,
    ready_replicas: i64,
    #[serde(borrow, deserialize_with = "nullable")]
    conditions: Vec<Condition<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    container_statuses: Vec<ContainerStatus<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    init_container_statuses: Vec<ContainerStatus<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Condition<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ContainerStatus<'a> {
    #[serde(borrow, deserialize_with = "nullable")]
    state: ContainerState<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ContainerState<'a> {
    #[serde(borrow)]
    waiting: Option<Waiting<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Waiting<'a> {
    #[serde(borrow)]
    reason: Option<Text<'a>>,
}

impl Status<'_> {
    fn is(&self, kind: &str, status: &str) -> bool {
        self.conditions.iter().any(|condition| &*condition.kind == kind && &*condition.status == status)
    }

    /// Whether a container waits for a reason that does not pass by itself.
    fn stuck(&self) -> bool {
        self.container_statuses.iter().chain(&self.init_container_statuses).any(|container| {
            container.state.waiting.as_ref().and_then(|waiting| waiting.reason.as_deref()).is_some_and(|reason| {
                matches!(
                    reason,
                    "CrashLoopBackOff"
                        | "ImagePullBackOff"
                        | "ErrImagePull"
                        | "InvalidImageName"
                        | "CreateContainerConfigError"
                        | "CreateContainerError"
                        | "RunContainerError"
                )
            })
        })
    }
}

/// Reads a workload of `kind`.
pub fn decode(kind: WorkloadKind, item: &[u8], names: &mut Interner) -> serde_json::Result<Workload> {
    let Wire { metadata, spec, status } = serde_json::from_slice(item)?;
    let state = if metadata.deletion_timestamp.is_some() {
        WorkloadState::Terminating
    } else {
        match kind {
            WorkloadKind::Pod => pod(&status),
            WorkloadKind::Deployment | WorkloadKind::StatefulSet => controller(&spec, &status),
            WorkloadKind::CronJob if spec.suspend == Some(true) => WorkloadState::Stopped,
            WorkloadKind::CronJob => WorkloadState::Ready,
        }
    };
    let hold = match kind {
        WorkloadKind::Pod => of_pod(&metadata, &status),
        _ => of_controller(kind, &metadata, &spec),
    };
    Ok(Workload {
        kind,
        hold,
        pods: u32::try_from(status.replicas).unwrap_or_default(),
        namespace: names.name(metadata.namespace.as_deref().unwrap_or_default()),
        name: names.name(&metadata.name),
        state,
    })
}

/// A pod counts while it is there and has not run to its end, under a controller that a pause stops.
fn of_pod(metadata: &Meta<'_, Labels<'_>, Unread<'_>>, status: &Status<'_>) -> Hold {
    let runs = !matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
    if runs && matches!(metadata.controller(), Some("ReplicaSet" | "StatefulSet")) { Hold::Free } else { Hold::Spared }
}

fn of_controller(kind: WorkloadKind, metadata: &Meta<'_, Labels<'_>, Unread<'_>>, spec: &Spec) -> Hold {
    let stopped = if kind == WorkloadKind::CronJob { spec.suspend == Some(true) } else { spec.replicas == Some(0) };
    match metadata.annotations.pause() {
        Some(_) if stopped => Hold::Held,
        Some(_) if metadata.has_anothers_record() => Hold::Free,
        Some(_) => Hold::Drifted,
        // Who else keeps it would start it again.
        None if metadata.annotations.is_excluded() || metadata.controller().is_some() => Hold::Spared,
        None => Hold::Free,
    }
}

fn pod(status: &Status<'_>) -> WorkloadState {
    match status.phase.as_deref() {
        Some("Succeeded") => WorkloadState::Done,
        Some("Failed") => WorkloadState::Failing,
        _ if status.stuck() => WorkloadState::Failing,
        _ if status.is("Ready", "True") => WorkloadState::Ready,
        _ => WorkloadState::Progressing,
    }
}

fn controller(spec: &Spec, status: &Status<'_>) -> WorkloadState {
    // `replicas` defaults to 1 on the server, so an object read from one has it.
    let wanted = spec.replicas.unwrap_or(1);
    let timed_out = status
        .conditions
        .iter()
        .any(|c| &*c.kind == "Progressing" && c.reason.as_deref() == Some("ProgressDeadlineExceeded"));
    if wanted == 0 {
        WorkloadState::Stopped
    } else if status.is("ReplicaFailure", "True") || timed_out {
        WorkloadState::Failing
    } else if status.ready_replicas >= wanted {
        WorkloadState::Ready
    } else {
        WorkloadState::Progressing
    }
}
