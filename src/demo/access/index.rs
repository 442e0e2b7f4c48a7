//! The parsed roles and bindings of a cluster, kept current object by object.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::super::object::{Meta, Object};
use super::Rules;
use super::role::{Binding, Role};

/// Roles and bindings by namespace and name. A question visits the bindings of one namespace and the cluster's,
/// in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct Index {
    cluster_roles: BTreeMap<String, Role>,
    cluster_bindings: Bindings,
    roles: HashMap<String, BTreeMap<String, Role>>,
    bindings: HashMap<Arc<str>, Bindings>,
}

/// The bindings of a namespace, or of the cluster, by name. There may be tens of thousands of them: each is held apart, so
/// that none is held twice in size while a map's nodes are half full.
#[derive(Debug, Clone, Default)]
#[allow(clippy::vec_box, reason = "a list that grows has room for many more, which is to be pointers")]
struct Bindings(Vec<Box<Binding>>);

impl Bindings {
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|binding| (*binding.name).cmp(name))
    }

    fn insert(&mut self, binding: Binding) {
        match self.place(&binding.name) {
            Ok(at) => *self.0[at] = binding,
            Err(at) => self.0.insert(at, Box::new(binding)),
        }
    }

    fn remove(&mut self, name: &str) {
        if let Ok(at) = self.place(name) {
            self.0.remove(at);
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Binding> {
        self.0.iter().map(Box::as_ref)
    }
}

impl Index {
    /// Takes an object in, or replaces it. What is not of the four kinds of RBAC is passed over.
    pub fn upsert(&mut self, object: &Object) {
        let (namespace, name) = (object.namespace(), object.name().to_owned());
        match object.text(&["kind"]).unwrap_or_default() {
            "ClusterRole" => drop(self.cluster_roles.insert(name, Role::read(object))),
            "ClusterRoleBinding" => self.cluster_bindings.insert(Binding::read(object, Arc::default())),
            "Role" => drop(self.roles.entry(namespace.to_owned()).or_default().insert(name, Role::read(object))),
            "RoleBinding" => {
                let known = self.bindings.get_key_value(namespace).map(|(known, _)| Arc::clone(known));
                let namespace = known.unwrap_or_else(|| namespace.into());
                self.bindings.entry(Arc::clone(&namespace)).or_default().insert(Binding::read(object, namespace));
            }
            _ => {}
        }
    }

    /// Takes an object out; `namespace` is empty for the cluster's kinds.
    pub fn remove(&mut self, kind: &str, namespace: &str, name: &str) {
        match kind {
            "ClusterRole" => drop(self.cluster_roles.remove(name)),
            "ClusterRoleBinding" => self.cluster_bindings.remove(name),
            "Role" => {
                if let Some(roles) = self.roles.get_mut(namespace) {
                    roles.remove(name);
                    if roles.is_empty() {
                        self.roles.remove(namespace);
                    }
                }
            }
            "RoleBinding" => {
                if let Some(bindings) = self.bindings.get_mut(namespace) {
                    bindings.remove(name);
                    if bindings.0.is_empty() {
                        self.bindings.remove(namespace);
                    }
                }
            }
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
        Box::new(self.cluster_bindings.iter())
    }

    fn bindings(&self, namespace: &str) -> Box<dyn Iterator<Item = &Binding> + '_> {
        Box::new(self.bindings.get(namespace).into_iter().flat_map(Bindings::iter))
    }
}
