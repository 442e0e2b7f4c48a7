//! Why something that is being deleted is still there, and what can be done about it. Pure.

use serde_json::Value;

use super::finalizer;

/// Why an object is not gone yet, in sentences; none if it only takes its time.
pub fn why(object: &Value) -> Vec<String> {
    let held = object.pointer("/metadata/finalizers").and_then(Value::as_array).into_iter().flatten();
    let held: Vec<String> = held.filter_map(Value::as_str).map(|name| finalizer::words(name, Some(object))).collect();
    let mut said = Vec::new();
    if !held.is_empty() {
        said.push(format!("held by {}", held.join(", ")));
    }
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let text = |condition: &Value, key: &str| condition.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let met = conditions.filter(|condition| text(condition, "status") == "True");
    said.extend(met.filter_map(|condition| complaint(&text(condition, "message"))));
    said
}

/// That an object is not gone yet, and why.
pub fn words(object: &Value) -> String {
    let mut words = why(object);
    words.insert(0, "not gone yet".to_owned());
    words.join(", ")
}

/// What a namespace's condition says that keeps it from going, by how Kubernetes begins to say it: what it means, and what can
/// be done.
pub fn complaint(message: &str) -> Option<String> {
    let begins = |text: &str| message.starts_with(text);
    let after = |text: &str| message.split_once(text).map_or(message, |(_, rest)| rest).trim().to_owned();
    if begins("Discovery failed") {
        let groups = after("unable to retrieve the complete list of server APIs:");
        let advice = "mend what is behind it, or delete the APIService if that is gone for good";
        Some(format!("an APIService is down, so nobody knows what is left: {groups}; {advice}"))
    } else if begins("Failed to delete all resource types") && message.contains("admission webhook") {
        let words = after("remaining:");
        Some(format!("a webhook refuses the deletion of what is in it: {words}; mend or remove that webhook"))
    } else if begins("Failed to delete all resource types") {
        Some(format!("what is in it cannot be deleted: {}", after("remaining:")))
    } else if begins("Some resources are remaining") {
        Some(format!("still in it: {}", after("remaining:")))
    } else if begins("Some content in the namespace has finalizers remaining") {
        let held = after("remaining:");
        let held: Vec<String> = held.split(", ").map(of_finalizer).collect();
        let advice = "they go when whoever put that there removes it; if he is gone for good, remove it by hand";
        Some(format!("objects in it are held: {}; {advice}", held.join(", ")))
    } else {
        None
    }
}

/// `example.com/drain in 2 resource instances`.
fn of_finalizer(part: &str) -> String {
    match part.split_once(" in ") {
        Some((name, rest)) => {
            let number = rest.split(' ').next().unwrap_or_default();
            format!("{number} by {}", finalizer::words(name, None))
        }
        None => part.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_keeps_a_namespace_is_told() {
        let condition =
            |kind: &str, message: &str| json!({"type": kind, "status": "True", "reason": "x", "message": message});
        let namespace = json!({"metadata": {"name": "oil-web"}, "status": {"conditions": [
            condition("NamespaceDeletionDiscoveryFailure", "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1"),
            condition("NamespaceDeletionContentFailure", "Failed to delete all resource types, 1 remaining: admission webhook \"guard.example.com\" denied the request: no"),
            condition("NamespaceFinalizersRemaining", "Some content in the namespace has finalizers remaining: example.com/drain in 2 resource instances, kubernetes.io/pvc-protection in 1 resource instances"),
            {"type": "NamespaceContentRemaining", "status": "False", "message": "All content successfully removed"},
        ]}});
        let why = why(&namespace);
        assert_eq!(why.len(), 3, "{why:?}");
        assert!(why[0].contains("metrics.k8s.io/v1beta1") && why[0].contains("delete the APIService"), "{why:?}");
        assert!(why[1].contains("a webhook refuses") && why[1].contains("guard.example.com"), "{why:?}");
        assert!(
            why[2].starts_with("objects in it are held: 2 by example.com/drain, 1 by kubernetes.io/pvc-protection (Kubernetes, when no pod uses it)"),
            "{why:?}"
        );
        let tenant = json!({"metadata": {"finalizers": ["controller.projectcapsule.dev/finalize"]}});
        assert_eq!(super::why(&tenant), ["held by controller.projectcapsule.dev/finalize"]);
        assert_eq!(super::why(&json!({})), Vec::<String>::new());
    }
}
