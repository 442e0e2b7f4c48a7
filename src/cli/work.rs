//! `tenantry diff` and `tenantry apply`: files against a cluster, previewed by the server.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::output::Output;
use super::{TargetArgs, printed};
use crate::apply::snapshot::Kept;
use crate::apply::work::{self, Asked, Kinds};
use crate::apply::{self, Applied, Order, verify};
use crate::cluster::connect::{self, Choice, Interaction};
use crate::cluster::gate::{Gate, Mode};
use crate::cluster::kubeconfig::Files;
use crate::cluster::proxy::Proxies;
use crate::cluster::{review, write};
use crate::config::manifests;
use crate::config::paths::Paths;
use crate::config::settings::{Config, ReadOnly};
use crate::console::run::wall_clock;
use crate::journal::export;
use crate::plan::answered::Answered;
use crate::plan::history::Past;
use crate::plan::settled::State;
use crate::plan::work::Wish;
use crate::plan::{Answer, Confirm, Plan, Target};
use crate::text::clean::clean;
use crate::world::trouble::{Trouble, TroubleKind};

/// Which files, and how they are applied.
#[derive(Debug, Args)]
pub struct FilesArgs {
    /// Files, folders with all that is in them, kustomizations; `-` for standard input
    #[arg(value_name = "PATH", required_unless_present = "files")]
    paths: Vec<PathBuf>,
    /// The same, as kubectl has it (can be repeated)
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    files: Vec<PathBuf>,
    /// Take over fields that others manage
    #[arg(long)]
    force_conflicts: bool,
    /// Delete what we applied earlier, has this label, and is no longer in the files
    #[arg(long, requires = "label")]
    prune: bool,
    /// The label that --prune goes by: key=value
    #[arg(short = 'l', long = "selector", value_name = "LABEL", requires = "prune", value_parser = label)]
    label: Option<String>,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    #[command(flatten)]
    files: FilesArgs,
    /// Exit with 2 where there are changes and 1 on errors, as terraform does; else it is 1 and 2, as kubectl has it
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    files: FilesArgs,
    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
    /// Wait until it has come true (roll-outs are through, what was deleted is gone), at most so many seconds
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "120", require_equals = true)]
    wait: Option<u64>,
}

/// A label with its value: anything looser would delete too much.
fn label(text: &str) -> Result<String, String> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    match text.split_once('=') {
        Some((key, value))
            if !key.is_empty() && !value.is_empty() && [key, value].iter().all(|part| part.chars().all(is_fine)) =>
        {
            Ok(text.to_owned())
        }
        _ => Err("one label and its value: app=web".to_owned()),
    }
}

/// A cluster, and how things are done there.
pub struct Bench {
    /// The way to it.
    pub gate: Gate,
    /// Where and as whom.
    pub target: Target,
    /// The journal's file.
    pub journal: PathBuf,
    confirm: Confirm,
}

impl Bench {
    /// Opens the cluster that the command line names. Where the configuration cannot be read nothing can be written.
    pub async fn open(target: &TargetArgs, paths: &Paths) -> Result<Self, Trouble> {
        let embedded = target.embedded()?;
        let journal = target.journal(paths);
        let files = match embedded {
            Some(embedded) => Files::embedded(&embedded),
            None => Files::find(target.kubeconfig.as_deref(), |name| std::env::var_os(name))?,
        };
        let proxies = Proxies::from_env(|name| std::env::var_os(name));
        let (context, namespace) = (target.context.clone(), target.namespace.clone());
        let choice = Choice { context, namespace, acting_as: target.acting_as() };
        let connection = connect::connect(Arc::new(files), choice, proxies, Interaction::Allowed).await?;
        let (config, _) = Config::load(&paths.settings())?;
        let decided = config.decide(&connection.place.context, &connection.place.user_entry);
        // Who asks for a diff asks for dry runs, also where nothing may be written.
        let mode = if target.readonly || decided.readonly == ReadOnly::Always { Mode::Tries } else { Mode::Writes };
        let gate = Gate::new(connection.client, connection.place, mode);
        let identity = review::identity(&gate).await?;
        let place = gate.place();
        let target = Target::of(place, identity.username, None);
        Ok(Self { gate, target, journal, confirm: decided.confirm })
    }

    /// Asks the server about a plan.
    pub async fn preview(&self, mut plan: Plan) -> Answered {
        write::preview(&self.gate, &mut plan).await;
        Answered::of(plan)
    }

    /// Whether somebody at the terminal agrees.
    pub fn agrees(&self, plan: &Plan) -> io::Result<bool> {
        let mut out = io::stderr();
        let (context, user) = (&self.target.context, self.target.who());
        let name = plan.typed.clone().or_else(|| (self.confirm == Confirm::Name).then(|| context.clone()));
        let changes = if plan.changes() == 1 { "1 change".to_owned() } else { format!("{} changes", plan.changes()) };
        match &name {
            Some(name) => write!(out, "Apply {changes} to {context} as {user}? Type {} to do it: ", clean(name))?,
            None => write!(out, "Apply {changes} to {context} as {user}? [y/N] ")?,
        }
        out.flush()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(name.map_or_else(|| matches!(answer.trim(), "y" | "yes"), |name| answer.trim() == name))
    }

    /// Applies the first part of an answered plan; ctrl-c ends it between two requests.
    pub async fn apply(&self, answered: Answered, told: impl Fn(String)) -> Applied {
        let stop: Arc<AtomicBool> = Arc::default();
        let stopping = tokio::spawn({
            let stop = Arc::clone(&stop);
            async move {
                if tokio::signal::ctrl_c().await.is_ok() {
                    stop.store(true, Ordering::Relaxed);
                    complain("nothing more is sent; what is under way cannot be called back");
                }
            }
        });
        let Answered { plan, digest, .. } = answered;
        let shown = digest.unwrap_or_else(|| crate::plan::Digest::of(b""));
        let order =
            Order { plan, shown, trial: None, journal: self.journal.clone(), clock: wall_clock(), stop, current: true };
        let applied = apply::apply(&self.gate, order, |progress| {
            told(progress.words());
        });
        let applied = applied.await;
        stopping.abort();
        applied
    }
}

/// Says something on standard error.
pub fn complain(text: &str) {
    // Without a standard error there is nobody to be told.
    let _ = writeln!(io::stderr(), "tenantry: {}", clean(text));
}

/// Tells a failure on standard error, with all that belongs to it.
pub fn fail(trouble: &Trouble, code: u8) -> ExitCode {
    complain(&trouble.what);
    for line in trouble.advice.lines().chain(trouble.detail.lines()) {
        let _ = writeln!(io::stderr(), "  {}", clean(line));
    }
    ExitCode::from(code)
}

impl FilesArgs {
    fn paths(&self) -> Vec<PathBuf> {
        self.paths.iter().chain(&self.files).cloned().collect()
    }

    async fn plan(&self, bench: &Bench, target: &TargetArgs) -> Result<Answered, Trouble> {
        let paths = self.paths();
        let texts = manifests::read(&paths).await.map_err(crate::plan::work::together)?;
        let place = bench.gate.place();
        let namespace = place.namespace.clone();
        let wish = Wish { namespace, only: target.namespace.is_some(), force: self.force_conflicts };
        let asked = Asked { title: manifests::title(&paths), wish, prune: self.label.clone() };
        let plan = work::plan(&bench.gate, &Kinds::default(), &texts, &asked, bench.target.clone()).await?;
        Ok(bench.preview(plan).await)
    }
}

/// Shows what would change.
pub async fn diff(target: &TargetArgs, args: &DiffArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let (changed, failed) = if args.detailed_exitcode { (2, 1) } else { (1, 2) };
    let answered = async { args.files.plan(&Bench::open(target, paths).await?, target).await };
    let answered = match answered.await {
        Ok(answered) => answered,
        Err(trouble) => return Ok(fail(&trouble, failed)),
    };
    match args.files.output {
        Output::Text => super::print(&printed::plan(&answered))?,
        Output::Json => super::print(&format!("{}\n", printed::plan_json(&answered)))?,
    }
    let is_bad = |answer: &Answer| !answer.is_good() && !matches!(answer, Answer::Simulated(_));
    let bad = answered.plan.steps().any(|step| step.answer.as_ref().is_none_or(is_bad));
    Ok(match (bad, answered.plan.is_idle()) {
        (true, _) => ExitCode::from(failed),
        (false, true) => ExitCode::SUCCESS,
        (false, false) => ExitCode::from(changed),
    })
}

/// Shows what would change, asks, and changes it.
pub async fn apply(target: &TargetArgs, args: &ApplyArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let bench = match Bench::open(target, paths).await {
        Ok(bench) => bench,
        Err(trouble) => return Ok(fail(&trouble, 1)),
    };
    match args.files.plan(&bench, target).await {
        Ok(answered) => {
            let wait = args.wait.map(Duration::from_secs);
            carry_out(&bench, answered, args.yes, args.files.output == Output::Json, wait).await
        }
        Err(trouble) => Ok(fail(&trouble, 1)),
    }
}

/// Waits until what was applied has come true, if that is wanted.
async fn settled(bench: &Bench, parts: &[Past], wait: Option<Duration>) -> ExitCode {
    let Some(patience) = wait else { return ExitCode::SUCCESS };
    let mut is_through = true;
    for past in parts {
        for verdict in verify::verify(&bench.gate, past, patience).await {
            complain(&format!("{}: {}", verdict.object.title(), verdict.state.words()));
            is_through &= matches!(verdict.state, State::Reached(_));
        }
    }
    if is_through { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Shows an answered plan, asks, applies it, and goes on with what could only be asked about then.
pub async fn carry_out(
    bench: &Bench,
    mut answered: Answered,
    yes: bool,
    as_json: bool,
    wait: Option<Duration>,
) -> color_eyre::Result<ExitCode> {
    let mut parts: Vec<Past> = Vec::new();
    let finish = |parts: &[Past], answered: Option<&Answered>, trouble: Option<&Trouble>| {
        if !as_json {
            return Ok(());
        }
        let left = answered.map_or(Value::Null, printed::plan_json);
        let parts: Vec<Value> = parts.iter().map(export::summary).collect();
        let trouble = trouble.map_or(Value::Null, printed::trouble_json);
        super::print(&format!("{}\n", json!({"applied": parts, "left": left, "trouble": trouble})))
    };
    loop {
        if !as_json {
            super::print(&printed::plan(&answered))?;
        }
        if answered.plan.is_idle() {
            finish(&parts, None, None)?;
            return Ok(settled(bench, &parts, wait).await);
        }
        let refusal = if answered.plan.is_ready() {
            None
        } else {
            let trouble = Trouble::new(TroubleKind::Invalid, "this plan cannot be applied: nothing was sent");
            Some((1, trouble.advise(answered.plan.blocks.join("\n"))))
        };
        let refusal = refusal.or_else(|| {
            (!bench.gate.lets(Mode::Writes)).then(|| {
                let words = "read-only: nothing was sent";
                (
                    1,
                    Trouble::new(TroubleKind::ReadOnly, words)
                        .advise("leave out --readonly, or mend the configuration's rule for this context"),
                )
            })
        });
        let refusal = refusal.or_else(|| {
            (!yes && !io::stdin().is_terminal()).then(|| {
                let words = "nobody can be asked, since standard input is no terminal: nothing was sent";
                let how = match &answered.plan.typed {
                    Some(name) => format!("--yes-i-know {name} applies without asking"),
                    None => "--yes applies without asking".to_owned(),
                };
                (2, Trouble::new(TroubleKind::Other, words).advise(how))
            })
        });
        if let Some((code, trouble)) = refusal {
            finish(&parts, Some(&answered), Some(&trouble))?;
            return Ok(fail(&trouble, code));
        }
        if !yes && !bench.agrees(&answered.plan)? {
            finish(&parts, Some(&answered), None)?;
            complain("nothing was changed");
            return Ok(ExitCode::FAILURE);
        }
        let Applied { past, rest, failure, warnings, kept, .. } = bench.apply(answered, |words| complain(&words)).await;
        if let Some(Kept { path, snapshot }) = &kept {
            complain(&format!("{} objects are kept in {}", snapshot.count, path.display()));
            if !snapshot.refused.is_empty() {
                complain(&format!("not kept, since not readable: {}", snapshot.refused.join(", ")));
            }
        }
        for warning in &warnings {
            complain(&warning.to_string());
        }
        if !as_json {
            super::print(&printed::past(&past))?;
        }
        parts.push(past);
        if let Some(trouble) = failure {
            finish(&parts, None, Some(&trouble))?;
            return Ok(fail(&trouble, 1));
        }
        let Some(rest) = rest else {
            finish(&parts, None, None)?;
            return Ok(settled(bench, &parts, wait).await);
        };
        match work::again(&bench.gate, rest).await {
            Ok(rest) => answered = bench.preview(rest).await,
            Err(trouble) => {
                finish(&parts, None, Some(&trouble))?;
                return Ok(fail(&trouble, 1));
            }
        }
    }
}
