//! Objects quoted in a sentence, as `Invalid value: "{\"apiVersion\":…}"`. Go writes them in the order of its structs.

use serde_json::Value;

/// What an object begins with when Go's `%q` quotes its JSON.
const BEGINNING: &str = r#""{\""#;

/// The text before the first object that is quoted in a text, the object, and the text behind it.
pub fn object(text: &str) -> Option<(&str, Value, &str)> {
    let start = text.find(BEGINNING)?;
    let (before, quoted) = text.split_at(start);
    let mut is_escaped = false;
    let end = quoted.char_indices().skip(1).find_map(|(at, letter)| {
        let ends = letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        ends.then_some(at + 1)
    })?;
    let (quoted, behind) = quoted.split_at(end);
    // Quoted by Go, but within JSON's own escapes as long as the object is in plain letters.
    let inner: String = serde_json::from_str(quoted).ok()?;
    Some((before, serde_json::from_str(&inner).ok()?, behind))
}

/// The object quoted again.
pub fn quote(object: &Value) -> String {
    Value::String(object.to_string()).to_string()
}
