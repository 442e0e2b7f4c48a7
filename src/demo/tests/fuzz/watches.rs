//! A watch that is kept open tells everything that happens, in its order.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::Value;

use super::lists::{Objects, Snapshot, same};
use super::request::{Request, collection};
use crate::demo::api::body::Body;
use crate::demo::api::handle;
use crate::demo::cluster::Cluster;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;

/// A watch of one kind, and what it has told so far.
pub struct Watch {
    name: String,
    /// Only objects with this label, if it is said.
    label: Option<(&'static str, &'static str)>,
    pieces: BoxStream<'static, Bytes>,
    objects: Objects,
    last: u64,
}

impl Watch {
    /// Begins where a list was got.
    pub fn begin(
        cluster: &Arc<Cluster>,
        kind: &Kind,
        list: &Snapshot,
        label: Option<(&'static str, &'static str)>,
    ) -> Result<Self, String> {
        let name = kind.qualified();
        let selector = label.map(|(key, value)| format!("&labelSelector={key}%3D{value}")).unwrap_or_default();
        let path = format!("{}?watch=true&resourceVersion={}{selector}", collection(kind, None), list.version);
        let request = Request::of_root("GET", path).to_http().ok_or("a watch cannot be said")?;
        let Body::Stream(pieces) = handle(cluster, request).into_body() else {
            return Err(format!("{name}: the watch was refused"));
        };
        let mut watch =
            Self { name, label, pieces, objects: Objects::new(), last: list.version.parse().unwrap_or_default() };
        watch.objects = watch.wanted(&list.objects);
        Ok(watch)
    }

    /// Those of the objects that it is about.
    fn wanted(&self, all: &Objects) -> Objects {
        let is_wanted = |one: &Object| self.label.is_none_or(|(key, value)| one.label(key) == Some(value));
        all.iter().filter(|(_, one)| is_wanted(one)).map(|(key, one)| (key.clone(), one.clone())).collect()
    }

    /// Takes up all that has happened; it must come to what is listed now.
    pub fn catch_up(&mut self, now: &Objects) -> Result<(), String> {
        while let Some(piece) = self.pieces.next().now_or_never() {
            let piece = piece.ok_or_else(|| format!("{}: the watch has ended", self.name))?;
            let event: Value = serde_json::from_slice(&piece).map_err(|error| format!("{}: {error}", self.name))?;
            self.event(&event).map_err(|what| format!("watch of {}: {what}: {event}", self.name))?;
        }
        same(&format!("watch of {}", self.name), &self.wanted(now), &self.objects)
    }

    fn event(&mut self, event: &Value) -> Result<(), String> {
        let object = event.get("object").ok_or("an event without an object")?;
        let version: u64 = object.version().parse().map_err(|_| "an object without a version")?;
        // One write may end one object and change no other: each has a revision of its own.
        if version <= self.last {
            return Err(format!("the version falls: {} came before", self.last));
        }
        self.last = version;
        let key = (object.namespace().to_owned(), object.name().to_owned());
        let known = self.objects.get(&key);
        match (event.text(&["type"]), known) {
            (Some("ADDED"), None) | (Some("MODIFIED"), Some(_)) => drop(self.objects.insert(key, object.clone())),
            (Some("DELETED"), Some(known)) if known.uid() == object.uid() => drop(self.objects.remove(&key)),
            (_, known) => return Err(format!("what was known is {}", known.map_or("nothing", |_| "something"))),
        }
        Ok(())
    }
}

/// One watch of each kind, and one with a selector.
pub struct Watches(BTreeMap<String, Vec<Watch>>);

impl Watches {
    /// Begins with what has just been listed.
    pub fn begin(cluster: &Arc<Cluster>, kinds: &[Kind], lists: &BTreeMap<String, Snapshot>) -> Result<Self, String> {
        let mut all = BTreeMap::new();
        for kind in kinds {
            let Some(list) = lists.get(&kind.qualified()) else { continue };
            let watches = [None, Some(("app", "web"))].map(|label| Watch::begin(cluster, kind, list, label));
            all.insert(kind.qualified(), watches.into_iter().collect::<Result<_, _>>()?);
        }
        Ok(Self(all))
    }

    /// All that are of a kind catch up.
    pub fn catch_up(&mut self, kind: &Kind, now: &Objects) -> Result<(), String> {
        self.0.get_mut(&kind.qualified()).into_iter().flatten().try_for_each(|watch| watch.catch_up(now))
    }
}
