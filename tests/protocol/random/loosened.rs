//! What random patches are not held to. All of it is what the server shows of itself when it refuses; the named topics hold the
//! order and the wording of refusals to the letter.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::transcript::Transcript;

/// Patterns in sentences and what stands for them.
static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let patterns = [
        // In what order faults are told; each of them stands among the causes.
        (r"(is invalid: \[).*", "$1"),
        // Of a strategic patch that came to nothing: what its merging has left of it.
        (r#"Invalid value: "map\[.*\]": "#, "Invalid value: <patch>: "),
        // In structures of Go an empty list is another than none until it is stored.
        (r#"("[A-Z][A-Za-z]*": ?)(?:\{\}|\[\])"#, "${1}null"),
        (r"(Invalid value: )(?:\[\]|\{\}): ", "${1}null: "),
    ];
    patterns.into_iter().filter_map(|(pattern, stands)| Some((Regex::new(pattern).ok()?, stands))).collect()
});

/// Takes it out of what two sides have answered.
pub fn loosen(real: &mut [Transcript], other: &mut [Transcript]) {
    for (real, other) in real.iter_mut().flatten().zip(other.iter_mut().flatten()) {
        // Where the real server panics it breaks off, and nobody hears the answer that it would have given.
        if real.said["code"] == 0 {
            real.said = other.said.clone();
        }
        sentences(&mut real.said["body"]);
        sentences(&mut other.said["body"]);
    }
}

fn sentences(body: &mut Value) {
    if body["kind"] != "Status" {
        return;
    }
    if let Some(Value::String(message)) = body.get_mut("message") {
        loosen_text(message);
    }
    let causes = body.pointer_mut("/details/causes").and_then(Value::as_array_mut);
    for cause in causes.into_iter().flatten() {
        if let Some(Value::String(message)) = cause.get_mut("message") {
            loosen_text(message);
        }
    }
}

fn loosen_text(text: &mut String) {
    for (pattern, stands) in PATTERNS.iter() {
        *text = pattern.replace_all(text, *stands).into_owned();
    }
}
