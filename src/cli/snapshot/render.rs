//! A screen as characters, as terminal sequences, or as a picture.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::console::headless;
use crate::text::width::width;

/// The characters, line by line.
pub fn text(buffer: &Buffer) -> String {
    headless::text(buffer) + "\n"
}

/// A stretch of a line that looks the same throughout.
struct Stretch<'a> {
    x: u16,
    columns: usize,
    text: String,
    cell: &'a Cell,
}

/// The stretches of a line.
fn stretches(buffer: &Buffer, y: u16) -> Vec<Stretch<'_>> {
    let mut line: Vec<Stretch<'_>> = Vec::new();
    let mut skip = 0;
    for x in buffer.area.left()..buffer.area.right() {
        if skip > 0 {
            skip -= 1;
            continue;
        }
        let cell = &buffer[(x, y)];
        let columns = width(cell.symbol()).max(1);
        skip = columns - 1;
        match line.last_mut() {
            Some(last) if same(last.cell, cell) => {
                last.text.push_str(cell.symbol());
                last.columns += columns;
            }
            _ => line.push(Stretch { x, columns, text: cell.symbol().to_owned(), cell }),
        }
    }
    line
}

fn same(a: &Cell, b: &Cell) -> bool {
    (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)
}

/// The characters with SGR sequences (ECMA-48).
pub fn ansi(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        for stretch in stretches(buffer, y) {
            let codes = sgr(stretch.cell);
            if codes.is_empty() {
                out.push_str(&stretch.text);
            } else {
                let _ = write!(out, "\x1b[{}m{}\x1b[0m", codes.join(";"), stretch.text);
            }
        }
        out.push('\n');
    }
    out
}

fn sgr(cell: &Cell) -> Vec<String> {
    let modifiers = [(Modifier::BOLD, 1), (Modifier::DIM, 2), (Modifier::UNDERLINED, 4), (Modifier::REVERSED, 7)];
    let mut codes: Vec<String> =
        modifiers.iter().filter(|(m, _)| cell.modifier.contains(*m)).map(|(_, code)| code.to_string()).collect();
    codes.extend(colour_code(cell.fg).map(|code| (30 + code).to_string()));
    codes
}

/// The number of one of the eight colours that the theme uses.
const fn colour_code(colour: Color) -> Option<u8> {
    match colour {
        Color::Red => Some(1),
        Color::Green => Some(2),
        Color::Yellow => Some(3),
        Color::Cyan => Some(6),
        _ => None,
    }
}

const CELL: (usize, usize) = (9, 19);
const INK: &str = "#d7dae0";
const PAPER: &str = "#16181d";

/// A picture: text in a monospace font on a dark ground, each stretch stretched to its columns so that every font fits.
pub fn svg(buffer: &Buffer) -> String {
    let (cell_width, cell_height) = CELL;
    let margin = 12;
    let wide = buffer.area.width as usize * cell_width + 2 * margin;
    let high = buffer.area.height as usize * cell_height + 2 * margin;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {wide} {high}\">\n\
         <style>text{{font:15px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:{INK};white-space:pre}}\
         .b{{font-weight:700}}.d{{fill-opacity:.62}}.u{{text-decoration:underline}}</style>\n\
         <rect width=\"{wide}\" height=\"{high}\" rx=\"8\" fill=\"{PAPER}\"/>"
    );
    for y in buffer.area.top()..buffer.area.bottom() {
        for stretch in stretches(buffer, y) {
            let x = margin + stretch.x as usize * cell_width;
            let top = margin + y as usize * cell_height;
            let length = stretch.columns * cell_width;
            let reversed = stretch.cell.modifier.contains(Modifier::REVERSED);
            let colour = colour(stretch.cell.fg);
            if reversed {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x}\" y=\"{top}\" width=\"{length}\" height=\"{cell_height}\" fill=\"{colour}\"/>"
                );
            }
            if stretch.text.trim().is_empty() {
                continue;
            }
            let fill = if reversed { PAPER } else { colour };
            let base = top + cell_height - 5;
            let _ = writeln!(
                out,
                "<text x=\"{x}\" y=\"{base}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\"{} fill=\"{fill}\">{}</text>",
                class(stretch.cell),
                escape(&stretch.text)
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

fn class(cell: &Cell) -> String {
    let classes = [(Modifier::BOLD, "b"), (Modifier::DIM, "d"), (Modifier::UNDERLINED, "u")];
    let names: Vec<&str> = classes.iter().filter(|(m, _)| cell.modifier.contains(*m)).map(|(_, name)| *name).collect();
    if names.is_empty() { String::new() } else { format!(" class=\"{}\"", names.join(" ")) }
}

const fn colour(colour: Color) -> &'static str {
    match colour {
        Color::Red => "#ff6b6b",
        Color::Green => "#7ed491",
        Color::Yellow => "#e8c468",
        Color::Cyan => "#6cc7e0",
        _ => INK,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn buffer() -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        buffer.set_string(0, 0, "a<", Style::new().fg(Color::Red).add_modifier(Modifier::BOLD));
        buffer.set_string(2, 0, "日b", Style::new());
        buffer
    }

    #[test]
    fn one_screen_in_three_forms() {
        assert_eq!(text(&buffer()), "a<日b\n");
        assert_eq!(ansi(&buffer()), "\x1b[1;31ma<\x1b[0m日b   \n");
        let svg = svg(&buffer());
        assert!(svg.contains(">a&lt;</text>") && svg.contains("class=\"b\""), "{svg}");
    }
}
