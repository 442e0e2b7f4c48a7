//! `tenantry keys`: which key does what, from the map that the console dispatches by.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::config::paths::Paths;
use crate::console::effect::files;
use crate::console::keymap::{Chord, Keymap, Layer};
use crate::console::view::theme::Wish;

/// The arguments.
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// The shipped map, without your own file
    #[arg(long)]
    shipped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    Text,
    /// A list of objects
    Json,
    /// Tables for a document
    Markdown,
    /// One table of what matters most, a sentence each
    Summary,
}

/// Prints the keys; what is wrong with the user's file goes to standard error, and the exit code is 1.
pub fn run(args: &KeysArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let loaded = files::load(paths, &Wish::default());
    let (keymap, faults) = if args.shipped { (Keymap::shipped(), Vec::new()) } else { (loaded.keymap, loaded.faults) };
    let text = match args.output {
        Output::Text => text(&keymap),
        Output::Json => format!("{:#}\n", json(&keymap)),
        Output::Markdown => markdown(&keymap),
        Output::Summary => summary(&keymap),
    };
    super::print(&text)?;
    for fault in &faults {
        writeln!(io::stderr(), "tenantry: {fault}")?;
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where a layer's keys are pressed.
const fn place(layer: Layer) -> &'static str {
    match layer {
        Layer::Global => "Everywhere but in the dialog that shows a plan",
        Layer::Table => "On the panes",
        Layer::Page => "On a page over the panes",
        Layer::Plan => "In the dialog that shows a plan",
        Layer::Form => "In the form beside the plan of a new tenant",
    }
}

fn names(keys: &[Chord]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

fn text(keymap: &Keymap) -> String {
    let mut out = String::new();
    for layer in Layer::ALL {
        let _ = writeln!(out, "{}{}", if out.is_empty() { "" } else { "\n" }, place(*layer));
        for (command, keys) in keymap.commands(*layer) {
            let keys = if keys.is_empty() { "(no key)".to_owned() } else { names(keys).join(" ") };
            let _ = writeln!(out, "  {keys:<22} {:<24} {command}", command.title());
        }
    }
    out
}

fn json(keymap: &Keymap) -> serde_json::Value {
    let of = |layer: &Layer| {
        let layer = *layer;
        keymap.commands(layer).map(move |(command, keys)| {
            json!({
                "layer": layer.name(), "command": command.name(), "title": command.title(),
                "group": command.group().title(), "keys": names(keys), "writes": command.writes(),
            })
        })
    };
    Layer::ALL.iter().flat_map(of).collect()
}

fn markdown(keymap: &Keymap) -> String {
    let mut out = "# Keys\n\nWritten by `tenantry keys --shipped -o markdown`.\n".to_owned();
    for layer in Layer::ALL {
        let _ = write!(out, "\n## {}\n\n| keys | what they do | in `[{layer}]` |\n|---|---|---|\n", place(*layer));
        for (command, keys) in keymap.commands(*layer) {
            let keys: Vec<String> = names(keys).iter().map(|key| format!("`{key}`")).collect();
            let _ = writeln!(out, "| {} | {} | `{command}` |", keys.join(" "), command.title());
        }
    }
    out
}

/// What matters most, in sentences: `{open}` stands for the key of a command on the panes, `{search.next@page}` for its key elsewhere.
const SUMMARY: &str = include_str!("keys/summary.md");

/// The summary with the keys of this map.
fn summary(keymap: &Keymap) -> String {
    let mut out = String::new();
    let mut rest = SUMMARY;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        out.push_str(before);
        let key = key_of(keymap, name).unwrap_or_else(|| format!(":{name}"));
        let _ = write!(out, "`{key}`");
        rest = after;
    }
    out + rest
}

/// The first key of a command, named as in the summary.
fn key_of(keymap: &Keymap, name: &str) -> Option<String> {
    let (name, layers) = match name.split_once('@') {
        None => (name, Layer::OPEN.iter().find(|layers| layers.contains(&Layer::Table))?),
        Some((name, layer)) => {
            let layer = layer.parse().ok()?;
            (name, Layer::OPEN.iter().find(|layers| layers.contains(&layer))?)
        }
    };
    keymap.keys(layers, name.parse().ok()?).first().map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_summary() {
        let readme = include_str!("../../README.md");
        let begin = "<!-- `tenantry keys --shipped -o summary` writes this table, and a test holds it -->\n\n";
        let (_, section) = readme.split_once(begin).expect("README.md has lost the mark before its keys");
        let written = summary(&Keymap::shipped());
        assert!(section.starts_with(&written), "README.md is outdated; the table of its keys is now:\n{written}");
        for name in SUMMARY.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            assert!(key_of(&Keymap::shipped(), name).is_some(), "{name} has no key");
        }
    }
    use crate::console::keymap::Command;

    #[test]
    fn the_document_is_what_the_program_does() {
        let written = include_str!("../../docs/keys.md");
        let told = "`cargo run -- keys --shipped -o markdown > docs/keys.md` writes it anew";
        assert!(written == markdown(&Keymap::shipped()), "docs/keys.md is outdated: {told}");
    }

    #[test]
    fn every_form_has_every_command_that_a_layer_names() {
        let keymap = Keymap::shipped();
        let (text, list) = (text(&keymap), json(&keymap));
        for command in Command::ALL {
            assert!(text.lines().any(|line| line.ends_with(command.name())), "{command}");
            let named = |entry: &serde_json::Value| entry["command"] == command.name();
            assert!(list.as_array().is_some_and(|all| all.iter().any(named)), "{command}");
        }
    }
}
