//! How the manifests become a cluster with a past.

use jiff::{SignedDuration, Timestamp};

use super::manifest::{self, Step, Verb};
use super::users;
use crate::demo::clock::Clock;
use crate::demo::install::{kind_of, resource_of};
use crate::demo::life;
use crate::demo::object::{Meta as _, Object};
use crate::demo::patch::{Validation, merge};
use crate::demo::registry::{Deletion, Registry};
use crate::demo::schema::Schemas;
use crate::demo::status::Status;
use crate::demo::store::Key;

/// lke-demo, file by file.
const DEMO: [(&str, &str); 14] = [
    ("platform", include_str!("manifests/platform.yaml")),
    ("oil", include_str!("manifests/oil.yaml")),
    ("gas", include_str!("manifests/gas.yaml")),
    ("solar", include_str!("manifests/solar.yaml")),
    ("wind", include_str!("manifests/wind.yaml")),
    ("water", include_str!("manifests/water.yaml")),
    ("coal", include_str!("manifests/coal.yaml")),
    ("tide", include_str!("manifests/tide.yaml")),
    ("peat", include_str!("manifests/peat.yaml")),
    ("wood", include_str!("manifests/wood.yaml")),
    ("salt", include_str!("manifests/salt.yaml")),
    ("iron", include_str!("manifests/iron.yaml")),
    ("amber", include_str!("manifests/amber.yaml")),
    ("moss", include_str!("manifests/moss.yaml")),
];

/// lke-staging.
const STAGING: [(&str, &str); 1] = [("staging", include_str!("manifests/staging.yaml"))];

/// How long things are given to settle after what somebody did.
const SETTLE: SignedDuration = SignedDuration::from_secs(20);

/// In which strides, at first: what becomes due within one is done at its end, together.
const STRIDE: SignedDuration = SignedDuration::from_millis(20);

/// How long events are kept (`--event-ttl` of kube-apiserver).
const EVENT_TTL: SignedDuration = SignedDuration::from_hours(1);

/// What has happened to a cluster, as its manifests say it.
pub struct History {
    /// Each with the file it stands in, the oldest first.
    steps: Vec<(&'static str, Step)>,
    /// What cannot be read, which is nothing.
    surprises: Vec<String>,
}

impl History {
    /// That of lke-demo, for one who looks at `now`.
    pub fn of_demo(now: Timestamp) -> Self {
        Self::read(&DEMO, now)
    }

    /// That of lke-staging.
    pub fn of_staging(now: Timestamp) -> Self {
        Self::read(&STAGING, now)
    }

    fn read(files: &[(&'static str, &'static str)], now: Timestamp) -> Self {
        let (mut steps, mut surprises) = (Vec::new(), Vec::new());
        for (file, text) in files {
            match manifest::read(text, now) {
                Ok(read) => steps.extend(read.into_iter().map(|step| (*file, step))),
                Err(error) => surprises.push(format!("{file}: {error}")),
            }
        }
        steps.sort_by_key(|(_, step)| std::cmp::Reverse(step.age));
        Self { steps, surprises }
    }

    /// Builds the schemas of all kinds in it, so that nobody waits for them later.
    pub fn build(&self, schemas: &Schemas) {
        for (_, step) in &self.steps {
            let kind = kind_of(&step.object).and_then(|(group, kind)| schemas.of_kind(group, kind));
            kind.and_then(|kind| schemas.node(kind));
        }
    }

    /// Lets it happen on a registry whose hand's clock stands before it, and leaves the clock at `now`. Answers with what went
    /// otherwise than the manifests say, which is nothing.
    pub fn play(self, registry: &mut Registry, now: Timestamp) -> Vec<String> {
        let Self { steps, mut surprises } = self;
        // Nobody will ever see how long pods of the past took to start.
        let nature = registry.nature;
        registry.nature.start = SignedDuration::ZERO;
        registry.events_from = now.checked_sub(EVENT_TTL).ok();
        let mut waits = SignedDuration::ZERO;
        for (file, step) in &steps {
            // What happened about the same time is settled together: nobody can tell from the ages, and it is much faster.
            if waits.saturating_sub(step.age) > step.age / 12 {
                settle(registry, now.checked_sub(step.age).unwrap_or(now));
                waits = SignedDuration::ZERO;
            }
            walk_to(registry, now.checked_sub(step.age).unwrap_or(now));
            waits = waits.max(step.age);
            let outcome = act(registry, step);
            match (step.verb, outcome) {
                (Verb::Denied, Ok(())) => {
                    surprises.push(format!("{file}: {} was not denied {}", step.actor, step.object.name()));
                }
                (Verb::Denied, Err(_)) | (_, Ok(())) => {}
                (verb, Err(status)) => {
                    surprises.push(format!(
                        "{file}: {} could not {verb:?} {}: {status}",
                        step.actor,
                        step.object.name()
                    ));
                }
            }
        }
        settle(registry, now);
        walk_to(registry, now);
        life::run(registry);
        forget(registry);
        registry.events_from = None;
        registry.nature = nature;
        registry.store.rest();
        surprises
    }
}

/// Runs the controllers for a while, but not beyond a time.
fn settle(registry: &mut Registry, limit: Timestamp) {
    let begun = registry.now();
    let end = begun.checked_add(SETTLE).unwrap_or(begun).min(limit);
    let mut stride = STRIDE;
    while let Some(at) = registry.agenda.next().filter(|at| *at <= end) {
        let next = registry.now().checked_add(stride).unwrap_or(end);
        walk_to(registry, next.max(at).min(end));
        life::run(registry);
        // One thing leads to the next quickly; what comes later repeats itself.
        stride *= 2;
    }
    // Nobody watches while a past is made up.
    registry.store.compact();
}

/// Moves the clock on; it never goes back.
fn walk_to(registry: &mut Registry, at: Timestamp) {
    registry.clock = Clock::Hand(registry.now().max(at));
}

/// Lets old events go, as etcd's leases do: without anybody noticing but those who watch.
pub(super) fn forget(registry: &mut Registry) {
    let now = registry.now();
    let Some(table) = registry.table("events") else { return };
    let is_old = |event: &Object| {
        let last = event.text(&["lastTimestamp"]).or_else(|| event.text(&["eventTime"]));
        let last = last.and_then(|at| at.parse::<Timestamp>().ok());
        last.is_some_and(|last| now.duration_since(last) > EVENT_TTL)
    };
    let old: Vec<Key> = registry.list("events", None).filter(is_old).map(|event| Key::of(&event)).collect();
    for key in old {
        registry.store.remove(table, &key);
    }
}

/// Does what a document says.
fn act(registry: &mut Registry, step: &Step) -> Result<(), Status> {
    let mut by = users::caller(&step.actor)
        .ok_or_else(|| Status::not_in_the_demo(&format!("somebody called {}", step.actor)))?;
    let resource = resource_of(registry, &step.object);
    let kind = registry.kind(&resource).ok_or_else(Status::no_such_path)?;
    let mut object = step.object.clone();
    let status = if kind.has_status() { object.unset(&["status"]) } else { None };
    let (namespace, name) = (object.namespace().to_owned(), object.name().to_owned());
    match step.verb {
        // `kubectl create namespace`, as everybody does it.
        Verb::Apply | Verb::Denied if resource == "namespaces" => {
            "kubectl-create".clone_into(&mut by.manager);
            registry.create(&mut by, &resource, object)?;
        }
        Verb::Apply | Verb::Denied => {
            registry.apply(&mut by, &resource, "", (&namespace, &name), &object, false)?;
        }
        Verb::Patch => {
            let mut change = |live: &Object| merge::apply(live, &object, Validation::Ignore);
            registry.update(&mut by, &resource, "", &namespace, &name, &mut change)?;
        }
        Verb::Delete => {
            registry.delete(&mut by, &resource, &namespace, &name, &Deletion::default())?;
        }
    }
    if let Some(status) = status {
        let mut by = users::controller(&kind.group, &kind.resource);
        let mut change = |live: &Object| {
            let mut new = live.clone();
            new.set(&["status"], status.clone());
            Ok(new)
        };
        registry.update(&mut by, &resource, "status", &namespace, &name, &mut change)?;
    }
    Ok(())
}
