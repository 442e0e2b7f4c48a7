//! Every message: all that can happen to the console.

use serde_json::Value;

use super::keymap::Key;
use crate::plan::{Digest, Plan};
use crate::world::feed::Feed;
use crate::world::identity::Place;
use crate::world::trouble::Trouble;

/// Something happened.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted: it goes into a text field, or nowhere.
    Paste(String),
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
    /// The contexts that the kubeconfig files hold.
    Contexts(Vec<ContextLine>),
    /// Objects that an action asked for have been read.
    Read(u64, Result<Vec<Value>, Trouble>),
    /// The server has answered what a plan would do.
    Previewed(u64, Box<Plan>),
    /// An object of the open plan is now this (`None`: deleted); the number is the step.
    Moved(u64, usize, Option<Value>),
    /// The objects of the open plan cannot be followed any more.
    Unfollowed(u64, Trouble),
    /// A plan has been applied: how far it came.
    Applied(u64, Box<Applied>),
    /// What is decided and remembered about the context opened as this generation.
    Decided {
        /// The generation.
        generation: u64,
        /// Namespaces that were configured, or used in earlier sessions.
        namespaces: Vec<String>,
        /// Whether writes are refused there.
        read_only: bool,
    },
    /// Something to tell that is nobody's answer: a fault in a file, a panic in a task.
    Notice(Trouble),
    /// The process was asked to end.
    Terminate,
}

/// How far an approved plan came.
#[derive(Debug)]
pub struct Applied {
    /// The plan.
    pub plan: Plan,
    /// How many steps succeeded.
    pub done: usize,
    /// Why the next one did not.
    pub failure: Option<Trouble>,
    /// Something that did not stop the plan but must be told: the journal could not take the result, say.
    pub warning: Option<Trouble>,
}

/// One context, as the picker shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextLine {
    /// The name.
    pub name: String,
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
