//! The parsed roles and bindings of a cluster, kept current object by object.

use std::collections::{BTreeMap, HashMap};

use super::super::object::{Meta, Object};
use super::Rules;
use super::role::{Binding, Role};

/// Roles and bindings by namespace and name. A question visits the bindings of one namespace and the cluster's,
/// in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct Index {
    cluster_roles: BTreeMap<String, Role>,
    cluster_bindings: BTreeMap<String, Binding>,
    roles: HashMap<String, BTreeMap<String, Role>>,
    bindings: HashMap<String, BTreeMap<String, Binding>>,
}

/// Removes from a map of maps; what became empty goes too.
fn forget<T>(all: &mut HashMap<String, BTreeMap<String, T>>, namespace: &str, name: &str) {
    if let Some(some) = all.get_mut(namespace) {
        some.remove(name);
        if some.is_empty() {
            all.remove(namespace);
        }
    }
}

impl Index {
    /// Takes an object in, or replaces it. What is not of the four kinds of RBAC is passed over.
    pub fn upsert(&mut self, object: &Object) {
        let (namespace, name) = (object.namespace().to_owned(), object.name().to_owned());
        match object.text(&["kind"]).unwrap_or_default() {
            "ClusterRole" => drop(self.cluster_roles.insert(name, Role::read(object))),
            "ClusterRoleBinding" => drop(self.cluster_bindings.insert(name, Binding::read(object))),
            "Role" => drop(self.roles.entry(namespace).or_default().insert(name, Role::read(object))),
            "RoleBinding" => drop(self.bindings.entry(namespace).or_default().insert(name, Binding::read(object))),
            _ => {}
        }
    }

    /// Takes an object out; `namespace` is empty for the cluster's kinds.
    pub fn remove(&mut self, kind: &str, namespace: &str, name: &str) {
        match kind {
            "ClusterRole" => drop(self.cluster_roles.remove(name)),
            "ClusterRoleBinding" => drop(self.cluster_bindings.remove(name)),
            "Role" => forget(&mut self.roles, namespace, name),
            "RoleBinding" => forget(&mut self.bindings, namespace, name),
            _ => {}
        }
    }
}

impl Rules for Index {
    fn cluster_role(&self, name: &str) -> Option<&Role> {
        self.cluster_roles.get(name)
    }

    fn role(&self, namespace: &str, name: &str) -> Option<&Role> {
        self.roles.get(namespace)?.get(name)
    }

    fn cluster_bindings(&self) -> Box<dyn Iterator<Item = &Binding> + '_> {
        Box::new(self.cluster_bindings.values())
    }

    fn bindings(&self, namespace: &str) -> Box<dyn Iterator<Item = &Binding> + '_> {
        Box::new(self.bindings.get(namespace).into_iter().flat_map(BTreeMap::values))
    }
}
