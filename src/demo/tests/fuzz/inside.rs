//! What is kept beside the store, so that nobody has to search it, says what a search would.

use std::collections::{BTreeMap, BTreeSet};

use crate::demo::access::{Index, Rules as _};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Registry;
use crate::demo::schema::kind::Kind;

const RBAC: &str = "rbac.authorization.k8s.io";

/// What is remembered of objects that are gone: nothing may lead to them any more.
#[derive(Debug, Default)]
pub struct Past {
    uids: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

/// Compares the indexes with a search of everything.
pub fn check(registry: &Registry, past: &mut Past) -> Result<(), String> {
    let mut owned: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut rights = Index::default();
    let kinds = registry.schemas.kinds().to_vec();
    let resources: Vec<String> =
        kinds.iter().filter(|kind| kind.group != "events.k8s.io").map(Kind::qualified).collect();
    for resource in &resources {
        for object in registry.list(resource, None) {
            let looked = registry.look(resource, object.namespace(), object.name());
            if looked.as_deref() != Some(&object) {
                return Err(format!("{resource}: what is remembered as parsed is another: {object}\n  {looked:?}"));
            }
            past.uids.insert(object.uid().to_owned());
            past.namespaces.insert(object.namespace().to_owned());
            if resource.ends_with(RBAC) {
                rights.upsert(&object);
            }
            for owner in object.owners() {
                let uid = owner.text(&["uid"]).unwrap_or_default().to_owned();
                past.uids.insert(uid.clone());
                owned.entry((resource.clone(), uid)).or_default().insert(called(&object));
            }
        }
    }
    for resource in &resources {
        for uid in &past.uids {
            let found: BTreeSet<String> = registry.owned_by(resource, uid).map(|object| called(&object)).collect();
            let table = registry.table(resource).unwrap_or_default();
            let pointed = registry.graph.dependents(uid, table).count();
            let wanted = owned.get(&(resource.clone(), uid.clone())).cloned().unwrap_or_default();
            if found != wanted || pointed != wanted.len() {
                return Err(format!("{resource} owned by {uid}: {found:?} ({pointed}), should be {wanted:?}"));
            }
        }
    }
    let said = |index: &Index| {
        let cluster: Vec<_> = index.cluster_bindings().map(|one| format!("{one:?}")).collect();
        let roles = |namespace: &str| -> Vec<String> {
            let names = registry.list("roles.rbac.authorization.k8s.io", None);
            names.map(|role| format!("{:?}", index.role(namespace, role.name()))).collect()
        };
        let below: Vec<_> = past
            .namespaces
            .iter()
            .map(|name| (index.bindings(name).map(|one| format!("{one:?}")).collect::<Vec<_>>(), roles(name)))
            .collect();
        let wide = registry.list("clusterroles.rbac.authorization.k8s.io", None);
        let wide: Vec<_> = wide.map(|role| format!("{:?}", index.cluster_role(role.name()))).collect();
        (cluster, below, wide)
    };
    if said(&registry.rights) != said(&rights) {
        return Err("the roles and bindings that rights are read from are not those that are stored".to_owned());
    }
    Ok(())
}

fn called(object: &Object) -> String {
    format!("{}/{}", object.namespace(), object.name())
}
