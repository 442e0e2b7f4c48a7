//! The names of field managers, as apiserver `endpoints/handlers/create.go` and apimachinery
//! `apis/meta/v1/validation`.

use serde_json::Value;

use crate::demo::status::FieldFault;

/// The longest name of a manager, in bytes.
pub const MAX_LENGTH: usize = 128;

/// The name of a manager who did not give one: the user agent up to its first `/`, printable letters only.
pub fn from_user_agent(agent: &str) -> String {
    let mut name = String::new();
    for letter in agent.split('/').next().unwrap_or_default().chars().filter(|letter| is_print(*letter)) {
        if name.len() + letter.len_utf8() > MAX_LENGTH {
            break;
        }
        name.push(letter);
    }
    name
}

/// What is wrong with a `fieldManager` parameter. `apply`: it must be given.
pub fn validate(manager: &str, apply: bool) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    if apply && manager.is_empty() {
        faults.push(FieldFault::required("fieldManager", "is required for apply patch"));
    }
    if manager.len() > MAX_LENGTH {
        let what = format!("Too long: may not be more than {MAX_LENGTH} bytes");
        faults.push(FieldFault { reason: "FieldValueTooLong", field: "fieldManager".to_owned(), what });
    }
    for (at, letter) in manager.char_indices().filter(|(_, letter)| !is_print(*letter)) {
        // As Go's `%#U`: the letter itself only if it can be printed.
        let detail = format!("invalid character U+{:04X} (at position {at})", u32::from(letter));
        faults.push(FieldFault::invalid("fieldManager", &Value::from(manager), &detail));
    }
    faults
}

/// As Go's `unicode.IsPrint`, as far as the standard library can tell: no control letters, and no space but U+0020.
fn is_print(letter: char) -> bool {
    letter == ' ' || !(letter.is_control() || letter.is_whitespace() || is_format(letter))
}

/// Format letters, private use and the noncharacters.
fn is_format(letter: char) -> bool {
    matches!(u32::from(letter),
        0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x8e2 | 0x180e | 0x200b..=0x200f | 0x202a..=0x202e
        | 0x2060..=0x206f | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xfeff | 0xfff0..=0xfffb | 0xfffe..=0xffff
        | 0xe0000..=0xe00ff | 0xe01f0..=0x10_ffff)
}
