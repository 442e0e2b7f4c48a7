//! Looks at what would go along when objects are deleted: a bounded number of lists, and of each object no more than its metadata.

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use futures_util::stream;
use http::Request;
use http::header::ACCEPT;
use serde::Deserialize;
use serde_json::Value;

use super::survey::era;
use crate::blueprint::hosts::Host;
use crate::cluster::gate::{Class, Gate};
use crate::cluster::list::list as whole;
use crate::plan::along::{self, Along, Seen};
use crate::plan::delete::is_whole;
use crate::plan::loss::{self, Losses};
use crate::plan::{ObjectRef, Propagation};
use crate::world::capsule::Era;
use crate::world::resource::{Resource, Resources};
use crate::world::trouble::{Trouble, TroubleKind};

/// How many lists are read at most for one deletion, how many at once, and how many objects of each.
const LISTS: usize = 64;
/// The same where everything goes: a tenant has several namespaces of some fifty kinds.
const LISTS_OF_WHOLE: usize = 1_024;
const AT_ONCE: usize = 32;
const EACH: usize = 500;

/// Metadata alone, where the server can say so: secrets stay where they are.
const METADATA: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";

/// What goes along when these are deleted, and what could not be looked at, in sentences.
pub async fn look(
    gate: &Gate,
    known: &Resources,
    roots: &[(ObjectRef, Value)],
    propagation: Propagation,
) -> Vec<Along> {
    let mut looking = Looking { gate, known, seen: Vec::new(), more: 0, blind: Vec::new() };
    let within = looking.namespaces(roots).await;
    let lists = lists(known, roots, &within);
    let is_all = roots.iter().any(|(object, _)| is_whole(object));
    let most = if is_all { LISTS_OF_WHOLE } else { LISTS };
    let left = lists.len().saturating_sub(most);
    looking.read(lists.into_iter().take(most).collect()).await;
    let fates = along::fates(roots, &looking.seen, propagation);
    let claims: Vec<&ObjectRef> = roots
        .iter()
        .map(|(object, _)| object)
        .chain(fates.going.iter().map(|one| &one.object))
        .filter(|object| object.kind == "PersistentVolumeClaim")
        .collect();
    let mut said = along::sentences(&fates, looking.more);
    let blind = &mut looking.blind.clone();
    if is_all {
        said.extend(loss::sentences(&losses(gate, known, roots, fates.going.clone(), blind).await));
    }
    if !claims.is_empty() {
        match volumes(gate).await {
            Ok(volumes) => said.extend(along::volumes(&claims, &volumes)),
            Err(trouble) => blind.push(format!("the volumes of {} claims ({})", claims.len(), trouble.what)),
        }
    }
    if left > 0 {
        blind.push(format!("{left} more kinds and namespaces"));
    }
    if !blind.is_empty() {
        said.push(Along {
            sentence: "not all that may go along could be looked at".to_owned(),
            names: blind.clone(),
            ..Along::default()
        });
    }
    said
}

/// What is lost with tenants and namespaces, as far as that takes whole objects.
async fn losses<'a>(
    gate: &Gate,
    known: &Resources,
    roots: &[(ObjectRef, Value)],
    going: Vec<&'a Seen>,
    blind: &mut Vec<String>,
) -> Losses<'a> {
    const WHOLE: &[&str] = &["PersistentVolumeClaim", "Service", "Ingress", "HTTPRoute"];
    let places: BTreeSet<(&str, &str, &str)> = going
        .iter()
        .filter(|one| WHOLE.contains(&one.object.kind.as_str()))
        .filter_map(|one| Some((one.object.group(), one.object.kind.as_str(), one.object.namespace.as_deref()?)))
        .collect();
    let lists: Vec<List> = places
        .into_iter()
        .filter_map(|(group, kind, namespace)| {
            let resource = known.preferred().find(|one| one.group == group && one.kind == kind)?;
            Some((resource.clone(), Some(namespace.to_owned())))
        })
        .collect();
    let tenants: Vec<&str> =
        roots.iter().filter(|(object, _)| object.kind == "Tenant").map(|(object, _)| object.name.as_str()).collect();
    let is_of_tenant = |value: &Value| value.pointer("/metadata/labels/capsule.clastix.io~1tenant").is_some();
    let strips =
        era(known) == Era::Dynamic && (!tenants.is_empty() || roots.iter().any(|(_, value)| is_of_tenant(value)));
    let mut losses = Losses { going, strips, ..Losses::default() };
    let reads = stream::iter(lists).map(|(kind, namespace)| async move {
        let read = whole(gate, &kind, namespace.as_deref(), "").await;
        (kind, namespace.unwrap_or_default(), read)
    });
    for (kind, namespace, read) in reads.buffered(AT_ONCE).collect::<Vec<_>>().await {
        match read {
            Ok(items) => {
                let hosts = items.iter().flat_map(|(object, value)| Host::of(&object.kind, value));
                losses.hosts.extend(hosts.map(|host| host.name));
                losses.whole.extend(items);
            }
            Err(trouble) => blind.push(format!("what {kind} in {namespace} say ({})", trouble.what)),
        }
    }
    let passing = ["Namespace", "Tenant", "Event", "Lease", "EndpointSlice", "Endpoints"];
    let labelled: Vec<(Resource, String)> = known
        .preferred()
        .filter(|one| one.can("list") && !passing.contains(&one.kind.as_str()))
        .flat_map(|one| tenants.iter().map(move |tenant| (one.clone(), format!("{TENANT}={tenant}"))))
        .collect();
    let reads = stream::iter(labelled).map(|(kind, label)| async move {
        let read = list(gate, &kind, &format!("{}?labelSelector={label}", kind.path(None))).await;
        (kind, read)
    });
    let (mut refused, mut stays) = (Vec::new(), Vec::new());
    let goes: BTreeSet<&str> = losses.going.iter().map(|one| one.uid.as_str()).collect();
    for (kind, read) in reads.buffered(AT_ONCE).collect::<Vec<_>>().await {
        match read {
            Ok((seen, _)) => {
                stays.extend(seen.into_iter().filter(|one| !goes.contains(one.uid.as_str())).map(|one| one.object));
            }
            Err(trouble) if trouble.kind == TroubleKind::NotFound => {}
            Err(_) => refused.push(kind.plural),
        }
    }
    losses.labelled = stays;
    if !refused.is_empty() {
        blind.push(format!("whether some of these are labelled for the tenant: {}", refused.join(", ")));
    }
    losses
}

/// The label of what is a tenant's, in all eras.
const TENANT: &str = "capsule.clastix.io/tenant";

/// A list to be read: of which kind, where.
type List = (Resource, Option<String>);

struct Looking<'a> {
    gate: &'a Gate,
    known: &'a Resources,
    seen: Vec<Seen>,
    /// How many objects there are that were not read.
    more: u64,
    /// What could not be looked at, and why.
    blind: Vec<String>,
}

impl Looking<'_> {
    /// The namespaces of tenants that are deleted, which are looked at first.
    async fn namespaces(&mut self, roots: &[(ObjectRef, Value)]) -> Vec<String> {
        let mut found = Vec::new();
        let namespaces = self.known.find("v1", "Namespace").cloned();
        for (tenant, _) in roots.iter().filter(|(object, _)| object.kind == "Tenant") {
            let Some(kind) = &namespaces else { continue };
            let uri = format!("{}?labelSelector=capsule.clastix.io/tenant={}", kind.path(None), tenant.name);
            match list(self.gate, kind, &uri).await {
                Ok((seen, more)) => {
                    found.extend(seen.iter().map(|one| one.object.name.clone()));
                    self.seen.extend(seen);
                    self.more += more;
                }
                Err(trouble) => self.blind.push(format!("the namespaces of {} ({})", tenant.title(), trouble.what)),
            }
        }
        found
    }

    async fn read(&mut self, lists: Vec<List>) {
        let gate = self.gate;
        let reads = lists.into_iter().map(|(kind, namespace)| async move {
            let read = list(gate, &kind, &kind.path(namespace.as_deref())).await;
            (kind, namespace, read)
        });
        for (kind, namespace, read) in stream::iter(reads).buffered(AT_ONCE).collect::<Vec<_>>().await {
            match read {
                Ok((seen, more)) => {
                    self.seen.extend(seen);
                    self.more += more;
                }
                Err(trouble) if trouble.kind == TroubleKind::NotFound => {}
                Err(trouble) => {
                    let place = namespace.map(|name| format!(" in {name}")).unwrap_or_default();
                    self.blind.push(format!("{kind}{place} ({})", trouble.what));
                }
            }
        }
    }
}

/// The kinds whose objects these own, by what Kubernetes' own controllers make; `None`: they may own anything.
fn owned(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "Deployment" => &["pods", "replicasets"],
        "StatefulSet" => &["pods", "persistentvolumeclaims", "controllerrevisions"],
        "DaemonSet" => &["pods", "controllerrevisions"],
        "CronJob" => &["pods", "jobs"],
        "ReplicaSet" | "ReplicationController" | "Job" => &["pods"],
        "Service" => &["endpointslices"],
        "Pod"
        | "ConfigMap"
        | "Secret"
        | "ServiceAccount"
        | "Role"
        | "RoleBinding"
        | "NetworkPolicy"
        | "Ingress"
        | "PersistentVolumeClaim"
        | "ResourceQuota"
        | "LimitRange"
        | "Event"
        | "HorizontalPodAutoscaler"
        | "PodDisruptionBudget"
        | "EndpointSlice"
        | "Endpoints" => &[],
        _ => return None,
    })
}

/// What matters most is looked at first.
const FIRST: &[&str] = &[
    "pods",
    "persistentvolumeclaims",
    "deployments",
    "statefulsets",
    "services",
    "ingresses",
    "secrets",
    "configmaps",
    "jobs",
    "cronjobs",
    "daemonsets",
    "replicasets",
    "rolebindings",
    "serviceaccounts",
];

/// The lists to be read, the most important ones first. `within`: the namespaces of tenants.
fn lists(known: &Resources, roots: &[(ObjectRef, Value)], within: &[String]) -> Vec<List> {
    let kinds: Vec<&Resource> = known.preferred().filter(|one| one.can("list") && one.plural != "events").collect();
    let mut found: Vec<List> = Vec::new();
    let mut add = |list: List| {
        if !found.contains(&list) {
            found.push(list);
        }
    };
    let everything = |namespace: &str| {
        let namespace = namespace.to_owned();
        kinds.iter().filter(|one| one.namespaced).map(move |one| ((*one).clone(), Some(namespace.clone())))
    };
    for (object, _) in roots {
        match (object.kind.as_str(), &object.namespace) {
            ("Namespace", None) => everything(&object.name).for_each(&mut add),
            ("CustomResourceDefinition", None) => {
                let its = kinds.iter().filter(|one| object.name == one.full_name());
                its.for_each(|one| add(((*one).clone(), None)));
            }
            (kind, Some(namespace)) => {
                let plurals = owned(kind);
                let is_one = |list: &List| plurals.is_none_or(|plurals| plurals.contains(&list.0.plural.as_str()));
                everything(namespace).filter(is_one).for_each(&mut add);
            }
            (_, None) => {}
        }
    }
    within.iter().flat_map(|namespace| everything(namespace)).for_each(&mut add);
    let rank = |list: &List| FIRST.iter().position(|plural| *plural == list.0.plural).unwrap_or(FIRST.len());
    found.sort_by_key(rank);
    found
}

/// The objects at `uri`, as far as one page has them, and how many more there are.
async fn list(gate: &Gate, kind: &Resource, uri: &str) -> Result<(Vec<Seen>, u64), Trouble> {
    #[derive(Deserialize)]
    struct Items {
        #[serde(default)]
        metadata: Rest,
        // An empty list may be none.
        items: Option<Vec<Item>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Rest {
        #[serde(default)]
        remaining_item_count: u64,
    }
    #[derive(Deserialize)]
    struct Item {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata {
        name: String,
        namespace: Option<String>,
        #[serde(default)]
        uid: String,
        #[serde(default)]
        owner_references: Vec<Owner>,
        #[serde(default)]
        finalizers: Vec<String>,
    }
    #[derive(Deserialize)]
    struct Owner {
        uid: String,
    }
    let join = if uri.contains('?') { '&' } else { '?' };
    let request = Request::get(format!("{uri}{join}limit={EACH}")).header(ACCEPT, METADATA).body(Vec::new());
    let request = request.map_err(|error| Trouble::new(TroubleKind::Other, error.to_string()))?;
    let Items { metadata, items } = gate.ask(Class::Read, request, &format!("look at {kind}")).await?;
    let seen = items.into_iter().flatten().map(|Item { metadata }| Seen {
        object: ObjectRef::of(kind, metadata.namespace.as_deref(), &metadata.name),
        uid: metadata.uid,
        owners: metadata.owner_references.into_iter().map(|owner| owner.uid).collect(),
        finalizers: metadata.finalizers,
    });
    Ok((seen.collect(), metadata.remaining_item_count))
}

/// The volumes of the cluster.
async fn volumes(gate: &Gate) -> Result<Vec<Value>, Trouble> {
    let request = Request::get(format!("/api/v1/persistentvolumes?limit={EACH}")).body(Vec::new());
    let request = request.map_err(|error| Trouble::new(TroubleKind::Other, error.to_string()))?;
    let list: Value = gate.ask(Class::Read, request, "look at persistentvolumes").await?;
    Ok(list.get("items").and_then(Value::as_array).cloned().unwrap_or_default())
}
