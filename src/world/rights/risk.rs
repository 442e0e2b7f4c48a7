//! What should be looked at: grants that are dangerous by themselves, or break the wall between tenants.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::world::World;
use crate::world::binding::{Binding, Key, RoleRef, Subject};
use crate::world::grant::Reach;
use crate::world::maker::Maker;
use crate::world::name::Name;

use super::index::one;
use super::person::{ACCOUNTS, AUTHENTICATED, UNAUTHENTICATED};
use super::question::Where;
use super::rule::{Attributes, Rule};
use super::{Rights, RoleIs, is_live};

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
    const OF_RULES: [Self; 13] = [
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
    fn is_in(self, rule: &Rule, in_cluster: bool) -> bool {
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

/// Something that should be looked at: of one subject, by one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// What.
    pub flag: Flag,
    /// How bad.
    pub severity: Severity,
    /// Who.
    pub subject: Subject,
    /// By which role.
    pub role: RoleRef,
    /// By which of its rules; `None` where it is the binding itself.
    pub rule: Option<Rule>,
    /// Where.
    pub reach: Reach,
    /// The bindings.
    pub bindings: Vec<Key>,
    /// The tenants that it is about; empty: the whole cluster, or what belongs to none.
    pub tenants: Vec<Name>,
    /// The tenants that the subject belongs to: it owns them, or lies in them.
    pub of_tenants: Vec<Name>,
    /// It is meant to be so: Capsule binds the tenant's own owners.
    pub expected: bool,
}

impl Risk {
    /// As a sentence.
    pub fn words(&self) -> String {
        let join = |names: &[Name]| names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ");
        match self.flag {
            Flag::CrossTenant if self.tenants.is_empty() => {
                format!(
                    "{} belongs to tenant {} and is bound in the whole cluster",
                    self.subject,
                    join(&self.of_tenants)
                )
            }
            Flag::CrossTenant => format!(
                "{} belongs to tenant {} and is bound in tenant {}",
                self.subject,
                join(&self.of_tenants),
                join(&self.tenants)
            ),
            flag => format!("{} {}", self.subject, flag.words()),
        }
    }
}

/// To which tenants subjects belong.
struct Homes<'a> {
    world: &'a World,
    owners: HashMap<&'a Subject, BTreeSet<&'a Name>>,
}

impl<'a> Homes<'a> {
    fn new(world: &'a World) -> Self {
        let mut owners: HashMap<&Subject, BTreeSet<&Name>> = HashMap::new();
        for tenant in world.tenants.iter() {
            for owner in &tenant.owners {
                owners.entry(&owner.subject).or_default().insert(&tenant.name);
            }
        }
        Self { world, owners }
    }

    fn of(&self, subject: &Subject) -> BTreeSet<&'a Name> {
        let mut homes = self.owners.get(subject).cloned().unwrap_or_default();
        let namespace: Option<Name> = match subject {
            Subject::ServiceAccount { namespace, .. } => Some(namespace.clone()),
            Subject::Group(name) => name.strip_prefix(ACCOUNTS).and_then(|rest| rest.strip_prefix(':')).map(Into::into),
            _ => None,
        };
        homes.extend(namespace.and_then(|namespace| self.tenant_of(&namespace)));
        homes
    }

    fn tenant_of(&self, namespace: &Name) -> Option<&'a Name> {
        self.world.namespaces.get(namespace).and_then(|row| row.tenant.as_ref())
    }
}

type Found = BTreeMap<(Severity, Flag, Subject, RoleRef, Option<Name>), Risk>;

/// The flags that roles have, with the rules by which they have them: in some namespaces, or in the whole cluster.
type OfRoles = HashMap<(Key, bool), Vec<(Flag, usize)>>;

/// One flag of one subject by one binding.
struct Told<'t> {
    flag: Flag,
    severity: Severity,
    subject: &'t Subject,
    binding: &'t Binding,
    rule: Option<&'t Rule>,
    tenant: Option<&'t Name>,
    of_tenants: &'t BTreeSet<&'t Name>,
    expected: bool,
}

/// The gravest of what should be looked at of somebody in a role, that across tenants before all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gravest {
    /// What.
    pub flag: Flag,
    /// How bad the worst of it is.
    pub severity: Severity,
}

impl Rights<'_> {
    /// What should be looked at in a place: of the bindings in its namespaces, and of those in the whole cluster; the worst
    /// first. Kubernetes' own parts are left out as far as it has set them up itself.
    pub fn risks(&self, place: &Where) -> Vec<Risk> {
        let mut found = Found::new();
        self.look_at_all(place, &mut |told| {
            let Told { flag, severity, subject, binding, rule, tenant, of_tenants, expected } = told;
            // A Role is another one in each namespace.
            let place = if binding.role.cluster { None } else { binding.namespace.clone() };
            let key = (severity, flag, subject.clone(), binding.role.clone(), place);
            let risk = found.entry(key).or_insert_with(|| Risk {
                flag,
                severity,
                subject: subject.clone(),
                role: binding.role.clone(),
                rule: rule.cloned(),
                reach: Reach::Namespaces(Vec::new()),
                bindings: Vec::new(),
                tenants: Vec::new(),
                of_tenants: of_tenants.iter().map(|name| Name::clone(name)).collect(),
                expected: true,
            });
            risk.reach.join(&match &binding.namespace {
                None => Reach::Cluster,
                Some(namespace) => Reach::Namespaces(vec![namespace.clone()]),
            });
            risk.bindings.push(binding.key());
            risk.expected &= expected;
            if let Some(tenant) = tenant
                && !risk.tenants.contains(tenant)
            {
                risk.tenants.push(tenant.clone());
            }
        });
        found.into_values().collect()
    }

    /// The gravest of it, by subject and role: what is meant to be so is left out.
    pub fn gravest(&self, place: &Where) -> HashMap<(Subject, RoleRef), Gravest> {
        let mut found: HashMap<(Subject, RoleRef), Gravest> = HashMap::new();
        self.look_at_all(place, &mut |told| {
            if told.expected {
                return;
            }
            let (flag, severity) = (told.flag, told.severity);
            let key = (told.subject.clone(), told.binding.role.clone());
            let gravest = found.entry(key).or_insert(Gravest { flag, severity });
            let is_worse = (severity, flag) < (gravest.severity, gravest.flag) && gravest.flag != Flag::CrossTenant;
            if is_worse || flag == Flag::CrossTenant {
                gravest.flag = flag;
            }
            gravest.severity = gravest.severity.min(severity);
        });
        found
    }

    fn look_at_all(&self, place: &Where, tell: &mut dyn FnMut(Told<'_>)) {
        let homes = Homes::new(self.world);
        let mut of_roles = OfRoles::new();
        for namespace in place.namespaces(self.world) {
            for binding in self.bindings_in(&namespace) {
                self.look(binding, &homes, &mut of_roles, tell);
            }
        }
        for binding in self.cluster_bindings() {
            self.look(binding, &homes, &mut of_roles, tell);
        }
    }

    fn look(&self, binding: &Binding, homes: &Homes<'_>, of_roles: &mut OfRoles, tell: &mut dyn FnMut(Told<'_>)) {
        if binding.maker == Some(Maker::Kubernetes) {
            return;
        }
        let in_cluster = binding.namespace.is_none();
        let tenant = binding.namespace.as_ref().and_then(|namespace| homes.tenant_of(namespace));
        let role = self.world.role_of(binding);
        let flags: Vec<(Flag, &Rule)> = match &role {
            RoleIs::Missing | RoleIs::Unread => Vec::new(),
            RoleIs::Known(role) => {
                let key = ((role.namespace.clone(), role.name.clone()), in_cluster);
                let known = of_roles.entry(key).or_insert_with(|| flags_of(&role.rules, in_cluster));
                known.iter().filter_map(|(flag, at)| Some((*flag, role.rules.get(*at)?))).collect()
            }
        };
        for subject in binding.subjects.iter().map(one) {
            let of_tenants = homes.of(&subject);
            let is_own = tenant.is_some_and(|tenant| of_tenants.contains(tenant));
            let expected = is_own && binding.kept_for.as_ref() == tenant;
            let mut tell = |flag: Flag, rule: Option<&Rule>| {
                let severity = flag.severity(in_cluster);
                let of_tenants = &of_tenants;
                tell(Told { flag, severity, subject: &subject, binding, rule, tenant, of_tenants, expected });
            };
            let is_system = subject.is_system();
            let audience = match &subject {
                Subject::Group(name) => {
                    [AUTHENTICATED, UNAUTHENTICATED, ACCOUNTS].contains(&&**name)
                        || name.strip_prefix(ACCOUNTS).is_some_and(|rest| rest.starts_with(':')) && !is_own
                }
                Subject::User(name) => &**name == "system:anonymous",
                _ => false,
            };
            if audience {
                tell(Flag::ImplicitAudience, None);
            }
            if is_system && !audience {
                continue;
            }
            let strangers = !of_tenants.is_empty() && !is_own && (in_cluster || tenant.is_some());
            // Capsule itself binds its users in the whole cluster, to what its webhooks narrow.
            if strangers && !(in_cluster && binding.maker == Some(Maker::Capsule)) {
                tell(Flag::CrossTenant, None);
            }
            if let Subject::ServiceAccount { namespace, name } = &subject {
                if &**name == "default" {
                    tell(Flag::DefaultAccount, None);
                }
                let is_gone = self.world.namespaces.get(namespace).is_none();
                if is_gone && is_live(self.world.namespaces.sources(), None) {
                    tell(Flag::MissingSubject, None);
                }
            }
            if role == RoleIs::Missing {
                tell(Flag::MissingRole, None);
            }
            for (flag, rule) in &flags {
                if !(in_cluster && binding.maker == Some(Maker::Capsule)) {
                    tell(*flag, Some(rule));
                }
            }
        }
    }
}

/// The flags that rules have, and by which of them.
fn flags_of(rules: &[Rule], in_cluster: bool) -> Vec<(Flag, usize)> {
    let of_flag = |flag: Flag| Some((flag, rules.iter().position(|rule| flag.is_in(rule, in_cluster))?));
    let mut found: Vec<(Flag, usize)> = Flag::OF_RULES.into_iter().filter_map(of_flag).collect();
    // Who may do everything may do the rest, too.
    if found.first().is_some_and(|(flag, _)| *flag == Flag::Everything) {
        found.truncate(1);
    }
    found
}
