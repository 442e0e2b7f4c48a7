//! The console on the terminal.

use std::process::ExitCode;

use super::TargetArgs;
use crate::config::paths::Paths;
use crate::config::settings::Config;
use crate::console::keymap::Keymap;
use crate::console::msg::Msg;
use crate::console::run::{Console, wall_clock};
use crate::console::terminal::{self, Guard};
use crate::console::view::theme::Theme;
use crate::world::trouble::{Trouble, TroubleKind};

/// Opens the console and runs it to its end.
pub async fn run(target: &TargetArgs, paths: &Paths) -> color_eyre::Result<ExitCode> {
    let (keymap, mut faults) = keymap(paths);
    let mut settings = match target.settings(paths) {
        Ok(settings) => settings,
        Err(trouble) => return super::complain(&trouble),
    };
    match Config::load(&paths.settings()) {
        Ok(config) => settings.config = config,
        Err(trouble) => {
            // What was to be read-only must not become writable by a slip in the file that says so.
            settings.read_only = true;
            faults.push(trouble.advise("the console is read-only until this is mended"));
        }
    }
    let signals = terminal::signals()?;
    let mut guard = match Guard::enter("tenantry") {
        Ok(guard) => guard,
        Err(error) => {
            let trouble = Trouble::new(TroubleKind::Other, error.to_string())
                .advise("for scripts there are `tenantry whoami` and `tenantry snapshot`");
            return super::complain(&trouble);
        }
    };
    // NO_COLOR is honoured by the terminal library; the screen tells every state without colour too.
    let mut console = Console::new(terminal::open()?, keymap, Theme::new(true), settings, wall_clock())?;
    let sender = console.sender();
    let _listening = terminal::panic::listen(move |crash| {
        let _ = sender.send(Msg::Notice(Trouble::new(TroubleKind::Other, crash.to_string())));
    });
    for fault in faults {
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

/// What a shell makes of a program that SIGHUP ended.
const HANG_UP: u8 = 128 + 1;

/// Whether a failure is that of writing to a terminal that was closed.
fn is_hang_up(report: &color_eyre::Report) -> bool {
    // EIO and EPIPE have these numbers on every Unix.
    report.downcast_ref::<std::io::Error>().is_some_and(|error| matches!(error.raw_os_error(), Some(5 | 32)))
}

/// The shipped keymap under the user's own, and what is wrong with the latter.
fn keymap(paths: &Paths) -> (Keymap, Vec<Trouble>) {
    let path = paths.keymap();
    let shipped = Keymap::shipped();
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let (keymap, faults) = shipped.overlay(&text, &path.display().to_string());
            let told = faults.iter().map(|fault| {
                let text = fault.to_string();
                let first = text.lines().next().unwrap_or_default().to_owned();
                Trouble::new(TroubleKind::File, first).detailed(text)
            });
            (keymap, told.collect())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => (shipped, Vec::new()),
        Err(error) => {
            let what = format!("cannot read {}: {error}", path.display());
            (shipped, vec![Trouble::new(TroubleKind::File, what).advise("the shipped keys are in force")])
        }
    }
}
