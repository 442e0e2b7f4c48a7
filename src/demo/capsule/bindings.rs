//! The rights of owners: RoleBindings in each of a tenant's namespaces.

use serde_json::{Value, json};

use super::{NEW_TENANT_LABEL, TENANT_LABEL, controller, hash, users};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Deletion, Registry};
use crate::demo::schema::Era;

const BINDINGS: &str = "rolebindings.rbac.authorization.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";

/// Labels that mark what belongs to a hash.
const HASH_LABEL: &str = "capsule.clastix.io/role-binding";

/// A binding that a tenant asks for.
struct Wanted {
    role: String,
    subjects: Vec<Value>,
}

/// What a tenant asks for: its owners' roles in their order, then the additional bindings.
fn wanted(registry: &Registry, tenant: &Object) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for owner in users::owners_of(registry, tenant) {
        let subject = subject(&owner);
        let roles: Vec<String> = match owner.list(&["clusterRoles"]) {
            [] => vec!["admin".to_owned(), "capsule-namespace-deleter".to_owned()],
            roles => roles.iter().filter_map(|role| role.as_str().map(str::to_owned)).collect(),
        };
        for role in roles {
            // The new era gathers the owners of a role in one binding; the old one makes a binding for each.
            match all.iter_mut().find(|one| one.role == role).filter(|_| registry.era == Era::V0_14) {
                Some(one) => one.subjects.push(subject.clone()),
                None => all.push(Wanted { role, subjects: vec![subject.clone()] }),
            }
        }
    }
    for binding in tenant.list(&["spec", "additionalRoleBindings"]) {
        let role = binding.text(&["clusterRoleName"]).unwrap_or_default().to_owned();
        all.push(Wanted { role, subjects: binding.list(&["subjects"]).to_vec() });
    }
    all
}

/// An owner as a subject.
fn subject(owner: &Value) -> Value {
    let (kind, name) = (owner.text(&["kind"]).unwrap_or_default(), owner.text(&["name"]).unwrap_or_default());
    match name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':')) {
        Some((namespace, name)) if kind == "ServiceAccount" => {
            json!({"kind": kind, "name": name, "namespace": namespace})
        }
        _ => json!({"apiGroup": RBAC, "kind": kind, "name": name}),
    }
}

/// Makes what is missing, mends what was changed, removes what is asked for no more.
pub fn reconcile(registry: &mut Registry, tenant: &Object, namespaces: &[String]) {
    let wanted = wanted(registry, tenant);
    for namespace in namespaces {
        let is_active = registry.look("namespaces", "", namespace).is_some_and(|namespace| !namespace.is_terminating());
        if !is_active {
            continue;
        }
        let mut kept = Vec::new();
        for (at, one) in wanted.iter().enumerate() {
            let binding = binding(registry.era, tenant, namespace, at, one);
            kept.push(binding.name().to_owned());
            write(registry, namespace, binding);
        }
        let surplus: Vec<String> = registry
            .views(BINDINGS, Some(namespace))
            .filter(|binding| binding.label(HASH_LABEL).is_some() && super::owner_of(binding) == Some(tenant.name()))
            .map(|binding| binding.name().to_owned())
            .filter(|name| !kept.contains(name))
            .collect();
        for name in surplus {
            let _ = registry.delete(&mut controller(), BINDINGS, namespace, &name, &Deletion::default());
        }
    }
}

fn binding(era: Era, tenant: &Object, namespace: &str, at: usize, one: &Wanted) -> Object {
    let text = |subject: &'_ Value, key: &str| subject.text(&[key]).unwrap_or_default().to_owned();
    let parts: Vec<[String; 4]> = one
        .subjects
        .iter()
        .map(|subject| ["apiGroup", "kind", "namespace", "name"].map(|key| text(subject, key)))
        .collect();
    let subjects: Vec<(&str, &str, &str, &str)> = parts
        .iter()
        .map(|[group, kind, namespace, name]| (group.as_str(), kind.as_str(), namespace.as_str(), name.as_str()))
        .collect();
    let hash = match era {
        Era::V0_14 => hash::role_binding(&one.role, &subjects),
        Era::V0_4 => hash::role_binding_old(&one.role, &subjects),
    };
    let name = match era {
        Era::V0_14 => format!("capsule:managed:{hash}"),
        Era::V0_4 => format!("capsule-{}-{at}-{}", tenant.name(), one.role),
    };
    let labels = match era {
        Era::V0_14 => json!({
            "capsule.clastix.io/managed-by": tenant.name(), HASH_LABEL: hash,
            super::MANAGED_LABEL: "controller", NEW_TENANT_LABEL: tenant.name(),
        }),
        Era::V0_4 => json!({HASH_LABEL: hash, TENANT_LABEL: tenant.name()}),
    };
    let owner = json!([{
        "apiVersion": "capsule.clastix.io/v1beta2", "kind": "Tenant", "name": tenant.name(), "uid": tenant.uid(),
        "controller": true, "blockOwnerDeletion": true,
    }]);
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": name, "namespace": namespace, "labels": labels, "ownerReferences": owner},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": one.role},
        "subjects": one.subjects,
    })
}

/// Makes a binding, or mends it; one whose role is another is made anew, since roles of bindings do not change.
fn write(registry: &mut Registry, namespace: &str, wanted: Object) {
    let name = wanted.name().to_owned();
    let mut by = controller();
    match registry.look(BINDINGS, namespace, &name) {
        None => drop(registry.create(&mut by, BINDINGS, wanted)),
        Some(there) if there.get("roleRef") != wanted.get("roleRef") => {
            let _ = registry.delete(&mut by, BINDINGS, namespace, &name, &Deletion::default());
            let _ = registry.create(&mut by, BINDINGS, wanted);
        }
        Some(_) => {
            registry.change(&by, BINDINGS, "", namespace, &name, |binding| {
                for path in [&["subjects"][..], &["metadata", "labels"], &["metadata", "ownerReferences"]] {
                    if let Some(value) = wanted.at(path) {
                        binding.set(path, value.clone());
                    }
                }
            });
        }
    }
}
