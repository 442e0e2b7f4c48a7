//! Pods: what `kubectl get pods` is asked for most, and the longest of the printers (`printPod`).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::cells::{Row, age, count, filled, since, text};

/// Of pods.
pub(super) fn printer(resource: &str) -> Option<Row> {
    (resource == "pods").then_some(row as Row)
}

/// The condition of a row whose pod is done.
pub(super) fn condition(pod: &Value) -> Option<Value> {
    let phase = text(pod, &["status", "phase"], "");
    let message = match phase {
        "Succeeded" => "The pod has completed successfully.",
        "Failed" => "The pod failed.",
        _ => return None,
    };
    Some(json!({ "type": "Completed", "status": "True", "reason": phase, "message": message }))
}

/// Restarts, and when the last of them ended.
#[derive(Default, Clone)]
struct Restarts {
    count: i64,
    last: Option<Timestamp>,
}

impl Restarts {
    fn add(&mut self, status: &Value) {
        self.count = self.count.saturating_add(count(status, &["restartCount"]));
        let ended = status.text(&["lastState", "terminated", "finishedAt"]).and_then(|at| at.parse().ok());
        self.last = self.last.max(ended);
    }
}

/// What is gathered while looking at the containers.
struct Look<'a> {
    pod: &'a Value,
    reason: String,
    ready: usize,
    restarts: Restarts,
}

fn row(pod: &Value, now: Timestamp) -> Vec<Value> {
    let mut look = Look { pod, reason: phase_reason(pod), ready: 0, restarts: Restarts::default() };
    let mut sidecars = Restarts::default();
    let initializing = look.init_containers(&mut sidecars);
    if !initializing || has_condition(pod, "Initialized") {
        look.restarts = sidecars;
        look.containers();
    }
    let Look { mut reason, ready, restarts, .. } = look;
    if pod.is_terminating() {
        let phase = text(pod, &["status", "phase"], "");
        if text(pod, &["status", "reason"], "") == "NodeLost" {
            "Unknown".clone_into(&mut reason);
        } else if !matches!(phase, "Succeeded" | "Failed") {
            "Terminating".clone_into(&mut reason);
        }
    }
    let total = pod.list(&["spec", "containers"]).len()
        + pod.list(&["spec", "initContainers"]).iter().filter(|one| is_sidecar(one)).count();
    let restarts = match restarts.last {
        Some(last) if restarts.count != 0 => {
            format!("{} ({} ago)", restarts.count, since(Some(&last.to_string()), now))
        }
        _ => restarts.count.to_string(),
    };
    let address = pod.list(&["status", "podIPs"]).first().map_or("", |first| text(first, &["ip"], ""));
    vec![
        json!(pod.name()),
        json!(format!("{ready}/{total}")),
        json!(reason),
        json!(restarts),
        age(pod, now),
        json!(if address.is_empty() { "<none>" } else { address }),
        json!(filled(pod, &["spec", "nodeName"], "<none>")),
        json!(filled(pod, &["status", "nominatedNodeName"], "<none>")),
        json!(gates(pod)),
    ]
}

impl Look<'_> {
    /// Looks at the init containers; tells whether they are still at work.
    fn init_containers(&mut self, sidecars: &mut Restarts) -> bool {
        let specs = self.pod.list(&["spec", "initContainers"]);
        for (at, status) in self.pod.list(&["status", "initContainerStatuses"]).iter().enumerate() {
            self.restarts.add(status);
            let name = text(status, &["name"], "");
            let sidecar = specs.iter().rfind(|spec| text(spec, &["name"], "") == name).is_some_and(is_sidecar);
            if sidecar {
                sidecars.add(status);
            }
            let terminated = present(status, &["state", "terminated"]);
            if terminated.is_some_and(|end| count(end, &["exitCode"]) == 0) {
                continue;
            }
            if sidecar && status.flag(&["started"]) {
                self.ready += usize::from(status.flag(&["ready"]));
                continue;
            }
            let waiting = text(status, &["state", "waiting", "reason"], "");
            self.reason = match terminated {
                Some(end) => format!("Init:{}", ended(end)),
                None if !waiting.is_empty() && waiting != "PodInitializing" => format!("Init:{waiting}"),
                None => format!("Init:{at}/{}", specs.len()),
            };
            return true;
        }
        false
    }

    /// Looks at the containers, from the last to the first.
    fn containers(&mut self) {
        let mut running = false;
        let mut error = None;
        for status in self.pod.list(&["status", "containerStatuses"]).iter().rev() {
            self.restarts.add(status);
            let waiting = text(status, &["state", "waiting", "reason"], "");
            if !waiting.is_empty() {
                waiting.clone_into(&mut self.reason);
            } else if let Some(end) = present(status, &["state", "terminated"]) {
                self.reason = ended(end);
                if count(end, &["exitCode"]) != 0 {
                    error = Some(self.reason.clone());
                }
            } else if status.flag(&["ready"]) && present(status, &["state", "running"]).is_some() {
                running = true;
                self.ready += 1;
            }
        }
        // It runs as long as one container does.
        if self.reason == "Completed" {
            if running && has_condition(self.pod, "Ready") {
                "Running".clone_into(&mut self.reason);
            } else if let Some(error) = error {
                self.reason = error;
            } else if running {
                "NotReady".clone_into(&mut self.reason);
            }
        }
    }
}

/// The phase, unless the status or the scheduler gives a better reason.
fn phase_reason(pod: &Value) -> String {
    let gated = pod.list(&["status", "conditions"]).iter().any(|condition| {
        text(condition, &["type"], "") == "PodScheduled" && text(condition, &["reason"], "") == "SchedulingGated"
    });
    if gated {
        return "SchedulingGated".to_owned();
    }
    filled(pod, &["status", "reason"], text(pod, &["status", "phase"], "")).to_owned()
}

/// How a container ended: its reason, or else signal or exit code.
fn ended(end: &Value) -> String {
    match (filled(end, &["reason"], ""), count(end, &["signal"])) {
        ("", 0) => format!("ExitCode:{}", count(end, &["exitCode"])),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

/// How many readiness gates are open.
fn gates(pod: &Value) -> String {
    let gates = pod.list(&["spec", "readinessGates"]);
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let open = gates.iter().filter(|gate| has_condition(pod, text(gate, &["conditionType"], ""))).count();
    format!("{open}/{}", gates.len())
}

/// Whether the first condition of a type is true.
fn has_condition(pod: &Value, name: &str) -> bool {
    let mut all = pod.list(&["status", "conditions"]).iter();
    all.find(|one| text(one, &["type"], "") == name).is_some_and(|one| text(one, &["status"], "") == "True")
}

/// An init container that keeps running beside the others.
fn is_sidecar(container: &Value) -> bool {
    text(container, &["restartPolicy"], "") == "Always"
}

/// What is at a path and not null.
fn present<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    value.at(path).filter(|found| !found.is_null())
}
