//! Images that cannot be had: the kubelet tries again and again, each time after a longer while. As
//! `pkg/kubelet/images/image_manager.go`.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{owned, pod};
use crate::demo::clock::rfc3339;
use crate::demo::life::agenda::{Backoff, Job};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Event, Registry};
use crate::demo::store::Key;

/// The kubelet says that it waits.
pub const WAIT: &str = "kubelet-pull-wait";

/// `backOffPeriod` and `MaxImageBackOff` of the kubelet.
const BACKOFF: Backoff = Backoff { first: SignedDuration::from_secs(10), most: SignedDuration::from_secs(300) };

/// From a failure until the kubelet looks at the pod again and says that it waits.
const NEXT_LOOK: SignedDuration = SignedDuration::from_secs(1);

/// The image of a container whose host cannot exist (RFC 6761).
fn unreachable(container: &Value) -> Option<&str> {
    let image = container.text(&["image"])?;
    image.split('/').next().unwrap_or_default().ends_with(".invalid").then_some(image)
}

/// Whether a pod has such an image.
pub fn fails(pod: &Object) -> bool {
    pod.list(&["spec", "containers"]).iter().any(|container| unreachable(container).is_some())
}

/// What containerd says about such an image.
fn fault(image: &str) -> String {
    let (host, path) = image.split_once('/').unwrap_or((image, ""));
    let (path, tag) = match path.split_once('@') {
        Some((path, digest)) => (path, digest),
        None => path.rsplit_once(':').unwrap_or((path, "latest")),
    };
    let whole = if image.contains('@') { image.to_owned() } else { format!("{host}/{path}:{tag}") };
    format!(
        "failed to pull and unpack image {whole:?}: failed to resolve reference {whole:?}: failed to do request: Head \"https://{host}/v2/{path}/manifests/{tag}\": dial tcp: lookup {host}: no such host"
    )
}

/// A pull that fails: `ErrImagePull`, and the next try later than the last one.
pub fn fail(registry: &mut Registry, pod: &Object) {
    for container in pod.list(&["spec", "containers"]) {
        let Some(image) = unreachable(container) else { continue };
        let fault = fault(image);
        tell(registry, pod, false, "Pulling", &format!("Pulling image {image:?}"));
        tell(registry, pod, true, "Failed", &format!("Failed to pull image {image:?}: {fault}"));
        tell(registry, pod, true, "Failed", "Error: ErrImagePull");
    }
    wait(registry, pod, "ErrImagePull", &fault);
    let now = registry.now();
    registry.queue(WAIT, Key::of(pod), NEXT_LOOK);
    registry.agenda.retry(now, Job { controller: pod::START, key: Key::of(pod) }, BACKOFF);
}

/// The kubelet waits before it tries again: `ImagePullBackOff`.
pub fn back_off(registry: &mut Registry, pod: &Object) {
    if pod.is_terminating() || !fails(pod) {
        return;
    }
    for image in pod.list(&["spec", "containers"]).iter().filter_map(unreachable) {
        tell(registry, pod, false, "BackOff", &format!("Back-off pulling image {image:?}"));
        tell(registry, pod, true, "Failed", "Error: ImagePullBackOff");
    }
    let says = |image: &str| format!("Back-off pulling image {image:?}: ErrImagePull: {}", fault(image));
    wait(registry, pod, "ImagePullBackOff", &says);
}

/// Lets the containers wait for a reason. Nothing is written if they do already.
fn wait(registry: &mut Registry, pod: &Object, reason: &str, says: &dyn Fn(&str) -> String) {
    let now = rfc3339(registry.now());
    let containers = pod.list(&["spec", "containers"]).to_vec();
    registry.change(&pod::kubelet(), "pods", "status", pod.namespace(), pod.name(), |pod| {
        let names: Vec<&str> = containers.iter().filter_map(|container| container.text(&["name"])).collect();
        let unready = format!("containers with unready status: [{}]", names.join(" "));
        let mut conditions = pod.list(&["status", "conditions"]).to_vec();
        for (name, word) in [
            ("PodReadyToStartContainers", "True"),
            ("Initialized", "True"),
            ("Ready", "False"),
            ("ContainersReady", "False"),
            ("PodScheduled", "True"),
        ] {
            let mut condition = json!({"type": name, "status": word, "lastProbeTime": null});
            if word == "False" {
                condition.set(&["reason"], "ContainersNotReady");
                condition.set(&["message"], unready.as_str());
            }
            owned::set_condition(&mut conditions, condition, &now, false);
        }
        let statuses: Vec<Value> = containers
            .iter()
            .map(|container| {
                // A container beside the one that fails waits for nothing of its own.
                let (reason, message) = match unreachable(container) {
                    Some(image) => (reason, Some(says(image))),
                    None => ("ContainerCreating", None),
                };
                let mut waiting = json!({"reason": reason});
                if let Some(message) = message {
                    waiting.set(&["message"], message);
                }
                json!({
                    "name": container.text(&["name"]), "image": container.text(&["image"]), "imageID": "",
                    "restartCount": 0, "ready": false, "started": false, "lastState": {}, "state": {"waiting": waiting},
                })
            })
            .collect();
        pod.set(&["status", "conditions"], conditions);
        pod.set(&["status", "containerStatuses"], statuses);
        if pod.text(&["status", "startTime"]).is_none() {
            pod.set(&["status", "startTime"], now);
        }
    });
}

fn tell(registry: &mut Registry, pod: &Object, warning: bool, reason: &str, message: &str) {
    registry.event(pod, &Event { warning, reason, message, component: "kubelet", ..Event::default() });
}
