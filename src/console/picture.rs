//! A screen as characters, as terminal sequences, or as a picture.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::headless;
use super::view::theme::file::Rgb;
use super::view::theme::palette::indexed;
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
    codes.extend(colour_code(cell.fg, 30));
    codes.extend(colour_code(cell.bg, 40));
    codes
}

/// The parameters of SGR for a colour; 30 more for text, 40 more for ground.
fn colour_code(colour: Color, base: u8) -> Option<String> {
    let named = NAMED.iter().position(|(named, _)| *named == colour);
    match colour {
        Color::Rgb(red, green, blue) => Some(format!("{};2;{red};{green};{blue}", base + 8)),
        Color::Indexed(number) => Some(format!("{};5;{number}", base + 8)),
        _ => named.map(|at| {
            let code = at as u8 % 8 + base + if at < 8 { 0 } else { 60 };
            code.to_string()
        }),
    }
}

/// The 16 colours in the order of their numbers, and what they look like in a picture: the terminal decides elsewhere.
const NAMED: [(Color, Rgb); 16] = [
    (Color::Black, (0x10, 0x12, 0x16)),
    (Color::Red, (0xff, 0x6b, 0x6b)),
    (Color::Green, (0x7e, 0xd4, 0x91)),
    (Color::Yellow, (0xe8, 0xc4, 0x68)),
    (Color::Blue, (0x6c, 0x9c, 0xf0)),
    (Color::Magenta, (0xd8, 0x9c, 0xf0)),
    (Color::Cyan, (0x6c, 0xc7, 0xe0)),
    (Color::Gray, (0xc8, 0xcc, 0xd4)),
    (Color::DarkGray, (0x80, 0x86, 0x92)),
    (Color::LightRed, (0xff, 0x9d, 0x9d)),
    (Color::LightGreen, (0xa5, 0xe8, 0xb2)),
    (Color::LightYellow, (0xf5, 0xdc, 0x98)),
    (Color::LightBlue, (0x9c, 0xbe, 0xff)),
    (Color::LightMagenta, (0xec, 0xbc, 0xff)),
    (Color::LightCyan, (0x9c, 0xe2, 0xf5)),
    (Color::White, (0xff, 0xff, 0xff)),
];

/// What a terminal draws with where no colour is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Paper {
    /// Text.
    pub ink: Rgb,
    /// What is behind it.
    pub ground: Rgb,
}

/// A terminal's with a dark ground.
pub const DARK: Paper = Paper { ink: (0xd7, 0xda, 0xe0), ground: (0x16, 0x18, 0x1d) };
/// A terminal's with a light ground.
pub const LIGHT: Paper = Paper { ink: (0x24, 0x29, 0x2f), ground: (0xff, 0xff, 0xff) };

const CELL: (usize, usize) = (9, 19);

/// A picture: text in a monospace font, each stretch stretched to its columns so that every font fits.
pub fn svg(buffer: &Buffer, paper: Paper) -> String {
    let (ink, ground) = (hex(paper.ink), hex(paper.ground));
    let (cell_width, cell_height) = CELL;
    let margin = 12;
    let wide = buffer.area.width as usize * cell_width + 2 * margin;
    let high = buffer.area.height as usize * cell_height + 2 * margin;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {wide} {high}\">\n\
         <style>text{{font:15px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:{ink};white-space:pre}}\
         .b{{font-weight:700}}.d{{fill-opacity:.62}}.u{{text-decoration:underline}}</style>\n\
         <rect width=\"{wide}\" height=\"{high}\" rx=\"8\" fill=\"{ground}\"/>"
    );
    for y in buffer.area.top()..buffer.area.bottom() {
        for stretch in stretches(buffer, y) {
            let x = margin + stretch.x as usize * cell_width;
            let top = margin + y as usize * cell_height;
            let length = stretch.columns * cell_width;
            let colours = (colour(stretch.cell.fg, paper.ink), colour(stretch.cell.bg, paper.ground));
            let reversed = stretch.cell.modifier.contains(Modifier::REVERSED);
            let (fill, behind) = if reversed { (colours.1, colours.0) } else { colours };
            if behind != ground {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x}\" y=\"{top}\" width=\"{length}\" height=\"{cell_height}\" fill=\"{behind}\"/>"
                );
            }
            if stretch.text.trim().is_empty() {
                continue;
            }
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

fn colour(colour: Color, usual: Rgb) -> String {
    hex(match colour {
        Color::Rgb(red, green, blue) => (red, green, blue),
        Color::Indexed(number) => indexed(number),
        named => NAMED.iter().find(|(known, _)| *known == named).map_or(usual, |(_, rgb)| *rgb),
    })
}

fn hex((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
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
        let svg = svg(&buffer(), DARK);
        assert!(svg.contains(">a&lt;</text>") && svg.contains("class=\"b\""), "{svg}");
    }
}
