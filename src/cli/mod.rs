//! The command line: one file per subcommand; the console is the default.

mod console;
mod demo;
mod snapshot;
mod whoami;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::cluster::embedded::Embedded;
use crate::config::paths::Paths;
use crate::config::settings::Config;
use crate::console::effect::Settings;
use crate::world::identity::ActingAs;
use crate::world::trouble::Trouble;

/// An operator console for multi-tenant Kubernetes run with Capsule.
///
/// Shows tenants, namespaces, access and identity side by side, live, and previews every change before it is made. Without a
/// subcommand the full-screen console opens.
#[derive(Debug, Parser)]
#[command(name = "tenantry", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    target: TargetArgs,
    #[command(subcommand)]
    command: Option<Subcommands>,
}

/// Which cluster, as whom.
#[derive(Debug, Clone, Args)]
struct TargetArgs {
    /// The kubeconfig file (default: the files in $KUBECONFIG, else ~/.kube/config)
    #[arg(long, global = true, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context (default: the current one)
    #[arg(long, global = true, value_name = "NAME")]
    context: Option<String>,
    /// The namespace in force (default: the context's)
    #[arg(short, long, global = true, value_name = "NAME", value_parser = namespace_name)]
    namespace: Option<String>,
    /// Act as this user
    #[arg(long = "as", global = true, value_name = "USER")]
    acting_as: Option<String>,
    /// Act as a member of this group (can be repeated; needs --as)
    #[arg(long = "as-group", global = true, value_name = "GROUP", requires = "acting_as")]
    groups: Vec<String>,
    /// Refuse every write
    #[arg(long, global = true)]
    readonly: bool,
    /// Use the demo clusters that are built in: no cluster, no kubeconfig and no network are needed
    #[arg(long, global = true, conflicts_with = "kubeconfig")]
    demo: bool,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Who am I, and where? As the server says it
    Whoami(whoami::WhoamiArgs),
    /// The clusters that are built in
    Demo(demo::DemoArgs),
    /// Load, press keys, print one screen, and exit; read-only unless --write
    Snapshot(snapshot::SnapshotArgs),
}

/// A namespace's name as Kubernetes allows it.
fn namespace_name(text: &str) -> Result<String, String> {
    if crate::console::update::command::is_namespace_name(text) {
        Ok(text.to_owned())
    } else {
        Err("a namespace's name is made of up to 63 lower-case letters, digits and dashes".to_owned())
    }
}

impl TargetArgs {
    fn acting_as(&self) -> Option<ActingAs> {
        self.acting_as.as_ref().map(|user| ActingAs { user: user.clone(), groups: self.groups.clone() })
    }

    /// The clusters in this process, if they are asked for.
    fn embedded(&self) -> Result<Option<Embedded>, Trouble> {
        self.demo.then(demo::embedded).transpose()
    }

    fn settings(&self, paths: &Paths) -> Result<Settings, Trouble> {
        let embedded = self.embedded()?;
        // What is done in the demo is no part of the history of real clusters.
        let (journal, memory) = match embedded {
            None => (paths.journal(), Some(paths.memory())),
            Some(_) => (paths.state.join("demo-journal.jsonl"), None),
        };
        Ok(Settings {
            embedded,
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            namespace: self.namespace.clone(),
            acting_as: self.acting_as(),
            read_only: self.readonly,
            config: Config::default(),
            journal,
            memory,
        })
    }
}

/// Does what the command line says; returns the exit code.
pub fn run(cli: Cli) -> color_eyre::Result<ExitCode> {
    let paths = match Paths::find() {
        Ok(paths) => paths,
        Err(trouble) => return complain(&trouble),
    };
    let _log = crate::config::log::start(&paths.state);
    // The console's own thread draws; one more talks to the cluster. Two of them would read no faster, since the names that
    // all rows share are behind one lock, and would need a fifth more of the processor and a MiB more of memory.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let code = runtime.block_on(async {
        match cli.command {
            None => console::run(&cli.target, &paths).await,
            Some(Subcommands::Whoami(args)) => whoami::run(&cli.target, &args).await,
            Some(Subcommands::Demo(args)) => demo::run(&cli.target, &args).await,
            Some(Subcommands::Snapshot(args)) => snapshot::run(&cli.target, &args, &paths).await,
        }
    });
    // A lookup or a plugin that hangs on the blocking pool must not hold the exit up.
    runtime.shutdown_background();
    code
}

/// Prints to standard output. A reader that has gone away is no failure.
fn print(text: &str) -> io::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Tells a failure on standard error; exit code 1.
fn complain(trouble: &Trouble) -> color_eyre::Result<ExitCode> {
    writeln!(io::stderr(), "tenantry: {trouble}")?;
    Ok(ExitCode::FAILURE)
}
