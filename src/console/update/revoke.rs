//! Taking a role away from somebody: out of the bindings that give it; what Capsule binds, out of the tenant that asks for it.

use super::super::effect::Effect;
use super::super::model::document::{of_rbac, tenant as tenant_object};
use super::super::model::plan::Draft;
use super::super::model::rights::Asked;
use super::super::model::rights::row::Row;
use super::super::model::rows::AccessRow;
use super::super::model::{Level, Model, Pane};
use super::plan;
use crate::plan::owner::Owner;
use crate::world::World;
use crate::world::binding::{Binding, Key, RoleRef, Subject};
use crate::world::name::Name;
use crate::world::rights::index::one;

/// What is to be taken away.
#[derive(Debug)]
struct Wanted {
    subject: Subject,
    role: RoleRef,
    bindings: Vec<Key>,
}

/// Whether what is selected is somebody's right, and no object: then deleting it means taking it away.
pub fn is_meant(model: &Model) -> bool {
    match model.overlays.last() {
        Some(super::super::model::overlay::Overlay::Rights(_)) => true,
        Some(_) => false,
        None => model.here.focus == Pane::Access && (!model.here.raw || kept(model).is_some()),
    }
}

/// The raw binding under the cursor, if it is one that Capsule keeps.
fn kept(model: &Model) -> Option<&Binding> {
    let AccessRow::Binding(place, name) =
        model.here.access.selected().filter(|_| model.here.access.marks.is_empty())?
    else {
        return None;
    };
    model.here.world.binding(&(place.clone(), name.clone())).filter(|binding| binding.kept_for.is_some())
}

/// Begins to make the plan.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    let wanted = match wanted(model) {
        Ok(wanted) => wanted,
        Err(why) => {
            model.say(Level::Info, why);
            return Vec::new();
        }
    };
    let Some(who) = Owner::of(&wanted.subject) else {
        model.say(Level::Info, format!("RBAC knows no {}: nobody is bound by it", wanted.subject.kind()));
        return Vec::new();
    };
    let draft = draft(&model.here.world, &wanted, who, model.seconds());
    plan::draft(model, draft, false)
}

/// Somebody as a binding names him: a ServiceAccount may be bound by its user name.
fn as_named(world: &World, binding: &Key, subject: Subject) -> Subject {
    let subjects = world.binding(binding).map(|binding| &binding.subjects);
    let named = subjects.and_then(|subjects| subjects.iter().find(|named| one(named) == one(&subject)));
    named.cloned().unwrap_or(subject)
}

fn wanted(model: &Model) -> Result<Wanted, String> {
    const ONE: &str = "rights are taken away one by one: mark nothing, and put the cursor on it";
    if let Some(page) = model.rights() {
        let nothing = || "put the cursor on what is to be taken away first".to_owned();
        let named = match page.under_cursor().ok_or_else(nothing)? {
            Row::Bound(bound) => (bound.named.clone(), bound.role.clone(), vec![bound.binding.clone()]),
            Row::Way(chain) => {
                let asked = match (chain.via(), &page.asked) {
                    (Some(group), _) => Subject::Group(group.clone()),
                    (None, Asked::May(subject, _)) => subject.clone(),
                    (None, _) => return Err(nothing()),
                };
                let named = as_named(&model.here.world, &chain.binding, asked);
                (named, chain.role.clone(), vec![chain.binding.clone()])
            }
            Row::Holder(subject, ways) => {
                let first = ways.chains.first().ok_or_else(nothing)?;
                let alike = ways.chains.iter().filter(|chain| chain.role == first.role);
                let named = as_named(&model.here.world, &first.binding, subject.clone());
                (named, first.role.clone(), alike.map(|chain| chain.binding.clone()).collect())
            }
            Row::Held(_) | Row::Apart(..) | Row::Person(..) => {
                return Err("a right comes from a role: open the row, and take the role away there".to_owned());
            }
        };
        let (subject, role, bindings) = named;
        return Ok(Wanted { subject, role, bindings });
    }
    if !model.here.access.marks.is_empty() {
        return Err(ONE.to_owned());
    }
    match model.here.access.selected() {
        Some(AccessRow::Grant(key)) => {
            let bindings = key.bindings.to_vec();
            Ok(Wanted { subject: key.subject.clone(), role: key.role.clone(), bindings })
        }
        Some(AccessRow::Binding(..)) => {
            let binding = kept(model).ok_or_else(|| ONE.to_owned())?;
            match &*binding.subjects {
                [subject] => {
                    let bindings = vec![binding.key()];
                    Ok(Wanted { subject: subject.clone(), role: binding.role.clone(), bindings })
                }
                _ => {
                    let tenant = binding.kept_for.as_deref().unwrap_or_default();
                    let words = format!(
                        "Capsule keeps {} for tenant {tenant} and would make it again: `:owner-` or `:bind-` on the tenant",
                        binding.name
                    );
                    Err(words)
                }
            }
        }
        None => Err("put the cursor on what is to be taken away first".to_owned()),
    }
}

/// What Capsule binds it binds again: the tenant is changed instead.
fn draft(world: &World, wanted: &Wanted, who: Owner, at: i64) -> Draft {
    let Wanted { subject, role, bindings } = wanted;
    let found: Vec<&Binding> = bindings.iter().filter_map(|key| world.binding(key)).collect();
    let kept = found.iter().find_map(|binding| binding.kept_for.clone());
    let Some(tenant) = kept else {
        let objects = bindings.iter().map(|(place, name)| of_rbac(place.as_deref(), name)).collect();
        return Draft::Revoke { who, role: role.name.to_string(), objects };
    };
    let spelt = who.spelt();
    let (word, arguments, instead) = if owns(world, &tenant, subject, &role.name) {
        (
            "owner-",
            vec![spelt.clone()],
            format!("{spelt} owns tenant {tenant}: this takes {spelt} from its owners instead"),
        )
    } else {
        let arguments = vec![role.name.to_string(), spelt.clone()];
        ("bind-", arguments, format!("tenant {tenant} asks for it: this changes what the tenant binds instead"))
    };
    let because = vec![format!("Capsule keeps {} for {spelt}, and would bind it again: {instead}", role.name)];
    Draft::Small { word, arguments, objects: vec![tenant_object(&tenant)], hidden: 0, at, because }
}

/// Whether somebody has a role since he owns the tenant; where the tenant cannot be read, as far as bindings tell.
fn owns(world: &World, tenant: &Name, subject: &Subject, role: &str) -> bool {
    match world.tenants.get(tenant) {
        Some(tenant) => {
            let of_him = tenant.owners.iter().filter(|owner| owner.subject == *subject);
            of_him.flat_map(|owner| &owner.cluster_roles).any(|bound| **bound == *role)
        }
        None => role == "capsule-namespace-deleter",
    }
}
