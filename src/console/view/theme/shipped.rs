//! The themes that come with the program, each in a file of its own.

use super::file::ThemeFile;

/// Their names and texts, in the order in which they are offered.
pub const TEXTS: &[(&str, &str)] = &[
    ("terminal", include_str!("shipped/terminal.toml")),
    ("dark", include_str!("shipped/dark.toml")),
    ("light", include_str!("shipped/light.toml")),
    ("slate", include_str!("shipped/slate.toml")),
    ("paper", include_str!("shipped/paper.toml")),
    ("moss", include_str!("shipped/moss.toml")),
    ("dusk", include_str!("shipped/dusk.toml")),
    ("contrast", include_str!("shipped/contrast.toml")),
    ("contrast-light", include_str!("shipped/contrast-light.toml")),
    ("blue-orange", include_str!("shipped/blue-orange.toml")),
    ("blue-orange-light", include_str!("shipped/blue-orange-light.toml")),
];

/// The theme of this name.
pub fn theme(name: &str) -> Option<ThemeFile> {
    let (_, text) = TEXTS.iter().find(|(known, _)| *known == name)?;
    // A test holds that all of them can be read.
    ThemeFile::parse(text, name).ok()
}
