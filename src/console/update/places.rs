//! Going back and forth between places, and to pinned ones.

use super::super::effect::Effect;
use super::super::keymap::Command;
use super::super::model::command_line;
use super::super::model::offer::hint;
use super::super::model::places::{Place, is_pin};
use super::super::model::{Level, Model, Pane};
use super::{acting, arrange, nav, objects, worlds};
use crate::action::small;

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
    let is_elsewhere = place.context != model.here.context() || place.acting_as.as_ref() != model.here.acting_as();
    let mut effects = Vec::new();
    if is_elsewhere {
        match (worlds::go(model, &place.context, place.acting_as.as_ref()), &place.acting_as) {
            (Some(went), _) => effects = went,
            (None, Some(acting_as)) if place.context == model.here.context() => return acting::again(model, acting_as),
            (None, _) => {
                model.say(
                    Level::Info,
                    format!("{} is seen so only from there: go to {} first", place.words(), place.context),
                );
                return effects;
            }
        }
    }
    model.overlays.clear();
    nav::focus(model, place.focus);
    model.here.breadth = place.breadth;
    model.here.narrow = place.namespace.is_some() && place.focus != Pane::Tenants;
    model.here.show_raw(place.raw);
    let [tenants, namespaces, access] = place.filters.clone();
    (model.here.tenants.filter, model.here.namespaces.filter, model.here.access.filter) = (tenants, namespaces, access);
    if let Some(tenant) = &place.tenant {
        model.here.tenants.wish(tenant.as_str().into());
    }
    model.refresh_rows();
    if let Some(namespace) = &place.namespace {
        model.here.namespaces.wish(namespace.as_str().into());
    }
    let whereabouts = if is_elsewhere { format!("{}: ", place.context) } else { String::new() };
    model.say(Level::Info, format!("{whereabouts}{}", place.words()));
    if let Some(shelf) = &place.objects {
        effects.extend(objects::take_out(model, shelf));
    }
    if let Some(line) = &place.rights {
        effects.extend(super::command::run(model, line));
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
        Some(digit) => pin_as(model, &digit),
        None => {
            model.say(Level::Warning, "all nine digits are taken: `:pin 3` takes one over");
            Vec::new()
        }
    }
}

/// Pins the present place on a digit, or under a name that means nothing else.
pub fn pin_as(model: &mut Model, name: &str) -> Vec<Effect> {
    if !is_pin(name) {
        let rule = "a digit from 1 to 9, or a name of letters, digits, `-`, `_` and `.`";
        model.say(Level::Warning, format!("a place cannot be pinned as {name}: it takes {rule}"));
        return Vec::new();
    }
    let is_word = command_line::word(name).is_some() || small::named(name).is_some() || name.parse::<Command>().is_ok();
    if is_word || model.here.world.resources.meant(name).is_some() {
        model.say(Level::Warning, format!(":{name} means something already; choose another name"));
        return Vec::new();
    }
    let here = Place::of(model);
    let way = if name.starts_with(char::is_alphabetic) { ":" } else { "" };
    model.say(Level::Done, format!("{way}{name} comes back here: {}", here.words()));
    model.places.pins.insert(name.to_owned(), here);
    arrange::keep(model)
}

/// Takes a pin away.
pub fn unpin(model: &mut Model, name: &str) -> Vec<Effect> {
    match model.places.pins.remove(name) {
        Some(place) => model.say(Level::Done, format!("{name} is free again; it was {}", place.words())),
        None => model.say(Level::Info, format!("nothing is pinned as {name}")),
    }
    arrange::keep(model)
}

/// Goes to the place on a digit.
pub fn to_digit(model: &mut Model, digit: u8) -> Vec<Effect> {
    if let Some(effects) = to_pin(model, &digit.to_string()) {
        return effects;
    }
    let key = hint(model, Command::PinSet, "pins this place");
    model.say(Level::Info, format!("nothing is pinned on {digit}{key}"));
    Vec::new()
}

/// Goes to the place that is pinned so.
pub fn to_pin(model: &mut Model, name: &str) -> Option<Vec<Effect>> {
    let place = model.places.pins.get(name).cloned()?;
    Some(put(model, &place))
}
