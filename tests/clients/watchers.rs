//! Watchers of `kube`, as programs use them, under many changes while watches are cut, lists are refused, and old versions
//! are forgotten: in the end they must hold what the cluster holds.
//!
//! In process, on one thread and on a clock that moves when everybody waits: the same seed makes the same run.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Request};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::runtime::reflector::{self, Store};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, ResourceExt as _};
use serde_json::json;
use tenantry::demo::access::user::User;
use tenantry::demo::clock::Clock;
use tenantry::demo::fault::Fault;
use tenantry::demo::{Demo, Options};
use tenantry_cluster::harness::Suite;
use tenantry_cluster::{Failure, MASTERS};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tower::ServiceBuilder;
use tower::util::MapRequestLayer;

/// How many changes there are, over how many names, by how many writers.
const CHANGES: usize = 10_000;
const NAMES: u64 = 300;
const WRITERS: u64 = 4;

/// How long watchers may take to catch up, when all is quiet; of time that passes while everybody waits.
const CATCH_UP: Duration = Duration::from_mins(6);

const SEED: u64 = 20_261_123;

/// Where and on what the changes happen.
const LISTS: &str = "/api/v1/namespaces/default/configmaps?";

/// Registers the tests.
pub fn tests(suite: Suite) -> Suite {
    suite.free("watchers", "kube_stays_in_sync", || async {
        let run = tokio::task::spawn_blocking(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
            runtime.map_err(|error| Failure::new(error.to_string()))?.block_on(stay_in_sync())
        });
        run.await.map_err(|error| Failure::new(error.to_string()))??;
        Ok(())
    })
}

/// A way in which programs watch.
struct Way {
    name: &'static str,
    config: watcher::Config,
    /// The label that it selects by.
    only: Option<&'static str>,
}

/// The ways that are tried, all at the same time.
fn ways() -> [Way; 3] {
    let pages = watcher::Config::default().page_size(50);
    let red = watcher::Config::default().streaming_lists().labels("colour=red");
    [
        Way { name: "lists in pages, then watches", config: pages, only: None },
        Way { name: "streams lists", config: watcher::Config::default().streaming_lists(), only: None },
        Way { name: "streams lists by label", config: red, only: Some("red") },
    ]
}

/// A watcher that runs.
struct Watching {
    way: Way,
    store: Store<ConfigMap>,
    /// How often it began again from a list.
    begun: Arc<AtomicUsize>,
    /// How often it was told that something is wrong.
    failed: Arc<AtomicUsize>,
}

async fn stay_in_sync() -> Result<(), Failure> {
    let admin = User {
        name: "admin".to_owned(),
        groups: vec![MASTERS.to_owned(), "system:authenticated".to_owned()],
        ..User::default()
    };
    let users = vec![("token".to_owned(), admin)];
    let demo = Demo::start(&Options { clock: Clock::Hand(Clock::Wall.now()), users, ..Options::default() });
    let api: Api<ConfigMap> = Api::namespaced(client(&demo), "default");
    let mut tasks = JoinSet::new();
    let watching = ways().map(|way| watch(way, &api, &mut tasks));

    let left = Arc::new(AtomicUsize::new(CHANGES));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(api.clone(), demo.clone(), Random(SEED + writer), Arc::clone(&left)));
    }
    while let Some(ended) = writers.join_next().await {
        ended.map_err(|error| Failure::new(error.to_string()))??;
    }
    demo.cluster().faults.clear();

    for watching in &watching {
        caught_up(watching, &api).await?;
    }
    // Otherwise nothing has been tried. How often each of them is told to begin again is a matter of when it asks.
    let sum = |count: fn(&Watching) -> &AtomicUsize| -> usize {
        watching.iter().map(|one| count(one).load(Ordering::Relaxed)).sum()
    };
    let (begun, failed) = (sum(|one| &one.begun), sum(|one| &one.failed));
    if begun < 10 || failed < 10 {
        return Err(Failure::new(format!("they began only {begun} times and failed {failed} times")));
    }
    Ok(())
}

/// The administrator's client.
fn client(demo: &Demo) -> Client {
    let sign = MapRequestLayer::new(|mut request: Request<kube::client::Body>| {
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Bearer token"));
        request
    });
    Client::new(ServiceBuilder::new().layer(sign).service(demo.service()), "default")
}

fn watch(way: Way, api: &Api<ConfigMap>, tasks: &mut JoinSet<()>) -> Watching {
    let (store, writer) = reflector::store();
    let (begun, failed) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let counts = [Arc::clone(&begun), Arc::clone(&failed)];
    let events = watcher(api.clone(), way.config.clone()).default_backoff().reflect(writer);
    tasks.spawn(async move {
        let mut events = pin!(events);
        while let Some(event) = events.next().await {
            match event {
                Ok(watcher::Event::Init) => counts[0].fetch_add(1, Ordering::Relaxed),
                Err(_) => counts[1].fetch_add(1, Ordering::Relaxed),
                Ok(_) => 0,
            };
        }
    });
    Watching { way, store, begun, failed }
}

/// Whether a watcher holds what the cluster has, down to the versions, after a while at most.
async fn caught_up(watching: &Watching, api: &Api<ConfigMap>) -> Result<(), Failure> {
    let selector = watching.way.only.map(|colour| format!("colour={colour}"));
    let params = ListParams { label_selector: selector, ..ListParams::default() };
    let list = api.list(&params).await.map_err(|error| Failure::new(error.to_string()))?;
    let wanted: BTreeMap<String, ConfigMap> = list.items.into_iter().map(|one| (one.name_any(), one)).collect();
    let mut waited = Duration::ZERO;
    loop {
        let held: BTreeMap<String, ConfigMap> =
            watching.store.state().iter().map(|one| (one.name_any(), ConfigMap::clone(one))).collect();
        if held == wanted && !wanted.is_empty() {
            return Ok(());
        }
        if waited > CATCH_UP {
            let version =
                |of: &BTreeMap<String, ConfigMap>, name: &str| of.get(name).map(kube::ResourceExt::resource_version);
            let names = held.keys().chain(wanted.keys());
            let wrong: Vec<String> = names
                .filter(|name| held.get(*name) != wanted.get(*name))
                .map(|name| format!("{name}: {:?}, not {:?}", version(&held, name), version(&wanted, name)))
                .collect();
            return Err(Failure::new(format!("who {} never caught up: {}", watching.way.name, wrong.join("; "))));
        }
        sleep(Duration::from_millis(100)).await;
        waited += Duration::from_millis(100);
    }
}

/// Changes something again and again, and breaks something now and then.
async fn write(api: Api<ConfigMap>, demo: Demo, mut random: Random, left: Arc<AtomicUsize>) -> Result<(), Failure> {
    loop {
        let name = format!("map-{}", random.below(NAMES));
        let changed = match random.below(10) {
            0..3 => create(&api, &name, &mut random).await,
            3..5 => api.delete(&name, &DeleteParams::default()).await.map(drop),
            5..8 => update(&api, &name, &mut random).await,
            _ => apply(&api, &name, &mut random).await,
        };
        match changed {
            Ok(()) if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err() => {
                return Ok(());
            }
            Ok(()) => {}
            // It is not there, it is there already, or somebody else was quicker.
            Err(kube::Error::Api(status)) if [404, 409].contains(&status.code) => {}
            Err(error) => return Err(Failure::new(error.to_string())),
        }
        trouble(&demo, &mut random);
        sleep(Duration::from_millis(random.below(40))).await;
    }
}

async fn create(api: &Api<ConfigMap>, name: &str, random: &mut Random) -> kube::Result<()> {
    api.create(&PostParams::default(), &config_map(name, random)).await.map(drop)
}

async fn update(api: &Api<ConfigMap>, name: &str, random: &mut Random) -> kube::Result<()> {
    let mut live = api.get(name).await?;
    live.data = config_map(name, random).data;
    live.labels_mut().insert("colour".to_owned(), random.colour().to_owned());
    api.replace(name, &PostParams::default(), &live).await.map(drop)
}

async fn apply(api: &Api<ConfigMap>, name: &str, random: &mut Random) -> kube::Result<()> {
    let manager = ["one", "two"][usize::from(random.below(2) == 0)];
    let patch = Patch::Apply(json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {"colour": random.colour()}},
        "data": {(manager): random.next().to_string()},
    }));
    api.patch(name, &PatchParams::apply(manager).force(), &patch).await.map(drop)
}

fn config_map(name: &str, random: &mut Random) -> ConfigMap {
    let mut made = ConfigMap::default();
    made.metadata.name = Some(name.to_owned());
    made.labels_mut().insert("colour".to_owned(), random.colour().to_owned());
    made.data = Some([("value".to_owned(), random.next().to_string())].into());
    made
}

/// What goes wrong between clients and servers.
fn trouble(demo: &Demo, random: &mut Random) {
    let faults = &demo.cluster().faults;
    match random.below(400) {
        0..8 => faults.cut(),
        // An API server that restarts with an etcd that has been compacted meanwhile.
        8..11 => {
            demo.cluster().lock().store.compact();
            faults.cut();
        }
        11..13 => {
            let sentence = "etcdserver: leader changed".to_owned();
            faults.add(Some(Method::GET), LISTS, Fault::Refused(500, "InternalError", sentence), Some(2));
            faults.cut();
        }
        // An answer that breaks off, whether it is a list or a watch.
        13..16 => {
            faults.add(Some(Method::GET), LISTS, Fault::Torn(random.below(4_000) as usize), Some(1));
            faults.cut();
        }
        16 => {
            faults.add(Some(Method::GET), LISTS, Fault::Closed, Some(1));
            faults.cut();
        }
        _ => {}
    }
}

/// xorshift64*: the same seed, the same row of numbers.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 33) % limit
    }

    fn colour(&mut self) -> &'static str {
        ["red", "green", "blue"][self.below(3) as usize]
    }
}
