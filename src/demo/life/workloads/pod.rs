//! Pods: the scheduler puts them on nodes, the kubelets there run them.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{owned, pull};
use crate::demo::clock::rfc3339;
use crate::demo::life::NOTICE;
use crate::demo::life::agenda::Job;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Event, Registry};
use crate::demo::store::Key;

const SCHEDULE: &str = "default-scheduler";
/// The kubelet starts the containers.
pub const START: &str = "kubelet-start";
const FINISH: &str = "kubelet-finish";
const STOP: &str = "kubelet-stop";

/// How long the scheduler leaves a pod alone that fitted nowhere, unless a node changes (`podMaxInUnschedulablePodsDuration`).
const AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// Another node may suit the pods that fitted nowhere.
pub fn nodes_changed(registry: &mut Registry) {
    if !registry.nature.scheduler {
        return;
    }
    let is_waiting = |pod: &Object| pod.text(&["spec", "nodeName"]).is_none_or(str::is_empty) && !pod.is_terminating();
    let keys: Vec<Key> = registry.list("pods", None).filter(is_waiting).map(|pod| Key::of(&pod)).collect();
    for key in keys {
        registry.queue(SCHEDULE, key, NOTICE);
    }
}

/// Queues what is next for a pod.
pub fn observe(registry: &mut Registry, before: Option<&Object>, after: Option<&Object>) {
    let Some(pod) = after else { return };
    let nature = registry.nature;
    let key = Key::of(pod);
    let is_placed = pod.text(&["spec", "nodeName"]).is_some_and(|node| !node.is_empty());
    if !is_placed {
        if nature.scheduler && before.is_none() && !pod.is_terminating() {
            registry.queue(SCHEDULE, key, NOTICE);
        }
        return;
    }
    if !nature.kubelets {
        return;
    }
    if pod.is_terminating() {
        let grace = SignedDuration::from_secs(pod.int(&["metadata", "deletionGracePeriodSeconds"]).unwrap_or_default());
        registry.queue(STOP, key, nature.stop.min(grace));
    } else if pod.text(&["status", "phase"]) == Some("Pending") && is_news(before, pod) {
        registry.agenda.forget(&Job { controller: START, key: key.clone() });
        let spread = SignedDuration::from_millis(registry.ids.below(400) as i64);
        let wait = if nature.start.is_zero() { NOTICE } else { nature.start + spread };
        registry.queue(START, key, wait);
    }
}

/// Whether a kubelet has something to start: a pod that has come to its node, or other images in one that waits for its own.
fn is_news(before: Option<&Object>, pod: &Object) -> bool {
    let Some(before) = before else { return true };
    let differs = |path: &[&str]| before.at(path) != pod.at(path);
    differs(&["spec", "nodeName"]) || differs(&["spec", "containers"])
}

/// Does what is next for a pod.
pub fn reconcile(registry: &mut Registry, controller: &str, key: &Key) {
    let Some(pod) = registry.look("pods", key.namespace(), key.name()) else { return };
    match controller {
        SCHEDULE => schedule(registry, &pod),
        START => start(registry, &pod),
        FINISH => finish(registry, &pod),
        STOP => stop(registry, &pod),
        pull::WAIT => pull::back_off(registry, &pod),
        _ => {}
    }
}

/// Puts a pod on the node with the fewest pods among those that it fits.
fn schedule(registry: &mut Registry, pod: &Object) {
    if pod.is_terminating() || pod.text(&["spec", "nodeName"]).is_some_and(|node| !node.is_empty()) {
        return;
    }
    let wanted = pod.at(&["spec", "nodeSelector"]).and_then(Value::as_object).cloned().unwrap_or_default();
    let nodes: Vec<Arc<Object>> = registry.views("nodes", None).collect();
    let suits = |node: &Object| {
        let labels = node.at(&["metadata", "labels"]).cloned().unwrap_or(Value::Null);
        !node.flag(&["spec", "unschedulable"])
            && owned::has_condition(node, "Ready")
            && wanted.iter().all(|(key, value)| labels.get(key) == Some(value))
    };
    let mut counts: Vec<(usize, String)> =
        nodes.iter().filter(|node| suits(node)).map(|node| (0, node.name().to_owned())).collect();
    for (count, node) in &mut counts {
        // No other text of a pod looks like this; within strings quotes are escaped.
        *count = registry.count_with("pods", &format!("\"nodeName\":{}", Value::from(node.as_str())));
    }
    let now = rfc3339(registry.now());
    let by = Caller::new(Caller::controller("x").user, SCHEDULE);
    let Some((_, node)) = counts.into_iter().min() else {
        let message = format!("0/{} nodes are available.", nodes.len());
        registry.change(&by, "pods", "status", pod.namespace(), pod.name(), |pod| {
            let mut conditions = pod.list(&["status", "conditions"]).to_vec();
            let condition = json!({
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message, "lastProbeTime": null,
            });
            owned::set_condition(&mut conditions, condition, &now, false);
            pod.set(&["status", "conditions"], conditions);
        });
        let event = Event {
            warning: true,
            reason: "FailedScheduling",
            message: &message,
            component: SCHEDULE,
            ..Event::default()
        };
        registry.event(pod, &event);
        registry.queue(SCHEDULE, Key::of(pod), AGAIN);
        return;
    };
    let message = format!("Successfully assigned {}/{} to {node}", pod.namespace(), pod.name());
    let change = &mut |pod: &Object| {
        let mut pod = pod.clone();
        pod.set(&["spec", "nodeName"], node.clone());
        let mut conditions = pod.list(&["status", "conditions"]).to_vec();
        let condition = json!({"type": "PodScheduled", "status": "True", "lastProbeTime": null});
        owned::set_condition(&mut conditions, condition, &now, false);
        pod.set(&["status", "conditions"], conditions);
        Ok(pod)
    };
    let _ = registry.update(&mut by.clone(), "pods", "binding", pod.namespace(), pod.name(), change);
    registry.event(pod, &Event { reason: "Scheduled", message: &message, component: SCHEDULE, ..Event::default() });
}

/// Lets the containers run.
fn start(registry: &mut Registry, pod: &Object) {
    if pod.is_terminating() || pod.text(&["status", "phase"]) != Some("Pending") {
        return;
    }
    if pull::fails(pod) {
        return pull::fail(registry, pod);
    }
    registry.agenda.forget(&Job { controller: START, key: Key::of(pod) });
    let by = kubelet();
    let now = rfc3339(registry.now());
    let (host, address) = (registry.ids.below(250) + 2, registry.ids.below(62_000) + 512);
    let address = format!("10.244.{}.{}", address / 250, address % 250 + 1);
    let containers = pod.list(&["spec", "containers"]).to_vec();
    let ids: Vec<String> = containers.iter().map(|_| registry.ids.uid().replace('-', "")).collect();
    let node = pod.text(&["spec", "nodeName"]).unwrap_or_default();
    let node_address = registry
        .look("nodes", "", node)
        .and_then(|node| {
            let addresses = node.list(&["status", "addresses"]).to_vec();
            addresses
                .iter()
                .find(|one| one.text(&["type"]) == Some("InternalIP"))?
                .text(&["address"])
                .map(str::to_owned)
        })
        .unwrap_or_else(|| format!("192.168.128.{host}"));
    registry.change(&by, "pods", "status", pod.namespace(), pod.name(), |pod| {
        let mut conditions = pod.list(&["status", "conditions"]).to_vec();
        for name in ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"] {
            let condition = json!({"type": name, "status": "True", "lastProbeTime": null});
            owned::set_condition(&mut conditions, condition, &now, false);
        }
        let statuses: Vec<Value> = containers
            .iter()
            .zip(&ids)
            .map(|(container, id)| {
                json!({
                    "name": container.text(&["name"]), "image": container.text(&["image"]), "restartCount": 0,
                    "ready": true, "started": true, "lastState": {}, "containerID": format!("containerd://{id}"),
                    "imageID": format!("sha256:{id}"), "state": {"running": {"startedAt": now}},
                })
            })
            .collect();
        pod.set(&["status", "conditions"], conditions);
        pod.set(&["status", "containerStatuses"], statuses);
        pod.set(&["status", "phase"], "Running");
        pod.set(&["status", "podIP"], address.clone());
        pod.set(&["status", "podIPs"], json!([{"ip": address}]));
        pod.set(&["status", "hostIP"], node_address.clone());
        pod.set(&["status", "hostIPs"], json!([{"ip": node_address}]));
        pod.set(&["status", "startTime"], now);
    });
    for container in &containers {
        let image = container.text(&["image"]).unwrap_or_default();
        let present = format!("Container image {image:?} already present on machine");
        for (reason, message) in
            [("Pulled", present.as_str()), ("Created", "Container created"), ("Started", "Container started")]
        {
            registry.event(pod, &Event { reason, message, component: "kubelet", ..Event::default() });
        }
    }
    if pod.controller().is_some_and(|owner| owner.text(&["kind"]) == Some("Job")) {
        let wait = registry.nature.run;
        registry.queue(FINISH, Key::of(pod), wait);
    }
}

/// A Job's pod has done its work.
fn finish(registry: &mut Registry, pod: &Object) {
    if pod.is_terminating() || pod.text(&["status", "phase"]) != Some("Running") {
        return;
    }
    let now = rfc3339(registry.now());
    registry.change(&kubelet(), "pods", "status", pod.namespace(), pod.name(), |pod| {
        let mut statuses = pod.list(&["status", "containerStatuses"]).to_vec();
        for status in &mut statuses {
            let started = status.text(&["state", "running", "startedAt"]).unwrap_or(&now).to_owned();
            let id = status.text(&["containerID"]).unwrap_or_default().to_owned();
            status.set(&["ready"], false);
            status.set(&["started"], false);
            let ended = json!({
                "exitCode": 0, "reason": "Completed", "startedAt": started, "finishedAt": now, "containerID": id,
            });
            status.set(&["state"], json!({"terminated": ended}));
        }
        let mut conditions = pod.list(&["status", "conditions"]).to_vec();
        for name in ["Ready", "ContainersReady"] {
            let condition = json!({"type": name, "status": "False", "reason": "PodCompleted", "lastProbeTime": null});
            owned::set_condition(&mut conditions, condition, &now, false);
        }
        pod.set(&["status", "containerStatuses"], statuses);
        pod.set(&["status", "conditions"], conditions);
        pod.set(&["status", "phase"], "Succeeded");
    });
}

/// The containers have ended: the pod goes.
fn stop(registry: &mut Registry, pod: &Object) {
    if !pod.is_terminating() {
        return;
    }
    let how = Deletion { grace: Some(0), uid: Some(pod.uid().to_owned()), ..Deletion::default() };
    let _ = registry.delete(&mut kubelet(), "pods", pod.namespace(), pod.name(), &how);
}

/// Who writes what a pod does on its node.
pub fn kubelet() -> Caller {
    let mut by = Caller::controller("kubelet");
    "kubelet".clone_into(&mut by.manager);
    by
}
