//! `tenantry snapshot`: loads, presses keys, prints one screen. For bug reports, tests and the README's picture.

mod render;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::TargetArgs;
use crate::config::paths::Paths;
use crate::config::settings::Config;
use crate::console::headless::{self, Headless};
use crate::console::keymap::Key;
use crate::console::run::Turn;
use crate::world::trouble::{Trouble, TroubleKind};

/// The arguments.
#[derive(Debug, Args)]
pub struct SnapshotArgs {
    /// Columns and rows
    #[arg(long, value_name = "WxH", default_value = "120x40", value_parser = size)]
    size: (u16, u16),
    /// Keys to press: names as in keymap.toml, separated by spaces; text in single quotes is typed ("tab j enter", ": 'ns oil-web' enter")
    #[arg(long, value_name = "KEYS", default_value = "", value_parser = keys)]
    keys: Keys,
    /// The form of the screen
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Let the keys change the cluster
    #[arg(long, conflicts_with = "readonly")]
    write: bool,
    /// How many seconds loading, and each key, may take; then what is there is printed and the exit code is 1
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    patience: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The characters
    Text,
    /// The characters with their colours, as a terminal takes them
    Ansi,
    /// A picture
    Svg,
}

/// Keys, read.
#[derive(Debug, Clone)]
struct Keys(Vec<Key>);

fn size(text: &str) -> Result<(u16, u16), String> {
    let parsed = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    match parsed {
        Some((w @ 1..=1000, h @ 1..=1000)) => Ok((w, h)),
        _ => Err("columns and rows, each from 1 to 1000: 120x40".to_owned()),
    }
}

fn keys(text: &str) -> Result<Keys, String> {
    headless::keys(text).map(Keys).map_err(|error| error.to_string())
}

/// Loads, presses, prints.
pub async fn run(target: &TargetArgs, args: &SnapshotArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let mut settings = match target.settings(paths) {
        Ok(settings) => settings,
        Err(trouble) => return super::complain(&trouble),
    };
    settings.read_only |= !args.write;
    // A picture taken twice should be the same: it depends on nothing that earlier sessions left behind.
    settings.memory = None;
    settings.config = match Config::load(&paths.settings()) {
        Ok(config) => config,
        Err(trouble) => return super::complain(&trouble),
    };
    let mut headless = Headless::new(settings, args.size, true);
    let patience = Duration::from_secs(args.patience);
    let mut late = headless.settle(patience).await.is_err();
    for key in &args.keys.0 {
        if headless.press(*key).await == Turn::Over {
            break;
        }
        late |= headless.settle(patience).await.is_err();
    }
    let screen = match args.format {
        Format::Text => render::text(headless.buffer()),
        Format::Ansi => render::ansi(headless.buffer()),
        Format::Svg => render::svg(headless.buffer()),
    };
    super::print(&screen)?;
    if let Some(trouble) = &headless.model().unopened {
        return super::complain(trouble);
    }
    if late {
        let what = format!("not everything was loaded or answered within {} s", args.patience);
        return super::complain(&Trouble::new(TroubleKind::TimedOut, what));
    }
    Ok(ExitCode::SUCCESS)
}
