//! Takes the terminal for the console and gives it back, however the console ends.

use super::input::ASK_GROUND;
use super::reader::{Inputs, Reader};
use crate::text::clean::clean;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::Print;
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use rustix::process::{Signal, getpid, getsid, kill_current_process_group, kill_process};
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Clicks and the wheel, told in decimal numbers (xterm's modes 1000 and 1006); not every movement.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// Whether the terminal is ours now. Global, as the terminal is: the panic hook must know it too.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// xterm's requests to keep the window's title, and to bring the kept one back.
const KEEP_TITLE: &str = "\x1b[22;0t";
const BRING_TITLE_BACK: &str = "\x1b[23;0t";

/// The terminal is the console's while this lives.
pub struct Guard {
    reader: Reader,
    title: String,
    /// Whether the mouse is ours: then the terminal selects no text.
    mouse: bool,
    /// We stopped ourselves and took the terminal back already, so that the SIGCONT that follows brings no news.
    stopped: bool,
}

impl Guard {
    /// Takes the terminal: raw mode, alternate screen, no cursor, pastes marked as such, a title.
    pub fn enter(title: &str, mouse: bool) -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            let kind = io::ErrorKind::Unsupported;
            return Err(io::Error::new(kind, "the console needs a terminal, and standard output is none"));
        }
        let guard = Self { reader: Reader::default(), title: clean(title).into_owned(), mouse, stopped: false };
        take(&guard.title, mouse)?;
        guard.reader.listen()?;
        // The answer comes as input, if it comes.
        execute!(io::stdout(), Print(ASK_GROUND))?;
        Ok(guard)
    }

    /// The keys, pastes and sizes from here on. One stream is enough: two would share the keys between them.
    pub fn inputs(&self) -> Inputs {
        self.reader.inputs()
    }

    /// Names the terminal's window.
    pub fn set_title(&mut self, title: &str) -> io::Result<()> {
        let title = clean(title);
        if self.title != title {
            self.title = title.into_owned();
            execute!(io::stdout(), SetTitle(&self.title))?;
        }
        Ok(())
    }

    /// Copies a text to the clipboard.
    pub fn copy(&self, text: &str) -> io::Result<()> {
        super::clipboard::copy(text)
    }

    /// Gives the terminal back for a while, for a program that asks or edits something. The keyboard is not read meanwhile.
    /// Afterwards the screen must be [cleared](ratatui::Terminal::clear) before the next frame.
    pub fn suspend(&mut self) -> io::Result<Suspended<'_>> {
        self.reader.silence();
        give_back()?;
        Ok(Suspended { guard: self, resumed: false })
    }

    /// Stops this process at the request of a SIGTSTP, and returns when it is continued.
    pub fn stop(&mut self) -> io::Result<()> {
        self.stopping(|| kill_process(getpid(), Signal::STOP))
    }

    /// Stops the whole job, as ctrl-z does elsewhere, and returns when it is continued. The whole job, since a shell looks
    /// at its first process only: had `cargo run` started us, it would wait for us, and the shell for it.
    pub fn stop_job(&mut self) -> io::Result<()> {
        if getsid(None).is_ok_and(|session| session == getpid()) {
            return Err(io::Error::other("there is no shell to return to"));
        }
        self.stopping(|| kill_current_process_group(Signal::STOP))
    }

    fn stopping(&mut self, stop: impl FnOnce() -> rustix::io::Result<()>) -> io::Result<()> {
        let suspended = self.suspend()?;
        let stopped = stop();
        suspended.resume()?;
        self.stopped = stopped.is_ok();
        Ok(stopped?)
    }

    /// To be called at a SIGCONT. Takes the terminal again if somebody else stopped us, when the shell has changed it
    /// without our knowing; true then, and the screen must be cleared before the next frame.
    pub fn continued(&mut self) -> io::Result<bool> {
        if std::mem::take(&mut self.stopped) {
            return Ok(false);
        }
        self.suspend()?.resume()?;
        Ok(true)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.reader.silence();
        // Nobody is left to tell.
        let _ = give_back();
    }
}

/// The terminal belongs to another program. Taken back when this is dropped, at the latest.
#[must_use = "the terminal is taken back when this is dropped"]
pub struct Suspended<'a> {
    guard: &'a mut Guard,
    resumed: bool,
}

impl Suspended<'_> {
    /// Takes the terminal back. What was typed meanwhile is thrown away: editors leave answers of the terminal behind, and
    /// what is typed blindly must approve nothing.
    pub fn resume(mut self) -> io::Result<()> {
        self.resumed = true;
        self.take_back()
    }

    fn take_back(&self) -> io::Result<()> {
        /// A shell that has just put us into the foreground may still be busy with the terminal.
        const TRIES: u32 = 10;
        let mut tries = 1;
        while let Err(error) = take(&self.guard.title, self.guard.mouse) {
            if tries == TRIES {
                return Err(error);
            }
            tries += 1;
            std::thread::sleep(Duration::from_millis(10));
        }
        self.guard.reader.listen()
    }
}

impl Drop for Suspended<'_> {
    fn drop(&mut self) {
        if !self.resumed {
            let _ = self.take_back();
        }
    }
}

fn take(title: &str, mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    let entered = queue!(out, Print(KEEP_TITLE), EnterAlternateScreen, EnableBracketedPaste, Hide, SetTitle(title))
        .and_then(|()| if mouse { queue!(out, Print(MOUSE_ON)) } else { Ok(()) })
        .and_then(|()| out.flush());
    if entered.is_err() {
        let _ = give_back();
    }
    entered
}

/// Gives the terminal back, if it is ours. Does all of it even if a part fails, and tells the first failure.
pub(super) fn give_back() -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let mut out = io::stdout();
    let left = queue!(
        out,
        // We may come from the middle of a frame.
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        Print(MOUSE_OFF),
        Show,
        LeaveAlternateScreen,
        Print(BRING_TITLE_BACK)
    )
    .and_then(|()| out.flush());
    disable_raw_mode()?;
    left
}

/// Whether the terminal is the console's now.
pub(super) fn taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}
