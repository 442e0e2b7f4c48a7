//! What tenants have left behind: objects that are labelled for a tenant that is no longer there, volumes of claims that are
//! gone, locks of pauses that nobody remembers.

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::Value;

use super::work::Kinds;
use crate::action::pause::LOCK;
use crate::cluster::gate::Gate;
use crate::cluster::list::list;
use crate::plan::ObjectRef;
use crate::plan::leftover::{Known, LABELS, Leftover, judge};
use crate::world::resource::{Resource, Resources};
use crate::world::trouble::{Trouble, TroubleKind};

/// How many lists are read at once.
const AT_ONCE: usize = 32;

/// What was found, and where could not be looked.
#[derive(Debug, Default)]
pub struct Found {
    /// What is left, and why nobody needs it.
    pub left: Vec<Leftover>,
    /// What may not be listed.
    pub blind: Vec<String>,
}

/// Looks for it. Without the tenants and the namespaces nothing can be called left behind.
pub async fn find(gate: &Gate, kinds: &Kinds) -> Result<Found, Trouble> {
    let known = kinds.known(gate, |_| true).await?;
    let tenants = list(gate, resource(&known, "capsule.clastix.io", "Tenant")?, None, "").await?;
    let namespaces = list(gate, resource(&known, "", "Namespace")?, None, "").await?;
    let facts = Known::of(&tenants, &namespaces);
    let mut lists: Vec<(Resource, String)> = Vec::new();
    let labelled = |one: &&Resource| {
        one.can("list") && one.can("delete") && !matches!(one.kind.as_str(), "Tenant" | "Event" | "Lease")
    };
    for one in known.preferred().filter(labelled) {
        lists.extend(LABELS.iter().map(|label| (one.clone(), (*label).to_owned())));
    }
    for (group, kind) in [("", "PersistentVolume"), ("", "ResourceQuota")] {
        lists.extend(resource(&known, group, kind).ok().map(|one| (one.clone(), String::new())));
    }
    let reads = stream::iter(lists).map(|(kind, selector)| async move {
        let read = list(gate, &kind, None, &selector).await;
        (kind, read)
    });
    let mut found = Found::default();
    let mut seen: BTreeSet<ObjectRef> = BTreeSet::new();
    let mut blind: BTreeSet<String> = BTreeSet::new();
    for (kind, read) in
        reads.buffered(AT_ONCE).collect::<Vec<(Resource, Result<Vec<(ObjectRef, Value)>, Trouble>)>>().await
    {
        match read {
            Ok(items) => {
                let judged = items.iter().filter_map(|(object, value)| judge(object, value, &facts, LOCK));
                found.left.extend(judged.filter(|left| seen.insert(left.object.clone())));
            }
            Err(trouble) if matches!(trouble.kind, TroubleKind::Forbidden(_)) => drop(blind.insert(kind.full_name())),
            Err(trouble) if trouble.kind == TroubleKind::NotFound => {}
            Err(trouble) => return Err(trouble),
        }
    }
    found.blind = blind.into_iter().collect();
    found.left.sort_by_key(|left| left.object.title());
    Ok(found)
}

fn resource<'a>(known: &'a Resources, group: &str, kind: &str) -> Result<&'a Resource, Trouble> {
    let missing = || Trouble::new(TroubleKind::NotFound, format!("the server has no {kind}: nothing can be said"));
    known.preferred().find(|one| one.group == group && one.kind == kind).ok_or_else(missing)
}
