//! The plans that a journal tells of.

use super::Entry;
use crate::plan::history::{Fate, Past};
use crate::plan::{Relation, Target};

/// The plans, in the order in which they were begun, and what became of each.
pub fn history(entries: Vec<Entry>) -> Vec<Past> {
    let mut plans: Vec<Past> = Vec::new();
    for entry in entries {
        let (Entry::Begun { plan, .. }
        | Entry::Sent { plan, .. }
        | Entry::Step { plan, .. }
        | Entry::Ended { plan, .. }
        | Entry::Settled { plan, .. }) = &entry
        else {
            continue;
        };
        let known = plans.iter_mut().rfind(|past| past.id == *plan);
        match (entry, known) {
            (
                Entry::Begun {
                    plan,
                    at,
                    pid,
                    title,
                    context,
                    server,
                    user,
                    impersonation,
                    relation,
                    trial,
                    kept,
                    steps,
                },
                _,
            ) => {
                plans.push(Past {
                    id: plan,
                    title,
                    target: Target { context, server, user, impersonation },
                    at,
                    pid,
                    relation,
                    trial,
                    steps: steps.into_iter().map(|record| (record, Fate::NotTried)).collect(),
                    ended: None,
                    ran_here: false,
                    forgotten: false,
                    kept,
                });
            }
            (Entry::Sent { steps, .. }, Some(past)) => {
                for step in steps {
                    set(past, step, Fate::Unknown);
                }
            }
            (Entry::Step { step, failure, unknown, uid, edits, .. }, Some(past)) => {
                if let (Some(edits), Some((record, _))) = (edits, past.steps.get_mut(step)) {
                    record.edits = edits;
                }
                let fate = match failure {
                    Some(_) if unknown => Fate::Unknown,
                    Some(failure) => Fate::Failed(failure),
                    None => Fate::Done(uid.unwrap_or_default()),
                };
                set(past, step, fate);
            }
            (Entry::Ended { at, .. }, Some(past)) => past.ended = Some(at),
            (Entry::Settled { .. }, Some(past)) => {
                past.forgotten = true;
                past.trial = None;
            }
            // Its beginning was put aside too long ago; or it is about no plan.
            (_, None) | (Entry::Revealed { .. }, _) => {}
        }
    }
    settle_undone(&mut plans);
    plans
}

/// What was taken back or finished by a later plan needs nobody's care any more.
fn settle_undone(plans: &mut [Past]) {
    let done: Vec<String> = plans
        .iter()
        .filter(|past| past.ended.is_some())
        .filter_map(|past| match &past.relation {
            Some(Relation::Undoes(id) | Relation::Finishes(id)) => Some(id.clone()),
            None => None,
        })
        .collect();
    for past in plans.iter_mut().filter(|past| done.contains(&past.id)) {
        past.forgotten = true;
        past.trial = None;
    }
}

fn set(past: &mut Past, step: usize, fate: Fate) {
    if let Some((_, known)) = past.steps.get_mut(step) {
        *known = fate;
    }
}
