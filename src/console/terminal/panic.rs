//! What happens when something panics.
//!
//! A panic of the main thread ends the program: the terminal is given back first, the report saved, and a sentence said. A panic of
//! a background task ends that task only. The console goes on drawing, so the terminal must not be touched; the panic
//! becomes a message in the console and a line in the log.

use super::guard::{give_back, taken};
use crate::text::clean::clean;
use color_eyre::config::{HookBuilder, Theme};
use std::fmt;
use std::io::{self, Write as _};
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A panic of a background task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// What it said.
    pub message: String,
    /// The file and line where it happened.
    pub place: String,
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a background task failed, which is a bug: {} ({})", self.message, self.place)
    }
}

type Hearer = Arc<dyn Fn(Crash) + Send + Sync>;

/// Who is told of background panics, if anybody.
static HEARER: Mutex<Option<Hearer>> = Mutex::new(None);

fn hearer() -> std::sync::MutexGuard<'static, Option<Hearer>> {
    HEARER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells `hear` of each panic of a background task, until the answer is dropped. `hear` runs on the thread that panics and
/// must not panic itself: let it send into a channel.
pub fn listen(hear: impl Fn(Crash) + Send + Sync + 'static) -> Listening {
    *hearer() = Some(Arc::new(hear));
    Listening(())
}

/// Panics of background tasks are listened to while this lives.
#[must_use = "nothing is heard any more when this is dropped"]
pub struct Listening(());

impl Drop for Listening {
    fn drop(&mut self) {
        *hearer() = None;
    }
}

/// Installs the reports of errors and panics. To be called once, first thing in `main`, on the main thread. The report of a
/// panic that ends the program is saved in `folder`; where that cannot be it is printed.
pub fn install(folder: Option<PathBuf>) -> color_eyre::Result<()> {
    // A file has no colours, and what is printed is a sentence.
    let (panic_hook, error_hook) = HookBuilder::default().theme(Theme::new()).display_env_section(false).into_hooks();
    error_hook.install()?;
    let main = thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        // A task of a single-threaded runtime runs on the main thread, and its panic is caught all the same.
        let background = thread::current().id() != main || tokio::task::try_id().is_some();
        let crash = crash(info);
        tracing::error!(place = crash.place, background, "panicked: {}", crash.message);
        if background && taken() {
            // The lock is let go before anybody is called.
            let hearer = hearer().clone();
            if let Some(hear) = hearer {
                hear(crash);
            }
            return;
        }
        if !background {
            let _ = give_back();
        }
        let report = panic_hook.panic_report(info).to_string();
        let _ = tell(&crash, &report, folder.as_deref());
    }));
    Ok(())
}

/// Says in a sentence that the program failed and where its report is; or all of the report, if it cannot be saved.
fn tell(crash: &Crash, report: &str, folder: Option<&Path>) -> io::Result<()> {
    let mut out = io::stderr().lock();
    let Crash { message, place } = crash;
    match folder.map(|folder| save(folder, report)) {
        Some(Ok(path)) => {
            writeln!(out, "tenantry failed, which is a bug: {message} ({place})")?;
            writeln!(
                out,
                "What is known of it was saved to {}: please send it along when you report this.",
                path.display()
            )
        }
        _ => writeln!(out, "{report}"),
    }
}

fn save(folder: &Path, report: &str) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("panic-{}.txt", std::process::id()));
    let version = env!("CARGO_PKG_VERSION");
    std::fs::write(&path, format!("tenantry {version}\n{report}\n"))?;
    Ok(path)
}

fn crash(info: &PanicHookInfo<'_>) -> Crash {
    let message = info.payload_as_str().unwrap_or("for no reason that it told");
    let place = info.location().map_or_else(|| "nowhere".to_owned(), |at| format!("{}:{}", at.file(), at.line()));
    Crash { message: clean(message).into_owned(), place }
}
