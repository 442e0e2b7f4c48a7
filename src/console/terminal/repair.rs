//! Puts escape sequences together again that arrived in pieces.
//!
//! A terminal sends an arrow key as `ESC [ A`. When the bytes arrive in two reads with the cut right behind `ESC`, as they do
//! on slow lines and in bursts of the mouse wheel, the parser takes the first for the escape key and the rest for typed
//! characters: `[`, `A`. Of a paste, `ESC [ 200 ~ text`, that makes commands of the text. Whoever types is slower than any
//! terminal, so what follows an escape key at once is the rest of a sequence.
//!
//! A pure machine: time comes in with the input, so that tests need no clock.

use super::input::{Input, from_command};
use crate::console::keymap::{Code, Held, Key};
use std::time::{Duration, Instant};

/// How long an escape key is held back to see whether a sequence follows: long enough for a second read, short enough to
/// escape notice.
const ESCAPE: Duration = Duration::from_millis(20);
/// How long the rest of a sequence may take that has begun.
const SEQUENCE: Duration = Duration::from_millis(50);
/// How long a broken paste must be quiet to be over. Its end mark is swallowed by the parser when it arrives whole.
const PASTE: Duration = Duration::from_millis(300);
/// Longer than any sequence of a terminal.
const LONGEST: usize = 32;
/// Longer than any answer that we ask for.
const LONGEST_COMMAND: usize = 64;
/// The end mark of a paste.
const PASTE_END: &str = "\x1b[201~";

#[derive(Debug, Default)]
enum State {
    /// Nothing is held back.
    #[default]
    Ground,
    /// An escape key is held back.
    Escape,
    /// A sequence without its `ESC`: `[` or `O`, then parameters.
    Sequence(String),
    /// An operating system command without its beginning. The parser knows none, and takes their letters for typed ones.
    Command(String),
    /// So many bytes of an old mouse report are still to come.
    Mouse(u8),
    /// The text of a paste whose beginning was cut.
    Paste(String),
}

/// The machine.
#[derive(Debug)]
pub(super) struct Repair {
    state: State,
    /// When the state was last fed.
    since: Instant,
}

/// What a sequence means.
enum Meaning {
    Key(Key),
    PasteBegins,
    /// Reports of the mouse, of the focus, of the cursor: nothing that we asked for.
    Nothing,
}

impl Repair {
    pub fn new(now: Instant) -> Self {
        Self { state: State::Ground, since: now }
    }

    /// When [`expire`](Self::expire) must be called if nothing arrives before.
    pub fn deadline(&self) -> Option<Instant> {
        let patience = match self.state {
            State::Ground => return None,
            State::Escape => ESCAPE,
            State::Sequence(_) | State::Mouse(_) => SEQUENCE,
            // Nothing else begins so: a slow answer is waited for.
            State::Command(_) => PASTE,
            State::Paste(_) => PASTE,
        };
        Some(self.since + patience)
    }

    /// Takes one input and gives what is certain now.
    pub fn feed(&mut self, input: Input, now: Instant, out: &mut impl Extend<Input>) {
        self.expire(now, out);
        match input {
            // A resize comes from a signal and not through the terminal's bytes: it cuts nothing.
            Input::Resize(..) | Input::Ground(_) | Input::Mouse(..) => out.extend([input]),
            Input::Paste(text) => {
                if let State::Paste(collected) = &mut self.state {
                    collected.push_str(&text);
                    self.since = now;
                } else {
                    self.give_up(out);
                    out.extend([Input::Paste(text)]);
                }
            }
            Input::Key(key) => {
                self.key(key, out);
                self.since = now;
            }
        }
    }

    /// Gives what was held back for too long.
    pub fn expire(&mut self, now: Instant, out: &mut impl Extend<Input>) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.give_up(out);
        }
    }

    fn key(&mut self, key: Key, out: &mut impl Extend<Input>) {
        let next = match (&mut self.state, key.text()) {
            (State::Ground, _) if key == Key::plain(Code::Esc) => State::Escape,
            // What the parser makes of `ESC ]`.
            (State::Ground, _) if key == Key::alt(']') => State::Command(String::new()),
            (State::Escape, Some(']')) => State::Command(String::new()),
            // It ends with `ESC \\`, or with a bell.
            (State::Command(command), text)
                if key == Key::alt('\\')
                    || key == Key::ctrl('g')
                    || (text == Some('\\') && command.ends_with('\x1b')) =>
            {
                out.extend(from_command(command.trim_end_matches('\x1b')));
                State::Ground
            }
            (State::Command(command), text)
                if command.len() < LONGEST_COMMAND && (text.is_some() || key.code() == Code::Esc) =>
            {
                command.push(text.unwrap_or('\x1b'));
                return;
            }
            (State::Escape, Some(c @ ('[' | 'O'))) => State::Sequence(c.to_string()),
            (State::Sequence(begun), Some('M')) if begun == "[" => State::Mouse(3),
            (State::Sequence(begun), Some(c @ (' '..='?' | '['))) if goes_on(begun, c) => {
                begun.push(c);
                return;
            }
            (State::Sequence(begun), Some(end @ '@'..='~')) => match meaning(begun, end) {
                Some(Meaning::PasteBegins) => State::Paste(String::new()),
                Some(Meaning::Key(key)) => {
                    out.extend([Input::Key(key)]);
                    State::Ground
                }
                Some(Meaning::Nothing) => State::Ground,
                None => return self.start_over(key, out),
            },
            (State::Mouse(1), _) => State::Ground,
            (State::Mouse(left), _) => State::Mouse(*left - 1),
            (State::Paste(text), _) => {
                text.extend(pasted(key));
                let Some(whole) = text.strip_suffix(PASTE_END) else {
                    return;
                };
                out.extend([Input::paste(whole)]);
                State::Ground
            }
            (State::Ground, _) => {
                out.extend([Input::Key(key)]);
                State::Ground
            }
            (State::Escape | State::Sequence(_) | State::Command(_), _) => return self.start_over(key, out),
        };
        self.state = next;
    }

    /// `key` does not belong to what is held back.
    fn start_over(&mut self, key: Key, out: &mut impl Extend<Input>) {
        self.give_up(out);
        self.key(key, out);
    }

    /// Nothing more belongs to what is held back. An escape key and one character behind it may have been typed; a longer
    /// piece of a sequence was not, and its characters must not become commands.
    fn give_up(&mut self, out: &mut impl Extend<Input>) {
        let escape = Input::Key(Key::plain(Code::Esc));
        match std::mem::take(&mut self.state) {
            State::Ground | State::Mouse(_) => {}
            State::Escape => out.extend([escape]),
            State::Command(piece) if piece.is_empty() => out.extend([Input::Key(Key::alt(']'))]),
            State::Command(_) => {}
            State::Sequence(piece) => {
                let mut characters = piece.chars();
                if let (Some(c), None) = (characters.next(), characters.next()) {
                    out.extend([escape, Input::Key(Key::char(c))]);
                }
            }
            State::Paste(text) => out.extend([Input::paste(text.strip_suffix(PASTE_END).unwrap_or(&text))]),
        }
    }
}

/// The character that a key stands for inside a paste.
fn pasted(key: Key) -> Option<char> {
    match key.code() {
        Code::Enter => Some('\n'),
        Code::Tab => Some('\t'),
        Code::Esc => Some('\x1b'),
        _ if key == Key::ctrl('j') => Some('\n'),
        _ => key.text(),
    }
}

/// Whether `c` is a parameter of the sequence. `[[` begins the function keys of the Linux console.
fn goes_on(begun: &str, c: char) -> bool {
    begun.starts_with('[') && begun.len() < LONGEST && (c != '[' || begun == "[")
}

/// What the sequence `begun` with its last character `end` means; `None` if it is none.
fn meaning(begun: &str, end: char) -> Option<Meaning> {
    if begun == "O" {
        return application_key(end).map(|code| Meaning::Key(Key::plain(code)));
    }
    if begun == "[[" {
        return ('A'..='E').contains(&end).then(|| Meaning::Key(Key::plain(Code::F(end as u8 - b'A' + 1))));
    }
    let mut numbers = begun.strip_prefix('[')?.split(';').map(|number| number.parse::<u8>().ok());
    let (first, held) = (numbers.next().flatten(), held(numbers.next().flatten()));
    if end == '~' && first == Some(200) {
        return Some(Meaning::PasteBegins);
    }
    let code = match end {
        'Z' => return Some(Meaning::Key(Key::new(Code::Tab, Held { shift: true, ..held }))),
        '~' => first.and_then(numbered_key),
        // `R` reports where the cursor is, more often than it is F3.
        'R' => None,
        _ => application_key(end),
    };
    Some(code.map_or(Meaning::Nothing, |code| Meaning::Key(Key::new(code, held))))
}

/// The modifiers as terminals count them: one more than their bits.
fn held(number: Option<u8>) -> Held {
    let bits = number.map_or(0, |n| n.saturating_sub(1));
    Held { shift: bits & 1 != 0, alt: bits & 2 != 0, ctrl: bits & 4 != 0 }
}

fn application_key(end: char) -> Option<Code> {
    Some(match end {
        'A' => Code::Up,
        'B' => Code::Down,
        'C' => Code::Right,
        'D' => Code::Left,
        'H' => Code::Home,
        'F' => Code::End,
        'P'..='S' => Code::F(end as u8 - b'P' + 1),
        _ => return None,
    })
}

fn numbered_key(number: u8) -> Option<Code> {
    Some(match number {
        1 | 7 => Code::Home,
        2 => Code::Insert,
        3 => Code::Delete,
        4 | 8 => Code::End,
        5 => Code::PageUp,
        6 => Code::PageDown,
        11..=15 => Code::F(number - 10),
        17..=21 => Code::F(number - 11),
        23 | 24 => Code::F(number - 12),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
