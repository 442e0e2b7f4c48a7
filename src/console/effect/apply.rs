//! Applying an approved plan, and looking afterwards whether it came true.

use std::sync::Arc;

use super::keep::snapshot_kept;
use super::runner::Runner;
use super::{open, plans, tell};
use crate::apply::{self, Order, verify};
use crate::console::msg::Msg;
use crate::plan::history::Trial;
use crate::plan::{Digest, Plan};

impl Runner {
    /// Applies a plan that was approved when `shown` was on the screen, in the context of this generation.
    pub(super) fn apply(&mut self, request: u64, generation: u64, plan: Plan, shown: Digest, trial: Option<Trial>) {
        let current = open::lock(&self.slots).current() == generation;
        self.stop = Arc::default();
        let (journal, stop) = (self.orders.settings.journal.clone(), Arc::clone(&self.stop));
        let clock = self.clock.clone();
        // It goes to the cluster that it was approved for, through that one's gate, and only while that is the one on the screen.
        self.job_in(generation, move |gate, jobs| async move {
            let order = Order { plan, shown, trial, journal, clock, stop, current };
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
}
