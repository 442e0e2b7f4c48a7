//! Text as Go's `%q` prints it: most sentences of the API server quote that way.

use std::fmt::Write as _;

/// `"text"` as `strconv.Quote` writes it.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            _ if letter < ' ' || letter == '\u{7f}' => put(&mut out, format_args!("\\x{:02x}", u32::from(letter))),
            _ if letter.is_control() || (letter.is_whitespace() && letter != ' ') => {
                put(&mut out, format_args!("\\u{:04x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// Writing to a String cannot fail.
fn put(out: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(what);
}

/// `["a" "b"]`: a list of strings as `%q` prints it.
pub fn quote_all(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(" "))
}
