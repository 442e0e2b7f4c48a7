//! Patches of the four sorts.

use serde_json::{Value, json};

use super::dice::Dice;
use super::odd;
use super::request::Request;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;

/// Makes a request one that patches an object.
pub fn write(request: &mut Request, kind: &Kind, live: Option<&Object>, dice: &mut Dice) {
    let live = live.cloned().unwrap_or_else(|| json!({"metadata": {"name": "web"}}));
    let (sort, mut body) = match dice.below(4) {
        0 => ("application/json-patch+json", steps(&live, dice)),
        1 => ("application/merge-patch+json", merging(&live, dice)),
        2 => ("application/strategic-merge-patch+json", strategic(&live, dice)),
        _ => ("application/apply-patch+yaml", applied(&live, kind, dice)),
    };
    super::body::encode(request, std::mem::take(&mut body), dice);
    if let Some((_, value)) = request.headers.last_mut()
        && !dice.once_in(30)
    {
        sort.clone_into(value);
    }
}

/// A JSON patch.
fn steps(live: &Object, dice: &mut Dice) -> Value {
    let way = |dice: &mut Dice| match dice.below(5) {
        0 => dice
            .pick(&[
                "",
                "/",
                "//",
                "/-",
                "/metadata/labels/app",
                "/metadata/labels/a~1b",
                "/metadata/labels/~2",
                "/spec/containers/-1",
                "/metadata/finalizers/-",
                "/metadata/finalizers/0",
                "/metadata/finalizers/99999999999999999999",
                "/spec",
                "/status",
                "x",
                "/metadata/annotations",
                "/metadata/managedFields",
                "/metadata/managedFields/0",
                "/é",
                "/metadata/uid",
                "/metadata/name",
                "/kind",
                "/spec/replicas",
                "/metadata/finalizers/00",
                "/metadata/finalizers/1e0",
            ])
            .to_owned(),
        1 => format!("{}/-", odd::pointer(live, dice)),
        2 => format!("{}/{}", odd::pointer(live, dice), dice.pick(&["x", "0", "1", "-1", ""])),
        _ => odd::pointer(live, dice),
    };
    let count = 1 + dice.below(3);
    let steps = (0..count).map(|_| {
        let path = way(dice);
        let value = if dice.once_in(3) { live.pointer(&path).cloned().unwrap_or_default() } else { odd::value(dice) };
        let name = dice.pick(&["add", "remove", "replace", "move", "copy", "test", "add", "replace", "put", ""]);
        let mut step = json!({"op": name, "path": path});
        if !matches!(name, "remove" | "move" | "copy") || dice.once_in(8) {
            step.set(&["value"], value);
        }
        if matches!(name, "move" | "copy") {
            step.set(&["from"], way(dice));
        }
        step
    });
    let mut steps = Value::Array(steps.collect());
    if dice.once_in(8) {
        odd::spoil(&mut steps, dice);
    }
    steps
}

/// A JSON merge patch.
fn merging(live: &Object, dice: &mut Dice) -> Value {
    let mut patch = odd::part(live, dice);
    for _ in 0..dice.below(3) {
        odd::spoil(&mut patch, dice);
    }
    if dice.once_in(3) {
        patch.set(&["metadata", "labels", dice.pick(&["app", "fuzz", ""])], dice.pick(&["web", "api", "a b"]));
    }
    patch
}

/// A strategic merge patch, with its directives.
fn strategic(live: &Object, dice: &mut Dice) -> Value {
    let mut patch = merging(live, dice);
    for _ in 0..dice.below(3) {
        let mut way = odd::pointer(&patch, dice);
        while patch.pointer(&way).is_some_and(|here| !here.is_object() && !here.is_array()) {
            way.truncate(way.rfind('/').unwrap_or_default());
        }
        match patch.pointer_mut(&way) {
            Some(Value::Object(map)) => {
                let list =
                    dice.pick(&["containers", "ports", "finalizers", "ownerReferences", "env", "conditions", "x"]);
                let (name, value) = match dice.below(5) {
                    0 | 1 => ("$patch".to_owned(), json!(dice.pick(&["delete", "replace", "merge", "turn", ""]))),
                    2 => ("$retainKeys".to_owned(), json!(map.keys().take(1).collect::<Vec<_>>())),
                    3 => (format!("$setElementOrder/{list}"), json!([{"name": "c"}, "x", {"containerPort": 80}])),
                    _ => (format!("$deleteFromPrimitiveList/{list}"), json!(["example.com/hold", "x"])),
                };
                let value = if dice.once_in(5) { odd::value(dice) } else { value };
                map.insert(name, value);
            }
            Some(Value::Array(items)) => {
                items.push(json!({"$patch": dice.pick(&["delete", "replace", "turn"]), "name": "c"}));
            }
            _ => patch = json!({"$patch": "delete"}),
        }
    }
    patch
}

/// What is applied server-side.
fn applied(live: &Object, kind: &Kind, dice: &mut Dice) -> Value {
    let mut config = if dice.once_in(3) { live.clone() } else { odd::part(live, dice) };
    for _ in 0..dice.below(4) / 2 {
        odd::spoil(&mut config, dice);
    }
    if !dice.once_in(10) {
        config.set(&["apiVersion"], kind.api_version());
        config.set(&["kind"], kind.kind.clone());
        config.set(&["metadata", "name"], live.name());
        for gone in ["managedFields", "resourceVersion", "uid", "creationTimestamp"] {
            config.unset(&["metadata", gone]);
        }
    }
    if dice.once_in(3) {
        config.set(&["metadata", "labels", dice.pick(&["app", "fuzz"])], dice.pick(&["web", "api"]));
    }
    config
}
