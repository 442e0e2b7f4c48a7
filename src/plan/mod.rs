//! Plans: every write as a value that is shown, answered by the server's dry run, approved and only then sent. Pure.
//!
//! ```text
//! action ─▶ Plan (stages of steps) ─ dry run ─▶ Answers ─ shown ─▶ Digest ─ key ─▶ approved ─ apply ─▶ Goal awaited
//!                ▲                                                      │                        │
//!                └────────── drift: an object moved, ask again ◀────────┘            Record ─▶ undo: another Plan
//! ```

pub mod along;
pub mod answer;
pub mod answered;
pub mod delete;
pub mod diff;
pub mod digest;
pub mod drift;
pub mod edit;
pub mod edited;
pub mod finalizer;
pub mod gone;
pub mod history;
pub mod impact;
pub mod joining;
pub mod keeper;
pub mod leftover;
pub mod loss;
pub mod manifest;
pub mod mask;
pub mod object;
pub mod owned;
pub mod owner;
pub mod pods;
pub mod record;
pub mod settled;
pub mod step;
pub mod trace;
pub mod undo;
pub mod work;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use joining::Joining;
use serde::{Deserialize, Serialize};

pub use answer::Answer;
pub use digest::Digest;
pub use object::{Impersonation, ObjectRef, Target};
pub use step::{Before, Change, Propagation, Step};

use crate::world::identity::ActingAs;
use crate::world::name::Name;

/// The name under which our changes stand in `managedFields`.
pub const FIELD_MANAGER: &str = "tenantry";

/// Steps that do not depend on each other, and what must be so when they have been taken.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stage {
    /// The steps.
    pub steps: Vec<Step>,
    /// What is awaited afterwards.
    pub goal: Option<Goal>,
}

/// A condition that ends a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// The tenant's cordon is in force in all its namespaces (`true`), or in none (`false`).
    Cordoned {
        /// The tenant.
        tenant: Name,
        /// The wish.
        cordoned: bool,
        /// After how many seconds to say what is missing.
        deadline: i64,
    },
    /// Namespaces, custom kinds and tenants can be used: they are active, established, ready.
    Usable {
        /// Which.
        objects: Vec<ObjectRef>,
        /// After how many seconds to give up.
        deadline: i64,
    },
    /// No pod of these workloads is left.
    Stopped {
        /// Which.
        workloads: Vec<ObjectRef>,
        /// After how many seconds to give up.
        deadline: i64,
    },
    /// These workloads have all their pods ready.
    Ready {
        /// Which.
        workloads: Vec<ObjectRef>,
        /// After how many seconds to give up.
        deadline: i64,
    },
}

impl Goal {
    /// After how many seconds it is late.
    pub const fn deadline(&self) -> i64 {
        match self {
            Self::Cordoned { deadline, .. }
            | Self::Usable { deadline, .. }
            | Self::Stopped { deadline, .. }
            | Self::Ready { deadline, .. } => *deadline,
        }
    }

    /// What is being waited for, in words.
    pub fn words(&self) -> String {
        let count = |objects: &[ObjectRef]| match objects {
            [object] => object.title(),
            objects => format!("{} workloads", objects.len()),
        };
        match self {
            Self::Cordoned { tenant, cordoned: true, .. } => format!("waiting until {tenant} is cordoned everywhere"),
            Self::Cordoned { tenant, .. } => format!("waiting until {tenant} is cordoned nowhere"),
            Self::Usable { .. } => "waiting until it can be used".to_owned(),
            Self::Stopped { workloads, .. } => format!("waiting until the pods of {} are gone", count(workloads)),
            Self::Ready { workloads, .. } => format!("waiting until {} is ready", count(workloads)),
        }
    }

    /// Whether the plan that ends in it is not through before it is reached.
    pub const fn ends_a_plan(&self) -> bool {
        matches!(self, Self::Stopped { .. } | Self::Ready { .. })
    }
}

/// How a plan is agreed to, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirm {
    /// By nothing: it is applied when the server finds nothing wrong with it.
    None,
    /// By a key.
    #[default]
    Key,
    /// By typing a name: the context's, or that of what is lost.
    Name,
}

/// How a plan relates to an earlier one, by that one's name in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// It takes it back.
    Undoes(String),
    /// It does the rest of it.
    Finishes(String),
}

/// What is kept of what a plan takes, in a file, before anything is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keep {
    /// With what is secret.
    pub secrets: bool,
    /// Which file; `None`: one of those beside the journal.
    pub file: Option<String>,
}

/// An ordered list of stages, with what a person must know before saying yes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// What it does, as a title: `Cordon tenant oil`.
    pub title: String,
    /// What it means, sentence by sentence.
    pub summary: Vec<String>,
    /// Where and as whom it is valid.
    pub target: Target,
    /// The stages.
    pub stages: Vec<Stage>,
    /// The earlier plan that it is about.
    pub relation: Option<Relation>,
    /// What must be typed to apply it, because of what it does: the name of what is lost.
    pub typed: Option<String>,
    /// What forbids applying it, each with what to do about it.
    pub blocks: Vec<String>,
    /// What goes along with what it deletes.
    pub along: Vec<along::Along>,
    /// The objects whose steps are taken as somebody else than ourselves.
    pub impersonated: BTreeMap<ObjectRef, ActingAs>,
    /// How its new namespaces join their tenant, if it makes any.
    pub joining: Option<Joining>,
    /// What is kept of what it takes before anything is sent; without that nothing is.
    pub keep: Option<Keep>,
}

impl Plan {
    /// All steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.stages.iter().flat_map(|stage| &stage.steps)
    }

    /// All steps, in order.
    pub fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        self.stages.iter_mut().flat_map(|stage| &mut stage.steps)
    }

    /// As whom a step is taken, if not as ourselves.
    pub fn actor(&self, step: &Step) -> Option<&ActingAs> {
        self.impersonated.get(&step.object)
    }

    /// The command that does the same as a step, see [`Step::kubectl`].
    pub fn kubectl(&self, step: &Step) -> String {
        step::kubectl_as(step.kubectl(&self.target), self.actor(step).or(self.target.acting_as()))
    }

    /// Whether the server has answered every step.
    pub fn is_answered(&self) -> bool {
        self.steps().all(|step| step.answer.is_some())
    }

    /// How many stages can be applied now: those before the first with a step that could only be simulated. What follows is
    /// asked when they have been applied.
    pub fn first_part(&self) -> usize {
        let is_simulated =
            |stage: &Stage| stage.steps.iter().any(|step| matches!(step.answer, Some(Answer::Simulated(_))));
        self.stages.iter().position(is_simulated).unwrap_or(self.stages.len())
    }

    /// How many steps of the first part would change something.
    pub fn changes(&self) -> usize {
        let part = self.stages.iter().take(self.first_part()).flat_map(|stage| &stage.steps);
        part.filter(|step| step.answer.as_ref().is_some_and(Answer::is_change)).count()
    }

    /// How many steps are asked once more when the first part has been applied.
    pub fn later(&self) -> usize {
        self.stages.iter().skip(self.first_part()).map(|stage| stage.steps.len()).sum()
    }

    /// Whether the first part may be applied: every step answered, at least one change, and nothing refused or unasked, in
    /// what follows neither.
    pub fn is_ready(&self) -> bool {
        let is_fine = |step: &Step| {
            step.answer.as_ref().is_some_and(|answer| answer.is_good() || matches!(answer, Answer::Simulated(_)))
        };
        self.blocks.is_empty() && self.changes() > 0 && self.steps().all(is_fine)
    }

    /// Whether the server finds that all is as it should be.
    pub fn is_idle(&self) -> bool {
        self.blocks.is_empty() && self.steps().all(|step| matches!(step.answer, Some(Answer::WouldNotChange)))
    }

    /// Forgets the answers: they no longer belong to what would be sent.
    pub fn forget_answers(&mut self) {
        for step in self.steps_mut() {
            step.answer = None;
        }
    }

    /// The digest of what is shown and would be sent: target, objects, changes, and the answers. `None` until answered. The
    /// objects' versions are not part of it: those may be rebased as long as nothing else moved.
    pub fn digest(&self) -> Option<Digest> {
        let Target { context, server, user, impersonation } = &self.target;
        let mut parts = vec![context.clone(), server.clone(), user.clone()];
        if let Some(Impersonation { by, acting_as }) = impersonation {
            parts.extend([by.clone(), acting_as.user.clone(), acting_as.groups.join("\n")]);
        }
        if let Some(Keep { secrets, file }) = &self.keep {
            parts.extend(["kept".to_owned(), secrets.to_string(), file.clone().unwrap_or_default()]);
        }
        for step in self.steps() {
            let answer = step.answer.as_ref()?;
            let change = serde_json::to_string(&step.change).ok()?;
            parts.extend([step.object.path(), step.uid().to_owned(), change, answer.words().to_owned()]);
            if let Some(ActingAs { user, groups }) = self.actor(step) {
                parts.extend([user.clone(), groups.join("\n")]);
            }
            parts.extend(answer.after().map(|after| diff::without_bookkeeping(after).to_string()));
        }
        Some(Digest::of(serde_json::to_string(&parts).ok()?.as_bytes()))
    }
}
