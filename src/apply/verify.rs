//! Looks whether what was applied comes true, until it has or a deadline has passed.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};

use crate::cluster::gate::Gate;
use crate::cluster::{follow, write};
use crate::plan::ObjectRef;
use crate::plan::history::Past;
use crate::plan::settled::{Awaits, State, awaited, state};
use crate::world::trouble::TroubleKind;

/// For how long it is looked, unless somebody says otherwise.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// How many objects are followed at once: each takes a connection.
const AT_ONCE: usize = 8;

/// How long until what could not be followed is looked at again.
const AGAIN: Duration = Duration::from_secs(2);

/// What has become of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Which.
    pub object: ObjectRef,
    /// How far it was when it was looked at last.
    pub state: State,
}

/// Waits until all that a plan has begun has come true, at most for so long. What may not be read is left out.
pub async fn verify(gate: &Gate, past: &Past, patience: Duration) -> Vec<Verdict> {
    let deadline = Instant::now() + patience;
    let waits = awaited(past).into_iter().map(|(object, awaits)| async move {
        let state = settled(gate, &object, &awaits, deadline).await?;
        Some(Verdict { object, state })
    });
    stream::iter(waits).buffered(AT_ONCE).filter_map(|verdict| async { verdict }).collect().await
}

async fn settled(gate: &Gate, object: &ObjectRef, awaits: &Awaits, deadline: Instant) -> Option<State> {
    let mut last = None;
    loop {
        match write::read(gate, object).await {
            Ok(now) => last = Some(state(awaits, Some(&now))),
            Err(trouble) if trouble.kind == TroubleKind::NotFound => last = Some(state(awaits, None)),
            Err(trouble) if matches!(trouble.kind, TroubleKind::Forbidden(_)) => return None,
            // What is not known now may be known in a moment.
            Err(_) => {}
        }
        if last.as_ref().is_some_and(State::is_final) || Instant::now() >= deadline {
            return last;
        }
        let is_through = |now: Option<&Value>| state(awaits, now).is_final();
        match timeout_at(deadline, follow::follow_until(gate, object, is_through)).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false) | Err(_)) => sleep(AGAIN).await,
            Err(_) => {}
        }
    }
}
