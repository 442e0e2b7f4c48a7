//! Whether a manifest's fields are recorded as ours (`metadata.managedFields`, structured-merge-diff's `fieldsV1`).

use serde_json::{Map, Value};

use super::FIELD_MANAGER;
use super::edit::Segment;

/// Whether all that a manifest says of an object is already recorded as applied by us, so that applying it once more would not
/// even change the record. In doubt it is not.
pub fn is_ours(object: &Value, manifest: &Value) -> bool {
    let Some(fields) = applied(object).and_then(Value::as_object) else { return false };
    manifest.as_object().is_some_and(|manifest| {
        manifest.iter().filter(|(key, _)| !matches!(key.as_str(), "apiVersion" | "kind")).all(
            |(key, value)| match value {
                Value::Object(metadata) if key == "metadata" => {
                    let metadata: Map<String, Value> = metadata.clone();
                    let own = metadata.iter().filter(|(key, _)| !matches!(key.as_str(), "name" | "namespace"));
                    let inner = fields.get("f:metadata").and_then(Value::as_object);
                    own.into_iter().all(|(key, value)| covers_field(inner, key, value))
                }
                value => covers_field(Some(fields), key, value),
            },
        )
    })
}

/// What we have applied of an object: `fieldsV1`.
pub fn applied(object: &Value) -> Option<&Value> {
    let entries = object.pointer("/metadata/managedFields")?.as_array()?;
    let of = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).map(str::to_owned);
    let is_ours = |entry: &&Value| {
        of(entry, "manager").as_deref() == Some(FIELD_MANAGER)
            && of(entry, "operation").as_deref() == Some("Apply")
            && entry.get("subresource").is_none()
    };
    entries.iter().find(is_ours)?.get("fieldsV1")
}

/// Who else applies (`kubectl apply --server-side`, Argo CD, Flux, …) what stands at a path of an object.
pub fn appliers(object: &Value, path: &[Segment]) -> Vec<String> {
    let is_theirs = |(manager, entry): &(&str, &Value)| {
        *manager != FIELD_MANAGER && entry.get("operation").and_then(Value::as_str) == Some("Apply")
    };
    managers(object, path).filter(is_theirs).map(|(manager, _)| manager.to_owned()).collect()
}

/// Who wrote last what stands at a path of an object, as far as that is recorded.
pub fn last_writer(object: &Value, path: &[Segment]) -> Option<String> {
    let time = |(_, entry): &(&str, &Value)| entry.get("time").and_then(Value::as_str).map(str::to_owned);
    managers(object, path).max_by_key(time).map(|(manager, _)| manager.to_owned())
}

/// Whether an annotation was written last by somebody else than us; not, where that is not recorded.
pub fn is_anothers(object: &Value, annotation: &str) -> bool {
    let path = ["metadata", "annotations", annotation].map(|name| Segment::Field(name.to_owned()));
    last_writer(object, &path).is_some_and(|writer| writer != FIELD_MANAGER)
}

/// The managers that have what stands at a path, with their records.
fn managers<'a>(object: &'a Value, path: &'a [Segment]) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| {
        let has = entry.get("subresource").is_none() && has(entry.get("fieldsV1")?, path);
        has.then_some((entry.get("manager")?.as_str()?, entry))
    })
}

/// Whether recorded fields have what stands at a path.
fn has(fields: &Value, path: &[Segment]) -> bool {
    let (Some(map), Some((first, rest))) = (fields.as_object(), path.split_first()) else { return true };
    // A map or a list that is one value to the server has no fields within; neither has a leaf.
    if map.is_empty() {
        return true;
    }
    match first {
        Segment::Field(name) => map.get(&format!("f:{name}")).is_some_and(|inner| has(inner, rest)),
        Segment::Item(keys) => map.iter().any(|(name, inner)| {
            let recorded =
                name.strip_prefix("k:").and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
            let is_it = |recorded: Map<String, Value>| {
                let mut known = keys.iter().filter_map(|(key, value)| Some((recorded.get(key)?, value))).peekable();
                known.peek().is_some() && known.all(|(recorded, value)| recorded == value)
            };
            recorded.is_some_and(is_it) && has(inner, rest)
        }),
    }
}

/// Somebody else who has written fields of an object, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// The field manager.
    pub manager: String,
    /// How many fields are recorded as its own.
    pub fields: usize,
}

/// Who else has written fields of an object that we have made: people and their tools, not the controllers that act on
/// whatever is made.
pub fn others(object: &Value) -> Vec<Other> {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array).into_iter().flatten();
    let other = |entry: &Value| {
        let manager = entry.get("manager")?.as_str()?;
        let is_another = entry.get("subresource").is_none() && manager != FIELD_MANAGER && !acts_on_its_own(manager);
        let fields = leaves(entry.get("fieldsV1").filter(|_| is_another)?);
        (fields > 0).then(|| Other { manager: manager.to_owned(), fields })
    };
    entries.filter_map(other).collect()
}

/// The names of these, as the beginning of a sentence.
pub fn names(others: &[Other]) -> String {
    others.iter().map(|other| other.manager.as_str()).collect::<Vec<_>>().join(", ")
}

/// Kubernetes' own controllers, and Capsule's, by the names that their programs have as field managers.
fn acts_on_its_own(manager: &str) -> bool {
    ["kube-", "cloud-controller-manager", "capsule", "manager", "controller", "kubelet", "kwok"]
        .iter()
        .any(|name| manager == *name || (name.ends_with('-') && manager.starts_with(name)))
}

/// How many fields a set of them has; what only marks a place, and what holds the object, is none.
fn leaves(fields: &Value) -> usize {
    let Some(fields) = fields.as_object() else { return 0 };
    let own = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "." | "f:finalizers" | "f:ownerReferences"));
    own.map(|(_, inner)| if inner.as_object().is_none_or(Map::is_empty) { 1 } else { leaves(inner) }).sum()
}

fn covers_field(fields: Option<&Map<String, Value>>, key: &str, value: &Value) -> bool {
    // Nothing is recorded of what is nothing.
    value.is_null()
        || fields.and_then(|fields| fields.get(&format!("f:{key}"))).is_some_and(|inner| covers(inner, value))
}

fn covers(fields: &Value, value: &Value) -> bool {
    let Some(fields) = fields.as_object() else { return false };
    match value {
        // A map or a list that is one value to the server has no fields within.
        _ if fields.is_empty() => true,
        Value::Object(map) => map.iter().all(|(key, value)| covers_field(Some(fields), key, value)),
        Value::Array(items) => items.iter().all(|item| {
            fields.iter().any(|(name, inner)| match name.split_once(':') {
                Some(("k", keys)) => {
                    let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
                    // A key may have its default where the manifest leaves it out.
                    keys.iter().all(|(key, value)| item.get(key).is_none_or(|own| own == value)) && covers(inner, item)
                }
                Some(("v", text)) => serde_json::from_str::<Value>(text).is_ok_and(|value| value == *item),
                _ => false,
            })
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_that_is_new_to_the_manifest_is_not_ours_yet() {
        let object = json!({"metadata": {"managedFields": [{
            "manager": "tenantry", "operation": "Apply", "fieldsV1": {
                "f:metadata": {"f:labels": {"f:a": {}}, "f:finalizers": {"v:\"x\"": {}}},
                "f:spec": {
                    "f:replicas": {}, "f:selector": {},
                    "f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:name": {}, "f:port": {}}},
                },
            },
        }]}});
        let applied = json!({
            "apiVersion": "v1", "kind": "X",
            "metadata": {"name": "a", "labels": {"a": "1"}, "finalizers": ["x"], "creationTimestamp": null},
            "spec": {"replicas": 2, "selector": {"app": "x"}, "ports": [{"port": 80, "name": "web"}]},
        });
        assert!(is_ours(&object, &applied));
        for (pointer, value) in [
            ("/metadata/labels", json!({"a": "1", "b": "2"})),
            ("/metadata/finalizers", json!(["x", "y"])),
            ("/spec/ports", json!([{"port": 81, "name": "web"}])),
            ("/spec/ports", json!([{"port": 80, "nodePort": 30080}])),
            ("/spec", json!({"paused": true})),
        ] {
            let mut other = applied.clone();
            *other.pointer_mut(pointer).unwrap() = value;
            assert!(!is_ours(&object, &other), "{other}");
        }
        assert!(!is_ours(&json!({}), &applied));
    }

    #[test]
    fn whose_a_field_is_is_found_by_its_path() {
        let entry = |manager: &str, operation: &str, time: &str, fields: Value| json!({"manager": manager, "operation": operation, "time": time, "fieldsV1": fields});
        let containers = json!({"f:containers": {"k:{\"name\":\"web\"}": {".": {}, "f:image": {}}}});
        let object = json!({"metadata": {"managedFields": [
            entry("argocd-controller", "Apply", "2026-11-22T10:00:00Z", json!({"f:spec": containers})),
            entry("kubectl-edit", "Update", "2026-11-22T11:00:00Z", json!({"f:spec": {"f:replicas": {}}})),
            entry("kubectl-scale", "Update", "2026-11-22T12:00:00Z", json!({"f:spec": {"f:replicas": {}}})),
        ]}});
        let field = |name: &str| Segment::Field(name.to_owned());
        let web = Segment::Item(vec![("name".to_owned(), json!("web"))]);
        let image = [field("spec"), field("containers"), web.clone(), field("image")];
        assert_eq!(appliers(&object, &image), ["argocd-controller"]);
        assert_eq!(appliers(&object, &[field("spec"), field("containers"), web, field("env")]), Vec::<String>::new());
        assert_eq!(last_writer(&object, &[field("spec"), field("replicas")]).as_deref(), Some("kubectl-scale"));
        assert_eq!(last_writer(&object, &[field("data")]), None);
    }
}
