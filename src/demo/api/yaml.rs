//! YAML as the server's decoder reads it: by version 1.1, where `y` and `off` are flags and `0644` is octal.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// What stands around a word while the text is read: a letter for private use, which YAML takes for a plain one.
const MARK: char = '\u{e000}';

/// Words of their own that mean something else in version 1.1.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)(^|[\s\[{,])(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF|0[0-7]+)([\s\]},:]|$)").ok()
});

/// A text as JSON. An error is what the server's parser says, such as `yaml: line 1: did not find expected ',' or ']'`.
pub fn parse(text: &[u8]) -> Result<Value, String> {
    let marked = std::str::from_utf8(text).ok().and_then(mark);
    let mut value: Value = match &marked {
        Some(marked) => serde_yaml::from_str(marked),
        None => serde_yaml::from_slice(text),
    }
    .map_err(|error| in_go(&error.to_string()))?;
    if marked.is_some() {
        value = unmark(value);
    }
    Ok(value)
}

/// The text with marks around the words, if it has any. What stands in quotes has no blank before it, and is left alone.
fn mark(text: &str) -> Option<String> {
    let words = WORDS.as_ref()?;
    if text.contains(MARK) || !words.is_match(text) {
        return None;
    }
    // Twice: of two words side by side the first takes the blank between them.
    let with = format!("${{1}}{MARK}${{2}}{MARK}${{3}}");
    Some(words.replace_all(&words.replace_all(text, with.as_str()), with.as_str()).into_owned())
}

/// A marked word that is all of a value is what version 1.1 makes of it; in longer texts it was none.
fn unmark(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains(MARK) => {
            match text.strip_prefix(MARK).and_then(|text| text.strip_suffix(MARK)) {
                Some(word) if !word.contains(MARK) => meaning(word),
                _ => Value::String(text.replace(MARK, "")),
            }
        }
        Value::Array(items) => items.into_iter().map(unmark).collect(),
        Value::Object(entries) => {
            let key = |key: String| match unmark(Value::String(key)) {
                Value::String(key) => key,
                other => other.to_string(),
            };
            Value::Object(entries.into_iter().map(|(name, value)| (key(name), unmark(value))).collect())
        }
        other => other,
    }
}

fn meaning(word: &str) -> Value {
    match word.to_ascii_lowercase().as_str() {
        "y" | "yes" | "on" => Value::Bool(true),
        "n" | "no" | "off" => Value::Bool(false),
        octal => i64::from_str_radix(octal, 8).map_or_else(|_| Value::String(word.to_owned()), Value::from),
    }
}

/// The parser's sentence with the line that go-yaml tells: that of the context, or else of the problem; both count from zero.
fn in_go(message: &str) -> String {
    let Some((problem, place)) = message.split_once(" at line ") else { return format!("yaml: {message}") };
    let number = |text: &str| {
        text.split(|letter: char| !letter.is_ascii_digit()).next().and_then(|text| text.parse::<usize>().ok())
    };
    let context = place.split_once(" at line ").and_then(|(_, context)| number(context)).unwrap_or(1);
    let line = if context > 1 { context } else { number(place).unwrap_or(1) };
    let line = line.saturating_sub(usize::from(!place.contains("while scanning")));
    if line == 0 { format!("yaml: {problem}") } else { format!("yaml: line {line}: {problem}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_words_are_flags_and_quoted_ones_are_not() {
        let text = b"a: y\nb: 'y'\nc: [no, \"no\", on, maybe on]\nd: |\n  yes\n  0644\ny: 0644\n";
        let value = parse(text).unwrap();
        assert_eq!(
            value,
            json!({"a": true, "b": "y", "c": [false, "no", true, "maybe on"], "d": "yes\n0644\n", "true": 420})
        );
    }

    #[test]
    fn faults_name_the_line_as_the_server_does() {
        assert_eq!(parse(b"a: [b").unwrap_err(), "yaml: line 1: did not find expected ',' or ']'");
    }
}
