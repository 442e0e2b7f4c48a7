//! What a world knows of a refusal beyond its words: whose namespace it was, how things stand there, and who could change them.

use super::{Of, Refusal};
use crate::world::World;
use crate::world::name::Name;
use crate::world::pause::PauseState;

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The tenant that it is about.
    pub tenant: Option<Name>,
    /// How things stand, in sentences.
    pub facts: Vec<String>,
    /// Who could change what decides, in sentences; empty if nobody knows.
    pub keepers: Vec<String>,
}

impl Known {
    /// What `world` knows of a refusal that came from, or is about, a namespace or a tenant.
    pub fn of(world: &World, refusal: &Refusal, namespace: Option<&str>, tenant: Option<&str>) -> Self {
        let namespace = namespace.map(Name::from);
        let lies = namespace.as_ref().and_then(|name| world.namespaces.get(name)).and_then(|row| row.tenant.clone());
        let tenant = tenant.map(Name::from).or(lies);
        let mut facts = Vec::new();
        if let Some(tenant) = &tenant {
            facts.extend(stands(world, refusal, tenant, namespace.as_ref()));
        }
        Self { tenant, facts, keepers: Vec::new() }
    }
}

/// How a tenant stands to what refuses.
fn stands(world: &World, refusal: &Refusal, tenant: &Name, namespace: Option<&Name>) -> Option<String> {
    let row = world.tenants.get(tenant);
    match refusal.rule {
        "namespace-quota" => {
            let has = world.namespaces_of(tenant).count();
            let quota = row?.quota?;
            Some(format!("{tenant} has {has} namespaces and may have {quota}"))
        }
        rule if rule.starts_with("cordon") => {
            if world.pause_state(tenant) != PauseState::Active {
                return Some(format!("{tenant} is paused: :resume lifts the cordon and starts what rested"));
            }
            match (row, namespace.and_then(|name| world.namespaces.get(name))) {
                (Some(row), _) if row.cordoned => Some(format!("{tenant} is cordoned as a whole")),
                (Some(_), Some(namespace)) if namespace.cordoned => Some(format!(
                    "{tenant} is not cordoned, but its namespace {} is: its owners may lift that themselves, by \
                     :label projectcapsule.dev/cordoned- on it",
                    namespace.name
                )),
                _ => None,
            }
        }
        _ if refusal.field.as_ref().is_some_and(|field| field.of == Of::Tenant) => {
            Some(format!("the tenant is {tenant}"))
        }
        _ => None,
    }
}
