//! What should be looked at: grants that are dangerous by themselves, or break the wall between tenants.

mod flag;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::world::World;
use crate::world::binding::{Binding, Key, RoleRef, Subject};
use crate::world::grant::Reach;
use crate::world::maker::Maker;
use crate::world::name::Name;

use super::index::one;
use super::person::{ACCOUNTS, AUTHENTICATED, UNAUTHENTICATED};
use super::question::Where;
use super::rule::Rule;
use super::{Rights, RoleIs, is_live};
pub use flag::{Flag, Severity};

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
            let audience = match &*subject {
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
            if let Subject::ServiceAccount { namespace, name } = &*subject {
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
