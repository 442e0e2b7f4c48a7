//! `tenantry create`: a tenant from a blueprint.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::output::Output;
use super::work::{Bench, carry_out, fail};
use super::{TargetArgs, printed};
use crate::apply::create;
use crate::apply::work::Kinds;
use crate::blueprint::create::{Asked, Identity};
use crate::blueprint::sheet::Given;
use crate::config::paths::Paths;
use crate::console::effect::blueprints;
use crate::journal;
use crate::plan::Answer;
use crate::world::trouble::{Trouble, TroubleKind};

/// Arguments of `create`.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// The tenant's name
    #[arg(value_name = "TENANT")]
    tenant: String,
    /// What it is made from: one that `tenantry blueprint list` names, or the path of a folder
    #[arg(short, long, value_name = "NAME", default_value = "empty")]
    blueprint: String,
    #[command(flatten)]
    values: ValueArgs,
    /// As whom namespaces are made: auto (found out by dry run), me, or an owner
    #[arg(long, value_name = "WHO", default_value = "auto")]
    namespaces_as: String,
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// What is decided about parameters.
#[derive(Debug, Clone, Args)]
pub struct ValueArgs {
    /// A parameter's value; items of a list stand between commas (can be repeated)
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// A parameter's value, from a file (can be repeated)
    #[arg(long = "set-file", value_name = "NAME=PATH", value_parser = pair)]
    set_file: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a name and a value: image=nginx".to_owned()),
    }
}

impl ValueArgs {
    /// What was given. A name that stands there again, with `--set`, adds to a list.
    pub fn given(&self) -> Result<Given, Trouble> {
        let mut given = Given::new();
        for (name, value) in &self.set {
            given
                .entry(name.clone())
                .and_modify(|before| {
                    before.push(',');
                    before.push_str(value);
                })
                .or_insert_with(|| value.clone());
        }
        for (name, path) in &self.set_file {
            let text = std::fs::read_to_string(PathBuf::from(path))
                .map_err(|error| Trouble::new(TroubleKind::File, format!("cannot read {path}: {error}")))?;
            given.insert(name.clone(), text);
        }
        Ok(given)
    }
}

fn identity(text: &str) -> Identity {
    match text {
        "auto" => Identity::Auto,
        "me" => Identity::Ourselves,
        owner => Identity::Owner(owner.to_owned()),
    }
}

/// Shows what would be made, asks, and makes it.
pub async fn run(target: &TargetArgs, args: &CreateArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let planned = async {
        let blueprint = blueprints::find(Some(&paths.blueprints()), &args.blueprint)?;
        let given = args.values.given()?;
        let bench = Bench::open(target, paths).await?;
        let kinds = Kinds::default();
        let facts = create::facts(&bench.gate, &kinds).await?;
        let asked = Asked { tenant: args.tenant.clone(), given, identity: identity(&args.namespaces_as) };
        let target = bench.target.clone();
        let (_, plan) = create::plan(&bench.gate, &kinds, &facts, &blueprint, &asked, target).await;
        let answered = bench.preview(plan?).await;
        Ok::<_, Trouble>((bench, answered))
    };
    let (bench, answered) = match planned.await {
        Ok(planned) => planned,
        Err(trouble) => return Ok(fail(&trouble, 1)),
    };
    let as_json = args.output == Output::Json;
    if args.dry_run {
        if as_json {
            super::print(&format!("{}\n", printed::plan_json(&answered)))?;
        } else {
            super::print(&printed::plan(&answered))?;
        }
        let is_bad = |answer: &Answer| !answer.is_good() && !matches!(answer, Answer::Simulated(_));
        let bad = answered.plan.steps().any(|step| step.answer.as_ref().is_none_or(is_bad));
        return Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
    let code = carry_out(&bench, answered, args.yes, as_json, None).await?;
    if code != ExitCode::SUCCESS {
        leftovers(&bench)?;
    }
    Ok(code)
}

/// After it has ended half-way: how to go on, and how to go back.
fn leftovers(bench: &Bench) -> color_eyre::Result<()> {
    let pasts = journal::read(&bench.journal).map(journal::history::history).unwrap_or_default();
    let ours = pasts.iter().filter(|past| past.pid == std::process::id() && past.done() > 0);
    let mut parts: Vec<&str> = ours.map(|past| past.id.as_str()).collect();
    parts.reverse();
    if parts.is_empty() {
        return Ok(());
    }
    let mut out = std::io::stderr();
    writeln!(out, "  to finish it: the same command again; what is there is left as it is")?;
    writeln!(out, "  to take it back:")?;
    for part in parts {
        writeln!(out, "    tenantry undo {part}")?;
    }
    Ok(())
}
