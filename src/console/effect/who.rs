//! Who we are: what is kept of it, and what the files say of it now.

use std::sync::Arc;

use super::open::lock;
use super::runner::Runner;
use crate::cluster::connect;
use crate::cluster::proxy::Proxies;
use crate::config::known;
use crate::console::msg::Msg;
use crate::world::identity::Known;

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

    /// How the open context's entry proves now who we are.
    pub(super) fn read_proof(&self, generation: u64) {
        let (orders, choice) = (Arc::clone(&self.orders), lock(&self.slot).choice.clone());
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
