//! What was deleted, made again from the snapshot that was kept of it.

use std::path::Path;

use super::work::{self, Asked, Kinds};
use crate::cluster::gate::Gate;
use crate::plan::history::{Fate, Past};
use crate::plan::manifest::Text;
use crate::plan::undo::undone;
use crate::plan::work::Wish;
use crate::plan::{Before, Change, Plan, Target, object};
use crate::world::trouble::{Trouble, TroubleKind};

/// The snapshot that a plan is taken back by: one that has only deleted, tenants among it, and has kept what it took. How a namespace
/// alone joins a tenant that is there is not known here: it is made again by its owner.
pub fn snapshot(past: &Past) -> Option<&str> {
    let is_deletion = past.steps.iter().all(|(record, _)| matches!(record.change, Change::Delete(_)));
    let of_tenants = past.steps.iter().any(|(record, _)| record.object.kind == "Tenant");
    past.kept.as_deref().filter(|_| is_deletion && of_tenants && past.may_have_done())
}

/// The plan that makes it again. `now`: the objects that were deleted, as they are by now.
pub async fn plan(gate: &Gate, past: &Past, file: &str, now: &[Before], target: Target) -> Result<Plan, Trouble> {
    let title = undone(&past.title);
    let mut on_their_way = Vec::new();
    for ((record, fate), now) in past.steps.iter().zip(now) {
        if matches!(fate, Fate::Done(_)) && now.object().is_some_and(|now| object::uid(now) == record.uid) {
            on_their_way.push(format!(
                "{}: it is still being deleted, and nothing can call that back; when it is gone it can be made again",
                record.object.title()
            ));
        }
    }
    if !on_their_way.is_empty() {
        return Ok(Plan { title, summary: on_their_way, target, ..Plan::default() });
    }
    let (path, name) = (Path::new(file).to_owned(), file.to_owned());
    let reading = tokio::task::spawn_blocking(move || std::fs::read_to_string(path)).await;
    let read = reading.map_err(|error| error.to_string()).and_then(|read| read.map_err(|error| error.to_string()));
    let text = read.map_err(|error| {
        Trouble::new(TroubleKind::File, format!("the snapshot {file} cannot be read: {error}"))
            .advise("`tenantry apply FILE` makes it again from wherever it is by now")
    })?;
    let texts = [Text { name, built: false, text }];
    let asked = Asked { title: title.clone(), wish: Wish::default(), prune: None };
    let mut plan = work::plan(gate, &Kinds::default(), &texts, &asked, target).await?;
    plan.title = title;
    plan.summary.insert(0, format!("made again from {file}"));
    Ok(plan)
}
