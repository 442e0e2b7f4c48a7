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

/// The tenants that the selection is about: a namespace stands for its tenant.
fn tenants_of(world: &World, selection: &Selection) -> Vec<Name> {
    let of = |name: &Name| world.namespaces.get(name).and_then(|namespace| namespace.tenant.clone());
    let mut names = match selection {
        Selection::Tenant(name) => vec![name.clone()],
        Selection::Namespace(name) => of(name).into_iter().collect(),
        Selection::Tenants(marked) => marked.names.clone(),
        Selection::Namespaces(marked) => marked.names.iter().filter_map(of).collect(),
        Selection::Nothing | Selection::Object(_) | Selection::Objects(_) => Vec::new(),
    };
    names.sort();
    names.dedup();
    names
}

fn title(world: &World, selection: &Selection) -> String {
    let cordoned = |name: &Name| world.tenants.get(name).is_some_and(|tenant| tenant.cordoned);
    let names = tenants_of(world, selection);
    let verb = if !names.is_empty() && names.iter().all(cordoned) { "uncordon" } else { "cordon" };
    selection.several().map_or_else(|| verb.to_owned(), |several| format!("{verb} {several}"))
}

fn offer(world: &World, selection: &Selection) -> Offer {
    let names = tenants_of(world, selection);
    if names.is_empty() {
        return match selection {
            Selection::Namespace(namespace) => Offer::No(format!("{namespace} belongs to no tenant")),
            Selection::Namespaces(_) => Offer::No("none of them belongs to a tenant".to_owned()),
            _ => Offer::Absent,
        };
    }
    let no = names.iter().find_map(|name| why_not(world, name));
    let cordoned = names.iter().filter(|name| world.tenants.get(name).is_some_and(|tenant| tenant.cordoned)).count();
    match no.or_else(|| mixed(cordoned, names.len())) {
        Some(reason) => Offer::No(reason),
        None => Offer::Yes,
    }
}

fn why_not(world: &World, name: &Name) -> Option<String> {
    match world.tenants.get(name) {
        None if world.tenants.sources().refused().is_some() => {
            Some(format!("the tenant {name} may not be read as this user; who administers the cluster can cordon it"))
        }
        None => Some(format!("there is no tenant {name}")),
        Some(tenant) if tenant.is_terminating() => Some(format!("{name} is being deleted")),
        Some(_) => None,
    }
}

/// Why tenants of both kinds are not changed at once: which way it goes would be a guess.
fn mixed(cordoned: usize, all: usize) -> Option<String> {
    (cordoned > 0 && cordoned < all)
        .then(|| format!("{cordoned} of the {all} tenants are cordoned and the others not: mark those of one kind"))
}

fn plan(world: &World, selection: &Selection, target: &Target, reads: &[Value]) -> Need {
    let names = tenants_of(world, selection);
    let Some(first) = names.first() else { return Need::Impossible("no tenant is selected".to_owned()) };
    let object = |name: &Name| ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", name);
    if reads.len() != names.len() {
        return Need::Reads(names.iter().map(object).collect());
    }
    // The row that the title was read from may be older than the object: the object decides.
    let is_cordoned = |object: &Value| object.pointer("/spec/cordoned").and_then(Value::as_bool).unwrap_or(false);
    if let Some(reason) = mixed(reads.iter().filter(|object| is_cordoned(object)).count(), reads.len()) {
        return Need::Impossible(reason);
    }
    let wish = !reads.first().is_some_and(is_cordoned);
    let stage = |(name, before): (&Name, &Value)| Stage {
        steps: vec![Step::merge(object(name), json!({"spec": {"cordoned": wish}}), before.clone())],
        goal: Some(Goal::Cordoned { tenant: name.clone(), cordoned: wish, deadline: DEADLINE }),
    };
    let verb = if wish { "Cordon" } else { "Uncordon" };
    let mut summary = summary(world, &names, wish);
    if let (Selection::Tenants(marked) | Selection::Namespaces(marked), true) = (selection, names.len() > 1) {
        let all: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        summary.insert(0, all.join(", "));
        if marked.hidden > 0 {
            summary.insert(1, format!("{} of what is marked is hidden by a filter", marked.hidden));
        }
    }
    let title = match names.len() {
        1 => format!("{verb} tenant {first}"),
        count => format!("{verb} {count} tenants"),
    };
    let stages = names.iter().zip(reads).map(stage).collect();
    Need::Ready(Box::new(Plan { title, summary, target: target.clone(), stages, ..Plan::default() }))
}

/// What the change means, in sentences.
fn summary(world: &World, names: &[Name], wish: bool) -> Vec<String> {
    let cordons: Vec<Cordon> = names
        .iter()
        .filter_map(|name| Some(Cordon::of(world.tenants.get(name)?, &world.namespace_map(name))))
        .collect();
    if cordons.is_empty() {
        return Vec::new();
    }
    let (whose, their) = if names.len() > 1 { ("the tenants'", "their") } else { ("the tenant's", "its") };
    let all: usize = cordons.iter().map(|cordon| cordon.cordoned.len() + cordon.open.len()).sum();
    let in_all = match all {
        0 if names.len() > 1 => "; they have no namespaces".to_owned(),
        0 => "; it has no namespaces".to_owned(),
        1 => format!(" in {their} one namespace"),
        n => format!(" in {their} {n} namespaces"),
    };
    if wish {
        vec![
            format!("refuses writes by {whose} people and ServiceAccounts{in_all}"),
            "pods keep running; administrators, scaling and evictions are not stopped".to_owned(),
        ]
    } else {
        let mut sentences = vec![format!("lets {whose} people write again{in_all}")];
        if cordons.iter().any(|cordon| cordon.per_namespace && !cordon.cordoned.is_empty()) {
            sentences.push(format!(
                "a cordon that was set on a single namespace of {} ends too",
                if names.len() > 1 { "them" } else { "it" }
            ));
        }
        sentences
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Marked;
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
        assert_eq!(
            plan.steps().next().unwrap().change,
            crate::plan::Change::Merge(json!({"spec": {"cordoned": false}}))
        );
    }

    #[test]
    fn several_are_changed_at_once_if_they_are_of_one_kind() {
        let mut world = world(false);
        let rows = Change { scope: Scope::Cluster, what: What::Rows(vec![tenant("gas"), tenant("sun")]) };
        world.apply(Feed::Tenants(rows), 0);
        let marked = Marked { names: vec!["gas".into(), "oil".into(), "sun".into()], hidden: 1 };
        let selection = Selection::Tenants(marked);
        assert_eq!(title(&world, &selection), "cordon 3 marked tenants (1 hidden)");
        assert_eq!(offer(&world, &selection), Offer::Yes);
        let read = |cordoned: bool| json!({"metadata": {"uid": "u"}, "spec": {"cordoned": cordoned}});
        let reads = [read(false), read(false), read(false)];
        let Need::Ready(made) = plan(&world, &selection, &Target::default(), &reads) else { panic!("must be ready") };
        assert_eq!((made.title.as_str(), made.stages.len()), ("Cordon 3 tenants", 3));
        assert_eq!(made.summary[..2], ["gas, oil, sun", "1 of what is marked is hidden by a filter"]);
        // One was cordoned by somebody else since its row was drawn.
        let reads = [read(false), read(true), read(false)];
        let Need::Impossible(reason) = plan(&world, &selection, &Target::default(), &reads) else { panic!("guesses") };
        assert!(reason.contains("1 of the 3 tenants are cordoned"), "{reason}");
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
