//! Opening a context: where it goes, what holds for it, and the session that comes of it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::settings::Settings;
use super::{create, tell};
use crate::apply::work::Kinds;
use crate::cluster::connect::{self, Choice, Interaction};
use crate::cluster::gate::{Gate, Mode};
use crate::cluster::outlet::Outlet;
use crate::cluster::proxy::Proxies;
use crate::cluster::session::Session;
use crate::config::memory;
use crate::config::settings::Config;
use crate::console::msg::{Decided, Msg};
use crate::world::identity::Place;
use crate::world::name::Name;
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

/// The present session, or what it is to know once it exists.
#[derive(Debug, Default)]
pub struct Slot {
    pub generation: u64,
    pub session: Option<Session>,
    pub wanted: Vec<Name>,
    /// What kinds it has, once somebody has asked.
    pub kinds: Kinds,
    /// What it has besides, once a form has asked.
    pub known: create::Known,
}

pub fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    // A slot is never left half changed.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

pub async fn open(
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
            let found = orders.settings.find_files()?;
            tell(&jobs, Msg::Contexts(orders.settings.contexts()));
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
pub fn decide_anew(orders: &Orders, slot: &Mutex<Slot>, jobs: &mpsc::UnboundedSender<Msg>) {
    let slot = lock(slot);
    if let Some(session) = &slot.session {
        let (decided, mode) = decide(orders, slot.generation, session.gate().place());
        session.gate().set_mode(mode);
        tell(jobs, Msg::Decided(decided));
    }
}
