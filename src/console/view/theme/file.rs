//! A theme as a file: what each meaning looks like, and on which grounds that was meant.
//!
//! ```toml
//! about = "dark and calm"
//! grounds = ["#1c1e24"]
//! paint = true
//!
//! [colours]
//! text = "#d8dbe2"
//! ok = "#7fcf8f"
//!
//! [ansi]
//! ok = "green"
//! ```

use std::ops::Range;
use std::str::FromStr;

use ratatui::style::Color;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::text::fault::{self, Fault};

/// Red, green and blue.
pub type Rgb = (u8, u8, u8);

/// A theme as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeFile {
    /// A few words about it.
    #[serde(default)]
    pub about: String,
    /// The grounds that it is legible on; the first is the one that is painted, and that pictures have.
    pub grounds: Vec<Hex>,
    /// Ground and text are painted; else they are the terminal's.
    #[serde(default)]
    pub paint: bool,
    /// The colours, where there are 256 or more.
    pub colours: Roles<Hex>,
    /// The colours where there are 16. What is not named has the shipped one.
    #[serde(default)]
    pub ansi: Roles<Ansi>,
}

/// Something for each meaning.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Roles<C> {
    /// Plain text.
    pub text: Option<C>,
    /// What matters less.
    pub dim: Option<C>,
    /// The pane that keys go to.
    pub accent: Option<C>,
    /// All is well.
    pub ok: Option<C>,
    /// Worth a look.
    pub warn: Option<C>,
    /// Dangerous or broken.
    pub danger: Option<C>,
    /// What comes.
    pub added: Option<C>,
    /// What goes.
    pub removed: Option<C>,
    /// What was looked for.
    #[serde(rename = "match")]
    pub found: Option<C>,
}

impl<C> Default for Roles<C> {
    fn default() -> Self {
        Self {
            text: None,
            dim: None,
            accent: None,
            ok: None,
            warn: None,
            danger: None,
            added: None,
            removed: None,
            found: None,
        }
    }
}

/// A colour written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hex(pub Rgb);

/// One of the 16 colours, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ansi(pub Color);

impl FromStr for Hex {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no colour: those are written #rrggbb");
        let digits =
            text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii()).ok_or_else(wrong)?;
        let part = |at: Range<usize>| u8::from_str_radix(&digits[at], 16).map_err(|_| wrong());
        Ok(Self((part(0..2)?, part(2..4)?, part(4..6)?)))
    }
}

impl FromStr for Ansi {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(colour) if !matches!(colour, Color::Rgb(..) | Color::Indexed(_)) => Ok(Self(colour)),
            _ => Err(format!("`{text}` is none of the 16 colours: red, lightblue, darkgray and so on")),
        }
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Ansi {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl ThemeFile {
    /// Reads a theme; `origin` names it in the fault.
    pub fn parse(text: &str, origin: &str) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        struct Grounds {
            grounds: Spanned<Vec<String>>,
        }
        let theme: Self = fault::toml(text, origin)?;
        if theme.grounds.is_empty() {
            let span = fault::toml::<Grounds>(text, origin).map_or(0..0, |file| file.grounds.span());
            return Err(Fault::at(origin, text, &span, "a theme names the ground that it is legible on".to_owned()));
        }
        Ok(theme)
    }

    /// The ground that is painted, and that pictures have.
    pub fn ground(&self) -> Rgb {
        self.grounds.first().map_or((0, 0, 0), |ground| ground.0)
    }

    /// Whether it was made for dark grounds.
    pub fn is_dark(&self) -> bool {
        luminance(self.ground()) < 0.18
    }
}

/// How light a colour is, from 0 to 1: WCAG 2.2's relative luminance.
pub fn luminance((red, green, blue): Rgb) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}
