//! Frames without a glyph outside of ASCII that is ours: for terminals whose fonts lack them or draw them wide.

use ratatui::buffer::Buffer;

/// Draws our own glyphs as ASCII. What a cluster's names hold stays as it is.
pub fn only(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let mut symbol = cell.symbol().chars();
        if let (Some(c), None) = (symbol.next(), symbol.next())
            && let Some(plain) = plain(c)
        {
            cell.set_char(plain);
        }
    }
}

/// The ASCII character that stands for a glyph of ours.
const fn plain(c: char) -> Option<char> {
    Some(match c {
        '─' => '-',
        '━' => '=',
        '│' | '┃' => '|',
        '┌' | '┐' | '└' | '┘' | '┏' | '┓' | '┗' | '┛' | '├' | '┤' => '+',
        '…' => '~',
        '·' => '-',
        '▸' | '→' => '>',
        '←' => '<',
        '↑' | '▲' => '^',
        '↓' | '▼' => 'v',
        '✓' => '+',
        '×' => 'x',
        '⎈' => '*',
        _ => return None,
    })
}
