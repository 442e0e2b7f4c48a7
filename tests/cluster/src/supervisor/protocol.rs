//! What a parent and its supervisor say to each other: one JSON object a line, one reply to each request.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A program to run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Program {
    /// Its name in later requests.
    pub name: String,
    pub path: PathBuf,
    pub arguments: Vec<String>,
    /// All of its environment.
    pub environment: Vec<(String, String)>,
    /// Where its two output streams go; appended to.
    pub log: PathBuf,
}

/// The signals that a parent may ask for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Signal {
    /// It stands still, its connections stay open.
    Freeze,
    /// It goes on.
    Thaw,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    Start(Program),
    /// How the program ended, if it did.
    Outcome {
        name: String,
    },
    Signal {
        name: String,
        signal: Signal,
    },
    /// SIGTERM, and SIGKILL after `grace_ms`; at once if that is zero.
    Stop {
        name: String,
        grace_ms: u64,
    },
    /// Connections from outside are accepted.
    Open,
    /// Connections from outside are refused.
    Close,
    /// Whether anything listens on an inner port.
    Reach {
        port: u16,
    },
    /// One plain HTTP exchange with an inner port.
    Http {
        port: u16,
        method: String,
        path: String,
        body: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    Done,
    Failed { error: String },
    Outcome { outcome: Option<String> },
    Reached { reached: bool },
    Http { status: u16, body: String },
}
