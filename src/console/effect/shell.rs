//! The person's own shell, going where the session goes.

use std::path::PathBuf;
use std::process::Stdio;

use rustix::process::getpgrp;
use rustix::termios::{OptionalActions, tcgetattr, tcgetpgrp, tcsetattr};
use tokio::process::{Child, Command};

use super::open::lock;
use super::runner::Runner;
use super::tell;
use crate::cluster::connect::Choice;
use crate::config::paths::Paths;
use crate::config::shells::{self, Private};
use crate::console::msg::Msg;
use crate::world::trouble::{Trouble, TroubleKind};

impl Runner {
    /// Opens a shell that has the terminal until it ends, with a kubeconfig of the open context alone.
    pub async fn shell(&self, namespace: String, user: String) {
        if let Err(trouble) = self.run_shell(namespace, user).await {
            tell(&self.jobs, Msg::Notice(trouble));
        }
    }

    async fn run_shell(&self, namespace: String, user: String) -> Result<(), Trouble> {
        let (files, choice) = {
            let slots = lock(&self.slots);
            slots.faced().map(|slot| (slot.files.clone(), slot.choice.clone())).unwrap_or_default()
        };
        let Some(files) = files else {
            return Err(Trouble::new(TroubleKind::Other, "no context is open: a shell would go nowhere"));
        };
        let context = choice.context.clone().unwrap_or_default();
        let text = files.private(&Choice { namespace: Some(namespace.clone()), ..choice })?;
        let failed = |error: std::io::Error| {
            Trouble::new(TroubleKind::File, format!("the shell's kubeconfig cannot be written: {error}"))
        };
        let folder = self.shells();
        shells::sweep(&folder);
        let private = Private::new(&folder, &text).map_err(failed)?;
        // Before the shell: we can be killed as soon as that is there, by itself even.
        let watcher = watch(&private);
        if let Err(error) = &watcher {
            tracing::warn!(%error, "nobody watches over the shell's kubeconfig but this process");
        }
        let name = std::env::var("SHELL").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "/bin/sh".to_owned());
        let words = format!("\r\n{context} as {user}, namespace {namespace}; `exit` goes back to the console\r\n");
        let _ = std::io::Write::write_all(&mut std::io::stdout(), words.as_bytes());
        let mut shell = Command::new(&name);
        shell
            .env("KUBECONFIG", private.config())
            .env("TENANTRY_CONTEXT", context)
            .env("TENANTRY_NAMESPACE", namespace)
            .env("TENANTRY_USER", user)
            .kill_on_drop(false);
        // A shell that is killed leaves the terminal as it needed it.
        let modes = tcgetattr(std::io::stdin());
        let mut shell = shell.spawn().map_err(|error| {
            Trouble::new(TroubleKind::Other, format!("the shell {name} cannot be started: {error}")).advise("set SHELL")
        })?;
        if let Some(Err(error)) = shell.id().map(|pid| private.belongs_to(pid)) {
            tracing::warn!(%error, "the shell's kubeconfig would go with this process, and not with the shell");
        }
        let ended = shell.wait().await;
        if let Ok(mut watcher) = watcher {
            // First: it may be about to remove the same.
            let _ = watcher.kill().await;
        }
        drop(private);
        take_the_terminal_back().await;
        if let Ok(modes) = modes {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &modes);
        }
        ended.map(drop).map_err(|error| Trouble::new(TroubleKind::Other, format!("the shell {name} was lost: {error}")))
    }

    fn shells(&self) -> PathBuf {
        let settings = self.settings();
        settings.files.as_ref().map_or_else(|| settings.journal.with_file_name("shells"), Paths::shells)
    }
}

/// Starts a process that outlives us if need be, and then removes the kubeconfig when its shell is gone. It goes when it is dropped.
fn watch(private: &Private) -> std::io::Result<Child> {
    let program = std::env::current_exe()?;
    let mut watcher = Command::new(program);
    // What is sent to those who have the terminal is not for it.
    watcher.process_group(0);
    watcher.arg("outlive").arg(private.folder()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    watcher.kill_on_drop(true).spawn()
}

/// A shell that was killed has not given the terminal back to us: whoever is in the background must not touch it, and is stopped
/// by the kernel when he tries, unless he ignores that. A shell can, and what it becomes does too.
async fn take_the_terminal_back() {
    let ours = getpgrp();
    if tcgetpgrp(std::io::stdin()).is_ok_and(|now| now == ours) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let group = ours.as_raw_nonzero().to_string();
    let script = "trap '' TTOU; exec \"$0\" foreground \"$1\"";
    let taken = Command::new("sh").args(["-c", script]).arg(program).arg(group).stdin(Stdio::inherit()).status().await;
    if !taken.is_ok_and(|status| status.success()) {
        tracing::warn!("the terminal cannot be taken back from the shell");
    }
}
