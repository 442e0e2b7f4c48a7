//! Pause and resume: the workloads of tenants to zero and back, with nothing lost. Pure.
//!
//! ```text
//! Wish ─▶ (what must be read: kinds, namespaces) ─▶ Survey ─▶ plan ─▶ Plan: stages in the order of `kinds::Phase`
//!                                                    └──────▶ status: what is paused, by whom, what still runs and costs
//! ```
//!
//! A pause stops what starts pods: autoscalers, Deployments and their like, StatefulSets, CronJobs. It waits until their pods are
//! gone, locks the namespaces against new ones, and cordons the tenant last, since whoever is a Capsule user himself could change
//! nothing after that. What was there before is recorded on each object in the very patch that changes it
//! ([`crate::world::pause::record`]). Volumes, Services, addresses, hosts and autoscalers' own objects are not touched.
//!
//! A resume goes by those records and by nothing else: each object that still is as the pause has set it gets its old value back,
//! in the same patch that takes the record away; what somebody has changed meanwhile stays, unless it is asked for otherwise.
//!
//! Semantics and failure modes of other tools that this answers: kube-downscaler#15, #40, #44 (counts overwritten), kube-green
//! (records written too late), kube-ns-suspender (suspended CronJobs woken), kubernetes `whenScaled: Delete` (volumes lost).

pub mod foreign;
pub mod keepers;
pub mod kinds;
pub mod missed;
pub mod residue;
pub mod status;
pub mod survey;

mod begin;
mod resume;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Action, Need, Offer, Selection};
use crate::plan::{Before, ObjectRef, Plan, Step, Target};
use crate::world::World;
use crate::world::name::Name;
use crate::world::pause::PauseState;
use crate::world::trouble::{Trouble, TroubleKind};
use survey::{Found, Space, Survey};

/// Pause or resume what is selected.
pub const PAUSE: Action = Action { id: "tenant.pause", title, offer, plan: action };

/// The quota that keeps new pods out of a paused namespace.
pub const LOCK: &str = "tenantry-pause";

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To rest.
    Pause,
    /// Back.
    Resume,
}

impl Direction {
    /// As a word at the beginning of a title.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pause => "Pause",
            Self::Resume => "Resume",
        }
    }
}

/// What is to be paused or resumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A tenant: all its namespaces.
    Tenant {
        /// Its name.
        name: String,
        /// Namespaces that are known to be its own, for whoever may not list them.
        known: Vec<String>,
    },
    /// One namespace alone.
    Namespace(String),
}

impl What {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Tenant { name, .. } | Self::Namespace(name) => name,
        }
    }

    /// `tenant oil`, `namespace oil-web`.
    pub fn title(&self) -> String {
        match self {
            Self::Tenant { name, .. } => format!("tenant {name}"),
            Self::Namespace(name) => format!("namespace {name}"),
        }
    }
}

/// What is wished for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What is meant.
    pub what: Vec<What>,
    /// Which way.
    pub direction: Direction,
    /// How.
    pub options: Options,
    /// Why, in the operator's words; may be empty.
    pub reason: String,
    /// When it was asked for (Unix seconds).
    pub at: i64,
    /// How many of those that were marked a filter hides.
    pub hidden: usize,
}

/// How something is paused or resumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Cordon, too.
    pub cordon: bool,
    /// Keep new pods out by a quota.
    pub lock: bool,
    /// Hold who would start it again: Argo CD, Flux, Capsule's replications.
    pub hold: bool,
    /// Stop Jobs that run.
    pub jobs: bool,
    /// Set back what others have changed meanwhile, too.
    pub also_theirs: bool,
    /// Leave alone what would lose its volumes.
    pub spare_volumes: bool,
    /// Leave these alone: paths of objects.
    pub leave: BTreeSet<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cordon: true,
            lock: true,
            hold: true,
            jobs: false,
            also_theirs: false,
            spare_volumes: false,
            leave: BTreeSet::new(),
        }
    }
}

/// One of the options, as it is chosen in a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// [`Options::cordon`]
    Cordon,
    /// [`Options::lock`]
    Lock,
    /// [`Options::hold`]
    Hold,
    /// [`Options::jobs`]
    Jobs,
    /// [`Options::also_theirs`]
    AlsoTheirs,
    /// [`Options::spare_volumes`]
    SpareVolumes,
    /// [`Options::leave`]: off leaves nothing out any more.
    Leave,
}

impl Options {
    /// Sets one.
    pub fn set(&mut self, switch: Switch, on: bool) {
        match switch {
            Switch::Cordon => self.cordon = on,
            Switch::Lock => self.lock = on,
            Switch::Hold => self.hold = on,
            Switch::Jobs => self.jobs = on,
            Switch::AlsoTheirs => self.also_theirs = on,
            Switch::SpareVolumes => self.spare_volumes = on,
            Switch::Leave if on => {}
            Switch::Leave => self.leave.clear(),
        }
    }
}

/// A plan that was made, and what can be chosen about it: the option, what it means, whether it is on.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The plan.
    pub plan: Plan,
    /// The choices.
    pub choices: Vec<(Switch, String, bool)>,
}

/// The plan for what was read.
pub fn plan(wish: &Wish, survey: &Survey, target: Target) -> Result<Made, Trouble> {
    for what in &wish.what {
        exists(what, survey)?;
    }
    let mut made = match wish.direction {
        Direction::Pause => begin::plan(wish, survey, &target),
        Direction::Resume => resume::plan(wish, survey, &target),
    };
    let names: Vec<String> = wish.what.iter().map(What::title).collect();
    made.plan.title = match names.as_slice() {
        [one] => format!("{} {one}", wish.direction.word()),
        many => format!("{} {} tenants or namespaces", wish.direction.word(), many.len()),
    };
    if names.len() > 1 {
        made.plan.summary.insert(0, names.join(", "));
        if wish.hidden > 0 {
            made.plan.summary.insert(1, format!("{} of what is marked is hidden by a filter", wish.hidden));
        }
    }
    match wish.options.leave.len() {
        0 => {}
        1 => made.choices.push((Switch::Leave, "leave out 1 object".to_owned(), true)),
        count => made.choices.push((Switch::Leave, format!("leave out {count} objects"), true)),
    }
    if !survey.unread.is_empty() {
        let words = survey.unread.iter().map(|(kind, places)| match places.as_slice() {
            [] => kind.clone(),
            places => format!("{kind} in {}", places.join(", ")),
        });
        let words: Vec<String> = words.collect();
        made.plan.summary.push(format!("not looked at, since this user may not list them: {}", listed(&words)));
    }
    made.plan.target = target;
    Ok(made)
}

/// Whether what is meant is there, and not on its way out.
pub fn exists(what: &What, survey: &Survey) -> Result<(), Trouble> {
    let gone = |title: &str| Trouble::new(TroubleKind::NotFound, format!("there is no {title}"));
    let leaving = |title: &str| Trouble::new(TroubleKind::Invalid, format!("{title} is being deleted"));
    let title = what.title();
    let object = match what {
        What::Tenant { name, .. } => match survey.tenants.get(name) {
            Some(Before::Present(tenant)) => Some(tenant),
            Some(Before::Unreadable(_)) if survey.spaces_of(name).next().is_some() => None,
            Some(Before::Unreadable(trouble)) => {
                return Err(trouble.clone().advise(
                    "name a namespace of it (-n, or pause the namespace itself): a tenant's owner may see those only",
                ));
            }
            _ => return Err(gone(&title)),
        },
        What::Namespace(name) => match survey.namespaces.iter().find(|space| space.name == *name) {
            Some(Space { object: Before::Present(space), .. }) => Some(space),
            Some(Space { object: Before::Unreadable(_), .. }) => None,
            _ => return Err(gone(&title)),
        },
    };
    let is_leaving = object.is_some_and(|object| object.pointer("/metadata/deletionTimestamp").is_some());
    if is_leaving { Err(leaving(&title)) } else { Ok(()) }
}

/// The namespaces that a wish is about, but those on their way out.
fn spaces<'a>(wish: &Wish, survey: &'a Survey) -> Vec<&'a Space> {
    let is_meant = |space: &&Space| {
        wish.what.iter().any(|what| match what {
            What::Tenant { name, .. } => space.tenant.as_deref() == Some(name),
            What::Namespace(name) => space.name == *name,
        })
    };
    survey.namespaces.iter().filter(is_meant).filter(|space| !space.is_terminating()).collect()
}

/// The object of a tenant.
pub fn tenant_ref(name: &str) -> ObjectRef {
    ObjectRef::cluster("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant", name)
}

/// The object of a namespace.
pub fn namespace_ref(name: &str) -> ObjectRef {
    ObjectRef::cluster("/api/v1", "namespaces", "Namespace", name)
}

/// The label by which Capsule cordons one namespace (0.13 and newer).
fn cordon_label(on: bool) -> Value {
    json!({"metadata": {"labels": {"projectcapsule.dev/cordoned": if on { json!("true") } else { Value::Null }}}})
}

fn merge(object: &ObjectRef, patch: Value, before: &Value) -> Step {
    Step::merge(object.clone(), patch, before.clone())
}

/// `Deployment oil-web/site (asks to be left alone), …`: up to five, and how many more.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let more = names.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", "))
}

/// `3 Deployments, 1 CronJob`.
fn counted<'a>(kinds: impl Iterator<Item = &'a str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for kind in kinds {
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((kind, 1)),
        }
    }
    let words = counts.iter().map(|(kind, count)| match count {
        1 => format!("1 {kind}"),
        count => format!("{count} {kind}s"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The longest time that pods of these are given to end, in seconds; Kubernetes gives 30 where nothing is said.
fn grace<'a>(found: impl Iterator<Item = &'a Found>) -> i64 {
    let of = |found: &Found| {
        found.value.pointer("/spec/template/spec/terminationGracePeriodSeconds").and_then(Value::as_i64)
    };
    found.map(|found| of(found).unwrap_or(30)).max().unwrap_or(30)
}

fn meant(world: &World, selection: &Selection) -> Vec<What> {
    let tenant = |name: &Name| What::Tenant {
        name: name.to_string(),
        known: world.namespaces_of(name).map(|namespace| namespace.name.to_string()).collect(),
    };
    let namespace = |name: &Name| What::Namespace(name.to_string());
    match selection {
        Selection::Tenant(name) => vec![tenant(name)],
        Selection::Tenants(marked) => marked.names.iter().map(tenant).collect(),
        Selection::Namespace(name) => vec![namespace(name)],
        Selection::Namespaces(marked) => marked.names.iter().map(namespace).collect(),
        Selection::Nothing | Selection::Object(_) | Selection::Objects(_) => Vec::new(),
    }
}

fn state(world: &World, what: &What) -> PauseState {
    match what {
        What::Tenant { name, .. } => world.pause_state(name),
        What::Namespace(name) => {
            let name = Name::from(name.as_str());
            let workloads = world.workloads_in(&name);
            world.namespaces.get(&name).map_or(PauseState::Active, |row| row.pause_state(workloads.as_ref()))
        }
    }
}

/// Which way the selection is to go; `None` where it could go either.
fn direction(world: &World, selection: &Selection) -> Option<Direction> {
    let mut ways = meant(world, selection).into_iter().map(|what| match state(world, &what) {
        PauseState::Active | PauseState::Pausing => Some(Direction::Pause),
        PauseState::Paused | PauseState::Resuming => Some(Direction::Resume),
        PauseState::PartPaused => None,
    });
    let first = ways.next()??;
    ways.all(|way| way == Some(first)).then_some(first)
}

fn title(world: &World, selection: &Selection) -> String {
    let verb = match direction(world, selection) {
        Some(Direction::Pause) => "pause",
        Some(Direction::Resume) => "resume",
        None => "pause or resume",
    };
    selection.several().map_or_else(|| verb.to_owned(), |several| format!("{verb} {several}"))
}

fn offer(world: &World, selection: &Selection) -> Offer {
    let meant = meant(world, selection);
    if meant.is_empty() {
        return Offer::Absent;
    }
    let leaving = meant.iter().find(|what| match what {
        What::Tenant { name, .. } => {
            world.tenants.get(&Name::from(name.as_str())).is_some_and(crate::world::tenant::Tenant::is_terminating)
        }
        What::Namespace(name) => world
            .namespaces
            .get(&Name::from(name.as_str()))
            .is_some_and(crate::world::namespace::Namespace::is_terminating),
    });
    match leaving {
        Some(what) => Offer::No(format!("{} is being deleted", what.name())),
        None => Offer::Yes,
    }
}

fn action(world: &World, selection: &Selection, _: &Target, _: &[Value]) -> Need {
    wish(world, selection, direction(world, selection))
}

/// What is needed to send a selection one way; without a way that is asked for.
pub fn wish(world: &World, selection: &Selection, direction: Option<Direction>) -> Need {
    let what = meant(world, selection);
    if what.is_empty() {
        return Need::Impossible("put the cursor on a tenant or a namespace first".to_owned());
    }
    let Some(direction) = direction else {
        return Need::Direction;
    };
    let hidden = match selection {
        Selection::Tenants(marked) | Selection::Namespaces(marked) => marked.hidden,
        _ => 0,
    };
    let (options, reason) = (Options::default(), String::new());
    Need::Survey(Box::new(Wish { what, direction, options, reason, at: 0, hidden }))
}
