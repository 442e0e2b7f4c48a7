//! The claims of a StatefulSet's pods: made before the pods, kept or removed as `persistentVolumeClaimRetentionPolicy` says
//! (`stateful_pod_control.go`).

use serde_json::{Value, json};

use super::{CLAIMS, Ensemble, NAME, identity};
use crate::demo::life::workloads::owned;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Caller, Event, Registry};
use crate::demo::status::Status;

/// Makes the claims of a pod that are missing.
pub(super) fn make(registry: &mut Registry, ensemble: &Ensemble, pod: &Object) -> Result<(), Status> {
    let set = &ensemble.set;
    let mut result = Ok(());
    for template in set.list(&["spec", "volumeClaimTemplates"]) {
        let name = identity::claim(template, pod);
        if let Some(found) = registry.get(CLAIMS, set.namespace(), &name) {
            if found.is_terminating() {
                result = Err(Status::unknown(format!("pvc {name} is being deleted")));
            }
            continue;
        }
        let mut claim = json!({"metadata": {}, "spec": template.get("spec")});
        for part in ["labels", "annotations"] {
            if let Some(value) = template.at(&["metadata", part]) {
                claim.set(&["metadata", part], value.clone());
            }
        }
        let chosen = set.at(&["spec", "selector", "matchLabels"]).and_then(Value::as_object);
        for (key, value) in chosen.into_iter().flatten() {
            claim.set(&["metadata", "labels", key], value.clone());
        }
        claim.set(&["metadata", "name"], name.as_str());
        claim.set(&["metadata", "namespace"], set.namespace());
        let made = registry.create(&mut Caller::controller(NAME), CLAIMS, claim);
        tell(registry, set, pod, &name, made.as_ref().err());
        if let Err(status) = made {
            result = Err(Status::unknown(format!("failed to create PVC {name}: {status}")));
        }
    }
    result
}

/// As `recordClaimEvent`.
fn tell(registry: &mut Registry, set: &Object, pod: &Object, claim: &str, failure: Option<&Status>) {
    let (warning, reason, message) = match failure {
        None => {
            let message = format!("Create Claim {claim} Pod {} in StatefulSet {} success", pod.name(), set.name());
            (false, "SuccessfulCreate", message)
        }
        Some(status) => {
            let what = format!("Create Claim {claim} for Pod {} in StatefulSet {}", pod.name(), set.name());
            (true, "FailedCreate", format!("{what} failed error: {status}"))
        }
    };
    registry.event(set, &Event { warning, reason, message: &message, component: NAME, ..Event::default() });
}

fn deletes(set: &Object, when: &str) -> bool {
    set.text(&["spec", "persistentVolumeClaimRetentionPolicy", when]) == Some("Delete")
}

/// Whether an owner reference is to the StatefulSet or pod of that name.
fn is_to(owner: &Value, kind: &str, object: &Object) -> bool {
    owner.text(&["kind"]) == Some(kind) && owner.text(&["name"]) == Some(object.name())
}

/// Gives the claims of a pod the owner with which they are to go: the set, or a pod that is scaled away.
pub(super) fn own(registry: &mut Registry, ensemble: &Ensemble, pod: &Object) -> Result<(), Status> {
    let set = &ensemble.set;
    let is_surplus = identity::ordinal(set, pod).is_none_or(|number| !ensemble.has(number));
    let (scaled, deleted) = (deletes(set, "whenScaled"), deletes(set, "whenDeleted"));
    let owner = match (scaled && is_surplus, deleted) {
        (true, _) => Some(pod),
        (false, true) => Some(&**set),
        (false, false) => None,
    };
    for template in set.list(&["spec", "volumeClaimTemplates"]) {
        let name = identity::claim(template, pod);
        let Some(claim) = registry.get(CLAIMS, set.namespace(), &name) else { continue };
        let is_ours = |one: &Value| is_to(one, "StatefulSet", set) || is_to(one, "Pod", pod);
        let mut owners: Vec<Value> = claim.owners().iter().filter(|one| !is_ours(one)).cloned().collect();
        if (scaled || deleted) && has_other_controller(&claim, set, pod) {
            let message = format!(
                "PersistentVolumeClaim {name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim"
            );
            let event = Event {
                warning: true,
                reason: "ConflictingController",
                message: &message,
                component: NAME,
                ..Event::default()
            };
            registry.event(set, &event);
        } else if let Some(owner) = owner {
            owners.extend(owned::reference(owner).as_array().into_iter().flatten().cloned());
        }
        if owners == claim.owners() {
            continue;
        }
        let change = &mut |live: &Object| {
            let mut claim = live.clone();
            if owners.is_empty() {
                claim.unset(&["metadata", "ownerReferences"]);
            } else {
                claim.set(&["metadata", "ownerReferences"], owners.clone());
            }
            Ok(claim)
        };
        registry.update(&mut Caller::controller(NAME), CLAIMS, "", set.namespace(), &name, change)?;
    }
    Ok(())
}

/// As `hasUnexpectedController`.
fn has_other_controller(claim: &Object, set: &Object, pod: &Object) -> bool {
    claim.owners().iter().any(|owner| {
        for (kind, object) in [("StatefulSet", set), ("Pod", pod)] {
            if is_to(owner, kind, object) {
                return owner.text(&["uid"]) != Some(object.uid());
            }
        }
        owner.flag(&["controller"])
    })
}

/// Whether a claim still belongs to an earlier pod of the same name, and will go with it.
pub(super) fn is_stale(registry: &Registry, ensemble: &Ensemble, pod: &Object) -> bool {
    let set = &ensemble.set;
    deletes(set, "whenScaled")
        && set.list(&["spec", "volumeClaimTemplates"]).iter().any(|template| {
            let claim = registry.get(CLAIMS, set.namespace(), &identity::claim(template, pod));
            claim.is_some_and(|claim| {
                claim.owners().iter().any(|owner| is_to(owner, "Pod", pod) && owner.text(&["uid"]) != Some(pod.uid()))
            })
        })
}
