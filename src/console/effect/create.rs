//! What stands in a form, as a plan: the latest wins.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, sleep};

use super::super::model::plan::{Draft, Drafted};
use super::super::msg::Msg;
use super::{blueprints, tell};
use crate::apply::create;
use crate::apply::work::Kinds;
use crate::blueprint::facts::Facts;
use crate::cluster::gate::Gate;
use crate::plan::Target;
use crate::world::trouble::{Trouble, TroubleKind};

/// How long nobody must have typed.
const QUIET: Duration = Duration::from_millis(120);
/// For how long what a cluster has is taken to be so; the server judges the plan anyway.
const FRESH: Duration = Duration::from_secs(10);

/// What a cluster has, asked for once while somebody types.
#[derive(Debug, Clone, Default)]
pub struct Known(Arc<Mutex<Option<Looked>>>);

/// When it was looked at, and what was there.
type Looked = (Instant, Arc<Facts>);

impl Known {
    async fn facts(&self, gate: &Gate, kinds: &Kinds) -> Result<Arc<Facts>, Trouble> {
        let mut known = self.0.lock().await;
        match &*known {
            Some((at, facts)) if at.elapsed() < FRESH => Ok(Arc::clone(facts)),
            _ => {
                let facts = Arc::new(create::facts(gate, kinds).await?);
                *known = Some((Instant::now(), Arc::clone(&facts)));
                Ok(facts)
            }
        }
    }
}

/// Plans what stands in a form, and tells what comes of each of its fields first.
#[allow(clippy::too_many_arguments, reason = "a task owns what it works with")]
pub async fn draft(
    gate: Gate,
    kinds: Kinds,
    known: Known,
    folder: Option<PathBuf>,
    draft: Draft,
    request: u64,
    target: Target,
    jobs: mpsc::UnboundedSender<Msg>,
) {
    let Draft::Blueprint { name, asked } = draft else { return };
    sleep(QUIET).await;
    let made = async {
        let facts = known.facts(&gate, &kinds).await?;
        let read = tokio::task::spawn_blocking(move || {
            let all = blueprints::all(folder.as_deref()).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
            blueprints::find(folder.as_deref(), &name).map(|blueprint| (blueprint, all))
        });
        let (blueprint, all) = read.await.map_err(|error| Trouble::new(TroubleKind::Other, error.to_string()))??;
        let (sheet, plan) = create::plan(&gate, &kinds, &facts, &blueprint, &asked, target).await;
        tell(&jobs, Msg::Sheet(request, Box::new((sheet, all))));
        Ok(Drafted { plan: plan?, choices: Vec::new() })
    };
    let made = made.await;
    tell(&jobs, Msg::Drafted(request, Box::new(made)));
}
