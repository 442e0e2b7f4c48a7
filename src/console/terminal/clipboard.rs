//! The clipboard: through the terminal, which works from afar, and through a program of this machine where there is one.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Asks the terminal to copy (xterm's OSC 52), and a program of this machine too: not every terminal does it, and none tells.
pub(super) fn copy(text: &str) -> io::Result<()> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let mut out = io::stdout();
    out.write_all(sequence(text, set("TMUX")).as_bytes())?;
    out.flush()?;
    if let Some((program, arguments)) = program(&set) {
        let text = text.to_owned();
        // Some of these stay until another copies: nobody waits for them.
        std::thread::spawn(move || hand_to(program, arguments, &text));
    }
    Ok(())
}

/// What is in the clipboard, as a program of this machine says; nothing where none has it. Terminals are not asked: hardly one
/// answers, and what else is typed meanwhile would mix with the answer.
pub fn read() -> io::Result<Option<String>> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let (program, arguments): (&str, &[&str]) = match program(&set).map(|(name, _)| name) {
        Some("tmux") => ("tmux", &["save-buffer", "-"]),
        Some("pbcopy") => ("pbpaste", &[]),
        Some("wl-copy") => ("wl-paste", &["--no-newline"]),
        Some("xclip") => ("xclip", &["-selection", "clipboard", "-o"]),
        _ => return Ok(None),
    };
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// The bytes that ask for it. tmux hands on what is wrapped, if it is allowed to.
fn sequence(text: &str, tmux: bool) -> String {
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    if tmux { format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")) } else { plain }
}

/// The program that has the clipboard here, as the environment tells.
fn program(set: &impl Fn(&str) -> bool) -> Option<(&'static str, &'static [&'static str])> {
    if set("TMUX") {
        return Some(("tmux", &["load-buffer", "-w", "-"]));
    }
    // A window system that is seen from afar is not the one in front of the person.
    if set("SSH_CONNECTION") {
        return None;
    }
    if cfg!(target_os = "macos") {
        return Some(("pbcopy", &[]));
    }
    if set("WAYLAND_DISPLAY") {
        return Some(("wl-copy", &[]));
    }
    set("DISPLAY").then_some(("xclip", &["-selection", "clipboard"]))
}

fn hand_to(program: &str, arguments: &[&str], text: &str) {
    let quiet =
        Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match quiet {
        Ok(mut child) => {
            if let Some(mut input) = child.stdin.take() {
                // A program that does not listen has its own reasons.
                let _ = input.write_all(text.as_bytes());
            }
            let _ = child.wait();
        }
        Err(error) => tracing::info!(program, %error, "the clipboard of this machine was not asked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_is_asked_in_its_own_words() {
        assert_eq!(sequence("a b", false), "\x1b]52;c;YSBi\x07");
        assert_eq!(sequence("a b", true), "\x1bPtmux;\x1b\x1b]52;c;YSBi\x07\x1b\\");
    }

    #[test]
    fn the_program_is_that_of_the_screen_one_looks_at() {
        let of = |names: &'static [&'static str]| program(&move |name: &str| names.contains(&name));
        assert_eq!(of(&["TMUX", "DISPLAY"]).map(|(name, _)| name), Some("tmux"));
        assert_eq!(of(&["SSH_CONNECTION", "DISPLAY"]), None);
        if !cfg!(target_os = "macos") {
            assert_eq!(of(&["DISPLAY", "WAYLAND_DISPLAY"]).map(|(name, _)| name), Some("wl-copy"));
            assert_eq!(of(&["DISPLAY"]).map(|(name, _)| name), Some("xclip"));
            assert_eq!(of(&[]), None);
        }
    }
}
