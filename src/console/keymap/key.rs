//! One key press, written as k9s writes it: `ctrl-d`, `shift-c`, `enter`, `backtab`, `?`.

use std::fmt;
use std::str::FromStr;

/// What was pressed, without its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A character. Letters come in upper case when shift was held.
    Char(char),
    /// Enter, also called return.
    Enter,
    /// Escape.
    Esc,
    /// Tab; with shift it is `backtab`.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, `f1` to `f24`.
    F(u8),
}

/// The names of the keys that are not characters. The first name of a code is the one that is shown.
const NAMES: &[(&str, Code)] = &[
    ("enter", Code::Enter),
    ("return", Code::Enter),
    ("esc", Code::Esc),
    ("escape", Code::Esc),
    ("tab", Code::Tab),
    ("backspace", Code::Backspace),
    ("del", Code::Delete),
    ("delete", Code::Delete),
    ("ins", Code::Insert),
    ("insert", Code::Insert),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pgup", Code::PageUp),
    ("pageup", Code::PageUp),
    ("pgdn", Code::PageDown),
    ("pagedown", Code::PageDown),
    ("space", Code::Char(' ')),
];

/// The names of the modifiers, in the order in which they are shown.
const CTRL: &str = "ctrl";
const ALT: &str = "alt";
const SHIFT: &str = "shift";

/// The highest function key that terminals have a sequence for.
const LAST_FUNCTION_KEY: u8 = 24;

/// A key press in its normal form, so that two presses that a terminal cannot tell apart are equal: `shift-c` is the
/// character `C`, `ctrl-i` is `tab`, `ctrl-m` is `enter`, `ctrl-[` is `esc`, and shift is lost beside ctrl and a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    code: Code,
    ctrl: bool,
    alt: bool,
    shift: bool,
}

/// The modifiers that were held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Control.
    pub ctrl: bool,
    /// Alt, also called option or meta.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
}

impl Key {
    /// The key press of `code` while `held` was held, in normal form.
    pub fn new(code: Code, held: Held) -> Self {
        let Held { ctrl, alt, shift } = held;
        let key = |code, ctrl, shift| Self { code, ctrl, alt, shift };
        match code {
            // What a terminal sends for these is one byte, the same as that of the named key.
            Code::Char('i' | 'I') if ctrl => key(Code::Tab, false, false),
            Code::Char('m' | 'M') if ctrl => key(Code::Enter, false, false),
            Code::Char('[') if ctrl => key(Code::Esc, false, false),
            Code::Char(c) if ctrl => key(Code::Char(lower(c).unwrap_or(c)), true, false),
            Code::Char(c) if shift => key(Code::Char(upper(c).unwrap_or(c)), false, false),
            Code::Char(_) => key(code, false, false),
            _ => key(code, ctrl, shift),
        }
    }

    /// A key without modifiers.
    pub fn plain(code: Code) -> Self {
        Self::new(code, Held::default())
    }

    /// A character typed as it is.
    pub fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    /// A character with control held.
    pub fn ctrl(c: char) -> Self {
        Self::new(Code::Char(c), Held { ctrl: true, ..Held::default() })
    }

    /// A character with alt held.
    pub fn alt(c: char) -> Self {
        Self::new(Code::Char(c), Held { alt: true, ..Held::default() })
    }

    /// What was pressed.
    pub fn code(self) -> Code {
        self.code
    }

    /// The modifiers that were held and that can be told apart.
    pub fn held(self) -> Held {
        Held { ctrl: self.ctrl, alt: self.alt, shift: self.shift }
    }

    /// The character that this key types into a text field, if it types one.
    pub fn text(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

/// The one upper case letter of a lower case letter, as far as shift would type it.
fn upper(c: char) -> Option<char> {
    single(c.to_uppercase()).filter(|&u| u != c && lower(u) == Some(c))
}

/// The one lower case letter of an upper case letter.
fn lower(c: char) -> Option<char> {
    single(c.to_lowercase()).filter(|&l| l != c && single(l.to_uppercase()) == Some(c))
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    chars.next().filter(|_| chars.next().is_none())
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = |f: &mut fmt::Formatter<'_>, held, name| if held { write!(f, "{name}-") } else { Ok(()) };
        prefix(f, self.ctrl, CTRL)?;
        prefix(f, self.alt, ALT)?;
        match self.code {
            Code::Tab if self.shift => f.write_str("backtab"),
            Code::Char(c) if c != ' ' => match lower(c) {
                Some(small) => write!(f, "{SHIFT}-{small}"),
                None => write!(f, "{c}"),
            },
            code => {
                prefix(f, self.shift, SHIFT)?;
                match code {
                    Code::F(n) => write!(f, "f{n}"),
                    _ => f.write_str(NAMES.iter().find(|(_, named)| *named == code).map_or("", |(name, _)| name)),
                }
            }
        }
    }
}

/// Why a text names no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// There is no text.
    Empty,
    /// No key has this name; the nearest one that exists.
    Unknown(String, Option<&'static str>),
    /// Shift with a key that types another character when shift is held: terminals send only that character.
    ShiftedCharacter(char),
    /// More keys one after the other than this.
    TooLong(usize),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a key is missing between the quotes"),
            Self::TooLong(most) => write!(f, "a chord has {most} keys at most"),
            Self::Unknown(name, Some(nearest)) => write!(f, "no key is called `{name}`: did you mean `{nearest}`?"),
            Self::Unknown(name, None) => write!(f, "no key is called `{name}`"),
            Self::ShiftedCharacter(c) => {
                write!(f, "a terminal does not tell shift with `{c}`: write the character that the two type together")
            }
        }
    }
}

impl std::error::Error for KeyError {}

impl FromStr for Key {
    type Err = KeyError;

    /// Reads what [`Display`](fmt::Display) writes, the longer names (`escape`, `pagedown`), and modifiers in any order.
    /// Upper and lower case matter for single characters only.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut held = Held::default();
        let mut rest = text;
        // A lone `-` is a key, and so is what stays behind a modifier: `ctrl--`.
        while let Some((modifier, tail)) = rest.split_once('-').filter(|(_, tail)| !tail.is_empty()) {
            match modifier.to_ascii_lowercase().as_str() {
                CTRL | "control" => held.ctrl = true,
                ALT | "meta" => held.alt = true,
                SHIFT => held.shift = true,
                _ => break,
            }
            rest = tail;
        }
        let code = match single(rest.chars()) {
            Some(c) if c.is_control() => return Err(unknown(text)),
            Some(c) => Code::Char(c),
            None if rest.is_empty() => return Err(KeyError::Empty),
            None => named(rest, &mut held).ok_or_else(|| unknown(text))?,
        };
        match code {
            Code::Char(c) if held.shift && !held.ctrl && upper(c).is_none() && lower(c).is_none() => {
                Err(KeyError::ShiftedCharacter(c))
            }
            _ => Ok(Self::new(code, held)),
        }
    }
}

/// The key with this name. `backtab` is the one name that holds a modifier.
fn named(name: &str, held: &mut Held) -> Option<Code> {
    let name = name.to_ascii_lowercase();
    if name == "backtab" {
        held.shift = true;
        return Some(Code::Tab);
    }
    if let Some(n) = name.strip_prefix('f').and_then(|digits| digits.parse().ok()) {
        return (1..=LAST_FUNCTION_KEY).contains(&n).then_some(Code::F(n));
    }
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, code)| *code)
}

fn unknown(text: &str) -> KeyError {
    let name = text.rsplit('-').next().unwrap_or(text).to_ascii_lowercase();
    let nearest = crate::text::distance::nearest(&name, NAMES.iter().map(|(name, _)| *name).chain(["backtab"]));
    KeyError::Unknown(text.to_owned(), nearest.and_then(|near| NAMES.iter().map(|(n, _)| *n).find(|n| *n == near)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(text: &str) -> Key {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn keys_read_as_in_k9s() {
        for text in [
            "ctrl-d",
            "shift-c",
            "enter",
            "esc",
            "tab",
            "backtab",
            "space",
            "f5",
            "?",
            "/",
            ":",
            "-",
            "ctrl--",
            "pgdn",
            "up",
            "alt-shift-x",
            "ctrl-space",
            "shift-up",
            "ctrl-alt-del",
            "j",
            "é",
            "shift-é",
            "ctrl-\\",
        ] {
            assert_eq!(key(text).to_string(), text);
        }
    }

    #[test]
    fn keys_that_a_terminal_cannot_tell_apart_are_equal() {
        for (one, other) in [
            ("shift-c", "C"),
            ("shift-tab", "backtab"),
            ("ctrl-i", "tab"),
            ("ctrl-m", "enter"),
            ("ctrl-[", "esc"),
            ("ctrl-shift-c", "ctrl-c"),
            ("Ctrl-C", "ctrl-c"),
            ("PageDown", "pgdn"),
            ("shift-alt-x", "alt-X"),
            (" ", "space"),
        ] {
            assert_eq!(key(one), key(other), "{one} and {other}");
        }
        assert_ne!(key("c"), key("shift-c"));
        assert_ne!(key("space"), key("ctrl-space"));
    }

    #[test]
    fn what_is_no_key_is_told_why() {
        let say = |text: &str| text.parse::<Key>().unwrap_err().to_string();
        assert_eq!(say(""), "a key is missing between the quotes");
        assert_eq!(say("entr"), "no key is called `entr`: did you mean `enter`?");
        assert_eq!(say("ctrl-spce"), "no key is called `ctrl-spce`: did you mean `space`?");
        assert_eq!(say("hyper-x"), "no key is called `hyper-x`");
        assert_eq!(say("f25"), "no key is called `f25`");
        assert_eq!(say("g g"), "no key is called `g g`");
        assert!(say("shift-1").starts_with("a terminal does not tell shift with `1`"), "{}", say("shift-1"));
    }

    #[test]
    fn only_bare_characters_type() {
        assert_eq!(key("shift-c").text(), Some('C'));
        assert_eq!(key("space").text(), Some(' '));
        assert_eq!(key("ctrl-c").text(), None);
        assert_eq!(key("enter").text(), None);
    }

    fn any_code() -> impl Strategy<Value = Code> {
        prop_oneof![
            any::<char>().prop_filter("printable", |c| !c.is_control()).prop_map(Code::Char),
            (b' '..=b'~').prop_map(|b| Code::Char(b.into())),
            (1..=LAST_FUNCTION_KEY).prop_map(Code::F),
            proptest::sample::select(NAMES.iter().map(|(_, code)| *code).collect::<Vec<_>>()),
        ]
    }

    proptest! {
        #[test]
        fn parse_undoes_display(code in any_code(), ctrl: bool, alt: bool, shift: bool) {
            let key = Key::new(code, Held { ctrl, alt, shift });
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }

        #[test]
        fn the_normal_form_is_stable(code in any_code(), ctrl: bool, alt: bool, shift: bool) {
            let key = Key::new(code, Held { ctrl, alt, shift });
            prop_assert_eq!(Key::new(key.code(), key.held()), key);
        }

        #[test]
        fn parsing_is_total(text in ".{0,12}") {
            if let Ok(key) = text.parse::<Key>() {
                prop_assert_eq!(key.to_string().parse(), Ok(key));
            }
        }
    }
}
