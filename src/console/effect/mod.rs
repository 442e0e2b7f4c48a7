//! Every effect, and the only place that spawns.

pub mod blueprints;
pub mod create;
pub mod edit;
pub mod files;
pub mod plans;
pub mod reveal;
pub mod visit;
pub mod work;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::model::kept::Kept;
use super::model::plan::{Draft, Kept as KeptText};
use super::msg::{Configured, ContextLine, Decided, Looked, Msg, SnapshotKept};
use super::terminal::clipboard;
use super::view::theme::Wish;
use crate::apply::snapshot::{self, Kept as Snapshot};
use crate::apply::work::Kinds;
use crate::apply::{self, Order, verify};
use crate::cluster::connect::{self, Choice, Interaction};
use crate::cluster::embedded::Embedded;
use crate::cluster::gate::{Gate, Mode};
use crate::cluster::kubeconfig::Files;
use crate::cluster::look::{self, Seen};
use crate::cluster::outlet::{Envelope, Outlet};
use crate::cluster::proxy::Proxies;
use crate::cluster::session::Session;
use crate::cluster::table::Table;
use crate::cluster::{review, write};
use crate::config::memory;
use crate::config::paths::Paths;
use crate::config::settings::Config;
use crate::config::state;
use crate::journal::saved;
use crate::plan::answered::Answered;
use crate::plan::history::Trial;
use crate::plan::{Digest, Keep, ObjectRef, Plan, Target};
use crate::text::clock::Clock;
use crate::world::feed::Feed;
use crate::world::identity::{ActingAs, Place};
use crate::world::name::Name;
use crate::world::resource::Resource;
use crate::world::review::Review;
use crate::world::trouble::{Trouble, TroubleKind};
use visit::Visit;

/// Something to be done outside of the model.
#[derive(Debug)]
pub enum Effect {
    /// Open a context (`None`: the current one). What comes of it bears this generation.
    Open {
        /// The generation.
        generation: u64,
        /// The context's name.
        context: Option<String>,
        /// An exec plugin may use the terminal: the console steps aside meanwhile.
        terminal: bool,
    },
    /// Follow the person's own files.
    FollowFiles,
    /// Read the kubeconfig files for their contexts.
    ReadContexts,
    /// Follow these namespaces one by one.
    Want(Vec<Name>),
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

/// Where things are, and what was asked for on the command line.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `--kubeconfig`.
    pub kubeconfig: Option<PathBuf>,
    /// Clusters in this process, instead of any kubeconfig.
    pub embedded: Option<Embedded>,
    /// `--context`.
    pub context: Option<String>,
    /// `--namespace`.
    pub namespace: Option<String>,
    /// `--as` and `--as-group`.
    pub acting_as: Option<ActingAs>,
    /// The editor, in place of what the environment names.
    pub editor: Option<String>,
    /// `--readonly`.
    pub read_only: bool,
    /// Where the person's own files are, to be followed; `None`: what they said at first holds.
    pub files: Option<Paths>,
    /// What the last run kept.
    pub kept: Kept,
    /// What the command line says of the looks.
    pub asked: Wish,
    /// What was decided.
    pub config: Config,
    /// What was decided cannot be read.
    pub unsure: bool,
    /// Where the journal is written.
    pub journal: PathBuf,
    /// Where namespaces are remembered; `None`: nowhere.
    pub memory: Option<PathBuf>,
}

/// Room for news that were not taken in yet.
const NEWS: usize = 256;

/// What clusters tell, in the order in which it came.
#[derive(Debug)]
pub struct News(mpsc::Receiver<Envelope>);

impl News {
    /// The next piece of news; waits for it.
    pub async fn next(&mut self) -> Option<Msg> {
        self.0.recv().await.map(message)
    }

    /// The next piece of news, if there is one already.
    pub fn ready(&mut self) -> Option<Msg> {
        self.0.try_recv().ok().map(message)
    }
}

fn message(Envelope { generation, feed }: Envelope) -> Msg {
    Msg::Cluster(generation, feed)
}

/// Does what effects say.
#[derive(Debug)]
pub struct Runner {
    orders: Arc<Orders>,
    jobs: mpsc::UnboundedSender<Msg>,
    feed: mpsc::Sender<Envelope>,
    slot: Arc<Mutex<Slot>>,
    opening: Option<AbortHandle>,
    following: Vec<AbortHandle>,
    watching: Option<AbortHandle>,
    looking: Option<AbortHandle>,
    listing: Option<AbortHandle>,
    drawing: Option<AbortHandle>,
    /// Set when nothing more is to be sent of the plan that is being applied.
    stop: Arc<AtomicBool>,
    clock: Clock,
    /// Held by each job that owes an answer.
    owing: Arc<()>,
}

/// What was asked for, and what holds for contexts now.
#[derive(Debug)]
struct Orders {
    settings: Settings,
    rules: Mutex<Rules>,
}

/// What holds for contexts now.
#[derive(Debug, Clone, Default)]
struct Rules {
    config: Config,
    /// Whatever they say, writes are refused.
    read_only: bool,
    /// Writes are refused for now: somebody wants it so in this session.
    session: bool,
}

/// The present session, or what it is to know once it exists.
#[derive(Debug, Default)]
struct Slot {
    generation: u64,
    session: Option<Session>,
    wanted: Vec<Name>,
    /// What kinds it has, once somebody has asked.
    kinds: Kinds,
    /// What it has besides, once a form has asked.
    known: create::Known,
}

impl Runner {
    /// Sends results to `jobs`, and what clusters tell to the news that come with it.
    pub fn new(settings: Settings, jobs: mpsc::UnboundedSender<Msg>, clock: Clock) -> (Self, News) {
        let (feed, news) = mpsc::channel(NEWS);
        let read_only = settings.read_only || settings.unsure;
        let rules = Rules { config: settings.config.clone(), read_only, session: false };
        let runner = Self {
            orders: Arc::new(Orders { settings, rules: Mutex::new(rules) }),
            jobs,
            feed,
            slot: Arc::default(),
            opening: None,
            following: Vec::new(),
            watching: None,
            looking: None,
            listing: None,
            drawing: None,
            stop: Arc::default(),
            clock,
            owing: Arc::default(),
        };
        (runner, News(news))
    }

    /// Whether every question that was asked once is answered; answers may still be on their way through the channel.
    pub fn has_answered(&self) -> bool {
        Arc::strong_count(&self.owing) == 1
    }

    /// What was asked for on the command line.
    pub fn settings(&self) -> &Settings {
        &self.orders.settings
    }

    fn save(&self, name: String, text: String) {
        let folder = self.orders.settings.journal.with_file_name("saved");
        let now = self.clock.milliseconds();
        self.soon(move || Msg::Saved(save(&folder, &name, &text, now)));
    }

    /// Does something with files; what comes of it is told.
    fn soon(&self, work: impl FnOnce() -> Msg + Send + 'static) {
        let (jobs, owing) = (self.jobs.clone(), Arc::clone(&self.owing));
        tokio::task::spawn_blocking(move || {
            tell(&jobs, work());
            drop(owing);
        });
    }

    /// Shows a text in another program. If it was changed there, what came of it is saved: nothing that somebody wrote is lost.
    pub async fn visit(&self, which: Visit, name: String, text: &str) {
        match visit::visit(which, self.settings().editor.as_deref(), &name, text).await {
            Ok(None) => {}
            Ok(Some(changed)) => self.save(name, changed),
            Err(trouble) => tell(&self.jobs, Msg::Notice(trouble)),
        }
    }

    /// Opens an object in the editor; tells what came of it.
    pub async fn edit(&self, object: Option<ObjectRef>, kept: Option<&KeptText>) {
        let edited = match self.gate() {
            Some(gate) => edit::edit(&gate, self.settings().editor.as_deref(), object.as_ref(), kept).await,
            None => Err(Trouble::new(TroubleKind::Other, "no cluster is open: nothing was read")),
        };
        tell(&self.jobs, Msg::Edited { object, edited });
    }

    /// Follows the person's files: what is decided there holds for the open context at once, for others when they are opened.
    fn follow_files(&self) {
        let orders = Arc::clone(&self.orders);
        let Some(paths) = orders.settings.files.clone() else { return };
        let (jobs, slot) = (self.jobs.clone(), Arc::clone(&self.slot));
        let folder = paths.config.clone();
        tokio::spawn(files::watch(folder, move || {
            let loaded = files::load(&paths, &orders.settings.asked);
            {
                let mut rules = lock(&orders.rules);
                rules.config = loaded.config;
                rules.read_only = orders.settings.read_only || loaded.unsure;
            }
            decide_anew(&orders, &slot, &jobs);
            let configured = Configured { keymap: loaded.keymap, wish: loaded.wish };
            let heard = jobs.send(Msg::Configured(Box::new(configured))).is_ok();
            // What is wrong is said last: it stays longest.
            for fault in loaded.faults {
                tell(&jobs, Msg::Notice(fault));
            }
            heard
        }));
    }

    /// Does what an effect says; never waits. [`Effect::Suspend`] and opening with the terminal are for the loop, which owns
    /// the terminal.
    pub fn run(&mut self, effect: Effect) {
        match effect {
            Effect::FollowFiles => self.follow_files(),
            Effect::Open { generation, context, .. } => {
                let opening = self.open(generation, context, Interaction::Forbidden);
                self.opening = Some(tokio::spawn(opening).abort_handle());
            }
            Effect::ReadContexts => {
                let orders = Arc::clone(&self.orders);
                self.soon(move || Msg::Contexts(contexts(&orders.settings)));
            }
            Effect::Want(names) => {
                let mut slot = lock(&self.slot);
                slot.wanted.clone_from(&names);
                if let Some(session) = &slot.session {
                    session.want(names);
                }
            }
            Effect::Refresh => {
                if let Some(session) = &lock(&self.slot).session {
                    session.refresh();
                }
            }
            Effect::Remember(namespace) => self.remember(namespace),
            Effect::Read { request, objects } => self.job(move |gate, jobs| async move {
                let mut read = Vec::with_capacity(objects.len());
                for object in &objects {
                    match write::read(&gate, object).await {
                        Ok(object) => read.push(object),
                        Err(trouble) => return tell(&jobs, Msg::Read(request, Err(trouble))),
                    }
                }
                tell(&jobs, Msg::Read(request, Ok(read)));
            }),
            Effect::Draft { request, draft, target, .. } if matches!(*draft, Draft::Blueprint { .. }) => {
                self.create(request, *draft, target);
            }
            Effect::Draft { request, draft, target, namespace } => {
                let kinds = lock(&self.slot).kinds.clone();
                self.job(move |gate, jobs| async move {
                    let drafted = plans::draft(&gate, &kinds, *draft, target, namespace).await;
                    tell(&jobs, Msg::Drafted(request, Box::new(drafted)));
                });
            }
            Effect::Preview { request, mut plan } => self.job(move |gate, jobs| async move {
                write::preview(&gate, &mut plan).await;
                tell(&jobs, Msg::Previewed(request, Box::new(Answered::of(*plan))));
            }),
            Effect::WatchFiles(path) => {
                let jobs = self.jobs.clone();
                self.unwatch();
                self.watching = Some(tokio::spawn(work::watch(path, jobs)).abort_handle());
            }
            Effect::UnwatchFiles => self.unwatch(),
            Effect::Follow { request, plan } => self.follow(request, &plan),
            Effect::Unfollow => self.unfollow(),
            Effect::Look { request, object, namespaces } => self.look(request, object, namespaces),
            Effect::Unlook => self.unlook(),
            Effect::Reveal { request, target, object, reason } => {
                let (path, at) = (self.orders.settings.journal.clone(), self.clock.seconds());
                self.soon(move || Msg::Revealed(request, reveal::write_down(&path, at, target, &object, reason)));
            }
            Effect::List { request, resource, namespace } => {
                self.unlist();
                let slot = lock(&self.slot);
                let Some(session) = &slot.session else { return };
                let task = tokio::spawn(session.list(Table { resource: *resource, request }, namespace));
                self.listing = Some(task.abort_handle());
            }
            Effect::Unlist => self.unlist(),
            Effect::ReadOnly(session) => {
                lock(&self.orders.rules).session = session;
                decide_anew(&self.orders, &self.slot, &self.jobs);
            }
            Effect::ExportJournal { id, script } => {
                let (path, jobs, now) =
                    (self.orders.settings.journal.clone(), self.jobs.clone(), self.clock.milliseconds());
                let folder = path.with_file_name("saved");
                tokio::task::spawn_blocking(move || {
                    let exported = plans::export(&path, id.as_deref(), script);
                    tell(&jobs, Msg::Saved(exported.and_then(|(name, text)| save(&folder, &name, &text, now))));
                });
            }
            Effect::Snapshot { plan, keep } => {
                let (journal, now) = (self.orders.settings.journal.clone(), self.clock.milliseconds());
                self.job(move |gate, jobs| async move {
                    let kept = snapshot::keep(&gate, &plan, &keep, &journal, now).await;
                    tell(&jobs, Msg::Snapshot(kept.map(snapshot_kept)));
                });
            }
            Effect::ReadClipboard => {
                let jobs = self.jobs.clone();
                tokio::task::spawn_blocking(move || {
                    let words = match clipboard::read() {
                        Ok(Some(text)) => return tell(&jobs, Msg::Paste(text)),
                        Ok(None) => "no program here has the clipboard".to_owned(),
                        Err(error) => format!("the clipboard cannot be read: {error}"),
                    };
                    let advice = "what your terminal pastes into the console is taken, too";
                    tell(&jobs, Msg::Notice(Trouble::new(TroubleKind::Other, words).advise(advice)));
                });
            }
            Effect::Stop => self.stop.store(true, Ordering::Relaxed),
            Effect::ReadJournal => {
                let path = self.orders.settings.journal.clone();
                self.soon(move || Msg::Journal(plans::history(&path)));
            }
            Effect::Settle(plan) => {
                let (path, jobs, at) = (self.orders.settings.journal.clone(), self.jobs.clone(), self.clock.seconds());
                tokio::task::spawn_blocking(move || {
                    if let Err(trouble) = plans::settle(&path, plan, at) {
                        tell(&jobs, Msg::Notice(trouble));
                    }
                });
            }
            Effect::Apply { request, generation, plan, shown, trial } => {
                let current = lock(&self.slot).generation == generation;
                self.stop = Arc::default();
                let (journal, stop) = (self.orders.settings.journal.clone(), Arc::clone(&self.stop));
                let clock = self.clock.clone();
                // A plan that was approved for another context than the open one is refused by its target.
                self.job(move |gate, jobs| async move {
                    let order = Order { plan: *plan, shown, trial, journal, clock, stop, current };
                    let told = |progress: apply::Progress| tell(&jobs, Msg::Progress(request, progress.words()));
                    let mut applied = apply::apply(&gate, order, told).await;
                    if let Some(kept) = applied.kept.take() {
                        tell(&jobs, Msg::Snapshot(Ok(snapshot_kept(kept))));
                    }
                    let past = applied.past.clone();
                    tell(&jobs, Msg::Applied(request, Box::new(plans::applied(applied))));
                    // Whether it comes true is told when it is; nobody is owed that.
                    tokio::spawn(async move {
                        let states = verify::verify(&gate, &past, verify::PATIENCE).await;
                        if !states.is_empty() {
                            let states = states.into_iter().map(|verdict| (verdict.object, verdict.state)).collect();
                            tell(&jobs, Msg::Verified { generation, title: past.title, states });
                        }
                    });
                });
            }
            Effect::Review { request, questions } => self.job(move |gate, jobs| async move {
                // Few at a time: a page of questions is no reason to be told to slow down.
                const AT_ONCE: usize = 8;
                let ask = |question| {
                    let gate = gate.clone();
                    async move { review::allows(&gate, &question).await }
                };
                let asked = questions.into_iter().map(ask);
                let verdicts = futures_util::stream::iter(asked).buffered(AT_ONCE).collect().await;
                tell(&jobs, Msg::Reviewed(request, verdicts));
            }),
            Effect::ProbeWebhooks { generation } => self.job(move |gate, jobs| async move {
                let health = review::webhook_health(&gate).await;
                tell(&jobs, Msg::Cluster(generation, Feed::WebhookHealth(health)));
            }),
            Effect::AskEra { generation } => self.job(move |gate, jobs| async move {
                if let Ok(era) = review::era(&gate).await {
                    tell(&jobs, Msg::Cluster(generation, Feed::Era(era)));
                }
            }),
            Effect::Save { name, text } => self.save(name, text),
            Effect::Keep(kept) => {
                let Some(path) = self.orders.settings.files.as_ref().map(Paths::console) else { return };
                tokio::task::spawn_blocking(move || {
                    if let Err(error) = state::save(&path, &*kept) {
                        tracing::warn!(%error, path = %path.display(), "what the console keeps cannot be written");
                    }
                });
            }
            Effect::Suspend | Effect::Copy(_) | Effect::Visit { .. } | Effect::Edit { .. } => {}
        }
    }

    /// Opens a context: reads the files, says where it goes, builds the client, begins to follow. The present session ends at
    /// once if it is of another generation; one of the same generation goes on until it is replaced.
    fn open(
        &mut self,
        generation: u64,
        context: Option<String>,
        interaction: Interaction,
    ) -> impl Future<Output = ()> + Send + use<> {
        if let Some(opening) = self.opening.take() {
            opening.abort();
        }
        {
            let mut slot = lock(&self.slot);
            if slot.generation != generation {
                *slot = Slot { generation, ..Slot::default() };
            }
        }
        let (orders, jobs, slot) = (Arc::clone(&self.orders), self.jobs.clone(), Arc::clone(&self.slot));
        let outlet = Outlet::new(generation, self.feed.clone());
        async move {
            if let Err(trouble) = open(&orders, generation, context, interaction, &jobs, &slot, &outlet).await {
                tell(&jobs, Msg::Opened(generation, Err(trouble)));
            }
        }
    }

    /// Opens a context while the terminal is left to a plugin that must ask for something; returns when that is over.
    pub async fn open_at_the_terminal(&mut self, generation: u64, context: Option<String>) {
        self.open(generation, context, Interaction::Allowed).await;
    }

    /// Spawns a job that needs the way to the cluster.
    fn job<F: Future<Output = ()> + Send + 'static>(&self, work: impl FnOnce(Gate, mpsc::UnboundedSender<Msg>) -> F) {
        if let Some(gate) = self.gate() {
            let (work, owing) = (work(gate, self.jobs.clone()), Arc::clone(&self.owing));
            tokio::spawn(async move {
                work.await;
                drop(owing);
            });
        } else {
            let trouble = Trouble::new(TroubleKind::Other, "no cluster is open: nothing was asked");
            tell(&self.jobs, Msg::Notice(trouble));
        }
    }

    /// Plans what stands in a form, once it has rested for a moment; what was typed before is not waited for.
    fn create(&mut self, request: u64, draft: Draft, target: Target) {
        if let Some(drawing) = self.drawing.take() {
            drawing.abort();
        }
        let Some(gate) = self.gate() else { return };
        let (kinds, known) = {
            let slot = lock(&self.slot);
            (slot.kinds.clone(), slot.known.clone())
        };
        let folder = self.orders.settings.files.as_ref().map(Paths::blueprints);
        let jobs = self.jobs.clone();
        let task = tokio::spawn(create::draft(gate, kinds, known, folder, draft, request, target, jobs));
        self.drawing = Some(task.abort_handle());
    }

    fn gate(&self) -> Option<Gate> {
        lock(&self.slot).session.as_ref().map(|session| session.gate().clone())
    }

    fn follow(&mut self, request: u64, plan: &Plan) {
        self.unfollow();
        let Some(gate) = self.gate() else { return };
        self.following = plans::follow(&gate, request, plan, &self.jobs);
    }

    fn look(&mut self, request: u64, object: ObjectRef, namespaces: Vec<Name>) {
        self.unlook();
        let Some(gate) = self.gate() else { return };
        let jobs = self.jobs.clone();
        let task = tokio::spawn(async move {
            look::look(&gate, &object, &namespaces, |seen| {
                let seen = match seen {
                    Seen::Object(object) => Looked::Object(object),
                    Seen::Events(events) => Looked::Events(events),
                    Seen::Trouble(trouble) => Looked::Trouble(trouble),
                };
                tell(&jobs, Msg::Looked(request, seen));
            })
            .await;
        });
        self.looking = Some(task.abort_handle());
    }

    fn unlook(&mut self) {
        if let Some(task) = self.looking.take() {
            task.abort();
        }
    }

    fn unlist(&mut self) {
        if let Some(task) = self.listing.take() {
            task.abort();
        }
    }

    fn unwatch(&mut self) {
        if let Some(task) = self.watching.take() {
            task.abort();
        }
    }

    fn unfollow(&mut self) {
        self.following.drain(..).for_each(|task| task.abort());
    }

    fn remember(&self, namespace: String) {
        let Some(path) = self.orders.settings.memory.clone() else { return };
        let Some(server) = self.gate().map(|gate| gate.place().server.clone()) else { return };
        let jobs = self.jobs.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(trouble) = memory::remember(&path, &server, &namespace) {
                tell(&jobs, Msg::Notice(trouble));
            }
        });
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.unfollow();
        self.unwatch();
        for task in [self.opening.take(), self.looking.take(), self.listing.take()].into_iter().flatten() {
            task.abort();
        }
    }
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    // A slot is never left half changed.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nobody listens any more when the console has ended: then there is nothing to tell.
fn tell(jobs: &mpsc::UnboundedSender<Msg>, msg: Msg) {
    let _ = jobs.send(msg);
}

/// Writes a new file that only we can read; says where it is.
fn save(folder: &Path, name: &str, text: &str, now: i64) -> Result<String, Trouble> {
    saved::save(folder, name, text, now).map(|path| memory::tilde(&path))
}

/// What was kept, as the console hears it.
fn snapshot_kept(kept: Snapshot) -> SnapshotKept {
    let Snapshot { path, snapshot } = kept;
    let (count, refused, withheld) = (snapshot.count, snapshot.refused, snapshot.withheld.len());
    SnapshotKept { count, path: memory::tilde(&path), refused, withheld }
}

fn find_files(settings: &Settings) -> Result<Files, Trouble> {
    if let Some(embedded) = &settings.embedded {
        return Ok(Files::embedded(embedded));
    }
    Files::find(settings.kubeconfig.as_deref(), |name| std::env::var_os(name))
}

fn contexts(settings: &Settings) -> Vec<ContextLine> {
    let Ok(files) = find_files(settings) else { return Vec::new() };
    let current = files.current().map(str::to_owned);
    let line = |entry: crate::cluster::kubeconfig::ContextEntry| ContextLine {
        current: current.as_deref() == Some(entry.name.as_str()),
        name: entry.name,
        server: entry.server,
        user: entry.user,
        namespace: entry.namespace,
        file: memory::tilde(&entry.file),
    };
    files.contexts().into_iter().map(line).collect()
}

async fn open(
    orders: &Arc<Orders>,
    generation: u64,
    context: Option<String>,
    interaction: Interaction,
    jobs: &mpsc::UnboundedSender<Msg>,
    slot: &Mutex<Slot>,
    outlet: &Outlet,
) -> Result<(), Trouble> {
    let files = {
        let (orders, jobs) = (Arc::clone(orders), jobs.clone());
        let found = tokio::task::spawn_blocking(move || {
            let found = find_files(&orders.settings)?;
            tell(&jobs, Msg::Contexts(contexts(&orders.settings)));
            Ok(found)
        });
        found.await.map_err(|error| Trouble::new(TroubleKind::Other, error.to_string()))??
    };
    let settings = &orders.settings;
    let proxies = Proxies::from_env(|name| std::env::var_os(name));
    // The flags of the command line are about the context that was opened first.
    let first = generation == 1;
    let choice = Choice {
        context: context.or_else(|| settings.context.clone()),
        namespace: settings.namespace.clone().filter(|_| first),
        acting_as: settings.acting_as.clone().filter(|_| first),
    };
    let mut place = connect::place(&files, &choice, &proxies)?;
    place.file = memory::tilde(Path::new(&place.file));
    tell(jobs, Msg::Opened(generation, Ok(Box::new(place.clone()))));
    let (decided, mode) = decide(orders, generation, &place);
    tell(jobs, Msg::Decided(decided));
    let connection = connect::connect(Arc::new(files), choice, proxies, interaction).await?;
    let gate = Gate::new(connection.client, connection.place, mode);
    let mut slot = lock(slot);
    if slot.generation == generation {
        let session = Session::open(gate, outlet);
        session.want(slot.wanted.clone());
        slot.session = Some(session);
    }
    Ok(())
}

/// What is decided and remembered about a place.
fn decide(orders: &Orders, generation: u64, place: &Place) -> (Decided, Mode) {
    let rules = lock(&orders.rules);
    let decided = rules.config.decide(&place.context, &place.user_entry);
    let mut namespaces: Vec<String> = decided.namespaces.into_iter().collect();
    if let Some(path) = &orders.settings.memory {
        namespaces.extend(memory::recall(path, &place.server));
    }
    let locked = if rules.read_only {
        Some("it was started so, or its configuration cannot be read")
    } else if decided.readonly {
        Some("a rule in config.toml has it so for this context")
    } else {
        None
    };
    let read_only = rules.session || locked.is_some();
    let mode = match (read_only, decided.dryrun) {
        (false, _) => Mode::Writes,
        (true, true) => Mode::Tries,
        (true, false) => Mode::ReadOnly,
    };
    let (confirm, class, theme) = (decided.confirm, decided.class, decided.theme);
    (Decided { generation, namespaces, read_only, locked, confirm, class, theme }, mode)
}

/// What was decided holds for the open context at once.
fn decide_anew(orders: &Orders, slot: &Mutex<Slot>, jobs: &mpsc::UnboundedSender<Msg>) {
    let slot = lock(slot);
    if let Some(session) = &slot.session {
        let (decided, mode) = decide(orders, slot.generation, session.gate().place());
        session.gate().set_mode(mode);
        tell(jobs, Msg::Decided(decided));
    }
}
