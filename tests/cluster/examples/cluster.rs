//! A control plane for people: to look at, or to run a command on.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus};
use std::time::Instant;

use clap::{Parser, ValueEnum};
use rustix::process::{Pid, kill_process};
use tenantry_cluster::seed::{self, Seed};
use tenantry_cluster::{Capsule, Cluster, Controllers, Failure, Options, supervise_if_asked};
use tokio::process::{Child, Command};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Starts a real Kubernetes control plane, with the real Capsule controller, without containers or root.
///
/// Without CMD the cluster stays until ctrl-c. With CMD it lives as long as the command, which finds it through
/// KUBECONFIG, and its kubectl first in PATH. The kubeconfig has the contexts admin (current), alice and bob (users of
/// Capsule), carol (nobody) and poor (a ServiceAccount with few rights).
///
/// The first run builds the programs with Go, which takes minutes; later runs start in seconds.
#[derive(Parser)]
#[command(name = "cluster", max_term_width = 100)]
struct Arguments {
    /// Which Capsule runs. With `none` there is no controller, and its definitions are there only if a seed needs
    /// them [default: 0.14, or none with `--seed large`]
    #[arg(long, value_name = "VERSION")]
    capsule: Option<CapsuleArgument>,

    /// What the cluster is filled with
    #[arg(long, value_name = "SIZE")]
    seed: Option<SeedArgument>,

    /// A command to run on the cluster, with its arguments; its exit code is passed on
    #[arg(last = true, value_name = "CMD")]
    command: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CapsuleArgument {
    /// Version 0.14.0
    #[value(name = "0.14")]
    V0_14,
    /// Version 0.4.2: the old era
    #[value(name = "0.4")]
    V0_4,
    /// No controller
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SeedArgument {
    /// A handful of tenants in different states, with workloads that run
    Small,
    /// 1,000 tenants, 5,000 namespaces, 20,000 rolebindings, and no workloads
    Large,
}

fn main() -> ExitCode {
    supervise_if_asked();
    let arguments = Arguments::parse();
    let result = Runtime::new().map_err(Into::into).and_then(|runtime| {
        let result = runtime.block_on(run(&arguments));
        // A build that was given up is not waited for.
        runtime.shutdown_background();
        result
    });
    result.unwrap_or_else(|error: Box<dyn Error>| {
        say(&format!("cluster: {error}"));
        ExitCode::FAILURE
    })
}

/// The signals that a person or a script ends this program with.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for one of them, and returns the exit code that says so.
    async fn any(&mut self) -> ExitCode {
        tokio::select! {
            _ = self.interrupt.recv() => ExitCode::from(130),
            _ = self.terminate.recv() => ExitCode::from(143),
        }
    }
}

async fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let options = options(arguments)?;
    let mut signals = Signals::new()?;
    let cluster = tokio::select! {
        cluster = prepare(options, arguments.seed) => cluster?,
        code = signals.any() => return Ok(code),
    };
    let code = if let Some((program, rest)) = arguments.command.split_first() {
        let spawned = command(&cluster, program, rest)?.spawn();
        wait(spawned.map_err(|error| format!("{program}: {error}"))?, &mut signals).await?
    } else {
        explain(&cluster)?;
        signals.any().await;
        ExitCode::SUCCESS
    };
    tokio::task::spawn_blocking(move || drop(cluster)).await?;
    Ok(code)
}

/// Waits for a command. A ctrl-c goes to it as well, and what it means is the command's to decide; a SIGTERM for us is
/// passed on.
async fn wait(mut child: Child, signals: &mut Signals) -> io::Result<ExitCode> {
    loop {
        tokio::select! {
            status = child.wait() => return Ok(exit_code(status?)),
            _ = signals.interrupt.recv() => {}
            _ = signals.terminate.recv() => {
                if let Some(id) = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)) {
                    kill_process(id, rustix::process::Signal::TERM)?;
                }
            }
        }
    }
}

fn options(arguments: &Arguments) -> Result<Options, String> {
    let large = arguments.seed == Some(SeedArgument::Large);
    let default = if large { CapsuleArgument::None } else { CapsuleArgument::V0_14 };
    let capsule = match (arguments.capsule.unwrap_or(default), arguments.seed) {
        (CapsuleArgument::V0_14 | CapsuleArgument::V0_4, Some(SeedArgument::Large)) => {
            return Err("the large seed imitates Capsule's controller; start it with --capsule none".to_owned());
        }
        (CapsuleArgument::V0_14, _) => Capsule::V0_14,
        (CapsuleArgument::V0_4, _) => Capsule::V0_4,
        (CapsuleArgument::None, Some(_)) => Capsule::CrdsOnly,
        (CapsuleArgument::None, None) => Capsule::None,
    };
    let controllers = if large { Controllers::Few } else { Controllers::All };
    Ok(Options { capsule, kwok: !large, helm: false, controllers })
}

async fn prepare(options: Options, seed: Option<SeedArgument>) -> Result<Cluster, Box<dyn Error>> {
    say("starting the control plane");
    let begin = Instant::now();
    let cluster = Cluster::start(options).await?;
    say(&format!("started in {:.1} s", begin.elapsed().as_secs_f64()));
    let seed = match seed {
        None => return Ok(cluster),
        Some(SeedArgument::Small) => Seed::Small,
        Some(SeedArgument::Large) => Seed::Large,
    };
    let begin = Instant::now();
    let planted = seed::plant(&cluster, seed).await?;
    say(&format!("made {planted} in {:.1} s", begin.elapsed().as_secs_f64()));
    Ok(cluster)
}

fn explain(cluster: &Cluster) -> Result<(), Failure> {
    let kubeconfig = cluster.kubeconfig().display();
    let kubectl = cluster.bin_dir()?.join("kubectl");
    say(&format!(
        "\n  export KUBECONFIG={kubeconfig}\n  {} get tenants\n\n\
         contexts: admin, alice, bob, carol, poor (kubectl --context alice ...)\nctrl-c ends it",
        kubectl.display()
    ));
    // Alone on stdout, for scripts. Nobody may be reading.
    let _ = writeln!(io::stdout(), "{kubeconfig}");
    Ok(())
}

fn command(cluster: &Cluster, program: &str, arguments: &[String]) -> Result<Command, Box<dyn Error>> {
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([PathBuf::from(cluster.bin_dir()?)].into_iter().chain(env::split_paths(&path)))?;
    let mut command = Command::new(program);
    command.args(arguments).env("KUBECONFIG", cluster.kubeconfig()).env("PATH", path);
    Ok(command)
}

/// As a shell has it: the code, or 128 and the signal.
fn exit_code(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt;

    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn say(line: &str) {
    // Progress is never worth failing for.
    let _ = writeln!(io::stderr(), "{line}");
}
