//! Ready-made contents of a cluster.

mod imitation;
mod large;
mod small;
mod workloads;

use std::fmt;

use crate::cluster::Cluster;
use crate::error::Failure;

/// What a cluster is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// A handful of tenants in different states, with workloads that run: to look at, and to try things on.
    Small,
    /// As many as the largest installations have, without workloads: to measure with.
    Large,
}

/// How many objects a seed made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planted {
    /// Tenants.
    pub tenants: usize,
    /// Namespaces of theirs.
    pub namespaces: usize,
    /// RoleBindings in those.
    pub role_bindings: usize,
}

impl fmt::Display for Planted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenants, namespaces, role_bindings } = self;
        write!(f, "{tenants} tenants, {namespaces} namespaces, {role_bindings} rolebindings")
    }
}

/// Fills `cluster`, which needs at least Capsule's definitions.
pub async fn plant(cluster: &Cluster, seed: Seed) -> Result<Planted, Failure> {
    match seed {
        Seed::Small => small::plant(cluster).await,
        Seed::Large => large::plant(cluster).await,
    }
}
