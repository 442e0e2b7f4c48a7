//! The log: a file, since the terminal belongs to the screen.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Logs to `tenantry.log` in `folder`, at the level that `TENANTRY_LOG` names (by default warnings). Returns the guard that
/// writes the rest when it is dropped; `None` if the folder cannot be written, which is no reason not to start.
pub fn start(folder: &Path) -> Option<WorkerGuard> {
    std::fs::create_dir_all(folder).ok()?;
    let file = tracing_appender::rolling::never(folder, "tenantry.log");
    let (writer, guard) = tracing_appender::non_blocking(file);
    let filter = EnvFilter::try_from_env("TENANTRY_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let installed = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).try_init();
    installed.is_ok().then_some(guard)
}
