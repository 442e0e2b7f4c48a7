//! What is to be deleted, as a plan: read, with what goes along.

use super::along;
use super::work::Kinds;
use crate::cluster::gate::Gate;
use crate::cluster::write;
use crate::plan::along::Along;
use crate::plan::delete::{is_deletion, plan as planned};
use crate::plan::{Before, Keep, ObjectRef, Plan, Propagation, Target};
use crate::world::trouble::Trouble;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which objects.
    pub objects: Vec<ObjectRef>,
    /// How many of those that were marked a filter hides.
    pub hidden: usize,
    /// What becomes of what they own.
    pub propagation: Propagation,
    /// What is kept of them before.
    pub keep: Option<Keep>,
}

/// The plan, its objects read and nothing tried yet. A tenant that is protected is not deleted: the plan lifts that.
pub async fn plan(gate: &Gate, kinds: &Kinds, asked: Asked, target: Target) -> Result<Plan, Trouble> {
    let Asked { objects, hidden, propagation, keep } = asked;
    let now = write::read_all(gate, &objects).await?;
    let found: Vec<(ObjectRef, Before)> = objects.into_iter().zip(now).collect();
    let there = |(object, before): &(ObjectRef, Before)| Some((object.clone(), before.object()?.clone()));
    let roots: Vec<_> = found.iter().filter_map(there).collect();
    let mut plan = planned(found, hidden, propagation, target)?;
    if !is_deletion(&plan) {
        return Ok(plan);
    }
    plan.keep = keep;
    plan.along = match kinds.known(gate, |_| true).await {
        Ok(known) => along::look(gate, &known, &roots, propagation).await,
        // Whoever wants to delete something can do without.
        Err(trouble) => vec![Along {
            sentence: "what goes along could not be looked at".to_owned(),
            names: vec![trouble.what],
            ..Along::default()
        }],
    };
    Ok(plan)
}
