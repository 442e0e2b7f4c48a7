//! One key, or several that are pressed one after the other.

use super::key::{Key, KeyError};
use std::fmt;
use std::str::FromStr;

/// How many keys a chord has at most: fingers remember no more.
const LONGEST: usize = 4;

/// One key, or several that are pressed one after the other: written `g t`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord(Vec<Key>);

impl Chord {
    /// Its keys, one at least.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// Whether these keys are its beginning, and something is still missing.
    pub fn goes_on_after(&self, pressed: &[Key]) -> bool {
        self.0.len() > pressed.len() && self.0.starts_with(pressed)
    }

    /// What is still to be pressed after so many keys.
    pub fn rest(&self, pressed: usize) -> String {
        let names: Vec<String> = self.0.iter().skip(pressed).map(ToString::to_string).collect();
        names.join(" ")
    }
}

impl From<Vec<Key>> for Chord {
    fn from(keys: Vec<Key>) -> Self {
        Self(keys)
    }
}

impl From<Key> for Chord {
    fn from(key: Key) -> Self {
        Self(vec![key])
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.rest(0))
    }
}

impl FromStr for Chord {
    type Err = KeyError;

    /// Reads keys between spaces.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let keys = text.split_whitespace().map(str::parse).collect::<Result<Vec<Key>, KeyError>>()?;
        match keys.len() {
            0 => Err(KeyError::Empty),
            1..=LONGEST => Ok(Self(keys)),
            _ => Err(KeyError::TooLong(LONGEST)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_are_read_as_they_are_shown() {
        for text in ["g t", "ctrl-x ctrl-s", "space", "shift-g"] {
            assert_eq!(text.parse::<Chord>().unwrap().to_string(), text);
        }
        assert_eq!("".parse::<Chord>(), Err(KeyError::Empty));
        assert_eq!("a b c d e".parse::<Chord>(), Err(KeyError::TooLong(4)));
        let chord: Chord = "g t".parse().unwrap();
        assert!(chord.goes_on_after(&[Key::char('g')]) && !chord.goes_on_after(chord.keys()));
    }
}
