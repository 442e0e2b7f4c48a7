//! Follows one object, and what is told in events of it or of whole namespaces, for somebody who looks at it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use http::Request;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::gate::{Class, Gate};
use super::review::request;
use super::{follow, write};
use crate::plan::ObjectRef;
use crate::world::name::Name;
use crate::world::trouble::{Trouble, TroubleKind};

/// What has been seen.
#[derive(Debug)]
pub enum Seen {
    /// The object as it is now; nothing if it is not there.
    Object(Option<Value>),
    /// The events about it, as far as they are kept.
    Events(Result<Vec<Value>, Trouble>),
    /// It cannot be read; it is tried again.
    Trouble(Trouble),
}

/// How long is waited before what went wrong is tried again, at first and at most: an object that is gone may come back, but
/// nobody has to wait for it.
const AGAIN: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// Tells what the object is, and each time what it has become; and likewise the events: those about it, or all of these
/// namespaces, if there are any. Ends with its task, or when reading is refused.
pub async fn look(gate: &Gate, object: &ObjectRef, namespaces: &[Name], tell: impl Fn(Seen) + Sync) {
    let about = if namespaces.is_empty() { vec![about(object)] } else { namespaces.iter().map(inside).collect() };
    let told = Told::default();
    let events = about.iter().map(|about| events(gate, about, &told, &tell));
    tokio::join!(itself(gate, object, &tell), join_all(events));
}

async fn itself(gate: &Gate, object: &ObjectRef, tell: &(impl Fn(Seen) + Sync)) {
    let mut wait = AGAIN;
    loop {
        match write::read(gate, object).await {
            Ok(found) => {
                tell(Seen::Object(Some(found)));
                let mut told = 0;
                let seen = |now: Option<Value>| {
                    told += 1;
                    tell(Seen::Object(now));
                };
                let begun = Instant::now();
                // Why it ended does not matter: what is so now is read next.
                let _ = follow::follow(gate, object, seen).await;
                // A watch that did its work is taken up again at once, one that did not after a while.
                // What it is comes first, and is no news.
                wait = if told > 1 || begun.elapsed() > LONGEST { AGAIN } else { later(wait).await };
            }
            Err(trouble) if trouble.kind == TroubleKind::NotFound => {
                tell(Seen::Object(None));
                wait = later(wait).await;
            }
            Err(trouble) => {
                let is_refused = matches!(trouble.kind, TroubleKind::Forbidden(_) | TroubleKind::Unauthorized);
                tell(Seen::Trouble(trouble));
                if is_refused {
                    return;
                }
                wait = later(wait).await;
            }
        }
    }
}

/// Waits; answers how long the next time.
async fn later(wait: Duration) -> Duration {
    sleep(wait).await;
    (wait * 2).min(LONGEST)
}

/// Which events: where they are listed, which of them, and a few words for it.
struct About {
    uri: String,
    selector: String,
    words: String,
}

/// The events about an object. Those about a namespace lie in it or in `default`; those about other cluster-wide objects
/// wherever their writer was.
fn about(object: &ObjectRef) -> About {
    let place = object.namespace.as_ref().map(|namespace| format!("/namespaces/{namespace}")).unwrap_or_default();
    About {
        uri: format!("/api/v1{place}/events"),
        selector: format!(
            "&fieldSelector=involvedObject.kind%3D{}%2CinvolvedObject.name%3D{}",
            object.kind, object.name
        ),
        words: format!("the events about {}", object.title()),
    }
}

/// All events of a namespace.
fn inside(namespace: &Name) -> About {
    About {
        uri: format!("/api/v1/namespaces/{namespace}/events"),
        selector: String::new(),
        words: format!("the events in {namespace}"),
    }
}

/// How many events are listed at first of each place, and how many are kept in all.
const LISTED: usize = 500;
const KEPT: usize = 1_000;

/// Events by their uid.
#[derive(Default)]
struct Told(Mutex<BTreeMap<String, Value>>);

impl Told {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        // It is never left half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the events, and each time what has come to them.
async fn events(gate: &Gate, about: &About, told: &Told, tell: &(impl Fn(Seen) + Sync)) {
    let mut wait = AGAIN;
    loop {
        let begun = Instant::now();
        match list_and_watch(gate, about, told, tell).await {
            Ok(()) => {}
            Err(trouble) if matches!(trouble.kind, TroubleKind::Gone | TroubleKind::Interrupted) => {}
            Err(trouble) => {
                let is_refused = matches!(trouble.kind, TroubleKind::Forbidden(_) | TroubleKind::Unauthorized);
                // What another namespace has told stays.
                if told.all().is_empty() {
                    tell(Seen::Events(Err(trouble)));
                }
                if is_refused {
                    return;
                }
            }
        }
        wait = if begun.elapsed() > LONGEST { AGAIN } else { later(wait).await };
    }
}

async fn list_and_watch(gate: &Gate, about: &About, told: &Told, tell: &(impl Fn(Seen) + Sync)) -> Result<(), Trouble> {
    #[derive(Deserialize)]
    struct List {
        #[serde(default)]
        metadata: Value,
        #[serde(default)]
        items: Vec<Value>,
    }
    let About { uri, selector, words } = about;
    let doing = format!("read {words}");
    let listing = request(Request::get(format!("{uri}?limit={LISTED}{selector}")), Vec::new())?;
    let list: List = gate.ask(Class::Read, listing, &doing).await?;
    told.all().extend(list.items.into_iter().map(|event| (uid(&event), event)));
    tell(Seen::Events(Ok(latest(told))));
    let version = list.metadata.get("resourceVersion").and_then(Value::as_str).unwrap_or("0");
    let watching = format!("{uri}?watch=true&allowWatchBookmarks=true&resourceVersion={version}{selector}");
    follow::watch(gate, watching, &doing, |gone, event| {
        // Events are kept for an hour only; that one goes is no news.
        if !gone {
            told.all().insert(uid(&event), event);
            tell(Seen::Events(Ok(latest(told))));
        }
    })
    .await
}

fn uid(event: &Value) -> String {
    event.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The events that are known, the latest first; the oldest are forgotten.
fn latest(told: &Told) -> Vec<Value> {
    let mut told = told.all();
    let mut events: Vec<Value> = told.values().cloned().collect();
    events.sort_by(|one, other| when(other).cmp(when(one)));
    for event in events.iter().skip(KEPT) {
        told.remove(&uid(event));
    }
    events.truncate(KEPT);
    events
}

/// When an event was last told, as it says it.
fn when(event: &Value) -> &str {
    ["/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"]
        .iter()
        .find_map(|path| event.pointer(path).and_then(Value::as_str))
        .unwrap_or_default()
}
