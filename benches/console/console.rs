//! The built program in a pseudo-terminal, with a clock beside it.

use std::env;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;
use vt100::Screen;

use crate::Outcome;
use crate::ground::Counts;
use crate::usage::Usage;

const ROWS: u16 = 40;
const COLUMNS: u16 = 120;
/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// Without a byte for this long, everything has been drawn.
const QUIET: Duration = Duration::from_secs(3);

/// What it shows.
#[derive(Debug, Clone, Copy)]
pub enum Platform<'a> {
    /// The cluster of a kubeconfig.
    Cluster(&'a Path),
    /// Its own.
    Demo,
}

/// When it showed what, counted from before its process was there.
#[derive(Debug, Clone, Copy)]
pub struct Milestones {
    /// Anything.
    pub byte: Duration,
    /// The panes.
    pub screen: Duration,
    /// A tenant.
    pub rows: Duration,
    /// All rows of all panes.
    pub all: Duration,
    /// Processor time that it had used by then.
    pub cpu: Duration,
}

/// What it did when there was nothing to do.
#[derive(Debug, Clone, Copy)]
pub struct Idle {
    pub time: Duration,
    pub cpu: Duration,
    /// Written to the terminal.
    pub bytes: usize,
    /// Whether the screen differs in ages and nothing else.
    pub ages_only: bool,
}

impl Idle {
    /// The share of one processor.
    pub fn share(&self) -> f64 {
        self.cpu.as_secs_f64() / self.time.as_secs_f64()
    }
}

/// How long it took to show everything that there is, from the key that asked for it.
#[derive(Debug, Clone, Copy)]
pub struct Breadth {
    pub namespaces: Duration,
    pub bindings: Duration,
}

/// A running console.
pub struct Console {
    counts: Counts,
    begun: Instant,
    child: Box<dyn Child + Send + Sync>,
    process: u32,
    keyboard: Box<dyn Write + Send>,
    seen: Arc<Seen>,
    _master: Box<dyn MasterPty + Send>,
    _home: TempDir,
}

#[derive(Default)]
struct Seen {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    terminal: vt100::Parser,
    bytes: usize,
    /// When each of [`STEPS`] was first seen.
    steps: [Option<Instant>; STEPS.len()],
    /// When something was last seen.
    last: Instant,
    ended: bool,
}

/// What comes after each other on the screen of a console that starts.
const STEPS: [fn(&Screen, &Counts) -> bool; 4] = [
    |_, _| true,
    |screen, _| title(screen, "Tenants").is_some(),
    |screen, _| title(screen, "Tenants").is_some_and(|count| count > 0),
    |screen, counts| is_live(screen) && title(screen, "Tenants") == Some(counts.tenants),
];

impl Default for State {
    fn default() -> Self {
        let sizes = NonZeroU16::new(ROWS).zip(NonZeroU16::new(COLUMNS));
        let terminal =
            sizes.map_or_else(vt100::Parser::default, |(rows, columns)| vt100::Parser::new(rows, columns, 0));
        Self { terminal, bytes: 0, steps: [None; STEPS.len()], last: Instant::now(), ended: false }
    }
}

impl State {
    fn screen(&self) -> &Screen {
        self.terminal.screen()
    }

    /// Takes in what came at `now`, and looks which steps it completes.
    fn take(&mut self, bytes: &[u8], now: Instant, counts: &Counts) {
        self.terminal.process(bytes);
        self.bytes += bytes.len();
        self.last = now;
        for (step, holds) in self.steps.iter_mut().zip(STEPS) {
            if step.is_some() {
                continue;
            }
            if !holds(self.terminal.screen(), counts) {
                return;
            }
            *step = Some(now);
        }
    }
}

/// The last number of the title of the pane whose title begins with `name`.
fn title(screen: &Screen, name: &str) -> Option<usize> {
    let line = screen.contents().lines().find(|line| line.contains(&format!(" {name}")))?.to_owned();
    let title =
        line.split(['┌', '┏', '┓', '┐', '━', '─']).map(str::trim).find(|part| part.starts_with(name))?.to_owned();
    // Remarks come after another dot: `Tenants 12 · loading`.
    title.split_whitespace().filter_map(|word| word.parse().ok()).next_back()
}

/// Whether the strip says that all rows are there and followed.
fn is_live(screen: &Screen) -> bool {
    screen.contents().lines().next().is_some_and(|strip| strip.trim_end().ends_with("live"))
}

impl Seen {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `holds` finds what it looks for.
    fn wait<T>(&self, what: &str, holds: impl Fn(&State) -> Option<T>) -> Outcome<T> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.state();
        loop {
            if let Some(found) = holds(&state) {
                return Ok(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || state.ended {
                return Err(format!("waited in vain until {what}\n{}", state.screen().contents()).into());
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until nothing has been written for `time`.
    fn wait_until_quiet(&self, time: Duration) -> Outcome<()> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.state();
        while state.last.elapsed() < time {
            if Instant::now() > deadline {
                return Err("it never stops drawing".into());
            }
            let left = time.saturating_sub(state.last.elapsed());
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }
}

impl Console {
    /// Starts it, as a person would type its name in a terminal, with an empty home.
    pub fn start(on: Platform<'_>, counts: Counts) -> Outcome<Self> {
        let home = tempfile::tempdir()?;
        let size = PtySize { rows: ROWS, cols: COLUMNS, ..PtySize::default() };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_tenantry"));
        command.env_clear();
        command.env("HOME", home.path());
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        match on {
            Platform::Cluster(kubeconfig) => command.env("KUBECONFIG", kubeconfig),
            Platform::Demo => command.arg("--demo"),
        }
        command.cwd(home.path());
        let keyboard = pair.master.take_writer()?;
        let output = pair.master.try_clone_reader()?;
        let seen = Arc::new(Seen::default());
        let watched = Arc::clone(&seen);
        thread::spawn(move || watch(output, &watched, &counts));
        let begun = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        // With the slave closed here, the end of the program is the end of its output.
        drop(pair.slave);
        let process = child.process_id().ok_or("the console ended at once")?;
        Ok(Self { counts, begun, child, process, keyboard, seen, _master: pair.master, _home: home })
    }

    /// Waits until everything is there.
    pub fn milestones(&self) -> Outcome<Milestones> {
        let steps = self.seen.wait("all rows are there", |state| {
            let [byte, screen, rows, all] = state.steps;
            Some([byte?, screen?, rows?, all?])
        })?;
        let cpu = Usage::of(self.process)?.cpu;
        let [byte, screen, rows, all] = steps.map(|step| step.saturating_duration_since(self.begun));
        Ok(Milestones { byte, screen, rows, all, cpu })
    }

    /// Waits until it rests, and says what it uses then.
    pub fn memory_at_rest(&self) -> Outcome<Usage> {
        self.seen.wait_until_quiet(QUIET)?;
        Usage::of(self.process)
    }

    /// Leaves it alone.
    pub fn idle(&self, time: Duration) -> Outcome<Idle> {
        let (bytes, before) = {
            let state = self.seen.state();
            (state.bytes, state.screen().contents())
        };
        let cpu = Usage::of(self.process)?.cpu;
        let begun = Instant::now();
        thread::sleep(time);
        let time = begun.elapsed();
        let cpu = Usage::of(self.process)?.cpu.saturating_sub(cpu);
        let state = self.seen.state();
        let ages_only = same_but_for_ages(&before, &state.screen().contents());
        Ok(Idle { time, cpu, bytes: state.bytes - bytes, ages_only })
    }

    /// Asks for all namespaces and all bindings, which must be there.
    pub fn breadth(&mut self) -> Outcome<Breadth> {
        let Counts { namespaces, role_bindings, cluster_role_bindings, .. } = self.counts;
        Ok(Breadth {
            namespaces: self.press("0", "Namespaces", namespaces)?,
            bindings: self.press("b", "Bindings", role_bindings + cluster_role_bindings)?,
        })
    }

    /// Presses a key and waits until the pane of this name counts so many rows.
    fn press(&mut self, key: &str, pane: &str, count: usize) -> Outcome<Duration> {
        let begun = Instant::now();
        self.keyboard.write_all(key.as_bytes())?;
        self.keyboard.flush()?;
        let what = format!("{pane} counts {count}");
        let at = self.seen.wait(&what, |state| (title(state.screen(), pane) == Some(count)).then_some(state.last))?;
        Ok(at.saturating_duration_since(begun))
    }

    /// Ends it with a key, as a person does.
    pub fn quit(mut self) -> Outcome<()> {
        self.keyboard.write_all(b"q")?;
        self.keyboard.flush()?;
        self.seen.wait("it ends", |state| state.ended.then_some(()))?;
        let ended = self.child.wait()?;
        if ended.success() { Ok(()) } else { Err(format!("the console failed: {ended:?}").into()) }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            // A console that could not be measured is of no more use.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Reads what is drawn until the program has ended.
fn watch(mut output: Box<dyn Read + Send>, seen: &Seen, counts: &Counts) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count) = output.read(&mut buffer)
        && count > 0
    {
        let now = Instant::now();
        seen.state().take(&buffer[..count], now, counts);
        seen.changed.notify_all();
    }
    seen.state().ended = true;
    seen.changed.notify_all();
}

/// Whether two screens differ in words that tell an age, and in no other.
fn same_but_for_ages(before: &str, after: &str) -> bool {
    let (before, after): (Vec<&str>, Vec<&str>) = (words(before).collect(), words(after).collect());
    before.len() == after.len() && before.iter().zip(&after).all(|(a, b)| a == b || (is_age(a) && is_age(b)))
}

fn words(screen: &str) -> impl Iterator<Item = &str> {
    screen.split(|c: char| c.is_whitespace() || ('\u{2500}'..='\u{257f}').contains(&c)).filter(|word| !word.is_empty())
}

/// `<1m`, `42m`, `3h12m`, `2d4h`, `97d`, `3y40d`.
fn is_age(word: &str) -> bool {
    word == "<1m"
        || word.starts_with(|c: char| c.is_ascii_digit())
            && word.ends_with(['m', 'h', 'd', 'y'])
            && word.chars().all(|c| c.is_ascii_digit() || matches!(c, 'm' | 'h' | 'd' | 'y'))
}
