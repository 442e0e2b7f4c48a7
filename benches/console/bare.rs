//! The bare read: the lists that the console takes, taken by a process that does not look into them.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use http::Request;
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::Outcome;
use crate::ground::{self, Ground};
use crate::usage::Usage;

/// All lists that the console takes (`src/cluster/session.rs` and `kind.rs`).
const LISTS: [&str; 13] = [
    "/apis/capsule.clastix.io/v1beta2/tenants",
    "/api/v1/namespaces",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "/api/v1/pods",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/statefulsets",
    "/apis/batch/v1/cronjobs",
    "/apis/capsule.clastix.io/v1beta2/capsuleconfigurations",
    "/apis/rbac.authorization.k8s.io/v1/roles",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
];

/// Names the way to a process that is to read and nothing else.
const VARIABLE: &str = "TENANTRY_BENCH_BARE";

/// How the lists are asked for: always all at once, each on a connection of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the watch cache, each list whole, on one thread.
    Cache,
    /// The same, on two threads.
    CacheOnTwoThreads,
    /// As they are in the store, each list whole.
    Store,
    /// In pages of 5,000.
    Pages,
    /// In pages of 500, as kubectl and most clients do.
    SmallPages,
}

impl Way {
    pub const ALL: [Self; 5] = [Self::Cache, Self::CacheOnTwoThreads, Self::Store, Self::Pages, Self::SmallPages];

    pub const fn words(self) -> &'static str {
        match self {
            Self::Cache => "resourceVersion=0, whole, one thread",
            Self::CacheOnTwoThreads => "resourceVersion=0, whole, two threads",
            Self::Store => "the latest, whole, one thread",
            Self::Pages => "the latest, pages of 5000, one thread",
            Self::SmallPages => "the latest, pages of 500, one thread",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::CacheOnTwoThreads => "cache-on-two-threads",
            Self::Store => "store",
            Self::Pages => "pages",
            Self::SmallPages => "small-pages",
        }
    }

    const fn query(self) -> &'static str {
        match self {
            Self::Cache | Self::CacheOnTwoThreads => "resourceVersion=0",
            Self::Store => "",
            Self::Pages => "limit=5000",
            Self::SmallPages => "limit=500",
        }
    }

    fn runtime(self) -> std::io::Result<Runtime> {
        match self {
            Self::CacheOnTwoThreads => Builder::new_multi_thread().worker_threads(2).enable_all().build(),
            _ => Builder::new_current_thread().enable_all().build(),
        }
    }
}

/// What one bare read took.
#[derive(Debug, Clone, Copy)]
pub struct Bare {
    /// From the start of the process until all was there.
    pub took: Duration,
    /// Of the processor.
    pub cpu: Duration,
    /// Of all bodies together.
    pub bytes: u64,
    /// Bytes of memory.
    pub peak: u64,
}

/// Runs a bare read in a process of its own.
pub fn read(ground: &Ground, way: Way) -> Outcome<Bare> {
    let mut command = Command::new(env::current_exe()?);
    command.env_clear().env(VARIABLE, way.word()).env("KUBECONFIG", ground.kubeconfig());
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let begun = Instant::now();
    let mut child = command.spawn()?;
    let mut output = BufReader::new(child.stdout.take().ok_or("a process without an output")?);
    let mut first = String::new();
    output.read_line(&mut first)?;
    let took = begun.elapsed();
    let mut second = String::new();
    output.read_line(&mut second)?;
    child.wait()?;
    let said = || format!("the bare read says: {first}{second}");
    let bytes = first.trim().parse().map_err(|_| said())?;
    let (peak, cpu) = second.trim().split_once(' ').ok_or_else(said)?;
    Ok(Bare { took, cpu: Duration::from_millis(cpu.parse()?), bytes, peak: peak.parse()? })
}

/// Reads and says what it took, if this process was started for that.
pub fn read_if_asked() -> Option<ExitCode> {
    let word = env::var(VARIABLE).ok()?;
    let way = Way::ALL.into_iter().find(|way| way.word() == word)?;
    Some(match read_here(way) {
        Ok(bytes) => {
            // The clock of whoever asked stops at the end of this line.
            println!("{bytes}");
            let own = Usage::of(std::process::id());
            let (peak, cpu) = own.map_or((0, 0), |own| (own.peak, own.cpu.as_millis()));
            println!("{peak} {cpu}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    })
}

fn read_here(way: Way) -> Outcome<u64> {
    let kubeconfig = env::var_os("KUBECONFIG").map(PathBuf::from).ok_or("KUBECONFIG is not set")?;
    way.runtime()?.block_on(async {
        let client = ground::client(&kubeconfig).await?;
        let mut reads = JoinSet::new();
        for path in LISTS {
            let client = client.clone();
            reads.spawn(async move { drain(&client, path, way).await.map_err(|error| format!("{path}: {error}")) });
        }
        let mut bytes = 0;
        while let Some(read) = reads.join_next().await {
            bytes += read??;
        }
        Ok(bytes)
    })
}

/// Takes a list, page by page if it comes in pages, and forgets it.
async fn drain(client: &Client, path: &str, way: Way) -> kube::Result<u64> {
    let mut bytes = 0;
    let mut next = None;
    loop {
        let query = way.query();
        let uri = match next.take() {
            None => format!("{path}?{query}"),
            Some(token) => format!("{path}?{query}&continue={token}"),
        };
        let request = Request::get(uri).body(Body::empty()).map_err(kube::Error::HttpError)?;
        let mut body = client.send(request).await?.into_body();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data() {
                bytes += data.len() as u64;
                // It stands before the items of built-in kinds, and after those of others: in the first piece or the last.
                next = token(&data).or(next);
            }
        }
        if next.is_none() {
            return Ok(bytes);
        }
    }
}

/// The token of the next page, if it stands in this piece of a page.
fn token(piece: &[u8]) -> Option<String> {
    const KEY: &[u8] = b"\"continue\":\"";
    let from = memchr::memmem::find(piece, KEY)? + KEY.len();
    let token = &piece[from..][..memchr::memchr(b'"', &piece[from..])?];
    (!token.is_empty()).then(|| String::from_utf8_lossy(token).into_owned())
}
