//! An approved plan on its way: written down, sent stage by stage, awaited, looked at again.
//!
//! ```text
//! approved ─▶ journal: begun ─▶ for each stage: journal: sent ─▶ gate ─▶ journal: answered ─▶ goal ─▶ … ─▶ journal: ended
//! ```
//!
//! Nothing new is sent after a failure. Whatever ends the process, the journal tells what may have been sent; see [`recover`].

pub mod along;
pub mod create;
pub mod delete;
pub mod leftovers;
pub mod record;
pub mod recover;
pub mod restore;
pub mod snapshot;
pub mod survey;
pub mod verify;
pub mod warn;
pub mod work;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::Value;

use crate::cluster::gate::{Approval, Gate};
use crate::cluster::{goal, write};
use crate::plan::edit::{Edit, edits, spell};
use crate::plan::history::{Fate, Past, Trial};
use crate::plan::owned::is_ours;
use crate::plan::record::edits_of;
use crate::plan::{Answer, Before, Change, Digest, Goal, ObjectRef, Plan, Stage, Step, diff};
use crate::text::clock::Clock;
use crate::world::trouble::{Trouble, TroubleKind};
use record::Book;

/// What was approved, and how it is to be done.
#[derive(Debug)]
pub struct Order {
    /// The plan, answered.
    pub plan: Plan,
    /// What was on the screen when it was approved.
    pub shown: Digest,
    /// It is to be taken back unless somebody says that it stays.
    pub trial: Option<Trial>,
    /// The journal's file.
    pub journal: PathBuf,
    /// The time.
    pub clock: Clock,
    /// Set from outside: nothing more is to be sent.
    pub stop: Arc<AtomicBool>,
    /// The context that it was approved in is still the open one.
    pub current: bool,
}

/// How far a plan has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How many steps have been answered.
    pub done: usize,
    /// How many there are.
    pub all: usize,
    /// What is going on: `change Deployment oil-web/site`.
    pub doing: String,
    /// How many seconds the rest may take, by what the steps so far have taken; `None` before that says something.
    pub left: Option<u64>,
}

impl Progress {
    /// In words.
    pub fn words(&self) -> String {
        let Self { done, all, doing, left } = self;
        let left = match left {
            None => String::new(),
            Some(seconds @ 0..=90) => format!(", about {seconds} s left"),
            Some(seconds) => format!(", about {} min left", seconds.div_ceil(60)),
        };
        if *all > 1 { format!("{done} of {all}{left}: {doing}") } else { doing.clone() }
    }
}

/// How long the rest may take, in seconds, if that can be said: so many steps of all were answered in this time.
fn left(done: usize, all: usize, passed: Duration) -> Option<u64> {
    // A few steps say nothing about the others, and what is over in a moment needs no words.
    const MEANINGFUL: usize = 8;
    let (count, rest) = (u32::try_from(done).ok()?, u32::try_from(all.checked_sub(done)?).ok()?);
    let seconds = (passed * rest).checked_div(count)?.as_secs();
    (done >= MEANINGFUL && passed >= Duration::from_secs(1) && seconds >= 2).then_some(seconds)
}

/// What came of a plan.
#[derive(Debug)]
pub struct Applied {
    /// What was done, with all values: as the journal has it, secrets included.
    pub past: Past,
    /// What can be asked about only now: the rest of the plan, its answers forgotten.
    pub rest: Option<Plan>,
    /// What the last stage waits for, if that is to be seen from outside.
    pub goals: Vec<Goal>,
    /// Why not all of it was done.
    pub failure: Option<Trouble>,
    /// What did not stop the plan but must be told: the journal could not take a result, an object is not what was shown.
    pub warnings: Vec<Trouble>,
    /// What was kept before anything was sent.
    pub kept: Option<snapshot::Kept>,
}

/// What to do when the journal could be written for a while, and can be no more.
const ROOM: &str = "nothing more was sent; make room, or set XDG_STATE_HOME to a folder that can be written: then go on, or take it back";

/// How many requests that write are under way at once.
const AT_ONCE: usize = 8;

/// Applies the first part of a plan: see [`Plan::first_part`].
pub async fn apply(gate: &Gate, order: Order, told: impl Fn(Progress)) -> Applied {
    let Order { mut plan, shown, trial, journal, clock, stop, current } = order;
    let part = plan.first_part();
    let approval = plan.digest().map(|sending| Approval { shown, sending });
    let rest: Vec<Stage> = plan.stages.drain(part..).collect();
    let id = format!("{}-{shown}", clock.milliseconds());
    let mut applied = Applied {
        past: Past::begun(&plan, id, clock.seconds(), std::process::id(), trial),
        rest: None,
        goals: Vec::new(),
        failure: None,
        warnings: Vec::new(),
        kept: None,
    };
    // Only what the gate would let through is announced as about to be sent.
    let Some(approval) = approval else {
        applied.failure = Some(Trouble::new(TroubleKind::Stale, "the plan has not been answered: nothing was sent"));
        return applied;
    };
    if !current {
        let words = "the context was switched meanwhile: nothing was sent";
        applied.failure = Some(Trouble::new(TroubleKind::Stale, words));
        return applied;
    }
    if let Err(trouble) = gate.admits(&approval) {
        applied.failure = Some(trouble);
        return applied;
    }
    if let Some(wanted) = &plan.keep {
        let all = applied.past.steps.len();
        told(Progress { done: 0, all, doing: "keep a snapshot".to_owned(), left: None });
        let kept = tokio::select! {
            kept = snapshot::keep(gate, &plan, wanted, &journal, clock.milliseconds()) => kept,
            () = stopped(&stop) => Err(given_up()),
        };
        match kept {
            Ok(kept) => {
                applied.past.kept = Some(kept.path.display().to_string());
                applied.kept = Some(kept);
            }
            Err(trouble) => {
                applied.failure = Some(trouble.advise("no snapshot was kept, so nothing was sent"));
                return applied;
            }
        }
    }
    let book = match Book::begin(journal, clock.clone(), &applied.past, &plan).await {
        Ok(book) => book,
        Err(trouble) => {
            applied.failure = Some(trouble);
            return applied;
        }
    };
    let all = applied.past.steps.len();
    let (mut from, mut made) = (0, BTreeMap::new());
    let begun = Instant::now();
    for (at, stage) in plan.stages.iter().enumerate() {
        let run =
            Run { gate, plan: &plan, approval: &approval, book: &book, stop: &stop, told: &told, from, all, begun };
        let outcome = run.stage(stage, &mut applied, &mut made).await;
        from += stage.steps.len();
        if let Err(trouble) = outcome {
            applied.failure = Some(trouble);
            break;
        }
        let is_last = at + 1 == plan.stages.len() && rest.is_empty();
        // Whoever follows the cluster sees it, and tells it.
        applied.goals.extend(stage.goal.clone().filter(|goal| matches!(goal, Goal::Cordoned { .. })));
        match &stage.goal {
            Some(goal) if !is_last || goal.ends_a_plan() => {
                told(Progress { done: from, all, doing: goal.words(), left: None });
                let reached = tokio::select! {
                    reached = goal::reached(gate, goal) => reached,
                    () = stopped(&stop) => Err(given_up()),
                };
                if let Err(trouble) = reached {
                    applied.failure = Some(trouble);
                    break;
                }
            }
            _ => {}
        }
    }
    let ended = clock.seconds();
    applied.past.ended = Some(ended);
    applied.warnings.extend(book.end(ended).await.err());
    if applied.failure.is_none() && !rest.is_empty() {
        let mut rest = Plan { stages: rest, ..plan };
        rest.forget_answers();
        applied.rest = Some(rest);
    }
    applied
}

/// Waits until somebody wants nothing more to be sent.
async fn stopped(stop: &AtomicBool) {
    const LOOK: Duration = Duration::from_millis(100);
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(LOOK).await;
    }
}

fn given_up() -> Trouble {
    Trouble::new(TroubleKind::Other, "it was stopped; nothing more was sent")
}

/// What an earlier step of a plan has made of an object is no drift to a later one of the same plan: that goes by the object as
/// it is then.
fn rebase<'a>(step: &'a Step, made: &BTreeMap<ObjectRef, Value>) -> Cow<'a, Step> {
    match made.get(&step.object) {
        Some(after) if step.before.object().is_some() => {
            Cow::Owned(Step { before: Before::Present(after.clone()), ..step.clone() })
        }
        _ => Cow::Borrowed(step),
    }
}

/// A stage under way.
struct Run<'a, F> {
    gate: &'a Gate,
    plan: &'a Plan,
    approval: &'a Approval,
    book: &'a Book,
    stop: &'a AtomicBool,
    told: &'a F,
    /// The number of the stage's first step in the plan, and of all steps.
    from: usize,
    all: usize,
    /// When the first step was sent.
    begun: Instant,
}

impl<F: Fn(Progress)> Run<'_, F> {
    /// `made`: what earlier steps have made of the objects that they were about.
    async fn stage(
        &self,
        stage: &Stage,
        applied: &mut Applied,
        made: &mut BTreeMap<ObjectRef, Value>,
    ) -> Result<(), Trouble> {
        let numbered: Vec<(usize, &Step)> =
            stage.steps.iter().enumerate().map(|(at, step)| (self.from + at, step)).collect();
        let (needed, idle): (Vec<_>, Vec<_>) = numbered.into_iter().partition(|(_, step)| is_needed(step));
        for (number, step) in idle {
            // Whoever reads the journal sees that it was thought of.
            applied.warnings.extend(self.book.done(number, step.old(), None).await.err());
            set(applied, number, Fate::NotNeeded);
        }
        let mut done = self.from + stage.steps.len() - needed.len();
        for batch in needed.chunks(AT_ONCE) {
            let left = left(done, self.all, self.begun.elapsed());
            if self.stop.load(Ordering::Relaxed) {
                return Err(given_up());
            }
            // What cannot be written down is not sent.
            self.book.sent(batch.iter().map(|(number, _)| *number).collect()).await.map_err(|trouble| {
                let begun = applied.past.steps.iter().any(|(_, fate)| !matches!(fate, Fate::NotTried));
                if begun { trouble.advise(ROOM) } else { trouble }
            })?;
            let known = &*made;
            let sends = batch.iter().map(|(number, step)| async move {
                (self.told)(Progress { done, all: self.all, doing: step.object.title(), left });
                let step = rebase(step, known);
                let answer = write::apply(self.gate, &step, self.plan.actor(&step), self.approval).await;
                (*number, step, answer)
            });
            let mut failure = None;
            for (number, step, answer) in join_all(sends).await {
                match answer {
                    Ok(after) => {
                        let edits = as_it_was(applied, number, &step, &after);
                        applied.warnings.extend(self.book.done(number, &after, edits).await.err());
                        // What was shown was shown without what earlier steps have done to the object.
                        if made.insert(step.object.clone(), after.clone()).is_none() {
                            applied.warnings.extend(unlike(&step, &after));
                        }
                        set(applied, number, Fate::Done(crate::plan::object::uid(&after).to_owned()));
                    }
                    Err(trouble) => {
                        // Whether a request arrived whose answer did not is not known.
                        let unknown = trouble.is_transient() && trouble.kind != TroubleKind::TooMany;
                        applied.warnings.extend(self.book.failed(number, &trouble, unknown).await.err());
                        let fate = if unknown { Fate::Unknown } else { Fate::Failed(trouble.what.clone()) };
                        set(applied, number, fate);
                        failure = failure.or(Some(trouble));
                    }
                }
            }
            if let Some(trouble) = failure {
                return Err(trouble);
            }
            done += batch.len();
        }
        Ok(())
    }
}

fn set(applied: &mut Applied, number: usize, fate: Fate) {
    if let Some((_, known)) = applied.past.steps.get_mut(number) {
        *known = fate;
    }
}

/// Remembers what a step has really changed, if that is not what the dry run had said. Returns it as it may be written down.
fn as_it_was(applied: &mut Applied, number: usize, step: &Step, after: &Value) -> Option<Vec<Edit>> {
    let (known, _) = applied.past.steps.get_mut(number)?;
    let edits = edits_of(step, after);
    if known.edits == edits {
        return None;
    }
    known.edits = edits;
    Some(known.clone().masked(step.old(), after).edits)
}

/// What changes nothing need not be sent; but an apply that changes no value may still say whose the values are.
fn is_needed(step: &Step) -> bool {
    match (&step.answer, &step.change) {
        (Some(Answer::WouldNotChange), Change::Apply { manifest, .. }) => !is_ours(step.old(), manifest),
        (answer, _) => !matches!(answer, Some(Answer::WouldNotChange)),
    }
}

/// What to say when an object has become another than was shown.
fn unlike(step: &Step, after: &Value) -> Option<Trouble> {
    let shown = match (step.answer.as_ref()?, &step.before) {
        (Answer::WouldCreate(_), _) | (_, Before::Unreadable(_)) => return None,
        (Answer::WouldChange(shown), _) => diff::without_bookkeeping(shown),
        _ => return None,
    };
    let other = edits(&shown, &diff::without_bookkeeping(after));
    let paths: Vec<String> = other.iter().take(3).map(|edit| spell(&edit.path)).collect();
    (!paths.is_empty()).then(|| {
        let words = format!("{} is not quite what was shown: {}", step.object.title(), paths.join(", "));
        Trouble::new(TroubleKind::Other, words)
            .advise("an admission webhook may answer dry runs differently: look at it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_takes_is_said_when_that_is_known() {
        let seconds = Duration::from_secs;
        assert_eq!(left(4, 200, seconds(4)), None, "a few steps say nothing");
        assert_eq!(left(16, 200, Duration::from_millis(500)), None);
        assert_eq!(left(16, 17, seconds(2)), None, "it is over in a moment");
        assert_eq!(left(20, 200, seconds(4)), Some(36));
        assert_eq!(left(200, 200, seconds(4)), None);
        let words = |left| Progress { done: 20, all: 200, doing: "Pod oil-web/site".to_owned(), left }.words();
        assert_eq!(words(None), "20 of 200: Pod oil-web/site");
        assert_eq!(words(Some(36)), "20 of 200, about 36 s left: Pod oil-web/site");
        assert_eq!(words(Some(130)), "20 of 200, about 3 min left: Pod oil-web/site");
    }
}
