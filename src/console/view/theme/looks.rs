//! Which theme is drawn with: what was wished for, and what the terminal can do.

use super::file::{Rgb, ThemeFile, luminance};
use super::{Palette, Theme, shipped};
use crate::text::distance::nearest;

/// What a person wished for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// A theme by name; else the one that fits the terminal's ground.
    pub theme: Option<String>,
    /// How many colours; else as many as the terminal has.
    pub palette: Option<Palette>,
    /// Only ASCII.
    pub ascii: bool,
    /// A theme of one's own, which takes the place of all others.
    pub own: Option<ThemeFile>,
}

/// All that decides how the screen looks.
#[derive(Debug, Clone, Default)]
pub struct Looks {
    /// What was wished for.
    pub wish: Wish,
    /// What the terminal has.
    pub terminal: Palette,
    /// The terminal's ground is light. Most are dark.
    pub light: bool,
    /// The theme that was decided for the open context.
    pub context: Option<String>,
}

impl Looks {
    /// Looks for a terminal that has this palette.
    pub fn new(wish: Wish, terminal: Palette) -> Self {
        Self { wish, terminal, light: false, context: None }
    }

    /// Takes in what ground the terminal says that it has.
    pub fn set_ground(&mut self, ground: Rgb) {
        self.light = luminance(ground) > 0.18;
    }

    /// The palette that is drawn with.
    pub fn palette(&self) -> Palette {
        self.wish.palette.unwrap_or(self.terminal)
    }

    /// The name of the theme that is drawn with.
    pub fn name(&self) -> &str {
        let usual = match self.palette() {
            Palette::Off | Palette::Ansi16 => "terminal",
            _ if self.light => "light",
            _ => "dark",
        };
        let wished = self.context.as_deref().or(self.wish.theme.as_deref());
        wished.filter(|name| *name != AUTO).unwrap_or(usual)
    }

    /// The theme.
    pub fn theme(&self) -> Theme {
        let own = self.wish.own.clone().filter(|_| self.context.is_none());
        let file = own.or_else(|| shipped::theme(self.name()));
        file.map_or_else(Theme::plain, |file| Theme::new(&file, self.palette(), self.wish.ascii))
    }
}

/// The word for the theme that fits the terminal.
pub const AUTO: &str = "auto";

/// The names of all themes.
pub fn names() -> impl Iterator<Item = &'static str> {
    shipped::TEXTS.iter().map(|(name, _)| *name)
}

/// The text of a shipped theme, as a start for one's own.
pub fn text(name: &str) -> Option<&'static str> {
    shipped::TEXTS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Whether there is a theme of this name; a sentence if not.
pub fn check(name: &str) -> Result<(), String> {
    if name == AUTO || names().any(|known| known == name) {
        return Ok(());
    }
    let meant = nearest(name, names()).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    let all = names().collect::<Vec<_>>().join(", ");
    Err(format!("there is no theme {name}{meant} There are auto, {all}"))
}
