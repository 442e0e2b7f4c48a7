//! Does the server answer? One heartbeat tells all watches.

use std::time::Duration;

use http::Request;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::failure::{self, Asked};
use super::gate::{Class, Gate};
use super::outlet::Outlet;
use crate::world::feed::Feed;
use crate::world::trouble::{Trouble, TroubleKind};

/// Between two heartbeats while all is well.
const BEAT: Duration = Duration::from_secs(10);
/// How long a heartbeat may take. Together with [`BEAT`] the longest time in which a dead connection goes unnoticed.
const PATIENCE: Duration = Duration::from_secs(4);
/// Between two heartbeats while the server does not answer.
const RETRY: Duration = Duration::from_millis(700);

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Up,
    Down(Trouble),
}

/// What the heartbeat last found, and how often somebody has asked for everything anew.
#[derive(Debug, Clone)]
struct Pulse {
    state: State,
    beats: u64,
    refreshes: u64,
}

/// The heartbeat's side.
#[derive(Debug)]
pub struct Link {
    pulse: watch::Sender<Pulse>,
}

/// A watch's side.
#[derive(Debug, Clone)]
pub struct LinkWatch {
    pulse: watch::Receiver<Pulse>,
}

impl Default for Link {
    fn default() -> Self {
        Self { pulse: watch::Sender::new(Pulse { state: State::Up, beats: 0, refreshes: 0 }) }
    }
}

impl Link {
    /// A side for a watch.
    pub fn watch(&self) -> LinkWatch {
        LinkWatch { pulse: self.pulse.subscribe() }
    }

    /// Somebody asked for everything anew: whoever waits, however long, tries again now.
    pub fn refresh(&self) {
        self.pulse.send_modify(|pulse| pulse.refreshes += 1);
    }

    /// Asks the server now and then whether it is there; tells the console when that changes.
    pub async fn beat(&self, gate: Gate, outlet: Outlet) {
        let mut failures = 0_u32;
        let mut known_up = None;
        loop {
            let found = ask(&gate).await;
            let up = found.is_ok();
            // A single refused or slow answer may be a hiccup, but a lost connection is told at once: the rows get their age.
            if known_up != Some(up) {
                let news = match &found {
                    Ok(()) => Feed::Connected,
                    Err(trouble) => Feed::Disconnected(trouble.clone()),
                };
                if !outlet.send(news).await {
                    return;
                }
                known_up = Some(up);
            }
            failures = if up { 0 } else { failures.saturating_add(1) };
            self.pulse.send_modify(|pulse| {
                pulse.state = match found {
                    Ok(()) => State::Up,
                    Err(trouble) => State::Down(trouble),
                };
                pulse.beats += 1;
            });
            let refreshes = self.pulse.borrow().refreshes;
            let pause = if up { BEAT } else { RETRY };
            let mut pulse = self.pulse.subscribe();
            tokio::select! {
                () = sleep(pause) => {}
                _ = async { pulse.wait_for(|pulse| pulse.refreshes != refreshes).await.map(drop) } => {}
            }
        }
    }
}

/// One heartbeat. Any answer from a Kubernetes API will do, a refusal too: `/readyz` may be closed to us.
pub(super) async fn ask(gate: &Gate) -> Result<(), Trouble> {
    const DOING: &str = "reach the cluster";
    let Ok(request) = Request::get("/readyz").body(Vec::new()) else { return Ok(()) };
    match timeout(PATIENCE, gate.send(Class::Read, request, DOING)).await {
        Err(_) => Err(failure::timed_out(&Asked::new(gate.place(), DOING), PATIENCE)),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(trouble)) => match trouble.kind {
            TroubleKind::Forbidden(_) | TroubleKind::NotFound | TroubleKind::TooMany => Ok(()),
            _ => Err(trouble),
        },
    }
}

impl LinkWatch {
    /// Waits for `wait`, or less: until a heartbeat comes through. While the server is known to be down no time is enough.
    pub async fn ready(&mut self, wait: Duration) {
        let until = Instant::now() + wait;
        let seen = self.pulse.borrow_and_update().clone();
        loop {
            let down = matches!(self.pulse.borrow().state, State::Down(_));
            tokio::select! {
                () = sleep_until(until), if !down => return,
                changed = self.pulse.changed() => {
                    if changed.is_err() {
                        // Nobody beats any more: only the clock is left.
                        sleep_until(until).await;
                        return;
                    }
                    let pulse = self.pulse.borrow_and_update().clone();
                    let recovered = pulse.state == State::Up && seen.state != State::Up;
                    if recovered || pulse.refreshes != seen.refreshes {
                        return;
                    }
                }
            }
        }
    }

    /// Waits for `wait`, or until somebody asks for everything anew.
    pub async fn refreshed(&mut self, wait: Duration) {
        let seen = self.pulse.borrow_and_update().refreshes;
        tokio::select! {
            () = sleep(wait) => {}
            changed = async { self.pulse.wait_for(|pulse| pulse.refreshes != seen).await.map(drop) } => {
                if changed.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    /// Resolves when the server is found gone.
    pub async fn lost(&self) {
        let mut pulse = self.pulse.clone();
        let lost = pulse.wait_for(|pulse| matches!(pulse.state, State::Down(_))).await.map(drop).is_ok();
        if !lost {
            std::future::pending::<()>().await;
        }
    }

    /// Why the server is held to be gone.
    pub fn trouble(&self) -> Trouble {
        match &self.pulse.borrow().state {
            State::Down(trouble) => trouble.clone(),
            State::Up => Trouble::new(TroubleKind::Interrupted, "the connection was lost"),
        }
    }
}
