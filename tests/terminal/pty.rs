//! A program in a pseudo-terminal, with a terminal emulator that remembers what it shows.
//!
//! Nothing here sleeps: whoever waits is woken by the next byte, and gives up at a deadline with a picture of the screen.

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running program and its terminal.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    /// Open, so that the terminal can be looked at after the program has ended.
    _slave: Box<dyn SlavePty + Send>,
    keyboard: Arc<Mutex<Box<dyn Write + Send>>>,
    seen: Arc<Seen>,
    ended: mpsc::Receiver<ExitStatus>,
    pid: Pid,
    modes: String,
    /// The program's home, removed when this is dropped.
    _home: TempDir,
}

#[derive(Default)]
struct Seen {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    terminal: vt100::Parser,
    bytes: Vec<u8>,
}

impl Seen {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The built program.
pub fn tenantry(arguments: &[&str]) -> CommandBuilder {
    command(env!("CARGO_BIN_EXE_tenantry"), arguments)
}

/// A program with nothing in its environment but what `Pty` adds.
pub fn command(program: &str, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.env_clear();
    command
}

impl Pty {
    /// Runs `command` in a terminal of `rows` and `columns`, with an empty home.
    pub fn run(mut command: CommandBuilder, (rows, columns): (u16, u16)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        for (name, value) in [("HOME", home.path().as_os_str()), ("PATH", &path), ("TERM", "xterm-256color".as_ref())] {
            command.env(name, value);
        }
        command.cwd(home.path());
        let pair = native_pty_system().openpty(size(rows, columns)).unwrap();
        let seen = Arc::new(Seen::default());
        seen.state().terminal.set_size(number(rows), number(columns));
        let modes = modes(&*pair.master);
        let mut child = pair.slave.spawn_command(command).unwrap();
        let pid = Pid::from_raw(child.process_id().unwrap().cast_signed()).unwrap();
        let (end, ended) = mpsc::channel();
        thread::spawn(move || end.send(child.wait().unwrap()));
        let keyboard = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let (output, answers, watched) = (pair.master.try_clone_reader().unwrap(), keyboard.clone(), seen.clone());
        thread::spawn(move || watch(output, &answers, &watched));
        Self { master: pair.master, _slave: pair.slave, keyboard, seen, ended, pid, modes, _home: home }
    }

    /// Types, or whatever else comes out of a keyboard.
    pub fn send(&self, bytes: &str) {
        let mut keyboard = self.keyboard.lock().unwrap_or_else(PoisonError::into_inner);
        keyboard.write_all(bytes.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// The program's process.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Gives the terminal another size.
    pub fn resize(&self, rows: u16, columns: u16) {
        self.seen.state().terminal.set_size(number(rows), number(columns));
        self.master.resize(size(rows, columns)).unwrap();
    }

    /// Waits until the screen is as `holds` says.
    pub fn wait(&self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        self.wait_state(what, |state| holds(state.terminal.screen()));
    }

    fn wait_state(&self, what: &str, holds: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.seen.state();
        while !holds(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain until {what}\n{}", picture(state.terminal.screen()));
            state = self.seen.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until `text` is on the screen.
    pub fn wait_for(&self, text: &str) {
        self.wait(&format!("the screen shows {text:?}"), |screen| screen.contents().contains(text));
    }

    /// Waits until `text` has been written since there were `from` bytes.
    pub fn wait_written(&self, from: usize, text: &str) {
        let seen = |state: &State| state.bytes[from..].windows(text.len()).any(|part| part == text.as_bytes());
        self.wait_state(&format!("{text:?} is written"), seen);
    }

    /// Waits until the program has given the screen back, and its cursor.
    pub fn wait_until_given_back(&self) {
        self.wait("the screen is given back", |screen| {
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
        });
    }

    /// Waits until the program has stopped, as by ctrl-z in a shell.
    pub fn wait_until_stopped(&self) {
        let (stop, stopped) = mpsc::channel();
        let pid = self.pid;
        thread::spawn(move || {
            let status = waitid(WaitId::Pid(pid), WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT);
            // Nobody listens any more if it took too long.
            let _ = stop.send(status.is_ok());
        });
        assert_eq!(stopped.recv_timeout(PATIENCE), Ok(true), "it does not stop\n{}", self.picture());
    }

    /// Waits for the program's end and returns its exit code. It must leave the terminal as it was.
    pub fn wait_for_end(&self) -> u32 {
        let ended = self.ended.recv_timeout(PATIENCE);
        let code = ended.unwrap_or_else(|_| panic!("it does not end\n{}", self.picture())).exit_code();
        self.wait_until_given_back();
        self.assert_modes_of_before();
        code
    }

    /// Waits until the program was ended by a signal that let it tidy up nothing; whether it did.
    pub fn wait_for_death(&self) -> bool {
        self.ended.recv_timeout(PATIENCE).is_ok_and(|status| !status.success())
    }

    /// Echo, line by line, signals from keys: all is as it was before the program.
    pub fn assert_modes_of_before(&self) {
        assert_eq!(modes(&*self.master), self.modes, "the modes of the terminal have changed");
    }

    /// Whether the program still runs.
    pub fn runs(&self) -> bool {
        matches!(self.ended.try_recv(), Err(mpsc::TryRecvError::Empty))
    }

    /// All bytes that were written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen.state().bytes.clone()
    }

    /// Looks at the screen.
    pub fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.seen.state().terminal.screen())
    }

    /// Whether nothing is written for this long.
    pub fn is_silent_for(&self, time: Duration) -> bool {
        let state = self.seen.state();
        let before = state.bytes.len();
        let (state, _) = self
            .seen
            .changed
            .wait_timeout_while(state, time, |state| state.bytes.len() == before)
            .unwrap_or_else(PoisonError::into_inner);
        state.bytes.len() == before
    }

    fn picture(&self) -> String {
        self.look(picture)
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // It may have ended long ago.
        if self.runs() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

/// Runs a program until a text is on its screen, closes the terminal, and returns the program's exit code.
pub fn end_of_closed(program: CommandBuilder, text: &str) -> u32 {
    let pair = native_pty_system().openpty(size(40, 120)).unwrap();
    let mut child = pair.slave.spawn_command(program).unwrap();
    drop(pair.slave);
    let mut output = pair.master.try_clone_reader().unwrap();
    let mut terminal = vt100::Parser::new(number(40), number(120), 0);
    let mut buffer = [0; 4096];
    while !terminal.screen().contents().contains(text) {
        let count = output.read(&mut buffer).unwrap();
        terminal.process(&buffer[..count]);
    }
    drop((output, pair.master));
    let (mut killer, (end, ended)) = (child.clone_killer(), mpsc::channel());
    thread::spawn(move || end.send(child.wait().unwrap()));
    let status = ended.recv_timeout(PATIENCE);
    if status.is_err() {
        killer.kill().unwrap();
    }
    status.unwrap().exit_code()
}

/// Feeds the emulator, and answers what a terminal would answer.
fn watch(mut output: Box<dyn Read + Send>, keyboard: &Mutex<Box<dyn Write + Send>>, seen: &Seen) {
    const WHERE_IS_THE_CURSOR: &[u8] = b"\x1b[6n";
    let mut buffer = [0; 4096];
    while let Ok(count) = output.read(&mut buffer)
        && count > 0
    {
        let mut state = seen.state();
        state.terminal.process(&buffer[..count]);
        // A question may come in two reads.
        let from = state.bytes.len().saturating_sub(WHERE_IS_THE_CURSOR.len() - 1);
        state.bytes.extend(&buffer[..count]);
        let asked = state.bytes[from..].windows(WHERE_IS_THE_CURSOR.len()).any(|bytes| bytes == WHERE_IS_THE_CURSOR);
        let (row, column) = state.terminal.screen().cursor_position();
        drop(state);
        if asked {
            let answer = format!("\x1b[{};{}R", row + 1, column + 1);
            let _ = keyboard.lock().unwrap_or_else(PoisonError::into_inner).write_all(answer.as_bytes());
        }
        seen.changed.notify_all();
    }
}

fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, ..PtySize::default() }
}

fn number(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}

fn picture(screen: &vt100::Screen) -> String {
    let place = if screen.alternate_screen() { "alternate" } else { "main" };
    let frame = "─".repeat(usize::from(screen.size().1.get()));
    format!("{place} screen:\n{frame}\n{}\n{frame}", screen.contents())
}
