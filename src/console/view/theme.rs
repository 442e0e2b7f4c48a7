//! What meanings look like. Calm: colour only where a state or a danger needs the eye.

use ratatui::style::{Color, Modifier, Style};

use crate::console::model::page::Ink;

/// How meanings look. The 16 colours are the terminal's own, so that they fit its background; every state is told by glyph
/// and word as well.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    colour: bool,
}

impl Theme {
    /// With the terminal's own colours, or without any.
    pub const fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// The style of a meaning.
    pub fn ink(self, ink: Ink) -> Style {
        let style = Style::new();
        match ink {
            Ink::Text => style,
            Ink::Dim => style.add_modifier(Modifier::DIM),
            Ink::Head => style.add_modifier(Modifier::BOLD),
            Ink::Ok => self.fg(style, Color::Green),
            Ink::Warn => self.fg(style, Color::Yellow),
            Ink::Danger => self.fg(style, Color::Red).add_modifier(Modifier::BOLD),
            Ink::Added => self.fg(style, Color::Green),
            Ink::Removed => self.fg(style, Color::Red),
        }
    }

    /// The frame and title of a pane.
    pub fn frame(self, focused: bool) -> Style {
        if focused { self.fg(Style::new(), Color::Cyan).add_modifier(Modifier::BOLD) } else { self.ink(Ink::Dim) }
    }

    /// The row under the cursor: reversed where keys go, underlined elsewhere.
    pub fn selected(self, focused: bool) -> Style {
        Style::new().add_modifier(if focused { Modifier::REVERSED } else { Modifier::UNDERLINED })
    }

    /// A badge that must not be overlooked: RO, stale.
    pub fn badge(self, ink: Ink) -> Style {
        self.ink(ink).add_modifier(Modifier::REVERSED)
    }

    fn fg(self, style: Style, colour: Color) -> Style {
        if self.colour { style.fg(colour) } else { style }
    }
}
