//! Finding and changing the place that a JSON pointer names. Errors are the library's words.

use serde_json::Value;

/// The container that the pointer's last step is in, and that step. None if the way there does not exist.
pub fn resolve<'v>(root: &'v mut Value, path: &str) -> Option<(&'v mut Value, String)> {
    let mut steps = path.split('/').skip(1);
    let mut last = steps.next()?;
    let mut here = root;
    for next in steps {
        here = match here {
            Value::Object(map) => map.get_mut(&unescaped(last))?,
            Value::Array(items) => {
                let at = place(&unescaped(last), items.len()).ok()?;
                items.get_mut(at)?
            }
            _ => return None,
        };
        last = next;
    }
    (here.is_object() || here.is_array()).then(|| (here, unescaped(last)))
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// A number as Go's `strconv.Atoi` reads it.
fn number(key: &str) -> Result<i64, String> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    key.parse::<i64>().map_err(|error| match error.kind() {
        PosOverflow | NegOverflow => format!("strconv.Atoi: parsing {key:?}: value out of range"),
        _ => format!("strconv.Atoi: parsing {key:?}: invalid syntax"),
    })
}

/// The index that a step means in a list of that many items; negative ones count from the end.
fn place(key: &str, len: usize) -> Result<usize, String> {
    within(number(key)?, len)
}

fn within(index: i64, len: usize) -> Result<usize, String> {
    let from_start =
        if index < 0 { i64::try_from(len).ok().and_then(|len| len.checked_add(index)) } else { Some(index) };
    from_start
        .and_then(|index| usize::try_from(index).ok())
        .filter(|index| *index < len)
        .ok_or_else(|| format!("Unable to access invalid index: {index}: invalid index referenced"))
}

/// The value; none for a key that an object does not have.
pub fn get<'v>(inside: &'v Value, key: &str) -> Result<Option<&'v Value>, String> {
    match inside {
        Value::Object(map) => Ok(map.get(key)),
        Value::Array(items) => Ok(items.get(place(key, items.len())?)),
        _ => Ok(None),
    }
}

/// Puts a value in place of another one.
pub fn set(inside: &mut Value, key: &str, value: Value) -> Result<(), String> {
    match inside {
        Value::Object(map) => {
            map.insert(key.to_owned(), value);
        }
        Value::Array(items) => {
            let at = place(key, items.len())?;
            if let Some(item) = items.get_mut(at) {
                *item = value;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Adds a value; in a list before the item of that index, with `-` at its end.
pub fn add(inside: &mut Value, key: &str, value: Value) -> Result<(), String> {
    match inside {
        Value::Object(map) => {
            map.insert(key.to_owned(), value);
        }
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => {
            let index = number(key).map_err(|why| format!("value was not a proper array index: '{key}': {why}"))?;
            let at = within(index, items.len().saturating_add(1))?;
            items.insert(at, value);
        }
        _ => {}
    }
    Ok(())
}

/// Takes a value out.
pub fn remove(inside: &mut Value, key: &str) -> Result<(), String> {
    match inside {
        Value::Object(map) => match map.remove(key) {
            Some(_) => Ok(()),
            None => Err(format!("Unable to remove nonexistent key: {key}: missing value")),
        },
        Value::Array(items) => {
            let at = place(key, items.len())?;
            items.remove(at);
            Ok(())
        }
        _ => Ok(()),
    }
}
