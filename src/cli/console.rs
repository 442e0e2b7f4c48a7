//! The console on the terminal.

use std::process::ExitCode;

use super::TargetArgs;
use crate::config::paths::Paths;
use crate::config::{shells, state};
use crate::console::effect::files;
use crate::console::keymap::Command;
use crate::console::model::{Level, Model};
use crate::console::msg::Msg;
use crate::console::run::{Console, wall_clock};
use crate::console::terminal::{self, Guard};
use crate::console::view::theme::{Looks, Palette, Wish};
use crate::world::trouble::{Trouble, TroubleKind};

/// Opens the console and runs it to its end.
pub async fn run(target: &TargetArgs, wish: &Wish, paths: &Paths) -> color_eyre::Result<ExitCode> {
    shells::sweep(&paths.shells());
    let loaded = files::load(paths, wish);
    let mut settings = match target.settings(paths, &loaded) {
        Ok(settings) => settings,
        Err(trouble) => return super::complain(&trouble),
    };
    settings.files = Some(paths.clone());
    settings.asked = wish.clone();
    settings.kept = state::load(&paths.console());
    let looks = Looks::new(loaded.wish, Palette::of_environment(|name| std::env::var(name).ok()));
    let colours = looks.palette() != Palette::Off;
    let signals = terminal::signals()?;
    let mut guard = match Guard::enter("tenantry", loaded.config.mouse) {
        Ok(guard) => guard,
        Err(error) => {
            let trouble = Trouble::new(TroubleKind::Other, error.to_string())
                .advise("for scripts there are `tenantry whoami` and `tenantry snapshot`");
            return super::complain(&trouble);
        }
    };
    let mut console = Console::new(terminal::open(colours)?, loaded.keymap, looks, settings, wall_clock())?;
    let sender = console.sender();
    let _listening = terminal::panic::listen(move |crash| {
        let _ = sender.send(Msg::Notice(Trouble::new(TroubleKind::Other, crash.to_string())));
    });
    if target.demo {
        greet(&mut console.model);
    }
    for fault in loaded.faults {
        console.take(Msg::Notice(fault));
    }
    let code = match console.run(&mut guard, signals).await {
        // The terminal is gone, and with it whoever could be told.
        Err(report) if is_hang_up(&report) => HANG_UP,
        code => code?,
    };
    drop(guard);
    Ok(ExitCode::from(code))
}

/// The first thing that the demo says: what is worth a try.
fn greet(model: &mut Model) {
    let keys = [Command::Open, Command::TenantCordon].map(|command| model.keymap.keys(model.layers(), command));
    if let [Some(open), Some(cordon)] = keys.each_ref().map(|keys| keys.first()) {
        let words = format!("worth a try: {open}, {cordon} (nothing is sent unasked), :ctx to be somebody else");
        model.say(Level::Info, words);
    }
}

/// What a shell makes of a program that SIGHUP ended.
const HANG_UP: u8 = 128 + 1;

/// Whether a failure is that of writing to a terminal that was closed.
fn is_hang_up(report: &color_eyre::Report) -> bool {
    // EIO and EPIPE have these numbers on every Unix.
    report.downcast_ref::<std::io::Error>().is_some_and(|error| matches!(error.raw_os_error(), Some(5 | 32)))
}
