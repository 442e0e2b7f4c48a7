//! An embedded cluster: a small, honest Kubernetes API server in this process, with Capsule in it.
//!
//! ```text
//! kube::Client ─┐                      ┌ schema: kinds, OpenAPI, checks     life: controllers, clock
//! kubectl ─ serve ─▶ service ─▶ api ─▶ registry ─ admission ─ capsule       platform: the world that --demo shows
//!                                      └ fields, patch, strategy, access ─▶ store ─▶ watches
//! ```
//!
//! Everything above HTTP is the code that meets real clusters, so the demo must answer as they do; `tests/protocol` sends the
//! same requests to it and to a real kube-apiserver with the real Capsule. What it cannot do faithfully it refuses with 501.
//!
//! Nothing leaves the process, and nothing here uses anything else of this program: a fault of ours cannot hide in it.

pub mod access;
pub mod admission;
pub mod api;
pub mod capsule;
pub mod clock;
pub mod cluster;
pub mod fault;
pub mod fields;
pub mod go;
pub mod ids;
pub mod life;
pub mod object;
pub mod patch;
pub mod platform;
pub mod protobuf;
pub mod quantity;
pub mod registry;
pub mod schema;
pub mod serve;
pub mod service;
pub mod status;
pub mod store;
pub mod strategy;
pub mod table;

mod install;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::SignedDuration;

use access::user::User;
use clock::Clock;
use cluster::Cluster;
use life::nature::Nature;
use registry::Registry;
use service::Service;

pub use schema::Era;
use schema::Schemas;

/// What sort of cluster it is to be.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which Capsule it has; none if it has none.
    pub capsule: Option<Era>,
    /// Where it takes its time from.
    pub clock: Clock,
    /// Who takes care of pods and volumes.
    pub nature: Nature,
    /// Who may sign in, and with which token.
    pub users: Vec<(String, User)>,
    /// The same seed makes the same identifiers.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { capsule: Some(Era::V0_14), clock: Clock::Wall, nature: Nature::default(), users: Vec::new(), seed: 1 }
    }
}

/// A running demo cluster. It ends when the last handle and the last connection are gone.
#[derive(Clone)]
pub struct Demo {
    cluster: Arc<Cluster>,
}

impl Demo {
    /// Starts a cluster that is as fresh as a real one after installation. On the wall's clock its controllers need a tokio
    /// runtime to run on; a cluster by hand does not.
    pub fn start(options: &Options) -> Self {
        Self::start_with(options, Arc::new(Schemas::new(options.capsule.unwrap_or_default())))
    }

    /// The same with the schemas of its era, which somebody else may be building at the same time.
    pub(in crate::demo) fn start_with(options: &Options, schemas: Arc<Schemas>) -> Self {
        let era = options.capsule.unwrap_or_default();
        let mut registry = Registry::of(schemas, era, options.clock, options.seed);
        registry.nature = options.nature;
        registry.has_capsule = options.capsule.is_some();
        for (token, user) in &options.users {
            registry.tokens.know(token.clone(), user.clone());
        }
        install::install(&mut registry);
        life::run(&mut registry);
        let cluster = Cluster::new(registry);
        if matches!(options.clock, Clock::Wall) && tokio::runtime::Handle::try_current().is_ok() {
            tokio::spawn(cluster.drive());
        }
        Self { cluster }
    }

    /// The API, for a client in this process.
    pub fn service(&self) -> Service {
        Service::new(Arc::clone(&self.cluster))
    }

    /// The cluster's inside, for those who furnish it and for tests.
    pub fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
    }

    /// Moves a hand's clock, and runs what becomes due.
    pub fn advance(&self, by: SignedDuration) {
        self.cluster.advance(by);
    }
}
