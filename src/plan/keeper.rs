//! Who keeps an object as it is, besides us: what would revert a change, or made the object.
//!
//! Told by the marks that the field's tools leave ([`Maker::marks`]), and controllers by owner reference.

use std::collections::BTreeMap;

use serde_json::Value;

use super::edit::{edits, spell};
use super::{Answer, Change, Step, diff, owned};
use crate::world::maker::Maker;

/// Who keeps an object, and what he would do about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeper {
    /// Who: `Argo CD app shop`.
    pub name: String,
    /// What he would do: `will revert this`.
    pub does: &'static str,
}

impl Keeper {
    /// As a sentence.
    pub fn words(&self) -> String {
        format!("{} {}", self.name, self.does)
    }
}

/// Who would revert a step, or made its object, in sentences; nothing if the step changes nothing.
pub fn words(step: &Step) -> Vec<String> {
    let Some(before) = step.before.object().filter(|_| !matches!(step.answer, Some(Answer::WouldNotChange))) else {
        return Vec::new();
    };
    keepers(before).iter().map(Keeper::words).chain(appliers(step, before)).collect()
}

/// Who applies the fields that a patch changes: the server asks nobody about those, but their owner has said what they are to be.
fn appliers(step: &Step, before: &Value) -> Vec<String> {
    let (Change::Merge(_), Some(Answer::WouldChange(after))) = (&step.change, &step.answer) else { return Vec::new() };
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for edit in edits(&diff::without_bookkeeping(before), &diff::without_bookkeeping(after)) {
        for manager in owned::appliers(before, &edit.path) {
            found.entry(manager).or_default().push(spell(&edit.path));
        }
    }
    let sentence = |(manager, paths): (String, Vec<String>)| match paths.as_slice() {
        [one, two, three, _, ..] => {
            format!(
                "{manager} applies {one}, {two}, {three} and {} more, and sets them back when it does",
                paths.len() - 3
            )
        }
        [one] => format!("{manager} applies {one}, and sets it back when it does"),
        few => format!("{manager} applies {}, and sets them back when it does", few.join(", ")),
    };
    found.into_iter().map(sentence).collect()
}

/// Who keeps this object. The first is the one to ask.
pub fn keepers(object: &Value) -> Vec<Keeper> {
    let text = |map: &str, key: &str| object.get("metadata")?.get(map)?.get(key)?.as_str();
    let (label, note) = (|key: &str| text("labels", key), |key: &str| text("annotations", key));
    let mut found = Vec::new();
    let mut tell = |name: String, does| found.push(Keeper { name, does });
    for maker in Maker::marks(label, note, has_owner(object, "Tenant")) {
        let does = match &maker {
            Maker::ArgoCd(_) => "will revert this unless it is told of it, or paused",
            Maker::Kustomization(_) => "will revert this unless it is told of it, or suspended",
            Maker::HelmRelease(_) => "will revert this at its next upgrade, or sooner if it corrects drift",
            Maker::Helm(_) => "does not know of this, and may undo it at its next upgrade",
            Maker::Capsule => "makes this from the tenant, and will revert it: change the tenant instead",
            // Kubernetes adds what is missing of its own roles when it starts, and leaves what was added.
            Maker::Kubernetes | Maker::Hand(_) | Maker::Program(_) => continue,
        };
        tell(maker.words(), does);
    }
    if let Some((kind, name)) = controller(object) {
        tell(format!("{kind} {name}"), "made this, and may revert it");
    }
    found
}

/// Whether an object is made by a controller or by Capsule: it comes again by itself.
pub fn is_made(object: &Value) -> bool {
    controller(object).is_some() || keepers(object).iter().any(|keeper| keeper.name == "Capsule")
}

fn owners(object: &Value) -> impl Iterator<Item = &Value> {
    object.pointer("/metadata/ownerReferences").and_then(Value::as_array).into_iter().flatten()
}

fn has_owner(object: &Value, kind: &str) -> bool {
    owners(object).any(|owner| owner.get("kind").and_then(Value::as_str) == Some(kind))
}

/// The controller among the owners. A tenant owns its namespaces, and leaves what is in them alone.
fn controller(object: &Value) -> Option<(&str, &str)> {
    let text = |owner: &'_ Value, key: &str| owner.get(key).and_then(Value::as_str).map(str::to_owned);
    let is_controller = |owner: &&Value| {
        owner.get("controller").and_then(Value::as_bool) == Some(true)
            && text(owner, "kind").as_deref() != Some("Tenant")
    };
    let owner = owners(object).find(is_controller)?;
    Some((owner.get("kind")?.as_str()?, owner.get("name")?.as_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn marks_are_recognised() {
        for (metadata, name) in [
            (
                json!({"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:oil-web/site"}}),
                "Argo CD app shop",
            ),
            (json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}), "Flux Kustomization apps"),
            (json!({"annotations": {"meta.helm.sh/release-name": "site"}}), "Helm release site"),
            (json!({"labels": {"projectcapsule.dev/managed-by": "controller"}}), "Capsule"),
            (
                json!({"ownerReferences": [{"kind": "ReplicaSet", "name": "site-1", "controller": true}]}),
                "ReplicaSet site-1",
            ),
        ] {
            let found = keepers(&json!({"metadata": metadata}));
            assert_eq!(found.iter().map(|keeper| keeper.name.as_str()).collect::<Vec<_>>(), [name]);
        }
    }

    #[test]
    fn a_namespace_of_a_tenant_is_kept_by_nobody() {
        let namespace =
            json!({"metadata": {"ownerReferences": [{"kind": "Tenant", "name": "oil", "controller": true}]}});
        assert_eq!(keepers(&namespace), []);
    }
}
