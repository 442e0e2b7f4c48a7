//! Columns that text takes on a terminal, and text cut to fit.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The number of terminal columns of `text`.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// `text` cut to at most `columns`, the end replaced by `…`.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(1) else { return String::new() };
    format!("{}…", head(text, room))
}

/// `text` cut to at most `columns` in the middle, since of a name both ends matter: `oil-web…7f9c`.
pub fn cut_middle(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns < 5 {
        return cut(text, columns);
    }
    let tail_room = (columns - 1) / 3;
    let head_room = columns - 1 - tail_room;
    format!("{}…{}", head(text, head_room), tail(text, tail_room))
}

/// The longest beginning of `text` that fits into `columns`.
fn head(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        taken += width(cluster);
        if taken > columns {
            return &text[..at];
        }
    }
    text
}

/// The longest end of `text` that fits into `columns`.
fn tail(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    for (at, cluster) in text.grapheme_indices(true).rev() {
        taken += width(cluster);
        if taken > columns {
            return &text[at + cluster.len()..];
        }
    }
    text
}

/// `text` broken into lines of at most `columns`, at spaces where there are any.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let gap = usize::from(!line.is_empty());
            if width(&line) + gap + width(word) > columns && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            let mut rest = word;
            while width(rest) > columns {
                let first = head(rest, columns);
                // A single cluster wider than the line would never fit: take it whole rather than loop.
                let first = if first.is_empty() { rest.graphemes(true).next().unwrap_or(rest) } else { first };
                lines.push(first.to_owned());
                rest = &rest[first.len()..];
            }
            line.push_str(rest);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_keep_both_ends() {
        assert_eq!(cut_middle("oil-web-deployment-7f9c", 12), "oil-web-…f9c");
        assert_eq!(cut("namespace", 5), "name…");
        assert_eq!(cut("namespace", 0), "");
        assert_eq!(wrap("who may do what", 7), ["who may", "do what"]);
    }

    proptest! {
        #[test]
        fn what_is_cut_fits(text in "\\PC{0,40}", columns in 0_usize..30) {
            prop_assert!(width(&cut(&text, columns)) <= columns);
            prop_assert!(width(&cut_middle(&text, columns)) <= columns);
        }

        #[test]
        fn what_is_wrapped_loses_no_letter(text in "[a-z ]{0,60}", columns in 1_usize..20) {
            let joined: String = wrap(&text, columns).concat().split(' ').collect();
            prop_assert_eq!(joined, text.split(' ').collect::<String>());
        }
    }
}
