//! Who we are: what is kept of it for others, and how long it lasts.

use super::super::effect::Effect;
use super::super::model::{Level, Model};
use crate::world::feed::{Feed, What};
use crate::world::identity::{Expiry, Known, Proof};
use crate::world::trouble::{Trouble, TroubleKind};

/// Keeps what is known of us for prompts and lists of contexts, once all that it goes by is there, and when that changes.
pub fn learned(model: &mut Model) -> Option<Effect> {
    let world = &model.here.world;
    let (place, identity) = (world.place.as_ref()?, world.identity.as_ref()?);
    if place.is_demo || !world.standing_is_settled() {
        return None;
    }
    let known = Known::of(place, identity, world.standing(), model.now / 1000);
    let is_news = model.here.known.as_ref().is_none_or(|before| Known { at: known.at, ..before.clone() } != known);
    is_news.then(|| {
        model.here.known = Some(known.clone());
        Effect::Know(Box::new(known))
    })
}

/// Whether a piece of news may change what [`learned`] keeps.
pub fn is_about_us(feed: &Feed) -> bool {
    match feed {
        Feed::Identity(_) => true,
        Feed::Tenants(change) => matches!(change.what, What::Synced | What::Failed(_) | What::Absent),
        Feed::Configuration(change) => matches!(change.what, What::Synced | What::Failed(_) | What::Absent),
        Feed::Bindings(change) => matches!(change.what, What::Synced),
        _ => false,
    }
}

/// How we prove who we are is another now, or known only now.
pub fn proven(model: &mut Model, proof: Proof) -> Vec<Effect> {
    if let Some(place) = &mut model.here.world.place {
        place.proof = proof;
    }
    expire(model)
}

/// Says that a credential ends, in time and when it has ended; once each.
pub fn expire(model: &mut Model) -> Vec<Effect> {
    let Some(place) = &model.here.world.place else { return Vec::new() };
    let (proof, now) = (&place.proof, model.now / 1000);
    let expiry = proof.validity().expiry(now);
    if expiry == Expiry::Far || model.here.expiry_told == Some(expiry) {
        return Vec::new();
    }
    // Somebody else renews files, and nobody tells us: we look first.
    if matches!(proof, Proof::Token { file: Some(_), .. }) && model.here.expiry_asked != Some(expiry) {
        model.here.expiry_asked = Some(expiry);
        return vec![Effect::ReadProof { generation: model.here.generation }];
    }
    model.here.expiry_told = Some(expiry);
    let (level, what) = match expiry {
        Expiry::Soon(end) => {
            (Level::Warning, format!("the {} expires {}", proof.words(), crate::text::age::until(end - now)))
        }
        _ => (Level::Failure, format!("the {} has expired: the server will take it no more", proof.words())),
    };
    let trouble = Trouble::new(TroubleKind::Credentials, what).advise(advice(proof));
    model.say_trouble(level, &trouble);
    Vec::new()
}

fn advice(proof: &Proof) -> String {
    match proof {
        Proof::Certificate { .. } => {
            "get a fresh kubeconfig; for owners of tenants `tenantry kubeconfig` makes one".to_owned()
        }
        Proof::Token { file: Some(file), .. } => format!("whoever writes {file} has to write a new one"),
        Proof::Exec { command, .. } => format!("log in with the tool that {command} belongs to"),
        _ => "log in again, or get a fresh kubeconfig".to_owned(),
    }
}

/// Opens a shell that goes where we go.
pub fn shell(model: &mut Model) -> Vec<Effect> {
    let Some(place) = model.here.world.place.as_ref() else {
        model.say(Level::Warning, "no context is open: a shell would go nowhere");
        return Vec::new();
    };
    if place.is_demo {
        let words =
            "the demo is in this program: nobody else could reach it; `tenantry demo serve` serves it to others";
        model.say(Level::Warning, words);
        return Vec::new();
    }
    // What the server has not said yet it may say later; until then whom we act as is all that is sure.
    let identity = model.here.world.identity.as_ref().map(|identity| identity.username.clone());
    let acting = place.acting_as.as_ref().map(|acting| acting.user.clone());
    let user = identity.or(acting).unwrap_or_else(|| "somebody whom the server has not named yet".to_owned());
    let namespace = model.here.namespace.as_deref().unwrap_or(&place.namespace).to_owned();
    vec![Effect::Shell { namespace, user }]
}

/// When the next thing is to be said of it (milliseconds).
pub fn next_expiry(model: &Model) -> Option<i64> {
    let place = model.here.world.place.as_ref()?;
    Some(place.proof.validity().next_change(model.now / 1000)? * 1000)
}
