//! One program inside.

use std::fs::OpenOptions;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal as Number, kill_process};
use tokio::process::Command;
use tokio::time::timeout;

use super::protocol::{Program, Signal};

pub(super) struct Child {
    process: tokio::process::Child,
}

impl Child {
    pub(super) fn start(program: &Program) -> io::Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(&program.log)?;
        // No stream is inherited: a program that kept one would keep its reader waiting for ever.
        let process = Command::new(&program.path)
            .args(&program.arguments)
            .env_clear()
            .envs(program.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        Ok(Self { process })
    }

    /// How it ended, if it did.
    pub(super) fn outcome(&mut self) -> Option<String> {
        match self.process.try_wait() {
            Ok(status) => status.map(describe),
            Err(error) => Some(error.to_string()),
        }
    }

    pub(super) fn signal(&self, signal: Signal) -> io::Result<()> {
        self.send(match signal {
            Signal::Freeze => Number::STOP,
            Signal::Thaw => Number::CONT,
        })
    }

    /// Ends it, politely for as long as `grace`, and returns when it is gone.
    pub(super) async fn stop(&mut self, grace: Duration) -> io::Result<()> {
        if self.process.try_wait()?.is_some() {
            return Ok(());
        }
        if !grace.is_zero() {
            self.send(Number::TERM)?;
            if timeout(grace, self.process.wait()).await.is_ok() {
                return Ok(());
            }
        }
        self.process.kill().await
    }

    fn send(&self, signal: Number) -> io::Result<()> {
        let pid = self.process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let pid = pid.ok_or_else(|| io::Error::other("it has ended"))?;
        Ok(kill_process(pid, signal)?)
    }
}

fn describe(status: ExitStatus) -> String {
    status.to_string()
}
