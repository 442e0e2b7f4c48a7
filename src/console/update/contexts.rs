//! The contexts on file: which there are, whether their clusters can be reached, and what somebody else does to them.

use super::super::effect::Effect;
use super::super::model::overlay::Overlay;
use super::super::model::{Level, Model};
use super::super::msg::{ContextLine, Reach};
use super::nav;

/// The files hold these now.
pub fn read(model: &mut Model, contexts: Vec<ContextLine>) -> Vec<Effect> {
    let current = |lines: &[ContextLine]| lines.iter().find(|line| line.current).map(|line| line.name.clone());
    let (before, now) = (current(&model.contexts), current(&contexts));
    if !model.contexts.is_empty() && before != now {
        let name = now.clone().unwrap_or_else(|| "none".to_owned());
        model.say(Level::Warning, format!("somebody changed current-context to {name}; nothing here follows it"));
        model.here.switched = now.filter(|now| now != model.here.context());
    }
    model.contexts = contexts;
    nav::refresh_contexts(model);
    probe(model)
}

fn is_open(model: &Model) -> bool {
    model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Contexts(_)))
}

/// Asks for those that have not answered yet, while somebody looks.
fn probe(model: &mut Model) -> Vec<Effect> {
    if !is_open(model) {
        return Vec::new();
    }
    let open = |line: &&ContextLine| {
        line.fault.is_none() && !matches!(model.reach.get(&line.name), Some(Reach::Answers | Reach::Opening(_)))
    };
    let names: Vec<String> = model.contexts.iter().filter(open).map(|line| line.name.clone()).collect();
    if names.is_empty() {
        return Vec::new();
    }
    model.reach.extend(names.iter().map(|name| (name.clone(), Reach::Asking)));
    let request = model.next_request();
    model.probing = Some(request);
    vec![Effect::Probe { request, contexts: names }]
}

/// One of them was asked.
pub fn reached(model: &mut Model, request: u64, name: String, reach: Reach) {
    if model.probing == Some(request) {
        model.reach.insert(name, reach);
    }
}

/// Nobody looks any more: nothing more is asked, and what was is forgotten.
pub fn forget(model: &mut Model) -> Option<Effect> {
    if is_open(model) || model.probing.is_none() {
        return None;
    }
    model.probing = None;
    model.reach.clear();
    Some(Effect::Unprobe)
}

/// Somebody else has changed the entry of the open context, or changed it back.
pub fn entry_changed(model: &mut Model, what: Option<String>) {
    if model.here.entry_changed == what {
        return;
    }
    let Some(place) = &model.here.world.place else { return };
    let (name, file) = (&place.context, &place.file);
    match &what {
        Some(what) => {
            let words = format!(
                "somebody changed the entry of {name} in {file}: {what}; this session stays as it began, `:ctx {name}` opens it anew"
            );
            model.say(Level::Warning, words);
        }
        None => model.say(Level::Info, format!("the entry of {name} in {file} is again as it was")),
    }
    model.here.entry_changed = what;
}
