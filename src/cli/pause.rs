//! `tenantry pause`, `tenantry resume` and `tenantry status`.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::TargetArgs;
use super::output::Output;
use super::work::{Bench, carry_out, fail};
use crate::action::pause::status::{Status, status as status_of};
use crate::action::pause::{self, Direction, Options, What, Wish};
use crate::apply::survey::survey;
use crate::apply::work::Kinds;
use crate::config::memory;
use crate::config::paths::Paths;
use crate::text::clean::clean;
use crate::world::pause::PauseState;
use crate::world::trouble::{Trouble, TroubleKind};

/// What is meant.
#[derive(Debug, Args)]
pub struct WhatArgs {
    /// Tenants by name; a namespace alone as ns/NAME
    #[arg(value_name = "TENANT|ns/NAMESPACE", required = true, value_parser = named)]
    what: Vec<Named>,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Arguments of `pause` and `resume`.
#[derive(Debug, Args)]
pub struct ChangeArgs {
    #[command(flatten)]
    what: WhatArgs,
    /// Why, for whoever looks later
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
    /// Pause: do not cordon the tenant
    #[arg(long)]
    no_cordon: bool,
    /// Pause: do not keep new pods out by a quota
    #[arg(long)]
    no_lock: bool,
    /// Pause: do not hold Argo CD, Flux and Capsule's replications, which would start it again
    #[arg(long)]
    no_hold: bool,
    /// Pause: stop Jobs that run, too
    #[arg(long)]
    jobs: bool,
    /// Pause: leave running what would lose its volumes
    #[arg(long)]
    spare_volumes: bool,
    /// Resume: set back what was changed meanwhile, too
    #[arg(long)]
    also_changed: bool,
    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
    /// Wait until it is paused, or until everything that was started is ready
    #[arg(long)]
    wait: bool,
    /// For how long --wait waits, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, requires = "wait")]
    timeout: u64,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    what: WhatArgs,
}

/// A tenant, or a namespace alone.
#[derive(Debug, Clone)]
pub enum Named {
    /// The tenant of this name.
    Tenant(String),
    /// The namespace of this name.
    Namespace(String),
}

/// Names stand in request paths.
pub fn named(text: &str) -> Result<Named, String> {
    let (kind, name) = text.split_once('/').unwrap_or(("tenant", text));
    let is_name = |name: &str| name.split('.').all(crate::console::update::is_namespace_name);
    match kind {
        "tenant" | "tenants" | "tnt" if is_name(name) => Ok(Named::Tenant(name.to_owned())),
        "ns" | "namespace" | "namespaces" if is_name(name) => Ok(Named::Namespace(name.to_owned())),
        "tenant" | "tenants" | "tnt" | "ns" | "namespace" | "namespaces" => {
            Err("a name is made of lower-case letters, digits and dashes".to_owned())
        }
        _ => Err("a tenant's name, or ns/NAMESPACE".to_owned()),
    }
}

impl WhatArgs {
    /// What is meant, with the namespaces that are known to whoever may not list them: those in force, and those of earlier sessions.
    fn what(&self, bench: &Bench, paths: &Paths) -> Vec<What> {
        let place = bench.gate.place();
        let mut known = memory::recall(&paths.memory(), &place.server);
        known.push(place.namespace.clone());
        known.sort();
        known.dedup();
        let what = |named: &Named| match named {
            Named::Tenant(name) => What::Tenant { name: name.clone(), known: known.clone() },
            Named::Namespace(name) => What::Namespace(name.clone()),
        };
        self.what.iter().map(what).collect()
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Pauses or resumes: shows what would change, asks, and changes it.
pub async fn change(
    target: &TargetArgs,
    direction: Direction,
    args: &ChangeArgs,
    paths: &Paths,
) -> color_eyre::Result<ExitCode> {
    let options = Options {
        cordon: !args.no_cordon,
        lock: !args.no_lock,
        hold: !args.no_hold,
        jobs: args.jobs,
        spare_volumes: args.spare_volumes,
        also_theirs: args.also_changed,
        ..Options::default()
    };
    let kinds = Kinds::default();
    let made = async {
        let bench = Bench::open(target, paths).await?;
        let what = args.what.what(&bench, paths);
        let reason = args.reason.trim().to_owned();
        let wish = Wish { what, direction, options, reason, at: now(), hidden: 0 };
        let plan = pause::plan(&wish, &survey(&bench.gate, &kinds, &wish).await?, bench.target.clone())?.plan;
        let answered = bench.preview(plan).await;
        Ok::<_, Trouble>((bench, wish, answered))
    };
    let (bench, wish, answered) = match made.await {
        Ok(made) => made,
        Err(trouble) => return Ok(fail(&trouble, 1)),
    };
    let code = carry_out(&bench, answered, args.yes, args.what.output == Output::Json, None).await?;
    if code != ExitCode::SUCCESS || !args.wait {
        return Ok(code);
    }
    Ok(match wait(&bench, &kinds, &wish, Duration::from_secs(args.timeout)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => fail(&trouble, 1),
    })
}

/// Waits until it is as wished, and tells on the way what is missing.
async fn wait(bench: &Bench, kinds: &Kinds, wish: &Wish, limit: Duration) -> Result<(), Trouble> {
    const LOOK: Duration = Duration::from_secs(1);
    let end = Instant::now() + limit;
    let mut told = String::new();
    loop {
        let survey = survey(&bench.gate, kinds, wish).await?;
        let missing: Vec<String> =
            wish.what.iter().filter_map(|what| status_of(what, &survey).missing(wish.direction, &survey)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let words = missing.join("; ");
        if Instant::now() > end {
            return Err(Trouble::new(TroubleKind::TimedOut, format!("not so after {} s: {words}", limit.as_secs())));
        }
        if words != told {
            // Without a standard error there is nobody to be told.
            let _ = writeln!(io::stderr(), "tenantry: {}", clean(&words));
            told = words;
        }
        sleep(LOOK).await;
    }
}

/// Tells what is paused. Exits with 0 when all that was asked about could be read.
pub async fn status(target: &TargetArgs, args: &StatusArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let read = async {
        let bench = Bench::open(target, paths).await?;
        let what = args.what.what(&bench, paths);
        let (direction, options, reason) = (Direction::Pause, Options::default(), String::new());
        let wish = Wish { what, direction, options, reason, at: now(), hidden: 0 };
        let survey = survey(&bench.gate, &Kinds::default(), &wish).await?;
        for what in &wish.what {
            pause::exists(what, &survey)?;
        }
        Ok::<_, Trouble>(wish.what.iter().map(|what| status_of(what, &survey)).collect::<Vec<Status>>())
    };
    let all = match read.await {
        Ok(all) => all,
        Err(trouble) => return Ok(fail(&trouble, 1)),
    };
    match args.what.output {
        Output::Text => {
            let lines: Vec<String> =
                all.iter().flat_map(Status::words).map(|line| clean(&line).into_owned() + "\n").collect();
            super::print(&lines.concat())?;
        }
        Output::Json => {
            let mut all: Vec<Value> = all.iter().map(Status::json).collect();
            let value = if let [_] = all.as_slice() { all.remove(0) } else { Value::Array(all) };
            super::print(&format!("{value}\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Status {
    /// What is still missing until it is paused, or until what was started is ready.
    fn missing(&self, direction: Direction, survey: &pause::survey::Survey) -> Option<String> {
        let title = self.what.title();
        match (direction, self.state) {
            (Direction::Pause, PauseState::Paused) => None,
            // Nothing of it was there to be paused, and nothing says that it is.
            (Direction::Pause, PauseState::Active) if self.tally.loose == 0 => None,
            (Direction::Pause, state) => Some(format!("{title} is {}", state.word())),
            (Direction::Resume, _) => {
                let unready = survey.unready(&self.namespaces);
                (!unready.is_empty()).then(|| format!("not ready yet: {}", unready.join(", ")))
            }
        }
    }
}
