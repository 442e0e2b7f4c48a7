//! Roles and ClusterRoles: what they allow, and of which others they are made.

use std::sync::Arc;

use super::labels::{Labels, Selector};
use super::name::Name;
use super::rights::rule::Rule;

/// A Role, or, without a namespace, a ClusterRole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The namespace; `None` for a ClusterRole.
    pub namespace: Option<Name>,
    /// `metadata.name`.
    pub name: Name,
    /// The rules, in order. Roles of many namespaces that allow the same share them.
    pub rules: Arc<[Rule]>,
    /// `aggregationRule`: its rules are the union of those ClusterRoles that one of these selects. `None`: they are its own.
    pub aggregates: Option<Arc<[Selector]>>,
    /// The labels of a ClusterRole, by which others take up its rules.
    pub labels: Labels,
}

impl Role {
    /// Whether one rule allows every verb on every resource of every group.
    pub fn is_everything(&self) -> bool {
        self.rules.iter().any(Rule::is_everything)
    }
}
