//! What this program has itself done by others of its kind: no commands for people.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use rustix::process::{Pid, setsid};
use rustix::termios::tcsetpgrp;

use crate::config::shells;

/// The arguments.
#[derive(Debug, Args)]
pub struct OutliveArgs {
    /// The folder of a shell's kubeconfig
    folder: PathBuf,
}

/// Waits for the end of those that a kubeconfig belongs to, and removes that.
pub fn outlive(args: &OutliveArgs) -> ExitCode {
    // Whatever becomes of the terminal, we stay. Who leads a group already cannot, and has a terminal of his own anyway.
    let _ = setsid();
    shells::outlive(&args.folder);
    ExitCode::SUCCESS
}

/// The arguments.
#[derive(Debug, Args)]
pub struct ForegroundArgs {
    /// The process group
    group: i32,
}

/// Gives the terminal to a process group. Whoever asks for it ignores SIGTTOU, and so do we.
pub fn foreground(args: &ForegroundArgs) -> ExitCode {
    let given = Pid::from_raw(args.group).is_some_and(|group| tcsetpgrp(std::io::stdin(), group).is_ok());
    if given { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
