//! The log: a file, since the terminal belongs to the screen.

use std::path::Path;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// The file's name.
pub const FILE: &str = "tenantry.log";
/// What the one before is called.
const OLD: &str = "tenantry.log.1";
/// From this many bytes on a new file is begun at the next start.
const LARGEST: u64 = 1 << 20;

/// How many lines may wait to be written; more are dropped.
const LINES: usize = 1000;

/// Logs to `tenantry.log` in `folder`, at the level that `TENANTRY_LOG` names (by default warnings). Returns the guard that
/// writes the rest when it is dropped; `None` if the folder cannot be written, which is no reason not to start.
pub fn start(folder: &Path) -> Option<WorkerGuard> {
    std::fs::create_dir_all(folder).ok()?;
    put_aside(folder);
    let file = tracing_appender::rolling::never(folder, FILE);
    // Room for lines not written yet is taken in advance: 4 MiB of memory for the 128,000 that are the default.
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(LINES).finish(file);
    let filter = EnvFilter::try_from_env("TENANTRY_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let installed = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).try_init();
    installed.is_ok().then_some(guard)
}

/// Puts a large log aside, over the one before: two files at most, what is older helps nobody.
fn put_aside(folder: &Path) {
    let path = folder.join(FILE);
    if std::fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST) {
        // A log that cannot be moved goes on to grow, which is no reason not to start.
        let _ = std::fs::rename(&path, folder.join(OLD));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_log_is_put_aside_and_a_small_one_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let (path, old) = (folder.path().join(FILE), folder.path().join(OLD));
        put_aside(folder.path());
        std::fs::write(&path, "a line\n").unwrap();
        put_aside(folder.path());
        assert!(path.exists() && !old.exists());
        for letter in ["a", "b"] {
            std::fs::write(&path, letter.repeat(LARGEST as usize + 1)).unwrap();
            put_aside(folder.path());
            assert!(!path.exists() && std::fs::read_to_string(&old).unwrap().starts_with(letter));
        }
    }
}
