//! Text from a cluster is untrusted: control characters and escape sequences must never reach the terminal.

use std::borrow::Cow;

/// `text` with everything that could move the cursor, change colours or reorder the line replaced by `\u{FFFD}`. Newlines and
/// tabs are control characters too; for text of several lines see [`clean_lines`].
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unsafe) {
        Cow::Owned(text.chars().map(|c| if is_unsafe(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// The lines of `text`, each [`clean`], tabs widened to two spaces.
pub fn clean_lines(text: &str) -> Vec<String> {
    text.lines().map(|line| clean(&line.replace('\t', "  ")).into_owned()).collect()
}

/// Control characters (C0, DEL, C1), and the marks that reorder or hide text (bidirectional overrides and isolates, zero width
/// characters, the byte order mark).
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_teeth() {
        assert_eq!(clean("oil"), Cow::Borrowed("oil"));
        assert_eq!(clean("a\x1b[2Jb\u{9b}c\u{202e}d"), "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}d");
        assert_eq!(clean_lines("a\tb\r\nc\x07"), ["a  b", "c\u{FFFD}"]);
    }
}
