//! The garbage collector: objects go with their owners. As `pkg/controller/garbagecollector`.

mod graph;

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::NOTICE;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Propagation, Registry};
use crate::demo::schema::kind::Kind;
use crate::demo::store::Key;
pub use graph::{Graph, Place};

/// The garbage-collector-controller. It has one job for the cluster; what it has to look at stands in the [`Graph`].
pub const NAME: &str = "garbage-collector-controller";

/// How long it waits before it tries again what was refused.
const AGAIN: SignedDuration = SignedDuration::from_secs(1);

/// An owner goes, a dependent goes, or a dependent comes whose owner may be gone already.
pub fn observe(registry: &mut Registry, kind: &Kind, before: Option<&Object>, after: Option<&Object>) {
    let Some(object) = after.or(before) else { return };
    let Some(table) = registry.table(&kind.qualified()) else { return };
    if registry.graph.note(&(table, Key::of(object)), before, after) {
        registry.queue(NAME, Key::new("", "all"), NOTICE);
    }
}

/// Looks at what may have lost an owner, and at owners that wait for their dependents.
pub fn reconcile(registry: &mut Registry) {
    for place in registry.graph.take_suspects() {
        if !is_settled(registry, &place) {
            registry.graph.suspect_again(place);
            registry.queue(NAME, Key::new("", "all"), AGAIN);
        }
    }
    release(registry);
}

/// Lets a dependent go if its owners are gone. Whether that is done with.
fn is_settled(registry: &mut Registry, place: &Place) -> bool {
    let Some((resource, object)) = registry.at(place) else { return true };
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
        return true;
    }
    let mut by = Caller::controller("generic-garbage-collector");
    let (namespace, name) = (object.namespace(), object.name());
    if !solid.is_empty() {
        // Somebody else still owns it: only the references to the others go.
        let change = |object: &mut Object| object.set(&["metadata", "ownerReferences"], solid);
        return registry.change(&by, &resource, "", namespace, name, change).is_some();
    }
    let propagation = if waiting.is_empty() { own_policy(&object) } else { Propagation::Foreground };
    let how = Deletion { propagation: Some(propagation), uid: Some(object.uid().to_owned()), ..Deletion::default() };
    registry.delete(&mut by, &resource, namespace, name, &how).is_ok()
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

/// Takes the collector's finalizers from owners that need them no longer.
fn release(registry: &mut Registry) {
    let by = Caller::controller("generic-garbage-collector");
    for (resource, object) in registry.graph.waiting().iter().filter_map(|place| registry.at(place)).collect::<Vec<_>>()
    {
        let uid = object.uid();
        let mine: Vec<Place> = registry.graph.all_dependents(uid).cloned().collect();
        let mut mine = mine.iter().filter_map(|place| registry.at(place)).collect::<Vec<_>>().into_iter();
        let done = if object.finalizers().contains(&"orphan") {
            for (resource, dependent) in mine {
                registry.change(&by, &resource, "", dependent.namespace(), dependent.name(), |dependent| {
                    let mut owners = dependent.owners().to_vec();
                    owners.retain(|owner| owner.text(&["uid"]) != Some(uid));
                    dependent.set(&["metadata", "ownerReferences"], owners);
                });
            }
            "orphan"
        } else if mine.any(|(_, dependent)| blocks(&dependent, uid)) {
            continue;
        } else {
            "foregroundDeletion"
        };
        registry.change(&by, &resource, "", object.namespace(), object.name(), |object| {
            let left: Vec<Value> =
                object.finalizers().into_iter().filter(|one| *one != done).map(|one| json!(one)).collect();
            object.set(&["metadata", "finalizers"], left);
        });
    }
}

/// Whether a dependent holds its owner back.
fn blocks(dependent: &Object, uid: &str) -> bool {
    dependent.owners().iter().any(|owner| owner.text(&["uid"]) == Some(uid) && owner.flag(&["blockOwnerDeletion"]))
}

/// The owner that a reference names, if it is still the same object.
fn find(registry: &Registry, owner: &Value, namespace: &str) -> Option<Arc<Object>> {
    let version = owner.text(&["apiVersion"])?;
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let kind = registry.schemas.of_kind(group, owner.text(&["kind"])?)?;
    let namespace = if kind.namespaced { namespace } else { "" };
    let found = registry.look(&kind.qualified(), namespace, owner.text(&["name"])?)?;
    (Some(found.uid()) == owner.text(&["uid"])).then_some(found)
}
