//! Patches of every kind on objects of every sort, sensible and not.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::sequences::{Sequences, patch, request, settled, written_later};
use crate::topic::{Patch, Step};

/// Rounds over all objects of the file, and patches of an object in each.
const ROUNDS: usize = 4;
const PATCHES: usize = 5;

/// An object that is patched.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    /// Where its like are.
    path: String,
    /// Whether controllers write to it too, so that it is only as if it were patched.
    #[serde(default)]
    settles: bool,
    /// What it is at first; called `a`.
    body: Value,
}

/// The sequences of a seed.
pub fn sequences(seed: u64) -> Sequences {
    let before = request("before".to_owned(), "POST /api/v1/namespaces".to_owned());
    let before = Step { body: Some(json!({"metadata": {"name": "random-patches"}})), ..before };
    let account = settled("account".to_owned(), "/api/v1/namespaces/random-patches/serviceaccounts/default");
    // A file of the suite's own: a fault in it leaves nothing to be held, which the count shows.
    let samples: Vec<Sample> = serde_yaml::from_str(include_str!("objects.yaml")).unwrap_or_default();
    let each = (0..ROUNDS).flat_map(|round| samples.iter().map(move |sample| (round, sample)));
    let each = each.enumerate().map(|(number, (round, sample))| sequence(seed, number, round, sample)).collect();
    Sequences { before: vec![before, account], each }
}

fn sequence(seed: u64, number: usize, round: usize, sample: &Sample) -> Vec<Step> {
    let dice = &mut Dice::new(seed, &format!("patches {number}"));
    let name = format!("a{round}");
    let path = format!("{}/{name}", sample.path);
    let mut body = sample.body.clone();
    body["metadata"]["name"] = name.into();
    let create = request(format!("{number}.0"), format!("POST {}", sample.path));
    let mut steps = vec![Step { body: Some(body), ..create }];
    steps.extend(sample.settles.then(|| settled(format!("{number}.0 after"), &path)));
    for index in 1..=PATCHES {
        let mut query: Vec<&str> = Vec::new();
        query.extend(sample.settles.then_some("dryRun=All"));
        query.extend(dice.percent(40).then(|| *dice.pick(&["fieldValidation=Strict", "fieldValidation=Ignore"])));
        query.extend(dice.percent(30).then_some("fieldManager=one"));
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let (kind, body) = match dice.below(3) {
            0 => (Patch::Merge, merged(dice, &sample.body)),
            1 => (Patch::Json, operations(dice, &sample.body)),
            _ => (Patch::Strategic, strategic(dice, &sample.body)),
        };
        steps.push(patch(format!("{number}.{index}"), format!("PATCH {path}{query}"), kind, body));
    }
    if sample.settles {
        written_later(&mut steps);
    }
    steps
}

/// Where something stands in a value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, one)| places(one, &format!("{at}/{}", key.replace('/', "~1")), found));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, one)| places(one, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// A place other than the whole.
fn place(dice: &mut Dice, value: &Value) -> String {
    let mut found = Vec::new();
    places(value, "", &mut found);
    let found: Vec<String> = found.into_iter().filter(|at| !at.is_empty() && at != "/metadata/name").collect();
    dice.pick(&found).clone()
}

/// Something else than what is there, most often of the same sort.
fn other(dice: &mut Dice, value: &Value) -> Value {
    if dice.percent(12) {
        return dice
            .pick(&[Value::Null, json!({}), json!([]), json!("text"), json!(7), json!(true), json!(1.5)])
            .clone();
    }
    match value {
        Value::String(text) => {
            let longer = format!("{text}-x");
            Value::from(*dice.pick(&["x", "", "Upper_Case", "1", "a value", "10Mi", "a.b.example.com", &longer, text]))
        }
        Value::Number(_) => dice.pick(&[0, 1, 2, 7, 443, 8080, 70_000, -1, 5_000_000_000_i64]).to_owned().into(),
        Value::Bool(is) => (!is).into(),
        Value::Array(list) => match dice.below(4) {
            0 => json!([]),
            1 => list.iter().rev().cloned().collect(),
            2 => list.iter().chain(list.first()).cloned().collect(),
            _ => list.iter().map(|one| other(dice, one)).collect(),
        },
        Value::Object(map) => {
            let mut map = map.clone();
            let keys: Vec<String> = map.keys().cloned().collect();
            match (dice.below(4), keys.is_empty()) {
                (0, _) | (_, true) => drop(map.insert("added".to_owned(), "x".into())),
                (1, _) => drop(map.remove(dice.pick(&keys))),
                _ => {
                    let key = dice.pick(&keys);
                    map[key] = other(dice, &map[key].clone());
                }
            }
            map.into()
        }
        Value::Null => json!("x"),
    }
}

/// Only what leads to `at`, where `new` stands. Lists become whole as in the object.
fn alone(object: &Value, at: &str, new: Value) -> Value {
    let mut parts = at[1..].splitn(2, '/');
    let key = parts.next().unwrap_or_default().replace("~1", "/");
    let below = match parts.next() {
        None => new,
        Some(rest) => match &object[&key] {
            Value::Array(_) => {
                let mut list = object[&key].clone();
                if let Some(place) = list.pointer_mut(&format!("/{rest}")) {
                    *place = new;
                }
                list
            }
            inner => alone(inner, &format!("/{rest}"), new),
        },
    };
    json!({key: below})
}

fn merged(dice: &mut Dice, object: &Value) -> Value {
    let mut body = json!({});
    for _ in 0..=dice.below(2) {
        let at = place(dice, object);
        let new = if dice.percent(25) { Value::Null } else { other(dice, object.pointer(&at).unwrap_or(&Value::Null)) };
        join(&mut body, alone(object, &at, new));
    }
    if dice.percent(8) {
        join(
            &mut body,
            dice.pick(&[
                json!({"unknown": 1}),
                json!({"metadata": {"unknown": "x"}}),
                json!({"spec": {"unknown": {}}}),
            ])
            .clone(),
        );
    }
    if dice.percent(3) {
        join(
            &mut body,
            dice.pick(&[json!({"metadata": {"name": "b"}}), json!({"kind": "Pod"}), json!({"apiVersion": "v7"})])
                .clone(),
        );
    }
    body
}

fn join(into: &mut Value, other: Value) {
    match (into, other) {
        (Value::Object(into), Value::Object(other)) => {
            for (key, value) in other {
                join(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, other) => *into = other,
    }
}

fn operations(dice: &mut Dice, object: &Value) -> Value {
    let mut list = Vec::new();
    for _ in 0..=dice.below(2) {
        let at = place(dice, object);
        let there = object.pointer(&at).cloned().unwrap_or_default();
        let elsewhere = match dice.below(5) {
            0 => format!("{at}/absent"),
            1 => format!("{}/added", at.rsplit_once('/').map_or("", |(above, _)| above)),
            2 => format!("{}/-", at.rsplit_once('/').map_or("", |(above, _)| above)),
            _ => place(dice, object),
        };
        list.push(match dice.below(12) {
            0..3 => json!({"op": "replace", "path": at, "value": other(dice, &there)}),
            3 => json!({"op": "replace", "path": elsewhere, "value": other(dice, &there)}),
            4..6 => json!({"op": "add", "path": elsewhere, "value": other(dice, &there)}),
            6..8 => json!({"op": "remove", "path": at}),
            8 => json!({"op": "remove", "path": elsewhere}),
            9 => json!({"op": "test", "path": at, "value": if dice.percent(70) { there } else { other(dice, &there) }}),
            10 => json!({"op": *dice.pick(&["copy", "move"]), "from": at, "path": elsewhere}),
            _ => dice
                .pick(&[
                    json!({"op": "add", "path": "metadata", "value": 1}),
                    json!({"op": "none", "path": "/metadata"}),
                    json!({"path": "/metadata/labels"}),
                    json!({"op": "add", "path": "/metadata/labels/x"}),
                    json!({"op": "remove"}),
                ])
                .clone(),
        });
    }
    list.into()
}

/// By what the lists of objects are merged, as far as the samples have any.
const KEYS: [&str; 9] = ["name", "containerPort", "port", "mountPath", "key", "type", "host", "path", "ip"];

fn strategic(dice: &mut Dice, object: &Value) -> Value {
    let mut found = Vec::new();
    places(object, "", &mut found);
    let lists: Vec<String> =
        found.iter().filter(|at| object.pointer(at).is_some_and(Value::is_array)).cloned().collect();
    let maps: Vec<String> =
        found.iter().filter(|at| !at.is_empty() && object.pointer(at).is_some_and(Value::is_object)).cloned().collect();
    let mut body = json!({});
    for _ in 0..=dice.below(2) {
        let one = match dice.below(10) {
            0..6 if !lists.is_empty() => {
                let at = dice.pick(&lists).clone();
                let there = object.pointer(&at).and_then(Value::as_array).cloned().unwrap_or_default();
                of_list(dice, object, &at, &there)
            }
            6..8 if !maps.is_empty() => {
                let at = dice.pick(&maps).clone();
                let directive = match dice.below(4) {
                    0 => json!({"$patch": "replace"}),
                    1 => json!({"$patch": *dice.pick(&["delete", "merge", "other"])}),
                    2 => json!({"$retainKeys": dice.some(&["type", "name", "matchLabels", "metadata"], 0, 3)}),
                    _ => json!({"$patch": "replace", "added": "x"}),
                };
                within(&at, directive)
            }
            _ => merged(dice, object),
        };
        join(&mut body, one);
    }
    body
}

/// What leads to `at` as it has to be in a strategic patch: of the lists on the way one item with its key.
fn within(at: &str, new: Value) -> Value {
    let mut parts: Vec<&str> = at.split('/').skip(1).collect();
    let mut value = new;
    while let Some(part) = parts.pop() {
        value = if part.parse::<usize>().is_ok() { json!([value]) } else { json!({part.replace("~1", "/"): value}) };
    }
    value
}

fn of_list(dice: &mut Dice, object: &Value, at: &str, there: &[Value]) -> Value {
    let (above, key) = at.rsplit_once('/').unwrap_or_default();
    let item = match there.first() {
        Some(Value::Object(map)) => {
            let named = KEYS.iter().find(|key| map.contains_key(**key)).copied().unwrap_or("name");
            let mut item = Map::new();
            if dice.percent(92) {
                let there = dice.pick(there)[named].clone();
                item.insert(named.to_owned(), if dice.percent(60) { there } else { other(dice, &there) });
            }
            match dice.below(5) {
                0 => drop(item.insert("$patch".to_owned(), (*dice.pick(&["delete", "replace", "merge"])).into())),
                1 => {}
                _ => {
                    let keys: Vec<&String> = map.keys().collect();
                    let key = *dice.pick(&keys);
                    let new = if dice.percent(20) { Value::Null } else { other(dice, &map[key]) };
                    item.entry(key.clone()).or_insert(new);
                }
            }
            Value::Object(item)
        }
        Some(one) => other(dice, one),
        None => json!("x"),
    };
    let mut inner = json!({key: [item.clone()]});
    match dice.below(8) {
        0 => inner[key] = json!([{"$patch": "replace"}, item]),
        1 => inner[format!("$setElementOrder/{key}")] = json!([item]),
        2 => inner[format!("$setElementOrder/{key}")] = there.iter().rev().chain([&item]).cloned().collect(),
        3 => inner = json!({format!("$deleteFromPrimitiveList/{key}"): dice.some(there, 1, 2)}),
        4 => inner = json!({key: null}),
        _ => {}
    }
    if above.is_empty() { inner } else { named_within(object, above, inner) }
}

/// As [`within`], with the keys of the items on the way.
fn named_within(object: &Value, at: &str, new: Value) -> Value {
    let (above, last) = at.rsplit_once('/').unwrap_or_default();
    let new = if last.parse::<usize>().is_ok() {
        let mut new = new;
        if let (Some(Value::Object(map)), Value::Object(new)) = (object.pointer(at), &mut new)
            && let Some(key) = KEYS.iter().find(|key| map.contains_key(**key))
        {
            new.entry((*key).to_owned()).or_insert_with(|| map[*key].clone());
        }
        json!([new])
    } else {
        json!({last.replace("~1", "/"): new})
    };
    if above.is_empty() { new } else { named_within(object, above, new) }
}
