//! Earlier plans: taken back, finished, kept, let be.

use super::super::effect::Effect;
use super::super::keymap::Command;
use super::super::model::list::List;
use super::super::model::offer::hint;
use super::super::model::overlay::Overlay;
use super::super::model::plan::{Draft, Kept};
use super::super::model::{Level, Model};
use super::plan;
use crate::plan::Relation;
use crate::plan::history::Past;
use crate::plan::undo::Wish;
use crate::world::trouble::Trouble;

/// How many plans of this run are remembered with all their values.
const REMEMBERED: usize = 200;

/// Remembers a plan that was applied by this console.
pub fn remember(model: &mut Model, past: Past) {
    if past.ended.is_none() {
        // Nothing of it was ever sent.
        return;
    }
    if let Some(Relation::Undoes(id) | Relation::Finishes(id)) = &past.relation
        && let Some(earlier) = model.pasts.iter_mut().find(|earlier| earlier.id == *id)
    {
        earlier.trial = None;
        earlier.forgotten = true;
    }
    model.pasts.retain(|known| known.id != past.id);
    model.pasts.push(past);
    if model.pasts.len() > REMEMBERED {
        model.pasts.remove(0);
    }
}

/// Takes back the plan under the cursor of the journal, or the last one of this run in this cluster.
pub fn undo(model: &mut Model) -> Vec<Effect> {
    let chosen = match chosen(model) {
        Some(past) => Some(past),
        None => {
            let server = model.here.target().server;
            let is_ours = |past: &&Past| past.ran_here && past.target.server == server && past.may_have_done();
            model.pasts.iter().rev().find(is_ours).cloned()
        }
    };
    let Some(past) = chosen else {
        model.say(Level::Info, "nothing was applied to this cluster since the console was started");
        return journal(model);
    };
    take(model, past, Wish::Undo { also_theirs: false })
}

/// Does the rest of the interrupted plan under the cursor.
pub fn finish(model: &mut Model) -> Vec<Effect> {
    let Some(past) = chosen(model) else { return Vec::new() };
    take(model, past, Wish::Finish)
}

fn take(model: &mut Model, past: Past, wish: Wish) -> Vec<Effect> {
    let here = model.here.target().server;
    if past.target.server != here {
        let (server, context) = (&past.target.server, &past.target.context);
        model.say(Level::Warning, format!("{} was applied to {server} (context {context}), not here", past.title));
        return Vec::new();
    }
    model.say(Level::Info, format!("reading what {} is about", past.title));
    plan::draft(model, Draft::Earlier { past: Box::new(past), wish }, false)
}

/// Lets an interrupted plan be as it is; keeps one that was on trial.
pub fn settle(model: &mut Model) -> Vec<Effect> {
    let past = match chosen(model) {
        Some(past) => past,
        None => match model.trials().last() {
            Some(past) => (*past).clone(),
            None => {
                model.say(Level::Info, "nothing is on trial");
                return Vec::new();
            }
        },
    };
    if past.trial.is_none() && !past.is_interrupted() {
        model.say(Level::Info, format!("{}: {}; there is nothing to decide", past.title, past.outcome()));
        return Vec::new();
    }
    let words = if past.trial.is_some() { "is kept" } else { "is let be as it is" };
    model.say(Level::Done, format!("{} {words}", past.title));
    if let Some(known) = model.pasts.iter_mut().find(|known| known.id == past.id) {
        known.forgotten = true;
        known.trial = None;
    }
    vec![Effect::Settle(past.id)]
}

/// Opens the journal.
pub fn journal(model: &mut Model) -> Vec<Effect> {
    if !matches!(model.overlays.last(), Some(Overlay::Journal(_))) {
        model.overlays.push(Overlay::Journal(Box::default()));
        refresh(model);
    }
    vec![Effect::ReadJournal]
}

/// The journal was read. What this run did itself is known better: with its secrets.
pub fn told(model: &mut Model, pasts: Result<Vec<Past>, Trouble>) -> Vec<Effect> {
    match pasts {
        Err(trouble) => model.say_trouble(Level::Failure, &trouble),
        Ok(pasts) => {
            let first = !model.journal_read;
            model.journal_read = true;
            let mut known = std::mem::take(&mut model.pasts);
            for past in pasts {
                if !known.iter().any(|known| known.id == past.id) {
                    known.push(past);
                }
            }
            known.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
            model.pasts = known;
            refresh(model);
            if first {
                offer(model);
            }
        }
    }
    Vec::new()
}

/// Says what an earlier run has left undone here.
fn offer(model: &mut Model) {
    let server = model.here.target().server;
    let open = model.pasts.iter().filter(|past| past.is_interrupted() && past.target.server == server);
    let open: Vec<String> = open.map(|past| format!("{}, {}", past.title, past.outcome())).collect();
    if let Some(last) = open.last() {
        let more = if open.len() > 1 { format!(" (and {} more)", open.len() - 1) } else { String::new() };
        let hint = "; the journal can finish it, take it back, or let it be";
        model.say(Level::Warning, format!("a plan was interrupted: {last}{more}{hint}"));
        if model.overlays.is_empty() && model.prompt.is_none() {
            model.overlays.push(Overlay::Journal(Box::default()));
            refresh(model);
        }
    }
}

/// Shows what the plan under the cursor did.
pub fn open(model: &mut Model) -> Vec<Effect> {
    if let Some(past) = chosen(model) {
        model.overlays.push(Overlay::Past { id: past.id, scroll: 0 });
    }
    Vec::new()
}

/// Puts the plans that are known into the list of the journal, the latest first.
pub fn refresh(model: &mut Model) {
    let ids: Vec<String> = model.pasts.iter().rev().map(|past| past.id.clone()).collect();
    if let Some(Overlay::Journal(list)) =
        model.overlays.iter_mut().find(|overlay| matches!(overlay, Overlay::Journal(_)))
    {
        let list: &mut List<String> = list;
        list.set_rows(ids);
    }
}

/// The plan under the cursor of the journal, if that is open.
pub fn chosen(model: &Model) -> Option<Past> {
    let id = match model.overlays.last()? {
        Overlay::Journal(list) => list.selected()?,
        Overlay::Past { id, .. } => id,
        _ => return None,
    };
    model.pasts.iter().find(|past| past.id == *id).cloned()
}

/// A plan could not be made: what somebody has written is kept for another try.
pub fn not_drafted(model: &mut Model, draft: &Draft, trouble: &Trouble) {
    if let Some(key) = keep_text(model, draft, trouble.to_string()) {
        let hint = hint(model, key, "goes on with your text");
        model.say(Level::Info, format!("nothing of it is lost{hint}"));
    }
}

/// Keeps what somebody has written, for the context that is open; tells what goes on with it.
pub fn keep_text(model: &mut Model, draft: &Draft, fault: String) -> Option<Command> {
    let (object, text, key) = match draft {
        Draft::Edited { object, text, .. } => (Some(object.clone()), text, Command::Edit),
        Draft::Written { text, .. } => (None, text, Command::Add),
        _ => return None,
    };
    model.kept_text = Some(Kept { context: model.here.context().to_owned(), object, text: text.clone(), fault });
    Some(key)
}

/// Whether quitting must be asked for twice: something is on trial.
pub fn reminds(model: &mut Model) -> bool {
    let trials = model.trials().len();
    if trials == 0 || model.reminded {
        return false;
    }
    model.reminded = true;
    let (them, are) = if trials == 1 { ("it", "is") } else { ("them", "are") };
    let undo = hint(model, Command::Undo, &format!("takes {them} back"));
    let keep = hint(model, Command::Keep, &format!("keeps {them}"));
    model.say(
        Level::Warning,
        format!("{trials} of what you applied {are} on trial{undo}{keep}; quit again to leave {them} so"),
    );
    true
}

/// Takes back what was on trial for long enough.
pub fn expire(model: &mut Model) -> Vec<Effect> {
    if !model.overlays.is_empty() || model.drafting.is_some() || model.prompt.is_some() || model.here.read_only {
        return Vec::new();
    }
    let (now, here) = (model.seconds(), model.here.target());
    // Nobody takes back as somebody else what was not done so.
    let is_ours = |past: &Past| here.impersonation.is_none() || past.target == here;
    let due = |past: &&mut Past| {
        past.ran_here
            && past.target.server == here.server
            && is_ours(past)
            && past.trial.is_some_and(|trial| trial.until.is_some_and(|until| until <= now))
    };
    let Some(past) = model.pasts.iter_mut().find(due) else { return Vec::new() };
    // Once is tried; after that somebody has to decide.
    past.trial = Some(crate::plan::history::Trial { until: None });
    let past = Box::new(past.clone());
    model.say(Level::Warning, format!("the time of the trial is over: {} is taken back", past.title));
    plan::draft(model, Draft::Earlier { past, wish: Wish::Undo { also_theirs: false } }, true)
}
