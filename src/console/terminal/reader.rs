//! The stream of inputs. It can be silenced, so that another program may read the keyboard meanwhile.

use super::input::Input;
use super::repair::Repair;
use crossterm::event::{self, EventStream};
use futures_util::Stream;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::time::Sleep;

/// The one reader of the terminal, shared by the guard, which silences it, and the stream.
#[derive(Clone, Default)]
pub(super) struct Reader(Arc<Mutex<Source>>);

#[derive(Default)]
struct Source {
    /// crossterm's reader; none while silenced. It runs a thread that waits for input, so silence is to drop it.
    events: Option<EventStream>,
    /// Who to wake when the silence ends.
    waker: Option<Waker>,
    /// Counts the silences: what was half read before one is void after it.
    silences: u32,
}

impl Reader {
    fn source(&self) -> MutexGuard<'_, Source> {
        // A source is never left half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads from now on, and not what was typed before: it was typed for another program, or blindly.
    pub fn listen(&self) -> io::Result<()> {
        drain()?;
        let mut source = self.source();
        source.events = Some(EventStream::new());
        if let Some(waker) = source.waker.take() {
            waker.wake();
        }
        Ok(())
    }

    /// Leaves the keyboard to others.
    pub fn silence(&self) {
        let mut source = self.source();
        source.events = None;
        source.silences = source.silences.wrapping_add(1);
    }

    /// The stream of inputs.
    pub fn inputs(&self) -> Inputs {
        let now = Instant::now();
        let silences = self.source().silences;
        Inputs {
            reader: self.clone(),
            repair: Repair::new(now),
            ready: VecDeque::new(),
            timer: None,
            silences,
            failures: 0,
        }
    }
}

/// Throws away what was typed.
fn drain() -> io::Result<()> {
    while event::poll(Duration::ZERO)? {
        event::read()?;
    }
    Ok(())
}

/// Keys, pastes and sizes as they come. Ends when the terminal is gone.
pub struct Inputs {
    reader: Reader,
    repair: Repair,
    ready: VecDeque<Input>,
    /// Wakes us when an escape key was held back long enough.
    timer: Option<Pin<Box<Sleep>>>,
    silences: u32,
    /// How many reads have failed in a row.
    failures: u32,
}

/// How many reads may fail in a row.
const FAILURES: u32 = 16;

impl Inputs {
    /// Polls for the deadline of the repair; true if it has passed.
    fn deadline_passed(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(deadline) = self.repair.deadline() else {
            return false;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline.into())));
        if timer.deadline() != deadline.into() {
            timer.as_mut().reset(deadline.into());
        }
        timer.as_mut().poll(cx).is_ready()
    }
}

impl Stream for Inputs {
    type Item = Input;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Input>> {
        let this = &mut *self;
        loop {
            let reader = this.reader.clone();
            let mut source = reader.source();
            if source.silences != this.silences {
                this.silences = source.silences;
                this.ready.clear();
                this.repair = Repair::new(Instant::now());
            }
            if let Some(input) = this.ready.pop_front() {
                return Poll::Ready(Some(input));
            }
            let Some(events) = source.events.as_mut() else {
                source.waker = Some(cx.waker().clone());
                return Poll::Pending;
            };
            let event = Pin::new(events).poll_next(cx);
            drop(source);
            match event {
                Poll::Ready(Some(Ok(event))) => {
                    if let Some(input) = Input::from_event(event) {
                        this.repair.feed(input, Instant::now(), &mut this.ready);
                    }
                    this.failures = 0;
                }
                // A read that a signal broke off is no reason to end; a terminal that is gone fails again and again.
                Poll::Ready(Some(Err(error))) if this.failures < FAILURES => {
                    this.failures += 1;
                    tracing::warn!(%error, "the terminal cannot be read");
                }
                Poll::Ready(Some(Err(_)) | None) => {
                    tracing::warn!("the terminal's input has ended");
                    return Poll::Ready(None);
                }
                Poll::Pending if this.deadline_passed(cx) => this.repair.expire(Instant::now(), &mut this.ready),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
