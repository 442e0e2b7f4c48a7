//! Doing what effects say.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use tokio::sync::{mpsc, watch};

use super::lone::Lone;
use super::open::{Orders, Rules, decide_anew, lock};
use super::slots::Slots;
use super::visit::{self, Visit};
use super::{Effect, News, Settings, create, edit, files, keep, news, plans, tell, work};
use crate::cluster::connect::Interaction;
use crate::cluster::gate::Gate;
use crate::cluster::outlet::Envelope;
use crate::cluster::{review, write};
use crate::config::paths::Paths;
use crate::console::model::plan::{Draft, Kept as KeptText};
use crate::console::msg::{Configured, Msg};
use crate::plan::answered::Answered;
use crate::plan::{ObjectRef, Target};
use crate::text::clock::Clock;
use crate::world::feed::Feed;
use crate::world::trouble::{Trouble, TroubleKind};

/// Does what effects say.
#[derive(Debug)]
pub struct Runner {
    pub(super) orders: Arc<Orders>,
    pub(super) jobs: mpsc::UnboundedSender<Msg>,
    pub(super) feed: mpsc::Sender<Envelope>,
    pub(super) slots: Arc<Mutex<Slots>>,
    pub(super) probing: Lone,
    pub(super) following: Lone,
    watching: Lone,
    pub(super) looking: Lone,
    pub(super) listing: Lone,
    drawing: Lone,
    /// Set when nothing more is to be sent of the plan that is being applied.
    pub(super) stop: Arc<AtomicBool>,
    pub(super) clock: Clock,
    /// Each job that owes an answer listens to this: when nobody does, all is answered.
    owing: watch::Sender<()>,
}

impl Runner {
    /// Sends results to `jobs`, and what clusters tell to the news that come with it.
    pub fn new(settings: Settings, jobs: mpsc::UnboundedSender<Msg>, clock: Clock) -> (Self, News) {
        let (feed, news) = news::channel();
        let read_only = settings.read_only || settings.unsure;
        let rules = Rules { config: settings.config.clone(), read_only, ..Rules::default() };
        let runner = Self {
            orders: Arc::new(Orders { settings, rules: Mutex::new(rules) }),
            jobs,
            feed,
            slots: Arc::default(),
            probing: Lone::default(),
            following: Lone::default(),
            watching: Lone::default(),
            looking: Lone::default(),
            listing: Lone::default(),
            drawing: Lone::default(),
            stop: Arc::default(),
            clock,
            owing: watch::Sender::new(()),
        };
        (runner, news)
    }

    /// Whether every question that was asked once is answered; answers may still be on their way through the channel.
    pub fn has_answered(&self) -> bool {
        self.owing.is_closed()
    }

    /// Waits until every question that was asked once is answered. A job ends a moment after its last words: who heard them
    /// too early to find it answered hears of it here.
    pub fn answered(&self) -> impl Future<Output = ()> + use<> {
        let owing = self.owing.clone();
        async move { owing.closed().await }
    }

    /// What whoever owes an answer holds until it is given.
    pub fn owe(&self) -> watch::Receiver<()> {
        self.owing.subscribe()
    }

    /// What was asked for on the command line.
    pub fn settings(&self) -> &Settings {
        &self.orders.settings
    }

    /// Does something with files; what comes of it is told.
    pub(super) fn soon(&self, work: impl FnOnce() -> Msg + Send + 'static) {
        let (jobs, owing) = (self.jobs.clone(), self.owe());
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
        let (jobs, slots) = (self.jobs.clone(), Arc::clone(&self.slots));
        let files = vec![paths.settings(), paths.keymap(), paths.theme()];
        tokio::spawn(files::watch(files, move || {
            let loaded = files::load(&paths, &orders.settings.asked);
            {
                let mut rules = lock(&orders.rules);
                rules.config = loaded.config;
                rules.read_only = orders.settings.read_only || loaded.unsure;
            }
            decide_anew(&orders, &slots, &jobs);
            tell(&jobs, Msg::Contexts(orders.contexts(jiff::Timestamp::now().as_second())));
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
            Effect::FollowFiles => {
                self.follow_files();
                self.follow_kubeconfig();
            }
            Effect::Open { wanted, .. } => {
                let generation = wanted.generation;
                let opening = self.open(wanted, Interaction::Forbidden);
                lock(&self.slots).face(generation).opening.start(opening);
            }
            Effect::TryAs(wanted) => self.try_as(wanted),
            Effect::Face(generation) => self.face(generation),
            Effect::Close(generation) => lock(&self.slots).close(generation),
            Effect::ReadContexts => {
                let (orders, now) = (Arc::clone(&self.orders), self.clock.seconds());
                self.soon(move || Msg::Contexts(orders.contexts(now)));
            }
            Effect::Probe { request, contexts } => self.probe(request, contexts),
            Effect::Unprobe => self.probing.end(),
            Effect::Want(names) => {
                if let Some(slot) = lock(&self.slots).faced_mut() {
                    slot.wanted.clone_from(&names);
                    if let Some(session) = &slot.session {
                        session.want(names);
                    }
                }
            }
            Effect::Refresh => {
                if let Some(session) = lock(&self.slots).faced().and_then(|slot| slot.session.as_ref()) {
                    session.refresh();
                }
            }
            Effect::Remember(namespace) => self.remember(namespace),
            Effect::ReadProof { generation } => self.read_proof(generation),
            Effect::Know(known) => self.know(known),
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
                let kinds = lock(&self.slots).faced().map(|slot| slot.kinds.clone()).unwrap_or_default();
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
                self.watching.start(work::watch(path, self.jobs.clone()));
            }
            Effect::UnwatchFiles => self.watching.end(),
            Effect::Follow { request, plan } => self.follow(request, &plan),
            Effect::Unfollow => self.following.end(),
            Effect::Look { request, object, namespaces } => self.look(request, object, namespaces),
            Effect::Unlook => self.looking.end(),
            Effect::Reveal { request, target, object, reason } => self.reveal(request, target, object, reason),
            Effect::List { request, resource, namespace } => self.list(request, *resource, namespace),
            Effect::Unlist => self.listing.end(),
            Effect::ReadOnly(wanted) => self.read_only(wanted),
            Effect::ExportJournal { id, script } => self.export_journal(id, script),
            Effect::Snapshot { plan, keep } => self.snapshot(*plan, keep),
            Effect::ReadClipboard => self.soon(keep::clipboard),
            Effect::Stop => self.stop.store(true, Ordering::Relaxed),
            Effect::ReadJournal => {
                let path = self.orders.settings.journal.clone();
                self.soon(move || Msg::Journal(plans::history(&path)));
            }
            Effect::Settle(plan) => self.settle(plan),
            Effect::Apply { request, generation, plan, shown, trial } => {
                self.apply(request, generation, *plan, shown, trial);
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
            Effect::Keep(kept) => self.keep(kept),
            Effect::Suspend | Effect::Shell { .. } | Effect::Copy(_) | Effect::Visit { .. } | Effect::Edit { .. } => {}
        }
    }

    /// Spawns a job that needs the way to the cluster.
    pub(super) fn job<F: Future<Output = ()> + Send + 'static>(
        &self,
        work: impl FnOnce(Gate, mpsc::UnboundedSender<Msg>) -> F,
    ) {
        self.job_through(self.gate(), work);
    }

    /// The same through the gate of one opening, whichever effects are about now.
    pub(super) fn job_in<F: Future<Output = ()> + Send + 'static>(
        &self,
        generation: u64,
        work: impl FnOnce(Gate, mpsc::UnboundedSender<Msg>) -> F,
    ) {
        let gate = lock(&self.slots).get(generation).and_then(|slot| slot.gate().cloned());
        self.job_through(gate, work);
    }

    fn job_through<F: Future<Output = ()> + Send + 'static>(
        &self,
        gate: Option<Gate>,
        work: impl FnOnce(Gate, mpsc::UnboundedSender<Msg>) -> F,
    ) {
        if let Some(gate) = gate {
            let (work, owing) = (work(gate, self.jobs.clone()), self.owe());
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
        self.drawing.end();
        let Some(gate) = self.gate() else { return };
        let (kinds, known) = {
            let slots = lock(&self.slots);
            let Some(slot) = slots.faced() else { return };
            (slot.kinds.clone(), slot.known.clone())
        };
        let folder = self.orders.settings.files.as_ref().map(Paths::blueprints);
        self.drawing.start(create::draft(gate, kinds, known, folder, draft, request, target, self.jobs.clone()));
    }

    pub(super) fn gate(&self) -> Option<Gate> {
        lock(&self.slots).faced().and_then(|slot| slot.session.as_ref()).map(|session| session.gate().clone())
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        // What follows the person's files holds on to them for as long as it waits.
        lock(&self.slots).clear();
    }
}
