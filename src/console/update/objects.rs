//! The page of objects of any kind: opening it, what comes in for it, and leaving it.

use super::super::effect::Effect;
use super::super::model::command_line::Line;
use super::super::model::objects::Objects;
use super::super::model::overlay::Overlay;
use super::super::model::places::Shelf;
use super::super::model::{Level, Model};
use super::command::is_namespace_name;
use crate::world::name::Name;
use crate::world::resource::Resource;
use crate::world::table::Listed;

/// What stands for all namespaces in place of one.
const ALL: [&str; 4] = ["-A", "-a", "all", "*"];

/// Opens the page on what a line says: a kind, if its word is one. Nothing if it is none.
pub fn command(model: &mut Model, line: &Line) -> Option<Vec<Effect>> {
    let meant = model.here.world.resources.meant(&line.word)?;
    let resource = meant.resource.clone();
    let others: Vec<String> = meant.others.iter().map(|other| other.full_name()).collect();
    if !resource.can("list") {
        let what = format!("{resource} cannot be listed: the server only lets one {}", resource.verbs.join(", "));
        model.say(Level::Warning, what);
        return Some(Vec::new());
    }
    let namespace = match line.name.as_deref() {
        _ if !resource.namespaced => {
            if let Some(name) = &line.name {
                model.say(
                    Level::Warning,
                    format!("{resource} lie in no namespace: what is {name}? A filter begins with /"),
                );
                return Some(Vec::new());
            }
            None
        }
        Some(name) if ALL.contains(&name) => None,
        Some(name) if is_namespace_name(name) => Some(Name::from(name)),
        Some(name) => {
            let rule = "up to 63 lower-case letters, digits and dashes";
            model.say(Level::Warning, format!("{name} cannot be a namespace's name: those are {rule}"));
            return Some(Vec::new());
        }
        None => Some(model.here.namespace.clone().unwrap_or_else(|| "default".into())),
    };
    let effects = open(model, resource, namespace, &line.filter);
    if !others.is_empty() {
        model.say(Level::Info, format!("{} is {} here; there is also {}", line.word, title(model), others.join(", ")));
    }
    Some(effects)
}

fn title(model: &Model) -> String {
    model.objects().map(|objects| objects.resource.full_name()).unwrap_or_default()
}

/// Opens the page; one that is open is replaced.
pub fn open(model: &mut Model, resource: Resource, namespace: Option<Name>, filter: &str) -> Vec<Effect> {
    let request = model.next_request();
    let objects = Objects::new(resource.clone(), namespace.clone(), request, filter);
    model.overlays.clear();
    model.overlays.push(Overlay::Objects(Box::new(objects)));
    model.listing = Some(request);
    vec![Effect::List { request, resource: Box::new(resource), namespace }]
}

/// Opens the page that a place remembers.
pub fn take_out(model: &mut Model, shelf: &Shelf) -> Vec<Effect> {
    let Some(resource) = model.here.world.resources.meant(&shelf.kind).map(|meant| meant.resource.clone()) else {
        let line = format!("{} {} /{}", shelf.kind, shelf.namespace.as_deref().unwrap_or("-A"), shelf.filter);
        return super::command::run(model, &line);
    };
    open(model, resource, shelf.namespace.as_deref().map(Into::into), &shelf.filter)
}

/// Shows those of all namespaces, or again those of the one in force.
pub fn all_namespaces(model: &mut Model) -> Vec<Effect> {
    let Some(objects) = model.objects() else { return Vec::new() };
    let resource = objects.resource.clone();
    if !resource.namespaced {
        model.say(Level::Info, format!("{resource} lie in no namespace"));
        return Vec::new();
    }
    let namespace = match objects.namespace {
        Some(_) => None,
        None => Some(model.here.namespace.clone().unwrap_or_else(|| "default".into())),
    };
    let filter = objects.list.filter.clone();
    let effects = open(model, resource, namespace, &filter);
    let words = model.objects().map(Objects::words).unwrap_or_default();
    model.say(Level::Info, words);
    effects
}

/// Takes in news of the page.
pub fn listed(model: &mut Model, request: u64, listed: Listed) {
    let now = model.seconds();
    let page = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Objects(objects) if objects.request == request => Some(objects),
        _ => None,
    });
    if let Some(objects) = page {
        objects.take(listed, now);
    }
}

/// Nobody looks at what was being listed any more.
pub fn forget(model: &mut Model) -> Option<Effect> {
    let request = model.listing?;
    let is_open = |overlay: &Overlay| matches!(overlay, Overlay::Objects(objects) if objects.request == request);
    if model.overlays.iter().any(is_open) {
        return None;
    }
    model.listing = None;
    Some(Effect::Unlist)
}
