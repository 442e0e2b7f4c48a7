//! The differences that are known, each with its reason: `differences.toml`.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::compare::{Difference, matches};

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    difference: Vec<Known>,
}

/// A difference that is accepted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The topic.
    pub topic: String,
    /// The exchange's id or number; `*` for all of the topic.
    pub exchange: String,
    /// The place; `*` stands for any one part, `**` at the end for all below.
    pub pointer: String,
    /// Why it is so.
    pub reason: String,
}

impl Known {
    fn covers(&self, difference: &Difference) -> bool {
        (self.exchange == "*" || self.exchange == difference.label) && matches(&self.pointer, &difference.pointer)
    }
}

/// Known differences of `topic`.
pub fn of(topic: &str, file: &Path) -> Result<Vec<Known>, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let list: List = toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(list.difference.into_iter().filter(|known| known.topic == topic).collect())
}

/// Found differences held against the known ones.
#[derive(Debug, Default)]
pub struct Judged {
    /// Not in the list.
    pub new: Vec<Difference>,
    /// In the list and found.
    pub known: Vec<Known>,
    /// In the list, and no longer there.
    pub outdated: Vec<Known>,
}

/// Sorts differences into known ones and others.
pub fn judge(found: Vec<Difference>, known: Vec<Known>) -> Judged {
    let (known, outdated): (Vec<Known>, Vec<Known>) =
        known.into_iter().partition(|known| found.iter().any(|one| known.covers(one)));
    let new = found.into_iter().filter(|one| !known.iter().any(|known| known.covers(one))).collect();
    Judged { new, known, outdated }
}
