//! Lists whose order means nothing.

use serde_json::Value;

/// Orders the lists at `pattern`, a JSON pointer in which `*` stands for any one part, by what their items say at `key`.
pub fn sort(value: &mut Value, pattern: &str, key: &str) {
    let Some(rest) = pattern.strip_prefix('/') else {
        if let Value::Array(list) = value {
            list.sort_by_key(|item| item.pointer(key).map(Value::to_string).unwrap_or_default());
        }
        return;
    };
    let (part, below) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match value {
        Value::Array(list) if part == "*" => list.iter_mut().for_each(|item| sort(item, below, key)),
        Value::Object(map) if part == "*" => map.values_mut().for_each(|item| sort(item, below, key)),
        Value::Object(map) => {
            if let Some(inner) = map.get_mut(part) {
                sort(inner, below, key);
            }
        }
        _ => {}
    }
}
