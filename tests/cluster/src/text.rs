//! Words to people.

use std::fmt::Display;
use std::io::Write;

/// The last `count` lines of `text`.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// The first eight bytes in hexadecimal: enough to tell things apart, and what Capsule puts into names.
pub(crate) fn short_hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().take(8).map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

/// Says `line` on stderr. Progress is never worth failing for.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
