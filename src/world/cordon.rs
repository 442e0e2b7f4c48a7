//! Is a cordon in force? Setting `spec.cordoned` is only the beginning.
//!
//! From Capsule 0.13 on it is the label `projectcapsule.dev/cordoned` on each *namespace* that makes the webhook refuse
//! writes; the controller puts it there some 100 ms after the patch, and the tenant's conditions follow another 100 ms later.
//! From 0.9 to 0.12 both the label and the spec are needed; before 0.9 the spec alone decides, and no object shows more than
//! `status.state`.

use std::collections::BTreeMap;

use super::name::Name;
use super::namespace::Namespace;
use super::tenant::Tenant;

/// Which of a tenant's namespaces refuse writes, and what still disagrees with the tenant's spec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cordon {
    /// Namespaces in which the cordon is in force.
    pub cordoned: Vec<Name>,
    /// Namespaces in which it is not.
    pub open: Vec<Name>,
    /// What still disagrees with `spec.cordoned`, in words, one line each: `namespace oil-web is not cordoned yet`.
    pub pending: Vec<String>,
    /// Whether Capsule tells of each namespace; the old era knows only cordons of whole tenants.
    pub per_namespace: bool,
}

impl Cordon {
    /// The cordon of `tenant`, whose visible namespaces are `namespaces`.
    pub fn of(tenant: &Tenant, namespaces: &BTreeMap<Name, &Namespace>) -> Self {
        let mut cordon = Self::default();
        // The old era neither labels namespaces nor publishes conditions: the spec is in force as soon as it is stored.
        let labelled_era = tenant.cordon.is_some() || tenant.spaces.iter().any(|space| space.cordoned.is_some());
        cordon.per_namespace = labelled_era;
        let mut names: Vec<&Name> = namespaces.keys().chain(tenant.spaces.iter().map(|space| &space.name)).collect();
        names.sort();
        names.dedup();
        for name in names {
            let label = namespaces.get(name).map(|namespace| namespace.cordoned);
            let space = tenant.spaces.iter().find(|space| space.name == *name).and_then(|space| space.cordoned);
            let in_force = if labelled_era { label.or(space).unwrap_or(false) } else { tenant.cordoned };
            if in_force {
                cordon.cordoned.push(name.clone());
            } else {
                cordon.open.push(name.clone());
            }
            // A namespace that is leaving will not be cordoned any more, and a namespace may be cordoned on its own.
            let leaving = namespaces.get(name).is_some_and(|namespace| namespace.is_terminating());
            if tenant.cordoned && !leaving && (!in_force || (labelled_era && space == Some(false))) {
                cordon.pending.push(format!("namespace {name} is not cordoned yet"));
            }
        }
        if let Some(condition) = &tenant.cordon
            && condition.met != tenant.cordoned
        {
            cordon.pending.push(if tenant.cordoned {
                "Capsule does not report the tenant as cordoned yet".to_owned()
            } else {
                "Capsule still reports the tenant as cordoned".to_owned()
            });
        }
        if tenant.observed_generation.is_some_and(|observed| observed < tenant.generation) {
            cordon.pending.push("Capsule has not looked at the change yet".to_owned());
        }
        cordon
    }

    /// What still stands between the tenant's present condition and `cordoned` being in force everywhere: nothing, when it is.
    pub fn missing(tenant: &Tenant, namespaces: &BTreeMap<Name, &Namespace>, cordoned: bool) -> Vec<String> {
        let now = Self::of(tenant, namespaces);
        let mut missing = now.pending;
        if tenant.cordoned != cordoned {
            missing.push(format!("spec.cordoned is {}", tenant.cordoned));
        }
        // The status comes after the labels: what still has one when Capsule has seen the lifting is cordoned by itself.
        let is_lifted = tenant.cordon.as_ref().is_some_and(|condition| !condition.met)
            && tenant.observed_generation.is_some_and(|observed| observed >= tenant.generation);
        if !cordoned && !is_lifted {
            missing.extend(now.cordoned.iter().map(|name| format!("namespace {name} is still cordoned")));
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::tenant::{Condition, Space};
    use crate::world::testing::{namespace, tenant};

    fn condition(met: bool) -> Condition {
        Condition { met, reason: "Cordoned".into(), message: "".into() }
    }

    #[test]
    fn a_new_cordon_is_in_force_when_every_namespace_has_its_label() {
        let mut oil = tenant("oil");
        oil.cordoned = true;
        oil.cordon = Some(condition(true));
        oil.spaces = vec![
            Space { name: "oil-web".into(), cordoned: Some(true) },
            Space { name: "oil-db".into(), cordoned: Some(true) },
        ];
        let mut web = namespace("oil-web", Some("oil"));
        let mut db = namespace("oil-db", Some("oil"));
        web.cordoned = true;
        let known = |web: &Namespace, db: &Namespace| {
            let all = [web, db].map(|n| (n.name.clone(), n.clone()));
            let map: BTreeMap<Name, Namespace> = all.into();
            Cordon::missing(&oil, &map.iter().map(|(k, v)| (k.clone(), v)).collect(), true)
        };
        assert_eq!(known(&web, &db), ["namespace oil-db is not cordoned yet"]);
        db.cordoned = true;
        assert!(known(&web, &db).is_empty());
    }

    #[test]
    fn in_the_old_era_the_spec_is_enough() {
        let mut oil = tenant("oil");
        oil.cordoned = true;
        oil.spaces = vec![Space { name: "oil-web".into(), cordoned: None }];
        let web = namespace("oil-web", Some("oil"));
        let known: BTreeMap<Name, &Namespace> = [(web.name.clone(), &web)].into();
        assert!(Cordon::missing(&oil, &known, true).is_empty());
        assert_eq!(Cordon::of(&oil, &known).cordoned.len(), 1);
    }

    #[test]
    fn an_uncordon_waits_for_the_labels_to_go() {
        let mut oil = tenant("oil");
        oil.cordon = Some(condition(false));
        oil.spaces = vec![Space { name: "oil-web".into(), cordoned: Some(true) }];
        let mut web = namespace("oil-web", Some("oil"));
        web.cordoned = true;
        let known: BTreeMap<Name, &Namespace> = [(web.name.clone(), &web)].into();
        assert_eq!(Cordon::missing(&oil, &known, false), ["namespace oil-web is still cordoned"]);
        // Lifted before Capsule had seen that it was set: it takes no label away, and this one is the namespace's own.
        (oil.generation, oil.observed_generation) = (3, Some(3));
        assert!(Cordon::missing(&oil, &known, false).is_empty());
        oil.observed_generation = Some(2);
        assert_eq!(Cordon::missing(&oil, &known, false).len(), 2);
    }

    #[test]
    fn an_unobserved_generation_is_pending() {
        let mut oil = tenant("oil");
        oil.generation = 3;
        oil.observed_generation = Some(2);
        assert_eq!(Cordon::of(&oil, &BTreeMap::new()).pending, ["Capsule has not looked at the change yet"]);
    }
}
