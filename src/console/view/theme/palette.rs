//! How many colours a terminal can show.

use std::fmt;
use std::str::FromStr;

use ratatui::style::Color;

/// The colours that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub enum Palette {
    /// None: attributes only.
    Off,
    /// The 16 whose looks the terminal decides.
    #[default]
    Ansi16,
    /// xterm's 256.
    Ansi256,
    /// Any, in 24 bits.
    True,
}

impl Palette {
    /// All of them, the poorest first.
    pub const ALL: [Self; 4] = [Self::Off, Self::Ansi16, Self::Ansi256, Self::True];

    /// The one that an environment tells of: `NO_COLOR` (no-color.org), `COLORTERM` and `TERM`. `variable` reads it.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        if set("NO_COLOR").is_some() {
            return Self::Off;
        }
        let term = set("TERM").unwrap_or_default();
        let colours = set("COLORTERM").unwrap_or_default();
        if colours.contains("truecolor") || colours.contains("24bit") || term.ends_with("-direct") {
            Self::True
        } else if term.contains("256") {
            Self::Ansi256
        } else if matches!(term.as_str(), "dumb" | "vt100" | "vt220") {
            Self::Off
        } else {
            Self::Ansi16
        }
    }

    /// The colour `(red, green, blue)` as well as this palette can show it. The 16 are not for that: what they look like is
    /// the terminal's choice.
    pub fn colour(self, (red, green, blue): (u8, u8, u8)) -> Option<Color> {
        match self {
            Self::Off | Self::Ansi16 => None,
            Self::Ansi256 => Some(Color::Indexed(nearest((red, green, blue)))),
            Self::True => Some(Color::Rgb(red, green, blue)),
        }
    }

    /// The word for it in files and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Ansi16 => "16",
            Self::Ansi256 => "256",
            Self::True => "true",
        }
    }
}

/// The levels of red, green and blue in xterm's cube of 6 x 6 x 6 colours, from number 16 on.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of xterm's colours 16 to 255: the cube, then 24 greys from 8 in steps of 10.
fn nearest(wanted: (u8, u8, u8)) -> u8 {
    (16..=255).min_by_key(|number| distance(wanted, indexed(*number))).unwrap_or(16)
}

/// What one of xterm's colours 16 to 255 looks like.
pub const fn indexed(number: u8) -> (u8, u8, u8) {
    if number >= 232 {
        let grey = 8 + 10 * (number - 232);
        return (grey, grey, grey);
    }
    let at = number.saturating_sub(16) as usize;
    (LEVELS[at / 36], LEVELS[at / 6 % 6], LEVELS[at % 6])
}

fn distance(one: (u8, u8, u8), other: (u8, u8, u8)) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    square(one.0, other.0) + square(one.1, other.1) + square(one.2, other.2)
}

impl fmt::Display for Palette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Palette {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|palette| palette.word() == word);
        found.ok_or_else(|| format!("`{word}` is no number of colours: auto, off, 16, 256 or true"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_tells_how_many_colours_there_are() {
        let of = |pairs: &[(&str, &str)]| {
            let pairs: Vec<(String, String)> = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
            Palette::of_environment(move |name| {
                pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
            })
        };
        assert_eq!(of(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Palette::True);
        assert_eq!(of(&[("TERM", "tmux-256color")]), Palette::Ansi256);
        assert_eq!(of(&[("TERM", "linux")]), Palette::Ansi16);
        assert_eq!(of(&[("TERM", "dumb")]), Palette::Off);
        assert_eq!(of(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), Palette::Off);
        assert_eq!(of(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Palette::Ansi256, "empty means unset");
    }

    #[test]
    fn colours_of_xterm_are_their_own_nearest() {
        for number in 16..=255 {
            assert_eq!(indexed(nearest(indexed(number))), indexed(number));
        }
        assert_eq!(nearest((250, 2, 3)), 196);
    }
}
