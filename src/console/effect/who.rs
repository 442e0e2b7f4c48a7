//! Who we are: what is kept of it, and what the files say of it now.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use super::open::lock;
use super::runner::Runner;
use super::{contexts, files, tell};
use crate::cluster::connect;
use crate::cluster::proxy::Proxies;
use crate::config::known;
use crate::console::msg::{Msg, Reach};
use crate::world::identity::Known;

/// How long a cluster may take to say that it is there, and how many are asked at a time.
const PATIENCE: Duration = Duration::from_secs(3);
const AT_ONCE: usize = 8;

impl Runner {
    /// Keeps what is known of us.
    pub(super) fn know(&self, known: Box<Known>) {
        let Some(folder) = self.orders.settings.identities.clone() else { return };
        tokio::task::spawn_blocking(move || {
            if let Err(error) = known::keep(&folder, &known) {
                tracing::warn!(%error, folder = %folder.display(), "who we are cannot be kept");
            }
        });
    }

    /// Asks whether the clusters of these contexts can be reached: some at a time, each with a limit of time.
    pub(super) fn probe(&mut self, request: u64, contexts: Vec<String>) {
        let (orders, jobs) = (Arc::clone(&self.orders), self.jobs.clone());
        self.probing.start(async move {
            let found = tokio::task::spawn_blocking(move || orders.settings.find_files()).await;
            let Ok(Ok(files)) = found else { return };
            let (files, proxies) = (Arc::new(files), Proxies::from_env(|name| std::env::var_os(name)));
            let ask = async |context: String| {
                let asked = connect::reach(Arc::clone(&files), context.clone(), proxies.clone(), PATIENCE).await;
                let reach = asked.map_or_else(|trouble| Reach::Opening(Box::new(trouble)), |()| Reach::Answers);
                tell(&jobs, Msg::Reached(request, context, reach));
            };
            stream::iter(contexts).for_each_concurrent(AT_ONCE, ask).await;
        });
    }

    /// Follows the kubeconfig files: what others do to them is told, and not followed.
    pub(super) fn follow_kubeconfig(&self) {
        let (orders, slots, jobs) = (Arc::clone(&self.orders), Arc::clone(&self.slots), self.jobs.clone());
        if orders.settings.embedded.is_some() {
            return;
        }
        tokio::spawn(async move {
            let read = Arc::clone(&orders);
            let found = tokio::task::spawn_blocking(move || read.settings.find_files()).await;
            let Ok(Ok(files)) = found else { return };
            let told = move || {
                // Somebody may be in the middle of writing.
                let Ok(files) = orders.settings.find_files() else { return !jobs.is_closed() };
                tell(&jobs, Msg::Contexts(orders.contexts(jiff::Timestamp::now().as_second())));
                for (generation, slot) in lock(&slots).iter() {
                    if let (Some(before), Some(context)) = (&slot.entry, &slot.choice.context) {
                        let changes = before.changes(files.entry(context).as_ref());
                        tell(&jobs, Msg::EntryChanged(generation, changes));
                    }
                }
                !jobs.is_closed()
            };
            files::watch(contexts::paths(&files), told).await;
        });
    }

    /// How the open context's entry proves now who we are.
    pub(super) fn read_proof(&self, generation: u64) {
        let choice = lock(&self.slots).get(generation).map(|slot| slot.choice.clone());
        let (orders, choice) = (Arc::clone(&self.orders), choice.unwrap_or_default());
        self.soon(move || {
            let proxies = Proxies::from_env(|name| std::env::var_os(name));
            let read = orders.settings.find_files().and_then(|files| connect::place(&files, &choice, &proxies));
            match read {
                Ok(place) => Msg::Proof(generation, place.proof),
                Err(trouble) => Msg::Notice(trouble),
            }
        });
    }
}
