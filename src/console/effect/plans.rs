//! Effects about plans: making them of what must be read first, following their objects, their history.

use std::collections::BTreeMap;
use std::path::Path;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::super::model::plan::{Choice, Draft, Drafted};
use super::super::msg::{Applied, Msg};
use super::{tell, work};
use crate::action::small;
use crate::apply::work::Kinds;
use crate::apply::{self, Progress, recover};
use crate::cluster::gate::Gate;
use crate::cluster::{follow, write};
use crate::journal::{self, Entry, Journal};
use crate::plan::history::Past;
use crate::plan::undo::Wish;
use crate::plan::{Before, ObjectRef, Plan, Propagation, Target};
use crate::world::trouble::{Trouble, TroubleKind};

/// Makes a plan.
pub async fn draft(
    gate: &Gate,
    kinds: &Kinds,
    draft: Draft,
    target: Target,
    namespace: String,
) -> Result<Drafted, Trouble> {
    match draft {
        Draft::Earlier { past, wish } => {
            let (plan, theirs) = recover::plan(gate, &past, target, wish).await?;
            let choice = match wish {
                Wish::Undo { also_theirs } if theirs > 0 => {
                    let fields = if theirs == 1 { "1 field".to_owned() } else { format!("{theirs} fields") };
                    Some(Choice { title: format!("also {fields} that others have changed since"), on: also_theirs })
                }
                _ => None,
            };
            Ok(Drafted { plan, choices: choice.into_iter().collect() })
        }
        Draft::Edited { object, read, text } => {
            let now = write::read(gate, &object).await?;
            Ok(Drafted { plan: crate::plan::edited::plan(&object, &read, &now, &text, target)?, choices: Vec::new() })
        }
        Draft::Delete { objects, hidden, propagation } => {
            let now = write::read_all(gate, &objects).await?;
            let chosen = |which| propagation == which;
            let choices = vec![
                Choice { title: "what they own first (foreground)".to_owned(), on: chosen(Propagation::Foreground) },
                Choice { title: "not what they own (orphan)".to_owned(), on: chosen(Propagation::Orphan) },
            ];
            let found = objects.into_iter().zip(now).collect();
            Ok(Drafted { plan: crate::plan::delete::plan(found, hidden, propagation, target)?, choices })
        }
        Draft::Files { path, force } => work::draft(gate, kinds, path, namespace, force, target).await,
        Draft::Written { text } => work::written(gate, kinds, text, namespace, target).await,
        Draft::Given(plan) => Ok(Drafted { plan: apply::work::again(gate, *plan).await?, choices: Vec::new() }),
        Draft::Small { word, arguments, objects, hidden, at } => {
            let small = small::named(word)
                .ok_or_else(|| Trouble::new(TroubleKind::Other, format!("no change is called {word}")))?;
            let now = write::read_all(gate, &objects).await?;
            let found = objects.into_iter().zip(now).collect();
            Ok(Drafted { plan: small::plan(small, &arguments, found, hidden, at, target)?, choices: Vec::new() })
        }
    }
}

/// How many watches a plan may have, however many objects it has. HTTP/1.1 takes a connection for each.
const WATCHES: usize = 16;

/// Follows the objects of a plan: one watch for each list that they are in.
pub fn follow(gate: &Gate, request: u64, plan: &Plan, jobs: &mpsc::UnboundedSender<Msg>) -> Vec<AbortHandle> {
    let mut lists: BTreeMap<String, Vec<(usize, ObjectRef)>> = BTreeMap::new();
    for (at, step) in plan.steps().enumerate() {
        if !matches!(step.before, Before::Unreadable(_)) {
            lists.entry(step.object.collection()).or_default().push((at, step.object.clone()));
        }
    }
    if lists.len() > WATCHES {
        let words = format!("they are in {} lists, and {WATCHES} are followed", lists.len());
        tell(jobs, Msg::Unfollowed(request, Trouble::new(TroubleKind::Other, words)));
    }
    let follow = |(collection, objects): (String, Vec<(usize, ObjectRef)>)| {
        let (gate, jobs) = (gate.clone(), jobs.clone());
        let task = tokio::spawn(async move {
            let ended = match objects.as_slice() {
                [(at, object)] => follow::follow(&gate, object, |now| tell(&jobs, Msg::Moved(request, *at, now))).await,
                many => {
                    let names: Vec<_> = many.iter().map(|(at, object)| (*at, object.name.clone())).collect();
                    let seen = |at, now| tell(&jobs, Msg::Moved(request, at, now));
                    follow::follow_some(&gate, &collection, &names, seen).await
                }
            };
            let trouble = ended.err().unwrap_or_else(|| Trouble::new(TroubleKind::Interrupted, "the watch ended"));
            // A kind or a namespace that the plan is to make has nothing to be followed yet.
            if trouble.kind != TroubleKind::NotFound {
                tell(&jobs, Msg::Unfollowed(request, trouble));
            }
        });
        task.abort_handle()
    };
    lists.into_iter().take(WATCHES).map(follow).collect()
}

/// How far a plan is, in words.
pub fn words(progress: &Progress) -> String {
    let Progress { done, all, doing } = progress;
    if *all > 1 { format!("{done} of {all}: {doing}") } else { doing.clone() }
}

/// What came of a plan, as the console hears it.
pub fn applied(applied: apply::Applied) -> Applied {
    let apply::Applied { past, rest, goals, failure, warnings } = applied;
    Applied { past, rest, goals, failure, warnings }
}

/// The plans that the journal tells of.
pub fn history(path: &Path) -> Result<Vec<Past>, Trouble> {
    let mut plans = journal::history::history(journal::read(path)?);
    // Another console may be at it right now.
    plans.retain(|past| past.ended.is_some() || past.pid == std::process::id() || !is_running(past.pid));
    Ok(plans)
}

fn is_running(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

/// Writes down, at this time, that a plan is to stay as it is.
pub fn settle(path: &Path, plan: String, at: i64) -> Result<(), Trouble> {
    Journal::open(path)?.append(&Entry::Settled { plan, at })
}
