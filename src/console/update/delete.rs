//! Deleting what is selected or marked.

use super::super::effect::Effect;
use super::super::model::plan::Draft;
use super::super::model::{Model, document};
use super::plan;
use crate::plan::Propagation;

/// Begins to make the plan.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    let (objects, hidden) = document::selected(model);
    plan::draft(model, Draft::Delete { objects, hidden, propagation: Propagation::default() }, false)
}
