//! The resourcequota-controller: what namespaces use, counted again when something has gone or changed.

use jiff::SignedDuration;

use crate::demo::admission::quota;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Registry};
use crate::demo::schema::kind::Kind;
use crate::demo::store::Key;

/// The resourcequota-controller.
pub const NAME: &str = "resourcequota-controller";

/// How long it gathers changes.
const GATHER: SignedDuration = SignedDuration::from_millis(50);

/// A change in a namespace with quotas.
pub fn observe(registry: &mut Registry, kind: &Kind, object: &Object) {
    // Events are not worth counting at every turn.
    if !kind.namespaced || kind.resource == "events" {
        return;
    }
    let Some(table) = registry.table("resourcequotas") else { return };
    let keys: Vec<Key> = registry.store.iter(table, Some(object.namespace())).map(|(key, _)| key.clone()).collect();
    for key in keys {
        registry.queue(NAME, key, GATHER);
    }
}

/// Counts.
pub fn reconcile(registry: &mut Registry, key: &Key) {
    let Some(found) = registry.get("resourcequotas", key.namespace(), key.name()) else { return };
    let hard = quota::amounts(found.at(&["spec", "hard"]));
    let used = quota::used(registry, &found, &hard);
    let by = Caller::controller("resourcequota-controller");
    quota::record(registry, &by, &found, &hard, &used);
}
