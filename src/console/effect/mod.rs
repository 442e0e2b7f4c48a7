//! Every effect, and the only place that spawns.

mod apply;
pub mod blueprints;
pub mod contexts;
pub mod create;
pub mod edit;
pub mod files;
mod keep;
mod lone;
mod look;
mod news;
mod open;
pub mod plans;
pub mod reveal;
mod runner;
mod settings;
mod shell;
mod slots;
pub mod visit;
mod who;
pub mod work;

use tokio::sync::mpsc;

use super::model::kept::Kept;
use super::model::plan::{Draft, Kept as KeptText};
use super::msg::Msg;
use crate::plan::history::Trial;
use crate::plan::{Digest, Keep, ObjectRef, Plan, Target};
use crate::world::identity::Known;
use crate::world::name::Name;
use crate::world::resource::Resource;
use crate::world::review::Review;
pub use news::News;
pub use open::Wanted;
pub use runner::Runner;
pub use settings::Settings;
use visit::Visit;

/// Something to be done outside of the model.
#[derive(Debug)]
pub enum Effect {
    /// Open a context; from now on effects are about it.
    Open {
        /// Which.
        wanted: Wanted,
        /// An exec plugin may use the terminal: the console steps aside meanwhile.
        terminal: bool,
    },
    /// Ask the server whether we may act as somebody, in an opening that is not on the screen yet.
    TryAs(Wanted),
    /// From now on effects are about this opening, which is at hand.
    Face(u64),
    /// End an opening that is not at hand any more.
    Close(u64),
    /// Follow the person's own files.
    FollowFiles,
    /// Read the kubeconfig files for their contexts.
    ReadContexts,
    /// Ask whether the clusters of these contexts can be reached, in place of those before.
    Probe {
        /// The request.
        request: u64,
        /// The contexts.
        contexts: Vec<String>,
    },
    /// Nobody wants to know that any more.
    Unprobe,
    /// Follow these namespaces one by one.
    Want(Vec<Name>),
    /// Look again into the file that our token comes from.
    ReadProof {
        /// The generation.
        generation: u64,
    },
    /// Keep what is known of us, for prompts and lists of contexts.
    Know(Box<Known>),
    /// Try again now whatever waits.
    Refresh,
    /// Remember a namespace for the next session with this cluster.
    Remember(String),
    /// Read whole objects.
    Read {
        /// The request.
        request: u64,
        /// Which.
        objects: Vec<ObjectRef>,
    },
    /// Make a plan of what must be read first.
    Draft {
        /// The request.
        request: u64,
        /// What of.
        draft: Box<Draft>,
        /// Where and as whom it is to be valid.
        target: Target,
        /// Where objects go that name no namespace.
        namespace: String,
    },
    /// Ask the server what a plan would do.
    Preview {
        /// The request.
        request: u64,
        /// The plan.
        plan: Box<Plan>,
    },
    /// Follow the objects of a plan, in place of those of the one before.
    Follow {
        /// The request.
        request: u64,
        /// The plan.
        plan: Box<Plan>,
    },
    /// Tell whenever these files change, in place of those before.
    WatchFiles(String),
    /// No files are looked at any more.
    UnwatchFiles,
    /// Follow no plan's objects any more.
    Unfollow,
    /// Follow an object for a document about it, in place of the one before.
    Look {
        /// The request.
        request: u64,
        /// Which.
        object: ObjectRef,
        /// The namespaces whose events are wanted, in place of those about the object.
        namespaces: Vec<Name>,
    },
    /// Write down that the values of a secret are to be seen, and why; only then they are.
    Reveal {
        /// The request of the document.
        request: u64,
        /// Where and as whom.
        target: Target,
        /// Which.
        object: ObjectRef,
        /// Why.
        reason: String,
    },
    /// Nobody looks at a document any more.
    Unlook,
    /// Follow objects of any kind, in place of those before.
    List {
        /// The request.
        request: u64,
        /// The kind.
        resource: Box<Resource>,
        /// In which namespace; in all, if there is none.
        namespace: Option<Name>,
    },
    /// Nobody looks at them any more.
    Unlist,
    /// Apply an approved plan.
    Apply {
        /// The request.
        request: u64,
        /// The opening of the context that the plan was made in.
        generation: u64,
        /// The plan.
        plan: Box<Plan>,
        /// What was on the screen when it was approved.
        shown: Digest,
        /// It is to be taken back unless somebody says that it stays.
        trial: Option<Trial>,
    },
    /// Send nothing more of the plan that is being applied.
    Stop,
    /// Read the journal.
    ReadJournal,
    /// Save what the journal tells to a file among our own: of one plan, or of all; as JSON, or as commands.
    ExportJournal {
        /// Which plan.
        id: Option<String>,
        /// As a script of kubectl.
        script: bool,
    },
    /// Refuse writes from now on, or no longer for this session's sake.
    ReadOnly(bool),
    /// Keep objects as they are, in a file that only we can read.
    Snapshot {
        /// Those that a plan changes or takes.
        plan: Box<Plan>,
        /// With what of them.
        keep: Keep,
    },
    /// Read the clipboard; what is in it comes as if it had been pasted.
    ReadClipboard,
    /// Write down that a plan of earlier is to stay as it is.
    Settle(String),
    /// Ask the server whether these may do what they are asked about.
    Review {
        /// The request.
        request: u64,
        /// The questions.
        questions: Vec<Review>,
    },
    /// Ask whether Capsule's webhooks answer.
    ProbeWebhooks {
        /// The generation.
        generation: u64,
    },
    /// Ask again which Capsule there is.
    AskEra {
        /// The generation.
        generation: u64,
    },
    /// Give the terminal back to the shell until continued.
    Suspend,
    /// Open a shell that goes where we go, and has the terminal meanwhile.
    Shell {
        /// The namespace in force.
        namespace: String,
        /// Who we are.
        user: String,
    },
    /// Show a text in another program, which has the terminal meanwhile.
    Visit {
        /// Which program.
        which: Visit,
        /// The name of the file that the text is in.
        name: String,
        /// The text.
        text: String,
    },
    /// Open an object in the editor.
    Edit {
        /// Which; `None`: something new.
        object: Option<ObjectRef>,
        /// What was written before, and what was wrong with it.
        kept: Option<Box<KeptText>>,
    },
    /// Keep something for the next run.
    Keep(Box<Kept>),
    /// Put a text into the clipboard.
    Copy(String),
    /// Write a text to a file among our own.
    Save {
        /// The file's name, to which the time is added.
        name: String,
        /// What is written.
        text: String,
    },
}

/// Nobody listens any more when the console has ended: then there is nothing to tell.
fn tell(jobs: &mpsc::UnboundedSender<Msg>, msg: Msg) {
    let _ = jobs.send(msg);
}
