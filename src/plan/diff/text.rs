//! A value as it is shown in a difference: of long texts what differs, with what stands around it.

use serde_json::Value;

use super::sequence::{Op, script};

/// Texts of more lines than these are folded.
const LINES: usize = 12;
/// Texts of more lines than these are not compared line by line.
const TOO_LONG: usize = 20_000;
/// How many characters of a long line are shown.
const WIDTH: usize = 240;
/// How many lines, or how many dozens of characters, around a change are shown.
const AROUND: usize = 2;

/// A value that came or went.
pub(super) fn alone(value: &Value) -> String {
    let text = plain(value);
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= LINES {
        return lines.iter().map(|line| window(line, 0)).collect::<Vec<_>>().join("\n");
    }
    let mut shown: Vec<String> = lines.iter().take(LINES).map(|line| window(line, 0)).collect();
    shown.push(format!("… {} more lines", lines.len() - LINES));
    shown.join("\n")
}

/// Two values, one in place of the other.
pub(super) fn both(before: &Value, after: &Value) -> (String, String) {
    let (old, new) = (plain(before), plain(after));
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let most = old_lines.len().max(new_lines.len());
    if most > TOO_LONG {
        let count = |lines: &[&str]| format!("changed, {} lines", lines.len());
        return (count(&old_lines), count(&new_lines));
    }
    if most > LINES {
        let ops = script(&old_lines, &new_lines);
        return (side(&old_lines, &ops, 0), side(&new_lines, &ops, 1));
    }
    let same = old.chars().zip(new.chars()).take_while(|(old, new)| old == new && *old != '\n').count();
    // Only a single long line is moved to where it begins to differ.
    let start = if most <= 1 { same } else { 0 };
    let show = |lines: &[&str]| lines.iter().map(|line| window(line, start)).collect::<Vec<_>>().join("\n");
    (show(&old_lines), show(&new_lines))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A line as far as it is shown, from shortly before `change`.
pub(super) fn window(line: &str, change: usize) -> String {
    if line.len() <= WIDTH {
        return line.to_owned();
    }
    let start = change.saturating_sub(12 * AROUND);
    let shown: String = line.chars().skip(start).take(WIDTH).collect();
    let (begin, end) = (if start > 0 { "… " } else { "" }, format!(" … ({} bytes)", line.len()));
    format!("{begin}{shown}{end}")
}

/// The lines of one side (0: old, 1: new) that the other does not have, with those around.
fn side(lines: &[&str], ops: &[Op], which: usize) -> String {
    let mut near = vec![false; lines.len()];
    let mut at: usize = 0;
    for op in ops {
        let (own, is_kept) = match (op, which) {
            (Op::Keep(..), _) => (true, true),
            (Op::Remove(_), 0) | (Op::Insert(_), 1) => (true, false),
            _ => (false, false),
        };
        if !is_kept {
            let from = at.saturating_sub(AROUND);
            near.iter_mut().skip(from).take(at - from + AROUND + usize::from(own)).for_each(|near| *near = true);
        }
        at += usize::from(own);
    }
    let mut out: Vec<String> = Vec::new();
    let mut hidden = 0;
    let fold = |hidden: usize, out: &mut Vec<String>| match hidden {
        0 => {}
        1 => out.push("… 1 line the same".to_owned()),
        more => out.push(format!("… {more} lines the same")),
    };
    for (line, near) in lines.iter().zip(near) {
        if near {
            fold(std::mem::take(&mut hidden), &mut out);
            out.push(window(line, 0));
        } else {
            hidden += 1;
        }
    }
    fold(hidden, &mut out);
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_text_only_what_differs_is_shown() {
        let text = |word: &str| {
            let line = |n: usize| if n == 20 { word.to_owned() } else { format!("line {n}") };
            Value::from((0..40).map(line).collect::<Vec<_>>().join("\n"))
        };
        let (old, new) = both(&text("old"), &text("new"));
        assert_eq!(old, "… 18 lines the same\nline 18\nline 19\nold\nline 21\nline 22\n… 17 lines the same");
        assert_eq!(new, old.replace("old", "new"));
    }

    #[test]
    fn a_megabyte_is_shown_where_it_differs() {
        let text = |end: &str| Value::from(format!("{}{end}", "x".repeat(1 << 20)));
        let (old, new) = both(&text("a"), &text("b"));
        assert!(old.starts_with("… xxx") && old.ends_with("xa … (1048577 bytes)"), "{old}");
        assert!(new.contains("xb … "), "{new}");
        let lines = |word: &str| Value::from(format!("{word}\n").repeat(100_000));
        assert_eq!(both(&lines("a"), &lines("b")).0, "changed, 100000 lines");
        assert!(alone(&lines("a")).ends_with("… 99988 more lines"));
    }
}
