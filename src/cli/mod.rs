//! The command line: one file per subcommand; the console is the default.

mod access;
mod blueprint;
mod can;
mod config;
mod console;
mod create;
mod ctx;
mod delete;
mod demo;
mod errand;
mod journal;
mod keys;
mod kubeconfig;
mod leftovers;
mod output;
mod pause;
mod printed;
mod rights;
mod shell;
mod snapshot;
mod who_can;
mod whoami;
mod work;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::action::pause::Direction;
use crate::cluster::embedded::Embedded;
use crate::config::paths::Paths;
use crate::console::effect::Settings;
use crate::console::effect::files::Loaded;
use crate::console::model::kept::Kept;
use crate::console::view::theme::{Palette, Wish, looks};
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
    #[command(flatten)]
    look: LookArgs,
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

/// How the screen looks, whatever the files say.
#[derive(Debug, Clone, Args)]
struct LookArgs {
    /// The theme; `tenantry config default` names them all
    #[arg(long, global = true, value_name = "NAME", value_parser = theme_name)]
    theme: Option<String>,
    /// How many colours: auto, off, 16, 256 or true
    #[arg(long, global = true, value_name = "COLOURS", value_parser = palette, alias = "colors")]
    colours: Option<String>,
    /// Draw nothing but ASCII
    #[arg(long, global = true)]
    ascii: bool,
}

impl LookArgs {
    fn wish(&self) -> Wish {
        Wish {
            theme: self.theme.clone(),
            palette: self.colours.as_ref().and_then(|word| word.parse().ok()),
            ascii: self.ascii,
            own: None,
        }
    }
}

fn theme_name(text: &str) -> Result<String, String> {
    looks::check(text).map(|()| text.to_owned())
}

fn palette(text: &str) -> Result<String, String> {
    if text == looks::AUTO { Ok(text.to_owned()) } else { text.parse::<Palette>().map(|_| text.to_owned()) }
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Who am I, and where? As the server says it
    Whoami(whoami::WhoamiArgs),
    /// The contexts of all kubeconfig files, and what is known of each
    Ctx(ctx::CtxArgs),
    /// Who may do something, and why: each subject once, with the binding, role and rule. As RBAC has it
    ///
    /// Of namespaces it tells in how many. RBAC only: Capsule's webhooks narrow it, other authorizers may widen it; --ask has the
    /// server's own word. What could not be read is said on standard error.
    WhoCan(who_can::WhoCanArgs),
    /// May somebody do something? Or all that he may do. As RBAC has it
    ///
    /// Exits with 0 for yes, 1 for no (also if only in some of the namespaces), 2 if that cannot be known.
    Can(can::CanArgs),
    /// Who has what in a tenant: grants, a matrix of what people may do, and what should be looked at
    Access(access::AccessArgs),
    /// Pause tenants: workloads to zero, CronJobs suspended, the tenant cordoned; what was there before is kept on the objects
    ///
    /// What would change is shown, then asked about. Exits with 0 when it is paused, also if it was before; 1 if it failed or was
    /// not wanted, 2 if nobody could be asked.
    Pause(pause::ChangeArgs),
    /// Resume what was paused, as it was before
    Resume(pause::ChangeArgs),
    /// Delete a tenant, or a namespace, with everything in it: what would be lost is counted, a snapshot is kept, the name is typed
    ///
    /// Of a tenant that is protected (preventDeletion) it offers to lift that. Exits with 0 when it is deleted, 1 if it failed or
    /// was not wanted, 2 if nobody could be asked.
    Delete(delete::DeleteArgs),
    /// What tenants that are gone have left behind, and its deletion
    Leftovers(leftovers::LeftoversArgs),
    /// What is paused, since when, by whom and why, and what still runs and costs
    Status(pause::StatusArgs),
    /// What files would change, as the server says: files, folders, kustomizations
    ///
    /// Exits with 0 if nothing would change, 1 if something would, 2 on an error.
    Diff(work::DiffArgs),
    /// Apply files: what would change is shown, then asked about, then written down and done
    ///
    /// Exits with 0 when all is as in the files, 1 if it failed or was not wanted, 2 if nobody could be asked.
    Apply(work::ApplyArgs),
    /// Make a tenant from a blueprint: what would be made is shown, then asked about, then written down and done
    ///
    /// Exits with 0 when all of it is there, 1 if it failed or was not wanted, 2 if nobody could be asked. What depends on what
    /// is made first is shown, and asked about, when that is there.
    Create(create::CreateArgs),
    /// Access to a tenant for somebody: a kubeconfig with a certificate, or with a ServiceAccount's token
    Kubeconfig(kubeconfig::KubeconfigArgs),
    /// What tenants can be made from: those built in, and your own in ~/.config/tenantry/blueprints
    Blueprint(blueprint::BlueprintArgs),
    /// What was applied, when, where and by whom; also as a script of kubectl
    Journal(journal::JournalArgs),
    /// Take back what was applied: what that changes is shown, then asked about
    Undo(journal::UndoArgs),
    /// The clusters that are built in
    Demo(demo::DemoArgs),
    /// Which key does what; also says what is wrong with a keymap of your own
    Keys(keys::KeysArgs),
    /// Your own files: where they are, whether they can be read, what is so without them
    Config(config::ConfigArgs),
    /// Completions for a shell, to be put where it looks for them
    Completions(shell::CompletionsArgs),
    /// The manual page, in roff: `tenantry man | man -l -`
    Man,
    /// Load, press keys, print one screen, and exit; read-only unless --write
    Snapshot(snapshot::SnapshotArgs),
    /// Remove the kubeconfig of a shell when that has ended
    #[command(hide = true)]
    Outlive(errand::OutliveArgs),
    /// Give the terminal to a process group
    #[command(hide = true)]
    Foreground(errand::ForegroundArgs),
}

/// A namespace's name as Kubernetes allows it.
fn namespace_name(text: &str) -> Result<String, String> {
    if crate::console::update::is_namespace_name(text) {
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

    /// What is done in the demo is no part of the history of real clusters.
    fn journal(&self, paths: &Paths) -> PathBuf {
        if self.demo { paths.state.join("demo-journal.jsonl") } else { paths.journal() }
    }

    /// Where is kept who we are. What the demo says is kept nowhere.
    fn identities(&self, paths: &Paths) -> Option<PathBuf> {
        (!self.demo).then(|| paths.identities())
    }

    fn settings(&self, paths: &Paths, loaded: &Loaded) -> Result<Settings, Trouble> {
        let embedded = self.embedded()?;
        let journal = self.journal(paths);
        let memory = embedded.is_none().then(|| paths.memory());
        Ok(Settings {
            embedded,
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            namespace: self.namespace.clone(),
            acting_as: self.acting_as(),
            editor: None,
            read_only: self.readonly,
            files: None,
            kept: Kept::default(),
            asked: Wish::default(),
            config: loaded.config.clone(),
            unsure: loaded.unsure,
            journal,
            memory,
            identities: self.identities(paths),
        })
    }
}

/// Does what the command line says; returns the exit code.
pub fn run(cli: Cli) -> color_eyre::Result<ExitCode> {
    // A prompt waits for nothing, be it a log or a thread.
    if let Some(Subcommands::Whoami(args)) = &cli.command
        && args.is_prompt()
    {
        return whoami::prompt(&cli.target);
    }
    match &cli.command {
        Some(Subcommands::Outlive(args)) => return Ok(errand::outlive(args)),
        Some(Subcommands::Foreground(args)) => return Ok(errand::foreground(args)),
        _ => {}
    }
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
            None => console::run(&cli.target, &cli.look.wish(), &paths).await,
            Some(Subcommands::Whoami(args)) => whoami::run(&cli.target, &args, &paths).await,
            Some(Subcommands::Ctx(args)) => ctx::run(&cli.target, &args, &paths).await,
            Some(Subcommands::WhoCan(args)) => who_can::run(&cli.target, &args, &paths).await,
            Some(Subcommands::Can(args)) => can::run(&cli.target, &args, &paths).await,
            Some(Subcommands::Access(args)) => access::run(&cli.target, &args, &paths).await,
            Some(Subcommands::Pause(args)) => pause::change(&cli.target, Direction::Pause, &args, &paths).await,
            Some(Subcommands::Resume(args)) => pause::change(&cli.target, Direction::Resume, &args, &paths).await,
            Some(Subcommands::Delete(args)) => delete::run(&cli.target, &args, &paths).await,
            Some(Subcommands::Leftovers(args)) => leftovers::run(&cli.target, &args, &paths).await,
            Some(Subcommands::Status(args)) => pause::status(&cli.target, &args, &paths).await,
            Some(Subcommands::Diff(args)) => work::diff(&cli.target, &args, &paths).await,
            Some(Subcommands::Apply(args)) => work::apply(&cli.target, &args, &paths).await,
            Some(Subcommands::Create(args)) => create::run(&cli.target, &args, &paths).await,
            Some(Subcommands::Kubeconfig(args)) => kubeconfig::run(&cli.target, &args, &paths).await,
            Some(Subcommands::Blueprint(args)) => blueprint::run(&cli.target, &args, &paths).await,
            Some(Subcommands::Journal(args)) => journal::journal(&cli.target, &args, &paths),
            Some(Subcommands::Undo(args)) => journal::undo(&cli.target, &args, &paths).await,
            Some(Subcommands::Demo(args)) => demo::run(&cli.target, &args).await,
            Some(Subcommands::Keys(args)) => keys::run(&args, &paths),
            Some(Subcommands::Config(args)) => config::run(&args, &paths),
            Some(Subcommands::Completions(args)) => shell::completions(&args),
            Some(Subcommands::Man) => shell::man(),
            Some(Subcommands::Outlive(_) | Subcommands::Foreground(_)) => Ok(ExitCode::SUCCESS),
            Some(Subcommands::Snapshot(args)) => snapshot::run(&cli.target, &cli.look.wish(), &args, &paths).await,
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
