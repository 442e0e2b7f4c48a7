//! `tenantry --demo` and `tenantry demo serve`: the embedded clusters.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tower::service_fn;

use super::{TargetArgs, complain, print};
use crate::cluster::embedded::{Embedded, Request, Transport, transport};
use crate::demo::clock::Clock;
use crate::demo::serve::Listener;
use crate::demo::service::Broken;
use crate::demo::{Demo, platform};
use crate::world::trouble::{Trouble, TroubleKind};

/// The first line of a kubeconfig that is ours to overwrite.
const OURS: &str = "# Written by `tenantry demo serve`; of no use when it has ended.";

#[derive(Debug, Args)]
pub struct DemoArgs {
    #[command(subcommand)]
    command: DemoCommand,
}

#[derive(Debug, Subcommand)]
enum DemoCommand {
    /// Serve the demo clusters over HTTPS on loopback, for kubectl, helm and k9s
    ///
    /// A kubeconfig for them is written to the file of --kubeconfig, or else printed. Ends with ctrl-c.
    Serve(ServeArgs),
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// The address of the first cluster; the others take the ports that follow (default: free ones)
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Listen on an address that is not loopback, too: whoever reaches it can sign in, and reads along
    #[arg(long)]
    beyond_loopback: bool,
}

/// How a demo cluster is started: with a clock and a seed.
type Start = fn(Clock, u64) -> Demo;

/// The demo clusters, by the host that stands for each in this process.
const CLUSTERS: [(&str, Start); 2] =
    [("lke-demo.invalid", platform::lke_demo), ("lke-staging.invalid", platform::lke_staging)];

/// The same seed makes the same names on every start.
const SEED: u64 = 1;

/// A cluster that is started when it is first asked for.
#[derive(Clone)]
struct Lazy {
    start: Start,
    demo: Arc<OnceCell<Demo>>,
}

impl Lazy {
    fn new(start: Start) -> Self {
        Self { start, demo: Arc::default() }
    }

    async fn demo(&self) -> Result<Demo, Broken> {
        let start = self.start;
        // Furnishing takes a tenth of a second of the processor: not on a thread that others wait for.
        let furnish = || async move {
            tokio::task::spawn_blocking(move || start(Clock::Wall, SEED)).await.map_err(|_| Broken::Closed)
        };
        self.demo.get_or_try_init(furnish).await.cloned()
    }

    fn transport(&self) -> Transport {
        let lazy = self.clone();
        transport(service_fn(move |request: Request| {
            let lazy = lazy.clone();
            async move { lazy.demo().await?.service().answer(request).await }
        }))
    }
}

/// The demo clusters, in place of a kubeconfig. The one that is looked at first starts now, beside everything else that has to be
/// done before the first request; the others when they are first asked for.
pub fn embedded() -> Result<Embedded, Trouble> {
    let clusters = CLUSTERS.map(|(host, start)| (host, Lazy::new(start)));
    if let ([(_, first), ..], Ok(runtime)) = (&clusters, tokio::runtime::Handle::try_current()) {
        let first = first.clone();
        runtime.spawn(async move { first.demo().await.map(drop) });
    }
    let servers = clusters.map(|(host, lazy)| (host.to_owned(), lazy.transport()));
    Embedded::new("the demo", platform::kubeconfig(&platform::IN_PROCESS), servers)
}

/// Runs a subcommand of `demo`.
pub async fn run(target: &TargetArgs, args: &DemoArgs) -> color_eyre::Result<ExitCode> {
    let DemoCommand::Serve(args) = &args.command;
    match serve(target.kubeconfig.as_deref(), args).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(trouble) => complain(&trouble),
    }
}

async fn serve(file: Option<&Path>, args: &ServeArgs) -> Result<(), Trouble> {
    if !args.listen.ip().is_loopback() && !args.beyond_loopback {
        let what = format!("{} is not a loopback address: everyone who reaches it could sign in", args.listen.ip());
        return Err(Trouble::new(TroubleKind::Invalid, what).advise("listen on 127.0.0.1, or add --beyond-loopback"));
    }
    let mut served = Vec::new();
    let mut serving = JoinSet::new();
    for (at, (_, start)) in CLUSTERS.into_iter().enumerate() {
        let mut address = args.listen;
        if address.port() != 0 {
            address.set_port(address.port().saturating_add(at as u16));
        }
        let cannot = |error: std::io::Error| {
            Trouble::new(TroubleKind::Invalid, format!("cannot listen on {address}: {error}"))
                .advise("choose another port")
        };
        let listener = Listener::bind(address).await.map_err(cannot)?;
        let url = format!("https://{}", listener.address().map_err(cannot)?);
        served.push((url, listener.certificate().to_owned()));
        let demo = Lazy::new(start).demo().await;
        let demo = demo.map_err(|error| Trouble::new(TroubleKind::Other, error.to_string()))?;
        serving.spawn(listener.serve(demo.service()));
    }
    let server = |at: usize| {
        let (url, certificate) = served.get(at).map_or(("", None), |(url, pem)| (url.as_str(), Some(pem.as_str())));
        platform::Server { url, certificate }
    };
    let kubeconfig = platform::kubeconfig(&platform::Servers { demo: server(0), staging: server(1) });
    let yaml =
        serde_yaml::to_string(&kubeconfig).map_err(|error| Trouble::new(TroubleKind::Other, error.to_string()))?;
    let yaml = format!("{OURS}\n{yaml}");
    match file {
        Some(path) => {
            write(path, &yaml)?;
            tell(&format!("serving the demo; try: kubectl --kubeconfig {} get tenants\n", path.display()));
        }
        None => {
            print(&yaml).map_err(|error| Trouble::new(TroubleKind::File, format!("cannot print: {error}")))?;
            tell("serving the demo; ctrl-c ends it\n");
        }
    }
    let interrupted = tokio::signal::ctrl_c().await;
    interrupted.map_err(|error| Trouble::new(TroubleKind::Other, format!("cannot wait for ctrl-c: {error}")))
}

fn tell(text: &str) {
    // Without a standard error there is nobody to be told.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Writes a kubeconfig that only its owner may read. Another's file is not touched.
fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    let trouble = |what: String| Trouble::new(TroubleKind::File, what);
    if let Ok(present) = std::fs::read_to_string(path)
        && !present.starts_with(OURS)
    {
        let what = format!("{} exists and was not written by `tenantry demo serve`", path.display());
        return Err(trouble(what).advise("name a file that does not exist yet"));
    }
    let cannot = |error: std::io::Error| trouble(format!("cannot write {}: {error}", path.display()));
    // Written beside and moved into place: a reader sees the old one or the new one.
    let beside = path.with_extension("tenantry-new");
    let _ = std::fs::remove_file(&beside);
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).map_err(cannot)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(cannot)?;
    std::fs::rename(&beside, path).map_err(cannot)
}
