//! Capsule itself: which era it is of, how it is configured, whether its webhooks answer.

use super::binding::Subject;
use super::identity::Identity;
use super::name::Name;

/// What is known of Capsule's presence, from API discovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Era {
    /// Not asked yet.
    #[default]
    Unknown,
    /// The cluster serves no `capsule.clastix.io/v1beta2` tenants.
    Absent,
    /// Up to 0.12: static webhooks, no rules.
    Static,
    /// From 0.13 on: webhooks generated from the CapsuleConfiguration, RuleStatus served.
    Dynamic,
}

impl Era {
    /// The words on screen.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Absent => "not installed",
            Self::Static => "up to 0.12 (static webhooks)",
            Self::Dynamic => "0.13 or newer (dynamic webhooks)",
        }
    }
}

/// The CapsuleConfiguration, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// `metadata.name`, by default `default`.
    pub name: Name,
    /// Who is a Capsule user: `status.users` where resolved there, else `spec.users`, `userNames` and `userGroups`.
    pub users: Vec<Subject>,
    /// `spec.administrators`.
    pub administrators: Vec<Subject>,
    /// `spec.ignoreUserWithGroups`: groups whose members are not handled as Capsule users.
    pub ignored_groups: Vec<Name>,
    /// `spec.protectedNamespaceRegex`.
    pub protected_namespaces: Option<Name>,
    /// `spec.forceTenantPrefix`.
    pub force_prefix: bool,
    /// The condition `Ready`: met, and its message. `None` where the era has none.
    pub ready: Option<(bool, Name)>,
}

/// A Validating- or MutatingWebhookConfiguration of Capsule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookConfiguration {
    /// Whether it validates; else it mutates.
    pub validating: bool,
    /// `metadata.name`.
    pub name: Name,
    /// How many webhooks it holds.
    pub hooks: u32,
    /// How many of those let nothing pass when they do not answer (`failurePolicy: Fail`).
    pub fail_closed: u32,
}

/// Whether Capsule's webhooks answer, as far as asking can tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum WebhookHealth {
    /// Not asked (yet, or not allowed to), with the reason.
    #[default]
    NotAsked,
    /// Cannot be asked: why.
    Unknown(String),
    /// They answered.
    Answering,
    /// They did not: this webhook, these words.
    Dead {
        /// The webhook that could not be called.
        webhook: String,
        /// The server's words.
        words: String,
    },
}

/// What an identity is to Capsule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Among the CapsuleConfiguration's administrators.
    Administrator,
    /// Member of `system:masters`: bound by nothing but admission.
    ClusterAdministrator,
    /// Owner of tenants: how many.
    Owner(usize),
    /// A Capsule user who owns nothing that we can see.
    User,
    /// Neither, as far as the configuration tells.
    Outside,
    /// The configuration may not be read: not known.
    NotVisible,
}

impl Standing {
    /// What `identity` is, given the configuration (if it may be read) and the number of tenants it is known to own.
    pub fn of(identity: &Identity, configuration: Option<&Configuration>, owned: usize) -> Self {
        let among = |subjects: &[Subject]| subjects.iter().any(|s| s.matches(&identity.username, &identity.groups));
        if let Some(configuration) = configuration
            && among(&configuration.administrators)
        {
            return Self::Administrator;
        }
        if identity.is_master() {
            return Self::ClusterAdministrator;
        }
        if owned > 0 {
            return Self::Owner(owned);
        }
        match configuration {
            None => Self::NotVisible,
            Some(configuration) if among(&configuration.users) && !configuration.ignores(identity) => Self::User,
            Some(_) => Self::Outside,
        }
    }

    /// The words on screen.
    pub fn words(&self) -> String {
        match self {
            Self::Administrator => "Capsule administrator".to_owned(),
            Self::ClusterAdministrator => "cluster administrator".to_owned(),
            Self::Owner(1) => "owner of 1 tenant".to_owned(),
            Self::Owner(n) => format!("owner of {n} tenants"),
            Self::User => "Capsule user".to_owned(),
            Self::Outside => "outside Capsule".to_owned(),
            Self::NotVisible => "role not visible".to_owned(),
        }
    }
}

impl Configuration {
    /// Whether one of the identity's groups takes it out of Capsule's hands.
    fn ignores(&self, identity: &Identity) -> bool {
        identity.groups.iter().any(|group| self.ignored_groups.iter().any(|ignored| **ignored == **group))
    }
}
