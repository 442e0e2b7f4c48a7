//! A mistake in a file, shown with the place it stands at.

use super::{clean::clean, width::width};
use std::fmt;
use std::ops::Range;

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, as the reader knows it.
    pub origin: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The line of the file.
    excerpt: String,
    /// The terminal columns before the mistake and those of the mistake.
    caret: (usize, usize),
}

impl Fault {
    /// A mistake at the bytes `span` of `text`.
    pub fn at(origin: &str, text: &str, span: &Range<usize>, message: String) -> Self {
        let start = floor(text, span.start);
        let begin = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let stop = floor(text, span.end).clamp(start, end);
        // A tab would shift the caret, and nothing of a file may steer the terminal.
        let shown = |part: &str| clean(&part.trim_end_matches('\r').replace('\t', " ")).into_owned();
        Self {
            origin: origin.to_owned(),
            line: line_of(text, start),
            column: text[begin..start].chars().count() + 1,
            message,
            excerpt: shown(&text[begin..end]),
            caret: (width(&shown(&text[begin..start])), width(&shown(&text[start..stop])).max(1)),
        }
    }
}

/// The line, from 1, on which the byte `at` of `text` stands.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..floor(text, at)].matches('\n').count() + 1
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

impl fmt::Display for Fault {
    /// Three lines: the place and the sentence, the line of the file, and a caret below the mistake.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, line, column, message, excerpt, caret: (before, wide) } = self;
        let number = line.to_string();
        let margin = number.len();
        writeln!(f, "{origin}:{line}:{column}: {message}")?;
        writeln!(f, " {number} | {excerpt}")?;
        write!(f, " {:margin$} | {:before$}{}", "", "", "^".repeat(*wide))
    }
}

impl std::error::Error for Fault {}

/// Reads TOML into `T`; the first mistake is told with its place.
pub fn toml<T: serde::de::DeserializeOwned>(text: &str, origin: &str) -> Result<T, Fault> {
    toml::from_str(text).map_err(|error| {
        let message = error.message().trim_end_matches('.').to_owned();
        Fault::at(origin, text, &error.span().unwrap_or_default(), message)
    })
}
