//! What was read to pause or resume: everything that runs in some namespaces, whole, and what could not be read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::kinds::{Knob, PauseKind, kind_of};
use crate::plan::owned::is_anothers;
use crate::plan::{Before, ObjectRef};
use crate::world::capsule::Era;
use crate::world::pause::Tally;
use crate::world::pause::record::{self, PAUSED, Record};

/// An object and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Where.
    pub object: ObjectRef,
    /// What it is.
    pub value: Value,
}

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// The era of Capsule.
    pub era: Era,
    /// The Tenants that were asked about.
    pub tenants: BTreeMap<String, Before>,
    /// The namespaces: all of those tenants, and those that were asked about alone.
    pub namespaces: Vec<Space>,
    /// What was found in them, and those outside of them that keep what was found.
    pub found: Vec<Found>,
    /// The kinds that may not be listed, and where.
    pub unread: BTreeMap<String, Vec<String>>,
    /// What may not be done, of what a pause does without being a must: see [`Right`].
    pub lacking: BTreeSet<Right>,
    /// The records that kube-green keeps in Secrets: namespace, kind and name to the merge patch that wakes it.
    pub kube_green: BTreeMap<(String, String, String), Value>,
}

/// Something that a pause does where it may.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Changing a Tenant.
    Tenant(String),
    /// Changing a Namespace.
    Namespace(String),
    /// Making a ResourceQuota in a namespace.
    Quota(String),
}

/// A namespace.
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    /// Its name.
    pub name: String,
    /// The tenant it is of.
    pub tenant: Option<String>,
    /// The object; it may be unreadable.
    pub object: Before,
}

impl Space {
    /// Whether it is on its way out.
    pub fn is_terminating(&self) -> bool {
        self.object.object().is_some_and(|object| object.pointer("/metadata/deletionTimestamp").is_some())
    }

    /// Whether it carries Capsule's label of a cordon.
    pub fn is_cordoned(&self) -> bool {
        let label = |object: &Value| {
            object.pointer("/metadata/labels/projectcapsule.dev~1cordoned").and_then(Value::as_str) == Some("true")
        };
        self.object.object().is_some_and(label)
    }
}

impl Found {
    /// Its kind, if a pause can stop it.
    pub fn kind(&self) -> Option<&'static PauseKind> {
        kind_of(self.object.group(), &self.object.kind)
    }

    /// Its namespace; empty if it is in none.
    pub fn namespace(&self) -> &str {
        self.object.namespace.as_deref().unwrap_or_default()
    }

    /// The controller that keeps it: kind and name.
    pub fn controller(&self) -> Option<(&str, &str)> {
        let owners = self.value.pointer("/metadata/ownerReferences")?.as_array()?;
        let owner = owners.iter().find(|owner| owner.get("controller").and_then(Value::as_bool) == Some(true))?;
        Some((owner.get("kind")?.as_str()?, owner.get("name")?.as_str()?))
    }

    /// A ReplicaSet of a Deployment or a Rollout. Its controller copies the annotations of what is above it, records among them
    /// (kubernetes `pkg/controller/deployment/util`, `SetNewReplicaSetAnnotations`): they are not its own.
    pub fn is_copy(&self) -> bool {
        self.object.kind == "ReplicaSet" && matches!(self.controller(), Some(("Deployment" | "Rollout", _)))
    }

    /// The record that it carries. One that somebody else has put on what runs is none: `kubectl rollout undo` brings back all
    /// annotations of an earlier ReplicaSet, and with them the record of a pause that is long over.
    pub fn record(&self) -> Option<Result<Record, String>> {
        Record::of(&self.value).filter(|_| !self.has_a_stray_record())
    }

    /// Whether a record was brought back by somebody else: see [`Found::record`].
    pub fn has_a_stray_record(&self) -> bool {
        self.annotation(PAUSED).is_some()
            && self.kind().is_some_and(|kind| !kind.is_stopped(&self.value))
            && is_anothers(&self.value, PAUSED)
    }

    /// An annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.value.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }

    /// A label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.value.get("metadata")?.get("labels")?.get(key)?.as_str()
    }

    /// Whether it is being deleted.
    pub fn is_terminating(&self) -> bool {
        self.value.pointer("/metadata/deletionTimestamp").is_some()
    }

    /// A number in it; 0 if it is not there.
    pub fn number(&self, pointer: &str) -> i64 {
        self.value.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
    }

    /// A pod that has not run to its end.
    pub fn is_running_pod(&self) -> bool {
        let phase = self.value.pointer("/status/phase").and_then(Value::as_str);
        self.object.kind == "Pod" && !matches!(phase, Some("Succeeded" | "Failed"))
    }
}

impl Survey {
    /// What was found of a kind.
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Found> {
        self.found.iter().filter(move |found| found.object.kind == kind)
    }

    /// The namespaces of a tenant.
    pub fn spaces_of<'a>(&'a self, tenant: &'a str) -> impl Iterator<Item = &'a Space> {
        self.namespaces.iter().filter(move |space| space.tenant.as_deref() == Some(tenant))
    }

    /// The ScaledObject or the like that decides over an object's replicas, if one does.
    pub fn scaler(&self, found: &Found) -> Option<&Found> {
        self.of("ScaledObject").find(|scaler| {
            let target =
                |key: &str| scaler.value.pointer(&format!("/spec/scaleTargetRef/{key}")).and_then(Value::as_str);
            scaler.object.namespace == found.object.namespace
                && target("name") == Some(&found.object.name)
                && target("kind").unwrap_or("Deployment") == found.object.kind
        })
    }

    /// The copy of a record that a ReplicaSet of an object has kept, if it is of a pause that lasts. `kubectl rollout undo` puts the
    /// annotations of another ReplicaSet in the place of the object's own, and its record with them.
    pub fn copy(&self, lost: &Found) -> Option<Record> {
        let owner = Some((lost.object.kind.as_str(), lost.object.name.as_str()));
        let read = |found: &Found| Record::of(&found.value)?.ok();
        let whole = self.tenants.values().chain(self.namespaces.iter().map(|space| &space.object));
        let whole = whole.filter_map(|before| Record::of(before.object()?)?.ok());
        let lasting: BTreeSet<String> = whole
            .chain(self.found.iter().filter(|found| !found.is_copy()).filter_map(read))
            .map(|record| record.op)
            .collect();
        let copies = self.of("ReplicaSet").filter(|copy| {
            copy.is_copy() && copy.object.namespace == lost.object.namespace && copy.controller() == owner
        });
        copies.filter_map(read).filter(|record| lasting.contains(&record.op)).max_by_key(Record::seconds)
    }

    /// What is to have pods in some namespaces and has not all of them ready.
    pub fn unready(&self, namespaces: &[String]) -> Vec<String> {
        let is_short = |found: &&Found| {
            let serves = found.kind().is_some_and(|kind| kind.knob == Knob::Replicas) && found.controller().is_none();
            let wanted = Knob::Replicas.meant(&found.value).as_i64().unwrap_or(1);
            serves
                && namespaces.iter().any(|name| name == found.namespace())
                && (found.number("/status/readyReplicas") < wanted
                    || found.number("/status/observedGeneration") < found.number("/metadata/generation"))
        };
        self.found.iter().filter(is_short).map(|found| found.object.title()).collect()
    }

    /// How the workloads of some namespaces stand to a pause: as [`crate::world::World`] tells it of its rows, but of all kinds.
    pub fn tally<'a>(&self, namespaces: impl IntoIterator<Item = &'a Space>) -> Tally {
        let names: BTreeSet<&str> = namespaces.into_iter().map(|space| space.name.as_str()).collect();
        let mut tally = Tally::default();
        for found in self.found.iter().filter(|found| names.contains(found.namespace())) {
            if found.is_running_pod() {
                let kept =
                    matches!(found.controller(), Some(("ReplicaSet" | "StatefulSet" | "ReplicationController", _)));
                tally.pods += u32::from(kept);
                continue;
            }
            let Some(kind) = found.kind().filter(|kind| kind.phase > super::kinds::Phase::Keepers) else { continue };
            if found.is_copy() {
                continue;
            }
            if kind.kind == "Job" && !matches!(Record::of(&found.value), Some(Ok(_))) {
                continue;
            }
            let expected = u32::try_from(found.number("/status/replicas")).unwrap_or_default();
            let owned = found.controller().is_some();
            let add = match found.record() {
                Some(_) if kind.is_stopped(&found.value) => Tally { held: 1, ..Tally::default() },
                Some(_) => Tally { drifted: 1, expected, ..Tally::default() },
                None if owned || found.is_terminating() || record::is_excluded(&found.value) => {
                    Tally { expected, ..Tally::default() }
                }
                None if kind.is_stopped(&found.value) => Tally::default(),
                // What a ScaledObject scales is stopped by stopping that; on its way down it still runs.
                None if kind.phase == super::kinds::Phase::Scalers => Tally { loose: 1, ..Tally::default() },
                None => match self.scaler(found) {
                    Some(scaler) if matches!(Record::of(&scaler.value), Some(Ok(_))) => Tally::default(),
                    Some(_) => Tally { expected, ..Tally::default() },
                    None => Tally { loose: 1, expected, ..Tally::default() },
                },
            };
            tally += add;
        }
        tally
    }
}
