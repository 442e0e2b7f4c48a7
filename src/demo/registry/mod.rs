//! The objects of one cluster, and the way every write goes: defaults, field ownership, admission, validation, store.
//!
//! ```text
//! body ─ defaults ─ managedFields ─ mutating admission ─ strategy ─ validation ─ validating admission ─▶ store ─▶ watches
//!                                                                                   (a dry run ends here)      └▶ controllers
//! ```
//!
//! That is the order of apiserver's `endpoints/handlers/{create,update,patch,delete}.go` and `registry/generic`. Requests of
//! clients and the writes of the cluster's own controllers both come through here.

mod create;
mod delete;
pub mod event;
mod grants;
mod ownership;
mod review;
mod update;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use memchr::memmem;
use sha2::{Digest as _, Sha256};

use super::access::Index;
use super::access::impersonate::Memory;
use super::access::token::Authenticator;
use super::access::user::User;
use super::clock::Clock;
use super::ids::Ids;
use super::life::agenda::{Agenda, Job};
use super::life::garbage::{Graph, Place};
use super::life::nature::Nature;
use super::life::recorder::Recorder;
use super::object::{Meta as _, Object};
pub use super::patch::Validation;
use super::schema::kind::Kind;
use super::schema::{Era, Schemas};
use super::store::{Key, Store, Stored, typed};
pub use delete::{Deleted, Deletion, Propagation};
pub use event::Event;
pub use review::{Operation, Review};
pub use update::{Changed, same_name, same_namespace};

/// Who writes, and under which name the written fields are remembered.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub user: User,
    /// The field manager.
    pub manager: String,
    /// The subject of `dryRun=All`: everything happens but the writing.
    pub dry_run: bool,
    /// What becomes of fields that the schema does not know.
    pub validation: Validation,
    /// Sentences for `Warning` headers, gathered on the way.
    pub warnings: Vec<String>,
}

impl Caller {
    /// A user under a field manager's name.
    pub fn new(user: User, manager: &str) -> Self {
        let validation = Validation::Ignore;
        Self { user, manager: manager.to_owned(), dry_run: false, validation, warnings: Vec::new() }
    }

    /// One of kube-controller-manager's controllers, by the service account that it acts as.
    pub fn controller(name: &str) -> Self {
        Self::new(User::of_service_account("kube-system", name), "kube-controller-manager")
    }
}

/// Who signs the tokens of service accounts.
pub const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";

/// A key for tokens that are good in this cluster alone.
fn key_of(seed: u64) -> [u8; 32] {
    Sha256::new().chain_update(b"tokens").chain_update(seed.to_le_bytes()).finalize().into()
}

/// One cluster's state. Everything is synchronous; whoever holds it holds the cluster still.
pub struct Registry {
    /// The kinds, and what their objects look like.
    pub schemas: Arc<Schemas>,
    /// The objects.
    pub store: Store,
    /// Roles and bindings, as the evaluator reads them.
    pub rights: Index,
    /// The time.
    pub clock: Clock,
    /// Events of before are not written: they would be gone already.
    pub events_from: Option<Timestamp>,
    /// Identifiers.
    pub ids: Ids,
    /// What controllers have to do.
    pub agenda: Agenda,
    /// What has been told in events.
    pub recorder: Recorder,
    /// Who owns whom.
    pub graph: Graph,
    /// Which Capsule there is.
    pub era: Era,
    /// Whether there is one.
    pub has_capsule: bool,
    /// Sentences that webhooks add to an answer they let pass.
    pub warnings: Vec<String>,
    /// Who takes care of pods and volumes.
    pub nature: Nature,
    /// Which way of impersonation last worked for whom.
    pub impersonations: Memory,
    /// Who holds which token.
    pub tokens: Authenticator,
    /// The kinds, in the order of their tables.
    kinds: Vec<Arc<Kind>>,
    /// The table of each kind, by `deployments.apps`.
    tables: HashMap<String, usize>,
}

impl Registry {
    /// An empty cluster.
    pub fn new(era: Era, clock: Clock, seed: u64) -> Self {
        Self::of(Arc::new(Schemas::new(era)), era, clock, seed)
    }

    /// The same with the schemas of its era, where somebody has them.
    pub fn of(schemas: Arc<Schemas>, era: Era, clock: Clock, seed: u64) -> Self {
        let kinds: Vec<_> = schemas.kinds().iter().cloned().map(Arc::new).collect();
        let tables: HashMap<_, _> = kinds.iter().enumerate().map(|(at, kind)| (kind.qualified(), at)).collect();
        let store = Store::new(tables.len());
        Self {
            store,
            rights: Index::default(),
            clock,
            events_from: None,
            ids: Ids::new(seed),
            agenda: Agenda::default(),
            recorder: Recorder::default(),
            graph: Graph::default(),
            era,
            has_capsule: true,
            warnings: Vec::new(),
            nature: Nature::default(),
            impersonations: Memory::default(),
            tokens: Authenticator::new(key_of(seed), ISSUER),
            kinds,
            tables,
            schemas,
        }
    }

    /// Who has a token.
    pub fn user_of(&self, token: &str) -> Option<User> {
        let uid_of = |namespace: &str, name: &str| Some(self.get("serviceaccounts", namespace, name)?.uid().to_owned());
        self.tokens.authenticate(token, self.now().as_second(), uid_of)
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The table of a kind, such as `deployments.apps`. The two kinds of events are one.
    pub fn table(&self, resource: &str) -> Option<usize> {
        let resource = if resource == "events.events.k8s.io" { "events" } else { resource };
        self.tables.get(resource).copied()
    }

    /// A kind, such as `deployments.apps`.
    pub fn kind(&self, resource: &str) -> Option<Arc<Kind>> {
        self.kinds.get(self.tables.get(resource).copied()?).cloned()
    }

    /// All kinds, in discovery's order.
    pub fn kinds(&self) -> &[Arc<Kind>] {
        &self.kinds
    }

    /// One object, whole; the namespace is empty for cluster-wide kinds.
    pub fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<Object> {
        self.look(resource, namespace, name).map(Arc::unwrap_or_clone)
    }

    /// One object as [`Registry::get`] has it, to look at only: it is not copied.
    pub fn look(&self, resource: &str, namespace: &str, name: &str) -> Option<Arc<Object>> {
        let table = self.table(resource)?;
        let stored = self.store.get(table, &Key::new(namespace, name))?;
        Some(self.view(self.kinds.get(table)?, stored))
    }

    /// The objects of [`Registry::list`], to look at only: they are not copied.
    pub fn views<'a>(&'a self, resource: &str, namespace: Option<&str>) -> impl Iterator<Item = Arc<Object>> + use<'a> {
        let found = self.table(resource).and_then(|table| Some((table, self.kinds.get(table)?)));
        let items = found
            .map(|(table, kind)| self.store.iter(table, namespace).map(move |(_, stored)| self.view(kind, stored)));
        items.into_iter().flatten()
    }

    fn view(&self, kind: &Kind, stored: &Stored) -> Arc<Object> {
        self.store.look(stored, |stored| whole(kind, stored))
    }

    /// The object at a place, with the name of its kind.
    pub fn at(&self, (table, key): &Place) -> Option<(String, Arc<Object>)> {
        let kind = self.kinds.get(*table)?;
        Some((kind.qualified(), self.view(kind, self.store.get(*table, key)?)))
    }

    /// The objects of a kind that name an owner, to look at, ordered by namespace and name.
    pub fn owned_by<'a>(&'a self, resource: &str, uid: &'a str) -> impl Iterator<Item = Arc<Object>> + use<'a> {
        let found = self.table(resource).and_then(|table| Some((table, self.kinds.get(table)?)));
        let items = found.map(|(table, kind)| {
            let stored = self.graph.dependents(uid, table).filter_map(move |key| self.store.get(table, key));
            stored.map(|stored| self.view(kind, stored))
        });
        items.into_iter().flatten()
    }

    /// Whether an object is there.
    pub fn has(&self, resource: &str, namespace: &str, name: &str) -> bool {
        self.table(resource).is_some_and(|table| self.store.get(table, &Key::new(namespace, name)).is_some())
    }

    /// All objects of a kind, or those of one namespace, whole, ordered by namespace and name.
    pub fn list<'a>(&'a self, resource: &str, namespace: Option<&str>) -> impl Iterator<Item = Object> + use<'a> {
        let found = self.table(resource).zip(self.kind(resource));
        let items =
            found.map(|(table, kind)| self.store.iter(table, namespace).map(move |(_, stored)| whole(&kind, stored)));
        items.into_iter().flatten()
    }

    /// How many objects of a kind have a word in their text, wherever in it. None is parsed.
    pub fn count_with(&self, resource: &str, word: &str) -> usize {
        let word = memmem::Finder::new(word);
        let Some(table) = self.table(resource) else { return 0 };
        self.store.iter(table, None).filter(|(_, stored)| word.find(&stored.body).is_some()).count()
    }

    /// Asks a controller to look at an object after a while.
    pub fn queue(&mut self, controller: &'static str, key: Key, after: SignedDuration) {
        let now = self.now();
        let at = now.checked_add(after).unwrap_or(now);
        self.agenda.add(at, Job { controller, key });
    }

    /// Remembers what has just been written, and tells those who act on it.
    fn committed(&mut self, kind: &Kind, before: Option<&Object>, after: Option<&Object>) {
        if kind.group == "rbac.authorization.k8s.io" {
            match (before, after) {
                (_, Some(after)) => self.rights.upsert(after),
                (Some(before), None) => self.rights.remove(&kind.kind, before.namespace(), before.name()),
                (None, None) => {}
            }
        }
        super::life::observe(self, kind, before, after);
        if self.has_capsule {
            super::capsule::observe(self, kind, before, after);
        }
    }
}

/// An object as a client gets it: with `apiVersion` and `kind`.
pub fn whole(kind: &Kind, stored: &Stored) -> Object {
    let mut object = stored.parse();
    stamp(kind, &mut object);
    object
}

/// Puts `apiVersion` and `kind` on an object.
pub fn stamp(kind: &Kind, object: &mut Object) {
    if let Some(map) = object.as_object_mut() {
        map.insert("apiVersion".into(), kind.api_version().into());
        map.insert("kind".into(), kind.kind.clone().into());
    }
}

/// An object's bytes as a client gets them.
pub fn bytes(kind: &Kind, body: &[u8], out: &mut Vec<u8>) {
    typed(&kind.api_version(), &kind.kind, body, out);
}
