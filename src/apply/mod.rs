//! An approved plan on its way: written down, sent stage by stage, awaited, looked at again.
//!
//! ```text
//! approved ─▶ journal: begun ─▶ for each stage: journal: sent ─▶ gate ─▶ journal: answered ─▶ goal ─▶ … ─▶ journal: ended
//! ```
//!
//! Nothing new is sent after a failure. Whatever ends the process, the journal tells what may have been sent; see [`recover`].

pub mod record;
pub mod recover;
pub mod work;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use serde_json::Value;

use crate::cluster::gate::{Approval, Gate};
use crate::cluster::{goal, write};
use crate::plan::edit::{edits, spell};
use crate::plan::history::{Fate, Past, Trial};
use crate::plan::owned::is_ours;
use crate::plan::{Answer, Before, Change, Digest, Goal, Plan, Stage, Step, diff};
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
}

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
    let book = match Book::begin(journal, clock.clone(), &applied.past, &plan).await {
        Ok(book) => book,
        Err(trouble) => {
            applied.failure = Some(trouble);
            return applied;
        }
    };
    let all = applied.past.steps.len();
    let mut from = 0;
    for (at, stage) in plan.stages.iter().enumerate() {
        let run = Run { gate, approval: &approval, book: &book, stop: &stop, told: &told, from, all };
        let outcome = run.stage(stage, &mut applied).await;
        from += stage.steps.len();
        if let Err(trouble) = outcome {
            applied.failure = Some(trouble);
            break;
        }
        let is_last = at + 1 == plan.stages.len() && rest.is_empty();
        match &stage.goal {
            Some(goal @ Goal::Cordoned { .. }) => applied.goals.push(goal.clone()),
            Some(goal) if !is_last => {
                told(Progress { done: from, all, doing: "waiting until it can be used".to_owned() });
                if let Err(trouble) = goal::reached(gate, goal).await {
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

/// A stage under way.
struct Run<'a, F> {
    gate: &'a Gate,
    approval: &'a Approval,
    book: &'a Book,
    stop: &'a AtomicBool,
    told: &'a F,
    /// The number of the stage's first step in the plan, and of all steps.
    from: usize,
    all: usize,
}

impl<F: Fn(Progress)> Run<'_, F> {
    async fn stage(&self, stage: &Stage, applied: &mut Applied) -> Result<(), Trouble> {
        let numbered: Vec<(usize, &Step)> =
            stage.steps.iter().enumerate().map(|(at, step)| (self.from + at, step)).collect();
        let (needed, idle): (Vec<_>, Vec<_>) = numbered.into_iter().partition(|(_, step)| is_needed(step));
        for (number, step) in idle {
            // Whoever reads the journal sees that it was thought of.
            applied.warnings.extend(self.book.done(number, step.old()).await.err());
            set(applied, number, Fate::NotNeeded);
        }
        for batch in needed.chunks(AT_ONCE) {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Trouble::new(TroubleKind::Other, "it was stopped; nothing more was sent"));
            }
            // What cannot be written down is not sent.
            self.book.sent(batch.iter().map(|(number, _)| *number).collect()).await?;
            let sends = batch.iter().map(|(number, step)| async move {
                (self.told)(Progress { done: *number, all: self.all, doing: step.object.title() });
                (*number, *step, write::apply(self.gate, step, self.approval).await)
            });
            let mut failure = None;
            for (number, step, answer) in join_all(sends).await {
                match answer {
                    Ok(after) => {
                        applied.warnings.extend(self.book.done(number, &after).await.err());
                        applied.warnings.extend(unlike(step, &after));
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
        }
        Ok(())
    }
}

fn set(applied: &mut Applied, number: usize, fate: Fate) {
    if let Some((_, known)) = applied.past.steps.get_mut(number) {
        *known = fate;
    }
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
