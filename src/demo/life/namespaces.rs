//! A namespace that is going away: its content goes first, then the namespace. As
//! `pkg/controller/namespace/deletion/namespaced_resources_deleter.go`.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Propagation, Registry};
use crate::demo::store::Key;

/// The namespace-controller.
pub const NAME: &str = "namespace-controller";

/// How long it waits before it looks again at a namespace that is not empty yet.
const AGAIN: SignedDuration = SignedDuration::from_millis(500);

/// Brings a namespace nearer to its end.
pub fn reconcile(registry: &mut Registry, key: &Key) {
    let name = key.name();
    let Some(namespace) = registry.get("namespaces", "", name) else { return };
    if !namespace.is_terminating() {
        return;
    }
    let resources: Vec<String> = registry
        .schemas
        .kinds()
        .iter()
        .filter(|kind| kind.namespaced && kind.verbs.iter().any(|verb| verb == "deletecollection"))
        .map(super::super::schema::kind::Kind::qualified)
        .filter(|resource| resource != "events.events.k8s.io")
        .collect();
    let mut by = Caller::controller(NAME);
    let mut left: Vec<(String, usize)> = Vec::new();
    let mut finalizers: Vec<(String, usize)> = Vec::new();
    let how = Deletion { propagation: Some(Propagation::Background), ..Deletion::default() };
    for resource in &resources {
        let objects: Vec<(String, bool)> = registry
            .list(resource, Some(name))
            .map(|object| (object.name().to_owned(), object.is_terminating()))
            .collect();
        for (object, is_terminating) in &objects {
            if !is_terminating {
                let _ = registry.delete(&mut by, resource, name, object, &how);
            }
        }
        let rest: Vec<Object> = registry.list(resource, Some(name)).collect();
        if !rest.is_empty() {
            // As `resource.group` of upstream's message: the legacy group has no name, but its dot.
            let dot = if resource.contains('.') { "" } else { "." };
            left.push((format!("{resource}{dot}"), rest.len()));
        }
        for finalizer in
            rest.iter().flat_map(|object| object.finalizers().into_iter().map(str::to_owned).collect::<Vec<_>>())
        {
            match finalizers.iter_mut().find(|(one, _)| *one == finalizer) {
                Some((_, count)) => *count += 1,
                None => finalizers.push((finalizer, 1)),
            }
        }
    }
    let now = rfc3339(registry.now());
    if left.is_empty() {
        let change = &mut |namespace: &Object| {
            let mut namespace = namespace.clone();
            let mut held = namespace.list(&["spec", "finalizers"]).to_vec();
            held.retain(|one| one != "kubernetes");
            namespace.set(&["spec", "finalizers"], held);
            Ok(namespace)
        };
        let _ = registry.update(&mut by, "namespaces", "finalize", "", name, change);
        return;
    }
    let conditions = conditions(&namespace, &left, &finalizers, &now);
    registry.change(&by, "namespaces", "status", "", name, |namespace| {
        namespace.set(&["status", "conditions"], conditions);
    });
    registry.queue(NAME, key.clone(), AGAIN);
}

/// What holds a namespace, in the words of `status_condition_utils.go`.
fn conditions(namespace: &Object, left: &[(String, usize)], finalizers: &[(String, usize)], now: &str) -> Vec<Value> {
    let said = |pairs: &[(String, usize)]| {
        let mut lines: Vec<String> =
            pairs.iter().map(|(what, count)| format!("{what} has {count} resource instances")).collect();
        lines.sort();
        lines.join(", ")
    };
    let held = |pairs: &[(String, usize)]| {
        let mut lines: Vec<String> =
            pairs.iter().map(|(what, count)| format!("{what} in {count} resource instances")).collect();
        lines.sort();
        lines.join(", ")
    };
    let all = [
        (
            "NamespaceDeletionDiscoveryFailure",
            false,
            "ResourcesDiscovered",
            "All resources successfully discovered".to_owned(),
        ),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            false,
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed".to_owned(),
        ),
        (
            "NamespaceDeletionContentFailure",
            false,
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization".to_owned(),
        ),
        (
            "NamespaceContentRemaining",
            true,
            "SomeResourcesRemain",
            format!("Some resources are remaining: {}", said(left)),
        ),
        if finalizers.is_empty() {
            (
                "NamespaceFinalizersRemaining",
                false,
                "ContentHasNoFinalizers",
                "All content-preserving finalizers finished".to_owned(),
            )
        } else {
            (
                "NamespaceFinalizersRemaining",
                true,
                "SomeFinalizersRemain",
                format!("Some content in the namespace has finalizers remaining: {}", held(finalizers)),
            )
        },
    ];
    all.into_iter()
        .map(|(kind, is_true, reason, message)| {
            let status = if is_true { "True" } else { "False" };
            let before = namespace.list(&["status", "conditions"]).iter().find(|one| one.text(&["type"]) == Some(kind));
            let since = before
                .filter(|one| one.text(&["status"]) == Some(status))
                .and_then(|one| one.text(&["lastTransitionTime"]))
                .unwrap_or(now);
            json!({"type": kind, "status": status, "lastTransitionTime": since, "reason": reason, "message": message})
        })
        .collect()
}
