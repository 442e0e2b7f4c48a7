//! Texts of manifests as a plan: what kinds there are is asked, then each object is read.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{create, snapshot};
use crate::cluster::discover::discover;
use crate::cluster::gate::Gate;
use crate::cluster::list::list;
use crate::cluster::write;
use crate::plan::manifest::{self, Text};
use crate::plan::work::{self, Wish};
use crate::plan::{ObjectRef, Plan, Target};
use crate::world::resource::{Resource, Resources};
use crate::world::trouble::{Trouble, TroubleKind};

/// The kinds of a cluster, asked for once, and again when one is missed.
#[derive(Debug, Clone, Default)]
pub struct Kinds(Arc<Mutex<Option<Arc<Resources>>>>);

impl Kinds {
    /// The kinds; asked for anew if those that are known are not enough.
    pub async fn known(&self, gate: &Gate, is_enough: impl Fn(&Resources) -> bool) -> Result<Arc<Resources>, Trouble> {
        let mut known = self.0.lock().await;
        match &*known {
            Some(known) if is_enough(known) => Ok(Arc::clone(known)),
            _ => {
                let found = Arc::new(discover(gate).await?);
                *known = Some(Arc::clone(&found));
                Ok(found)
            }
        }
    }
}

/// What is asked for with files.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// What they are called together.
    pub title: String,
    /// How they are applied.
    pub wish: Wish,
    /// Objects with this label that have left the files are deleted.
    pub prune: Option<String>,
}

/// The plan, its objects read and nothing tried yet. Several faults are told as one, see [`work::together`].
pub async fn plan(gate: &Gate, kinds: &Kinds, texts: &[Text], asked: &Asked, target: Target) -> Result<Plan, Trouble> {
    let manifests = manifest::read(texts).map_err(work::together)?;
    let known = kinds.known(gate, |known| !work::lacks(&manifests, known)).await?;
    let mut plan = work::plan(&asked.title, &manifests, &known, &asked.wish, target).map_err(work::together)?;
    plan.joining = create::joins(gate, kinds, &plan).await?;
    plan.summary.extend(texts.iter().flat_map(|text| snapshot::told(&text.text)));
    let mut plan = again(gate, plan).await?;
    if let Some(label) = &asked.prune {
        let (found, refused) = labelled(gate, &known, &plan, &asked.wish, label).await?;
        work::prune(&mut plan, label, found);
        if !refused.is_empty() {
            let words =
                format!("what has left the files is not looked for where we may not look: {}", refused.join(", "));
            plan.summary.push(words);
        }
    }
    Ok(plan)
}

/// A plan with its objects read anew, as if nothing had been asked about it.
pub async fn again(gate: &Gate, mut plan: Plan) -> Result<Plan, Trouble> {
    let objects: Vec<ObjectRef> = plan.steps().map(|step| step.object.clone()).collect();
    let now = write::read_all(gate, &objects).await?;
    for (step, before) in plan.steps_mut().zip(now) {
        (step.before, step.answer) = (before, None);
    }
    create::settle(gate, &mut plan).await?;
    Ok(plan)
}

/// How many lists are asked for at once.
const AT_ONCE: usize = 32;

/// All objects with a label: in the namespaces that the files are about, and, unless one namespace was asked for, outside of
/// namespaces. And the kinds that may not be listed.
async fn labelled(
    gate: &Gate,
    known: &Resources,
    plan: &Plan,
    wish: &Wish,
    label: &str,
) -> Result<(Vec<(ObjectRef, Value)>, Vec<String>), Trouble> {
    let mut namespaces: Vec<&str> = plan.steps().filter_map(|step| step.object.namespace.as_deref()).collect();
    namespaces.push(&wish.namespace);
    namespaces.sort_unstable();
    namespaces.dedup();
    let is_kept =
        |one: &&Resource| one.can("list") && one.can("delete") && !matches!(one.kind.as_str(), "Event" | "Lease");
    let mut lists: Vec<(Resource, Option<String>)> = Vec::new();
    for one in known.preferred().filter(is_kept) {
        if one.namespaced {
            lists.extend(namespaces.iter().map(|namespace| (one.clone(), Some((*namespace).to_owned()))));
        } else if !wish.only {
            lists.push((one.clone(), None));
        }
    }
    let reads = stream::iter(lists).map(|(one, namespace)| async move {
        let answer = list(gate, &one, namespace.as_deref(), label).await;
        (one, answer)
    });
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for (one, answer) in reads.buffered(AT_ONCE).collect::<Vec<_>>().await {
        match answer {
            Ok(items) => found.extend(items),
            Err(trouble) if matches!(trouble.kind, TroubleKind::Forbidden(_)) => {
                let name = one.full_name();
                if !refused.contains(&name) {
                    refused.push(name);
                }
            }
            Err(trouble) if trouble.kind == TroubleKind::NotFound => {}
            Err(trouble) => return Err(trouble),
        }
    }
    Ok((found, refused))
}

#[cfg(test)]
mod tests;
