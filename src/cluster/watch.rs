//! One watch: lists a kind in a scope, then follows it, for as long as it is wanted.
//!
//! ```text
//! list ──items as they arrive──▶ Rows… Synced ──▶ watch ──events──▶ Rows / Gone
//!  ▲                                               │ ends by itself, or breaks off: watch again from the last version
//!  └──────────── 410, or no version ◀──────────────┘
//! ```
//!
//! A failure says so once per try and keeps the rows; the waits grow, and a heartbeat that comes through cuts them short. A 403
//! ends the watch: that is an answer, not an outage.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Request;
use http::header::ACCEPT;
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout};

use super::backoff::Backoff;
use super::failure::{self, Asked};
use super::gate::{Class, Gate};
use super::kind::Source;
use super::link::LinkWatch;
use super::outlet::Outlet;
use super::scan::{LineCutter, ListCutter};
use super::wire::Text;
use crate::world::feed::{Change, Scope, What};
use crate::world::name::Interner;
use crate::world::store::Row;
use crate::world::trouble::{Trouble, TroubleKind};

/// How long the first byte of an answer may take.
const ANSWER: Duration = Duration::from_secs(20);
/// How long a list may pause while it is sent.
const PAUSE: Duration = Duration::from_secs(20);
/// How long a watch may be silent. Servers send a bookmark about once a minute; when none comes the connection is dead.
const SILENCE: Duration = Duration::from_secs(90);
/// After how many seconds the server is asked to end a watch.
const WATCH_SECONDS: u32 = 290;
/// Page size for servers that must be asked in pages: large, since each page costs a round trip.
const PAGE: u32 = 5000;
/// How many objects a screen can show at most, more or less.
const SCREENFUL: u32 = 60;
/// How long a first glance may take: what takes longer is no glance.
const GLANCE: Duration = Duration::from_secs(2);
/// Rows that are handed on together at most.
const BATCH: usize = 256;
/// A watch that ends sooner than this has failed, whatever it says.
const BRIEF: Duration = Duration::from_secs(1);
/// How long until something that was refused is asked for again: rights are granted rarely, and refused requests are noise in
/// other people's audit logs.
const REFUSED: Duration = Duration::from_mins(5);
/// How long until a kind that was not served is asked for again.
const ABSENT: Duration = Duration::from_mins(1);

/// How long until a kind that cannot be watched is listed again (metrics, which are gathered about as often).
const UNWATCHED: Duration = Duration::from_secs(15);

/// What a watch needs from its surroundings.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The way to the cluster.
    pub gate: Gate,
    /// Where rows go.
    pub outlet: Outlet,
    /// Strings that repeat.
    pub names: Arc<Mutex<Interner>>,
    /// Whether the server answers; wakes waiting watches.
    pub link: LinkWatch,
}

/// Follows `kind` in `scope` until aborted, or until nobody listens any more.
pub async fn follow<S: Source>(kind: S, scope: Scope, around: Surroundings, refused: impl Fn() + Send)
where
    <S::Row as Row>::Key: Send,
{
    let backoff = Backoff::new(kind.plural().len() as u64 * 77);
    let mut watch = Watch { kind, scope, around, backoff, paged: S::PAGE.is_some() };
    let mut version = None;
    loop {
        if watch.around.outlet.is_closed() {
            return;
        }
        let begun = Instant::now();
        let Err(trouble) = watch.round(&mut version).await else {
            // Watches end by themselves after minutes. One that ends at once, again and again, must not spin.
            if begun.elapsed() < BRIEF {
                let wait = watch.backoff.next_wait();
                watch.around.link.ready(wait).await;
            }
            continue;
        };
        let wait = match &trouble.kind {
            TroubleKind::Gone => {
                // What we know is too old to go on from: list again, at once the first time.
                version = None;
                watch.backoff.next_wait()
            }
            TroubleKind::Forbidden(_) => {
                version = None;
                refused();
                REFUSED
            }
            TroubleKind::NotFound => {
                version = None;
                ABSENT
            }
            _ => watch.backoff.next_wait(),
        };
        let told = match trouble.kind {
            TroubleKind::Gone => true,
            TroubleKind::NotFound => watch.tell(What::Absent).await,
            _ => watch.tell(What::Failed(trouble.clone())).await,
        };
        if !told {
            return;
        }
        match trouble.kind {
            TroubleKind::Forbidden(_) | TroubleKind::NotFound => watch.around.link.refreshed(wait).await,
            _ => watch.around.link.ready(wait).await,
        }
    }
}

/// Reads what a screen can show of a long list. A server sends the first object of a whole list of custom resources only when
/// it has prepared the last one, and later still while it is busy with other lists: this answer comes at once. Failures are
/// left to the list that follows, which has them too.
pub async fn glance<S: Source>(kind: S, scope: Scope, around: Surroundings)
where
    <S::Row as Row>::Key: Send,
{
    let watch = Watch { kind, scope, around, backoff: Backoff::new(0), paged: true };
    let uri = format!("{}?limit={SCREENFUL}", watch.kind.path(&watch.scope));
    let glanced = timeout(GLANCE, watch.page(uri, &watch.doing("list"))).await;
    if !matches!(glanced, Ok(Ok(_))) {
        tracing::debug!(kind = watch.kind.plural(), ?glanced, "no glance");
    }
}

/// Reads a list once, to its end or to a failure, which is told like that of a watch. `false`: it was refused.
pub async fn once<S: Source>(kind: S, scope: Scope, around: Surroundings) -> bool
where
    <S::Row as Row>::Key: Send,
{
    let mut watch = Watch { kind, scope, around, backoff: Backoff::new(0), paged: S::PAGE.is_some() };
    let was_paged = watch.paged;
    let single = watch.kind.is_single(&watch.scope);
    let mut read = if single { watch.get().await } else { watch.list().await };
    // It may have turned out that this list can only be had in pages.
    if read.is_err() && watch.paged != was_paged {
        read = watch.list().await;
    }
    let Err(trouble) = read else { return true };
    let is_refused = matches!(trouble.kind, TroubleKind::Forbidden(_));
    let what = if trouble.kind == TroubleKind::NotFound { What::Absent } else { What::Failed(trouble) };
    watch.tell(what).await;
    !is_refused
}

struct Watch<S: Source> {
    kind: S,
    scope: Scope,
    around: Surroundings,
    backoff: Backoff,
    /// The server could not give the list in one piece.
    paged: bool,
}

impl<S: Source> Watch<S> {
    /// Lists if nothing is known, then watches until the watch ends. `version` is kept up to date all along.
    async fn round(&mut self, version: &mut Option<String>) -> Result<(), Trouble> {
        if version.is_none() {
            let listed = if self.kind.is_single(&self.scope) { self.get().await } else { self.list().await };
            *version = Some(listed?);
            self.backoff.reset();
        }
        if !self.kind.can_be_watched() {
            *version = None;
            self.around.link.refreshed(UNWATCHED).await;
        } else if let Some(version) = version {
            self.watch(version).await?;
        }
        Ok(())
    }

    /// Sends a change to whoever listens; `false` if nobody does.
    async fn tell(&self, what: What<S::Row>) -> bool {
        self.around.outlet.send(self.kind.feed(Change { scope: self.scope.clone(), what })).await
    }

    fn doing(&self, verb: &str) -> String {
        match &self.scope {
            Scope::Cluster => format!("{verb} {}", self.kind.plural()),
            Scope::Namespace(namespace) if self.kind.is_namespaced() => {
                format!("{verb} {} in {namespace}", self.kind.plural())
            }
            Scope::Namespace(name) => format!("{verb} {} {name}", self.kind.plural()),
        }
    }

    async fn open(&self, uri: String, doing: &str) -> Result<Body, Trouble> {
        let request = Request::get(uri)
            .header(ACCEPT, S::ACCEPT)
            .body(Vec::new())
            .map_err(|error| Trouble::new(TroubleKind::Other, format!("cannot {doing}: {error}")))?;
        match timeout(ANSWER, self.around.gate.send(Class::Read, request, doing)).await {
            Ok(answer) => Ok(answer?.into_body()),
            Err(_) => Err(failure::timed_out(&Asked::new(self.around.gate.place(), doing), ANSWER)),
        }
    }

    /// Reads the next piece of a body; `None` at its end.
    async fn piece(&self, body: &mut Body, patience: Duration, doing: &str) -> Result<Option<bytes::Bytes>, Trouble> {
        let asked = Asked::new(self.around.gate.place(), doing);
        loop {
            match timeout(patience, body.frame()).await {
                Err(_) => return Err(failure::timed_out(&asked, patience)),
                Ok(None) => return Ok(None),
                Ok(Some(Err(error))) => return Err(failure::explain(&error, &asked)),
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// Lists everything, handing rows on as they arrive; returns the version from which to watch.
    async fn list(&mut self) -> Result<String, Trouble> {
        let doing = self.doing("list");
        if !self.tell(What::Begin).await {
            return Ok(String::new());
        }
        let page = S::PAGE.unwrap_or(PAGE);
        let mut next: Option<String> = None;
        loop {
            let path = self.kind.path(&self.scope);
            // Version 0 is answered from the server's watch cache: far cheaper for it than a read from etcd.
            let uri = match (&next, self.paged) {
                (Some(token), _) => format!("{path}?limit={page}&continue={token}"),
                (None, true) => format!("{path}?limit={page}"),
                (None, false) => format!("{path}?resourceVersion=0"),
            };
            let end = match self.page(uri, &doing).await {
                Ok(end) => end,
                // A server that cannot give it all at once is asked in pages.
                Err(trouble)
                    if !self.paged && matches!(trouble.kind, TroubleKind::TimedOut | TroubleKind::Interrupted) =>
                {
                    self.paged = true;
                    return Err(trouble);
                }
                Err(trouble) => return Err(trouble),
            };
            match end.next {
                Some(token) => next = Some(token),
                None => {
                    self.tell(What::Synced).await;
                    self.names(Interner::prune);
                    return Ok(end.resource_version);
                }
            }
        }
    }

    async fn page(&self, uri: String, doing: &str) -> Result<super::scan::ListEnd, Trouble> {
        let mut body = self.open(uri, doing).await?;
        let mut cutter = ListCutter::default();
        let mut rows = Vec::new();
        while let Some(piece) = self.piece(&mut body, PAUSE, doing).await? {
            let cut = self.names(|names| {
                cutter.push(&piece, |item| match self.kind.decode(item, names) {
                    Ok(row) => rows.extend(row),
                    Err(error) => tracing::warn!(kind = self.kind.plural(), %error, "an object cannot be read"),
                })
            });
            cut.map_err(|error| Self::broken(doing, &error))?;
            if rows.len() >= BATCH {
                self.tell(What::Rows(std::mem::take(&mut rows))).await;
            }
        }
        // What the cells of rows are must be known before the rows are.
        if let Some(head) = self.kind.head(cutter.around()) {
            self.around.outlet.send(head).await;
        }
        if !rows.is_empty() {
            self.tell(What::Rows(rows)).await;
        }
        cutter.finish().map_err(|error| Self::broken(doing, &error))
    }

    /// Reads a single object instead of a list.
    async fn get(&self) -> Result<String, Trouble> {
        let doing = self.doing("get");
        self.tell(What::Begin).await;
        let mut body = self.open(self.kind.path(&self.scope), &doing).await?;
        let mut whole = Vec::new();
        while let Some(piece) = self.piece(&mut body, PAUSE, &doing).await? {
            whole.extend_from_slice(&piece);
        }
        let row = self.names(|names| self.kind.decode(&whole, names)).map_err(|error| Self::broken(&doing, &error))?;
        if let Some(row) = row {
            self.tell(What::Rows(vec![row])).await;
        }
        self.tell(What::Synced).await;
        Ok(version_of(&whole).unwrap_or_default())
    }

    /// Follows changes from `version` until the server ends the watch.
    async fn watch(&mut self, version: &mut String) -> Result<(), Trouble> {
        let doing = self.doing("watch");
        let path = self.kind.watch_path(&self.scope);
        let mut uri = format!(
            "{path}?watch=true&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={version}"
        );
        if self.kind.is_single(&self.scope) {
            uri = format!("{path}?allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={version}");
        }
        let mut body = self.open(uri, &doing).await?;
        if !self.tell(What::Alive).await {
            return Ok(());
        }
        let mut cutter = LineCutter::default();
        loop {
            let piece = tokio::select! {
                piece = self.piece(&mut body, SILENCE, &doing) => piece?,
                // The heartbeat found the server gone: this connection may never say so itself.
                () = self.around.link.lost() => return Err(self.around.link.trouble()),
            };
            let Some(piece) = piece else { return Ok(()) };
            if !piece.is_empty() {
                self.backoff.reset();
            }
            let mut events = Events::default();
            let cut = self.names(|names| cutter.push(&piece, |line| events.read(&self.kind, line, version, names)));
            cut.map_err(|error| Self::broken(&doing, &error))?;
            for what in events.changes {
                if !self.tell(what).await {
                    return Ok(());
                }
            }
            if let Some(status) = events.error {
                return Err(failure::explain_answer(
                    status.code.unwrap_or(500),
                    status.raw.as_bytes(),
                    &Asked::new(self.around.gate.place(), &doing),
                ));
            }
        }
    }

    /// Runs `work` with the strings that repeat.
    fn names<T>(&self, work: impl FnOnce(&mut Interner) -> T) -> T {
        // A panic elsewhere cannot leave the interner half-written in a way that matters: it is only a cache.
        work(&mut self.around.names.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn broken(doing: &str, error: &dyn std::fmt::Display) -> Trouble {
        Trouble::new(TroubleKind::Interrupted, format!("cannot {doing}: {error}"))
    }
}

/// What a piece of a watch's body said.
struct Events<R: Row> {
    changes: Vec<What<R>>,
    error: Option<WatchError>,
}

struct WatchError {
    code: Option<u16>,
    raw: String,
}

impl<R: Row> Default for Events<R> {
    fn default() -> Self {
        Self { changes: Vec::new(), error: None }
    }
}

impl<R: Row> Events<R> {
    /// Reads one line of a watch, in the order in which they came; several rows in a row are handed on together.
    fn read(&mut self, kind: &impl Source<Row = R>, line: &[u8], version: &mut String, names: &mut Interner) {
        #[derive(Deserialize)]
        struct Line<'a> {
            #[serde(borrow, rename = "type")]
            what: Text<'a>,
            #[serde(borrow)]
            object: &'a RawValue,
        }
        #[derive(Deserialize)]
        struct Code {
            code: Option<u16>,
        }
        if self.error.is_some() {
            return;
        }
        let Ok(Line { what, object }) = serde_json::from_slice::<Line<'_>>(line) else {
            tracing::warn!(kind = kind.plural(), "a line of a watch cannot be read");
            return;
        };
        let raw = object.get();
        if &*what == "ERROR" {
            let code = serde_json::from_str::<Code>(raw).ok().and_then(|status| status.code);
            self.error = Some(WatchError { code, raw: raw.to_owned() });
            return;
        }
        if let Some(seen) = version_of(raw.as_bytes()) {
            *version = seen;
        }
        if &*what == "BOOKMARK" {
            return;
        }
        let row = match kind.decode(raw.as_bytes(), names) {
            Ok(Some(row)) => row,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(kind = kind.plural(), %error, "an object cannot be read");
                return;
            }
        };
        match (&*what, self.changes.last_mut()) {
            ("DELETED", Some(What::Gone(keys))) => keys.push(row.key()),
            ("DELETED", _) => self.changes.push(What::Gone(vec![row.key()])),
            (_, Some(What::Rows(rows))) => rows.push(row),
            (_, _) => self.changes.push(What::Rows(vec![row])),
        }
    }
}

/// The `metadata.resourceVersion` of an object.
fn version_of(object: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Object<'a> {
        #[serde(borrow)]
        metadata: Metadata<'a>,
    }
    #[derive(Deserialize)]
    struct Metadata<'a> {
        #[serde(borrow, rename = "resourceVersion")]
        version: Text<'a>,
    }
    serde_json::from_slice::<Object<'_>>(object).ok().map(|object| object.metadata.version.to_string())
}

#[cfg(test)]
mod tests;
