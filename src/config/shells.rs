//! Private kubeconfigs of shells: each in a folder of its own that only we can read, and gone when its shell is.
//!
//! Whoever started the shell removes the folder when the shell has ended. Should that one be killed, a process that does nothing
//! but wait does, as soon as the shell is gone too; should that be killed as well, the next start of the program does.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::process::{Pid, test_kill_process};

/// The name of the kubeconfig in its folder, and of the file that says whose it is.
const CONFIG: &str = "config";
const OWNER: &str = "pid";

/// A folder with a kubeconfig, removed when this is dropped.
#[derive(Debug)]
pub struct Private {
    folder: PathBuf,
}

impl Private {
    /// Writes a kubeconfig into a new folder of `shells`. Until somebody owns it, it is ours.
    pub fn new(shells: &Path, kubeconfig: &str) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(shells)?;
        let folder =
            tempfile::Builder::new().prefix("shell-").permissions(Permissions::from_mode(0o700)).tempdir_in(shells)?;
        let private = Self { folder: folder.keep() };
        private.belongs_to(std::process::id())?;
        write(&private.config(), kubeconfig)?;
        Ok(private)
    }

    /// The kubeconfig.
    pub fn config(&self) -> PathBuf {
        self.folder.join(CONFIG)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// It is this process's from now on.
    pub fn belongs_to(&self, pid: u32) -> io::Result<()> {
        // Whoever is killed here leaves it with one owner or the other.
        let next = self.folder.join("pid.next");
        write(&next, &format!("{pid} {}\n", begun(pid).unwrap_or_default()))?;
        fs::rename(next, self.folder.join(OWNER))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

/// Waits until the process that a folder belongs to is gone, and whoever it handed the folder to, and removes the folder.
pub fn outlive(folder: &Path) {
    let mut gone = None;
    while let Some(next) = owner(folder).filter(|next| gone.as_ref() != Some(next)) {
        wait(next.0, &next.1);
        gone = Some(next);
    }
    // What belongs to nobody is none of ours.
    if gone.is_some() {
        remove(folder);
    }
}

/// Removes the folders of shells that are gone.
pub fn sweep(shells: &Path) {
    let entries = fs::read_dir(shells).into_iter().flatten().filter_map(Result::ok);
    for folder in entries.map(|entry| entry.path()) {
        if let Some((pid, began)) = owner(&folder)
            && !lives(pid, &began)
        {
            remove(&folder);
        }
    }
}

/// Removes a folder. Somebody else may do the same just now.
fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, folder = %folder.display(), "a private kubeconfig cannot be removed");
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// Which process a folder belongs to, and when that one began: numbers of processes are used again.
fn owner(folder: &Path) -> Option<(u32, String)> {
    let text = fs::read_to_string(folder.join(OWNER)).ok()?;
    // Nothing stands behind the space if it ended before that could be known.
    let (pid, began) = text.strip_suffix('\n')?.split_once(' ')?;
    Some((pid.parse().ok()?, began.to_owned()))
}

/// When a process began, where that can be known; nothing if it has ended.
fn begun(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program, in brackets, may hold anything.
    let mut rest = stat.rsplit_once(')')?.1.split_whitespace();
    let state = rest.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    rest.nth(18).map(str::to_owned)
}

fn lives(pid: u32, began: &str) -> bool {
    if Path::new("/proc/self/stat").exists() {
        return begun(pid).is_some_and(|now| began.is_empty() || now == began);
    }
    Pid::from_raw(pid.cast_signed()).is_some_and(|pid| test_kill_process(pid).is_ok())
}

/// Where a process can be waited for by anybody, that costs nothing while it runs.
#[cfg(target_os = "linux")]
fn wait(pid: u32, began: &str) {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::process::{PidfdFlags, pidfd_open};
    let opened = Pid::from_raw(pid.cast_signed()).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    // It may be another one of the same number already.
    let (true, Some(process)) = (lives(pid, began), opened) else { return look(pid, began) };
    let mut ended = [PollFd::new(&process, PollFlags::IN)];
    while poll(&mut ended, None) == Err(rustix::io::Errno::INTR) {}
}

#[cfg(not(target_os = "linux"))]
fn wait(pid: u32, began: &str) {
    look(pid, began);
}

fn look(pid: u32, began: &str) {
    while lives(pid, began) {
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn it_is_ours_alone_and_gone_with_its_shell() {
        let home = tempfile::tempdir().unwrap();
        let shells = home.path().join("tenantry/shells");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let private = Private::new(&shells, "text").unwrap();
        assert_eq!(fs::read_to_string(private.config()).unwrap(), "text");
        assert_eq!((mode(&private.config()), mode(private.folder()), mode(&shells)), (0o600, 0o700, 0o700));
        // Nobody takes it from somebody who lives.
        sweep(&shells);
        assert!(private.config().is_file());
        let mut shell = Command::new("sleep").arg("60").spawn().unwrap();
        private.belongs_to(shell.id()).unwrap();
        sweep(&shells);
        assert!(private.config().is_file());
        let folder = private.folder().to_owned();
        let waiting = std::thread::spawn(move || outlive(&folder));
        shell.kill().unwrap();
        shell.wait().unwrap();
        waiting.join().unwrap();
        assert!(!private.folder().exists());
        // The one before is waited for as well.
        let handed = Private::new(&shells, "text").unwrap();
        let [mut first, mut second] = [(); 2].map(|()| Command::new("sleep").arg("60").spawn().unwrap());
        handed.belongs_to(first.id()).unwrap();
        let folder = handed.folder().to_owned();
        let waiting = std::thread::spawn(move || outlive(&folder));
        handed.belongs_to(second.id()).unwrap();
        first.kill().unwrap();
        first.wait().unwrap();
        assert!(handed.config().is_file());
        second.kill().unwrap();
        second.wait().unwrap();
        waiting.join().unwrap();
        assert!(!handed.folder().exists());
        // One that everybody else forgot goes at the next start.
        let left = Private::new(&shells, "text").unwrap();
        left.belongs_to(shell.id()).unwrap();
        sweep(&shells);
        assert!(!left.folder().exists());
        // What is none of ours stays.
        fs::create_dir(shells.join("other")).unwrap();
        sweep(&shells);
        outlive(&shells.join("other"));
        assert!(shells.join("other").is_dir());
    }
}
