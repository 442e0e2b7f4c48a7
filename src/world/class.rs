//! What somebody has called a context: a word, a sign for eyes that see no colours, and a colour for those that do.

use serde::Deserialize;

/// The class of a context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Class {
    /// The word: `production`, say.
    pub word: String,
    /// The sign before it.
    pub glyph: String,
    /// How loud it is.
    pub colour: Colour,
}

/// How loud a class is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// Nothing to worry about.
    Calm,
    /// All may be tried out here.
    Ok,
    /// Worth a thought.
    #[default]
    Warn,
    /// What is broken here hurts.
    Danger,
}

impl Colour {
    /// The sign where none was chosen.
    pub const fn glyph(self) -> &'static str {
        match self {
            Self::Calm => "-",
            Self::Ok => "+",
            Self::Warn => "!",
            Self::Danger => "!!",
        }
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let gap = if self.glyph.is_empty() { "" } else { " " };
        write!(f, "{}{gap}{}", self.glyph, self.word)
    }
}
