//! Screens kept as files: the characters, then their styles in each look. For people, the same screens as pictures.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use tenantry::console::headless::text;
use tenantry::console::picture::{self, DARK, LIGHT};
use tenantry::console::view::theme::{Looks, Palette, Theme, Wish};

/// What is kept.
pub trait Screen {
    /// The screen, in these colours.
    fn frame(&self, theme: &Theme) -> Buffer;

    /// Its characters.
    fn text(&self) -> String {
        text(&self.frame(&Theme::plain()))
    }
}

/// The sizes that every pane and every page is kept at.
pub const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// The looks that every screen is kept in.
fn looks() -> [(&'static str, Theme); 4] {
    let theme = |palette, light| {
        let mut looks = Looks::new(Wish::default(), palette);
        looks.light = light;
        looks.theme()
    };
    [
        ("16", theme(Palette::Ansi16, false)),
        ("dark", theme(Palette::True, false)),
        ("light", theme(Palette::True, true)),
        ("off", theme(Palette::Off, false)),
    ]
}

/// Compares a screen at all sizes, and its pictures.
pub fn everywhere<S: Screen>(name: &str, screen: impl Fn(u16, u16) -> S) {
    for (columns, rows) in SIZES {
        at(name, (columns, rows), &screen(columns, rows));
    }
}

/// Compares a screen of this size, and its pictures if it is pictured at this size.
pub fn at(name: &str, (columns, rows): (u16, u16), screen: &impl Screen) {
    matches(&format!("{name}-{columns}x{rows}"), screen);
    if (columns, rows) == PICTURED {
        pictures(name, screen);
    }
}

/// The size of pictures.
const PICTURED: (u16, u16) = (120, 40);

fn pictures(name: &str, screen: &impl Screen) {
    let [_, (_, dark), (_, light), (_, plain)] = looks();
    for (look, theme, paper) in [("dark", dark, DARK), ("light", light, LIGHT), ("plain", plain, DARK)] {
        compare(&picture(name, look), picture::svg(&screen.frame(&theme), paper));
    }
}

/// The picture of a screen: the manual's and the README's are these.
fn picture(name: &str, look: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/screens/{name}-{look}.svg"))
}

/// Compares a screen with the file of this name.
pub fn matches(name: &str, screen: &impl Screen) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/screens/golden/{name}.txt"));
    compare(&path, format!("{}\n\n{}", screen.text(), styles(screen)));
}

fn compare(path: &Path, now: String) {
    if std::env::var_os("TENANTRY_SCREENS").is_some_and(|value| value == "overwrite") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, now).unwrap();
        return;
    }
    let kept = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}\n{now}", path.display()));
    assert!(kept == now, "{} looks different now.\n=== kept\n{kept}\n=== now\n{now}", path.display());
}

/// Each line's stretches that are not plain in all looks, by a letter; then what each letter stands for.
fn styles(screen: &impl Screen) -> String {
    let looks = looks();
    let frames: Vec<Buffer> = looks.iter().map(|(_, theme)| screen.frame(theme)).collect();
    let area = frames[0].area;
    let at = |x: u16, y: u16| -> Vec<String> { frames.iter().map(|frame| style(&frame[(x, y)])).collect() };
    let mut letters: BTreeMap<Vec<String>, char> = BTreeMap::new();
    let mut out = String::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut x = area.left();
        while x < area.right() {
            let (style, from) = (at(x, y), x);
            while x < area.right() && at(x, y) == style {
                x += 1;
            }
            if style.iter().any(|word| !word.is_empty()) {
                let next = char::from(b'a' + u8::try_from(letters.len()).unwrap());
                let letter = *letters.entry(style).or_insert(next);
                let _ = write!(line, " {from}-{}:{letter}", x - 1);
            }
        }
        if !line.is_empty() {
            let _ = writeln!(out, "{y:>3}{line}");
        }
    }
    let mut legend: Vec<(char, Vec<String>)> = letters.into_iter().map(|(style, letter)| (letter, style)).collect();
    legend.sort();
    for (letter, style) in legend {
        let words: Vec<String> =
            looks.iter().zip(&style).map(|((look, _), words)| format!("{look}: {words:<18}")).collect();
        let _ = writeln!(out, "{letter}  {}", words.join(" ").trim_end());
    }
    out
}

fn style(cell: &Cell) -> String {
    // How an empty cell is coloured shows only when it is reversed or underlined.
    let visible = Modifier::REVERSED | Modifier::UNDERLINED;
    if cell.symbol() == " " && !cell.modifier.intersects(visible) {
        return String::new();
    }
    let mut words = Vec::new();
    if cell.fg != Color::Reset {
        words.push(cell.fg.to_string().to_lowercase());
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
