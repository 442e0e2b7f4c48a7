//! Effects about plans: making them of what must be read first, following their objects, their history.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use super::super::model::plan::{Choice, Draft, Drafted};
use super::super::msg::{Applied, Msg};
use super::{tell, work};
use crate::action::{pause, revoke, small};
use crate::apply::work::Kinds;
use crate::apply::{self, delete, leftovers, recover, warn};
use crate::cluster::follow::{self, Wanted};
use crate::cluster::gate::Gate;
use crate::cluster::write;
use crate::journal::{self, Entry, Journal};
use crate::plan::delete::{is_deletion, is_whole};
use crate::plan::history::Past;
use crate::plan::undo;
use crate::plan::work::Wish;
use crate::plan::{Before, Plan, Propagation, Target};
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
                undo::Wish::Undo { also_theirs } if theirs > 0 => {
                    let fields = if theirs == 1 { "1 field".to_owned() } else { format!("{theirs} fields") };
                    Some(Choice {
                        title: format!("also {fields} that others have changed since"),
                        on: also_theirs,
                        switch: None,
                    })
                }
                _ => None,
            };
            Ok(Drafted { plan, choices: choice.into_iter().collect() })
        }
        Draft::Edited { object, read, text } => {
            let now = write::read(gate, &object).await?;
            Ok(Drafted { plan: crate::plan::edited::plan(&object, &read, &now, &text, target)?, choices: Vec::new() })
        }
        Draft::Delete { objects, hidden, propagation, keep } => {
            let asked = delete::Asked { objects, hidden, propagation, keep: keep.clone() };
            let plan = delete::plan(gate, kinds, asked, target).await?;
            if !is_deletion(&plan) {
                return Ok(Drafted { plan, choices: Vec::new() });
            }
            let chosen = |which| propagation == which;
            let mut choices = vec![
                Choice {
                    title: "delete what they own first (foreground)".to_owned(),
                    on: chosen(Propagation::Foreground),
                    switch: None,
                },
                Choice {
                    title: "leave what they own (orphan)".to_owned(),
                    on: chosen(Propagation::Orphan),
                    switch: None,
                },
            ];
            // What takes everything with it can be kept before.
            if plan.steps().any(|step| is_whole(&step.object)) {
                let (is_kept, secrets) = (keep.is_some(), keep.is_some_and(|keep| keep.secrets));
                let choice = |title: &str, on| Choice { title: title.to_owned(), on, switch: None };
                choices.push(choice("keep a snapshot first", is_kept));
                choices.push(choice("with what is secret in it", secrets));
            }
            Ok(Drafted { plan, choices })
        }
        Draft::Leftovers { leave } => {
            Ok(Drafted { plan: left(gate, kinds, &leave, target).await?, choices: Vec::new() })
        }
        Draft::Files { path, force, prune } => {
            let wish = Wish { namespace, only: false, force };
            work::draft(gate, kinds, path, wish, prune, target).await
        }
        Draft::Written { text, force } => {
            let wish = Wish { namespace, only: false, force };
            work::written(gate, kinds, text, wish, target).await
        }
        Draft::Pause(wish) => {
            let survey = apply::survey::survey(gate, kinds, &wish).await?;
            let pause::Made { plan, choices } = pause::plan(&wish, &survey, target)?;
            let choices = choices.into_iter().map(|(switch, title, on)| Choice { title, on, switch: Some(switch) });
            Ok(Drafted { plan, choices: choices.collect() })
        }
        // What stands in a form changes while it is looked at: see [`super::create`].
        Draft::Blueprint { .. } => Err(Trouble::new(TroubleKind::Other, "a form is planned in its own way")),
        Draft::Given(plan) => Ok(Drafted { plan: apply::work::again(gate, *plan).await?, choices: Vec::new() }),
        Draft::Revoke { who, role, objects } => {
            let now = write::read_all(gate, &objects).await?;
            let found = objects.into_iter().zip(now).collect();
            Ok(Drafted { plan: revoke::plan(&who, &role, found, target)?, choices: Vec::new() })
        }
        Draft::Small { word, arguments, objects, hidden, at, because } => {
            let small = small::named(word)
                .ok_or_else(|| Trouble::new(TroubleKind::Other, format!("no change is called {word}")))?;
            let now = write::read_all(gate, &objects).await?;
            let found = objects.into_iter().zip(now).collect();
            let mut plan = small::plan(small, &arguments, found, hidden, at, target)?;
            plan.summary.splice(0..0, because);
            warn::warn(gate, kinds, word, &arguments, &mut plan).await?;
            Ok(Drafted { plan, choices: Vec::new() })
        }
    }
}

/// The plan that deletes what tenants have left behind, but for what is to stay.
async fn left(gate: &Gate, kinds: &Kinds, leave: &[String], target: Target) -> Result<Plan, Trouble> {
    let leftovers::Found { mut left, blind } = leftovers::find(gate, kinds).await?;
    let refused = match blind.as_slice() {
        [] => None,
        some => Some(format!("not looked at, since that is refused: {}", some.join(", "))),
    };
    left.retain(|one| !leave.contains(&one.object.path()));
    if left.is_empty() {
        let words = "no tenant has left anything else behind";
        return Err(Trouble::new(TroubleKind::NotFound, words).advise(refused.unwrap_or_default()));
    }
    let objects = left.iter().map(|one| one.object.clone()).collect();
    let asked = delete::Asked { objects, hidden: 0, propagation: Propagation::default(), keep: None };
    let mut plan = delete::plan(gate, kinds, asked, target).await?;
    let why = left.iter().map(|one| format!("{} {}", one.object.title(), one.why));
    plan.summary.splice(0..0, why.chain(refused));
    Ok(plan)
}

/// How many watches a plan may have, however many objects it has. HTTP/1.1 takes a connection for each.
const WATCHES: usize = 16;

/// How long is waited before a watch that ended is taken up again, at first and at most.
const AGAIN: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// Follows the objects of a plan: few of them one by one, of many those that are in one list together, by their metadata.
pub fn follow(gate: &Gate, request: u64, plan: &Plan, jobs: &mpsc::UnboundedSender<Msg>) -> Vec<AbortHandle> {
    let readable = plan.steps().enumerate().filter(|(_, step)| !matches!(step.before, Before::Unreadable(_)));
    let wanted = readable.map(|(at, step)| (at, step.object.clone(), step.before.object().cloned()));
    let wanted: Vec<Wanted> = wanted.collect();
    let mut groups: Vec<Vec<Wanted>> = Vec::new();
    if wanted.len() <= WATCHES {
        groups.extend(wanted.into_iter().map(|one| vec![one]));
    } else {
        let mut lists: BTreeMap<String, Vec<Wanted>> = BTreeMap::new();
        for one in wanted {
            lists.entry(one.1.collection()).or_default().push(one);
        }
        groups.extend(lists.into_values());
        // Where not all can be followed, as many as can be.
        groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    }
    if groups.len() > WATCHES {
        let words = format!("they are in {} lists, and {WATCHES} are followed", groups.len());
        tell(jobs, Msg::Unfollowed(request, Trouble::new(TroubleKind::Other, words)));
    }
    let task = |group: Vec<Wanted>| tokio::spawn(keep(gate.clone(), request, group, jobs.clone())).abort_handle();
    groups.into_iter().take(WATCHES).map(task).collect()
}

/// Follows objects of one list for as long as anybody wants it. A watch that ends is taken up again; only if that does not
/// succeed at once it is told.
async fn keep(gate: Gate, request: u64, group: Vec<Wanted>, jobs: mpsc::UnboundedSender<Msg>) {
    let is_lost = AtomicBool::new(false);
    let heard = || {
        if is_lost.swap(false, Ordering::Relaxed) {
            tell(&jobs, Msg::Followed(request));
        }
    };
    let (mut wait, mut failures) = (AGAIN, 0);
    loop {
        let begun = Instant::now();
        let ended = match group.as_slice() {
            [(at, object, _)] => {
                let seen = |now| {
                    heard();
                    tell(&jobs, Msg::Moved(request, *at, now));
                };
                follow::follow(&gate, object, seen).await
            }
            [(_, object, _), ..] => {
                let seen = |at, now| tell(&jobs, Msg::Moved(request, at, now));
                follow::follow_many(&gate, &object.collection(), &group, heard, seen).await
            }
            [] => return,
        };
        match ended {
            // A kind or a namespace that the plan is to make has nothing to be followed yet.
            Err(trouble) if trouble.kind == TroubleKind::NotFound => return,
            Err(trouble) if !trouble.is_transient() => return tell(&jobs, Msg::Unfollowed(request, trouble)),
            Err(trouble) => {
                failures = if begun.elapsed() > AGAIN * 2 { 1 } else { failures + 1 };
                if failures > 1 {
                    is_lost.store(true, Ordering::Relaxed);
                    tell(&jobs, Msg::Unfollowed(request, trouble));
                }
            }
            Ok(()) => failures = 0,
        }
        wait = if begun.elapsed() > LONGEST { AGAIN } else { wait };
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST);
    }
}

/// What came of a plan, as the console hears it.
pub fn applied(applied: apply::Applied) -> Applied {
    let apply::Applied { past, rest, goals, failure, warnings, kept: _ } = applied;
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

/// What the journal tells of one plan, or of all, and the name of a file for it.
pub fn export(path: &Path, id: Option<&str>, script: bool) -> Result<(String, String), Trouble> {
    let mut pasts = journal::history::history(journal::read(path)?);
    pasts.retain(|past| id.is_none_or(|id| past.id == id));
    if pasts.is_empty() {
        return Err(Trouble::new(TroubleKind::Other, "the journal knows nothing of it: nothing was saved"));
    }
    if script {
        let text: String = pasts.iter().map(journal::export::script).collect();
        return Ok(("journal.sh".to_owned(), format!("#!/bin/sh\n{text}")));
    }
    let text = Value::Array(pasts.iter().map(journal::export::whole).collect());
    Ok(("journal.json".to_owned(), format!("{text:#}\n")))
}
