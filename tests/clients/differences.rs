//! The differences that are known, each with its reason: `differences.toml`.

use std::fs;
use std::path::Path;

use regex::Regex;
use serde::Deserialize;

use crate::compare::Difference;

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
    /// The session; `*` for all.
    pub session: String,
    /// How the command begins; `*` for all of the session.
    pub command: String,
    /// A regular expression for a whole line, with `-` in front of the real cluster's and `+` of the demo's.
    pub line: String,
    /// Why it is so.
    #[serde(rename = "reason")]
    _reason: String,
}

impl Known {
    fn covers(&self, difference: &Difference) -> bool {
        let is_line =
            || Regex::new(&format!("^(?:{})$", self.line)).is_ok_and(|line| line.is_match(&difference.to_string()));
        (self.command == "*" || difference.command.starts_with(&self.command)) && is_line()
    }
}

/// Known differences of a session.
pub fn of(session: &str, file: &Path) -> Result<Vec<Known>, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let list: List = toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(list.difference.into_iter().filter(|known| known.session == "*" || known.session == session).collect())
}

/// Those found that are not known, and those known that were not found.
pub fn judge(found: &[Difference], known: Vec<Known>) -> (Vec<Difference>, Vec<Known>) {
    let new = found.iter().filter(|one| !known.iter().any(|known| known.covers(one))).cloned().collect();
    let is_gone = |known: &Known| known.session != "*" && !found.iter().any(|one| known.covers(one));
    (new, known.into_iter().filter(is_gone).collect())
}
