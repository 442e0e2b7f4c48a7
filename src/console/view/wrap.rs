//! Inked lines broken to a width, and drawn.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::theme::Theme;
use crate::console::model::page::{Ink, Line};
use crate::text::width::{cut, width};

/// A line that fits: its pieces.
pub type Fitted = Vec<(Ink, String)>;

/// Breaks lines so that each fits into `columns`; continuation lines are indented as far as their line says.
pub fn wrap(lines: &[Line], columns: u16) -> Vec<Fitted> {
    wrap_counted(lines, columns).1
}

/// The same, and of each row which line it is of.
pub fn wrap_counted(lines: &[Line], columns: u16) -> (Vec<usize>, Vec<Fitted>) {
    let columns = (columns as usize).max(1);
    let (mut origins, mut fitted) = (Vec::with_capacity(lines.len()), Vec::with_capacity(lines.len()));
    for (at, line) in lines.iter().enumerate() {
        wrap_line(line, columns, &mut fitted);
        origins.resize(fitted.len(), at);
    }
    (origins, fitted)
}

/// A line cut so that it fits into `columns`.
pub fn cut_line(line: &Line, columns: u16) -> Fitted {
    let mut room = columns as usize;
    let mut fitted = Vec::new();
    for (ink, text) in &line.spans {
        let piece = cut(text, room);
        room = room.saturating_sub(width(&piece));
        fitted.push((*ink, piece));
    }
    fitted
}

fn wrap_line(line: &Line, columns: usize, fitted: &mut Vec<Fitted>) {
    // Most lines fit, and there can be thousands.
    if line.spans.iter().map(|(_, text)| width(text)).sum::<usize>() <= columns {
        return fitted.push(line.spans.clone());
    }
    let hang = if line.hang * 2 < columns { line.hang } else { 0 };
    let mut current: Fitted = Vec::new();
    let mut used = 0;
    for (ink, text) in &line.spans {
        for word in text.split_inclusive(' ') {
            let wide = width(word.trim_end());
            if used + wide > columns && used > hang {
                fitted.push(std::mem::take(&mut current));
                current.push((Ink::Text, " ".repeat(hang)));
                used = hang;
            }
            for piece in pieces(word, columns, columns - used) {
                if used + width(piece.trim_end()) > columns {
                    fitted.push(std::mem::take(&mut current));
                    current.push((Ink::Text, " ".repeat(hang)));
                    used = hang;
                }
                used += width(&piece);
                match current.last_mut() {
                    Some((last, text)) if last == ink => text.push_str(&piece),
                    _ => current.push((*ink, piece)),
                }
            }
        }
    }
    fitted.push(current);
}

/// A word, in pieces that fit: into `first` columns, then into whole lines.
fn pieces(word: &str, columns: usize, first: usize) -> Vec<String> {
    if width(word.trim_end()) <= first.max(1) {
        return vec![word.to_owned()];
    }
    crate::text::width::wrap(word, columns.div_ceil(2).max(1))
}

/// Draws lines from the top of `area`.
pub fn draw(lines: &[Fitted], theme: &Theme, area: Rect, buffer: &mut Buffer) {
    for (row, line) in lines.iter().take(area.height as usize).enumerate() {
        let mut x = area.x;
        for (ink, text) in line {
            let room = (area.x + area.width).saturating_sub(x) as usize;
            if room == 0 {
                break;
            }
            let (next, _) = buffer.set_stringn(x, area.y + row as u16, text, room, theme.ink(*ink));
            x = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(lines: &[Fitted]) -> Vec<String> {
        lines
            .iter()
            .map(|line| line.iter().map(|(_, text)| text.as_str()).collect::<String>().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn continuation_lines_hang() {
        let line = Line::field("groups", Ink::Text, "platform, system:authenticated");
        assert_eq!(text(&wrap(&[line], 34)), ["groups      platform,", "            system:authenticated"]);
    }

    proptest! {
        #[test]
        fn every_line_fits_and_no_letter_is_lost(words in "[a-z ]{0,80}", columns in 1_u16..40) {
            let lines = wrap(&[Line::of(Ink::Dim, &words).hang(3)], columns);
            for line in text(&lines) {
                prop_assert!(width(&line) <= columns as usize, "{line:?} in {columns}");
            }
            let letters: String = text(&lines).concat().chars().filter(|c| *c != ' ').collect();
            prop_assert_eq!(letters, words.replace(' ', ""));
        }
    }
}
