//! JSON values as YAML, line by line, as people read objects: the fields that say what it is first, a status last, texts
//! without quotes where they can do without.
//!
//! What comes out is YAML 1.2 that reads back as the same value; long texts stand as blocks.

use serde_json::{Map, Value};

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlLine {
    /// How far it is indented, with the dashes of list items.
    pub head: String,
    /// The field's name with its colon; empty for items of lists and lines of blocks.
    pub key: String,
    /// What stands behind.
    pub text: String,
    /// The way to the value: names of fields and numbers of items.
    pub path: Vec<String>,
}

/// The lines of a value. `mask` may give another text for what stands at a path.
pub fn lines(value: &Value, mask: &dyn Fn(&[&str], &Value) -> Option<String>) -> Vec<YamlLine> {
    let mut out = Vec::new();
    let mut path = Vec::new();
    match value {
        Value::Object(map) if !map.is_empty() => fields(map, 0, "", &mut path, mask, &mut out),
        Value::Array(items) if !items.is_empty() => list(items, 0, "", &mut path, mask, &mut out),
        other => out.push(YamlLine { head: String::new(), key: String::new(), text: scalar(other), path }),
    }
    out
}

/// A value as a document. `mask` may give another text for what stands at a path.
pub fn render(value: &Value, mask: &dyn Fn(&[&str], &Value) -> Option<String>) -> String {
    let mut out = String::new();
    for YamlLine { head, key, text, .. } in lines(value, mask) {
        let gap = if key.is_empty() || text.is_empty() { "" } else { " " };
        out.extend([&head, &key, gap, &text, "\n"]);
    }
    out
}

type Mask<'a> = &'a dyn Fn(&[&str], &Value) -> Option<String>;

/// Which fields come first, and which last, wherever they stand.
fn order(key: &str, depth: usize) -> u8 {
    match (key, depth) {
        ("apiVersion", 0) => 0,
        ("kind", 0) => 1,
        ("metadata", 0) => 2,
        ("status", 0) => 9,
        ("name", _) => 3,
        ("namespace", 1) => 4,
        _ => 5,
    }
}

/// `first`: what the first line begins with in place of its indentation.
fn fields(
    map: &Map<String, Value>,
    indent: usize,
    first: &str,
    path: &mut Vec<String>,
    mask: Mask<'_>,
    out: &mut Vec<YamlLine>,
) {
    let depth = path.len();
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort_by_key(|key| order(key, depth));
    for (at, key) in keys.into_iter().enumerate() {
        let Some(value) = map.get(key) else { continue };
        let head = if at == 0 && !first.is_empty() { first.to_owned() } else { " ".repeat(indent) };
        path.push(key.clone());
        field(format!("{}:", text(key)), value, head, indent, path, mask, out);
        path.pop();
    }
}

fn field(
    key: String,
    value: &Value,
    head: String,
    indent: usize,
    path: &mut Vec<String>,
    mask: Mask<'_>,
    out: &mut Vec<YamlLine>,
) {
    let steps: Vec<&str> = path.iter().map(String::as_str).collect();
    if let Some(masked) = mask(&steps, value) {
        out.push(YamlLine { head, key, text: masked, path: path.clone() });
        return;
    }
    let line = |text: String| YamlLine { head: head.clone(), key: key.clone(), text, path: path.clone() };
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push(line(String::new()));
            fields(map, indent + 2, "", path, mask, out);
        }
        // As kubectl writes them: items begin under their field.
        Value::Array(items) if !items.is_empty() => {
            out.push(line(String::new()));
            list(items, indent, "", path, mask, out);
        }
        Value::String(block) if is_block(block) => {
            out.push(line(if block.ends_with('\n') { "|" } else { "|-" }.to_owned()));
            let inner = " ".repeat(indent + 2);
            out.extend(block.lines().map(|text| YamlLine {
                head: if text.is_empty() { String::new() } else { inner.clone() },
                key: String::new(),
                text: text.to_owned(),
                path: path.clone(),
            }));
        }
        other => out.push(line(scalar(other))),
    }
}

fn list(items: &[Value], indent: usize, first: &str, path: &mut Vec<String>, mask: Mask<'_>, out: &mut Vec<YamlLine>) {
    for (at, item) in items.iter().enumerate() {
        let start = if at == 0 && !first.is_empty() { first.to_owned() } else { " ".repeat(indent) };
        let head = format!("{start}- ");
        path.push(at.to_string());
        match item {
            Value::Object(map) if !map.is_empty() => fields(map, indent + 2, &head, path, mask, out),
            Value::Array(items) if !items.is_empty() => list(items, indent + 2, &head, path, mask, out),
            other => {
                let steps: Vec<&str> = path.iter().map(String::as_str).collect();
                let text = mask(&steps, other).unwrap_or_else(|| scalar(other));
                out.push(YamlLine { head, key: String::new(), text, path: path.clone() });
            }
        }
        path.pop();
    }
}

/// Whether a text stands as a block: of several lines, none of which a block would change.
fn is_block(text: &str) -> bool {
    let is_special = |letter: char| letter.is_control() || BREAKS.contains(&letter);
    let is_plain = |line: &str| !line.starts_with(' ') && !line.ends_with(' ') && !line.chars().any(is_special);
    text.contains('\n')
        && !text.contains('\r')
        && !text.ends_with("\n\n")
        && !text.starts_with('\n')
        && text.lines().all(is_plain)
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(plain) => text(plain),
        Value::Object(_) => "{}".to_owned(),
        Value::Array(_) => "[]".to_owned(),
        other => other.to_string(),
    }
}

/// A text as it is, or in double quotes where it would be read as something else.
fn text(plain: &str) -> String {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "_./@%+,=()-".contains(letter);
    let begins = plain.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_' || letter == '/');
    let inner = plain.chars().all(|letter| is_word(letter) || letter == ' ' || letter == ':');
    // Read as something else by YAML 1.1, which is what kubectl reads.
    let is_reserved =
        ["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(&plain.to_lowercase().as_str());
    let is_split = plain.contains(": ") || plain.ends_with([':', ' ']);
    if begins && inner && !is_reserved && !is_split {
        return plain.to_owned();
    }
    let quoted = Value::from(plain).to_string();
    if !quoted.contains(BREAKS) {
        return quoted;
    }
    let escaped = |letter: char| {
        if BREAKS.contains(&letter) { format!("\\u{:04x}", u32::from(letter)) } else { letter.to_string() }
    };
    quoted.chars().map(escaped).collect()
}

/// What breaks lines in YAML 1.1 (5.4) besides what JSON escapes anyway, and the mark at the beginning of a file.
const BREAKS: [char; 4] = ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn printed(value: &Value) -> String {
        let line = |line: YamlLine| {
            let gap = if line.key.is_empty() || line.text.is_empty() { "" } else { " " };
            format!("{}{}{gap}{}\n", line.head, line.key, line.text)
        };
        lines(value, &|_, _| None).into_iter().map(line).collect()
    }

    #[test]
    fn an_object_reads_as_people_write_it() {
        let object = json!({
            "status": {"size": 2}, "spec": {"owners": [{"name": "alice", "kind": "User"}, "x"], "none": [], "on": "yes"},
            "kind": "Tenant", "apiVersion": "capsule.clastix.io/v1beta2",
            "metadata": {"labels": {"a": "1"}, "name": "oil", "annotations": {"note": "one\ntwo\n"}},
        });
        let wanted = "\
apiVersion: capsule.clastix.io/v1beta2
kind: Tenant
metadata:
  name: oil
  annotations:
    note: |
      one
      two
  labels:
    a: \"1\"
spec:
  none: []
  \"on\": \"yes\"
  owners:
  - name: alice
    kind: User
  - x
status:
  size: 2
";
        assert_eq!(printed(&object), wanted);
    }

    #[test]
    fn what_is_masked_stands_in_its_place() {
        let masked = lines(&json!({"data": {"key": "s3cret"}}), &|path, _| {
            (path == ["data", "key"]).then(|| "(masked)".to_owned())
        });
        assert_eq!(masked[1].text, "(masked)");
        assert_eq!(masked[1].path, ["data", "key"]);
    }

    fn value() -> impl Strategy<Value = Value> {
        let text = prop_oneof!["[a-z:# \\-\\n'\"{}]{0,12}", "[0-9.eE+-]{1,5}", "\\PC{0,6}", Just("yes".to_owned())];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(text.clone(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(value in value()) {
            let printed = printed(&value);
            let back: Value = serde_yaml::from_str(&printed).map_err(|error| TestCaseError::fail(format!("{error}\n{printed}")))?;
            prop_assert_eq!(back, value, "{}", printed);
        }
    }
}
