//! The plan that makes a tenant: in which order, as whom, and behind which cordon.

use serde_json::json;

use super::facts::Facts;
use super::sheet::{Given, Sheet};
use crate::plan::joining::{Joining, Way};
use crate::plan::owner::Owner;
use crate::plan::{Before, Change, Goal, ObjectRef, Plan, Stage, Step};
use crate::world::capsule::Era;
use crate::world::name::Name;

/// Set on a tenant while it is being made behind a cordon: whoever finds it cordoned knows why, and a second run goes on.
pub const CREATING: &str = "tenantry.dev/creating";

/// How long a cordon may take to be in force, in seconds.
const DEADLINE: i64 = 30;

/// As whom namespaces are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Identity {
    /// As whoever may: it is found out.
    #[default]
    Auto,
    /// As ourselves.
    Ourselves,
    /// As this owner.
    Owner(String),
}

/// What is asked for with a blueprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The tenant's name.
    pub tenant: String,
    /// What was typed for its parameters.
    pub given: Given,
    /// As whom namespaces are made.
    pub identity: Identity,
}

/// Where a plan stands towards the tenant that it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cordon {
    /// Whoever makes the namespaces can do so behind it: from the beginning.
    First,
    /// Only an owner can make them, and no owner can behind it: right after them.
    After,
    /// There is none: nothing is made but namespaces, or the tenant lives already, or we would lock out ourselves.
    None,
}

/// Makes the plan of a blueprint's objects the plan that creates a tenant. `present`: the tenant as it is, if it is there.
pub fn shape(plan: &mut Plan, sheet: &Sheet, facts: &Facts, wish: &Identity, present: &Before) {
    let tenant = sheet.tenant().to_owned();
    let owners: Vec<Owner> = listed(sheet, "owners").iter().filter_map(|text| Owner::read(text).ok()).collect();
    let ours = Ours::of(facts, &owners);
    let is_new = matches!(present, Before::Absent);
    let unfinished = present.object().is_some_and(|object| annotation(object).is_some());
    plan.title = format!("Create tenant {tenant} ({})", sheet.blueprint);
    let count = plan.steps().count();
    let namespaces = plan.steps().filter(|step| Joining::is_about(&step.object)).count();
    let others = count.saturating_sub(namespaces + 1);
    plan.summary = vec![told(namespaces, others)];
    if !is_new && !unfinished {
        plan.summary
            .push(format!("{tenant} is there already: what it lacks is added, what is set another way is changed"));
    }
    if namespaces > 0 {
        plan.joining = Some(joining(&tenant, &owners, facts, wish));
    }
    let cordon = match (is_new || unfinished, others > 0) {
        (true, true) if ours == Ours::CapsuleUser => Cordon::None,
        (true, true) if ours.passes_cordons(facts.era) && !matches!(wish, Identity::Owner(_)) => Cordon::First,
        (true, true) => Cordon::After,
        _ => Cordon::None,
    };
    keep_cordon(plan, present, unfinished);
    guard(plan, &tenant, &sheet.blueprint, cordon);
    let words = match cordon {
        Cordon::First => Some("the tenant is cordoned from the beginning until all of it is there".to_owned()),
        Cordon::After => Some(format!(
            "Capsule lets nobody but an owner make the namespaces, and no owner while the tenant is cordoned: it is cordoned right \
             after them, until all of it is there; before that {} could get in",
            if owners.len() == 1 { "its owner" } else { "its owners" }
        )),
        Cordon::None if others > 0 && is_new => {
            Some("it is not cordoned meanwhile: a cordon would keep us out, too".to_owned())
        }
        Cordon::None => None,
    };
    plan.summary.extend(words);
    plan.summary.extend(sheet.notes().map(str::to_owned));
}

fn told(namespaces: usize, others: usize) -> String {
    let count = |count: usize, one: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") };
    match (namespaces, others) {
        (0, 0) => "a tenant without namespaces".to_owned(),
        (namespaces, 0) => format!("a tenant with {}", count(namespaces, "namespace")),
        (namespaces, others) => {
            format!("a tenant with {} and {}", count(namespaces, "namespace"), count(others, "object"))
        }
    }
}

fn listed(sheet: &Sheet, name: &str) -> Vec<String> {
    let value = sheet.field(name).map(|field| &field.value);
    let items = value.and_then(|value| value.as_array()).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn annotation(tenant: &serde_json::Value) -> Option<&str> {
    tenant.get("metadata")?.get("annotations")?.get(CREATING)?.as_str()
}

/// What we are to Capsule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ours {
    /// One of its administrators.
    Administrator,
    /// One of its users: what they may not, we may not.
    CapsuleUser,
    /// Nobody that it knows.
    Outside,
    /// It may not be read.
    Unknown,
}

impl Ours {
    fn of(facts: &Facts, owners: &[Owner]) -> Self {
        let Some(configuration) = &facts.configuration else { return Self::Unknown };
        let ignored = configuration.ignored_groups.iter().any(|group| facts.groups.iter().any(|own| *own == **group));
        let among = |subjects: &[crate::world::binding::Subject]| {
            subjects.iter().any(|subject| subject.matches(&facts.user, &facts.groups))
        };
        let is_owner = owners.iter().any(|owner| match owner {
            Owner::User(name) => *name == facts.user,
            Owner::Group(name) => facts.groups.contains(name),
            Owner::Account(..) => owner.name() == facts.user,
        });
        if among(&configuration.users) && !ignored {
            return Self::CapsuleUser;
        }
        match facts.era {
            _ if among(&configuration.administrators) => Self::Administrator,
            _ if is_owner => Self::CapsuleUser,
            _ => Self::Outside,
        }
    }

    /// Whether we can make namespaces in a cordoned tenant.
    fn passes_cordons(self, era: Era) -> bool {
        self == Self::Administrator || era == Era::Static && self != Self::CapsuleUser
    }
}

/// The ways in which namespaces could join a tenant of these owners.
pub fn joining(tenant: &str, owners: &[Owner], facts: &Facts, wish: &Identity) -> Joining {
    let ours = Ours::of(facts, owners);
    Joining { tenant: tenant.to_owned(), ways: ways(facts, owners, ours, wish), settled: false }
}

fn ways(facts: &Facts, owners: &[Owner], ours: Ours, wish: &Identity) -> Vec<Way> {
    let acting = |owner: &Owner| Way::Owner(owner.acting(&facts.user, facts.configuration.as_ref()));
    let ourselves = if facts.era == Era::Static && ours != Ours::CapsuleUser { Way::Adopted } else { Way::Ourselves };
    match wish {
        Identity::Ourselves => vec![ourselves],
        Identity::Owner(name) => Owner::read(name).iter().map(acting).collect(),
        Identity::Auto => {
            // Nobody can be somebody else twice.
            let as_owners = owners.iter().filter(|_| !facts.acting).map(acting);
            match (ours, facts.era) {
                (Ours::Administrator | Ours::CapsuleUser, _) | (Ours::Unknown | Ours::Outside, Era::Static) => {
                    std::iter::once(ourselves).chain(as_owners).collect()
                }
                (Ours::Unknown, _) => std::iter::once(ourselves).chain(as_owners).collect(),
                (Ours::Outside, _) => {
                    let mut ways: Vec<Way> = as_owners.collect();
                    if ways.is_empty() {
                        ways.push(ourselves);
                    }
                    ways
                }
            }
        }
    }
}

/// What lives keeps its cordon, or its freedom: that is not for a blueprint to say.
fn keep_cordon(plan: &mut Plan, present: &Before, unfinished: bool) {
    let Some(object) = present.object().filter(|_| !unfinished) else { return };
    let Some(cordoned) = object.pointer("/spec/cordoned").cloned() else { return };
    for step in plan.steps_mut().filter(|step| step.object.kind == "Tenant") {
        if let Change::Apply { manifest, .. } = &mut step.change {
            manifest["spec"]["cordoned"] = cordoned.clone();
        }
    }
}

/// Puts the cordon around what is made.
fn guard(plan: &mut Plan, tenant: &str, blueprint: &str, cordon: Cordon) {
    let Some(object) = plan.steps().find(|step| is_tenant(&step.object)).map(|step| step.object.clone()) else {
        return;
    };
    let change = |cordoned: bool| {
        let mark = if cordoned { json!(blueprint) } else { json!(null) };
        Change::Merge(json!({"metadata": {"annotations": {CREATING: mark}}, "spec": {"cordoned": cordoned}}))
    };
    let stage = |object: &ObjectRef, cordoned: bool| Stage {
        steps: vec![Step {
            object: object.clone(),
            change: change(cordoned),
            before: Before::Absent,
            answer: None,
            source: None,
        }],
        goal: Some(Goal::Cordoned { tenant: Name::from(tenant), cordoned, deadline: DEADLINE }),
    };
    match cordon {
        Cordon::None => return,
        Cordon::First => {
            for step in plan.steps_mut().filter(|step| is_tenant(&step.object)) {
                if let Change::Apply { manifest, .. } = &mut step.change {
                    manifest["spec"]["cordoned"] = true.into();
                    manifest["metadata"]["annotations"][CREATING] = blueprint.into();
                }
            }
        }
        Cordon::After => {
            let is_last = |stage: &Stage| stage.steps.iter().any(|step| Joining::is_about(&step.object));
            let at = plan.stages.iter().rposition(is_last).map_or(1, |at| at + 1);
            plan.stages.insert(at.min(plan.stages.len()), stage(&object, true));
        }
    }
    plan.stages.push(stage(&object, false));
}

fn is_tenant(object: &ObjectRef) -> bool {
    object.kind == "Tenant" && object.group() == "capsule.clastix.io"
}
