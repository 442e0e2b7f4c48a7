//! `tenantry journal` and `tenantry undo`: what was applied, and taking it back.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::work::{Bench, carry_out, fail};
use super::{TargetArgs, printed};
use crate::apply::recover;
use crate::config::paths::Paths;
use crate::journal;
use crate::plan::history::{Fate, Past};
use crate::plan::step::kubectl_as;
use crate::plan::undo::Wish;
use crate::plan::{Before, Step};
use crate::text::clean::clean;
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
    /// Do not ask
    #[arg(short = 'y', long)]
    yes: bool,
}

fn read(path: &std::path::Path, id: Option<&str>) -> Result<Vec<Past>, Trouble> {
    let mut pasts = journal::history::history(journal::read(path)?);
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
        Output::Json => format!("{}\n", Value::Array(pasts.iter().map(printed::past_json).collect())),
        Output::Script => pasts.iter().map(script).collect(),
        Output::Text => {
            let with_steps = args.id.is_some();
            pasts
                .iter()
                .map(|past| line(past) + &if with_steps { printed::past(past) } else { String::new() })
                .collect()
        }
    };
    super::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn when(past: &Past) -> String {
    jiff::Timestamp::from_second(past.at).map(|at| at.to_string()).unwrap_or_default()
}

fn line(past: &Past) -> String {
    let target = &past.target;
    let text = format!(
        "{}  {}  {} as {}  {}: {}",
        past.id,
        when(past),
        target.context,
        target.user,
        past.title,
        past.outcome()
    );
    clean(&text).into_owned() + "\n"
}

fn script(past: &Past) -> String {
    let mut text = format!("# {}", line(past));
    for (record, _) in past.steps.iter().filter(|(_, fate)| matches!(fate, Fate::Done(_))) {
        if record.withheld {
            text.push_str("# what is secret stands below as a mask: put the values in before you run it\n");
        }
        let (object, change) = (record.object.clone(), record.change.clone());
        let step = Step { object, change, before: Before::Absent, answer: None, source: None };
        let command = kubectl_as(step.kubectl(&past.target), record.acting_as.as_ref());
        text.extend([command.as_str(), "\n"]);
    }
    text
}

/// Takes back a plan of earlier.
pub async fn undo(target: &TargetArgs, args: &UndoArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let made = async {
        let bench = Bench::open(target, paths).await?;
        let pasts = read(&bench.journal, args.id.as_deref())?;
        let is_here = |past: &&Past| args.id.is_some() || past.target.server == bench.target.server && past.done() > 0;
        let past = pasts.iter().rev().find(is_here).ok_or_else(|| {
            Trouble::new(TroubleKind::Other, format!("nothing was applied to {} yet", bench.target.server))
        })?;
        if let Some(refusal) = recover::refusal(past, &bench.target) {
            return Err(refusal);
        }
        let wish = Wish::Undo { also_theirs: false };
        let (plan, _) = recover::plan(&bench.gate, past, bench.target.clone(), wish).await?;
        let answered = bench.preview(plan).await;
        Ok((bench, answered))
    };
    match made.await {
        Ok((bench, answered)) => carry_out(&bench, answered, args.yes, false).await,
        Err(trouble) => Ok(fail(&trouble, 1)),
    }
}
