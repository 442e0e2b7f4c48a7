//! The kinds that are followed: their paths, how a row is read from their JSON, and where it goes.

use std::fmt;

use super::wire;
use crate::world::binding::Binding;
use crate::world::capsule::{Configuration, WebhookConfiguration};
use crate::world::feed::{Change, Feed, Scope};
use crate::world::name::Interner;
use crate::world::namespace::Namespace;
use crate::world::role::Role;
use crate::world::store::Row;
use crate::world::tenant::Tenant;
use crate::world::workload::{Workload, WorkloadKind};

/// One kind that is followed.
pub struct Kind<R: Row> {
    /// `/api/v1` or `/apis/GROUP/VERSION`.
    pub base: &'static str,
    /// The plural, as in paths.
    pub plural: &'static str,
    /// Whether objects lie in namespaces.
    pub namespaced: bool,
    /// Reads a row; `None` for objects of the kind that are not ours to show.
    pub decode: fn(&[u8], &mut Interner) -> serde_json::Result<Option<R>>,
    /// Wraps a change into the feed.
    pub feed: fn(Change<R>) -> Feed,
}

impl<R: Row> Clone for Kind<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Row> Copy for Kind<R> {}

impl<R: Row> fmt::Debug for Kind<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.plural)
    }
}

/// Where rows of one kind come from: what a watch must know.
pub trait Source: Clone + Send + Sync + 'static {
    /// The rows.
    type Row: Row + Send + 'static;

    /// How many objects are asked for at once; `None`: all, unless the server cannot give them.
    const PAGE: Option<u32> = None;
    /// In which form.
    const ACCEPT: &str = "application/json";

    /// The plural, as in paths.
    fn plural(&self) -> &str;

    /// Whether objects lie in namespaces.
    fn is_namespaced(&self) -> bool;

    /// The path of the collection in `scope`.
    fn path(&self, scope: &Scope) -> String;

    /// The path that is watched.
    fn watch_path(&self, scope: &Scope) -> String {
        self.path(scope)
    }

    /// Whether `scope` stands for one object rather than for a collection.
    fn is_single(&self, _scope: &Scope) -> bool {
        false
    }

    /// Whether the server lets one watch it. What cannot be watched is listed now and then.
    fn can_be_watched(&self) -> bool {
        true
    }

    /// Reads a row; `None` for objects of the kind that are not ours to show.
    fn decode(&self, item: &[u8], names: &mut Interner) -> serde_json::Result<Option<Self::Row>>;

    /// Wraps a change into the feed.
    fn feed(&self, change: Change<Self::Row>) -> Feed;

    /// What is to be told of a list beside its rows. `around`: the list without them.
    fn head(&self, _around: &[u8]) -> Option<Feed> {
        None
    }
}

impl<R> Source for Kind<R>
where
    R: Row + Send + 'static,
    R::Key: Send,
{
    type Row = R;

    fn plural(&self) -> &str {
        self.plural
    }

    fn is_namespaced(&self) -> bool {
        self.namespaced
    }

    /// A Namespace of its own is no collection: see [`Source::is_single`].
    fn path(&self, scope: &Scope) -> String {
        match scope {
            Scope::Namespace(namespace) if self.namespaced => {
                format!("{}/namespaces/{namespace}/{}", self.base, self.plural)
            }
            Scope::Namespace(name) => format!("{}/{}/{name}", self.base, self.plural),
            Scope::Cluster => format!("{}/{}", self.base, self.plural),
        }
    }

    /// The path that is watched. A tenant's owner may watch his namespace by name only, and the authorizer takes the namespace
    /// of a Namespace from the path alone, so single ones are followed under the (deprecated, still served) `watch` prefix.
    fn watch_path(&self, scope: &Scope) -> String {
        match scope {
            Scope::Namespace(name) if self.is_single(scope) => format!("{}/watch/{}/{name}", self.base, self.plural),
            _ => self.path(scope),
        }
    }

    fn is_single(&self, scope: &Scope) -> bool {
        !self.namespaced && matches!(scope, Scope::Namespace(_))
    }

    fn decode(&self, item: &[u8], names: &mut Interner) -> serde_json::Result<Option<R>> {
        (self.decode)(item, names)
    }

    fn feed(&self, change: Change<R>) -> Feed {
        (self.feed)(change)
    }
}

/// Tenants.
pub const TENANTS: Kind<Tenant> = Kind {
    base: "/apis/capsule.clastix.io/v1beta2",
    plural: "tenants",
    namespaced: false,
    decode: |item, names| wire::capsule::decode_tenant(item, names).map(Some),
    feed: Feed::Tenants,
};

/// CapsuleConfigurations.
pub const CONFIGURATIONS: Kind<Configuration> = Kind {
    base: "/apis/capsule.clastix.io/v1beta2",
    plural: "capsuleconfigurations",
    namespaced: false,
    decode: |item, names| wire::capsule::decode_configuration(item, names).map(Some),
    feed: Feed::Configuration,
};

/// Namespaces.
pub const NAMESPACES: Kind<Namespace> = Kind {
    base: "/api/v1",
    plural: "namespaces",
    namespaced: false,
    decode: |item, names| wire::namespace::decode(item, names).map(Some),
    feed: Feed::Namespaces,
};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

/// RoleBindings.
pub const BINDINGS: Kind<Binding> = Kind {
    base: RBAC,
    plural: "rolebindings",
    namespaced: true,
    decode: |item, names| wire::rbac::decode_binding(item, names).map(Some),
    feed: Feed::Bindings,
};

/// ClusterRoleBindings.
pub const CLUSTER_BINDINGS: Kind<Binding> = Kind {
    base: RBAC,
    plural: "clusterrolebindings",
    namespaced: false,
    decode: |item, names| wire::rbac::decode_binding(item, names).map(Some),
    feed: Feed::ClusterBindings,
};

/// Roles.
pub const ROLES: Kind<Role> = Kind {
    base: RBAC,
    plural: "roles",
    namespaced: true,
    decode: |item, names| wire::rbac::decode_role(item, names).map(Some),
    feed: Feed::Roles,
};

/// ClusterRoles.
pub const CLUSTER_ROLES: Kind<Role> = Kind {
    base: RBAC,
    plural: "clusterroles",
    namespaced: false,
    decode: |item, names| wire::rbac::decode_role(item, names).map(Some),
    feed: Feed::ClusterRoles,
};

const ADMISSION: &str = "/apis/admissionregistration.k8s.io/v1";

/// ValidatingWebhookConfigurations of Capsule.
pub const VALIDATING: Kind<WebhookConfiguration> = Kind {
    base: ADMISSION,
    plural: "validatingwebhookconfigurations",
    namespaced: false,
    decode: |item, names| wire::capsule::decode_webhooks(true, item, names),
    feed: |change| Feed::Webhooks(true, change),
};

/// MutatingWebhookConfigurations of Capsule.
pub const MUTATING: Kind<WebhookConfiguration> = Kind {
    base: ADMISSION,
    plural: "mutatingwebhookconfigurations",
    namespaced: false,
    decode: |item, names| wire::capsule::decode_webhooks(false, item, names),
    feed: |change| Feed::Webhooks(false, change),
};

/// The workloads of each kind.
pub const WORKLOADS: [Kind<Workload>; 4] = [
    Kind {
        base: "/api/v1",
        plural: "pods",
        namespaced: true,
        decode: |item, names| wire::workload::decode(WorkloadKind::Pod, item, names).map(Some),
        feed: |change| Feed::Workloads(WorkloadKind::Pod, change),
    },
    Kind {
        base: "/apis/apps/v1",
        plural: "deployments",
        namespaced: true,
        decode: |item, names| wire::workload::decode(WorkloadKind::Deployment, item, names).map(Some),
        feed: |change| Feed::Workloads(WorkloadKind::Deployment, change),
    },
    Kind {
        base: "/apis/apps/v1",
        plural: "statefulsets",
        namespaced: true,
        decode: |item, names| wire::workload::decode(WorkloadKind::StatefulSet, item, names).map(Some),
        feed: |change| Feed::Workloads(WorkloadKind::StatefulSet, change),
    },
    Kind {
        base: "/apis/batch/v1",
        plural: "cronjobs",
        namespaced: true,
        decode: |item, names| wire::workload::decode(WorkloadKind::CronJob, item, names).map(Some),
        feed: |change| Feed::Workloads(WorkloadKind::CronJob, change),
    },
];
