//! Namespaces on the wire.

use serde::Deserialize;

use super::meta::{AllLabels, Meta};
use super::{Text, nullable};
use crate::world::name::Interner;
use crate::world::namespace::Namespace;

/// The tenant, in all eras.
const TENANT: &str = "capsule.clastix.io/tenant";
/// The cordon, from 0.9 on.
const CORDONED: &str = "projectcapsule.dev/cordoned";

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    metadata: Meta<'a, AllLabels<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    status: Status<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow, deserialize_with = "nullable")]
    conditions: Vec<Condition<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Condition<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    message: Text<'a>,
}

/// Reads a Namespace.
pub fn decode(item: &[u8], names: &mut Interner) -> serde_json::Result<Namespace> {
    let Wire { metadata, status } = serde_json::from_slice(item)?;
    let label = metadata.labels.get(TENANT);
    let owner = metadata.owning_tenant();
    // What keeps a deletion from getting on: each of these conditions is a complaint when it is true.
    let complaints = status.conditions.iter().filter(|c| {
        &*c.status == "True"
            && matches!(
                &*c.kind,
                "NamespaceFinalizersRemaining"
                    | "NamespaceContentRemaining"
                    | "NamespaceDeletionDiscoveryFailure"
                    | "NamespaceDeletionContentFailure"
                    | "NamespaceDeletionGroupVersionParsingFailure"
            )
    });
    Ok(Namespace {
        name: names.name(&metadata.name),
        uid: names.name(&metadata.uid),
        created: metadata.created(),
        deleting: metadata.deleting(),
        tenant: owner.or(label).map(|name| names.name(name)),
        stray_label: label.filter(|label| owner != Some(label)).map(|name| names.name(name)),
        cordoned: metadata.labels.get(CORDONED) == Some("true"),
        terminating: status.phase.as_deref() == Some("Terminating"),
        labels: metadata.labels.keep(names),
        stuck: names.name(&complaints.map(|c| &*c.message).collect::<Vec<&str>>().join("\n")),
        pause: metadata.annotations.pause().map(Box::new),
    })
}
