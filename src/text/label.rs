//! Names as most objects of Kubernetes have them.

/// Why a text is no RFC 1123 label.
pub fn label_fault(text: &str) -> Option<String> {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() {
        Some("a name is missing".to_owned())
    } else if text.len() > 63 {
        Some(format!("{text} has {} characters, and a name has at most 63", text.len()))
    } else if let Some(wrong) = text.chars().find(|c| !is_inner(*c)) {
        let words = if wrong.is_ascii_uppercase() { "capital letters" } else { "such characters" };
        Some(format!("{text}: names are made of a-z, 0-9 and -, without {words} ({wrong:?})"))
    } else if text.starts_with('-') || text.ends_with('-') {
        Some(format!("{text}: a name begins and ends with a letter or a digit"))
    } else {
        None
    }
}
