//! Tests that need a cluster: async functions over a handle, and *ignored, with the reason* where there is none.
//!
//! A test target with `harness = false` registers its scenarios and runs them:
//!
//! ```no_run
//! use std::process::ExitCode;
//! use std::sync::Arc;
//!
//! use tenantry_cluster::harness::{Scenario, Suite};
//! use tenantry_cluster::{Cluster, Failure, Options, User, supervise_if_asked};
//!
//! async fn an_owner_makes_a_namespace(cluster: Arc<Cluster>) -> Result<(), Failure> {
//!     cluster.create_tenant("oil", &[User::Alice]).await?;
//!     cluster.create_namespace(User::Alice, "oil", "oil-web").await
//! }
//!
//! fn main() -> ExitCode {
//!     supervise_if_asked();
//!     Suite::new()
//!         .shared("capsule", Options::default(), [Scenario::new("an_owner_makes_a_namespace", an_owner_makes_a_namespace)])
//!         .run()
//! }
//! ```
//!
//! A cluster starts when the first of its scenarios does, and ends with the last of them. So nothing starts for
//! `--list`, or when the filter leaves none of them.

use std::env;
use std::fmt::Display;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::cluster::{Cluster, Options};
use crate::error::{Failure, StartError};

/// Set to 1 where a missing cluster is a failure, such as in CI.
pub const REQUIRE_VARIABLE: &str = "TENANTRY_REQUIRE_CLUSTER";

/// A scenario that takes longer hangs.
const LIMIT: Duration = Duration::from_mins(8);

/// A test that sees to its clusters itself may be the one that builds them.
const FREE_LIMIT: Duration = Duration::from_hours(1);

type Body = Box<dyn FnOnce(Arc<Cluster>) -> Pin<Box<dyn Future<Output = Result<(), Failed>>>> + Send>;

/// Makes a cluster.
type Ground = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Result<Cluster, StartError>>>> + Send>;

/// How a scenario may end: with nothing, or with a result whose error is shown. A panic fails it too.
pub trait Verdict {
    /// The harness's own form of it.
    fn verdict(self) -> Result<(), Failed>;
}

impl Verdict for () {
    fn verdict(self) -> Result<(), Failed> {
        Ok(())
    }
}

impl<E: Display> Verdict for Result<(), E> {
    fn verdict(self) -> Result<(), Failed> {
        self.map_err(Failed::from)
    }
}

/// One test over a cluster.
pub struct Scenario {
    name: String,
    limit: Duration,
    body: Body,
}

impl Scenario {
    /// A scenario called `name`.
    pub fn new<F, R>(name: &str, body: F) -> Self
    where
        F: FnOnce(Arc<Cluster>) -> R + Send + 'static,
        // Not Send: a scenario runs on the thread of its test.
        R: Future<Output: Verdict> + 'static,
    {
        let body: Body = Box::new(move |cluster| Box::pin(async move { body(cluster).await.verdict() }));
        Self { name: name.to_owned(), limit: LIMIT, body }
    }

    /// Gives it another time limit than two minutes.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

/// All scenarios of one test target.
pub struct Suite {
    trials: Vec<Trial>,
    runtime: Arc<Runtime>,
}

impl Suite {
    /// An empty one, with a runtime for all that it will run.
    ///
    /// # Panics
    /// If the machine gives no runtime.
    #[expect(clippy::expect_used, reason = "a test program without a runtime has nothing else to do")]
    #[expect(clippy::new_without_default, reason = "it takes threads from the machine")]
    pub fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        Self { trials: Vec::new(), runtime: Arc::new(runtime) }
    }

    /// Adds scenarios that share one cluster, at the same time and in any order: each keeps to tenants of its own.
    #[must_use]
    pub fn shared(self, group: &str, options: Options, scenarios: impl IntoIterator<Item = Scenario>) -> Self {
        self.shared_on(group, move || Cluster::start(options), scenarios)
    }

    /// As [`Suite::shared`], on a cluster that `ground` makes when the first of the scenarios needs it: see
    /// [`Cluster::elsewhere`].
    #[must_use]
    pub fn shared_on<G, R>(mut self, group: &str, ground: G, scenarios: impl IntoIterator<Item = Scenario>) -> Self
    where
        G: FnOnce() -> R + Send + 'static,
        R: Future<Output = Result<Cluster, StartError>> + 'static,
    {
        let cluster = Arc::new(Shared::new(ground));
        for scenario in scenarios {
            self.add(group, scenario, Arc::clone(&cluster));
        }
        self
    }

    /// Adds scenarios that get a cluster of their own each: to break it.
    #[must_use]
    pub fn own(mut self, group: &str, options: Options, scenarios: impl IntoIterator<Item = Scenario>) -> Self {
        for scenario in scenarios {
            self.add(group, scenario, Arc::new(Shared::new(move || Cluster::start(options))));
        }
        self
    }

    /// Adds a test that sees to its clusters itself, if it needs any.
    #[must_use]
    pub fn free<F, R>(mut self, group: &str, name: &str, body: F) -> Self
    where
        F: FnOnce() -> R + Send + 'static,
        R: Future<Output = Result<(), StartError>> + 'static,
    {
        self.push(group, name, move || async move {
            match timeout(FREE_LIMIT, body()).await {
                Ok(Ok(())) => Ok(Completion::Completed),
                Ok(Err(error)) => not_started(&error),
                Err(_) => Err(hangs(FREE_LIMIT)),
            }
        });
        self
    }

    fn add(&mut self, group: &str, scenario: Scenario, cluster: Arc<Shared>) {
        let Scenario { name, limit, body } = scenario;
        self.push(group, &name, move || async move {
            let started = match cluster.get().await {
                Ok(started) => started,
                Err(error) => return not_started(&error),
            };
            let verdict = timeout(limit, body(started)).await;
            verdict.unwrap_or_else(|_| Err(hangs(limit))).map(|()| Completion::Completed)
        });
    }

    fn push<F, R>(&mut self, group: &str, name: &str, body: F)
    where
        F: FnOnce() -> R + Send + 'static,
        R: Future<Output = Result<Completion, Failed>>,
    {
        let runtime = Arc::clone(&self.runtime);
        let name = format!("{group}::{name}");
        self.trials.push(Trial::ignorable_test(name, move || runtime.block_on(body())));
    }

    /// Runs what the command line asks for.
    pub fn run(self) -> ExitCode {
        let conclusion = libtest_mimic::run(&Arguments::from_args(), self.trials);
        conclusion.exit_code()
    }
}

/// A cluster that starts when it is first needed, and ends with the last scenario that holds this.
struct Shared {
    /// Taken by the first who needs the cluster.
    ground: Mutex<Option<Ground>>,
    cell: OnceCell<Result<Arc<Cluster>, StartError>>,
}

impl Shared {
    fn new<G, R>(ground: G) -> Self
    where
        G: FnOnce() -> R + Send + 'static,
        R: Future<Output = Result<Cluster, StartError>> + 'static,
    {
        let ground: Ground = Box::new(move || Box::pin(ground()));
        Self { ground: Mutex::new(Some(ground)), cell: OnceCell::new() }
    }

    async fn get(&self) -> Result<Arc<Cluster>, StartError> {
        self.cell.get_or_init(async || self.start().await.map(Arc::new)).await.clone()
    }

    async fn start(&self) -> Result<Cluster, StartError> {
        let ground = self.ground.lock().unwrap_or_else(PoisonError::into_inner).take();
        match ground {
            Some(ground) => ground().await,
            None => Err(Failure::new("the scenario that was to start the cluster gave up").into()),
        }
    }
}

fn not_started(error: &StartError) -> Result<Completion, Failed> {
    match error {
        StartError::Unavailable(reason) if !required() => Ok(Completion::ignored_with(reason)),
        StartError::Unavailable(reason) => Err(format!("{reason}, and {REQUIRE_VARIABLE} is set").into()),
        StartError::Failed(failure) => Err(failure.into()),
    }
}

fn required() -> bool {
    env::var_os(REQUIRE_VARIABLE).is_some_and(|value| !value.is_empty() && value != "0")
}

fn hangs(limit: Duration) -> Failed {
    format!("it was not over after {} s", limit.as_secs()).into()
}
