//! Roles and ClusterRoles, as far as the Access pane needs them: do they exist, and are they broad.

use super::name::Name;

/// A Role, or, without a namespace, a ClusterRole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The namespace; `None` for a ClusterRole.
    pub namespace: Option<Name>,
    /// `metadata.name`.
    pub name: Name,
    /// The number of rules.
    pub rules: u32,
    /// Whether one rule allows every verb on every resource of every group.
    pub everything: bool,
    /// Whether the rules are the union of other ClusterRoles (`aggregationRule`).
    pub aggregated: bool,
}
