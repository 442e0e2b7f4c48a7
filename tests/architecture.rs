//! Holds the arrows between the modules: who may name whom, and who stays pure. The tables below are the rules.
//!
//! All paths of the sources are looked at, not only `use` lines: expressions, types, attributes, what stands in macros, and
//! names that an import renamed.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the sources should say where it stopped")]

#[path = "architecture/paths.rs"]
mod paths;

use paths::{Found, Source};
use std::fs;
use std::path::{Path, PathBuf};

/// Who may name whom. The first line that a file belongs to holds for it; naming oneself is allowed. A name ending in `*`
/// holds for all modules that begin so.
///
/// ```text
/// text ← world ← plan ← { blueprint, action } ← { console, cli }
/// ```
const MAY_NAME: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("world", &["text"]),
    ("plan", &["text", "world"]),
    ("blueprint", &["text", "world", "plan"]),
    ("action", &["text", "world", "plan"]),
    ("cluster", &["text", "world", "plan"]),
    ("journal", &["text", "world", "plan"]),
    ("config", &["text", "world", "plan"]),
    ("apply", &["text", "world", "plan", "blueprint", "action", "cluster", "journal"]),
    // A bug of ours must not be able to hide in the cluster that shows it.
    ("demo", &[]),
    ("console/keymap", &["text"]),
    ("console/terminal", &["text", "console/keymap"]),
    (
        "console/effect*",
        &["text", "world", "plan", "blueprint", "action", "console", "cluster", "journal", "apply", "config"],
    ),
    ("console", &["text", "world", "plan", "blueprint", "action"]),
    (
        "cli",
        &["text", "world", "plan", "blueprint", "action", "console", "cluster", "journal", "apply", "config", "demo"],
    ),
    (
        "main",
        &["text", "world", "plan", "blueprint", "action", "console", "cluster", "journal", "config", "demo", "cli"],
    ),
    ("lib", &[]),
];

/// What holds no task, no file, no socket and no clock: given the same, it answers the same.
const PURE: &[&str] = &[
    "text",
    "world",
    "plan",
    "blueprint",
    "action",
    "console/model",
    "console/update",
    "console/view",
    "console/keymap",
    "console/msg",
];

/// What somebody must not name, outside of tests.
struct Refusal {
    who: Who,
    names: &'static [&'static str],
    why: &'static str,
}

enum Who {
    These(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

const REFUSED: &[Refusal] = &[
    Refusal {
        who: Who::These(PURE),
        names: &["tokio", "tokio_util", "futures_util", "std::thread", "tracing_appender"],
        why: "is pure, and starts nothing that runs beside it",
    },
    Refusal {
        who: Who::These(PURE),
        names: &["kube", "hyper", "hyper_util", "tower", "rustls", "std::net", "std::os"],
        why: "is pure, and knows no network",
    },
    Refusal {
        who: Who::These(PURE),
        names: &[
            "std::fs",
            "std::process",
            "std::env",
            "std::io::stdin",
            "std::io::stdout",
            "std::io::stderr",
            "rustix",
            "etcetera",
        ],
        why: "is pure, and knows no files and no processes",
    },
    Refusal {
        who: Who::These(PURE),
        names: &[
            "std::time::Instant",
            "std::time::SystemTime",
            "jiff::Timestamp::now",
            "jiff::Zoned::now",
            "jiff::tz::TimeZone::system",
            // However they were imported.
            "*::Instant::now",
            "*::SystemTime::now",
            "*::Timestamp::now",
            "*::Zoned::now",
        ],
        why: "is pure, and is told what time it is",
    },
    Refusal {
        who: Who::These(&["console/model", "console/update", "console/view", "console/msg"]),
        names: &["crate::console::run", "crate::console::headless", "crate::console::terminal"],
        why: "is pure, and does not know what drives it",
    },
    Refusal {
        who: Who::AllBut(&["cluster", "demo"]),
        names: &["kube", "k8s_openapi"],
        why: "leaves the API's types and its client to cluster",
    },
    Refusal {
        who: Who::AllBut(&["console/terminal"]),
        names: &["crossterm", "ratatui::crossterm"],
        why: "leaves the terminal's library to console/terminal",
    },
    Refusal {
        who: Who::These(&[
            "console/keymap",
            "cluster",
            "journal",
            "config",
            "text",
            "world",
            "plan",
            "blueprint",
            "action",
        ]),
        names: &["ratatui"],
        why: "does not draw",
    },
];

#[test]
fn the_arrows_point_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files);
    assert!(!files.is_empty(), "no sources found");
    let sources: Vec<_> = files
        .iter()
        .map(|file| {
            let name = file.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            Source::read(&name, &fs::read_to_string(file).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"))
        })
        .collect();
    let wrong = violations(&sources);
    assert!(wrong.is_empty(), "the arrows of the house are broken {} times:\n{}", wrong.len(), wrong.join("\n"));
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Everything in `sources` that the rules refuse, as `file:line: what: why`.
fn violations(sources: &[Source]) -> Vec<String> {
    let tests: Vec<_> = sources.iter().flat_map(|source| source.test_modules.iter().cloned()).collect();
    let mut wrong = Vec::new();
    for source in sources {
        let at = |line: usize, what: &str| format!("{}:{line}: {what}", source.file);
        for (line, what) in &source.detours {
            wrong.push(at(*line, what));
        }
        let Some((owner, allowed)) = rule_of(&source.module) else {
            wrong.push(at(1, "belongs to no line of the table in tests/architecture.rs"));
            continue;
        };
        let test_file = tests.iter().any(|module| source.module.starts_with(module));
        for found in &source.found {
            wrong.extend(arrow(owner, allowed, found).map(|what| at(found.line, &what)));
            if !found.test && !test_file {
                wrong.extend(refused(&source.module, found).map(|what| at(found.line, &what)));
            }
        }
    }
    wrong
}

type Rule = (&'static str, &'static [&'static str]);

fn rule_of(module: &[String]) -> Option<Rule> {
    MAY_NAME.iter().copied().find(|(name, _)| belongs(module, name))
}

/// Whether `module` is `name` or stands in it.
fn belongs(module: &[String], name: &str) -> bool {
    let mut parts = module.iter();
    name.split('/').all(|part| {
        parts.next().is_some_and(|own| match part.strip_suffix('*') {
            Some(beginning) => own.starts_with(beginning),
            None => own == part,
        })
    })
}

fn arrow(owner: &str, allowed: &[&str], found: &Found) -> Option<String> {
    let target = match found.path.split_first() {
        Some((krate, target)) if krate == "crate" => target,
        _ => return None,
    };
    let written = found.path.join("::");
    if target.is_empty() {
        return Some(format!("`{written}` hides which module is meant: write its path"));
    }
    if rule_of(target).is_none() {
        return Some(format!(
            "`{written}`: `{}` is no module of the table, and nothing else stands at the root",
            target[0]
        ));
    }
    if !belongs(target, owner) && !allowed.iter().any(|name| belongs(target, name)) {
        let list = if allowed.is_empty() { "nothing of ours".to_owned() } else { allowed.join(", ") };
        return Some(format!("`{written}`: {owner} may name {list}"));
    }
    let top = owner.split('/').next().unwrap_or(owner);
    if found.exported && target[0] != top {
        return Some(format!("`pub use {written}` hands on what is another module's: name it where it is"));
    }
    None
}

fn refused(module: &[String], found: &Found) -> Option<String> {
    REFUSED.iter().find_map(|Refusal { who, names, why }| {
        let hit = match who {
            Who::These(list) => list.iter().any(|name| belongs(module, name)),
            Who::AllBut(list) => !list.iter().any(|name| belongs(module, name)),
        };
        let name = names.iter().find(|name| hit && touches(found, name))?;
        Some(format!("`{}`: {} {why} ({name})", found.path.join("::"), module.join("/")))
    })
}

/// Whether a path names `name` or something in it, or imports all of what holds it.
fn touches(found: &Found, name: &str) -> bool {
    if let Some(tail) = name.strip_prefix("*::") {
        let tail: Vec<_> = tail.split("::").collect();
        return found.path.windows(tail.len()).any(|part| part == tail);
    }
    let mut parts = name.split("::");
    let all_match = found.path.iter().all(|own| parts.next().is_none_or(|part| own == part));
    all_match && (parts.next().is_none() || found.glob)
}

#[test]
fn what_the_rules_refuse_is_found() {
    #[rustfmt::skip]
    let cases: &[(&str, &str, &str)] = &[
        ("src/text/age.rs", "use crate::world::name::Name;", "text may name nothing of ours"),
        ("src/world/mod.rs", "fn f() { crate::plan::diff::diff(); }", "world may name text"),
        ("src/world/mod.rs", "struct S(super::plan::Plan);", "`crate::plan::Plan`"),
        ("src/plan/mod.rs", "mod deep { use super::super::cluster; }", "`crate::cluster`"),
        ("src/plan/diff.rs", "fn f() { vec![crate::cluster::gate()]; }", "`crate::cluster::gate`"),
        ("src/plan/diff.rs", "macro_rules! m { () => { $crate::journal::write() } }", "`crate::journal::write`"),
        ("src/plan/diff.rs", "#[serde(with = \"crate::config::paths\")] struct S;", "`crate::config::paths`"),
        ("src/plan/diff.rs", "use tenantry::cli::run;", "`crate::cli::run`"),
        ("src/action/mod.rs", "use crate as us; fn f() { us::cluster::send() }", "hides which module"),
        ("src/action/mod.rs", "use crate::*;", "hides which module"),
        ("src/action/mod.rs", "use crate::{plan::Plan, console::{model::Model}};", "`crate::console::model::Model`"),
        ("src/action/mod.rs", "use crate::Plan;", "no module of the table"),
        ("src/console/update/mod.rs", "use crate::cluster::gate;", "console may name"),
        ("src/console/run.rs", "use crate::journal::Journal;", "console may name"),
        ("src/console/view/strip.rs", "use crate::demo::Demo;", "console may name"),
        ("src/console/effect.rs", "pub use crate::cluster::gate;", "hands on"),
        ("src/console/keymap/key.rs", "use crate::console::model::Model;", "console/keymap may name text"),
        ("src/console/keymap/key.rs", "use crossterm::event::KeyCode;", "leaves the terminal's library"),
        ("src/cluster/watch.rs", "use crate::action::offer;", "cluster may name text, world, plan"),
        ("src/demo/store.rs", "use crate::text::age::age;", "demo may name nothing of ours"),
        ("src/helper.rs", "", "belongs to no line"),
        ("src/lib.rs", "pub use crate::plan::Plan;", "lib may name nothing of ours"),
        ("src/lib.rs", "pub mod plan; pub use plan::Plan;", "`crate::plan::Plan`"),
        ("src/world/a.rs", "use std::fs;", "no files"),
        ("src/world/a.rs", "use std::*;", "`std`"),
        ("src/world/a.rs", "use std::{self as s}; fn f() { s::env::var(\"X\"); }", "`std::env::var`"),
        ("src/world/a.rs", "fn f() -> tokio::sync::mpsc::Sender<u8> { todo!() }", "starts nothing"),
        ("src/world/a.rs", "fn f() { tokio::select! {} }", "`tokio::select`"),
        ("src/world/a.rs", "#[tokio::main] async fn f() {}", "`tokio::main`"),
        ("src/world/a.rs", "fn f() { println!(\"{:?}\", std::time::Instant::now()) }", "what time it is"),
        ("src/world/a.rs", "use std::time::{Duration, SystemTime as T}; fn f() { T::now(); }", "what time it is"),
        ("src/world/a.rs", "use std::time; fn f() { time::Instant::now(); }", "what time it is"),
        ("src/world/a.rs", "use jiff::Timestamp; fn f() { Timestamp::now(); }", "what time it is"),
        ("src/world/a.rs", "use jiff::Timestamp as T; fn f() { <T>::now(); }", "what time it is"),
        ("src/world/a.rs", "type T = jiff::Zoned; fn f() { T::now(); }", "what time it is"),
        ("src/world/a.rs", "use super::*; fn f() { Timestamp::now(); }", "what time it is"),
        ("src/console/model/mod.rs", "mod a { use std::time as t; mod b { fn f() { t::Instant::now(); } } }", "what time"),
        ("src/console/view/a.rs", "use crate::console::terminal::Guard;", "does not know what drives it"),
        ("src/journal/mod.rs", "use k8s_openapi::api::core::v1::Pod;", "to cluster"),
        ("src/console/effect.rs", "fn f(c: kube::Client) {}", "to cluster"),
        ("src/cluster/gate.rs", "use ratatui::text::Line;", "does not draw"),
        ("src/plan/mod.rs", "#[path = \"../cluster/gate.rs\"] mod gate;", "stands where its name says"),
        ("src/plan/mod.rs", "include!(\"../cluster/gate.rs\");", "stands where its name says"),
    ];
    for (file, text, expected) in cases {
        let found = violations(&[Source::read(file, text).unwrap()]).join("\n");
        assert!(found.contains(expected), "{file}: {text}\nshould be refused with: {expected}\nbut was: {found:?}");
        assert!(found.is_empty() || found.starts_with(&format!("{file}:1: ")), "{found}");
    }
}

#[test]
fn what_the_rules_allow_passes() {
    #[rustfmt::skip]
    let cases: &[(&str, &str)] = &[
        ("src/world/mod.rs", "use crate::text::age::age; use super::text::width; mod a; use a::B; pub use a::C;"),
        ("src/world/a.rs", "pub(crate) struct S; pub(in crate::world) fn f(d: std::time::Duration) {}"),
        ("src/world/a.rs", "/// See [`crate::cluster::gate`].\nfn f() { \"crate::cluster::gate\"; }"),
        ("src/world/a.rs", "fn f() { let kube = 1; x.tokio; env!(\"HOME\"); self::kube; }"),
        ("src/world/a.rs", "#[cfg(test)] mod tests { use super::*; fn f() { std::fs::read(\"x\"); } }"),
        ("src/world/a.rs", "#[cfg(test)] use std::fs; #[test] fn f() { tokio::spawn(); }"),
        ("src/console/effect/apply.rs", "use crate::{cluster::gate, journal, console::model::Model};"),
        ("src/console/update/mod.rs", "use crate::console::effect::Effect; use super::msg::Msg;"),
        ("src/console/terminal/input.rs", "use crossterm::event; use crate::console::keymap::Key; use std::time::Instant;"),
        ("src/cli/mod.rs", "use crate::demo::Demo;"),
        ("src/main.rs", "use tenantry::cli; fn main() { tenantry::demo::start(); }"),
        ("src/lib.rs", "pub mod text; pub mod world;"),
    ];
    for (file, text) in cases {
        let found = violations(&[Source::read(file, text).unwrap()]);
        assert!(found.is_empty(), "{file}: {text}\n{}", found.join("\n"));
    }
}

#[test]
fn a_module_of_tests_may_touch_what_its_parent_may_not_but_keeps_the_arrows() {
    let parent = Source::read("src/world/a.rs", "#[cfg(test)] mod tests;").unwrap();
    let child = Source::read("src/world/a/tests.rs", "use std::fs; use crate::cluster::gate;").unwrap();
    let found = violations(&[parent, child]);
    assert_eq!(found, ["src/world/a/tests.rs:1: `crate::cluster::gate`: world may name text"]);
}
