//! The two generations of Capsule, and what differs between them.

/// The label of 0.14 on the namespaces of a cordoned tenant.
pub(crate) const CORDONED_LABEL: &str = "projectcapsule.dev/cordoned";

/// The finalizer of 0.14 on every tenant.
pub(crate) const FINALIZER: &str = "controller.projectcapsule.dev/finalize";

/// How much of Capsule a cluster has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Capsule {
    /// Version 0.14.0: definitions, controller and webhooks.
    #[default]
    V0_14,
    /// Version 0.4.2, likewise: the oldest one that can be built, which stands for the old era.
    V0_4,
    /// The custom resource definitions of 0.14.0, and nobody who acts on them.
    CrdsOnly,
    /// Nothing: a cluster that has never heard of it.
    None,
}

impl Capsule {
    /// The era of its definitions, and of the group that owners are in; where there is no Capsule, the present one.
    pub fn era(self) -> Era {
        match self {
            Self::V0_4 => Era::V0_4,
            Self::V0_14 | Self::CrdsOnly | Self::None => Era::V0_14,
        }
    }

    /// Whether somebody acts on its objects.
    pub fn has_controller(self) -> bool {
        matches!(self, Self::V0_14 | Self::V0_4)
    }

    /// Whether its objects can be stored.
    pub fn has_definitions(self) -> bool {
        self != Self::None
    }
}

/// A generation of Capsule. What its objects and its words look like is asked here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Era {
    /// Static webhooks, a status without conditions, cordons that are written nowhere but in the tenant.
    V0_4,
    /// Webhooks that the controller generates, conditions, a label on the namespaces of a cordoned tenant.
    V0_14,
}

impl Era {
    /// The release that stands for it.
    pub fn version(self) -> &'static str {
        match self {
            Self::V0_4 => "0.4.2",
            Self::V0_14 => "0.14.0",
        }
    }

    /// The group whose members it treats as owners of tenants.
    pub fn user_group(self) -> &'static str {
        match self {
            Self::V0_4 => "capsule.clastix.io",
            Self::V0_14 => "projectcapsule.dev",
        }
    }

    /// The label of a cordoned namespace. It cordons one namespace, too, if somebody sets it there.
    pub fn cordoned_label(self) -> Option<&'static str> {
        match self {
            Self::V0_4 => None,
            Self::V0_14 => Some(CORDONED_LABEL),
        }
    }

    /// The finalizer that the controller puts on every tenant.
    pub fn finalizer(self) -> Option<&'static str> {
        match self {
            Self::V0_4 => None,
            Self::V0_14 => Some(FINALIZER),
        }
    }

    /// What `spec.cordoned` of a tenant says that nobody has ever cordoned: the definitions of 0.14 have a default.
    pub fn never_cordoned(self) -> Option<bool> {
        match self {
            Self::V0_4 => None,
            Self::V0_14 => Some(false),
        }
    }

    /// Whether tenants tell in conditions that they are ready, or cordoned.
    pub fn has_conditions(self) -> bool {
        self == Self::V0_14
    }

    /// How the names of the rolebindings begin that the controller makes for the owners of `tenant`.
    pub fn binding_prefix(self, tenant: &str) -> String {
        match self {
            Self::V0_4 => format!("capsule-{tenant}-"),
            Self::V0_14 => "capsule:managed:".to_owned(),
        }
    }

    /// What an owner is told, after the webhook's name, when he writes in `namespace` of the cordoned `tenant`.
    pub fn cordon_denial(self, tenant: &str, namespace: &str) -> String {
        match self {
            Self::V0_4 => {
                format!("denied the request: tenant {tenant} is freezed: please, reach out to the system administrator")
            }
            Self::V0_14 => format!("denied the request: The current namespace '{namespace}' is cordoned."),
        }
    }
}
