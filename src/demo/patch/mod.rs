//! The three kinds of patch, with the behaviour and the refusals of apiserver `endpoints/handlers/patch.go`. All are
//! functions from an object and a patch to an object; decoding the result into a kind, defaulting and checking come after.

pub mod json;
pub mod merge;
pub mod strategic;

#[cfg(test)]
mod tests;

use serde_json::json;

use crate::demo::status::Status;

/// `fieldValidation`: what to do about unknown fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Validation {
    /// Drop them silently.
    Ignore,
    /// Drop them and warn; the default.
    #[default]
    Warn,
    /// Refuse.
    Strict,
}

/// 422 without a word about the cause: the real server does not tell it either.
fn unprocessable() -> Status {
    let mut status = Status::new(422, "Invalid", "the server rejected our request due to an error in our request");
    status.details = Some(json!({}));
    status
}

/// The server's answer where its own code panics.
fn panicked() -> Status {
    Status::new(500, "", "This request caused apiserver to panic. Look in the logs for details.")
}
