//! The loop: one thing at a time out of input, results, news and the clock; drawn only when something changed.
//!
//! A key and a result draw at once; news from the cluster at most every 17 ms: 60 frames a second at most. A frame equal to the one before sends no byte
//! at all, so an idle screen is silent. Generic over the backend, so that tests and `snapshot` run the same loop.

use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::effect::visit::Visit;
use super::effect::{Effect, News, Runner, Settings, Wanted};
use super::keymap::Keymap;
use super::model::Model;
use super::msg::Msg;
use super::terminal::{Guard, Input, Signal, Signals};
use super::update::update;
use super::view::theme::{Looks, Theme};
use super::view::{self, Shown};
use crate::text::clock::Clock;
use crate::world::trouble::{Trouble, TroubleKind};

/// Between two frames of news.
const FRAME: Duration = Duration::from_millis(17);
/// How much news is taken in before a frame, so that a flood cannot keep keys waiting.
const DRAIN: usize = 64;

/// The wall's clock.
pub fn wall_clock() -> Clock {
    Clock::new(|| jiff::Timestamp::now().as_millisecond())
}

/// The console on some backend.
pub struct Console<B: Backend> {
    /// What the screen knows.
    pub model: Model,
    looks: Looks,
    theme: Theme,
    runner: Runner,
    terminal: Terminal<B>,
    jobs: mpsc::UnboundedReceiver<Msg>,
    jobs_sender: mpsc::UnboundedSender<Msg>,
    news: News,
    clock: Clock,
    frame: Buffer,
    shown: Option<Shown>,
    drawn_at: Instant,
    dirty: bool,
    /// Effects that need the terminal itself.
    aside: Vec<Effect>,
}

/// What a turn of the loop took in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Something happened; the screen may have changed.
    Went,
    /// The console is to end.
    Over,
}

impl<B: Backend> Console<B> {
    /// A console that has not drawn or asked anything yet.
    pub fn new(
        terminal: Terminal<B>,
        keymap: Keymap,
        looks: Looks,
        settings: Settings,
        clock: Clock,
    ) -> Result<Self, B::Error> {
        let size = terminal.size()?;
        let (jobs_sender, jobs) = mpsc::unbounded_channel();
        let mut model = Model::new(keymap, settings.read_only, (size.width, size.height), clock.milliseconds());
        model.here.asked_context.clone_from(&settings.context);
        model.here.named.extend(settings.namespace.iter().map(|name| name.as_str().into()));
        settings.kept.clone().restore(&mut model);
        let (runner, news) = Runner::new(settings, jobs_sender.clone(), clock.clone());
        Ok(Self {
            model,
            theme: looks.theme(),
            looks,
            runner,
            terminal,
            jobs,
            jobs_sender,
            news,
            clock,
            frame: Buffer::empty(Rect::ZERO),
            shown: None,
            drawn_at: Instant::now(),
            dirty: true,
            aside: Vec::new(),
        })
    }

    /// Where messages can be sent from outside: notices of panics, for example.
    pub fn sender(&self) -> mpsc::UnboundedSender<Msg> {
        self.jobs_sender.clone()
    }

    /// Draws the first frame, then opens the context asked for.
    pub fn start(&mut self) -> Result<(), B::Error> {
        self.draw()?;
        self.model.here.generation = 1;
        let context = self.model.here.asked_context.clone();
        let wanted = Wanted { generation: 1, context, acting_as: None };
        self.run_effect(Effect::Open { wanted, terminal: false });
        self.run_effect(Effect::FollowFiles);
        Ok(())
    }

    /// Takes in one message, and does what follows from it.
    pub fn take(&mut self, msg: Msg) {
        self.model.now = self.clock.milliseconds();
        // What is told of a cluster that is only at hand is on no screen.
        let is_seen = !matches!(&msg, Msg::Cluster(generation, _) if *generation != self.model.here.generation);
        let wish = if let Msg::Configured(configured) = &msg { Some(configured.wish.clone()) } else { None };
        for effect in update(&mut self.model, msg) {
            self.run_effect(effect);
        }
        // Each context can have a theme of its own.
        if wish.is_some() || self.looks.context != self.model.here.theme {
            self.looks.wish = wish.unwrap_or_else(|| self.looks.wish.clone());
            self.looks.context.clone_from(&self.model.here.theme);
            self.theme = self.looks.theme();
        }
        self.dirty |= is_seen;
    }

    fn run_effect(&mut self, effect: Effect) {
        match effect {
            Effect::Suspend
            | Effect::Shell { .. }
            | Effect::Copy(_)
            | Effect::Visit { .. }
            | Effect::Edit { .. }
            | Effect::Open { terminal: true, .. } => {
                self.aside.push(effect);
            }
            effect => self.runner.run(effect),
        }
    }

    /// Takes in the next thing that happens: `input` or anything else; draws when it is time.
    pub async fn turn(&mut self, input: impl Future<Output = Option<Input>>) -> Result<Turn, B::Error> {
        let now = self.clock.milliseconds();
        let deadline = self.model.next_deadline().map(|at| Duration::from_millis((at - now).max(1) as u64));
        let frame_at = self.drawn_at + FRAME;
        tokio::select! {
            biased;
            input = input => {
                match input {
                    None => return Ok(Turn::Over),
                    Some(Input::Key(key)) => self.take(Msg::Key(key)),
                    Some(Input::Paste(text)) => self.take(Msg::Paste(text)),
                    Some(Input::Mouse(what, x, y)) => self.take(Msg::Mouse(what, x, y)),
                    Some(Input::Resize(columns, rows)) => self.take(Msg::Resize(columns, rows)),
                    Some(Input::Ground(colour)) => {
                        self.looks.set_ground(colour);
                        self.theme = self.looks.theme();
                    }
                }
                self.draw()?;
            }
            Some(msg) = self.jobs.recv() => {
                self.take(msg);
                while let Ok(msg) = self.jobs.try_recv() {
                    self.take(msg);
                }
                self.draw()?;
            }
            // Once a frame is due it goes before more news: a flood must not keep the screen waiting.
            () = sleep_until(frame_at), if self.dirty => self.draw()?,
            Some(msg) = self.news.next() => {
                self.take(msg);
                for _ in 0..DRAIN {
                    let Some(msg) = self.news.ready() else { break };
                    self.take(msg);
                }
            }
            () = sleep(deadline.unwrap_or(Duration::MAX)), if deadline.is_some() => {
                self.take(Msg::Clock(self.clock.milliseconds()));
            }
        }
        Ok(if self.model.quit { Turn::Over } else { Turn::Went })
    }

    /// Whether something has happened that is to be drawn, and the last frame is old enough.
    pub fn frame_is_due(&self) -> bool {
        self.dirty && self.drawn_at.elapsed() >= FRAME
    }

    /// Draws the screen if anything happened since it was drawn last.
    pub fn draw_if_dirty(&mut self) -> Result<(), B::Error> {
        if self.dirty { self.draw() } else { Ok(()) }
    }

    /// Draws the screen, unless it would look the same as it does.
    pub fn draw(&mut self) -> Result<(), B::Error> {
        self.dirty = false;
        self.drawn_at = Instant::now();
        let (columns, rows) = self.model.size;
        let mut frame = Buffer::empty(Rect::new(0, 0, columns, rows));
        let shown = view::draw(&self.model, &self.theme, &mut frame);
        if frame != self.frame || self.shown.map(|shown| shown.cursor) != Some(shown.cursor) {
            let area = frame.area;
            let mut fits = false;
            self.terminal.draw(|drawing| {
                // The terminal may have been resized since; the message about that is under way.
                fits = drawing.area() == area;
                if fits {
                    drawing.buffer_mut().content.clone_from(&frame.content);
                }
                if let Some((x, y)) = shown.cursor {
                    drawing.set_cursor_position((x, y));
                }
            })?;
            self.frame = if fits { frame } else { Buffer::empty(Rect::ZERO) };
        }
        self.shown = Some(shown);
        for effect in update(&mut self.model, Msg::Drawn(shown.plan)) {
            self.run_effect(effect);
        }
        Ok(())
    }

    /// Takes in that time has passed.
    pub fn tick(&mut self) {
        let now = self.clock.milliseconds();
        self.take(Msg::Clock(now));
    }

    /// Draws everything anew, whatever the terminal shows now.
    fn redraw(&mut self) -> Result<(), B::Error> {
        self.terminal.clear()?;
        self.frame = Buffer::empty(Rect::ZERO);
        let size = self.terminal.size()?;
        self.model.size = (size.width, size.height);
        self.model.refresh_rows();
        self.draw()
    }

    /// Whether all that was asked once is answered, and the answers are taken in.
    pub fn has_answered(&self) -> bool {
        self.runner.has_answered() && self.jobs.is_empty()
    }

    /// Takes in the next thing that happens but for input; or hears that all that was asked is answered now.
    pub async fn listen(&mut self) -> Result<Turn, B::Error> {
        let (owed, answered) = (!self.runner.has_answered(), self.runner.answered());
        tokio::select! {
            biased;
            turn = self.turn(std::future::pending()) => turn,
            () = answered, if owed => Ok(Turn::Went),
        }
    }

    /// The frame on the screen.
    pub const fn frame(&self) -> &Buffer {
        &self.frame
    }
}

impl<B: Backend> Console<B>
where
    color_eyre::Report: From<B::Error>,
{
    /// Runs until the end on a real terminal. Returns the process's exit code.
    pub async fn run(&mut self, guard: &mut Guard, mut signals: Signals) -> color_eyre::Result<u8> {
        let mut inputs = guard.inputs();
        self.start()?;
        loop {
            let next = next_of(&mut inputs, &mut signals);
            tokio::pin!(next);
            let mut signal = None;
            let input = async {
                match next.await {
                    Happening::Input(input) => input,
                    Happening::Signal(which) => {
                        signal = Some(which);
                        // Signals go through the same door as input, and come out of it on the other side.
                        Some(Input::Paste(String::new()))
                    }
                }
            };
            let turn = self.turn(input).await?;
            if let Some(place) = &self.model.here.world.place {
                guard.set_title(&format!("tenantry · {}", place.context))?;
            }
            match signal {
                Some(Signal::Quit(_, number)) => return Ok(128 + number as u8),
                Some(Signal::Stop) => {
                    guard.stop()?;
                    self.redraw()?;
                }
                Some(Signal::Continue) if guard.continued()? => self.redraw()?,
                Some(Signal::Continue) | None => {}
            }
            for effect in std::mem::take(&mut self.aside) {
                self.step_aside(effect, guard).await?;
            }
            if turn == Turn::Over {
                return Ok(0);
            }
        }
    }

    /// Does what needs the terminal itself, and takes it back afterwards.
    async fn step_aside(&mut self, effect: Effect, guard: &mut Guard) -> color_eyre::Result<()> {
        match effect {
            Effect::Suspend => {
                if let Err(error) = guard.stop_job() {
                    self.take(Msg::Notice(Trouble::new(TroubleKind::Other, error.to_string())));
                }
            }
            Effect::Open { wanted, .. } => {
                let suspended = guard.suspend()?;
                self.runner.open_at_the_terminal(wanted).await;
                suspended.resume()?;
            }
            Effect::Visit { which, name, text } => {
                let suspended = guard.suspend()?;
                self.runner.visit(which, name, &text).await;
                suspended.resume()?;
            }
            Effect::Shell { namespace, user } => {
                let suspended = guard.suspend()?;
                self.runner.shell(namespace, user).await;
                suspended.resume()?;
            }
            Effect::Edit { object, kept } => {
                let suspended = guard.suspend()?;
                self.runner.edit(object, kept.as_deref()).await;
                suspended.resume()?;
            }
            Effect::Copy(text) => return Ok(guard.copy(&text)?),
            _ => return Ok(()),
        }
        self.redraw()?;
        Ok(())
    }
}

impl Console<ratatui::backend::TestBackend> {
    /// Runs the editor if it would have the terminal now. A pager would have nothing to draw on.
    pub async fn visit(&mut self) {
        for effect in std::mem::take(&mut self.aside) {
            match effect {
                Effect::Edit { object, kept } => self.runner.edit(object, kept.as_deref()).await,
                Effect::Visit { which: which @ Visit::Editor, name, text } => {
                    self.runner.visit(which, name, &text).await;
                }
                _ => {}
            }
        }
        while let Ok(msg) = self.jobs.try_recv() {
            self.take(msg);
        }
    }

    /// Gives a screen in memory another size, as a terminal emulator would before it tells.
    pub fn resize_backend(&mut self, columns: u16, rows: u16) {
        self.terminal.backend_mut().resize(columns, rows);
    }
}

enum Happening {
    Input(Option<Input>),
    Signal(Signal),
}

async fn next_of(inputs: &mut (impl Stream<Item = Input> + Unpin), signals: &mut Signals) -> Happening {
    tokio::select! {
        biased;
        Some(signal) = signals.next() => Happening::Signal(signal),
        input = inputs.next() => Happening::Input(input),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ratatui::backend::TestBackend;
    use tokio::time::timeout;

    use super::*;
    use crate::console::view::theme::{Palette, Wish};

    /// Once a job had spoken and was not over yet, nothing woke whoever waited for all to be answered.
    #[tokio::test(start_paused = true)]
    async fn the_end_of_a_job_is_heard_though_its_words_were_heard_before() {
        let looks = Looks::new(Wish::default(), Palette::Off);
        let terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let keymap = Keymap::shipped();
        let mut console = Console::new(terminal, keymap, looks, Settings::default(), wall_clock()).unwrap();
        let owed = console.runner.owe();
        console.sender().send(Msg::Contexts(Vec::new())).unwrap();
        let patience = Duration::from_secs(1);
        timeout(patience, console.listen()).await.expect("words are heard").unwrap();
        assert!(!console.has_answered());
        tokio::spawn(async move {
            tokio::task::yield_now().await;
            drop(owed);
        });
        timeout(patience, console.listen()).await.expect("so is the end").unwrap();
        assert!(console.has_answered());
        assert!(timeout(patience, console.listen()).await.is_err(), "then there is silence");
    }
}
