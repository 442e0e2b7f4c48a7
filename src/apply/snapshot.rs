//! Keeps objects as they are in a text that makes them again: what a deletion takes, what a change of secrets overwrites.

use serde_json::Value;

use crate::cluster::gate::Gate;
use crate::cluster::write;
use crate::plan::record::fit_to_create;
use crate::plan::{Before, ObjectRef, keeper};
use crate::text::yaml;
use crate::world::trouble::{Trouble, TroubleKind};

/// Objects as YAML, and what of them could not be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The text, secrets and all.
    pub text: String,
    /// How many objects are in it.
    pub count: usize,
    /// What may not be read.
    pub refused: Vec<String>,
}

/// How many objects are kept at most.
const MOST: usize = 5_000;

/// Reads objects and writes down what makes them again. What a controller or Capsule makes of the others is left to them.
pub async fn take(gate: &Gate, objects: Vec<ObjectRef>) -> Result<Snapshot, Trouble> {
    if objects.len() > MOST {
        let words = format!("{} objects are too many for a snapshot: at most {MOST} are kept", objects.len());
        return Err(Trouble::new(TroubleKind::Other, words));
    }
    let (mut texts, mut refused) = (Vec::new(), Vec::new());
    for (object, before) in objects.iter().zip(write::read_all(gate, &objects).await?) {
        match before {
            Before::Present(value) => texts.extend(kept(&value)),
            Before::Unreadable(_) => refused.push(object.title()),
            Before::Absent => {}
        }
    }
    Ok(Snapshot { count: texts.len(), text: texts.join("---\n"), refused })
}

/// What makes an object again, unless somebody else does.
fn kept(value: &Value) -> Option<String> {
    if keeper::is_made(value) {
        return None;
    }
    let mut value = fit_to_create(value);
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        // Its owners have other uids when they are made again, and what has an owner that is not there is swept away.
        metadata.remove("ownerReferences");
    }
    if value.get("kind").and_then(Value::as_str) == Some("Namespace")
        && let Some(fields) = value.as_object_mut()
    {
        fields.remove("spec");
    }
    Some(yaml::render(&value, &|_, _| None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_kept_can_be_made_again() {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "data": {"a": "aHVudGVyMg=="},
            "metadata": {"name": "key", "namespace": "oil-web", "uid": "u", "resourceVersion": "1", "ownerReferences": [{"kind": "X", "uid": "v"}]},
        });
        let text = kept(&secret).unwrap();
        assert_eq!(
            text,
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: key\n  namespace: oil-web\ndata:\n  a: aHVudGVyMg==\n"
        );
        let pod = json!({"kind": "Pod", "metadata": {"ownerReferences": [{"kind": "ReplicaSet", "name": "r", "controller": true}]}});
        assert_eq!(kept(&pod), None);
    }
}
