//! What is dangerous about a rule or a binding: by which requests it shows, how bad it is, and the words for it.

use super::super::rule::{Attributes, Rule};

/// How bad it is. The order is the order of urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Whoever has it can get everything.
    Critical,
    /// It leads further than it seems.
    High,
    /// Worth knowing.
    Medium,
    /// Untidy.
    Low,
}

impl Severity {
    /// The glyph that tells it without colour; ASCII.
    pub const fn glyph(self) -> &'static str {
        match self {
            Self::Critical => "!",
            Self::High => "+",
            Self::Medium | Self::Low => ".",
        }
    }

    /// The word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// What is dangerous about a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// Somebody of one tenant is bound in another, or in the whole cluster.
    CrossTenant,
    /// Everybody is bound: `system:authenticated` and the like.
    ImplicitAudience,
    /// Every verb on everything.
    Everything,
    /// Acts as others.
    Impersonate,
    /// Hands itself any role.
    Escalate,
    /// Switches Capsule off, and every other admission.
    Webhooks,
    /// Makes itself an owner, or has Capsule make things.
    CapsuleKinds,
    /// Talks to kubelets: all tenants' containers.
    NodeProxy,
    /// Hands out rights.
    Bindings,
    /// Reads Secrets.
    Secrets,
    /// Makes or changes workloads, which may mount any Secret and act as any ServiceAccount of the namespace.
    Workloads,
    /// Gets into containers, past a cordon.
    Exec,
    /// Issues tokens of ServiceAccounts.
    Tokens,
    /// Changes what all tenants share: definitions, volumes, storage classes, namespaces.
    Shared,
    /// Widens network policies, or opens ways in.
    Network,
    /// Whatever runs in the namespace has it, since that is the ServiceAccount of pods that ask for none.
    DefaultAccount,
    /// The role does not exist.
    MissingRole,
    /// The ServiceAccount's namespace does not exist.
    MissingSubject,
}

type Requests = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const RBAC: &str = "rbac.authorization.k8s.io";
const CHANGE: &[&str] = &["create", "update", "patch"];

impl Flag {
    /// A word or two, for a column.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CrossTenant => "cross-tenant",
            Self::ImplicitAudience => "everybody",
            Self::Everything => "everything",
            Self::Impersonate => "impersonates",
            Self::Escalate => "escalates",
            Self::Webhooks => "webhooks",
            Self::CapsuleKinds => "Capsule",
            Self::NodeProxy => "kubelets",
            Self::Bindings => "binds",
            Self::Secrets => "secrets",
            Self::Workloads => "workloads",
            Self::Exec => "exec",
            Self::Tokens => "tokens",
            Self::Shared => "shared",
            Self::Network => "network",
            Self::DefaultAccount => "default SA",
            Self::MissingRole => "no role",
            Self::MissingSubject => "no subject",
        }
    }

    /// What is dangerous about it, in a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::CrossTenant => "belongs to another tenant",
            Self::ImplicitAudience => "is everybody, the users of every tenant among them",
            Self::Everything => "may do everything",
            Self::Impersonate => "may act as others, another tenant's owner among them",
            Self::Escalate => "may hand itself any role (bind, escalate)",
            Self::Webhooks => "may change admission webhooks, and so switch Capsule off",
            Self::CapsuleKinds => "may change Capsule's own objects, and so make itself an owner",
            Self::NodeProxy => "may talk to kubelets, and so get into all tenants' containers",
            Self::Bindings => "may hand out rights (RoleBindings)",
            Self::Secrets => "may read Secrets",
            Self::Workloads => {
                "may run workloads, which mount any Secret and act as any ServiceAccount of the namespace"
            }
            Self::Exec => "may get into containers; a cordon does not stop that",
            Self::Tokens => "may issue tokens of ServiceAccounts",
            Self::Shared => "may change what all tenants share",
            Self::Network => "may widen network policies, or open ways in",
            Self::DefaultAccount => "is what every pod runs as that asks for nothing else",
            Self::MissingRole => {
                "is bound to a role that does not exist: whoever makes one of that name decides what it allows"
            }
            Self::MissingSubject => "lies in a namespace that does not exist: whoever makes it has this",
        }
    }

    /// How bad it is, in some namespaces or in the whole cluster.
    pub const fn severity(self, in_cluster: bool) -> Severity {
        match self {
            // In a namespace there are only its own ServiceAccounts to act as.
            Self::Everything | Self::Impersonate if !in_cluster => Severity::High,
            Self::CrossTenant if in_cluster => Severity::Critical,
            Self::Everything
            | Self::Impersonate
            | Self::Escalate
            | Self::Webhooks
            | Self::CapsuleKinds
            | Self::NodeProxy => Severity::Critical,
            Self::CrossTenant
            | Self::ImplicitAudience
            | Self::Bindings
            | Self::Secrets
            | Self::Workloads
            | Self::Exec
            | Self::Tokens
            | Self::Shared => Severity::High,
            Self::Network | Self::DefaultAccount => Severity::Medium,
            Self::MissingRole | Self::MissingSubject => Severity::Low,
        }
    }

    /// Those that a rule may have.
    pub(super) const OF_RULES: [Self; 13] = [
        Self::Everything,
        Self::Impersonate,
        Self::Escalate,
        Self::Webhooks,
        Self::CapsuleKinds,
        Self::NodeProxy,
        Self::Bindings,
        Self::Secrets,
        Self::Workloads,
        Self::Exec,
        Self::Tokens,
        Self::Shared,
        Self::Network,
    ];

    /// The requests by which a rule has it (verbs, groups, resources), and whether it must hold in the whole cluster for that.
    const fn requests(self) -> (&'static [Requests], bool) {
        match self {
            Self::Impersonate => (&[(&["impersonate"], &[""], &["users", "groups", "serviceaccounts"])], false),
            Self::Escalate => (&[(&["bind", "escalate"], &[RBAC], &["roles", "clusterroles"])], false),
            Self::Webhooks => (
                &[(
                    &["create", "update", "patch", "delete"],
                    &["admissionregistration.k8s.io"],
                    &["validatingwebhookconfigurations", "mutatingwebhookconfigurations"],
                )],
                true,
            ),
            Self::CapsuleKinds => (
                &[(
                    CHANGE,
                    &["capsule.clastix.io"],
                    &["tenants", "capsuleconfigurations", "globaltenantresources", "tenantowners"],
                )],
                true,
            ),
            Self::NodeProxy => (&[(&["get", "create"], &[""], &["nodes/proxy"])], true),
            Self::Bindings => (&[(CHANGE, &[RBAC], &["rolebindings", "clusterrolebindings"])], false),
            Self::Secrets => (&[(&["get", "list", "watch"], &[""], &["secrets"])], false),
            Self::Workloads => (
                &[
                    (CHANGE, &[""], &["pods", "replicationcontrollers"]),
                    (CHANGE, &["apps"], &["deployments", "statefulsets", "daemonsets", "replicasets"]),
                    (CHANGE, &["batch"], &["jobs", "cronjobs"]),
                ],
                false,
            ),
            Self::Exec => (
                &[
                    (&["create", "get"], &[""], &["pods/exec", "pods/attach", "pods/portforward"]),
                    (&["update", "patch"], &[""], &["pods/ephemeralcontainers"]),
                ],
                false,
            ),
            Self::Tokens => (&[(&["create"], &[""], &["serviceaccounts/token"])], false),
            Self::Shared => (
                &[
                    (&["create", "update", "patch", "delete"], &[""], &["persistentvolumes", "namespaces"]),
                    (
                        &["create", "update", "patch", "delete"],
                        &["apiextensions.k8s.io"],
                        &["customresourcedefinitions"],
                    ),
                    (&["create", "update", "patch", "delete"], &["storage.k8s.io"], &["storageclasses"]),
                ],
                true,
            ),
            Self::Network => (
                &[
                    (CHANGE, &["networking.k8s.io"], &["networkpolicies", "ingresses"]),
                    (CHANGE, &["gateway.networking.k8s.io"], &["gateways", "httproutes"]),
                    (CHANGE, &[""], &["services"]),
                ],
                false,
            ),
            _ => (&[], false),
        }
    }

    /// Whether a rule has it.
    pub(super) fn is_in(self, rule: &Rule, in_cluster: bool) -> bool {
        if self == Self::Everything {
            return rule.is_everything();
        }
        let (requests, must_be_cluster) = self.requests();
        if must_be_cluster && !in_cluster {
            return false;
        }
        // That it is for some objects by name only makes it no less dangerous: it is told with the rule.
        let name = rule.names.first().map(AsRef::as_ref).unwrap_or_default();
        requests.iter().any(|(verbs, groups, resources)| {
            verbs.iter().any(|verb| {
                groups.iter().any(|group| {
                    resources.iter().any(|resource| {
                        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
                        rule.allows(&Attributes::Resource { verb, group, resource, subresource, name, namespace: "" })
                    })
                })
            })
        })
    }
}
