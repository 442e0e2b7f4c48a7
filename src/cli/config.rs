//! `tenantry config`: the person's own files.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::config::memory::tilde;
use crate::config::paths::Paths;
use crate::config::settings::DEFAULT;
use crate::console::effect::files;
use crate::console::view::theme::{Wish, looks};

/// The arguments.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    question: Option<Question>,
}

#[derive(Debug, Clone, Subcommand)]
enum Question {
    /// Where the files are, and which of them exist (the default)
    Path,
    /// What is wrong in them; exit code 1 if anything is
    Check,
    /// What is so without a file, with every line explained; or a theme, as a start for one of your own
    Default {
        /// A theme's name
        #[arg(long, value_name = "NAME")]
        theme: Option<String>,
    },
}

/// Answers.
pub fn run(args: &ConfigArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    match args.question.as_ref().unwrap_or(&Question::Path) {
        Question::Path => super::print(&places(paths))?,
        Question::Check => {
            let loaded = files::load(paths, &Wish::default());
            for fault in &loaded.faults {
                writeln!(io::stderr(), "tenantry: {fault}")?;
            }
            if !loaded.faults.is_empty() {
                return Ok(ExitCode::FAILURE);
            }
            super::print("nothing is wrong\n")?;
        }
        Question::Default { theme: None } => super::print(DEFAULT)?,
        Question::Default { theme: Some(name) } => match looks::text(name) {
            Some(text) => super::print(text)?,
            None => {
                let message = looks::check(name).err().unwrap_or_else(|| format!("{name} is no theme of its own"));
                writeln!(io::stderr(), "tenantry: {message}")?;
                return Ok(ExitCode::FAILURE);
            }
        },
    }
    Ok(ExitCode::SUCCESS)
}

fn places(paths: &Paths) -> String {
    let mut out = String::new();
    let files = [
        (paths.settings(), "what you have decided"),
        (paths.keymap(), "keys of your own"),
        (paths.theme(), "a theme of your own"),
        (paths.journal(), "every plan that was applied"),
        (paths.memory(), "namespaces remembered per cluster"),
        (paths.console(), "panes, pins and commands of the last run"),
        (paths.log(), "the log"),
    ];
    for (path, what) in files {
        let there = if path.exists() { "" } else { " (not there)" };
        let _ = writeln!(out, "{:<44}  {what}{there}", tilde(&path));
    }
    out
}
