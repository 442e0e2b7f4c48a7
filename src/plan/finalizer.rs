//! Who holds an object that is being deleted until something is done: finalizers, in words.

use serde_json::Value;

/// Finalizers that are known by their names, and who removes them.
const KNOWN: &[(&str, &str)] = &[
    ("foregroundDeletion", "the garbage collector, when all it owns is gone"),
    ("orphan", "the garbage collector, when all it owns has no owner any more"),
    ("kubernetes", "Kubernetes, when all that is in it is gone"),
    ("kubernetes.io/pvc-protection", "Kubernetes, when no pod uses it"),
    ("kubernetes.io/pv-protection", "Kubernetes, when no claim is bound to it"),
    ("service.kubernetes.io/load-balancer-cleanup", "the cloud's controller, when the load balancer is gone"),
    ("batch.kubernetes.io/job-tracking", "the job controller, when it has counted the pod"),
    ("customresourcecleanup.apiextensions.k8s.io", "the API server, when all objects of the kind are gone"),
    ("resources-finalizer.argocd.argoproj.io", "Argo CD, when what the app made is gone"),
    ("finalizers.fluxcd.io", "Flux, when what it applied is gone"),
    ("capsule.clastix.io/", "Capsule"),
    ("projectcapsule.dev/", "Capsule"),
];

/// A finalizer and who removes it, as far as that is known: by its name, or by who put it on `object`.
pub fn words(finalizer: &str, object: Option<&Value>) -> String {
    let is_it = |(name, _): &&(&str, &str)| {
        *name == finalizer || name.strip_suffix('/').is_some_and(|domain| finalizer.split('/').next() == Some(domain))
    };
    if let Some((_, who)) = KNOWN.iter().find(is_it) {
        return format!("{finalizer} ({who})");
    }
    match object.and_then(|object| writer(object, finalizer)) {
        Some(manager) => format!("{finalizer} (put there by {manager})"),
        None => finalizer.to_owned(),
    }
}

/// The field manager that put a finalizer on an object.
fn writer(object: &Value, finalizer: &str) -> Option<String> {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array)?;
    let key = format!("v:{}", Value::from(finalizer));
    let has = |entry: &&Value| {
        entry.pointer("/fieldsV1/f:metadata/f:finalizers").is_some_and(|fields| fields.get(&key).is_some())
    };
    entries.iter().find(has)?.get("manager")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_lets_go_is_told() {
        let object = json!({"metadata": {"managedFields": [
            {"manager": "backup", "fieldsV1": {"f:metadata": {"f:finalizers": {"v:\"example.com/a\"": {}}}}},
        ]}});
        assert_eq!(words("example.com/a", Some(&object)), "example.com/a (put there by backup)");
        assert_eq!(words("example.com/b", Some(&object)), "example.com/b");
        assert_eq!(words("capsule.clastix.io/x", None), "capsule.clastix.io/x (Capsule)");
        assert!(words("kubernetes.io/pvc-protection", None).contains("when no pod uses it"));
    }
}
