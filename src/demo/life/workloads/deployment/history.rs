//! Which ReplicaSet is the present one, its revision, and how many old ones are kept.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::numbers::{max_surge, next, replicas, status, wanted};
use super::{NAME, Rollout, SETS, progress};
use crate::demo::life::workloads::owned;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Deletion, Registry};
use crate::demo::status::Status;

const REVISION: &str = "deployment.kubernetes.io/revision";
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
pub(super) const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
pub(super) const MAX: &str = "deployment.kubernetes.io/max-replicas";

/// Annotations of a Deployment that its ReplicaSets do not get.
const OWN: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    HISTORY,
    DESIRED,
    MAX,
    "deprecated.deployment.rollback.to",
];

/// How long a list of earlier revisions may get.
const LONGEST: usize = 2000;

const HASH: [&str; 3] = ["metadata", "labels", "pod-template-hash"];

/// Tells the ReplicaSet of the present template from the others; of two alike the older one is it.
pub(super) fn sort(deployment: Arc<Object>, mut sets: Vec<Arc<Object>>) -> Rollout {
    sets.sort_by_cached_key(|set| age(set));
    let template = |object: &Object| {
        let mut template = object.at(&["spec", "template"]).cloned().unwrap_or(Value::Null);
        template.unset(&HASH);
        template
    };
    let asked = template(&deployment);
    let is_new = |set: &Arc<Object>| template(set) == asked;
    let new = sets.iter().position(is_new).map(|at| sets.remove(at));
    Rollout { deployment, new, old: sets }
}

/// By which ReplicaSets are ordered: the oldest first.
pub(super) fn age(set: &Object) -> (String, String) {
    (set.text(&["metadata", "creationTimestamp"]).unwrap_or_default().to_owned(), set.name().to_owned())
}

fn revision(object: &Object) -> i64 {
    object.annotation(REVISION).and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn notes(object: &Object) -> Map<String, Value> {
    object.at(&["metadata", "annotations"]).and_then(Value::as_object).cloned().unwrap_or_default()
}

impl Rollout {
    /// The ReplicaSet of the present template with the highest revision, made if need be (`getNewReplicaSet`).
    pub(super) fn find(&mut self, registry: &mut Registry, may_make: bool) -> Result<(), Status> {
        let number = self.old.iter().map(|set| revision(set)).max().unwrap_or_default() + 1;
        let Some(new) = &self.new else {
            return if may_make { self.make(registry, number) } else { Ok(()) };
        };
        let mut annotations = notes(new);
        self.annotate(&mut annotations, number);
        let ready = self.deployment.int(&["spec", "minReadySeconds"]).unwrap_or_default();
        let has_other_ready = new.int(&["spec", "minReadySeconds"]).unwrap_or_default() != ready;
        if annotations != notes(new) || has_other_ready {
            let change = &mut |live: &Object| {
                let mut set = live.clone();
                set.set(&["metadata", "annotations"], Value::Object(annotations.clone()));
                if has_other_ready {
                    set.set(&["spec", "minReadySeconds"], ready);
                }
                Ok(set)
            };
            let mut by = Caller::controller(NAME);
            self.new = Some(registry.update(&mut by, SETS, "", new.namespace(), new.name(), change)?);
        }
        let name = self.new.as_ref().map(|new| new.name()).unwrap_or_default().to_owned();
        let number = self.new.as_ref().and_then(|new| new.annotation(REVISION)).unwrap_or_default().to_owned();
        let mut is_other = self.deployment.annotation(REVISION) != Some(&number);
        if is_other {
            self.deployment_mut().set(&["metadata", "annotations", REVISION], number);
        }
        if super::numbers::deadline(&self.deployment).is_some() && progress::condition(&self.deployment).is_none() {
            let message = format!("Found new replica set {name:?}");
            self.condition(registry, "Progressing", "True", "FoundNewReplicaSet", &message);
            is_other = true;
        }
        if is_other { self.write(registry) } else { Ok(()) }
    }

    /// The annotations of the present ReplicaSet, as `SetNewReplicaSetAnnotations`.
    fn annotate(&self, annotations: &mut Map<String, Value>, number: i64) {
        for (key, value) in notes(&self.deployment) {
            if !OWN.contains(&key.as_str()) {
                annotations.insert(key, value);
            }
        }
        let before = annotations.get(REVISION).and_then(Value::as_str).map(str::to_owned);
        let own: i64 = before.as_deref().and_then(|text| text.parse().ok()).unwrap_or_default();
        if own >= number {
            return;
        }
        annotations.insert(REVISION.to_owned(), number.to_string().into());
        let Some(before) = before else { return };
        let known = annotations.get(HISTORY).and_then(Value::as_str).unwrap_or_default();
        let mut all: Vec<&str> = known.split(',').filter(|one| !one.is_empty()).collect();
        all.push(&before);
        while all.iter().map(|one| one.len() + 1).sum::<usize>() > LONGEST + 1 {
            all.remove(0);
        }
        annotations.insert(HISTORY.to_owned(), all.join(",").into());
    }

    /// A ReplicaSet for the present template.
    fn make(&mut self, registry: &mut Registry, number: i64) -> Result<(), Status> {
        let deployment = &self.deployment;
        let mut template = deployment.at(&["spec", "template"]).cloned().unwrap_or(Value::Null);
        let hash = owned::hash(&json!([template, deployment.at(&["status", "collisionCount"])]));
        template.set(&HASH, hash.as_str());
        let mut selector = deployment.at(&["spec", "selector"]).cloned().unwrap_or(Value::Null);
        selector.set(&["matchLabels", "pod-template-hash"], hash.as_str());
        let count = next(deployment, wanted(self.old.iter().map(Arc::as_ref)), 0);
        let mut annotations = Map::new();
        self.annotate(&mut annotations, number);
        let most = replicas(deployment) + max_surge(deployment);
        annotations.insert(DESIRED.to_owned(), replicas(deployment).to_string().into());
        annotations.insert(MAX.to_owned(), most.to_string().into());
        let labels = template.at(&["metadata", "labels"]).cloned();
        let mut spec = json!({"replicas": count, "selector": selector, "template": template});
        if let Some(seconds) = deployment.int(&["spec", "minReadySeconds"]).filter(|seconds| *seconds > 0) {
            spec.set(&["minReadySeconds"], seconds);
        }
        let stem: String = deployment.name().chars().take(252 - hash.len()).collect();
        let name = format!("{stem}-{hash}");
        let set = json!({
            "metadata": {
                "name": name, "namespace": deployment.namespace(), "labels": labels, "annotations": annotations,
                "ownerReferences": owned::reference(deployment),
            },
            "spec": spec,
        });
        match registry.create(&mut Caller::controller(NAME), SETS, set) {
            Ok(made) => self.new = Some(made),
            Err(status) => return self.refused(registry, &name, status),
        }
        if count > 0 {
            let message = format!("Scaled up replica set {name} from 0 to {count}");
            self.tell(registry, false, "ScalingReplicaSet", &message);
        }
        self.deployment_mut().set(&["metadata", "annotations", REVISION], number.to_string());
        if super::numbers::deadline(&self.deployment).is_some() {
            let message = format!("Created new replica set {name:?}");
            self.condition(registry, "Progressing", "True", "NewReplicaSetCreated", &message);
        }
        self.write(registry)
    }

    /// A ReplicaSet that cannot be made: its name is that of another one, or somebody forbids it.
    fn refused(&mut self, registry: &mut Registry, name: &str, status: Status) -> Result<(), Status> {
        if status.reason == "AlreadyExists" {
            let count = self.deployment.int(&["status", "collisionCount"]).unwrap_or_default() + 1;
            self.deployment_mut().set(&["status", "collisionCount"], count);
            self.write(registry)?;
            return Err(status);
        }
        let is_going = registry
            .get("namespaces", "", self.deployment.namespace())
            .is_none_or(|namespace| namespace.is_terminating());
        if is_going {
            return Err(status);
        }
        let message = format!("Failed to create new replica set {name:?}: {status}");
        if super::numbers::deadline(&self.deployment).is_some() {
            self.condition(registry, "Progressing", "False", "ReplicaSetCreateError", &message);
            self.write(registry)?;
        }
        self.tell(registry, true, "ReplicaSetCreateError", &message);
        Err(status)
    }
}

/// Removes old ReplicaSets beyond the history that is kept.
pub(super) fn tidy(registry: &mut Registry, rollout: &Rollout) -> Result<(), Status> {
    let Some(keep) = rollout.deployment.int(&["spec", "revisionHistoryLimit"]) else { return Ok(()) };
    let mut sets: Vec<&Object> = rollout.old.iter().map(Arc::as_ref).filter(|set| !set.is_terminating()).collect();
    let Some(surplus) = sets.len().checked_sub(usize::try_from(keep).unwrap_or_default()) else { return Ok(()) };
    sets.sort_by_key(|set| revision(set));
    for set in sets.into_iter().take(surplus) {
        let is_seen = status(set, "observedGeneration") >= set.int(&["metadata", "generation"]).unwrap_or_default();
        if status(set, "replicas") != 0 || replicas(set) != 0 || !is_seen {
            continue;
        }
        let mut by = Caller::controller(NAME);
        registry.delete(&mut by, SETS, set.namespace(), set.name(), &Deletion::default())?;
    }
    Ok(())
}
