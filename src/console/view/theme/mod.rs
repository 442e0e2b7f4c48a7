//! What meanings look like. Calm: colour only where a state or a danger needs the eye.
//!
//! A theme file gives colours, a [`Palette`] says how many of them the terminal can show, and a [`Theme`] is what comes of
//! both: a style for each meaning. Attributes (bold, reversed, underlined) are the same in all themes, so that none can
//! lose a state.

pub mod ascii;
pub mod file;
pub mod looks;
pub mod palette;
mod shipped;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use crate::console::model::page::Ink;
use file::{Ansi, Hex, Roles, ThemeFile};
pub use looks::{Looks, Wish};
pub use palette::Palette;

/// How meanings look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    colours: Roles<Color>,
    /// Painted wherever nothing else is.
    ground: Option<Color>,
    /// What is dim has no colour of its own, and is left to the terminal.
    dim: bool,
    /// Only ASCII is drawn.
    ascii: bool,
}

impl Theme {
    /// A theme without colours.
    pub fn plain() -> Self {
        Self { colours: Roles::default(), ground: None, dim: true, ascii: false }
    }

    /// A theme as a palette can show it.
    pub fn new(file: &ThemeFile, palette: Palette, ascii: bool) -> Self {
        let ansi = &file.ansi;
        let of = |hex: &Option<Hex>, ansi: &Option<Ansi>, usual: Option<Color>| match palette {
            Palette::Off => None,
            Palette::Ansi16 => ansi.map_or(usual, |ansi| Some(ansi.0)),
            rich => hex.and_then(|hex| rich.colour(hex.0)),
        };
        let hex = &file.colours;
        let painted = file.paint && palette >= Palette::Ansi256;
        let text = of(&hex.text, &ansi.text, None).filter(|_| painted);
        let dim = of(&hex.dim, &ansi.dim, None);
        Self {
            dim: dim.is_none(),
            colours: Roles {
                text,
                dim,
                accent: of(&hex.accent, &ansi.accent, Some(Color::Cyan)),
                ok: of(&hex.ok, &ansi.ok, Some(Color::Green)),
                warn: of(&hex.warn, &ansi.warn, Some(Color::Yellow)),
                danger: of(&hex.danger, &ansi.danger, Some(Color::Red)),
                added: of(&hex.added, &ansi.added, Some(Color::Green)),
                removed: of(&hex.removed, &ansi.removed, Some(Color::Red)),
                found: of(&hex.found, &ansi.found, Some(Color::Magenta)),
            },
            ground: palette.colour(file.ground()).filter(|_| painted),
            ascii,
        }
    }

    /// The style of a meaning.
    pub fn ink(&self, ink: Ink) -> Style {
        let colours = &self.colours;
        match ink {
            Ink::Text => fg(None),
            Ink::Dim if self.dim => Style::new().add_modifier(Modifier::DIM),
            Ink::Dim => fg(colours.dim),
            Ink::Head => fg(None).add_modifier(Modifier::BOLD),
            Ink::Ok => fg(colours.ok),
            Ink::Warn => fg(colours.warn),
            Ink::Danger => fg(colours.danger).add_modifier(Modifier::BOLD),
            Ink::Added => fg(colours.added),
            Ink::Removed => fg(colours.removed),
        }
    }

    /// The frame and title of a pane.
    pub fn frame(&self, focused: bool) -> Style {
        if focused { fg(self.colours.accent).add_modifier(Modifier::BOLD) } else { self.ink(Ink::Dim) }
    }

    /// The row under the cursor: reversed where keys go, underlined elsewhere.
    pub fn selected(&self, focused: bool) -> Style {
        Style::new().add_modifier(if focused { Modifier::REVERSED } else { Modifier::UNDERLINED })
    }

    /// What of a cell made its row stay.
    pub fn matched(&self) -> Style {
        fg(self.colours.found).add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    }

    /// A heading that rows are sorted by, or that was chosen.
    pub fn chosen(&self, chosen: bool) -> Style {
        let style = self.ink(Ink::Head);
        if chosen { style.add_modifier(Modifier::UNDERLINED) } else { style }
    }

    /// A badge that must not be overlooked: RO, stale.
    pub fn badge(&self, ink: Ink) -> Style {
        self.ink(ink).add_modifier(Modifier::REVERSED)
    }

    /// Gives a drawn frame its ground, and takes out of it what the terminal cannot draw.
    pub fn finish(&self, buffer: &mut Buffer) {
        if self.ground.is_some() {
            for cell in &mut buffer.content {
                if cell.fg == Color::Reset {
                    cell.fg = self.colours.text.unwrap_or_default();
                }
                if cell.bg == Color::Reset {
                    cell.bg = self.ground.unwrap_or_default();
                }
            }
        }
        if self.ascii {
            ascii::only(buffer);
        }
    }
}

fn fg(colour: Option<Color>) -> Style {
    colour.map_or_else(Style::new, |colour| Style::new().fg(colour))
}

#[cfg(test)]
mod tests;
