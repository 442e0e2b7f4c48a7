//! Taking over from `kubectl apply` on the client's side, as apimachinery
//! `util/managedfields/internal/lastappliedmanager.go` and `lastappliedupdater.go`.

use serde_json::{Map, Value};

use super::FieldManager;
use crate::demo::fields::conflict::Conflict;
use crate::demo::fields::typed::Schema;
use crate::demo::go;
use crate::demo::object::{Meta, Object};

/// The annotation in which `kubectl apply` keeps what it applied last.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The most bytes that all annotations may have (`ValidateAnnotationsSize`).
const MOST_BYTES: usize = 256 * 1024;

/// The conflicts that are not about what `kubectl apply` itself has set and nobody has changed since. None if the object
/// was not managed that way.
pub fn unforgiven(
    manager: &FieldManager<'_>,
    schema: &Schema<'_>,
    live: &Value,
    conflicts: &[Conflict],
) -> Option<Vec<Conflict>> {
    let last = live.annotation(LAST_APPLIED).filter(|last| !last.is_empty())?;
    schema.validate(live, false).ok()?;
    let last: Value = serde_json::from_str(last).ok()?;
    if last.text(&["apiVersion"]) != Some(manager.api_version) {
        return None;
    }
    schema.validate(&last, false).ok()?;
    let set = schema.to_field_set(&last).ok()?;
    let changes = schema.compare(&last, live).ok()?;
    let own = set.difference(&changes.modified).difference(&changes.added).difference(&changes.removed);
    Some(conflicts.iter().filter(|conflict| !own.contains(&conflict.path)).cloned().collect())
}

/// Brings the annotation up to date with what `kubectl` has applied to the object.
pub fn follow(object: &mut Object, config: &Object) {
    if object.annotation(LAST_APPLIED).is_none_or(str::is_empty) {
        return;
    }
    let mut config = config.clone();
    if let Some(annotations) = config.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations")) {
        annotations.as_object_mut().map(|annotations| annotations.remove(LAST_APPLIED));
    }
    let annotations = object.map_mut(&["metadata", "annotations"]);
    annotations.insert(LAST_APPLIED.to_owned(), Value::from(go::json(&config) + "\n"));
    if bytes(annotations) > MOST_BYTES {
        annotations.remove(LAST_APPLIED);
    }
}

fn bytes(annotations: &Map<String, Value>) -> usize {
    annotations.iter().map(|(key, value)| key.len() + value.as_str().map_or(0, str::len)).sum()
}
