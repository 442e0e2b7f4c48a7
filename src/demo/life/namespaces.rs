//! A namespace that is going away: its content goes first, then the namespace. As
//! `pkg/controller/namespace/deletion/namespaced_resources_deleter.go`.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::agenda::{Backoff, Job};
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Propagation, Registry};
use crate::demo::schema::kind::Kind;
use crate::demo::store::Key;

/// The namespace-controller.
pub const NAME: &str = "namespace-controller";

/// How long it leaves a namespace alone whose deletion, or any change after it, it has seen (`namespaceDeletionGracePeriod`).
const GRACE: SignedDuration = SignedDuration::from_secs(5);

/// How many seconds finalizers are thought to take (`finalizerEstimateSeconds`).
const FINALIZERS: i64 = 15;

/// What is left of a namespace's content.
#[derive(Debug, Default)]
struct Rest {
    /// Objects by `resource.group`; the legacy group has no name, but its dot.
    objects: BTreeMap<String, usize>,
    finalizers: BTreeMap<String, usize>,
    /// Seconds until it may be gone.
    estimate: i64,
    failures: Vec<String>,
}

/// A namespace was written.
pub fn observe(registry: &mut Registry, namespace: &Object) {
    if namespace.is_terminating() {
        registry.queue(NAME, Key::of(namespace), GRACE);
    }
}

/// Brings a namespace nearer to its end.
pub fn reconcile(registry: &mut Registry, key: &Key) {
    let name = key.name();
    let Some(namespace) = registry.get("namespaces", "", name) else { return };
    if !namespace.is_terminating() || namespace.list(&["spec", "finalizers"]).is_empty() {
        return;
    }
    let mut rest = Rest::default();
    let (pods, others): (Vec<Arc<Kind>>, Vec<Arc<Kind>>) = registry
        .kinds()
        .iter()
        .filter(|kind| kind.namespaced && kind.verbs.iter().any(|verb| verb == "delete"))
        .filter(|kind| kind.qualified() != "events.events.k8s.io")
        .cloned()
        .partition(|kind| kind.qualified() == "pods");
    let since: Option<Timestamp> = namespace.text(&["metadata", "deletionTimestamp"]).and_then(|at| at.parse().ok());
    let passed = since.map(|since| registry.now().duration_since(since).as_secs()).unwrap_or_default();
    for kind in &pods {
        clear(registry, name, kind, passed, &mut rest);
    }
    // As long as there are pods nothing else goes, and nothing is said of what is left.
    let has_pods = !rest.objects.is_empty();
    if !has_pods {
        for kind in &others {
            clear(registry, name, kind, passed, &mut rest);
        }
    }
    tell(registry, &namespace, &rest, has_pods);
    let job = Job { controller: NAME, key: key.clone() };
    if !rest.failures.is_empty() {
        let now = registry.now();
        registry.agenda.retry(now, job, Backoff::QUEUE);
        return;
    }
    registry.agenda.forget(&job);
    if rest.estimate > 0 {
        registry.queue(NAME, key.clone(), SignedDuration::from_secs(rest.estimate / 2 + 1));
        return;
    }
    let change = &mut |namespace: &Object| {
        let mut namespace = namespace.clone();
        let mut held = namespace.list(&["spec", "finalizers"]).to_vec();
        held.retain(|one| one != "kubernetes");
        namespace.set(&["spec", "finalizers"], held);
        Ok(namespace)
    };
    let _ = registry.update(&mut Caller::controller(NAME), "namespaces", "finalize", "", name, change);
}

/// Removes the objects of a kind (`deleteAllContentForGroupVersionResource`). `passed`: seconds since the namespace was deleted;
/// pods that should be gone by then are waited for no longer.
fn clear(registry: &mut Registry, namespace: &str, kind: &Kind, passed: i64, rest: &mut Rest) {
    let resource = kind.qualified();
    let objects: Vec<Object> = registry.list(&resource, Some(namespace)).collect();
    if objects.is_empty() {
        return;
    }
    let grace = if resource == "pods" { objects.iter().map(grace).max().unwrap_or_default() } else { 0 };
    let grace = if passed >= grace { 0 } else { grace };
    let how = Deletion { propagation: Some(Propagation::Background), ..Deletion::default() };
    for object in objects.iter().filter(|object| !object.is_terminating()) {
        let mut by = Caller::controller(NAME);
        match registry.delete(&mut by, &resource, namespace, object.name(), &how) {
            Ok(_) => {}
            Err(status) if status.code == 404 => {}
            Err(status) => {
                rest.estimate = rest.estimate.max(grace);
                let what = if resource == "pods" {
                    format!("failed to delete pods for namespace: {namespace}, err: {status}")
                } else {
                    status.to_string()
                };
                rest.failures.push(what);
                return;
            }
        }
    }
    let left: Vec<Object> = registry.list(&resource, Some(namespace)).collect();
    if left.is_empty() {
        return;
    }
    let dot = if kind.group.is_empty() { "." } else { "" };
    rest.objects.insert(format!("{resource}{dot}"), left.len());
    let finalizers: Vec<&str> = left.iter().flat_map(|object| object.finalizers()).collect();
    for finalizer in &finalizers {
        *rest.finalizers.entry((*finalizer).to_owned()).or_default() += 1;
    }
    let estimate = if grace == 0 && !finalizers.is_empty() { FINALIZERS } else { grace };
    rest.estimate = rest.estimate.max(estimate);
    if estimate == 0 {
        let (group, version) = (&kind.group, &kind.version);
        let gvr = format!("{group}/{version}, Resource={}", kind.resource);
        rest.failures.push(format!("unexpected items still remain in namespace: {namespace} for gvr: {gvr}"));
    }
}

/// Seconds that a pod is given to end.
fn grace(pod: &Object) -> i64 {
    match pod.text(&["status", "phase"]) {
        Some("Succeeded" | "Failed") => 0,
        _ => pod.int(&["spec", "terminationGracePeriodSeconds"]).unwrap_or_default(),
    }
}

/// Writes what holds a namespace, if that is news.
fn tell(registry: &mut Registry, namespace: &Object, rest: &Rest, has_pods: bool) {
    let now = rfc3339(registry.now());
    let mut all = namespace.list(&["status", "conditions"]).to_vec();
    for (kind, is_true, reason, message) in conditions(rest, has_pods) {
        let status = if is_true { "True" } else { "False" };
        let mut new =
            json!({"type": kind, "status": status, "lastTransitionTime": now, "reason": reason, "message": message});
        match all.iter_mut().find(|one| one.text(&["type"]) == Some(kind)) {
            None => all.push(new),
            Some(old) => {
                if old.get("status") == new.get("status") {
                    new.set(&["lastTransitionTime"], old.get("lastTransitionTime").cloned().unwrap_or(Value::Null));
                }
                *old = new;
            }
        }
    }
    let by = Caller::controller(NAME);
    registry.change(&by, "namespaces", "status", "", namespace.name(), |namespace| {
        namespace.set(&["status", "conditions"], all);
    });
}

/// What there is to say, in the words of `status_condition_utils.go`.
fn conditions(rest: &Rest, has_pods: bool) -> [(&'static str, bool, &'static str, String); 5] {
    let list = |counts: &BTreeMap<String, usize>, word: &str| {
        let mut lines: Vec<String> =
            counts.iter().map(|(what, count)| format!("{what} {word} {count} resource instances")).collect();
        lines.sort();
        lines.join(", ")
    };
    let mut failures = rest.failures.clone();
    failures.sort();
    let or = |is_true: bool, reason: (&'static str, &'static str), message: String, fine: &str| {
        if is_true { (true, reason.0, message) } else { (false, reason.1, fine.to_owned()) }
    };
    let failed = or(
        !failures.is_empty(),
        ("ContentDeletionFailed", "ContentDeleted"),
        format!("Failed to delete all resource types, {} remaining: {}", failures.len(), failures.join(", ")),
        "All content successfully deleted, may be waiting on finalization",
    );
    let remaining = or(
        !has_pods && !rest.objects.is_empty(),
        ("SomeResourcesRemain", "ContentRemoved"),
        format!("Some resources are remaining: {}", list(&rest.objects, "has")),
        "All content successfully removed",
    );
    let held = or(
        !has_pods && !rest.finalizers.is_empty(),
        ("SomeFinalizersRemain", "ContentHasNoFinalizers"),
        format!("Some content in the namespace has finalizers remaining: {}", list(&rest.finalizers, "in")),
        "All content-preserving finalizers finished",
    );
    let found = "All resources successfully discovered".to_owned();
    let parsed = "All legacy kube types successfully parsed".to_owned();
    [
        ("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", found),
        ("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", parsed),
        ("NamespaceDeletionContentFailure", failed.0, failed.1, failed.2),
        ("NamespaceContentRemaining", remaining.0, remaining.1, remaining.2),
        ("NamespaceFinalizersRemaining", held.0, held.1, held.2),
    ]
}
