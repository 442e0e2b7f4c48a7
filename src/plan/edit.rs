//! Changes of single fields: found between two versions of an object, looked up and made in a third.
//!
//! A path goes by names of fields and by what tells the items of a list apart, so that it still finds its place when others
//! have put something beside it meanwhile. Lists whose items nothing tells apart are one value.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One step of the way to a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Segment {
    /// A field.
    Field(String),
    /// The item of a list in which these fields have these values.
    Item(Vec<(String, Value)>),
}

/// The way to a value.
pub type Path = Vec<Segment>;

/// The change of one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// Where.
    pub path: Path,
    /// The old value; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The new value; `None` if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// Both are left out, being secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// It is about the order of a list: the values are the names of its items.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub order: bool,
    /// How many of the maps around the value, the innermost first, came with it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub branch: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Edit {
    /// Whether it is so in an object as it was before.
    pub fn is_before(&self, object: &Value) -> bool {
        self.is(object, self.before.as_ref())
    }

    /// Whether it is so in an object as it was made.
    pub fn is_after(&self, object: &Value) -> bool {
        self.is(object, self.after.as_ref())
    }

    fn is(&self, object: &Value, value: Option<&Value>) -> bool {
        if !self.order {
            return get(object, &self.path) == value;
        }
        let (Some(items), Some(order)) = (get(object, &self.path).and_then(Value::as_array), value) else {
            return false;
        };
        let ranks: Vec<usize> = items.iter().filter_map(|item| rank(order, item)).collect();
        ranks.is_sorted()
    }

    /// Makes it in another object.
    pub fn make(&self, object: &mut Value) {
        if self.order {
            put_in_order(object, &self.path, self.after.as_ref());
        } else {
            set(object, &self.path, self.after.as_ref());
        }
    }

    /// Sets it back in an object; maps that came with a value go with it, if nobody else has put anything there.
    pub fn take_back(&self, object: &mut Value) {
        if self.order {
            return put_in_order(object, &self.path, self.before.as_ref());
        }
        set(object, &self.path, self.before.as_ref());
        if self.before.is_some() {
            return;
        }
        for depth in 1..=self.branch {
            let around = self.path.get(..self.path.len().saturating_sub(depth)).unwrap_or_default();
            if !get(object, around).and_then(Value::as_object).is_some_and(Map::is_empty) {
                return;
            }
            set(object, around, None);
        }
    }
}

/// The place of an item in an order: a list of what tells items apart.
fn rank(order: &Value, item: &Value) -> Option<usize> {
    let is_it = |name: &Value| {
        name.as_object()
            .is_some_and(|keys| keys.iter().all(|(key, value)| item.get(key).unwrap_or(&Value::Null) == value))
    };
    order.as_array()?.iter().position(is_it)
}

/// Items that the order does not know stay behind those that they stand behind.
fn put_in_order(object: &mut Value, path: &[Segment], order: Option<&Value>) {
    let (Some(items), Some(order)) = (get_mut(object, path).and_then(Value::as_array_mut), order) else { return };
    let mut last = 0;
    let ranked = std::mem::take(items).into_iter().map(|item| {
        // One more than its place: what stands before all others stays there.
        last = rank(order, &item).map_or(last, |rank| rank + 1);
        (last, item)
    });
    let mut ranked: Vec<(usize, Value)> = ranked.collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    items.extend(ranked.into_iter().map(|(_, item)| item));
}

/// A path as people write it: `spec.containers[web].image`.
pub fn spell(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Field(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                let quote = if name.contains('.') { "\"" } else { "" };
                text.extend([quote, name, quote]);
            }
            Segment::Item(keys) => {
                let values: Vec<String> = keys
                    .iter()
                    .map(|(_, value)| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                    .collect();
                text.extend(["[", &values.join(" "), "]"]);
            }
        }
    }
    text
}

/// The changes between two versions, in the order of their paths. Made in the first, they give the second, but for the order
/// of items that something tells apart.
pub fn edits(before: &Value, after: &Value) -> Vec<Edit> {
    let mut found = Vec::new();
    walk(&mut Vec::new(), 0, Some(before), Some(after), &mut found);
    found
}

fn walk(path: &mut Path, branch: usize, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Edit>) {
    if before == after {
        return;
    }
    match (before, after) {
        // What comes or goes as a branch is told leaf by leaf: others may put something on the same branch meanwhile.
        (Some(Value::Object(old)), Some(Value::Object(new))) => fields(path, 0, old, new, found),
        (Some(Value::Object(old)), None) if !old.is_empty() => fields(path, 0, old, &Map::new(), found),
        (None, Some(Value::Object(new))) if !new.is_empty() => fields(path, branch + 1, &Map::new(), new, found),
        (Some(Value::Array(old)), Some(Value::Array(new))) => match keys(path, old, new) {
            Some(keys) => items(path, keys, old, new, found),
            None => leaf(path, 0, before, after, found),
        },
        _ => leaf(path, branch, before, after, found),
    }
}

fn leaf(path: &Path, branch: usize, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Edit>) {
    found.push(Edit {
        path: path.clone(),
        before: before.cloned(),
        after: after.cloned(),
        secret: false,
        order: false,
        branch,
    });
}

fn fields(path: &mut Path, branch: usize, old: &Map<String, Value>, new: &Map<String, Value>, found: &mut Vec<Edit>) {
    let added = new.keys().filter(|key| !old.contains_key(*key));
    for key in old.keys().chain(added) {
        path.push(Segment::Field(key.clone()));
        walk(path, branch, old.get(key), new.get(key), found);
        path.pop();
    }
}

fn items(path: &mut Path, keys: &[&str], old: &[Value], new: &[Value], found: &mut Vec<Edit>) {
    let name = |item: &Value| -> Vec<(String, Value)> {
        keys.iter().map(|key| ((*key).to_owned(), item.get(key).cloned().unwrap_or_default())).collect()
    };
    let find = |items: &[Value], wanted: &[(String, Value)]| items.iter().find(|item| name(item) == wanted).cloned();
    let added = new.iter().filter(|item| find(old, &name(item)).is_none());
    for item in old.iter().chain(added) {
        let name = name(item);
        let (old, new) = (find(old, &name), find(new, &name));
        path.push(Segment::Item(name));
        match (&old, &new) {
            (Some(_), Some(_)) => walk(path, 0, old.as_ref(), new.as_ref(), found),
            // An item comes or goes whole.
            _ => leaf(path, 0, old.as_ref(), new.as_ref(), found),
        }
        path.pop();
    }
    let order = |items: &[Value]| {
        Value::Array(items.iter().map(|item| Value::Object(name(item).into_iter().collect())).collect())
    };
    let (before, after) = (order(old), order(new));
    if before != after {
        found.push(Edit {
            path: path.clone(),
            before: Some(before),
            after: Some(after),
            secret: false,
            order: true,
            branch: 0,
        });
    }
}

/// What may tell the items of a list apart, the likeliest first. They are the merge keys of Kubernetes' own kinds
/// (`x-kubernetes-list-map-keys`), and what custom kinds use.
const KEYS: &[&[&str]] = &[
    &["uid"],
    &["containerPort", "protocol"],
    &["port", "protocol"],
    &["mountPath"],
    &["kind", "namespace", "name"],
    &["kind", "name"],
    &["name"],
    &["type"],
    &["key"],
    &["host"],
    &["topologyKey", "whenUnsatisfiable"],
    &["ip"],
];

/// The fields that tell the items of both lists apart.
fn keys(path: &Path, old: &[Value], new: &[Value]) -> Option<&'static [&'static str]> {
    let has = |list: &[Value], keys: &[&str]| {
        let names: Option<Vec<Vec<&Value>>> = list
            .iter()
            .map(|item| keys.iter().map(|key| item.get(key).filter(|value| !value.is_object())).collect())
            .collect();
        names.is_some_and(|names| {
            let texts: std::collections::BTreeSet<String> = names.iter().map(|name| format!("{name:?}")).collect();
            texts.len() == list.len()
        })
    };
    // A port's name may change; its number is what it is.
    let ports = matches!(path.last(), Some(Segment::Field(field)) if field == "ports");
    let likely = |keys: &[&str]| ports || !keys.iter().any(|key| key.to_lowercase().ends_with("port"));
    KEYS.iter().copied().filter(|keys| likely(keys)).find(|keys| has(old, keys) && has(new, keys))
}

/// The value at a path.
pub fn get<'a>(object: &'a Value, path: &[Segment]) -> Option<&'a Value> {
    path.iter().try_fold(object, |at, segment| match segment {
        Segment::Field(name) => at.get(name),
        Segment::Item(keys) => at.as_array()?.iter().find(|item| is_item(item, keys)),
    })
}

fn get_mut<'a>(object: &'a mut Value, path: &[Segment]) -> Option<&'a mut Value> {
    path.iter().try_fold(object, |at, segment| match segment {
        Segment::Field(name) => at.get_mut(name),
        Segment::Item(keys) => at.as_array_mut()?.iter_mut().find(|item| is_item(item, keys)),
    })
}

fn is_item(item: &Value, keys: &[(String, Value)]) -> bool {
    keys.iter().all(|(key, value)| item.get(key).unwrap_or(&Value::Null) == value)
}

/// Puts a value at a path, or removes what is there. What the way to it lacks is made.
pub fn set(object: &mut Value, path: &[Segment], value: Option<&Value>) {
    let Some((first, rest)) = path.split_first() else {
        *object = value.cloned().unwrap_or_default();
        return;
    };
    match first {
        Segment::Field(name) => {
            if !object.is_object() {
                if value.is_none() {
                    return;
                }
                *object = Value::Object(Map::new());
            }
            let Some(fields) = object.as_object_mut() else { return };
            match (rest.is_empty(), value) {
                (true, None) => {
                    fields.remove(name);
                }
                (false, None) if !fields.contains_key(name) => {}
                _ => set(fields.entry(name.clone()).or_insert(Value::Null), rest, value),
            }
        }
        Segment::Item(keys) => {
            if !object.is_array() {
                if value.is_none() {
                    return;
                }
                *object = Value::Array(Vec::new());
            }
            let Some(items) = object.as_array_mut() else { return };
            let at = items.iter().position(|item| is_item(item, keys));
            match (at, rest.is_empty(), value) {
                (Some(at), true, None) => {
                    items.remove(at);
                }
                (None, _, None) => {}
                (Some(at), ..) => {
                    if let Some(item) = items.get_mut(at) {
                        set(item, rest, value);
                    }
                }
                (None, true, Some(value)) => items.push(value.clone()),
                (None, false, Some(_)) => {
                    let mut item = Value::Object(keys.iter().cloned().collect());
                    set(&mut item, rest, value);
                    items.push(item);
                }
            }
        }
    }
}

/// The JSON merge patch (RFC 7386) that makes `to` of `from`.
pub fn merge_patch(from: &Value, to: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (from, to) else { return to.clone() };
    let mut patch = Map::new();
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in new {
        match old.get(key) {
            Some(same) if same == value => {}
            Some(old) => {
                patch.insert(key.clone(), merge_patch(old, value));
            }
            None => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(patch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn apply(object: &Value, edits: &[Edit]) -> Value {
        let mut object = object.clone();
        for edit in edits {
            edit.make(&mut object);
        }
        object
    }

    #[test]
    fn edits_find_their_place_beside_what_others_did() {
        let before = json!({"spec": {"containers": [{"name": "web", "image": "a"}], "replicas": 2}});
        let after = json!({"spec": {"containers": [{"name": "web", "image": "b"}], "replicas": 2, "paused": true}});
        let found = edits(&before, &after);
        let told: Vec<String> = found.iter().map(|edit| spell(&edit.path)).collect();
        assert_eq!(told, ["spec.containers[web].image", "spec.paused"]);
        let theirs = json!({"spec": {"containers": [{"name": "log", "image": "l"}, {"name": "web", "image": "a"}], "replicas": 5}});
        assert_eq!(
            apply(&theirs, &found),
            json!({"spec": {"containers": [{"name": "log", "image": "l"}, {"name": "web", "image": "b"}], "replicas": 5, "paused": true}})
        );
    }

    #[test]
    fn branches_come_and_go_leaf_by_leaf() {
        let found = edits(&json!({"metadata": {}}), &json!({"metadata": {"annotations": {"a": "1", "b": "2"}}}));
        assert_eq!(found.len(), 2);
        let mut theirs = json!({"metadata": {"annotations": {"a": "1", "b": "2", "theirs": "3"}}});
        for edit in &found {
            edit.take_back(&mut theirs);
        }
        assert_eq!(theirs, json!({"metadata": {"annotations": {"theirs": "3"}}}));
    }

    #[test]
    fn a_list_gets_its_order_back_with_what_others_put_into_it() {
        let list = |names: &[&str]| json!({"env": names.iter().map(|name| json!({"name": name})).collect::<Vec<_>>()});
        let found = edits(&list(&["a", "b", "c"]), &list(&["c", "d", "a"]));
        let mut theirs = list(&["theirs", "c", "d", "a", "more"]);
        for edit in &found {
            edit.take_back(&mut theirs);
        }
        assert_eq!(theirs, list(&["theirs", "a", "more", "b", "c"]));
        let only_order = edits(&list(&["a", "b"]), &list(&["b", "a"]));
        assert!(only_order.len() == 1 && only_order[0].is_after(&list(&["b", "x", "a"])));
        assert!(!only_order[0].is_before(&list(&["b", "x", "a"])));
    }

    #[test]
    fn maps_that_came_with_a_value_go_with_it() {
        let (before, after) =
            (json!({"spec": {"own": {}}}), json!({"spec": {"own": {"a": 1}, "new": {"x": {"b": 2}, "y": {"c": 3}}}}));
        let mut back = after.clone();
        let found = edits(&before, &after);
        for edit in &found {
            edit.take_back(&mut back);
        }
        assert_eq!(back, before);
        let mut theirs = json!({"spec": {"own": {"a": 1}, "new": {"x": {"b": 2, "theirs": 4}, "y": {"c": 3}}}});
        for edit in &found {
            edit.take_back(&mut theirs);
        }
        assert_eq!(theirs, json!({"spec": {"own": {}, "new": {"x": {"theirs": 4}}}}));
    }

    #[test]
    fn a_merge_patch_says_null_for_what_goes() {
        let (from, to) = (json!({"a": 1, "b": {"c": 1, "d": 2}}), json!({"b": {"c": 3, "d": 2}, "e": [1]}));
        assert_eq!(merge_patch(&from, &to), json!({"a": null, "b": {"c": 3}, "e": [1]}));
    }

    /// JSON as Kubernetes keeps it: no null in maps, and items that are told apart by their names.
    fn object() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (0..5i64).prop_map(Value::from),
            "[a-c]{0,2}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 40, 4, |inner| {
            let map = proptest::collection::btree_map("[a-d]", inner.clone(), 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect()));
            let named = proptest::collection::btree_map("[a-d]", inner.clone(), 1..4).prop_map(|map| {
                Value::Array(map.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect())
            });
            prop_oneof![map, named, proptest::collection::vec(inner, 0..3).prop_map(Value::Array)]
        })
    }

    /// The same without the empty maps that are left when their last field goes.
    fn settled(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let fields = map.iter().map(|(key, value)| (key.clone(), settled(value)));
                Value::Object(fields.filter(|(_, value)| *value != json!({})).collect())
            }
            Value::Array(items) => Value::Array(items.iter().map(settled).collect()),
            other => other.clone(),
        }
    }

    proptest! {
            #[test]
            fn edits_made_in_the_first_give_the_second(before in object(), after in object()) {
                let (before, after) = (json!({"spec": before}), json!({"spec": after}));
                let found = edits(&before, &after);
                prop_assert_eq!(settled(&apply(&before, &found)), settled(&after));
                let mut back = after;
                for edit in &found {
     edit.take_back(&mut back);
    }
                prop_assert_eq!(back, before);
            }
        }
}
