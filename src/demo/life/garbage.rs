//! The garbage collector: objects go with their owners. As `pkg/controller/garbagecollector`.

use serde_json::{Value, json};

use super::NOTICE;
use super::agenda::Job;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Propagation, Registry};
use crate::demo::schema::kind::Kind;
use crate::demo::store::Key;

/// The garbage-collector-controller; its jobs are named by what they look at.
pub const NAME: &str = "garbage-collector-";

/// Looks at the dependents of all owners that are gone or going: one job for the cluster, since owners are few.
const SWEEP: &str = "garbage-collector-sweep";

/// An owner goes, a dependent goes, or a dependent comes whose owner may be gone already.
pub fn observe(registry: &mut Registry, kind: &Kind, before: Option<&Object>, after: Option<&Object>) {
    let _ = kind;
    let is_going = match (before, after) {
        (Some(_), None) => true,
        (before, Some(after)) => {
            let is_marked = after.is_terminating() && before.is_none_or(|before| !before.is_terminating());
            let is_new = before.is_none_or(|before| before.owners() != after.owners()) && !after.owners().is_empty();
            is_marked || is_new
        }
        (None, None) => false,
    };
    if is_going {
        registry.queue(SWEEP, Key::new("", "all"), NOTICE);
    }
}

/// Looks at every object that has owners.
pub fn reconcile(registry: &mut Registry, job: &Job) {
    let _ = job;
    let mut by = Caller::controller("generic-garbage-collector");
    let mut is_done = true;
    for (resource, object) in dependents(registry) {
        let (mut solid, mut waiting, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for owner in object.owners() {
            match find(registry, owner, object.namespace()) {
                None => gone.push(owner.clone()),
                Some(found) if found.is_terminating() && found.finalizers().contains(&"foregroundDeletion") => {
                    waiting.push(owner.clone());
                }
                Some(_) => solid.push(owner.clone()),
            }
        }
        if object.is_terminating() || (waiting.is_empty() && gone.is_empty()) {
            continue;
        }
        is_done = false;
        let (namespace, name) = (object.namespace().to_owned(), object.name().to_owned());
        if !solid.is_empty() {
            // Somebody else still owns it: only the references to the others go.
            registry.change(&by, &resource, "", &namespace, &name, |object| {
                object.set(&["metadata", "ownerReferences"], solid);
            });
            continue;
        }
        let propagation = if waiting.is_empty() { own_policy(&object) } else { Propagation::Foreground };
        let how =
            Deletion { propagation: Some(propagation), uid: Some(object.uid().to_owned()), ..Deletion::default() };
        let _ = registry.delete(&mut by, &resource, &namespace, &name, &how);
    }
    is_done &= !release(registry);
    if !is_done {
        registry.queue(SWEEP, Key::new("", "all"), NOTICE);
    }
}

/// The policy that an object's own finalizers ask for.
fn own_policy(object: &Object) -> Propagation {
    let finalizers = object.finalizers();
    if finalizers.contains(&"orphan") {
        Propagation::Orphan
    } else if finalizers.contains(&"foregroundDeletion") {
        Propagation::Foreground
    } else {
        Propagation::Background
    }
}

/// Takes the collector's finalizers from owners that need them no longer. Whether there were any.
fn release(registry: &mut Registry) -> bool {
    let by = Caller::controller("generic-garbage-collector");
    let mut has_released = false;
    for (resource, object) in with(registry, b"\"deletionTimestamp\"") {
        let finalizers = object.finalizers();
        let (orphan, foreground) = (finalizers.contains(&"orphan"), finalizers.contains(&"foregroundDeletion"));
        if !object.is_terminating() || !(orphan || foreground) {
            continue;
        }
        let uid = object.uid().to_owned();
        let owns = |dependent: &Object| dependent.owners().iter().any(|owner| owner.text(&["uid"]) == Some(&uid));
        let mine: Vec<(String, Object)> =
            dependents(registry).into_iter().filter(|(_, dependent)| owns(dependent)).collect();
        let done = if orphan {
            for (resource, dependent) in mine {
                registry.change(&by, &resource, "", dependent.namespace(), dependent.name(), |dependent| {
                    let mut owners = dependent.owners().to_vec();
                    owners.retain(|owner| owner.text(&["uid"]) != Some(&uid));
                    dependent.set(&["metadata", "ownerReferences"], owners);
                });
            }
            "orphan"
        } else if mine.iter().any(|(_, dependent)| blocks(dependent, &uid)) {
            continue;
        } else {
            "foregroundDeletion"
        };
        registry.change(&by, &resource, "", object.namespace(), object.name(), |object| {
            let left: Vec<Value> =
                object.finalizers().into_iter().filter(|one| *one != done).map(|one| json!(one)).collect();
            object.set(&["metadata", "finalizers"], left);
        });
        has_released = true;
    }
    has_released
}

/// Whether a dependent holds its owner back.
fn blocks(dependent: &Object, uid: &str) -> bool {
    dependent.owners().iter().any(|owner| owner.text(&["uid"]) == Some(uid) && owner.flag(&["blockOwnerDeletion"]))
}

/// All objects that say they are owned.
fn dependents(registry: &Registry) -> Vec<(String, Object)> {
    with(registry, b"\"ownerReferences\"")
}

/// All objects whose text contains a word; only those are parsed.
fn with(registry: &Registry, word: &[u8]) -> Vec<(String, Object)> {
    let mut found = Vec::new();
    for kind in registry.schemas.kinds() {
        let resource = kind.qualified();
        let Some(table) = registry.table(&resource).filter(|_| resource != "events.events.k8s.io") else { continue };
        for (_, stored) in registry.store.iter(table, None) {
            if contains(&stored.body, word) {
                found.push((resource.clone(), crate::demo::registry::whole(kind, stored)));
            }
        }
    }
    found
}

fn contains(body: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(body, word).is_some()
}

/// The owner that a reference names, if it is still the same object.
fn find(registry: &Registry, owner: &Value, namespace: &str) -> Option<Object> {
    let version = owner.text(&["apiVersion"])?;
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let kind = registry.schemas.of_kind(group, owner.text(&["kind"])?)?;
    let namespace = if kind.namespaced { namespace } else { "" };
    let found = registry.get(&kind.qualified(), namespace, owner.text(&["name"])?)?;
    (Some(found.uid()) == owner.text(&["uid"])).then_some(found)
}
