//! Copying and saving what is under the cursor.

use super::super::effect::Effect;
use super::super::effect::visit::Visit;
use super::super::model::list::List;
use super::super::model::overlay::Overlay;
use super::super::model::rows::AccessRow;
use super::super::model::{Level, Model, Pane, plan_page};
use super::super::view;

/// Copies the value under the cursor of a document, or the names of the marked rows, or that of the row under the cursor.
pub fn value(model: &mut Model) -> Vec<Effect> {
    let found = match model.overlays.last() {
        Some(Overlay::Document(document)) => document.value_under_cursor(model),
        Some(Overlay::Contexts(list)) => list.selected().cloned(),
        Some(Overlay::Namespace { name, .. }) => Some(name.to_string()),
        Some(Overlay::Objects(objects)) => of(&objects.list, |(_, name)| name.to_string()),
        Some(Overlay::Plan(_)) => view::plan_line(model),
        Some(_) => None,
        None => names(model),
    };
    copy(model, found)
}

/// Copies the way to the value under the cursor of a document.
pub fn path(model: &mut Model) -> Vec<Effect> {
    let found = match model.overlays.last() {
        Some(Overlay::Document(document)) => document.path_under_cursor(model),
        _ => None,
    };
    copy(model, found)
}

/// Copies the whole page: a document as it reads back, any other page as it is shown.
pub fn whole(model: &mut Model) -> Vec<Effect> {
    let found = page(model);
    copy(model, found)
}

/// Copies the commands that would do what the open plan does.
pub fn commands(model: &mut Model) -> Vec<Effect> {
    let found = match model.overlays.last() {
        Some(Overlay::Plan(dialog)) => Some(plan_page::commands(dialog)),
        _ => None,
    };
    copy(model, found)
}

/// Saves the whole page to a file.
pub fn save(model: &mut Model) -> Vec<Effect> {
    if let Some(export) = export(model, false) {
        return vec![export];
    }
    match named(model) {
        Some((name, text)) => vec![Effect::Save { name, text }],
        None => {
            model.say(Level::Info, "there is nothing to save here");
            Vec::new()
        }
    }
}

/// Saves what the journal tells as a script.
pub fn script(model: &mut Model) -> Vec<Effect> {
    if let Some(export) = export(model, true) {
        return vec![export];
    }
    model.say(Level::Info, "that is for the journal");
    Vec::new()
}

/// Saves what the journal tells, if that is looked at: all of it, or a plan of it.
fn export(model: &Model, script: bool) -> Option<Effect> {
    let id = match model.overlays.last()? {
        Overlay::Journal(_) => None,
        Overlay::Past { id, .. } => Some(id.clone()),
        _ => return None,
    };
    Some(Effect::ExportJournal { id, script })
}

/// Shows the whole page in another program.
pub fn visit(model: &mut Model, which: Visit) -> Vec<Effect> {
    match named(model) {
        Some((name, text)) => vec![Effect::Visit { which, name, text }],
        None => {
            model.say(Level::Info, "there is nothing to open here");
            Vec::new()
        }
    }
}

/// The page with a name for a file.
fn named(model: &Model) -> Option<(String, String)> {
    let name = match model.overlays.last() {
        Some(Overlay::Document(document)) => document.file_name(),
        Some(Overlay::Plan(dialog)) => dialog.file_name(model.diff_form),
        _ => "page.txt".to_owned(),
    };
    Some((name, page(model)?))
}

fn page(model: &Model) -> Option<String> {
    match model.overlays.last()? {
        Overlay::Document(document) => document.text(model),
        Overlay::Contexts(_) => None,
        Overlay::Objects(objects) => Some(objects.text(model.seconds())),
        Overlay::Plan(dialog) => Some(plan_page::text(dialog, model.diff_form)),
        _ => Some(view::page_text(model)),
    }
}

fn copy(model: &mut Model, found: Option<String>) -> Vec<Effect> {
    let Some(text) = found.filter(|text| !text.is_empty()) else {
        model.say(Level::Info, "there is nothing to copy here");
        return Vec::new();
    };
    let said = match text.lines().count() {
        0 | 1 => format!("copied {}", crate::text::width::cut_middle(&text, 60)),
        lines => format!("copied {lines} lines"),
    };
    model.say(Level::Done, said);
    vec![Effect::Copy(text)]
}

fn names(model: &Model) -> Option<String> {
    let row = |row: &AccessRow| match row {
        AccessRow::Grant(grant) => grant.subject.name(),
        AccessRow::Binding(_, name) => name.to_string(),
    };
    match model.focus {
        Pane::Tenants => of(&model.tenants, ToString::to_string),
        Pane::Namespaces => of(&model.namespaces, ToString::to_string),
        Pane::Access => of(&model.access, row),
        Pane::Identity => model.world.identity.as_ref().map(|identity| identity.username.clone()),
    }
}

/// The names of the marked rows in their order, or that of the row under the cursor.
fn of<K: Clone + Eq + std::hash::Hash>(list: &List<K>, name: impl Fn(&K) -> String) -> Option<String> {
    if list.marks.is_empty() {
        return list.selected().map(name);
    }
    let shown = list.rows().iter().filter(|row| list.marks.contains(row));
    let hidden = list.marks.iter().filter(|row| !list.rows().contains(row));
    Some(shown.chain(hidden).map(name).collect::<Vec<_>>().join("\n"))
}
