//! Whose a pod is: the workload above the controller that made it.

use serde_json::Value;

/// The kind and name of the workload that keeps a pod: of a Deployment's (or a Rollout's) pod that is the Deployment and not its
/// ReplicaSet, whose name ends in the hash that the pod's label tells.
pub fn keeper(pod: &Value) -> Option<(&str, &str)> {
    let owners = pod.pointer("/metadata/ownerReferences")?.as_array()?;
    let owner = owners.iter().find(|owner| owner.get("controller").and_then(Value::as_bool) == Some(true))?;
    let (kind, name) = (owner.get("kind")?.as_str()?, owner.get("name")?.as_str()?);
    if kind != "ReplicaSet" {
        return Some((kind, name));
    }
    let labels = pod.pointer("/metadata/labels");
    let above = [("pod-template-hash", "Deployment"), ("rollouts-pod-template-hash", "Rollout")].iter().find_map(
        |(label, kind)| {
            let hash = labels?.get(label)?.as_str()?;
            Some((*kind, name.strip_suffix(hash)?.strip_suffix('-')?))
        },
    );
    Some(above.unwrap_or((kind, name)))
}

/// Whether a pod is there and has not run to its end. One that is being deleted still is.
pub fn is_running(pod: &Value) -> bool {
    !matches!(pod.pointer("/status/phase").and_then(Value::as_str), Some("Succeeded" | "Failed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_workload_above_a_pod_is_found() {
        let pod = |kind: &str, name: &str, label: &str| {
            json!({"metadata": {
                "labels": {label: "7f9c"},
                "ownerReferences": [{"kind": kind, "name": name, "controller": true}],
            }})
        };
        assert_eq!(keeper(&pod("ReplicaSet", "site-7f9c", "pod-template-hash")), Some(("Deployment", "site")));
        assert_eq!(keeper(&pod("ReplicaSet", "site-7f9c", "rollouts-pod-template-hash")), Some(("Rollout", "site")));
        assert_eq!(keeper(&pod("ReplicaSet", "bare", "app")), Some(("ReplicaSet", "bare")));
        assert_eq!(keeper(&pod("StatefulSet", "db", "app")), Some(("StatefulSet", "db")));
        assert_eq!(keeper(&json!({"metadata": {}})), None);
    }
}
