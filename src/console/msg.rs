//! Every message: all that can happen to the console.

use serde_json::Value;

use super::keymap::{Key, Keymap, Mouse};
use super::model::plan::Drafted;
use super::view::theme::Wish;
use crate::blueprint::sheet::Sheet;
use crate::plan::answered::Answered;
use crate::plan::history::Past;
use crate::plan::settled::State;
use crate::plan::{Confirm, Digest, Goal, ObjectRef, Plan};
use crate::world::class::Class;
use crate::world::feed::Feed;
use crate::world::identity::{Known, Place, Proof};
use crate::world::review::Verdict;
use crate::world::trouble::Trouble;

/// Something happened.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted: it goes into a text field, or nowhere.
    Paste(String),
    /// The mouse was used at this column and row.
    Mouse(Mouse, u16, u16),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// Time has passed. Milliseconds since the epoch.
    Clock(i64),
    /// A frame was drawn; with a plan on it, if one was readable there.
    Drawn(Option<Digest>),
    /// News from the cluster that was opened as this generation.
    Cluster(u64, Feed),
    /// A context was opened as this generation, or could not be.
    Opened(u64, Result<Box<Place>, Trouble>),
    /// Whether we may act as somebody, in what is to be this opening, and where that is; asked by [`super::effect::Effect::TryAs`].
    Acted(u64, Result<Box<Place>, Trouble>),
    /// How we prove in this opening who we are, as far as it is known only now.
    Proof(u64, Proof),
    /// The contexts that the kubeconfig files hold.
    Contexts(Vec<ContextLine>),
    /// Whether the cluster of this context can be reached, as it was asked under this number.
    Reached(u64, String, Reach),
    /// What is another in the open context's entry than it was when this opening began; nothing, if all is as it was.
    EntryChanged(u64, Option<String>),
    /// Objects that an action asked for have been read.
    Read(u64, Result<Vec<Value>, Trouble>),
    /// The server has answered what a plan would do.
    Previewed(u64, Box<Answered>),
    /// A plan was made of what had to be read first, or could not be.
    Drafted(u64, Box<Result<Drafted, Trouble>>),
    /// What comes of what was decided in a form, and which blueprints there are.
    Sheet(u64, Box<(Sheet, Vec<String>)>),
    /// How far a plan is that is being applied, in words.
    Progress(u64, String),
    /// An object was in the editor: what it was, and its text if that was changed there.
    Edited {
        /// Which; `None`: something new.
        object: Option<ObjectRef>,
        /// What came of it.
        edited: Result<Option<(Box<Value>, String)>, Trouble>,
    },
    /// The journal was read: the plans that it tells of.
    Journal(Result<Vec<Past>, Trouble>),
    /// Files that are watched were changed: what they were called when the watch began.
    FilesChanged(String),
    /// An object of the open plan is now this (`None`: deleted); the number is the step.
    Moved(u64, usize, Option<Value>),
    /// The objects of the open plan cannot be followed any more, or not for now.
    Unfollowed(u64, Trouble),
    /// They are followed again.
    Followed(u64),
    /// What a document is about was seen.
    Looked(u64, Looked),
    /// What the server says to questions who may what.
    Reviewed(u64, Vec<Result<Verdict, Trouble>>),
    /// That the values of a document's secret are to be seen is written down, or could not be.
    Revealed(u64, Result<(), Trouble>),
    /// A plan has been applied: how far it came.
    Applied(u64, Box<Applied>),
    /// Whether what was applied in this opening of a context has come true.
    Verified {
        /// The opening.
        generation: u64,
        /// The plan.
        title: String,
        /// How far its objects are.
        states: Vec<(ObjectRef, State)>,
    },
    /// A snapshot was kept, or could not be.
    Snapshot(Result<SnapshotKept, Trouble>),
    /// What is decided and remembered about a context.
    Decided(Decided),
    /// The person's files were changed, and read again.
    Configured(Box<Configured>),
    /// A text was saved, and where; or it was not.
    Saved(Result<String, Trouble>),
    /// Something to tell that is nobody's answer: a fault in a file, a panic in a task.
    Notice(Trouble),
    /// The process was asked to end.
    Terminate,
}

/// A snapshot that was kept.
#[derive(Debug)]
pub struct SnapshotKept {
    /// How many objects are in it.
    pub count: usize,
    /// The file.
    pub path: String,
    /// What could not be read.
    pub refused: Vec<String>,
    /// How many Secrets are left out.
    pub withheld: usize,
}

/// What the person's files say of keys and looks.
#[derive(Debug)]
pub struct Configured {
    /// The keys.
    pub keymap: Keymap,
    /// The looks.
    pub wish: Wish,
}

/// What is decided and remembered about a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The opening of the context that it is about.
    pub generation: u64,
    /// Namespaces that were configured, or used in earlier sessions.
    pub namespaces: Vec<String>,
    /// Whether writes are refused there.
    pub read_only: bool,
    /// Why that cannot be changed for a session.
    pub locked: Option<&'static str>,
    /// How a plan is agreed to there.
    pub confirm: Confirm,
    /// What the context was called.
    pub class: Option<Class>,
    /// The theme for it.
    pub theme: Option<String>,
}

/// What was seen of the object that a document is about.
#[derive(Debug)]
pub enum Looked {
    /// The object as it is now; nothing if it is not there.
    Object(Option<Value>),
    /// The events about it, the latest first.
    Events(Result<Vec<Value>, Trouble>),
    /// It cannot be read.
    Trouble(Trouble),
}

/// How far an approved plan came.
#[derive(Debug)]
pub struct Applied {
    /// What was done, with all values.
    pub past: Past,
    /// What can be asked about only now.
    pub rest: Option<Plan>,
    /// What is awaited.
    pub goals: Vec<Goal>,
    /// Why not all was done.
    pub failure: Option<Trouble>,
    /// What did not stop the plan but must be told: the journal could not take the result, say.
    pub warnings: Vec<Trouble>,
}

/// One context, as lists of contexts show it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContextLine {
    /// The name.
    pub name: String,
    /// The cluster entry.
    pub cluster: String,
    /// `host:port` of the cluster.
    pub server: String,
    /// The user entry.
    pub user: String,
    /// The namespace, if it names one.
    pub namespace: Option<String>,
    /// The file that defines it.
    pub file: String,
    /// Whether the files' `current-context` is this one.
    pub current: bool,
    /// What it was called.
    pub class: Option<Class>,
    /// Writes are refused there, at least at first.
    pub read_only: bool,
    /// How it proves who we are, as far as the files tell.
    pub proof: Proof,
    /// Who we were there when somebody asked last.
    pub known: Option<Known>,
    /// That may hold no longer.
    pub stale: bool,
    /// Why it cannot be opened.
    pub fault: Option<String>,
}

/// Whether a cluster can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It is being asked.
    Asking,
    /// It answers.
    Answers,
    /// It does not: why.
    Opening(Box<Trouble>),
}

impl Reach {
    /// The word on screen.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Asking => "asking",
            Self::Answers => "answers",
            Self::Opening(_) => "no answer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_cross_threads() {
        const fn crosses<T: Send>() {}
        crosses::<Msg>();
    }
}
