//! Screens kept as files: the characters, then the styles line by line.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use crate::stage::Stage;

/// Compares a stage's screen with the file of this name.
pub fn matches(name: &str, stage: &Stage) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/screens/golden/{name}.txt"));
    let now = format!("{}\n\n{}", stage.text(), styles(&stage.frame(true)));
    if std::env::var_os("TENANTRY_SCREENS").is_some_and(|value| value == "overwrite") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, now).unwrap();
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}\n{now}", path.display()));
    assert!(kept == now, "{name} looks different now.\n=== kept\n{kept}\n=== now\n{now}");
}

/// Each line's stretches that are not plain: columns, colour, attributes.
fn styles(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut x = buffer.area.left();
        while x < buffer.area.right() {
            let style = style(buffer, x, y);
            let from = x;
            while x < buffer.area.right() && self::style(buffer, x, y) == style {
                x += 1;
            }
            if !style.is_empty() {
                let _ = write!(line, " {from}-{}:{style}", x - 1);
            }
        }
        if !line.is_empty() {
            let _ = writeln!(out, "{y:>3}{line}");
        }
    }
    out
}

fn style(buffer: &Buffer, x: u16, y: u16) -> String {
    let cell = &buffer[(x, y)];
    // How an empty cell is coloured shows only when it is reversed or underlined.
    let visible = Modifier::REVERSED | Modifier::UNDERLINED;
    if cell.symbol() == " " && !cell.modifier.intersects(visible) {
        return String::new();
    }
    let mut words = Vec::new();
    if cell.fg != Color::Reset {
        words.push(format!("{:?}", cell.fg).to_lowercase());
    }
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
    ] {
        if cell.modifier.contains(modifier) {
            words.push(word.to_owned());
        }
    }
    words.join("+")
}
