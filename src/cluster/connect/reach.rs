//! Whether anybody answers where a context leads.

use std::sync::Arc;
use std::time::Duration;

use kube::config::AuthInfo;
use tokio::time::timeout;

use super::{Choice, Plan, blocking};
use crate::cluster::failure::{Asked, seal, timed_out};
use crate::cluster::gate::{Gate, Mode};
use crate::cluster::kubeconfig::Files;
use crate::cluster::link;
use crate::cluster::proxy::Proxies;
use crate::world::identity::Proof;
use crate::world::trouble::{Trouble, TroubleKind};

/// Asks the server of a context whether it is there. Whoever asks no more than that needs no credentials: none are shown, and no
/// plugin is run, which might have to ask somebody. A refusal is an answer.
pub async fn reach(files: Arc<Files>, context: String, proxies: Proxies, patience: Duration) -> Result<(), Trouble> {
    let choice = Choice { context: Some(context), ..Choice::default() };
    let built = blocking(move || {
        let mut plan = Plan::of(&files, &choice, &proxies)?;
        plan.user = AuthInfo::default();
        plan.place.proof = Proof::Nothing;
        plan.place.acting_as = None;
        plan.build(None, patience)
    });
    let (client, place, _) = built.await.map_err(seal)?;
    let gate = Gate::new(client, place, Mode::ReadOnly);
    match timeout(patience, link::ask(&gate)).await {
        Ok(Err(trouble)) if trouble.kind == TroubleKind::Unauthorized => Ok(()),
        Ok(answer) => answer,
        Err(_) => Err(timed_out(&Asked::new(gate.place(), "reach the cluster"), patience)),
    }
}
