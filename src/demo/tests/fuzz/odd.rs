//! Values that nobody means, and places to put them.

use serde_json::{Map, Value, json};

use super::dice::Dice;

const TEXTS: [&str; 42] = [
    "",
    "a",
    "A",
    "-",
    ".",
    "..",
    "a/b",
    "a.b/c",
    "A_b.c-d",
    "é",
    "\u{0}",
    "\u{202e}x",
    "🦀",
    "a b",
    "\n",
    "0",
    "-1",
    "1",
    "007",
    "100m",
    "1Gi",
    "1e400",
    "-5Mi",
    "0.0000000001",
    "999999999999999999999999",
    "25%",
    "101%",
    "-3%",
    "None",
    "All",
    "Always",
    "2026-11-23T10:02:30Z",
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-13-40",
    "*/5 * * * *",
    "@every 1s",
    "CRON_TZ=Europe/Berlin 0 3 * * *",
    "10.96.0.1",
    "::1",
    "10.0.0.0/33",
    "example.com/finalizer",
];

/// A value that fits nowhere, or only by chance.
pub fn value(dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 => Value::Null,
        1 => json!(dice.once_in(2)),
        2 => json!(dice.below(5)),
        3 => [json!(-1), json!(i64::from(i32::MAX)), json!(i64::from(i32::MAX) + 1), json!(i64::MAX), json!(i64::MIN)]
            [dice.below(5)]
        .clone(),
        4 => [json!(u64::MAX), json!(0.5), json!(-0.0), json!(1e308), json!(5e-324), json!(1e20), json!(3.0)]
            [dice.below(7)]
        .clone(),
        5 => json!([]),
        6 => json!({}),
        7 => [json!([null]), json!([[]]), json!([""]), json!([{}, {}]), json!(["a", "a"]), json!([1, "a", null])]
            [dice.below(6)]
        .clone(),
        8 => [json!({"": ""}), json!({"a": null}), json!({"a/b/c": "d"}), json!({"a": {"b": {}}}), json!({"é": "🦀"})]
            [dice.below(5)]
        .clone(),
        9 if dice.once_in(4) => deep(dice.below(110)),
        9 => json!("x".repeat(dice.below(320))),
        _ => json!(text(dice)),
    }
}

/// Some text.
pub fn text(dice: &mut Dice) -> &'static str {
    dice.pick(&TEXTS)
}

fn deep(depth: usize) -> Value {
    (0..depth).fold(json!({}), |inner, at| if at % 3 == 0 { json!([inner]) } else { json!({"a": inner}) })
}

/// How many places there are in a value, with itself.
fn places(value: &Value) -> usize {
    1 + match value {
        Value::Object(map) => map.values().map(places).sum(),
        Value::Array(list) => list.iter().map(places).sum(),
        _ => 0,
    }
}

/// The place of a number, counted from the outside in, and the JSON pointer that leads there.
fn place(value: &mut Value, mut at: usize) -> (&mut Value, String) {
    let mut here = value;
    let mut pointer = String::new();
    'down: while at > 0 {
        at -= 1;
        match here {
            Value::Object(map) => {
                for (key, inner) in map {
                    let size = places(inner);
                    if at < size {
                        pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                        here = inner;
                        continue 'down;
                    }
                    at -= size;
                }
            }
            Value::Array(list) => {
                for (index, inner) in list.iter_mut().enumerate() {
                    let size = places(inner);
                    if at < size {
                        pointer = format!("{pointer}/{index}");
                        here = inner;
                        continue 'down;
                    }
                    at -= size;
                }
            }
            _ => {}
        }
        unreachable!("there are as many places as were counted");
    }
    (here, pointer)
}

/// The way to some place in a value.
pub fn pointer(value: &Value, dice: &mut Dice) -> String {
    let mut value = value.clone();
    let at = dice.below(places(&value));
    place(&mut value, at).1
}

/// Spoils something in a value.
pub fn spoil(value: &mut Value, dice: &mut Dice) {
    let other = {
        let mut copy = value.clone();
        let at = dice.below(places(&copy));
        place(&mut copy, at).0.take()
    };
    let at = dice.below(places(value));
    let (here, _) = place(value, at);
    let odd = self::value(dice);
    match (here, dice.below(8)) {
        (Value::Object(map), 0..=1) => drop(take_key(map, dice)),
        (Value::Object(map), 2) => {
            if let Some((key, inner)) = take_key(map, dice) {
                let renamed = match dice.below(4) {
                    0 => key.to_uppercase(),
                    1 => format!("{key}x"),
                    2 => text(dice).to_owned(),
                    _ => key.chars().rev().collect(),
                };
                map.insert(renamed, inner);
            }
        }
        (Value::Object(map), 3..=5) => {
            if let Some((key, _)) = take_key(map, dice) {
                map.insert(key, if dice.once_in(3) { other } else { odd });
            }
        }
        (Value::Object(map), _) => drop(map.insert(text(dice).to_owned(), odd)),
        (Value::Array(list), 0..=2) if !list.is_empty() => {
            let twin = list[dice.below(list.len())].clone();
            list.push(twin);
        }
        (Value::Array(list), 3) => list.reverse(),
        (Value::Array(list), 4) => drop(list.pop()),
        (Value::Array(list), _) => list.push(odd),
        (here, 0) => *here = json!([here.take()]),
        (here, 1) => *here = json!({"a": here.take()}),
        (here, 2) => *here = json!(here.to_string()),
        (here, 3) => *here = other,
        (Value::String(said), 4) => {
            said.push_str(text(dice));
        }
        (here, _) => *here = odd,
    }
}

fn take_key(map: &mut Map<String, Value>, dice: &mut Dice) -> Option<(String, Value)> {
    let key = map.keys().nth(dice.below(map.len()))?.clone();
    map.remove_entry(&key)
}

/// A part of a value: some keys of its maps, the first elements of its lists.
pub fn part(value: &Value, dice: &mut Dice) -> Value {
    match value {
        Value::Object(map) => {
            let wanted = 1 + dice.below(2);
            let mut part = Map::new();
            for _ in 0..wanted {
                if let Some((key, inner)) = map.iter().nth(dice.below(map.len())) {
                    part.insert(key.clone(), self::part(inner, dice));
                }
            }
            Value::Object(part)
        }
        Value::Array(list) => {
            let wanted = dice.below(3);
            Value::Array(
                list.iter()
                    .take(wanted)
                    .map(|one| if dice.once_in(2) { part(one, dice) } else { one.clone() })
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

/// Makes numbers of things that controllers would make small enough: a cluster that starts millions of pods is true to life, and
/// no test.
pub fn tame(value: &mut Value) {
    const NUMBERS: [&str; 7] =
        ["replicas", "parallelism", "completions", "minReplicas", "maxReplicas", "succeeded", "backoffLimit"];
    match value {
        Value::Object(map) => {
            let path = map.get("path").and_then(Value::as_str).unwrap_or_default();
            let is_number_patched =
                NUMBERS.iter().any(|name| path.ends_with(name)) || path.ends_with("/spec") || path.is_empty();
            for (key, inner) in &mut *map {
                let is_number = NUMBERS.contains(&key.as_str()) || (key == "value" && is_number_patched);
                if is_number && inner.as_f64().is_some_and(|number| number > 4.0) {
                    *inner = json!(4);
                }
                tame(inner);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(tame),
        _ => {}
    }
}
