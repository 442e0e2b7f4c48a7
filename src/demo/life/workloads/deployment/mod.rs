//! Deployments: a ReplicaSet for each template, and the way from one to the next. As `pkg/controller/deployment`.

mod history;
mod numbers;
mod progress;
mod rollout;
mod scale;

use std::sync::Arc;

use serde_json::json;

use super::owned;
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Event, Registry};
use crate::demo::status::Status;
use crate::demo::store::Key;

/// The deployment-controller.
pub const NAME: &str = "deployment-controller";

const DEPLOYMENTS: &str = "deployments.apps";
const SETS: &str = "replicasets.apps";

/// A Deployment and its ReplicaSets.
#[derive(Debug)]
struct Rollout {
    deployment: Arc<Object>,
    /// The ReplicaSet of the present template.
    new: Option<Arc<Object>>,
    /// All others, the oldest first.
    old: Vec<Arc<Object>>,
}

impl Rollout {
    /// All ReplicaSets, the newest last.
    fn all(&self) -> impl Iterator<Item = &Object> {
        self.old.iter().chain(&self.new).map(Arc::as_ref)
    }

    /// The Deployment, to be changed before it is written.
    fn deployment_mut(&mut self) -> &mut Object {
        Arc::make_mut(&mut self.deployment)
    }

    /// Writes the status and the annotations: both go through the status, so that the generation stays.
    fn write(&mut self, registry: &mut Registry) -> Result<(), Status> {
        let mut sent = Object::clone(&self.deployment);
        let change = &mut |live: &Object| {
            let mut new = live.clone();
            for path in [&["status"][..], &["metadata", "annotations"]] {
                if let Some(value) = sent.unset(path) {
                    new.set(path, value);
                }
            }
            Ok(new)
        };
        let (namespace, name) = (self.deployment.namespace(), self.deployment.name());
        let mut by = Caller::controller(NAME);
        self.deployment = registry.update(&mut by, DEPLOYMENTS, "status", namespace, name, change)?;
        Ok(())
    }

    /// Puts a condition into the status, unless one of its kind says the same already (`SetDeploymentCondition`).
    fn condition(&mut self, registry: &Registry, kind: &str, word: &str, reason: &str, message: &str) {
        let now = rfc3339(registry.now());
        let mut all = self.deployment.list(&["status", "conditions"]).to_vec();
        let before = all.iter().position(|one| one.text(&["type"]) == Some(kind)).map(|at| all.remove(at));
        let is = |one: &Object, field: &str, what: &str| one.text(&[field]) == Some(what);
        let mut since = now.clone();
        if let Some(before) = before.filter(|before| is(before, "status", word)) {
            if is(&before, "reason", reason) {
                return;
            }
            before.text(&["lastTransitionTime"]).unwrap_or(&now).clone_into(&mut since);
        }
        all.push(json!({
            "type": kind, "status": word, "reason": reason, "message": message,
            "lastUpdateTime": now, "lastTransitionTime": since,
        }));
        self.deployment_mut().set(&["status", "conditions"], all);
    }

    fn tell(&self, registry: &mut Registry, warning: bool, reason: &str, message: &str) {
        let event = Event { warning, reason, message, component: NAME, ..Event::default() };
        registry.event(&self.deployment, &event);
    }
}

/// Brings a Deployment's ReplicaSets nearer to its template and its number.
pub fn reconcile(registry: &mut Registry, key: &Key) -> Result<(), Status> {
    let Some(deployment) = registry.look(DEPLOYMENTS, key.namespace(), key.name()) else { return Ok(()) };
    let sets = owned::of(registry, SETS, &deployment);
    let mut rollout = history::sort(deployment, sets);
    if rollout.deployment.is_terminating() {
        return progress::plain(registry, &mut rollout);
    }
    progress::note_pause(registry, &mut rollout)?;
    let is_paused = rollout.deployment.flag(&["spec", "paused"]);
    rollout.find(registry, false)?;
    if is_paused || scale::is_due(&rollout) {
        scale::all(registry, &rollout)?;
        if is_paused {
            history::tidy(registry, &rollout)?;
        }
        return progress::plain(registry, &mut rollout);
    }
    if numbers::is_rolling(&rollout.deployment) {
        rollout::rolling(registry, &mut rollout)
    } else {
        rollout::recreate(registry, &mut rollout)
    }
}
