//! Plans as the program makes, asks about, applies and takes back: the same functions, without a screen.

use std::collections::BTreeSet;
use std::path::Path;

use kube::Client;
use serde_json::Value;
use tenantry::apply::{self, Applied, Order, recover};
use tenantry::cluster::gate::{Gate, Mode};
use tenantry::cluster::write;
use tenantry::console::run::wall_clock;
use tenantry::plan::history::Past;
use tenantry::plan::undo::Wish;
use tenantry::plan::{Answer, Before, ObjectRef, Plan, Step, Target};
use tenantry::world::identity::Place;

/// What a test ends with.
pub type Outcome = Result<(), String>;

/// The way to a cluster, in a namespace.
pub fn gate(client: Client, namespace: &str) -> Gate {
    let place = Place {
        context: "admin".to_owned(),
        server: "here".to_owned(),
        namespace: namespace.to_owned(),
        ..Place::default()
    };
    Gate::new(client, place, Mode::Writes)
}

/// What plans are made for.
pub fn target() -> Target {
    Target { context: "admin".to_owned(), server: "here".to_owned(), user: "admin".to_owned(), impersonation: None }
}

/// Asks the server, and says which steps it does not take.
pub async fn preview(gate: &Gate, plan: &mut Plan) -> Vec<String> {
    write::preview(gate, plan).await;
    let bad = plan.steps().filter(|step| !step.answer.as_ref().is_some_and(Answer::is_good));
    let told = |step: &Step| format!("{}: {:?}", step.object.title(), step.answer);
    bad.filter(|step| !matches!(step.answer, Some(Answer::Simulated(_)))).map(told).collect()
}

/// Applies what was answered.
pub async fn apply(gate: &Gate, plan: Plan, journal: &Path) -> Result<Applied, String> {
    let shown = plan.digest().ok_or_else(|| format!("{}: not all of it was answered", plan.title))?;
    let order = Order {
        plan,
        shown,
        trial: None,
        journal: journal.to_owned(),
        clock: wall_clock(),
        stop: std::sync::Arc::default(),
        current: true,
    };
    Ok(apply::apply(gate, order, |_| {}).await)
}

/// Takes back, or finishes, what was done: the plan that does it, after it was done.
pub async fn go(gate: &Gate, past: &Past, wish: Wish, journal: &Path) -> Result<Plan, String> {
    let (mut plan, _) = recover::plan(gate, past, target(), wish).await.map_err(|trouble| trouble.to_string())?;
    let made = plan.clone();
    if plan.steps().next().is_none() {
        return Ok(made);
    }
    let bad = preview(gate, &mut plan).await;
    if !bad.is_empty() {
        return Err(format!("{}: {}", plan.title, bad.join("\n")));
    }
    let applied = apply(gate, plan, journal).await?;
    match applied.failure {
        Some(trouble) => Err(format!("{}: {trouble}", made.title)),
        None => Ok(made),
    }
}

/// What is there of each.
pub async fn read(gate: &Gate, objects: &[ObjectRef]) -> Result<Vec<Option<Value>>, String> {
    let now = write::read_all(gate, objects).await.map_err(|trouble| trouble.to_string())?;
    Ok(now.iter().map(|before| Before::object(before).cloned()).collect())
}

/// The paths of all that differs between two objects; lists are one value each. What servers keep for themselves is left out.
pub fn differing(before: &Value, after: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // What is not there has no fields.
    let side =
        |object: &'_ Value| if object.is_null() { Value::Object(serde_json::Map::new()) } else { object.clone() };
    walk("", Some(&side(before)), Some(&side(after)), &mut found);
    let noise = |path: &String| {
        path.starts_with("status")
            || ["managedFields", "resourceVersion", "generation", "selfLink"]
                .iter()
                .any(|key| *path == format!("metadata.{key}"))
            || path.contains("last-applied-configuration")
    };
    found.retain(|path| !noise(path));
    if before.as_object().is_none_or(serde_json::Map::is_empty) {
        found.retain(|path| path != "metadata.uid" && path != "metadata.creationTimestamp");
    }
    found
}

fn walk(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut BTreeSet<String>) {
    if before == after {
        return;
    }
    let fields = |side: Option<&Value>| match side {
        Some(Value::Object(fields)) => Some(fields.clone()),
        None => Some(serde_json::Map::new()),
        _ => None,
    };
    match (fields(before), fields(after)) {
        (Some(old), Some(new)) if !(old.is_empty() && new.is_empty()) => {
            for key in old.keys().chain(new.keys()) {
                let name = if key.contains('.') { format!("\"{key}\"") } else { key.clone() };
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                walk(&path, old.get(key), new.get(key), found);
            }
        }
        _ => drop(found.insert(path.to_owned())),
    }
}
