//! Says why something was refused: what is on the screen, or under the cursor.

use super::super::effect::Effect;
use super::super::model::document::Form;
use super::super::model::overlay::Overlay;
use super::super::model::why::{self, Told};
use super::super::model::{Level, Model, Pane};
use super::super::view;
use super::document;
use crate::world::freshness::{Freshness, Sources};
use crate::world::name::Name;

/// Opens the page that says why, or the document that does.
pub fn explain(model: &mut Model) -> Vec<Effect> {
    let told = match model.overlays.last() {
        Some(Overlay::Why { .. }) => {
            model.overlays.pop();
            return Vec::new();
        }
        Some(Overlay::Plan(dialog)) => why::of_plan(dialog, view::plan_step(model)),
        Some(Overlay::Objects(objects)) => {
            let freshness = objects.freshness();
            let rows = objects.list.rows().is_empty();
            let listed = || format!("the list of {}", objects.words());
            match freshness {
                Freshness::Refused { trouble } | Freshness::Failing { trouble } if rows => {
                    vec![Told::trouble(listed(), &trouble, objects.namespace.as_deref())]
                }
                // An event says all there is to it.
                _ if objects.resource.plural == "events" => of_event_row(model).into_iter().collect(),
                _ => return document::open(model, Form::Why),
            }
        }
        Some(Overlay::Document(_) | Overlay::Namespace { .. }) => return document::open(model, Form::Why),
        Some(Overlay::Messages { .. }) => of_messages(model),
        Some(_) => Vec::new(),
        None => match of_panes(model) {
            Some(told) => told,
            None => return document::open(model, Form::Why),
        },
    };
    if told.is_empty() {
        model.say(Level::Info, "nothing is refused here");
        return Vec::new();
    }
    model.overlays.push(Overlay::Why { told, scroll: 0 });
    Vec::new()
}

/// What of the panes is refused: the list that the focused one shows, and behind the identity all of them. `None` if a row is under
/// the cursor.
fn of_panes(model: &Model) -> Option<Vec<Told>> {
    if let Some((title, trouble)) = model.here.nothing_to_see() {
        return Some(vec![Told::trouble(title, trouble, None)]);
    }
    let world = &model.here.world;
    let refused = |what: &str, sources: &Sources| {
        let trouble = sources.refused()?;
        Some(Told::trouble(format!("the list of {what} in the whole cluster"), trouble, None))
    };
    let (sources, what, empty) = match model.here.focus {
        Pane::Tenants => (world.tenants.sources(), "tenants", model.here.tenants.rows().is_empty()),
        Pane::Namespaces => (world.namespaces.sources(), "namespaces", model.here.namespaces.rows().is_empty()),
        Pane::Access => (world.bindings.sources(), "rolebindings", true),
        Pane::Identity => {
            return Some(world.sources().filter_map(|(what, sources)| refused(what, sources)).collect());
        }
    };
    empty.then(|| refused(what, sources).into_iter().collect())
}

/// The event under the cursor of a page of events, as the server's own columns tell it.
fn of_event_row(model: &Model) -> Option<Told> {
    let objects = model.objects()?;
    let key = objects.list.selected()?;
    let cells = objects.rows.get(key)?;
    let cell = |title: &str| {
        let at = objects.columns().flatten().position(|column| &*column.title == title)?;
        cells.cells.get(at).map(ToString::to_string)
    };
    let text = cell("MESSAGE")?;
    let reason = cell("REASON").unwrap_or_default();
    crate::world::denial::read_event(&reason, &text)?;
    let about = cell("OBJECT").unwrap_or_default();
    Some(Told { about, text, reason, namespace: key.0.clone(), count: 1, ..Told::default() })
}

/// What was said of refusals, the latest first.
fn of_messages(model: &Model) -> Vec<Told> {
    let refusals = model.messages.iter().rev().filter(|message| message.level >= Level::Warning);
    let told = refusals.filter(|message| !message.detail.is_empty()).map(|message| Told {
        about: "said".to_owned(),
        text: message.detail.clone(),
        said: Some((message.text.clone(), message.advice.clone())),
        at: Some(message.at / 1000),
        count: 1,
        ..Told::default()
    });
    told.take(20).collect()
}

/// The namespace that a page is about.
pub fn page_namespace(model: &Model) -> Option<Name> {
    match model.overlays.last() {
        Some(Overlay::Namespace { name, .. }) => Some(name.clone()),
        _ => None,
    }
}
