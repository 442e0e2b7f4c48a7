//! Deleting what is selected or marked.

use super::super::effect::Effect;
use super::super::model::plan::Draft;
use super::super::model::{Model, document};
use super::{plan, revoke};
use crate::plan::delete::is_whole;
use crate::plan::{Keep, Propagation};

/// Begins to make the plan.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    if revoke::is_meant(model) {
        return revoke::begin(model);
    }
    let (objects, hidden) = document::selected(model);
    // What takes everything with it is kept, unless somebody says otherwise.
    let keep = objects.iter().any(is_whole).then(Keep::default);
    plan::draft(model, Draft::Delete { objects, hidden, propagation: Propagation::default(), keep }, false)
}
