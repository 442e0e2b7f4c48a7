//! Cordon and uncordon a tenant.
//!
//! A state is set, never toggled: the direction is decided by the tenant as it is read for the plan, shown in the plan's title
//! and written into the patch.

use serde_json::{Value, json};

use super::{Action, Need, Offer, Selection};
use crate::plan::{Goal, ObjectRef, Plan, Stage, Step, Target};
use crate::world::World;
use crate::world::cordon::Cordon;
use crate::world::name::Name;

/// Cordon or uncordon the selected tenant.
pub const CORDON: Action = Action { id: "tenant.cordon", title, offer, plan };

/// How long a cordon may take to be in force before what is missing is said, in seconds. It takes 0.2 s on an idle cluster.
const DEADLINE: i64 = 30;

/// The tenant that the selection is about: a namespace stands for its tenant.
fn tenant_of(world: &World, selection: &Selection) -> Option<Name> {
    match selection {
        Selection::Tenant(name) => Some(name.clone()),
        Selection::Namespace(name) => world.namespaces.get(name).and_then(|namespace| namespace.tenant.clone()),
        Selection::Nothing => None,
    }
}

fn title(world: &World, selection: &Selection) -> &'static str {
    let tenant = tenant_of(world, selection).and_then(|name| world.tenants.get(&name));
    if tenant.is_some_and(|tenant| tenant.cordoned) { "uncordon" } else { "cordon" }
}

fn offer(world: &World, selection: &Selection) -> Offer {
    let Some(name) = tenant_of(world, selection) else {
        return match selection {
            Selection::Namespace(namespace) => Offer::No(format!("{namespace} belongs to no tenant")),
            _ => Offer::Absent,
        };
    };
    match world.tenants.get(&name) {
        None if world.tenants.sources().refused().is_some() => Offer::No(format!(
            "the tenant {name} may not be read as this user; who administers the cluster can cordon it"
        )),
        None => Offer::No(format!("there is no tenant {name}")),
        Some(tenant) if tenant.is_terminating() => Offer::No(format!("{name} is being deleted")),
        Some(_) => Offer::Yes,
    }
}

fn plan(world: &World, selection: &Selection, target: &Target, reads: &[Value]) -> Need {
    let Some(name) = tenant_of(world, selection) else { return Need::Impossible("no tenant is selected".to_owned()) };
    let object = ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", &name);
    let Some(before) = reads.first() else { return Need::Reads(vec![object]) };
    // The row that the title was read from may be older than the object: the object decides.
    let cordoned = before.pointer("/spec/cordoned").and_then(Value::as_bool).unwrap_or(false);
    let wish = !cordoned;
    let step = Step { object, patch: json!({"spec": {"cordoned": wish}}), before: before.clone(), answer: None };
    let verb = if wish { "Cordon" } else { "Uncordon" };
    Need::Ready(Box::new(Plan {
        title: format!("{verb} tenant {name}"),
        summary: summary(world, &name, wish),
        target: target.clone(),
        stages: vec![Stage {
            steps: vec![step],
            goal: Some(Goal::Cordoned { tenant: name, cordoned: wish, deadline: DEADLINE }),
        }],
    }))
}

/// What the change means, in sentences.
fn summary(world: &World, name: &Name, wish: bool) -> Vec<String> {
    let namespaces = world.namespace_map(name);
    let Some(tenant) = world.tenants.get(name) else { return Vec::new() };
    let cordon = Cordon::of(tenant, &namespaces);
    let all = cordon.cordoned.len() + cordon.open.len();
    let in_all = match all {
        0 => "; it has no namespaces".to_owned(),
        1 => " in its one namespace".to_owned(),
        n => format!(" in its {n} namespaces"),
    };
    if wish {
        vec![
            format!("refuses writes by the tenant's people and ServiceAccounts{in_all}"),
            "pods keep running; administrators, scaling and evictions are not stopped".to_owned(),
        ]
    } else {
        let mut sentences = vec![format!("lets the tenant's people write again{in_all}")];
        if cordon.per_namespace && !cordon.cordoned.is_empty() {
            sentences.push("a cordon that was set on a single namespace of it ends too".to_owned());
        }
        sentences
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::feed::{Change, Feed, Scope, What};
    use crate::world::testing::{namespace, tenant};

    fn world(cordoned: bool) -> World {
        let mut world = World::default();
        let mut oil = tenant("oil");
        oil.cordoned = cordoned;
        let rows = |what| Change { scope: Scope::Cluster, what };
        world.apply(Feed::Tenants(rows(What::Rows(vec![oil]))), 0);
        let namespaces = vec![namespace("oil-web", Some("oil")), namespace("alone", None)];
        let change = Change { scope: Scope::Cluster, what: What::Rows(namespaces) };
        world.apply(Feed::Namespaces(change), 0);
        world
    }

    #[test]
    fn the_object_that_was_read_decides_the_direction() {
        // The row says open; meanwhile somebody has cordoned the tenant: the plan says what it would do to the tenant as it is.
        let world = world(false);
        let selection = Selection::Tenant("oil".into());
        let read = json!({"metadata": {"name": "oil", "uid": "u", "resourceVersion": "5"}, "spec": {"cordoned": true}});
        let Need::Reads(wanted) = plan(&world, &selection, &Target::default(), &[]) else { panic!("must read first") };
        assert_eq!(wanted[0].path(), "/apis/capsule.clastix.io/v1beta2/tenants/oil");
        let Need::Ready(plan) = plan(&world, &selection, &Target::default(), &[read]) else { panic!("must be ready") };
        assert_eq!(plan.title, "Uncordon tenant oil");
        assert_eq!(plan.steps().next().unwrap().patch, json!({"spec": {"cordoned": false}}));
    }

    #[test]
    fn it_says_why_not() {
        let world = world(true);
        assert_eq!(title(&world, &Selection::Namespace("oil-web".into())), "uncordon");
        assert_eq!(offer(&world, &Selection::Tenant("oil".into())), Offer::Yes);
        assert_eq!(
            offer(&world, &Selection::Namespace("alone".into())),
            Offer::No("alone belongs to no tenant".into())
        );
        assert_eq!(offer(&world, &Selection::Nothing), Offer::Absent);
    }
}
