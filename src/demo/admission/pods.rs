//! What becomes of pods on their way in: ServiceAccount, Priority, DefaultTolerationSeconds, LimitRanger.

use serde_json::{Map, Value, json};

use crate::demo::object::{Meta as _, Object};
use crate::demo::quantity::Quantity;
use crate::demo::registry::{Operation, Registry, Review};
use crate::demo::status::Status;

fn is_pod(review: &Review<'_>) -> bool {
    review.subresource.is_empty() && review.kind.resource == "pods" && review.kind.group.is_empty()
}

fn is_new_pod(review: &Review<'_>) -> bool {
    review.operation == Operation::Create && is_pod(review)
}

/// Fills in what the cluster decides about a new pod.
pub fn complete(registry: &mut Registry, review: &Review<'_>, pod: &mut Object) -> Result<(), Status> {
    if !is_new_pod(review) {
        if is_pod(review) && review.operation == Operation::Update {
            tolerate(pod);
        }
        return Ok(());
    }
    default_resources(registry, review, pod);
    service_account(registry, review, pod)?;
    tolerate(pod);
    priority(registry, review, pod)
}

/// ServiceAccount: an account that exists, and its token in a projected volume.
fn service_account(registry: &mut Registry, review: &Review<'_>, pod: &mut Object) -> Result<(), Status> {
    let name =
        pod.text(&["spec", "serviceAccountName"]).filter(|name| !name.is_empty()).unwrap_or("default").to_owned();
    let Some(account) = registry.look("serviceaccounts", review.namespace, &name) else {
        let why =
            format!("error looking up service account {}/{name}: serviceaccount {name:?} not found", review.namespace);
        return Err(Status::forbidden("", "pods", pod.name(), &why));
    };
    pod.set(&["spec", "serviceAccountName"], name.clone());
    pod.set(&["spec", "serviceAccount"], name);
    let mounts = pod
        .at(&["spec", "automountServiceAccountToken"])
        .or_else(|| account.at(&["automountServiceAccountToken"]))
        .and_then(Value::as_bool)
        .unwrap_or(true);
    if !mounts {
        return Ok(());
    }
    let volume = format!("kube-api-access-{}", registry.ids.suffix(5));
    const PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
    let mut is_used = false;
    for list in ["initContainers", "containers"] {
        let Some(containers) = pod.pointer_mut(&format!("/spec/{list}")).and_then(Value::as_array_mut) else {
            continue;
        };
        for container in containers {
            if container.list(&["volumeMounts"]).iter().any(|mount| mount.text(&["mountPath"]) == Some(PATH)) {
                continue;
            }
            let mut mounts = container.list(&["volumeMounts"]).to_vec();
            mounts.push(json!({"name": volume, "readOnly": true, "mountPath": PATH}));
            container.set(&["volumeMounts"], mounts);
            is_used = true;
        }
    }
    if is_used {
        let mut volumes = pod.list(&["spec", "volumes"]).to_vec();
        volumes.push(json!({
            "name": volume,
            "projected": {
                "defaultMode": 420,
                "sources": [
                    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                    {"downwardAPI": {"items": [
                        {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
                    ]}},
                ],
            },
        }));
        pod.set(&["spec", "volumes"], volumes);
    }
    Ok(())
}

/// DefaultTolerationSeconds: pods outlive a node's trouble for five minutes.
fn tolerate(pod: &mut Object) {
    let mut tolerations = pod.list(&["spec", "tolerations"]).to_vec();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let covers = |toleration: &Value| {
            let said = toleration.text(&["key"]).unwrap_or_default();
            (said == key || said.is_empty()) && matches!(toleration.text(&["effect"]), None | Some("" | "NoExecute"))
        };
        if !tolerations.iter().any(covers) {
            tolerations
                .push(json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}));
        }
    }
    pod.set(&["spec", "tolerations"], tolerations);
}

/// Priority: the class's number, and whether the pod may push others away.
fn priority(registry: &Registry, review: &Review<'_>, pod: &mut Object) -> Result<(), Status> {
    let class = pod.text(&["spec", "priorityClassName"]).filter(|name| !name.is_empty()).map(str::to_owned);
    let (value, policy) = match &class {
        Some(name) => {
            let class = registry.get("priorityclasses.scheduling.k8s.io", "", name).ok_or_else(|| {
                let why = format!("no PriorityClass with name {name} was found");
                Status::forbidden("", "pods", review.name, &why)
            })?;
            (class.int(&["value"]).unwrap_or_default(), class.text(&["preemptionPolicy"]).map(str::to_owned))
        }
        None => (0, None),
    };
    pod.set(&["spec", "priority"], value);
    pod.set(&["spec", "preemptionPolicy"], policy.unwrap_or_else(|| "PreemptLowerPriority".to_owned()));
    Ok(())
}

/// The ranges of a namespace, by name.
fn ranges(registry: &Registry, namespace: &str) -> Vec<Object> {
    registry.list("limitranges", Some(namespace)).collect()
}

/// LimitRanger: what a container asks for when it does not say.
fn default_resources(registry: &Registry, review: &Review<'_>, pod: &mut Object) {
    let ranges = ranges(registry, review.namespace);
    let limits: Vec<&Value> = ranges
        .iter()
        .flat_map(|range| range.list(&["spec", "limits"]))
        .filter(|limit| limit.text(&["type"]) == Some("Container"))
        .collect();
    if limits.is_empty() {
        return;
    }
    let mut said = Vec::new();
    for list in ["containers", "initContainers"] {
        let what = if list == "containers" { "container" } else { "init container" };
        let Some(containers) = pod.pointer_mut(&format!("/spec/{list}")).and_then(Value::as_array_mut) else {
            continue;
        };
        for container in containers {
            let name = container.text(&["name"]).unwrap_or_default().to_owned();
            for (part, from) in [("requests", "defaultRequest"), ("limits", "default")] {
                let mut set = Vec::new();
                for (resource, value) in limits.iter().filter_map(|limit| limit.at(&[from])?.as_object()).flatten() {
                    if container.at(&["resources", part, resource]).is_none() {
                        container.set(&["resources", part, resource], value.clone());
                        set.push(resource.clone());
                    }
                }
                if !set.is_empty() {
                    let word = if part == "requests" { "request" } else { "limit" };
                    said.push(format!("{} {word} for {what} {name}", set.join(", ")));
                }
            }
        }
    }
    if !said.is_empty() {
        pod.set(
            &["metadata", "annotations", "kubernetes.io/limit-ranger"],
            format!("LimitRanger plugin set: {}", said.join("; ")),
        );
    }
}

/// LimitRanger: what a container may ask for.
pub fn limits(registry: &Registry, review: &Review<'_>, pod: &Object) -> Result<(), Status> {
    if !is_new_pod(review) {
        return Ok(());
    }
    let mut faults = Vec::new();
    for range in ranges(registry, review.namespace) {
        for limit in range.list(&["spec", "limits"]).iter().filter(|limit| limit.text(&["type"]) == Some("Container")) {
            for container in pod.list(&["spec", "containers"]) {
                bounded(container, limit, &mut faults);
            }
        }
    }
    match faults.as_slice() {
        [] => Ok(()),
        [one] => Err(Status::forbidden("", "pods", pod.name(), one)),
        many => Err(Status::forbidden("", "pods", pod.name(), &format!("[{}]", many.join(", ")))),
    }
}

fn bounded(container: &Value, limit: &Value, faults: &mut Vec<String>) {
    let amount = |of: &Value, path: &[&str], resource: &str| {
        let text = of.at(path)?.get(resource)?.as_str()?.to_owned();
        Some((Quantity::parse(&text)?, text))
    };
    let empty = Map::new();
    for (side, is_max) in [("min", false), ("max", true)] {
        for resource in limit.at(&[side]).and_then(Value::as_object).unwrap_or(&empty).keys() {
            let Some((bound, bound_text)) = amount(limit, &[side], resource) else { continue };
            let request = amount(container, &["resources", "requests"], resource);
            let max = amount(container, &["resources", "limits"], resource);
            let (word, first, second) = if is_max { ("maximum", max, request) } else { ("minimum", request, max) };
            let kind = if is_max { "limit" } else { "request" };
            match first {
                None => faults
                    .push(format!("{word} {resource} usage per Container is {bound_text}.  No {kind} is specified")),
                Some((value, text)) if (is_max && value > bound) || (!is_max && value < bound) => {
                    faults.push(format!("{word} {resource} usage per Container is {bound_text}, but {kind} is {text}"));
                }
                Some(_) => {
                    let other = if is_max { "request" } else { "limit" };
                    if let Some((value, text)) = second
                        && ((is_max && value > bound) || (!is_max && value < bound))
                    {
                        faults.push(format!(
                            "{word} {resource} usage per Container is {bound_text}, but {other} is {text}"
                        ));
                    }
                }
            }
        }
    }
}
