//! What is written down while a plan is under way; never on the thread that waits for the cluster.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::journal::{Entry, Journal};
use crate::plan::edit::Edit;
use crate::plan::history::Past;
use crate::plan::{Plan, object};
use crate::text::clock::Clock;
use crate::world::trouble::{Trouble, TroubleKind};

/// The journal, open for one plan.
pub struct Book {
    journal: Arc<Mutex<Journal>>,
    clock: Clock,
    plan: String,
}

impl Book {
    /// Writes down that `past`, which is `plan`, is about to be sent. What is secret is left out.
    pub async fn begin(path: PathBuf, clock: Clock, past: &Past, plan: &Plan) -> Result<Self, Trouble> {
        let masked = past.steps.iter().zip(plan.steps()).map(|((record, _), step)| {
            let after = step.answer.as_ref().and_then(|answer| answer.after()).unwrap_or(&Value::Null);
            record.clone().masked(step.old(), after)
        });
        let entry = Entry::Begun {
            plan: past.id.clone(),
            at: past.at,
            pid: past.pid,
            title: past.title.clone(),
            context: past.target.context.clone(),
            server: past.target.server.clone(),
            user: past.target.user.clone(),
            impersonation: past.target.impersonation.clone(),
            relation: past.relation.clone(),
            trial: past.trial,
            kept: past.kept.clone(),
            steps: masked.collect(),
        };
        let opening = tokio::task::spawn_blocking(move || {
            let mut journal = Journal::open(&path)?;
            journal.append(&entry)?;
            Ok(journal)
        });
        let journal = opening.await.map_err(|error| Trouble::new(TroubleKind::Other, error.to_string()))??;
        Ok(Self { journal: Arc::new(Mutex::new(journal)), clock, plan: past.id.clone() })
    }

    /// These steps are about to be sent.
    pub async fn sent(&self, steps: Vec<usize>) -> Result<(), Trouble> {
        self.append(Entry::Sent { plan: self.plan.clone(), at: self.clock.seconds(), steps }).await
    }

    /// A step was taken; its object is this now. `edits`: what it changed, if that is not what was written down before.
    pub async fn done(&self, step: usize, after: &Value, edits: Option<Vec<Edit>>) -> Result<(), Trouble> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        self.append(Entry::Step {
            plan: self.plan.clone(),
            at: self.clock.seconds(),
            step,
            failure: None,
            unknown: false,
            resource_version: text(object::resource_version(after)),
            uid: text(object::uid(after)),
            edits,
        })
        .await
    }

    /// A step was not taken, or (`unknown`) it is not known whether it was.
    pub async fn failed(&self, step: usize, trouble: &Trouble, unknown: bool) -> Result<(), Trouble> {
        self.append(Entry::Step {
            plan: self.plan.clone(),
            at: self.clock.seconds(),
            step,
            failure: Some(trouble.what.clone()),
            unknown,
            resource_version: None,
            uid: None,
            edits: None,
        })
        .await
    }

    /// Nothing more is sent.
    pub async fn end(&self, at: i64) -> Result<(), Trouble> {
        self.append(Entry::Ended { plan: self.plan.clone(), at }).await
    }

    async fn append(&self, entry: Entry) -> Result<(), Trouble> {
        let journal = Arc::clone(&self.journal);
        let appending =
            tokio::task::spawn_blocking(move || journal.lock().unwrap_or_else(PoisonError::into_inner).append(&entry));
        appending.await.map_err(|error| Trouble::new(TroubleKind::Other, error.to_string()))?
    }
}
