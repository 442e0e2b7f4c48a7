//! Watches: changes as they come, one JSON line each.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep_until};

use super::accept::Form;
use super::body::Body;
use super::list::{Selection, version_of};
use super::render;
use super::{Answer, Call};
use crate::demo::cluster::Cluster;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Registry, bytes, stamp};
use crate::demo::schema::kind::Kind;
use crate::demo::status::{FieldFault, Status};
use crate::demo::store::{Change, Stored, Verb, parse};
use crate::demo::table::{self, Include};

/// How long a watch lasts when the client does not say: apiserver's `--min-request-timeout`.
const DURATION: Duration = Duration::from_mins(30);

/// Longer than anybody watches: a clock would overflow with what a client may ask for.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// How often a watch without news tells how far it is, as apiserver's watch cache does.
const BOOKMARK: Duration = Duration::from_mins(1);

/// What tells that all that was there has been sent.
const INITIAL_END: &str = "k8s.io/initial-events-end";

/// Opens a watch.
pub fn watch(registry: &Registry, call: &Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    let mut selection = Selection::of(&call.query, kind)?;
    if call.info.is_named {
        selection.only(&call.info.name);
    }
    let begins = Beginning::of(call)?;
    let version = version_of(&call.query, "resourceVersion").map_err(Status::unknown)?;
    let table = registry.table(&kind.qualified()).ok_or_else(Status::no_such_path)?;
    let Some(news) = registry.store.subscribe(table) else { return Err(Status::no_such_path()) };
    let seconds = call.query.number("timeoutSeconds")?.and_then(|seconds| u64::try_from(seconds).ok());
    let lasts = seconds.filter(|seconds| *seconds > 0).map_or(DURATION, Duration::from_secs).min(LONGEST);
    let now = Instant::now();
    let newest = registry.store.revision();
    let mut open = Open {
        cluster: Arc::clone(call.cluster),
        kind: kind.clone(),
        table,
        namespace: call.scope(kind).map(str::to_owned),
        selection,
        form: call.accept.form,
        include: render::include(&call.query),
        news,
        cursor: version.unwrap_or(newest),
        ready: VecDeque::new(),
        has_columns: false,
        ends: now + lasts,
        bookmarks: call.query.is_true("allowWatchBookmarks"),
        next_bookmark: now + BOOKMARK,
        cuts: call.cluster.faults.cuts(),
        is_over: false,
    };
    // Without a version, and with a streamed list, a watch begins with all that is there.
    if begins == Beginning::List || (begins == Beginning::AsAlways && version.is_none()) {
        open.everything(registry, newest);
    }
    if begins == Beginning::List && open.bookmarks {
        open.bookmark(newest, true);
    }
    let stream = stream::unfold(open, |mut open| async move {
        let piece = open.next().await?;
        Some((piece, open))
    });
    Ok(Answer { code: 200, content: "application/json", body: Body::Stream(stream.boxed()) })
}

/// `sendInitialEvents`: with what a watch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// It does not say: with all that is there if it names no version.
    AsAlways,
    /// With all that is there, and a bookmark after it.
    List,
    /// With the next change.
    Changes,
}

impl Beginning {
    /// Of the query; checks the options that belong to it, as apimachinery's `validateWatchOptions`.
    fn of(call: &Call<'_>) -> Result<Self, Status> {
        const RULE: &str = "resourceVersionMatch";
        let query = &call.query;
        let rule = query.some(RULE);
        let is_asked = query.some("sendInitialEvents").is_some();
        let mut faults = Vec::new();
        if is_asked && rule != Some("NotOlderThan") {
            let why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
            faults.push(FieldFault::forbidden(RULE, why));
        }
        if let Some(rule) = rule {
            if !is_asked {
                let why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
                faults.push(FieldFault::forbidden(RULE, why));
            }
            if rule != "NotOlderThan" {
                faults.push(FieldFault::unsupported(RULE, &json!(rule), &["NotOlderThan"]));
            }
            if query.some("continue").is_some() {
                let why = "resourceVersionMatch is forbidden when continue is provided";
                faults.push(FieldFault::forbidden(RULE, why));
            }
        }
        match is_asked {
            _ if !faults.is_empty() => Err(Status::invalid("meta.k8s.io", "ListOptions", "", &faults)),
            false => Ok(Self::AsAlways),
            true if query.is_true("sendInitialEvents") => Ok(Self::List),
            true => Ok(Self::Changes),
        }
    }
}

/// A watch that is open.
struct Open {
    cluster: Arc<Cluster>,
    kind: Kind,
    table: usize,
    namespace: Option<String>,
    selection: Selection,
    form: Form,
    include: Include,
    news: Receiver<u64>,
    /// Changes up to this revision have been sent.
    cursor: u64,
    ready: VecDeque<Bytes>,
    /// Whether the columns of a Table have been sent: they stand in its first event alone.
    has_columns: bool,
    ends: Instant,
    bookmarks: bool,
    next_bookmark: Instant,
    /// Changes when all watches are to be cut.
    cuts: Receiver<u64>,
    is_over: bool,
}

impl Open {
    /// The next piece of the body; nothing when the watch is over.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            if self.is_over {
                return None;
            }
            self.news.mark_unchanged();
            self.gather();
            if !self.ready.is_empty() || self.is_over {
                continue;
            }
            let bookmark = if self.bookmarks { self.next_bookmark } else { self.ends };
            tokio::select! {
                changed = self.news.changed() => changed.ok()?,
                _ = self.cuts.changed() => return None,
                () = sleep_until(self.ends) => return None,
                () = sleep_until(bookmark), if self.bookmarks => {
                    self.next_bookmark = Instant::now() + BOOKMARK;
                    let revision = self.cluster.lock().store.revision();
                    // Everything up to there has been gathered, or is about to be: gather before telling.
                    self.gather();
                    self.bookmark(revision.min(self.cursor), false);
                }
            }
        }
    }

    /// Takes what has changed since the last time.
    fn gather(&mut self) {
        let cluster = Arc::clone(&self.cluster);
        let registry = cluster.lock();
        let changes: Vec<Change> = match registry.store.changes(self.table, self.cursor) {
            Ok(changes) => changes.filter(|change| self.is_here(change)).cloned().collect(),
            Err(_) => {
                let status = Status::expired(format!(
                    "too old resource version: {} ({})",
                    self.cursor,
                    registry.store.revision()
                ));
                self.event("ERROR", &status.to_value());
                self.is_over = true;
                return;
            }
        };
        self.cursor = registry.store.revision();
        let now = registry.now();
        drop(registry);
        for change in &changes {
            self.change(change, now);
        }
    }

    fn is_here(&self, change: &Change) -> bool {
        self.namespace.as_deref().is_none_or(|namespace| change.key.namespace() == namespace)
    }

    /// One change, as the selectors see it: what begins to match is added, what ceases to is deleted.
    fn change(&mut self, change: &Change, now: jiff::Timestamp) {
        let (verb, body) = if self.selection.is_everything() {
            (change.verb, change.body.clone())
        } else {
            let admits = |body: &[u8]| self.selection.admits(&self.kind, &parse(body));
            let before = change.before.as_ref().is_some_and(|before| admits(&before.body));
            let after = change.verb != Verb::Deleted && admits(&change.body);
            match (before, after) {
                (false, false) => return,
                (false, true) => (Verb::Added, change.body.clone()),
                (true, true) => (Verb::Modified, change.body.clone()),
                (true, false) => (Verb::Deleted, last_state(change)),
            }
        };
        self.object(verb, &body, now);
    }

    /// All that is there now, as additions.
    fn everything(&mut self, registry: &Registry, revision: u64) {
        let namespace = self.namespace.clone();
        let items: Vec<Stored> =
            registry.store.iter(self.table, namespace.as_deref()).map(|(_, stored)| stored.clone()).collect();
        let now = registry.now();
        for stored in items {
            if self.selection.admits_stored(&self.kind, &stored) {
                self.object(Verb::Added, &stored.body, now);
            }
        }
        self.cursor = revision;
    }

    fn object(&mut self, verb: Verb, body: &[u8], now: jiff::Timestamp) {
        let name = match verb {
            Verb::Added => "ADDED",
            Verb::Modified => "MODIFIED",
            Verb::Deleted => "DELETED",
        };
        if self.form == Form::Object && !render::is_view(&self.kind) {
            let mut line = Vec::with_capacity(body.len() + 96);
            line.extend_from_slice(format!("{{\"type\":\"{name}\",\"object\":").as_bytes());
            bytes(&self.kind, body, &mut line);
            line.extend_from_slice(b"}\n");
            self.ready.push_back(line.into());
            return;
        }
        let mut object = parse(body);
        stamp(&self.kind, &mut object);
        let object = render::seen(&self.kind, object);
        let shown = match self.form {
            Form::Metadata | Form::MetadataList => render::metadata(&object),
            Form::Table => self.as_table(&object, now),
            Form::Object | Form::Discovery => object,
        };
        self.event(name, &shown);
    }

    fn as_table(&mut self, object: &Object, now: jiff::Timestamp) -> Value {
        let meta = json!({"resourceVersion": object.version()});
        let mut table = table::table(&self.kind, std::iter::once(object), now, meta, self.include);
        if self.has_columns {
            table.set(&["columnDefinitions"], Value::Null);
        }
        self.has_columns = true;
        table
    }

    /// Tells how far the watch is.
    fn bookmark(&mut self, revision: u64, is_initial: bool) {
        let mut object = json!({"metadata": {"resourceVersion": revision.to_string()}});
        stamp(&self.kind, &mut object);
        if is_initial {
            object.set(&["metadata", "annotations", INITIAL_END], "true");
        }
        self.event("BOOKMARK", &object);
    }

    fn event(&mut self, name: &str, object: &Value) {
        let mut line = json!({"type": name, "object": object}).to_string();
        line.push('\n');
        self.ready.push_back(line.into());
    }
}

/// An object's state before the change that took it out of a selection, at the revision of that change.
fn last_state(change: &Change) -> Bytes {
    let body = change.before.as_ref().map_or(&change.body, |before| &before.body);
    let mut object = parse(body);
    object.set(&["metadata", "resourceVersion"], change.revision.to_string());
    object.to_string().into()
}
