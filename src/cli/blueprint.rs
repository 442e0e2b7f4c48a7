//! `tenantry blueprint`: what tenants can be made from.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::create::ValueArgs;
use super::output::Output;
use super::work::{Bench, fail};
use super::{TargetArgs, printed};
use crate::apply::create;
use crate::apply::work::Kinds;
use crate::blueprint::Blueprint;
use crate::blueprint::create::{Asked, Identity};
use crate::blueprint::format::Format;
use crate::blueprint::parameter::{Choices, Parameter};
use crate::blueprint::sheet::{Given, sheet, spelt};
use crate::config::paths::Paths;
use crate::console::effect::blueprints;
use crate::plan::Answer;
use crate::world::trouble::Trouble;

/// The arguments.
#[derive(Debug, Args)]
pub struct BlueprintArgs {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Which there are
    List(OutputArgs),
    /// What can be decided about one; or its files, to begin one of your own with
    Show {
        /// Its name, or the path of its folder
        #[arg(value_name = "NAME")]
        name: String,
        /// Its files
        #[arg(long)]
        files: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Whether one can be used: its files, and what the server says of what it makes. Nothing is written
    ///
    /// What is needed and not given is made up: an owner alice, a host under example.net. The server is asked about each object
    /// by itself, in the namespace default.
    Check {
        /// Its name, or the path of its folder
        #[arg(value_name = "PATH")]
        path: String,
        /// The tenant's name
        #[arg(long, value_name = "NAME", default_value = "blueprint-check")]
        tenant: String,
        #[command(flatten)]
        values: ValueArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Debug, Clone, Copy, Args)]
struct OutputArgs {
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Answers.
pub async fn run(target: &TargetArgs, args: &BlueprintArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let folder = paths.blueprints();
    let found = |name: &str| blueprints::find(Some(&folder), name);
    match &args.question {
        Question::List(OutputArgs { output }) => {
            let (mut text, mut all) = (String::new(), Vec::new());
            for (name, origin) in blueprints::all(Some(&folder)) {
                let about = match found(&name) {
                    Ok(blueprint) => blueprint.description,
                    Err(trouble) => format!("cannot be used: {}", trouble.what.lines().next().unwrap_or_default()),
                };
                let _ = writeln!(text, "{name:<16}  {about} ({})", origin.words());
                all.push(json!({"name": name, "description": about, "origin": origin.words()}));
            }
            match output {
                Output::Text => super::print(&text)?,
                Output::Json => super::print(&format!("{}\n", Value::from(all)))?,
            }
        }
        Question::Show { name, files: true, .. } => match blueprints::files(Some(&folder), name) {
            Ok(files) => {
                for file in files {
                    super::print(&format!("# {}\n{}\n", file.name, file.text.trim_end()))?;
                }
            }
            Err(trouble) => return Ok(fail(&trouble, 1)),
        },
        Question::Show { name, output: OutputArgs { output }, .. } => match found(name) {
            Ok(blueprint) if *output == Output::Json => super::print(&format!("{}\n", about_json(&blueprint)))?,
            Ok(blueprint) => super::print(&about(&blueprint))?,
            Err(trouble) => return Ok(fail(&trouble, 1)),
        },
        Question::Check { path, tenant, values, output: OutputArgs { output } } => {
            let files = match blueprints::files(Some(&folder), path) {
                Ok(files) => files,
                Err(trouble) => return Ok(fail(&trouble, 1)),
            };
            let blueprint = match blueprints::faulty(&files) {
                Ok(blueprint) => blueprint,
                Err(faults) => {
                    for fault in faults {
                        writeln!(io::stderr(), "{fault}")?;
                    }
                    return Ok(ExitCode::FAILURE);
                }
            };
            let given = match values.given() {
                Ok(given) => given,
                Err(trouble) => return Ok(fail(&trouble, 1)),
            };
            return check(target, paths, &blueprint, tenant, given, *output).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn check(
    target: &TargetArgs,
    paths: &Paths,
    blueprint: &Blueprint,
    tenant: &str,
    mut given: Given,
    output: Output,
) -> color_eyre::Result<ExitCode> {
    let answered = async {
        let bench = Bench::open(target, paths).await?;
        let kinds = Kinds::default();
        let facts = create::facts(&bench.gate, &kinds).await?;
        // What is asked next may depend on what was made up.
        for parameter in &blueprint.parameters {
            let missing = sheet(blueprint, tenant, &given, &facts)
                .field(&parameter.name)
                .is_some_and(|field| field.asked && !field.typed && field.fault.is_some());
            if missing && parameter.required {
                given.insert(parameter.name.clone(), made_up(parameter, tenant));
            }
        }
        let asked = Asked { tenant: tenant.to_owned(), given, identity: Identity::Ourselves };
        let target = bench.target.clone();
        let (_, plan) = create::plan(&bench.gate, &kinds, &facts, blueprint, &asked, target).await;
        Ok::<_, Trouble>(bench.preview(create::apart(plan?, "default")).await)
    };
    let answered = match answered.await {
        Ok(answered) => answered,
        Err(trouble) => return Ok(fail(&trouble, 1)),
    };
    match output {
        Output::Text => super::print(&printed::plan(&answered))?,
        Output::Json => super::print(&format!("{}\n", printed::plan_json(&answered)))?,
    }
    let good = answered.plan.steps().all(|step| step.answer.as_ref().is_some_and(Answer::is_good));
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn made_up(parameter: &Parameter, tenant: &str) -> String {
    match parameter.format {
        Some(Format::Owner) => "alice".to_owned(),
        Some(Format::Host) => format!("{tenant}.example.net"),
        Some(Format::Namespace) => format!("{tenant}-web"),
        Some(Format::Quantity) => "1".to_owned(),
        Some(Format::Image) => "example.net/image:1".to_owned(),
        Some(Format::Name) | None => "example".to_owned(),
    }
}

fn about(blueprint: &Blueprint) -> String {
    let mut out = format!("{}: {}\n", blueprint.name, blueprint.description);
    if !blueprint.needs.is_empty() {
        let _ = writeln!(out, "needs {}", blueprint.needs.join(", "));
    }
    let _ = writeln!(out);
    for parameter in &blueprint.parameters {
        let Parameter { name, description, kind, required, default, when, needs, .. } = parameter;
        let format = parameter.format.map(|format| format!(" of {}", format.word())).unwrap_or_default();
        let must = if *required { ", required" } else { "" };
        let default = default.as_ref().map(|default| format!(", {} by default", spelt(default))).unwrap_or_default();
        let _ = writeln!(out, "{name}  ({}{format}{must}{default})", kind.word());
        let _ = writeln!(out, "    {description}");
        match &parameter.choices {
            Choices::None => {}
            Choices::Of(list) => drop(writeln!(out, "    one of the cluster's {list}")),
            Choices::These(all) => {
                for choice in all {
                    let needs = if choice.needs.is_empty() {
                        String::new()
                    } else {
                        format!(" (needs {})", choice.needs.join(", "))
                    };
                    let gap = if choice.description.is_empty() { "" } else { ": " };
                    let _ = writeln!(out, "    - {}{gap}{}{needs}", choice.value, choice.description);
                }
            }
        }
        if !needs.is_empty() {
            let _ = writeln!(out, "    asked where there are {}", needs.join(", "));
        }
        if let Some(when) = when {
            let _ = writeln!(out, "    asked when {when}");
        }
    }
    out
}

fn about_json(blueprint: &Blueprint) -> Value {
    let parameter = |parameter: &Parameter| {
        let choices = match &parameter.choices {
            Choices::None => Value::Null,
            Choices::Of(list) => (*list).into(),
            Choices::These(all) => all
                .iter()
                .map(|one| json!({"value": one.value, "description": one.description, "needs": one.needs}))
                .collect(),
        };
        json!({
            "name": parameter.name, "description": parameter.description, "type": parameter.kind.word(),
            "format": parameter.format.map(Format::word), "default": parameter.default, "required": parameter.required,
            "min": parameter.min, "max": parameter.max, "choices": choices, "needs": parameter.needs, "when": parameter.when,
        })
    };
    json!({
        "name": blueprint.name, "description": blueprint.description, "needs": blueprint.needs,
        "parameters": blueprint.parameters.iter().map(parameter).collect::<Vec<_>>(),
    })
}
