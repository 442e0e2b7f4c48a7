//! Documents: opening them, what comes in for them, and what keys do in them.

use super::super::effect::Effect;
use super::super::model::document::{Document, Form, under_cursor};
use super::super::model::list::Step;
use super::super::model::overlay::{Overlay, Prompt, Purpose};
use super::super::model::plan::PlanDialog;
use super::super::model::{Level, Model, Pane};
use super::super::msg::Looked;
use super::super::view;
use crate::world::name::Name;
use crate::world::trouble::Trouble;

/// Opens the object under the cursor in a form; an open document takes that form.
pub fn open(model: &mut Model, form: Form) -> Vec<Effect> {
    if let Some(Overlay::Document(document)) = model.overlays.last_mut() {
        if document.form == form {
            model.overlays.pop();
        } else {
            document.form = form;
            document.scroll = 0;
            document.cursor = 0;
        }
        return Vec::new();
    }
    let Some(object) = under_cursor(model) else { return Vec::new() };
    let is_row = model.objects().is_some() || model.rights().is_some();
    let is_about_several = matches!(form, Form::Events | Form::Why) && !is_row;
    let namespaces = if is_about_several { namespaces_of(model) } else { Vec::new() };
    if form == Form::Events && namespaces.is_empty() && !is_row {
        model.say(Level::Info, "events are told of a tenant's namespaces, or of a namespace");
        return Vec::new();
    }
    let request = model.next_request();
    let document = Document::new(object.clone(), namespaces.clone(), form, request);
    model.overlays.push(Overlay::Document(Box::new(document)));
    model.looking = Some(request);
    vec![Effect::Look { request, object, namespaces }]
}

/// How many namespaces' events are followed at once: each is a connection.
const FOLLOWED: usize = 12;

/// The namespaces whose events are of interest: the one under the cursor, or those of the tenant.
fn namespaces_of(model: &Model) -> Vec<Name> {
    if let Some(name) = super::why::page_namespace(model) {
        return vec![name];
    }
    match model.here.focus {
        Pane::Tenants => {
            let all =
                model.here.tenants.selected().into_iter().flat_map(|tenant| model.here.world.namespaces_of(tenant));
            all.map(|namespace| namespace.name.clone()).take(FOLLOWED).collect()
        }
        Pane::Namespaces => model.here.namespaces.selected().cloned().into_iter().collect(),
        Pane::Access | Pane::Identity => Vec::new(),
    }
}

/// Takes in what was seen.
pub fn looked(model: &mut Model, request: u64, looked: Looked) {
    let Some(document) = of_request(model, request) else { return };
    match looked {
        Looked::Object(Some(object)) => {
            document.saw(object);
            document.gone = false;
            document.trouble = None;
        }
        Looked::Object(None) => document.gone = true,
        Looked::Events(events) => document.events = Some(events),
        Looked::Trouble(trouble) => document.trouble = Some(trouble),
    }
}

fn of_request(model: &mut Model, request: u64) -> Option<&mut Document> {
    model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Document(document) if document.request == request => Some(&mut **document),
        _ => None,
    })
}

/// Nobody looks at what was being followed any more.
pub fn forget(model: &mut Model) -> Option<Effect> {
    let request = model.looking?;
    if of_request(model, request).is_some() {
        return None;
    }
    model.looking = None;
    Some(Effect::Unlook)
}

/// The document on top, or a word that there is none.
fn top(model: &mut Model) -> Option<&mut Document> {
    if !matches!(model.overlays.last(), Some(Overlay::Document(_))) {
        model.say(Level::Info, "there is no document here");
    }
    match model.overlays.last_mut() {
        Some(Overlay::Document(document)) => Some(document),
        _ => None,
    }
}

/// Shows or hides `managedFields`.
pub fn managed(model: &mut Model) {
    if let Some(document) = top(model) {
        document.managed = !document.managed;
        let what = if document.managed { "managedFields are shown" } else { "managedFields are hidden" };
        model.say(Level::Info, what);
    }
}

/// Asks why the values of a secret are to be seen, or hides them again.
pub fn reveal(model: &mut Model) {
    let Some(document) = top(model) else { return };
    if document.revealed {
        document.revealed = false;
        return model.say(Level::Info, "the values are hidden again");
    }
    model.prompt = Some(Prompt::new(Purpose::Reason, ""));
}

/// Has the reason written down.
pub fn give_reason(model: &mut Model, reason: &str) -> Vec<Effect> {
    let target = model.here.target();
    let Some(document) = top(model) else { return Vec::new() };
    if reason.is_empty() {
        model.say(Level::Warning, "the values stay hidden: the journal wants a reason");
        return Vec::new();
    }
    let (request, object) = (document.request, document.object.clone());
    vec![Effect::Reveal { request, target, object, reason: reason.to_owned() }]
}

/// The reason is written down, or could not be.
pub fn revealed(model: &mut Model, request: u64, written: Result<(), Trouble>) {
    if let Err(trouble) = written {
        return model.say_trouble(Level::Failure, &trouble);
    }
    if let Some(document) = of_request(model, request) {
        document.revealed = true;
        model.say(Level::Done, "the values are shown until this page is left; the journal knows why");
    }
}

/// Folds or unfolds the status.
pub fn status(model: &mut Model) {
    if let Some(document) = top(model) {
        let what = if document.toggle_status() { "the status is shown whole" } else { "the status is folded" };
        model.say(Level::Info, what);
        follow_cursor(model);
    }
}

/// Folds or unfolds what is under the cursor.
pub fn fold(model: &mut Model) {
    if let Some(document) = top(model) {
        if !document.toggle_fold() {
            model.say(Level::Info, "there is nothing to fold here");
        }
        follow_cursor(model);
    }
}

/// Breaks long lines, or cuts them.
pub fn wrap(model: &mut Model) {
    if let Some(document) = top(model) {
        document.wrap = !document.wrap;
        let what = if document.wrap { "long lines are broken" } else { "long lines are cut" };
        model.say(Level::Info, what);
        follow_cursor(model);
    }
}

/// Moves the cursor of the document or the plan on top.
pub fn step(model: &mut Model, step: Step) {
    let last = view::rows_on_top(model).last().copied().unwrap_or_default();
    let Some(Reading { cursor, .. }) = reading(model) else { return };
    *cursor = match step {
        Step::By(lines) => (*cursor).min(last).saturating_add_signed(lines).min(last),
        Step::First => 0,
        Step::Last => last,
    };
    follow_cursor(model);
}

/// A text on top that has a cursor: a document, or the dialog of a plan.
struct Reading<'m> {
    search: &'m mut String,
    cursor: &'m mut usize,
    scroll: &'m mut usize,
}

fn reading(model: &mut Model) -> Option<Reading<'_>> {
    match model.overlays.last_mut()? {
        Overlay::Document(document) => {
            let Document { search, cursor, scroll, .. } = &mut **document;
            Some(Reading { search, cursor, scroll })
        }
        Overlay::Plan(dialog) => {
            let PlanDialog { search, cursor, scroll, .. } = &mut **dialog;
            Some(Reading { search, cursor, scroll })
        }
        _ => None,
    }
}

/// Scrolls so that the line under the cursor is seen, whole if it can be.
pub fn follow_cursor(model: &mut Model) {
    let rows = view::rows_on_top(model);
    let visible = view::page_rows(model).max(1);
    let Some(Reading { cursor, scroll, .. }) = reading(model) else { return };
    *cursor = (*cursor).min(rows.last().copied().unwrap_or_default());
    *scroll = scrolled(&rows, *cursor, *scroll, visible);
}

/// The first visible row with which the line under the cursor is seen, whole if it can be. `rows`: of which line each is.
fn scrolled(rows: &[usize], cursor: usize, scroll: usize, visible: usize) -> usize {
    let first = rows.iter().position(|line| *line == cursor).unwrap_or_default();
    let last = rows.iter().rposition(|line| *line == cursor).unwrap_or_default();
    let scroll = if last >= scroll + visible { last + 1 - visible } else { scroll };
    scroll.min(first).min(rows.len().saturating_sub(visible))
}

/// Goes to the next line, or the one before, that has what is looked for.
pub fn search(model: &mut Model, forward: bool) {
    let found = view::found_lines(model);
    let Some(Reading { search, cursor, .. }) = reading(model) else {
        return model.say(Level::Info, "there is nothing to search here");
    };
    if search.is_empty() {
        return model.say(Level::Info, "nothing is looked for: / begins");
    }
    let from = *cursor;
    let next = if forward {
        found.iter().find(|line| **line > from).or(found.first())
    } else {
        found.iter().rev().find(|line| **line < from).or(found.last())
    };
    let Some(next) = next.copied() else { return model.say(Level::Info, "it does not occur") };
    *cursor = next;
    let place = found.iter().position(|line| *line == next).unwrap_or_default() + 1;
    follow_cursor(model);
    model.say(Level::Info, format!("{place} of {}", found.len()));
}

/// Looks for a text as it is typed: the first line at or below the present one that has it.
pub fn look_for(model: &mut Model, text: &str) {
    let Some(Reading { search, cursor, .. }) = reading(model) else { return };
    *search = text.to_lowercase();
    let from = *cursor;
    let found = view::found_lines(model);
    let next = found.iter().find(|line| **line >= from).or(found.first()).copied();
    if let (Some(line), Some(Reading { cursor, .. })) = (next, reading(model)) {
        *cursor = line;
        follow_cursor(model);
    }
}
