//! Going back and forth between places, and to pinned ones.

use super::super::effect::Effect;
use super::super::model::places::Place;
use super::super::model::{Level, Model, Pane};
use super::{arrange, nav, objects};

/// Does something that may lead elsewhere, and remembers the way back.
pub fn travel(model: &mut Model, go: impl FnOnce(&mut Model) -> Vec<Effect>) -> Vec<Effect> {
    let from = Place::of(model);
    let effects = go(model);
    model.refresh_rows();
    let to = Place::of(model);
    model.places.go(from, to);
    effects
}

/// So many steps back or forward.
pub fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let here = Place::of(model);
    match model.places.step(here, by) {
        Some(place) => put(model, &place),
        None => {
            let way = if by < 0 { "back to" } else { "forward to" };
            model.say(Level::Info, format!("there is no place to go {way}"));
            Vec::new()
        }
    }
}

/// To the place that was left last.
pub fn back_and_forth(model: &mut Model) -> Vec<Effect> {
    let here = Place::of(model);
    match model.places.back_and_forth(here) {
        Some(place) => put(model, &place),
        None => {
            model.say(Level::Info, "there is no place to go back to");
            Vec::new()
        }
    }
}

/// Puts the screen there.
fn put(model: &mut Model, place: &Place) -> Vec<Effect> {
    let effects =
        if place.context == model.context() { Vec::new() } else { nav::switch_context(model, &place.context) };
    model.overlays.clear();
    nav::focus(model, place.focus);
    model.breadth = place.breadth;
    model.narrow = place.namespace.is_some() && place.focus != Pane::Tenants;
    model.show_raw(place.raw);
    let [tenants, namespaces, access] = place.filters.clone();
    (model.tenants.filter, model.namespaces.filter, model.access.filter) = (tenants, namespaces, access);
    if let Some(tenant) = &place.tenant {
        model.tenants.wish(tenant.as_str().into());
    }
    model.refresh_rows();
    if let Some(namespace) = &place.namespace {
        model.namespaces.wish(namespace.as_str().into());
    }
    model.say(Level::Info, place.words());
    let mut effects = effects;
    if let Some(shelf) = &place.objects {
        effects.extend(objects::take_out(model, shelf));
    }
    effects
}

/// Pins the present place on the first digit that is free, or takes its pin away.
pub fn pin(model: &mut Model) -> Vec<Effect> {
    let here = Place::of(model);
    if let Some(digit) = model.places.pinned(&here) {
        model.places.pins.remove(&digit);
        model.say(Level::Done, format!("{digit} is free again"));
        return arrange::keep(model);
    }
    match model.places.free() {
        Some(digit) => pin_on(model, digit),
        None => {
            model.say(Level::Warning, "all nine digits are taken: `:pin 3` takes one over");
            Vec::new()
        }
    }
}

/// Pins the present place on a digit.
pub fn pin_on(model: &mut Model, digit: u8) -> Vec<Effect> {
    let here = Place::of(model);
    model.say(Level::Done, format!("{digit} comes back here: {}", here.words()));
    model.places.pins.insert(digit, here);
    arrange::keep(model)
}

/// Goes to the place on a digit.
pub fn to_pin(model: &mut Model, digit: u8) -> Vec<Effect> {
    let Some(place) = model.places.pins.get(&digit).cloned() else {
        let key = super::keys::hint(model, super::super::keymap::Command::PinSet, "pins this place");
        model.say(Level::Info, format!("nothing is pinned on {digit}{key}"));
        return Vec::new();
    };
    travel(model, |model| put(model, &place))
}
