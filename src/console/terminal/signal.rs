//! Signals as messages.

use futures_util::Stream;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::signal::unix::{self, SignalKind};

/// What another process asks of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// To end, by the signal of this name and number. A shell expects the exit code 128 + number.
    Quit(&'static str, i32),
    /// To stop until continued (SIGTSTP): see [`Guard::stop`](super::Guard::stop).
    Stop,
    /// We were stopped and go on (SIGCONT): see [`Guard::continued`](super::Guard::continued).
    Continue,
}

/// The signals as they come. Never ends.
pub struct Signals(Vec<(Signal, unix::Signal)>);

/// Takes over SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP and SIGCONT for the rest of the process's life. SIGINT comes from
/// others only: in raw mode ctrl-c is a key.
pub fn signals() -> io::Result<Signals> {
    let quit = |name, kind: SignalKind| (Signal::Quit(name, kind.as_raw_value()), kind);
    let meanings = [
        quit("SIGTERM", SignalKind::terminate()),
        quit("SIGHUP", SignalKind::hangup()),
        quit("SIGINT", SignalKind::interrupt()),
        quit("SIGQUIT", SignalKind::quit()),
        (Signal::Stop, SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw())),
        (Signal::Continue, SignalKind::from_raw(rustix::process::Signal::CONT.as_raw())),
    ];
    meanings.into_iter().map(|(signal, kind)| Ok((signal, unix::signal(kind)?))).collect::<io::Result<_>>().map(Signals)
}

impl Stream for Signals {
    type Item = Signal;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Signal>> {
        let arrived = self.0.iter_mut().find_map(|(signal, stream)| stream.poll_recv(cx).is_ready().then_some(*signal));
        arrived.map_or(Poll::Pending, |signal| Poll::Ready(Some(signal)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt as _;
    use rustix::process::{Signal as Number, getpid, kill_process};

    #[tokio::test]
    async fn a_signal_is_a_message() {
        let mut signals = signals().unwrap();
        kill_process(getpid(), Number::TERM).unwrap();
        assert_eq!(signals.next().await, Some(Signal::Quit("SIGTERM", 15)));
        kill_process(getpid(), Number::TSTP).unwrap();
        assert_eq!(signals.next().await, Some(Signal::Stop));
    }
}
