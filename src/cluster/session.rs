//! One opened world: every watch, the heartbeat, and the questions asked once. Dropping it ends them all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use super::backoff::Backoff;
use super::discover::discover;
use super::gate::Gate;
use super::kind::{self, Source};
use super::link::{Link, LinkWatch};
use super::outlet::Outlet;
use super::review;
use super::table::Table;
use super::watch::{Surroundings, follow, glance};
use crate::world::feed::{Change, Feed, Scope, What};
use crate::world::name::{Interner, Name};
use crate::world::store::Row;
use crate::world::trouble::Trouble;

/// How long until a question is put again that was not answered for a reason that does not pass by itself.
const AGAIN: Duration = Duration::from_secs(30);

/// How long everything else waits for the first screenful of tenants.
const HEAD_START: Duration = Duration::from_millis(100);

/// An opened world.
#[derive(Debug)]
pub struct Session {
    around: Surroundings,
    link: Arc<Link>,
    wanted: watch::Sender<Vec<Name>>,
    /// Aborted when dropped.
    _tasks: JoinSet<()>,
}

impl Session {
    /// Begins to follow everything that the screens show, sending it to `outlet`. Must be called within a tokio runtime.
    pub fn open(gate: Gate, outlet: &Outlet) -> Self {
        let link = Arc::new(Link::default());
        let wanted = watch::Sender::new(Vec::new());
        let around = Surroundings {
            gate: gate.clone(),
            outlet: outlet.clone(),
            names: Arc::new(Mutex::new(Interner::default())),
            link: link.watch(),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(ask_once(gate.clone(), outlet.clone(), link.watch()));
        // In the order in which a person looks at the screen: tenants, namespaces, access. A screenful of tenants comes before
        // anything that keeps the server busy.
        let glanced = watch::Sender::new(false);
        let later = glanced.subscribe();
        tasks.spawn({
            let around = around.clone();
            async move {
                glance(kind::TENANTS, Scope::Cluster, around.clone()).await;
                glanced.send_replace(true);
                follow(kind::TENANTS, Scope::Cluster, around, || {}).await;
            }
        });
        tasks.spawn(after(&later, cover(kind::NAMESPACES, around.clone(), wanted.subscribe())));
        tasks.spawn(after(&later, cover(kind::BINDINGS, around.clone(), wanted.subscribe())));
        tasks.spawn(after(&later, follow(kind::CLUSTER_BINDINGS, Scope::Cluster, around.clone(), || {})));
        for workload in kind::WORKLOADS {
            tasks.spawn(after(&later, cover(workload, around.clone(), wanted.subscribe())));
        }
        tasks.spawn(after(&later, follow(kind::CONFIGURATIONS, Scope::Cluster, around.clone(), || {})));
        tasks.spawn(after(&later, cover(kind::ROLES, around.clone(), wanted.subscribe())));
        tasks.spawn(after(&later, follow(kind::CLUSTER_ROLES, Scope::Cluster, around.clone(), || {})));
        tasks.spawn(after(&later, follow(kind::VALIDATING, Scope::Cluster, around.clone(), || {})));
        tasks.spawn(after(&later, follow(kind::MUTATING, Scope::Cluster, around.clone(), || {})));
        tasks.spawn(after(&later, ask_for_kinds(gate.clone(), outlet.clone(), link.watch())));
        let beating = Arc::clone(&link);
        let outlet = outlet.clone();
        tasks.spawn(async move { beating.beat(gate, outlet).await });
        Self { around, link, wanted, _tasks: tasks }
    }

    /// The way to the cluster.
    pub const fn gate(&self) -> &Gate {
        &self.around.gate
    }

    /// Follows a kind for somebody who looks at it: in one namespace, or in all; where that is refused, in those that are
    /// followed one by one.
    pub fn list(&self, table: Table, namespace: Option<Name>) -> impl Future<Output = ()> + Send + use<> {
        // Its strings are forgotten with it.
        let around = Surroundings { names: Arc::default(), ..self.around.clone() };
        let wanted = self.wanted.subscribe();
        async move {
            match namespace {
                Some(namespace) => follow(table, Scope::Namespace(namespace), around, || {}).await,
                None => cover(table, around, wanted).await,
            }
        }
    }

    /// The namespaces to follow one by one, for kinds that may not be listed in the whole cluster. The caller bounds their
    /// number: each costs a connection per kind.
    pub fn want(&self, namespaces: Vec<Name>) {
        self.wanted.send_if_modified(|wanted| {
            let changed = *wanted != namespaces;
            *wanted = namespaces;
            changed
        });
    }

    /// Whoever waits for something, however long, tries again now.
    pub fn refresh(&self) {
        self.link.refresh();
    }
}

/// Does `work` once the first screenful is there, and without it when that takes too long.
fn after<F: Future<Output = ()> + Send>(
    glanced: &watch::Receiver<bool>,
    work: F,
) -> impl Future<Output = ()> + Send + use<F> {
    let mut glanced = glanced.clone();
    async move {
        let _ = timeout(HEAD_START, glanced.wait_for(|glanced| *glanced)).await;
        work.await;
    }
}

/// Follows `kind` in the whole cluster, or, when that is refused, in each of the wanted namespaces.
async fn cover<S: Source>(kind: S, around: Surroundings, mut wanted: watch::Receiver<Vec<Name>>)
where
    <S::Row as Row>::Key: Send,
{
    let (refused, mut was_refused) = watch::channel(false);
    let whole = follow(kind.clone(), Scope::Cluster, around.clone(), move || {
        refused.send_replace(true);
    });
    let piecewise = async move {
        if was_refused.wait_for(|refused| *refused).await.is_err() {
            return;
        }
        let mut tasks = JoinSet::new();
        let mut followed: BTreeMap<Name, AbortHandle> = BTreeMap::new();
        loop {
            let now = wanted.borrow_and_update().clone();
            let left: Vec<Name> = followed.keys().filter(|name| !now.contains(name)).cloned().collect();
            for name in left {
                if let Some(task) = followed.remove(&name) {
                    task.abort();
                }
                let change = Change { scope: Scope::Namespace(name), what: What::Dropped };
                around.outlet.send(kind.feed(change)).await;
            }
            for name in now {
                let scope = Scope::Namespace(name.clone());
                let (kind, around) = (kind.clone(), around.clone());
                followed.entry(name).or_insert_with(|| tasks.spawn(follow(kind, scope, around, || {})));
            }
            if wanted.changed().await.is_err() {
                return;
            }
        }
    };
    tokio::join!(whole, piecewise);
}

/// Asks which kinds there are, and again when somebody asks for everything anew: nothing tells when a kind comes.
async fn ask_for_kinds(gate: Gate, outlet: Outlet, mut link: LinkWatch) {
    let mut backoff = Backoff::new(5);
    loop {
        let found = discover(&gate).await;
        let failure = found.as_ref().err().cloned();
        if !outlet.send(Feed::Resources(found.map(Box::new))).await {
            return;
        }
        match failure {
            None => {
                backoff.reset();
                link.refreshed(Duration::MAX).await;
            }
            Some(trouble) if trouble.is_transient() => link.ready(backoff.next_wait()).await,
            Some(_) => link.refreshed(AGAIN).await,
        }
    }
}

/// Asks who we are, which version, which era: each until it is answered.
async fn ask_once(gate: Gate, outlet: Outlet, link: LinkWatch) {
    let identity = until_answered(link.clone(), || review::identity(&gate), Some(outlet.clone()));
    let version = until_answered(link.clone(), || review::version(&gate), None);
    let era = until_answered(link, || review::era(&gate), None);
    tokio::join!(
        async { outlet.send(Feed::Identity(identity.await)).await },
        async { outlet.send(Feed::Version(version.await)).await },
        async { outlet.send(Feed::Era(era.await)).await },
    );
}

/// Tries until there is an answer. Failures that will not pass by themselves are told to `refused` as such of the identity.
async fn until_answered<T, F: Future<Output = Result<T, Trouble>>>(
    mut link: LinkWatch,
    ask: impl Fn() -> F,
    refused: Option<Outlet>,
) -> T {
    let mut backoff = Backoff::new(3);
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(trouble) if trouble.is_transient() => link.ready(backoff.next_wait()).await,
            Err(trouble) => {
                // 401 and the like: somebody must change something first.
                tracing::info!(%trouble, "not answered");
                if let Some(outlet) = &refused {
                    outlet.send(Feed::IdentityRefused(trouble)).await;
                }
                link.refreshed(AGAIN).await;
            }
        }
    }
}
