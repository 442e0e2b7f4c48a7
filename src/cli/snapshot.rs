//! `tenantry snapshot`: loads, presses keys, prints one screen. For bug reports, tests and the README's picture.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::TargetArgs;
use crate::config::paths::Paths;
use crate::console::effect::files;
use crate::console::headless::{self, Headless};
use crate::console::keymap::Key;
use crate::console::picture;
use crate::console::run::Turn;
use crate::console::view::theme::{Looks, Palette, Wish};
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
    /// As on a terminal with a light ground
    #[arg(long)]
    light: bool,
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
pub async fn run(target: &TargetArgs, wish: &Wish, args: &SnapshotArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let loaded = files::load(paths, wish);
    if let Some(fault) = loaded.faults.first() {
        return super::complain(fault);
    }
    let mut settings = match target.settings(paths, &loaded) {
        Ok(settings) => settings,
        Err(trouble) => return super::complain(&trouble),
    };
    settings.read_only |= !args.write;
    // A picture taken twice should be the same: it depends on nothing that earlier sessions left behind.
    settings.memory = None;
    settings.identities = None;
    // A picture has all colours, unless it is asked for fewer.
    let mut looks = Looks::new(loaded.wish, Palette::True);
    looks.light = args.light;
    let mut headless = Headless::new(settings, loaded.keymap, looks, args.size);
    let patience = Duration::from_secs(args.patience);
    let mut late = headless.settle(patience).await.is_err();
    for key in &args.keys.0 {
        if headless.press(*key).await == Turn::Over {
            break;
        }
        late |= headless.settle(patience).await.is_err();
    }
    let paper = if args.light { picture::LIGHT } else { picture::DARK };
    let screen = match args.format {
        Format::Text => picture::text(headless.buffer()),
        Format::Ansi => picture::ansi(headless.buffer()),
        Format::Svg => picture::svg(headless.buffer(), paper),
    };
    super::print(&screen)?;
    if let Some(trouble) = &headless.model().here.unopened {
        return super::complain(trouble);
    }
    if late {
        let what = format!("not everything was loaded or answered within {} s", args.patience);
        return super::complain(&Trouble::new(TroubleKind::TimedOut, what));
    }
    Ok(ExitCode::SUCCESS)
}
