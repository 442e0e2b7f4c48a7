//! News from the cluster, and what follows from them.

use std::collections::BTreeSet;

use super::super::effect::Effect;
use super::super::keymap::{Command, Layer};
use super::super::model::{Level, Model};
use super::{command, identity, worlds};
use crate::plan::Goal;
use crate::world::capsule::{Era, Standing, WebhookHealth};
use crate::world::cordon::Cordon;
use crate::world::feed::{Feed, What};
use crate::world::identity::Place;
use crate::world::name::Name;
use crate::world::tenant::Tenant;
use crate::world::trouble::{Trouble, TroubleKind};
use crate::world::{Link, World};

/// How many namespaces are followed one by one at most: each costs a connection per kind.
const FOLLOWED: usize = 6;
/// Between two questions whether the webhooks answer: while they do, and while they do not (milliseconds). Asked instead of
/// one heartbeat in six, so that an idle console sends no more than one request in ten seconds.
const PROBE: i64 = 60_000;
const PROBE_DEAD: i64 = 10_000;

/// Takes in a piece of news.
pub fn apply(model: &mut Model, feed: Feed) -> Vec<Effect> {
    let mut effects = Vec::new();
    match &feed {
        Feed::Connected => {
            if matches!(model.here.world.link, Link::Down { .. }) {
                model.say(Level::Done, "the cluster answers again");
            }
            model.here.probed = None;
            model.here.rebuilt = false;
        }
        Feed::Disconnected(trouble) => {
            model.say_trouble(Level::Failure, trouble);
            // A token may just have run out: what made it (a file, a plugin) is asked for a new one, once.
            if trouble.kind == TroubleKind::Unauthorized && !model.here.rebuilt {
                model.here.rebuilt = true;
                effects.push(worlds::again(model, false));
            }
        }
        Feed::WebhookHealth(health) => said_of_webhooks(model, health),
        // What an earlier run has left undone is offered as soon as it is known where and as whom.
        Feed::Identity(_) if !model.journal_read => effects.push(Effect::ReadJournal),
        // Capsule was installed while we were looking.
        Feed::Tenants(change) if model.here.world.era == Era::Absent && matches!(change.what, What::Synced) => {
            effects.push(Effect::AskEra { generation: model.here.generation });
        }
        _ => {}
    }
    let about_us = identity::is_about_us(&feed);
    model.here.world.apply(feed, model.seconds());
    if about_us {
        effects.extend(identity::learned(model));
    }
    await_goals(model);
    effects.extend(command::run_unread(model));
    effects.extend(probe(model));
    effects
}

fn said_of_webhooks(model: &mut Model, health: &WebhookHealth) {
    match (health, &model.here.world.webhook_health) {
        (WebhookHealth::Dead { webhook, words }, before) if !matches!(before, WebhookHealth::Dead { .. }) => {
            let what = format!("Capsule's webhook {webhook} does not answer: every namespace write fails");
            let trouble = Trouble::new(TroubleKind::WebhookDown { webhook: webhook.clone() }, what)
                .advise("look at the Capsule controller's pod and at the service its webhooks go to")
                .detailed(words);
            model.say_trouble(Level::Failure, &trouble);
        }
        (WebhookHealth::Answering, WebhookHealth::Dead { .. }) => {
            model.say(Level::Done, "Capsule's webhooks answer again");
        }
        _ => {}
    }
}

/// A context has been opened, or could not be.
pub fn opened(model: &mut Model, opened: Result<Box<Place>, Trouble>) -> Vec<Effect> {
    match opened {
        Ok(place) => {
            model.here.opened(*place);
            return identity::expire(model);
        }
        Err(trouble) => {
            let mut trouble = trouble;
            if matches!(trouble.kind, TroubleKind::NeedsTerminal { .. }) {
                let keys = model.keymap.keys(&[Layer::Table, Layer::Global], Command::Refresh);
                let key = keys.first().map_or_else(|| ":refresh".to_owned(), ToString::to_string);
                trouble.advice = format!("{key} lets it ask at the terminal, with the console out of the way");
            }
            model.say_trouble(Level::Failure, &trouble);
            let now = model.seconds();
            model.here.failed(trouble, now);
        }
    }
    Vec::new()
}

/// Time has passed.
pub fn tick(model: &mut Model) -> Vec<Effect> {
    await_goals(model);
    let mut effects = super::history::expire(model);
    effects.extend(identity::expire(model));
    effects.extend(probe(model));
    effects
}

/// Looks whether what applied plans wait for has come true, or is late.
fn await_goals(model: &mut Model) {
    let now = model.now;
    let mut said = Vec::new();
    let world = &model.here.world;
    model.here.awaited.retain_mut(|awaited| {
        let Goal::Cordoned { tenant, cordoned, .. } = &awaited.goal else { return false };
        let word = if *cordoned { "cordoned" } else { "uncordoned" };
        let Some(row) = world.tenants.get(tenant) else {
            said.push((Level::Warning, format!("{tenant} is gone before it was {word} everywhere")));
            return false;
        };
        awaited.missing = Cordon::missing(row, &world.namespace_map(tenant), *cordoned);
        if awaited.missing.is_empty() {
            said.push((Level::Done, format!("{tenant} is {word}{}", everywhere(world, row))));
            return false;
        }
        if now >= awaited.deadline() && !awaited.late {
            awaited.late = true;
            let missing = awaited.missing.join("; ");
            said.push((Level::Warning, format!("{tenant} is accepted as {word}, but not in force yet: {missing}")));
        }
        true
    });
    for (level, text) in said {
        model.say(level, text);
    }
}

fn everywhere(world: &World, tenant: &Tenant) -> String {
    match Cordon::of(tenant, &world.namespace_map(&tenant.name)) {
        cordon if cordon.cordoned.len() + cordon.open.len() == 0 => "; it has no namespaces".to_owned(),
        cordon => match cordon.cordoned.len() + cordon.open.len() {
            1 => ", in its one namespace".to_owned(),
            n => format!(", in all its {n} namespaces"),
        },
    }
}

/// When the webhooks are to be asked next (milliseconds), if they may be.
pub fn next_probe(model: &Model) -> Option<i64> {
    let world = &model.here.world;
    // For a tenant's people the question would be a refused patch of somebody else's namespace, which leaves an event.
    let may = matches!(world.standing()?, Standing::Administrator | Standing::ClusterAdministrator);
    let there = matches!(world.era, Era::Static | Era::Dynamic) && world.link == Link::Up;
    if !may || !there {
        return None;
    }
    let pause = if matches!(world.webhook_health, WebhookHealth::Dead { .. }) { PROBE_DEAD } else { PROBE };
    Some(model.here.probed.map_or(0, |asked| asked + pause))
}

fn probe(model: &mut Model) -> Vec<Effect> {
    match next_probe(model) {
        Some(due) if due <= model.now => {
            model.here.probed = Some(model.now);
            vec![Effect::ProbeWebhooks { generation: model.here.generation }]
        }
        _ => Vec::new(),
    }
}

/// Which namespaces are to be followed one by one, if that has changed: where a list for the whole cluster is refused, those
/// that are in force, under the cursor, on screen or named, in this order.
pub fn wanted(model: &mut Model) -> Option<Effect> {
    let world = &model.here.world;
    let refused = world.sources().any(|(kind, sources)| kind != "tenants" && sources.refused().is_some());
    let mut names: Vec<Name> = Vec::new();
    if refused {
        let offset = model.here.namespaces.offset();
        let on_screen = model.here.namespaces.rows().iter().skip(offset).take(FOLLOWED);
        let in_force = model.here.namespace.iter().filter(|name| model.here.named.contains(*name));
        let selected = model.here.namespaces.selected();
        let mut seen = BTreeSet::new();
        for name in in_force.chain(selected).chain(on_screen).chain(&model.here.named) {
            if names.len() < FOLLOWED && seen.insert(name.clone()) {
                names.push(name.clone());
            }
        }
        names.sort();
    }
    if names == model.here.wanted {
        return None;
    }
    model.here.wanted.clone_from(&names);
    Some(Effect::Want(names))
}
