//! The mouse, where it was asked for: a click puts the cursor there, a second one opens, one on a hint does what its key does; the
//! wheel moves.

use std::hash::Hash;

use super::super::effect::Effect;
use super::super::keymap::{Command, Mouse};
use super::super::model::list::{List, Step};
use super::super::model::overlay::Overlay;
use super::super::model::{Model, Pane};
use super::super::view;
use super::{keys, nav, places};

/// How many rows a notch of the wheel moves.
const NOTCH: isize = 3;

/// The mouse was used.
pub fn used(model: &mut Model, what: Mouse, x: u16, y: u16) -> Vec<Effect> {
    if model.prompt.is_some() {
        return Vec::new();
    }
    let by = match what {
        Mouse::Click => return click(model, x, y),
        Mouse::WheelUp => -NOTCH,
        Mouse::WheelDown => NOTCH,
    };
    // What is beside has its keys for that.
    if view::is_beside(model, x, y) {
        return Vec::new();
    }
    // The wheel moves what is under it, and what keys go to stays.
    let focus = model.here.focus;
    if let Some((pane, _)) = view::pane_at(model, x, y).filter(|_| model.overlays.is_empty()) {
        model.here.focus = pane;
    }
    nav::step(model, Step::By(by));
    model.here.focus = focus;
    Vec::new()
}

fn click(model: &mut Model, x: u16, y: u16) -> Vec<Effect> {
    // A hint does what its key does.
    if let Some(command) = view::hint_at(model, x, y) {
        return keys::run(model, command);
    }
    if view::is_beside(model, x, y) {
        return keys::run(model, Command::OtherSide);
    }
    if !model.overlays.is_empty() {
        let Some(row) = view::page_row_at(model, x, y) else { return Vec::new() };
        let was_there = match model.overlays.last_mut() {
            Some(Overlay::Objects(objects)) => put(&mut objects.list, row),
            Some(Overlay::Rights(page)) => put(&mut page.list, row),
            Some(Overlay::Contexts(list) | Overlay::Journal(list)) => put(list, row),
            _ => false,
        };
        return if was_there { places::travel(model, nav::open) } else { Vec::new() };
    }
    let Some((pane, row)) = view::pane_at(model, x, y) else { return Vec::new() };
    let again = model.here.focus == pane;
    nav::focus(model, pane);
    let Some(row) = row else { return Vec::new() };
    let was_there = match pane {
        Pane::Tenants => put(&mut model.here.tenants, row),
        Pane::Namespaces => put(&mut model.here.namespaces, row),
        Pane::Access => put(&mut model.here.access, row),
        Pane::Identity => return Vec::new(),
    };
    if again && was_there { places::travel(model, nav::open) } else { Vec::new() }
}

/// Puts the cursor on a visible row; true if it stood there already.
fn put<K: Clone + Eq + Hash>(list: &mut List<K>, row: usize) -> bool {
    let to = list.offset() + row;
    let (at, last) = (list.at(), list.rows().len());
    if to < last && to != at {
        list.step(Step::By(to as isize - at as isize));
    }
    to == at
}
