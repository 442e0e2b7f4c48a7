//! What can go wrong, as sentences for the person who reads a test's output.

use std::fmt::Display;

/// A step that failed: one sentence, with its cause already in it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct Failure(String);

impl Failure {
    /// A failure described by `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Why there is no cluster.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StartError {
    /// This machine cannot run a control plane at all; tests report themselves as ignored, with this reason.
    #[error("{0}")]
    Unavailable(String),
    /// It should have worked and did not: the failing step, and the last lines of the process in question.
    #[error("{0}")]
    Failed(Failure),
}

impl From<Failure> for StartError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Turns any error into a [`Failure`] that says what was being done.
pub(crate) trait Context<T> {
    /// Puts `what` in front of the cause.
    fn context(self, what: impl Display) -> Result<T, Failure>;
}

impl<T, E: Display> Context<T> for Result<T, E> {
    fn context(self, what: impl Display) -> Result<T, Failure> {
        self.map_err(|cause| Failure(format!("{what}: {cause}")))
    }
}
