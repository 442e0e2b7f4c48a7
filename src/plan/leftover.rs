//! What is left of tenants that are gone. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::ObjectRef;

/// The labels that say whose an object is, in one era or another.
pub const LABELS: [&str; 2] = ["capsule.clastix.io/tenant", "projectcapsule.dev/tenant"];

/// The note that a pause leaves.
const PAUSED: &str = "tenantry.dev/paused";

/// Something that was left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// What.
    pub object: ObjectRef,
    /// Why nobody needs it.
    pub why: String,
}

/// What there is, to tell what is left by.
#[derive(Debug, Default)]
pub struct Known {
    tenants: BTreeSet<String>,
    paused: BTreeSet<String>,
    /// Of each namespace its tenant, and whether it was paused alone.
    namespaces: BTreeMap<String, (Option<String>, bool)>,
}

fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    path.iter().try_fold(value, |value, key| value.get(key))?.as_str()
}

impl Known {
    /// Takes in the tenants and the namespaces.
    pub fn of(tenants: &[(ObjectRef, Value)], namespaces: &[(ObjectRef, Value)]) -> Self {
        let is_paused = |value: &Value| text(value, &["metadata", "annotations", PAUSED]).is_some();
        let names =
            |all: &mut dyn Iterator<Item = &(ObjectRef, Value)>| all.map(|(object, _)| object.name.clone()).collect();
        let space = |(object, value): &(ObjectRef, Value)| {
            let tenant = text(value, &["metadata", "labels", LABELS[0]]).map(str::to_owned);
            (object.name.clone(), (tenant, is_paused(value)))
        };
        Self {
            tenants: names(&mut tenants.iter()),
            paused: names(&mut tenants.iter().filter(|(_, value)| is_paused(value))),
            namespaces: namespaces.iter().map(space).collect(),
        }
    }

    fn is_paused(&self, namespace: &str) -> bool {
        self.namespaces
            .get(namespace)
            .is_none_or(|(tenant, alone)| *alone || tenant.as_ref().is_some_and(|tenant| self.paused.contains(tenant)))
    }
}

/// Whether an object was left behind, and why. `lock`: what the quotas of pauses are called.
pub fn judge(object: &ObjectRef, value: &Value, known: &Known, lock: &str) -> Option<Leftover> {
    let found = |why: String| Some(Leftover { object: object.clone(), why });
    if value.pointer("/metadata/deletionTimestamp").is_some() {
        return None;
    }
    // What lies in a namespace of that tenant's goes with it.
    let with = object.namespace.as_ref().and_then(|space| known.namespaces.get(space)?.0.as_deref());
    let labels = LABELS.iter().filter_map(|label| text(value, &["metadata", "labels", label]));
    if let Some(tenant) = labels.into_iter().find(|tenant| !known.tenants.contains(*tenant) && with != Some(*tenant)) {
        return found(format!("is labelled for the tenant {tenant}, which is not there"));
    }
    match (object.kind.as_str(), &object.namespace) {
        ("PersistentVolume", _) if text(value, &["status", "phase"]) == Some("Released") => {
            let claim = |key| text(value, &["spec", "claimRef", key]).unwrap_or_default();
            let (space, name) = (claim("namespace"), claim("name"));
            if known.namespaces.contains_key(space) {
                return None;
            }
            found(format!(
                "was kept for the claim {space}/{name}, whose namespace is gone; what is on it is lost with it"
            ))
        }
        ("ResourceQuota", Some(space)) if object.name == lock && !known.is_paused(space) => {
            found("keeps new pods out as a pause does, and nothing there is paused".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_left_is_told_from_what_is_needed() {
        let tenant = |name: &str| ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", name);
        let space = |name: &str| ObjectRef::cluster("/api/v1", "namespaces", "Namespace", name);
        let of = |tenant: &str| json!({"metadata": {"labels": {"capsule.clastix.io/tenant": tenant}}});
        let paused = json!({"metadata": {"annotations": {PAUSED: "{}"}}});
        let known = Known::of(
            &[(tenant("oil"), json!({})), (tenant("gas"), paused)],
            &[(space("oil-web"), of("oil")), (space("gas-web"), of("gas")), (space("coal-web"), of("coal"))],
        );
        let judged = |object: &ObjectRef, value: &Value| judge(object, value, &known, "lock").map(|left| left.why);
        let role = ObjectRef::cluster("/apis/rbac.authorization.k8s.io/v1", "clusterroles", "ClusterRole", "r");
        assert_eq!(judged(&role, &of("oil")), None);
        let binding = |space| ObjectRef::namespaced("/apis/x.io/v1", "bindings", "Binding", space, "b");
        assert!(judged(&binding("gas-web"), &of("coal")).is_some());
        assert_eq!(judged(&binding("coal-web"), &of("coal")), None, "its namespace is found, and takes it along");
        assert_eq!(judged(&role, &of("coal")).as_deref(), Some("is labelled for the tenant coal, which is not there"));
        let quota =
            |space: &str, name: &str| ObjectRef::namespaced("/api/v1", "resourcequotas", "ResourceQuota", space, name);
        assert!(judged(&quota("oil-web", "lock"), &json!({})).is_some());
        assert_eq!(judged(&quota("gas-web", "lock"), &json!({})), None);
        assert_eq!(judged(&quota("oil-web", "other"), &json!({})), None);
        let volume = ObjectRef::cluster("/api/v1", "persistentvolumes", "PersistentVolume", "pv");
        let released = |space: &str| json!({"spec": {"claimRef": {"namespace": space, "name": "data"}}, "status": {"phase": "Released"}});
        assert!(judged(&volume, &released("sun-web")).is_some_and(|why| why.contains("sun-web/data")));
        assert_eq!(judged(&volume, &released("oil-web")), None);
    }
}
