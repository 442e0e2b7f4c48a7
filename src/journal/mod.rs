//! The write-ahead journal: what is about to be sent stands on disk before it leaves, and what came of it after.
//!
//! One JSON document per line, appended and fsynced. Nothing here holds a secret: steps are recorded as their patches, with
//! the old values of just the fields that the patch names.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::{Plan, Step};
use crate::world::trouble::{Trouble, TroubleKind};

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub enum Entry {
    /// A plan was approved and its steps are about to be sent.
    Begun {
        /// Tells this plan's lines from others'.
        plan: String,
        /// Unix seconds.
        at: i64,
        /// The plan's title.
        title: String,
        /// The context.
        context: String,
        /// The API server.
        server: String,
        /// Who.
        user: String,
        /// The steps.
        steps: Vec<Recorded>,
    },
    /// A step has been answered.
    Step {
        /// The plan.
        plan: String,
        /// Unix seconds.
        at: i64,
        /// Which step, from 0.
        step: usize,
        /// The failure, in one sentence; absent if it succeeded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<String>,
        /// The object's new version, if it succeeded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resource_version: Option<String>,
    },
    /// The plan is over: every step has been answered, or the rest was not sent.
    Ended {
        /// The plan.
        plan: String,
        /// Unix seconds.
        at: i64,
    },
}

/// A step as it is recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// The object's path.
    pub object: String,
    /// The object's uid.
    pub uid: String,
    /// The patch that is sent.
    pub patch: Value,
    /// The old values of what the patch names: the patch that takes it back.
    pub undo: Value,
}

impl Recorded {
    /// Records a step.
    pub fn of(step: &Step) -> Self {
        Self {
            object: step.object.path(),
            uid: step.uid().to_owned(),
            patch: step.patch.clone(),
            undo: old_values(&step.patch, &step.before),
        }
    }
}

/// The part of `before` that `patch` names, as a merge patch: what was absent becomes `null`.
fn old_values(patch: &Value, before: &Value) -> Value {
    match patch {
        Value::Object(fields) => {
            let old = fields.iter().map(|(key, inner)| {
                let value = match (inner, before.get(key)) {
                    (Value::Object(_), Some(before @ Value::Object(_))) => old_values(inner, before),
                    // Only what the patch adds is to go again, not what others may have put beside it since.
                    (Value::Object(_), None) => old_values(inner, &Value::Null),
                    (_, None) => Value::Null,
                    (_, Some(before)) => before.clone(),
                };
                (key.clone(), value)
            });
            Value::Object(old.collect())
        }
        _ => before.clone(),
    }
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens the journal at `path` for appending; it and its folder are made if absent, readable for nobody else.
    pub fn open(path: &Path) -> Result<Self, Trouble> {
        let open = || -> io::Result<File> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut options = OpenOptions::new();
            options.create(true).append(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(path)
        };
        match open() {
            Ok(file) => Ok(Self { path: path.to_owned(), file }),
            Err(error) => Err(unwritable(path, &error)),
        }
    }

    /// Appends an entry and waits until it is on disk.
    pub fn append(&mut self, entry: &Entry) -> Result<(), Trouble> {
        let mut line = serde_json::to_vec(entry).map_err(|error| unwritable(&self.path, &io::Error::other(error)))?;
        line.push(b'\n');
        // One write call, so that two consoles that append at once do not mix their lines.
        self.file.write_all(&line).and_then(|()| self.file.sync_data()).map_err(|error| unwritable(&self.path, &error))
    }

    /// Writes down that `plan` is about to be sent.
    pub fn begin(&mut self, id: &str, plan: &Plan, at: i64) -> Result<(), Trouble> {
        self.append(&Entry::Begun {
            plan: id.to_owned(),
            at,
            title: plan.title.clone(),
            context: plan.target.context.clone(),
            server: plan.target.server.clone(),
            user: plan.target.user.clone(),
            steps: plan.steps().map(Recorded::of).collect(),
        })
    }
}

/// Reads a journal back. A last line that a crash cut short is left out; any other bad line is an error that names it.
pub fn read(path: &Path) -> Result<Vec<Entry>, Trouble> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Trouble::new(TroubleKind::File, format!("cannot read {}: {error}", path.display()))),
    };
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let parse = |(at, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            Trouble::new(TroubleKind::File, format!("{}:{}: not a journal entry", path.display(), at + 1))
                .detailed(error.to_string())
        })
    };
    whole.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(parse).collect()
}

fn unwritable(path: &Path, error: &io::Error) -> Trouble {
    Trouble::new(TroubleKind::File, format!("the journal {} cannot be written: {error}", path.display()))
        .advise("nothing was sent; make room or set XDG_STATE_HOME to a folder that can be written")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_begun_can_be_read_back_even_after_a_crash_in_the_middle_of_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/journal.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        let ended = Entry::Ended { plan: "1".into(), at: 7 };
        journal.append(&ended).unwrap();
        drop(journal);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"entry\":\"ended\",\"pl").unwrap();
        assert_eq!(read(&path).unwrap(), [ended]);
    }

    #[test]
    fn the_undo_holds_the_old_values_of_what_is_changed_and_no_more() {
        let before = json!({"spec": {"cordoned": false, "owners": ["secret"]}, "metadata": {"name": "oil"}});
        let patch = json!({"spec": {"cordoned": true}, "metadata": {"annotations": {"a": "b"}}});
        assert_eq!(
            old_values(&patch, &before),
            json!({"spec": {"cordoned": false}, "metadata": {"annotations": {"a": null}}})
        );
    }

    #[test]
    fn a_journal_that_cannot_be_written_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        fs::write(&blocked, "").unwrap();
        let trouble = Journal::open(&blocked.join("journal.jsonl")).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::File);
        assert!(trouble.advice.contains("nothing was sent"));
    }
}
