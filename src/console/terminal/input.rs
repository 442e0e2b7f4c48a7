//! What a person puts in, in our own words.

use crate::console::keymap::{Code, Held, Key, Mouse};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};

/// What a person puts in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed, or is held and repeats.
    Key(Key),
    /// Text was pasted. It is text wherever text is typed, and nothing elsewhere: pasted text is never a command.
    Paste(String),
    /// The terminal has another size, in columns and rows.
    Resize(u16, u16),
    /// The mouse was used at this column and row.
    Mouse(Mouse, u16, u16),
    /// The terminal's ground has this colour: red, green, blue. The answer to a question of ours.
    Ground((u8, u8, u8)),
}

/// Asks the terminal for the colour of its ground (xterm's OSC 11). Terminals that do not know the question say nothing.
pub(super) const ASK_GROUND: &str = "\x1b]11;?\x1b\\";

/// What an operating system command of the terminal means to us: `11;rgb:1c1c/1c1c/1c1c` is its ground.
pub(super) fn from_command(command: &str) -> Option<Input> {
    let mut parts = command.strip_prefix("11;rgb:")?.split('/').map(|part| {
        // One to four hexadecimal digits, of which the first tell most.
        let number = u32::from_str_radix(part, 16).ok().filter(|_| part.len() <= 4)?;
        Some((number * 255 / ((1 << (4 * part.len())) - 1)) as u8)
    });
    let colour = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(Input::Ground(colour))
}

impl Input {
    /// A paste, with its lines ended by `\n` and without what no text holds: the terminal hands on control characters from
    /// a clipboard that anybody may have filled.
    pub(super) fn paste(text: &str) -> Self {
        let lines = text.replace("\r\n", "\n").replace('\r', "\n");
        Self::Paste(lines.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect())
    }

    /// What an event of the terminal means to us. The release of a key means nothing.
    pub(super) fn from_event(event: Event) -> Option<Self> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => key_of(key).map(Self::Key),
            Event::Paste(text) => Some(Self::paste(&text)),
            Event::Resize(columns, rows) => Some(Self::Resize(columns, rows)),
            Event::Mouse(mouse) => {
                let what = match mouse.kind {
                    MouseEventKind::Down(MouseButton::Left) => Mouse::Click,
                    MouseEventKind::ScrollUp => Mouse::WheelUp,
                    MouseEventKind::ScrollDown => Mouse::WheelDown,
                    _ => return None,
                };
                Some(Self::Mouse(what, mouse.column, mouse.row))
            }
            Event::Key(_) | Event::FocusGained | Event::FocusLost => None,
        }
    }
}

/// The key press, unless it is one that no keymap can name.
fn key_of(event: KeyEvent) -> Option<Key> {
    let nameless = KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META;
    if event.modifiers.intersects(nameless) {
        return None;
    }
    let mut held = Held {
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        alt: event.modifiers.contains(KeyModifiers::ALT),
        shift: event.modifiers.contains(KeyModifiers::SHIFT),
    };
    let code = match event.code {
        // The four control bytes after ctrl-[ reach us under the digits of an old keyboard.
        KeyCode::Char(digit @ '4'..='7') if held.ctrl => {
            Code::Char(['\\', ']', '^', '_'][usize::from(digit as u8 - b'4')])
        }
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => {
            held.shift = true;
            Code::Tab
        }
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(n) => Code::F(n),
        _ => return None,
    };
    Some(Key::new(code, held))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Option<String> {
        match Input::from_event(Event::Key(KeyEvent::new(code, modifiers)))? {
            Input::Key(key) => Some(key.to_string()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn key_presses_have_the_names_of_the_keymap() {
        for (code, modifiers, name) in [
            (KeyCode::Char('C'), KeyModifiers::SHIFT, "shift-c"),
            (KeyCode::Char('c'), KeyModifiers::CONTROL, "ctrl-c"),
            (KeyCode::Char('?'), KeyModifiers::SHIFT, "?"),
            (KeyCode::BackTab, KeyModifiers::SHIFT, "backtab"),
            (KeyCode::BackTab, KeyModifiers::NONE, "backtab"),
            (KeyCode::Char('4'), KeyModifiers::CONTROL, "ctrl-\\"),
            (KeyCode::Char(' '), KeyModifiers::CONTROL, "ctrl-space"),
            (KeyCode::Char('x'), KeyModifiers::ALT, "alt-x"),
        ] {
            assert_eq!(press(code, modifiers).as_deref(), Some(name));
        }
        assert_eq!(press(KeyCode::Char('q'), KeyModifiers::SUPER), None, "another program's key is not ours");
        assert_eq!(press(KeyCode::CapsLock, KeyModifiers::NONE), None);
    }

    #[test]
    fn the_terminal_tells_its_ground() {
        let ground = |command| match from_command(command) {
            Some(Input::Ground(colour)) => Some(colour),
            _ => None,
        };
        assert_eq!(ground("11;rgb:1c1c/ffff/0000"), Some((0x1c, 0xff, 0)));
        assert_eq!(ground("11;rgb:f/0/8"), Some((255, 0, 136)));
        for other in
            ["10;rgb:0/0/0", "11;rgb:0/0", "11;rgb:0/0/0/0", "11;rgb:x/0/0", "11;rgb:/0/0", "11;rgb:12345/0/0", ""]
        {
            assert_eq!(ground(other), None, "{other}");
        }
    }

    #[test]
    fn letting_go_of_a_key_is_no_input() {
        let key = |kind| Event::Key(KeyEvent::new_with_kind(KeyCode::Char('j'), KeyModifiers::NONE, kind));
        assert_eq!(Input::from_event(key(KeyEventKind::Release)), None);
        assert_eq!(Input::from_event(key(KeyEventKind::Repeat)), Some(Input::Key(Key::char('j'))));
    }

    #[test]
    fn pasted_text_holds_no_control_characters() {
        let paste = Input::from_event(Event::Paste("a\r\nb\rc\t\x1b[2Jd".to_owned()));
        assert_eq!(paste, Some(Input::Paste("a\nb\nc\t[2Jd".to_owned())));
    }
}
