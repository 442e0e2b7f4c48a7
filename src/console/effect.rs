//! Every effect, and the only place that spawns.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::msg::{Applied, ContextLine, Msg};
use crate::cluster::connect::{self, Choice, Interaction};
use crate::cluster::embedded::Embedded;
use crate::cluster::gate::{Approval, Gate};
use crate::cluster::kubeconfig::Files;
use crate::cluster::outlet::{Envelope, Outlet};
use crate::cluster::proxy::Proxies;
use crate::cluster::session::Session;
use crate::cluster::{review, write};
use crate::config::memory;
use crate::config::settings::{Config, ContextConfig};
use crate::journal::{Entry, Journal};
use crate::plan::{Digest, ObjectRef, Plan};
use crate::world::feed::Feed;
use crate::world::identity::ActingAs;
use crate::world::name::Name;
use crate::world::trouble::{Trouble, TroubleKind};

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
    /// Follow no plan's objects any more.
    Unfollow,
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
    /// `--readonly`.
    pub read_only: bool,
    /// What was decided per context.
    pub config: Config,
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
    settings: Arc<Settings>,
    jobs: mpsc::UnboundedSender<Msg>,
    feed: mpsc::Sender<Envelope>,
    slot: Arc<Mutex<Slot>>,
    opening: Option<AbortHandle>,
    following: Vec<AbortHandle>,
}

/// The present session, or what it is to know once it exists.
#[derive(Debug, Default)]
struct Slot {
    generation: u64,
    session: Option<Session>,
    wanted: Vec<Name>,
}

impl Runner {
    /// Sends results to `jobs`, and what clusters tell to the news that come with it.
    pub fn new(settings: Settings, jobs: mpsc::UnboundedSender<Msg>) -> (Self, News) {
        let (feed, news) = mpsc::channel(NEWS);
        let settings = Arc::new(settings);
        let runner = Self { settings, jobs, feed, slot: Arc::default(), opening: None, following: Vec::new() };
        (runner, News(news))
    }

    /// What was asked for on the command line.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Does what an effect says; never waits. [`Effect::Suspend`] and opening with the terminal are for the loop, which owns
    /// the terminal.
    pub fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Open { generation, context, .. } => {
                let opening = self.open(generation, context, Interaction::Forbidden);
                self.opening = Some(tokio::spawn(opening).abort_handle());
            }
            Effect::ReadContexts => {
                let (settings, jobs) = (Arc::clone(&self.settings), self.jobs.clone());
                tokio::task::spawn_blocking(move || tell(&jobs, Msg::Contexts(contexts(&settings))));
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
            Effect::Preview { request, mut plan } => self.job(move |gate, jobs| async move {
                write::preview(&gate, &mut plan).await;
                tell(&jobs, Msg::Previewed(request, plan));
            }),
            Effect::Follow { request, plan } => self.follow(request, &plan),
            Effect::Unfollow => self.unfollow(),
            Effect::Apply { request, generation, plan, shown } => {
                let journal = self.settings.journal.clone();
                let current = lock(&self.slot).generation == generation;
                self.job(move |gate, jobs| async move {
                    let applied = if current {
                        apply(&gate, *plan, shown, journal).await
                    } else {
                        let what = "the context was switched meanwhile: nothing was sent";
                        Applied {
                            plan: *plan,
                            done: 0,
                            failure: Some(Trouble::new(TroubleKind::Stale, what)),
                            warning: None,
                        }
                    };
                    tell(&jobs, Msg::Applied(request, Box::new(applied)));
                });
            }
            Effect::ProbeWebhooks { generation } => self.job(move |gate, jobs| async move {
                let health = review::webhook_health(&gate).await;
                tell(&jobs, Msg::Cluster(generation, Feed::WebhookHealth(health)));
            }),
            Effect::AskEra { generation } => self.job(move |gate, jobs| async move {
                if let Ok(era) = review::era(&gate).await {
                    tell(&jobs, Msg::Cluster(generation, Feed::Era(era)));
                }
            }),
            Effect::Suspend => {}
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
        let (settings, jobs, slot) = (Arc::clone(&self.settings), self.jobs.clone(), Arc::clone(&self.slot));
        let outlet = Outlet::new(generation, self.feed.clone());
        async move {
            if let Err(trouble) = open(&settings, generation, context, interaction, &jobs, &slot, &outlet).await {
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
            tokio::spawn(work(gate, self.jobs.clone()));
        } else {
            let trouble = Trouble::new(TroubleKind::Other, "no cluster is open: nothing was asked");
            tell(&self.jobs, Msg::Notice(trouble));
        }
    }

    fn gate(&self) -> Option<Gate> {
        lock(&self.slot).session.as_ref().map(|session| session.gate().clone())
    }

    fn follow(&mut self, request: u64, plan: &Plan) {
        self.unfollow();
        let Some(gate) = self.gate() else { return };
        for (at, step) in plan.steps().enumerate() {
            let (gate, jobs, step) = (gate.clone(), self.jobs.clone(), step.clone());
            let task = tokio::spawn(async move {
                let ended = write::follow(&gate, &step, |object| tell(&jobs, Msg::Moved(request, at, object))).await;
                let trouble = ended.err().unwrap_or_else(|| Trouble::new(TroubleKind::Interrupted, "the watch ended"));
                tell(&jobs, Msg::Unfollowed(request, trouble));
            });
            self.following.push(task.abort_handle());
        }
    }

    fn unfollow(&mut self) {
        self.following.drain(..).for_each(|task| task.abort());
    }

    fn remember(&self, namespace: String) {
        let Some(path) = self.settings.memory.clone() else { return };
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
        if let Some(opening) = self.opening.take() {
            opening.abort();
        }
    }
}

fn lock(slot: &Mutex<Slot>) -> MutexGuard<'_, Slot> {
    // A slot is never left half changed.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nobody listens any more when the console has ended: then there is nothing to tell.
fn tell(jobs: &mpsc::UnboundedSender<Msg>, msg: Msg) {
    let _ = jobs.send(msg);
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
    settings: &Arc<Settings>,
    generation: u64,
    context: Option<String>,
    interaction: Interaction,
    jobs: &mpsc::UnboundedSender<Msg>,
    slot: &Mutex<Slot>,
    outlet: &Outlet,
) -> Result<(), Trouble> {
    let files = {
        let settings = Arc::clone(settings);
        let jobs = jobs.clone();
        let found = tokio::task::spawn_blocking(move || {
            let found = find_files(&settings)?;
            tell(&jobs, Msg::Contexts(contexts(&settings)));
            Ok(found)
        });
        found.await.map_err(|error| Trouble::new(TroubleKind::Other, error.to_string()))??
    };
    let proxies = Proxies::from_env(|name| std::env::var_os(name));
    // The flags of the command line are about the context that was opened first.
    let first = generation == 1;
    let choice = Choice {
        context: context.or_else(|| settings.context.clone()),
        namespace: settings.namespace.clone().filter(|_| first),
        acting_as: settings.acting_as.clone().filter(|_| first),
    };
    let mut place = connect::place(&files, &choice, &proxies)?;
    place.file = memory::tilde(std::path::Path::new(&place.file));
    tell(jobs, Msg::Opened(generation, Ok(Box::new(place.clone()))));
    let decided = settings.config.contexts.get(&place.context).cloned().unwrap_or_default();
    let ContextConfig { readonly, mut namespaces } = decided;
    if let Some(path) = &settings.memory {
        namespaces.extend(memory::recall(path, &place.server));
    }
    let read_only = settings.read_only || readonly;
    tell(jobs, Msg::Decided { generation, namespaces, read_only });
    let connection = connect::connect(Arc::new(files), choice, proxies, interaction).await?;
    let gate = Gate::new(connection.client, connection.place, read_only);
    let mut slot = lock(slot);
    if slot.generation == generation {
        let session = Session::open(gate, outlet);
        session.want(slot.wanted.clone());
        slot.session = Some(session);
    }
    Ok(())
}

/// Applies a plan: writes it down, sends its steps in order, writes down what came of each. After a failure nothing more is
/// sent.
async fn apply(gate: &Gate, plan: Plan, shown: Digest, journal: PathBuf) -> Applied {
    let refused = |plan, trouble| Applied { plan, done: 0, failure: Some(trouble), warning: None };
    let Some(sending) = plan.digest() else {
        return refused(plan, Trouble::new(TroubleKind::Stale, "the plan has not been answered: nothing was sent"));
    };
    let approval = Approval { shown, sending };
    let now = || jiff::Timestamp::now().as_second();
    let id = format!("{}-{shown}", jiff::Timestamp::now().as_millisecond());
    // Only what the gate would let through is announced as about to be sent.
    if gate.is_read_only() || approval.shown != approval.sending {
        let trouble = match plan.steps().next() {
            Some(step) => write::apply(gate, step, &approval).await.err(),
            None => None,
        };
        return refused(plan, trouble.unwrap_or_else(|| Trouble::new(TroubleKind::Stale, "nothing was sent")));
    }
    let begun = {
        let (id, plan) = (id.clone(), plan.clone());
        tokio::task::spawn_blocking(move || {
            let mut journal = Journal::open(&journal)?;
            journal.begin(&id, &plan, now())?;
            Ok::<_, Trouble>(journal)
        })
    };
    let mut journal = match begun.await {
        Ok(Ok(journal)) => journal,
        Ok(Err(trouble)) => return refused(plan, trouble),
        Err(error) => return refused(plan, Trouble::new(TroubleKind::Other, error.to_string())),
    };
    let mut applied = Applied { plan, done: 0, failure: None, warning: None };
    for (at, step) in applied.plan.steps().enumerate() {
        let answer = write::apply(gate, step, &approval).await;
        let entry = Entry::Step {
            plan: id.clone(),
            at: now(),
            step: at,
            failure: answer.as_ref().err().map(|trouble| trouble.what.clone()),
            resource_version: answer
                .as_ref()
                .ok()
                .and_then(|object| object.pointer("/metadata/resourceVersion"))
                .and_then(|version| version.as_str().map(str::to_owned)),
        };
        applied.warning = applied.warning.or(journal.append(&entry).err());
        match answer {
            Ok(_) => applied.done += 1,
            Err(trouble) => {
                applied.failure = Some(trouble);
                break;
            }
        }
    }
    applied.warning = applied.warning.or(journal.append(&Entry::Ended { plan: id, at: now() }).err());
    applied
}
