//! The write-ahead journal: what is about to be sent stands on disk before it leaves, and what came of it after.
//!
//! One JSON document a line ([`Entry`]), appended and fsynced. Nothing here holds a secret: steps are recorded with the old and
//! new values of just the fields that they change, and without those that are secret. Files that have grown large are put aside
//! as `NAME.1` (the latest) to `NAME.9`.

pub mod export;
pub mod history;
pub mod saved;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::plan::edit::Edit;
use crate::plan::history::Trial;
use crate::plan::record::Record;
use crate::plan::{Impersonation, Relation};
use crate::world::trouble::{Trouble, TroubleKind};

/// One line of the journal. Times are Unix seconds; `plan` tells one plan's lines from others'.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub enum Entry {
    /// A plan was approved and its steps are about to be sent.
    Begun {
        /// The plan.
        plan: String,
        /// When.
        at: i64,
        /// The process that sends them.
        #[serde(default)]
        pid: u32,
        /// The plan's title.
        title: String,
        /// The context.
        context: String,
        /// The API server.
        server: String,
        /// Who.
        user: String,
        /// Who that was in truth, where somebody acted as somebody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impersonation: Option<Impersonation>,
        /// What it has to do with an earlier one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        relation: Option<Relation>,
        /// It is a trial.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trial: Option<Trial>,
        /// The file in which there is what it takes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept: Option<String>,
        /// The steps.
        steps: Vec<Record>,
    },
    /// Steps are about to be sent, together.
    Sent {
        /// The plan.
        plan: String,
        /// When.
        at: i64,
        /// Which steps, from 0.
        steps: Vec<usize>,
    },
    /// A step has been answered.
    Step {
        /// The plan.
        plan: String,
        /// When.
        at: i64,
        /// Which step, from 0.
        step: usize,
        /// The failure, in one sentence; absent if it succeeded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<String>,
        /// Whether it arrived is not known.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unknown: bool,
        /// The object's new version, if it succeeded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resource_version: Option<String>,
        /// The object's uid, if it succeeded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uid: Option<String>,
        /// What was changed, where that is not what the dry run had said: a port from a pool is another each time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        edits: Option<Vec<Edit>>,
    },
    /// The plan is over: every step has been answered, or the rest was not sent.
    Ended {
        /// The plan.
        plan: String,
        /// When.
        at: i64,
    },
    /// The values of a secret were looked at.
    Revealed {
        /// When.
        at: i64,
        /// The context.
        context: String,
        /// The API server.
        server: String,
        /// Who.
        user: String,
        /// Who that was in truth, where somebody acted as somebody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impersonation: Option<Impersonation>,
        /// The object's path.
        object: String,
        /// Why.
        reason: String,
    },
    /// A plan that was interrupted is to rest as it is, or one that was on trial is to stay.
    Settled {
        /// The plan.
        plan: String,
        /// When.
        at: i64,
    },
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// The last line may have been written in part.
    torn: bool,
}

/// How large a file may grow before it is put aside, in bytes, and how many are kept.
const LARGE: u64 = 8 << 20;
const KEPT: u32 = 9;

impl Journal {
    /// Opens the journal at `path` for appending; it and its folder are made if absent, readable for nobody else.
    pub fn open(path: &Path) -> Result<Self, Trouble> {
        let open = || -> io::Result<File> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            if fs::metadata(path).is_ok_and(|file| file.len() > LARGE) {
                put_aside(path)?;
            }
            let mut options = OpenOptions::new();
            options.create(true).append(true).read(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(path)?;
            // What a crash cut short must not swallow the next line.
            if !ends_with_newline(&mut file)? {
                file.write_all(b"\n")?;
            }
            Ok(file)
        };
        match open() {
            Ok(file) => Ok(Self { path: path.to_owned(), file, torn: false }),
            Err(error) => Err(unwritable(path, &error)),
        }
    }

    /// Appends an entry and waits until it is on disk.
    pub fn append(&mut self, entry: &Entry) -> Result<(), Trouble> {
        let mut line = if self.torn { vec![b'\n'] } else { Vec::new() };
        serde_json::to_writer(&mut line, entry).map_err(|error| unwritable(&self.path, &io::Error::other(error)))?;
        line.push(b'\n');
        // One write call, so that two consoles that append at once do not mix their lines.
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        // What a full disk has cut short must not swallow the next line.
        self.torn = written.is_err();
        written.map_err(|error| unwritable(&self.path, &error))
    }
}

fn ends_with_newline(file: &mut File) -> io::Result<bool> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    name.into()
}

fn put_aside(path: &Path) -> io::Result<()> {
    for number in (1..KEPT).rev() {
        match fs::rename(numbered(path, number), numbered(path, number + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, numbered(path, 1))
}

/// Reads a journal back, with what was put aside of it, the oldest first. Lines that a crash cut short are left out; any other
/// bad line is an error that names it.
pub fn read(path: &Path) -> Result<Vec<Entry>, Trouble> {
    let mut entries = Vec::new();
    for number in (1..=KEPT).rev() {
        entries.extend(read_one(&numbered(path, number))?);
    }
    entries.extend(read_one(path)?);
    Ok(entries)
}

fn read_one(path: &Path) -> Result<Vec<Entry>, Trouble> {
    // A line may be cut short in the middle of a letter.
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Trouble::new(TroubleKind::File, format!("cannot read {}: {error}", path.display()))),
    };
    let parse = |(at, line): (usize, &[u8])| match serde_json::from_slice(line) {
        Ok(entry) => Some(Ok(entry)),
        // Cut short: written by a process that died, or being written by another one now.
        Err(error) if error.is_eof() => None,
        Err(error) => {
            let words = format!("{}:{}: not a journal entry", path.display(), at + 1);
            Some(Err(Trouble::new(TroubleKind::File, words).detailed(error.to_string())))
        }
    };
    text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()).filter_map(parse).collect()
}

fn unwritable(path: &Path, error: &io::Error) -> Trouble {
    Trouble::new(TroubleKind::File, format!("the journal {} cannot be written: {error}", path.display()))
        .advise("nothing was sent; make room or set XDG_STATE_HOME to a folder that can be written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_begun_can_be_read_back_even_after_a_crash_in_the_middle_of_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/journal.jsonl");
        let ended = |at| Entry::Ended { plan: "1".into(), at };
        Journal::open(&path).unwrap().append(&ended(7)).unwrap();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"entry\":\"ended\",\"pl").unwrap();
        assert_eq!(read(&path).unwrap(), [ended(7)]);
        Journal::open(&path).unwrap().append(&ended(8)).unwrap();
        assert_eq!(read(&path).unwrap(), [ended(7), ended(8)], "the next line is not swallowed");
    }

    #[test]
    fn a_line_cut_in_the_middle_of_a_letter_breaks_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let settled = |plan: &str| Entry::Settled { plan: plan.into(), at: 1 };
        let mut journal = Journal::open(&path).unwrap();
        journal.append(&settled("one")).unwrap();
        fs::write(
            &path,
            [fs::read(&path).unwrap(), "{\"entry\":\"settled\",\"plan\":\"ü".as_bytes()[..28].to_vec()].concat(),
        )
        .unwrap();
        // As if the disk had been full, and had room again.
        journal.torn = true;
        journal.append(&settled("two")).unwrap();
        journal.append(&settled("three")).unwrap();
        assert_eq!(read(&path).unwrap(), [settled("one"), settled("two"), settled("three")]);
    }

    #[test]
    fn a_large_journal_is_put_aside_and_still_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let settled = |plan: &str| Entry::Settled { plan: plan.into(), at: 1 };
        let long = "x".repeat(LARGE as usize);
        for plan in [long.as_str(), "second", long.as_str(), "last"] {
            Journal::open(&path).unwrap().append(&settled(plan)).unwrap();
        }
        assert!(numbered(&path, 2).exists());
        let plans: Vec<usize> = read(&path)
            .unwrap()
            .iter()
            .map(|entry| match entry {
                Entry::Settled { plan, .. } => plan.len(),
                _ => 0,
            })
            .collect();
        assert_eq!(plans, [long.len(), 6, long.len(), 4]);
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, "{\"entry\":\"ended\",\"plan\":\"1\",\"at\":1}\n{\"entry\":\"what\"}\n").unwrap();
        assert!(read(&path).unwrap_err().what.ends_with("journal.jsonl:2: not a journal entry"));
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
