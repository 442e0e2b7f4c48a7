//! Opening a context: where it goes, what holds for it, and the session that comes of it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::runner::Runner;
use super::settings::Settings;
use super::slots::{Own, Slot, Slots};
use super::tell;
use crate::cluster::connect::{self, Choice, Connection, Interaction};
use crate::cluster::gate::{Gate, Mode};
use crate::cluster::kubeconfig::Files;
use crate::cluster::outlet::Outlet;
use crate::cluster::proxy::Proxies;
use crate::cluster::review;
use crate::config::memory;
use crate::config::settings::{Config, ReadOnly};
use crate::console::msg::{ContextLine, Decided, Msg};
use crate::world::identity::{ActingAs, Place};
use crate::world::trouble::{Trouble, TroubleKind};

/// What was asked for, and what holds for contexts now.
#[derive(Debug)]
pub struct Orders {
    pub settings: Settings,
    pub rules: Mutex<Rules>,
}

/// What holds for contexts now.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub config: Config,
    /// Whatever they say, writes are refused.
    pub read_only: bool,
    /// Writes are refused for now: somebody wants it so in this session.
    pub session: bool,
}

impl Orders {
    /// The contexts on file.
    pub fn contexts(&self, now: i64) -> Vec<ContextLine> {
        let config = lock(&self.rules).config.clone();
        self.settings.contexts(&config, now)
    }
}

/// A context, as it is to be opened.
#[derive(Debug)]
pub struct Wanted {
    /// What comes of it bears this generation.
    pub generation: u64,
    /// The context; `None`: the current one.
    pub context: Option<String>,
    /// As whom, if somebody asked for that in the console.
    pub acting_as: Option<ActingAs>,
}

pub fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is locked is never left half changed.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Runner {
    /// Opens a context: reads the files, says where it goes, builds the client, begins to follow. A session of the same generation
    /// goes on until it is replaced.
    pub(super) fn open(&mut self, wanted: Wanted, interaction: Interaction) -> impl Future<Output = ()> + Send + use<> {
        lock(&self.slots).face(wanted.generation).opening.end();
        let (orders, jobs, slots) = (Arc::clone(&self.orders), self.jobs.clone(), Arc::clone(&self.slots));
        let outlet = Outlet::new(wanted.generation, self.feed.clone());
        async move {
            let generation = wanted.generation;
            if let Err(trouble) = open(&orders, wanted, interaction, &jobs, &slots, &outlet).await {
                tell(&jobs, Msg::Opened(generation, Err(trouble)));
            }
        }
    }

    /// Opens a context while the terminal is left to a plugin that must ask for something; returns when that is over.
    pub async fn open_at_the_terminal(&mut self, wanted: Wanted) {
        self.open(wanted, Interaction::Allowed).await;
    }

    /// Asks the server whether we may act as somebody; if so the way is ready for [`Runner::face`].
    pub(super) fn try_as(&self, wanted: Wanted) {
        let (orders, jobs, slots) = (Arc::clone(&self.orders), self.jobs.clone(), Arc::clone(&self.slots));
        let (generation, owing) = (wanted.generation, self.owe());
        let work = async move {
            let tried = try_as(&orders, wanted, &jobs, &slots).await;
            tell(&jobs, Msg::Acted(generation, tried.map(Box::new)));
            drop(owing);
        };
        lock(&self.slots).prepare(generation).opening.start(work);
    }

    /// From now on effects are about this opening, which is at hand or ready.
    pub(super) fn face(&self, generation: u64) {
        let mut slots = lock(&self.slots);
        let slot = slots.face(generation);
        if let Some(gate) = slot.ready.take() {
            slot.begin(gate, &Outlet::new(generation, self.feed.clone()));
        }
        drop(slots);
        decide_anew(&self.orders, &self.slots, &self.jobs);
    }

    /// Refuses writes, or no longer: in the whole session, or where a cluster is seen as somebody else there alone.
    pub(super) fn read_only(&self, wanted: bool) {
        {
            let mut slots = lock(&self.slots);
            match slots.faced_mut().and_then(|slot| slot.read_only.as_mut()) {
                Some(read_only) => *read_only = wanted,
                None => {
                    if let Some(slot) = slots.faced_mut() {
                        slot.lifted = !wanted;
                    }
                    lock(&self.orders.rules).session = wanted;
                    if wanted {
                        slots.iter_mut().filter_map(|slot| slot.read_only.as_mut()).for_each(|held| *held = true);
                    }
                }
            }
        }
        decide_anew(&self.orders, &self.slots, &self.jobs);
    }
}

/// A place that was found in the files.
struct Found {
    files: Arc<Files>,
    choice: Choice,
    proxies: Proxies,
    place: Place,
}

impl Found {
    async fn find(orders: &Arc<Orders>, wanted: &Wanted, jobs: &mpsc::UnboundedSender<Msg>) -> Result<Self, Trouble> {
        let files = {
            let (orders, jobs) = (Arc::clone(orders), jobs.clone());
            let found = tokio::task::spawn_blocking(move || {
                let found = orders.settings.find_files()?;
                tell(&jobs, Msg::Contexts(orders.contexts(jiff::Timestamp::now().as_second())));
                Ok(found)
            });
            found.await.map_err(|error| Trouble::new(TroubleKind::Other, error.to_string()))??
        };
        let settings = &orders.settings;
        let proxies = Proxies::from_env(|name| std::env::var_os(name));
        // The flags of the command line are about the context that was opened first.
        let first = wanted.generation == 1;
        let choice = Choice {
            context: wanted.context.clone().or_else(|| settings.context.clone()),
            namespace: settings.namespace.clone().filter(|_| first),
            acting_as: wanted.acting_as.clone().or_else(|| settings.acting_as.clone().filter(|_| first)),
        };
        let mut place = connect::place(&files, &choice, &proxies)?;
        place.file = memory::tilde(Path::new(&place.file));
        // Whatever becomes of `current-context`, this is the one that is open.
        let choice = Choice { context: Some(place.context.clone()), ..choice };
        Ok(Self { files: Arc::new(files), choice, proxies, place })
    }

    /// Keeps what the files said when this opening began.
    fn keep(&self, slot: &mut Slot) {
        slot.choice = self.choice.clone();
        slot.entry = self.files.entry(&self.place.context);
        slot.files = Some(Arc::clone(&self.files));
    }

    async fn connect(self, interaction: Interaction) -> Result<Connection, Trouble> {
        connect::connect(self.files, self.choice, self.proxies, interaction).await
    }
}

async fn open(
    orders: &Arc<Orders>,
    wanted: Wanted,
    interaction: Interaction,
    jobs: &mpsc::UnboundedSender<Msg>,
    slots: &Mutex<Slots>,
    outlet: &Outlet,
) -> Result<(), Trouble> {
    let generation = wanted.generation;
    let found = Found::find(orders, &wanted, jobs).await?;
    let begun = lock(slots).get_mut(generation).map(|slot| {
        found.keep(slot);
        slot.own()
    });
    tell(jobs, Msg::Opened(generation, Ok(Box::new(found.place.clone()))));
    tell(jobs, Msg::Decided(decide(orders, generation, begun.unwrap_or_default(), &found.place).0));
    let connection = found.connect(interaction).await?;
    // When what a plugin gave ends is known only now.
    tell(jobs, Msg::Proof(generation, connection.place.proof.clone()));
    if let Some(slot) = lock(slots).get_mut(generation) {
        // It may have been decided otherwise while the client was built.
        let (_, mode) = decide(orders, generation, slot.own(), &connection.place);
        slot.begin(Gate::new(connection.client, connection.place, mode), outlet);
    }
    Ok(())
}

/// Whether the server lets us act so is asked of the server, by asking it who we are then.
async fn try_as(
    orders: &Arc<Orders>,
    wanted: Wanted,
    jobs: &mpsc::UnboundedSender<Msg>,
    slots: &Mutex<Slots>,
) -> Result<Place, Trouble> {
    let generation = wanted.generation;
    let found = Found::find(orders, &wanted, jobs).await?;
    let place = found.place.clone();
    if let Some(slot) = lock(slots).get_mut(generation) {
        found.keep(slot);
    }
    let connection = found.connect(Interaction::Forbidden).await?;
    let gate = Gate::new(connection.client, connection.place, Mode::ReadOnly);
    match review::identity(&gate).await {
        // A server that is too old to say who we are has been asked nothing that it could refuse.
        Err(trouble) if trouble.kind != TroubleKind::TooOld => return Err(trouble),
        Ok(_) | Err(_) => {}
    }
    if let Some(slot) = lock(slots).get_mut(generation) {
        slot.ready = Some(gate);
    }
    Ok(place)
}

/// What is decided and remembered about a place. `own`: what was said in this opening.
fn decide(orders: &Orders, generation: u64, own: Own, place: &Place) -> (Decided, Mode) {
    let rules = lock(&orders.rules);
    let decided = rules.config.decide(&place.context, &place.user_entry);
    let mut namespaces: Vec<String> = decided.namespaces.into_iter().collect();
    if let Some(path) = &orders.settings.memory {
        namespaces.extend(memory::recall(path, &place.server));
    }
    let locked = if rules.read_only {
        Some("it was started so, or its configuration cannot be read")
    } else if decided.readonly == ReadOnly::Always {
        Some("a rule in config.toml has it so for this context")
    } else {
        None
    };
    let at_first = decided.readonly == ReadOnly::Start && !own.lifted;
    let read_only = own.read_only.unwrap_or(rules.session || at_first) || locked.is_some();
    let mode = match (read_only, decided.dryrun) {
        (false, _) => Mode::Writes,
        (true, true) => Mode::Tries,
        (true, false) => Mode::ReadOnly,
    };
    let (confirm, class, theme) = (decided.confirm, decided.class, decided.theme);
    (Decided { generation, namespaces, read_only, locked, confirm, class, theme }, mode)
}

/// What was decided holds at once for all that is open.
pub fn decide_anew(orders: &Orders, slots: &Mutex<Slots>, jobs: &mpsc::UnboundedSender<Msg>) {
    for (generation, slot) in lock(slots).iter() {
        if let Some(gate) = slot.gate() {
            let (decided, mode) = decide(orders, generation, slot.own(), gate.place());
            gate.set_mode(mode);
            tell(jobs, Msg::Decided(decided));
        }
    }
}
