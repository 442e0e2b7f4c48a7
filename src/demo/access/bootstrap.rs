//! The roles and bindings that every cluster starts with.

use super::super::object::Object;

/// The default ClusterRoles, ClusterRoleBindings, Roles and RoleBindings of Kubernetes 1.37.1, without uid, versions and
/// times; the rules of aggregated roles are filled in. See `data/README.md`.
pub fn objects() -> Result<Vec<Object>, serde_json::Error> {
    serde_json::from_str(include_str!("data/bootstrap.json"))
}
