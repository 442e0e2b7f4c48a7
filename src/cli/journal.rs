//! `tenantry journal` and `tenantry undo`: what was applied, and taking it back.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::work::{Bench, carry_out, fail};
use super::{TargetArgs, printed};
use crate::apply::recover;
use crate::config::paths::Paths;
use crate::journal::{self, export};
use crate::plan::history::Past;
use crate::plan::undo::Wish;
use crate::world::trouble::{Trouble, TroubleKind};

/// Arguments of `journal`.
#[derive(Debug, Args)]
pub struct JournalArgs {
    /// One plan, by the name that the list gives it (default: all)
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    Text,
    /// A JSON array
    Json,
    /// What was done, as commands of kubectl; what is secret is left out
    Script,
}

/// Arguments of `undo`.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// The plan, by the name that `tenantry journal` gives it (default: the last one here)
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// A journal, or what `tenantry journal -o json` has written, perhaps on another machine (default: the one here)
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Set back, or delete, what others have changed since, too
    #[arg(long)]
    also_changed: bool,
    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
}

/// The plans of a journal, or of what was exported of one.
fn read(path: &Path, id: Option<&str>) -> Result<Vec<Past>, Trouble> {
    choose(journal::history::history(journal::read(path)?), id)
}

/// The plans of a file that somebody else may have written: a journal, or what was exported of one.
fn read_from(path: &Path, id: Option<&str>) -> Result<Vec<Past>, Trouble> {
    let wrong =
        |error: std::io::Error| Trouble::new(TroubleKind::File, format!("cannot read {}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(wrong)?;
    let is_journal = text.lines().next().is_some_and(|line| line.contains("\"entry\":"));
    if is_journal { read(path, id) } else { choose(export::read(&text)?, id) }
}

fn choose(mut pasts: Vec<Past>, id: Option<&str>) -> Result<Vec<Past>, Trouble> {
    if let Some(id) = id {
        pasts.retain(|past| past.id == id);
        if pasts.is_empty() {
            return Err(Trouble::new(TroubleKind::Other, format!("the journal has no plan {id}"))
                .advise("`tenantry journal` names them all"));
        }
    }
    Ok(pasts)
}

/// Prints what was applied.
pub fn journal(target: &TargetArgs, args: &JournalArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let pasts = match read(&target.journal(paths), args.id.as_deref()) {
        Ok(pasts) => pasts,
        Err(trouble) => return Ok(fail(&trouble, 1)),
    };
    let text = match args.output {
        Output::Json => format!("{}\n", Value::Array(pasts.iter().map(export::whole).collect())),
        Output::Script => pasts.iter().map(export::script).collect(),
        Output::Text => {
            let with_steps = args.id.is_some();
            pasts
                .iter()
                .map(|past| export::line(past) + &if with_steps { printed::past(past) } else { String::new() })
                .collect()
        }
    };
    super::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Takes back a plan of earlier.
pub async fn undo(target: &TargetArgs, args: &UndoArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let made = async {
        let bench = Bench::open(target, paths).await?;
        let pasts = match &args.from {
            Some(file) => read_from(file, args.id.as_deref())?,
            None => read(&bench.journal, args.id.as_deref())?,
        };
        let is_here =
            |past: &&Past| args.id.is_some() || past.target.server == bench.target.server && past.may_have_done();
        let past = pasts.iter().rev().find(is_here).ok_or_else(|| {
            Trouble::new(TroubleKind::Other, format!("nothing was applied to {} yet", bench.target.server))
        })?;
        if let Some(refusal) = recover::refusal(past, &bench.target) {
            return Err(refusal);
        }
        let wish = Wish::Undo { also_theirs: args.also_changed };
        let (plan, _) = recover::plan(&bench.gate, past, bench.target.clone(), wish).await?;
        let answered = bench.preview(plan).await;
        Ok((bench, answered))
    };
    match made.await {
        Ok((bench, answered)) => carry_out(&bench, answered, args.yes, false, None).await,
        Err(trouble) => Ok(fail(&trouble, 1)),
    }
}
