//! Moving about: focus, cursors, pages, contexts and namespaces.

use super::super::effect::Effect;
use super::super::model::document::Form;
use super::super::model::list::{List, Step};
use super::super::model::overlay::Overlay;
use super::super::model::rows::AccessRow;
use super::super::model::{Breadth, Level, Model, Pane};
use super::super::view;
use crate::world::name::Name;

/// Moves the focus to `pane`.
pub fn focus(model: &mut Model, pane: Pane) {
    // What is gone to by name is shown again.
    model.arrangement_mut().hidden.remove(&pane);
    model.here.focus = pane;
    if matches!(pane, Pane::Access | Pane::Identity) {
        model.here.lower = pane;
    }
    match pane {
        Pane::Tenants => model.here.narrow = false,
        Pane::Namespaces => {
            model.here.narrow = true;
            model.here.namespaces.hold();
        }
        // Looking at access or identity does not change what they are about.
        Pane::Access => model.here.access.hold(),
        Pane::Identity => {}
    }
}

/// Moves the focus to the next pane that is shown, or the one before.
pub fn focus_by(model: &mut Model, by: isize) {
    let panes = model.panes();
    let at = panes.iter().position(|pane| *pane == model.here.focus).unwrap_or(0) as isize;
    if let Some(pane) = panes.get((at + by).rem_euclid(panes.len().max(1) as isize) as usize) {
        focus(model, *pane);
    }
}

/// Another class of screens may show other panes: keys go to one that is shown.
pub fn keep_in_sight(model: &mut Model) {
    if !model.panes().contains(&model.here.focus) {
        focus_by(model, 0);
    }
}

/// Left or right: the neighbouring pane.
pub fn sideways(model: &mut Model, right: bool) {
    let panes = model.panes();
    let at = panes.iter().position(|pane| *pane == model.here.focus).unwrap_or(0);
    match at.checked_add_signed(if right { 1 } else { -1 }).and_then(|to| panes.get(to)) {
        Some(pane) => focus(model, *pane),
        None => model.say(Level::Info, "there is no further pane on this side"),
    }
}

/// Moves the cursor, or scrolls the page on top.
pub fn step(model: &mut Model, step: Step) {
    if super::form::step(model, step) {
        return;
    }
    match model.overlays.last() {
        Some(Overlay::Document(_) | Overlay::Plan(_)) => return super::document::step(model, step),
        Some(_) => return scroll(model, step),
        None => {}
    }
    match model.here.focus {
        Pane::Tenants => model.here.tenants.step(step),
        Pane::Namespaces => model.here.namespaces.step(step),
        Pane::Access => model.here.access.step(step),
        Pane::Identity => {
            let most = view::scroll_limit(model);
            model.here.identity_scroll = moved(model.here.identity_scroll, step, most);
        }
    }
}

/// Moves by a screenful.
pub fn page(model: &mut Model, direction: isize) {
    let rows = view::page_rows(model).max(2) as isize - 1;
    // Beside a form it is the plan that is longer than the screen.
    if super::form::open(model).is_some() {
        return scroll(model, Step::By(direction * (rows / 2).max(1)));
    }
    step(model, Step::By(direction * rows));
}

fn scroll(model: &mut Model, step: Step) {
    let most = view::scroll_limit(model);
    match model.overlays.last_mut() {
        Some(
            Overlay::Namespace { scroll, .. }
            | Overlay::Help { scroll }
            | Overlay::Messages { scroll }
            | Overlay::Past { scroll, .. }
            | Overlay::Why { scroll, .. },
        ) => {
            *scroll = moved(*scroll, step, most);
        }
        Some(Overlay::Contexts(list) | Overlay::Journal(list)) => list.step(step),
        Some(Overlay::Objects(objects)) => objects.list.step(step),
        Some(Overlay::Rights(page)) => page.list.step(step),
        Some(Overlay::Document(_) | Overlay::Plan(_)) | None => {}
    }
}

fn moved(at: usize, step: Step, most: usize) -> usize {
    match step {
        Step::By(rows) => at.min(most).saturating_add_signed(rows).min(most),
        Step::First => 0,
        Step::Last => most,
    }
}

/// Opens what is under the cursor.
pub fn open(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Contexts(list)) = model.overlays.last() {
        let Some(name) = list.selected().cloned() else { return Vec::new() };
        model.overlays.pop();
        return super::worlds::switch_context(model, &name);
    }
    if matches!(model.overlays.last(), Some(Overlay::Journal(_))) {
        return super::history::open(model);
    }
    if matches!(model.overlays.last(), Some(Overlay::Document(_))) {
        super::document::fold(model);
        return Vec::new();
    }
    if model.objects().is_some() {
        return super::document::open(model, Form::Words);
    }
    if model.rights().is_some() {
        return super::rights::open(model);
    }
    if !model.overlays.is_empty() {
        model.say(Level::Info, "there is nothing to open here");
        return Vec::new();
    }
    match model.here.focus {
        Pane::Tenants if model.here.tenants.selected().is_some() => focus(model, Pane::Namespaces),
        Pane::Namespaces => {
            if let Some(name) = model.here.namespaces.selected().cloned() {
                open_namespace(model, name);
            }
        }
        Pane::Access if matches!(model.here.access.selected(), Some(AccessRow::Grant(_))) => {
            let Some(AccessRow::Grant(key)) = model.here.access.selected().cloned() else { return Vec::new() };
            return super::rights::of_grant(model, &key);
        }
        Pane::Access => {
            let namespace = match model.here.access.selected() {
                Some(AccessRow::Binding(namespace, _)) => namespace.clone(),
                _ => None,
            };
            match namespace {
                Some(name) => open_namespace(model, name),
                None => return super::document::open(model, Form::Words),
            }
        }
        Pane::Tenants | Pane::Identity => model.say(Level::Info, "there is nothing to open here"),
    }
    Vec::new()
}

/// Shows raw bindings, or grants.
pub fn raw(model: &mut Model) -> Vec<Effect> {
    model.here.show_raw(!model.here.raw);
    let what = if model.here.raw { "raw bindings" } else { "grants" };
    model.say(Level::Info, format!("access shows {what}"));
    Vec::new()
}

/// Shows all namespaces, or those of the tenant.
pub fn all_namespaces(model: &mut Model) -> Vec<Effect> {
    let all = model.here.breadth == Breadth::Tenant;
    model.here.breadth = if all { Breadth::All } else { Breadth::Tenant };
    model.here.narrow = false;
    model.say(Level::Info, if all { "all namespaces" } else { "the tenant's namespaces" });
    Vec::new()
}

/// Opens the page about a namespace.
pub fn open_namespace(model: &mut Model, name: Name) {
    model.here.namespaces.select(&name);
    model.overlays.push(Overlay::Namespace { name, scroll: 0 });
}

/// Makes the selected namespace the one in force, for this session only.
pub fn use_namespace(model: &mut Model) -> Vec<Effect> {
    match model.selection() {
        crate::action::Selection::Namespace(name) => set_namespace(model, &name),
        _ => {
            model.say(Level::Info, "put the cursor on a namespace first");
            Vec::new()
        }
    }
}

/// Makes `name` the namespace in force, for this session only: the kubeconfig is never written.
pub fn set_namespace(model: &mut Model, name: &Name) -> Vec<Effect> {
    model.say(Level::Done, format!("the namespace is {name}, for this session"));
    model.here.named.insert(name.clone());
    model.here.namespace = Some(name.clone());
    vec![Effect::Remember(name.to_string())]
}

/// Puts the contexts on file into the picker, if it is open.
pub fn refresh_contexts(model: &mut Model) {
    let names: Vec<String> = model.contexts.iter().map(|context| context.name.clone()).collect();
    let current = model.here.world.place.as_ref().map(|place| place.context.clone());
    if let Some(Overlay::Contexts(list)) = model.overlays.last_mut() {
        list.set_rows(names);
        if let Some(current) = current.filter(|_| list.at() == 0) {
            list.select(&current);
        }
    }
}

/// The filter of the focused pane, if it can have one.
pub fn filter_of(model: &Model) -> Option<&String> {
    match model.overlays.last() {
        Some(Overlay::Document(document)) => return Some(&document.search),
        Some(Overlay::Plan(dialog)) => return Some(&dialog.search),
        Some(Overlay::Objects(objects)) => return Some(&objects.list.filter),
        Some(Overlay::Rights(page)) => return Some(&page.list.filter),
        Some(_) => return None,
        None => {}
    }
    match model.here.focus {
        Pane::Tenants => Some(&model.here.tenants.filter),
        Pane::Namespaces => Some(&model.here.namespaces.filter),
        Pane::Access => Some(&model.here.access.filter),
        Pane::Identity => None,
    }
}

/// What is wrong with the filter of the focused pane.
pub fn filter_fault(model: &Model) -> Option<&str> {
    if let Some(objects) = model.objects() {
        return objects.list.kept_by.fault();
    }
    if let Some(page) = model.rights() {
        return page.list.kept_by.fault();
    }
    if !model.overlays.is_empty() {
        return None;
    }
    match model.here.focus {
        Pane::Tenants => model.here.tenants.kept_by.fault(),
        Pane::Namespaces => model.here.namespaces.kept_by.fault(),
        Pane::Access => model.here.access.kept_by.fault(),
        Pane::Identity => None,
    }
}

/// Takes all marks of the focused pane away; whether there were any.
pub fn forget_marks(model: &mut Model) -> bool {
    fn all<K: Clone + Eq + std::hash::Hash>(list: &mut List<K>) -> bool {
        !std::mem::take(&mut list.marks).is_empty()
    }
    if let Some(objects) = model.objects_mut() {
        return all(&mut objects.list);
    }
    if let Some(page) = model.rights_mut() {
        return all(&mut page.list);
    }
    match model.here.focus {
        Pane::Tenants => all(&mut model.here.tenants),
        Pane::Namespaces => all(&mut model.here.namespaces),
        Pane::Access => all(&mut model.here.access),
        Pane::Identity => false,
    }
}

/// Sets the filter of the focused pane.
pub fn set_filter(model: &mut Model, text: &str) {
    if let Some(objects) = model.objects_mut() {
        return text.clone_into(&mut objects.list.filter);
    }
    if let Some(page) = model.rights_mut() {
        return text.clone_into(&mut page.list.filter);
    }
    if !model.overlays.is_empty() {
        return super::document::look_for(model, text);
    }
    let filter = match model.here.focus {
        Pane::Tenants => &mut model.here.tenants.filter,
        Pane::Namespaces => &mut model.here.namespaces.filter,
        Pane::Access => &mut model.here.access.filter,
        Pane::Identity => return,
    };
    text.clone_into(filter);
}
