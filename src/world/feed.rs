//! What comes from a cluster: changes to rows, and news about the connection.

use super::binding::Binding;
use super::capsule::{Configuration, Era, WebhookConfiguration, WebhookHealth};
use super::identity::Identity;
use super::name::Name;
use super::namespace::Namespace;
use super::resource::Resources;
use super::role::Role;
use super::store::Row;
use super::table::Listed;
use super::tenant::Tenant;
use super::trouble::Trouble;
use super::workload::{Workload, WorkloadKind};

/// The part of a cluster that a source of rows covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All of it.
    Cluster,
    /// One namespace.
    Namespace(Name),
}

/// A change to the rows of one kind in one scope.
#[derive(Debug)]
pub struct Change<R: Row> {
    /// Where.
    pub scope: Scope,
    /// What.
    pub what: What<R>,
}

/// What happens to the rows of a scope.
#[derive(Debug)]
pub enum What<R: Row> {
    /// A full list begins.
    Begin,
    /// These rows exist, as they are now.
    Rows(Vec<R>),
    /// These rows are gone.
    Gone(Vec<R::Key>),
    /// The list is complete: what it did not name does not exist. The watch goes on from here.
    Synced,
    /// The watch is connected again and missed nothing.
    Alive,
    /// The list or the watch failed.
    Failed(Trouble),
    /// The cluster does not serve this kind.
    Absent,
    /// Nobody follows this scope any more: its rows are no longer known.
    Dropped,
}

/// Something a cluster tells.
#[derive(Debug)]
pub enum Feed {
    /// Tenants.
    Tenants(Change<Tenant>),
    /// Namespaces.
    Namespaces(Change<Namespace>),
    /// RoleBindings.
    Bindings(Change<Binding>),
    /// ClusterRoleBindings.
    ClusterBindings(Change<Binding>),
    /// Roles.
    Roles(Change<Role>),
    /// ClusterRoles.
    ClusterRoles(Change<Role>),
    /// Workloads of one kind.
    Workloads(WorkloadKind, Change<Workload>),
    /// The CapsuleConfiguration.
    Configuration(Change<Configuration>),
    /// Capsule's webhook configurations, validating (`true`) or mutating.
    Webhooks(bool, Change<WebhookConfiguration>),
    /// Whether the webhooks answer.
    WebhookHealth(WebhookHealth),
    /// Which era of Capsule this is.
    Era(Era),
    /// The server's version, as `/version` says it.
    Version(String),
    /// The kinds that the server has, or why it does not say.
    Resources(Result<Box<Resources>, Trouble>),
    /// News of the table that was asked for under this number.
    Listed(u64, Listed),
    /// Who we are.
    Identity(Identity),
    /// The server will not say who we are, as far as can be told now.
    IdentityRefused(Trouble),
    /// The server answers.
    Connected,
    /// It does not, and is tried again (unless the failure is final).
    Disconnected(Trouble),
}
