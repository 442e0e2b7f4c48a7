//! What the columns of the tables say, cell by cell: for drawing, filtering and sorting.

use std::borrow::Cow;

use super::Pane;
use super::opening::Opening;
use super::page::{Ink, state_ink};
use super::rows::{AccessRow, GrantKey, owners};
use crate::console::msg::{self, ContextLine};
use crate::plan::history::Past;
use crate::text::age::age;
use crate::world::World;
use crate::world::binding::{Binding, Subject};
use crate::world::class::Colour;
use crate::world::feed::Scope;
use crate::world::freshness::Freshness;
use crate::world::grant::{Origin, Reach};
use crate::world::identity::Known;
use crate::world::maker::Maker;
use crate::world::name::Name;
use crate::world::namespace::Namespace;
use crate::world::rights::risk::{Gravest, Severity};
use crate::world::tenant::{Tenant, TenantState};
use crate::world::workload::{WorkloadKind, WorkloadState, Workloads};

/// Of tenants.
pub const TENANTS: &[&str] = &["", "TENANT", "STATE", "NS", "OWNERS", "AGE"];
/// Of namespaces.
pub const NAMESPACES: &[&str] = &["", "NAMESPACE", "STATE", "PODS", "TENANT", "WORKLOADS", "AGE"];
/// Of grants.
pub const GRANTS: &[&str] = &["", "SUBJECT", "KIND", "ROLE", "WHERE", "RISK", "BY"];
/// Of raw bindings.
pub const BINDINGS: &[&str] = &["NAMESPACE", "BINDING", "ROLE", "SUBJECTS", "AGE"];

/// Of contexts.
pub const CONTEXTS: &[&str] = &["", "CONTEXT", "CLUSTER", "REACH", "USER", "NAMESPACE", "CLASS", "FILE"];

/// The titles of a pane's columns as it stands now.
pub const fn titles(pane: Pane, raw: bool) -> &'static [&'static str] {
    match pane {
        Pane::Tenants => TENANTS,
        Pane::Namespaces => NAMESPACES,
        Pane::Access if raw => BINDINGS,
        Pane::Access => GRANTS,
        Pane::Identity => &[],
    }
}

/// What a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// By number; of an age, the older the larger.
    Number(i64),
    /// By the alphabet, in small letters.
    Text(String),
}

/// A row of a table, looked at column by column.
pub trait Row {
    /// How many columns there are.
    fn columns(&self) -> usize;
    /// The column of names.
    fn name_column(&self) -> usize;
    /// The text of a cell.
    fn cell(&self, column: usize) -> Cow<'_, str>;
    /// How a cell is inked.
    fn ink(&self, column: usize) -> Ink;
    /// What the row is sorted by in a column.
    fn rank(&self, column: usize) -> Rank {
        Rank::Text(self.cell(column).to_lowercase())
    }
    /// Whether something in it needs a look: it is worse than it should be, or on its way.
    fn needs_a_look(&self) -> bool {
        (0..self.columns()).any(|column| matches!(self.ink(column), Ink::Warn | Ink::Danger))
    }
    /// The value of a label. Tables whose rows are kept without their labels have none.
    fn label(&self, _key: &str) -> Option<&str> {
        None
    }
}

/// A tenant.
pub struct TenantRow<'a> {
    world: &'a World,
    name: &'a Name,
    tenant: Option<&'a Tenant>,
    state: TenantState,
    now: i64,
}

impl<'a> TenantRow<'a> {
    /// The row of a tenant at a time (Unix seconds).
    pub fn new(world: &'a World, name: &'a Name, now: i64) -> Self {
        Self { world, name, tenant: world.tenants.get(name), state: world.tenant_state(name), now }
    }

    fn size(&self) -> usize {
        let known = self.world.namespace_count(self.name);
        match self.tenant {
            Some(tenant) if self.world.namespaces.is_empty() => tenant.size as usize,
            _ => known,
        }
    }
}

impl Row for TenantRow<'_> {
    fn columns(&self) -> usize {
        TENANTS.len()
    }

    fn name_column(&self) -> usize {
        1
    }

    fn cell(&self, column: usize) -> Cow<'_, str> {
        match (column, self.tenant) {
            (0, _) => self.state.glyph().to_string().into(),
            (1, _) => Cow::Borrowed(self.name),
            (2, tenant) => {
                let reason = tenant.map(|tenant| tenant.reason(self.state)).unwrap_or_default();
                if reason.is_empty() {
                    self.state.word().into()
                } else {
                    format!("{}: {reason}", self.state.word()).into()
                }
            }
            (3, tenant) => {
                let quota = tenant.and_then(|tenant| tenant.quota).map(|quota| format!("/{quota}"));
                format!("{}{}", self.size(), quota.unwrap_or_default()).into()
            }
            (4, tenant @ Some(_)) => owners(tenant).into(),
            (5, Some(tenant)) => age(self.now - tenant.created).into(),
            _ => "".into(),
        }
    }

    fn ink(&self, column: usize) -> Ink {
        match column {
            0 | 2 => state_ink(self.state.glyph()),
            1 | 3 => Ink::Text,
            _ => Ink::Dim,
        }
    }

    fn rank(&self, column: usize) -> Rank {
        match column {
            3 => Rank::Number(i64::try_from(self.size()).unwrap_or(i64::MAX)),
            5 => Rank::Number(self.tenant.map_or(i64::MIN, |tenant| -tenant.created)),
            0 => Rank::Text(self.state.word().to_owned()),
            _ => Rank::Text(self.cell(column).to_lowercase()),
        }
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.tenant?.labels.get(key)
    }
}

/// A namespace.
pub struct NamespaceRow<'a> {
    opening: &'a Opening,
    name: &'a Name,
    row: Option<&'a Namespace>,
    workloads: Option<Workloads>,
    now: i64,
}

impl<'a> NamespaceRow<'a> {
    /// The row of a namespace at a time (Unix seconds).
    pub fn new(opening: &'a Opening, name: &'a Name, now: i64) -> Self {
        let row = opening.world.namespaces.get(name);
        Self { opening, name, row, workloads: opening.world.workloads_in(name), now }
    }

    fn state(&self) -> (char, &'static str) {
        match self.row {
            Some(row) => {
                let state = row.state(self.workloads.as_ref());
                (state.glyph(), state.word())
            }
            // One that was named but cannot be (or is not) followed.
            None => match self.opening.world.namespaces.sources().of(&Scope::Namespace(self.name.clone())) {
                Some(Freshness::Refused { .. }) => ('?', "refused"),
                Some(Freshness::Absent) => ('?', "not there"),
                Some(Freshness::Failing { .. }) => ('?', "failing"),
                Some(_) => ('?', "loading"),
                None => ('?', "not followed"),
            },
        }
    }
}

impl Row for NamespaceRow<'_> {
    fn columns(&self) -> usize {
        NAMESPACES.len()
    }

    fn name_column(&self) -> usize {
        1
    }

    fn cell(&self, column: usize) -> Cow<'_, str> {
        match (column, self.row) {
            (0, _) => self.state().0.to_string().into(),
            (1, _) => Cow::Borrowed(self.name),
            (2, _) => self.state().1.into(),
            (3, Some(_)) => self.workloads.as_ref().map_or_else(|| "?".into(), |workloads| pods(workloads).into()),
            (4, Some(row)) => row.tenant.as_deref().unwrap_or("-").into(),
            (5, Some(_)) => self.workloads.as_ref().map(controllers).unwrap_or_default().into(),
            (6, Some(row)) => age(self.now - row.created).into(),
            _ => "".into(),
        }
    }

    fn ink(&self, column: usize) -> Ink {
        let in_force = self.opening.namespace.as_ref() == Some(self.name);
        match column {
            _ if self.row.is_none() => Ink::Dim,
            0 | 2 => state_ink(self.state().0),
            1 if in_force => Ink::Head,
            1 | 3 => Ink::Text,
            _ => Ink::Dim,
        }
    }

    fn rank(&self, column: usize) -> Rank {
        let count = |kind| self.workloads.as_ref().map_or(-1, |workloads| i64::from(workloads.of(kind)));
        match column {
            0 => Rank::Text(self.state().1.to_owned()),
            3 => Rank::Number(count(WorkloadKind::Pod)),
            5 => Rank::Number(
                [WorkloadKind::Deployment, WorkloadKind::StatefulSet, WorkloadKind::CronJob].map(count).iter().sum(),
            ),
            6 => Rank::Number(self.row.map_or(i64::MIN, |row| -row.created)),
            _ => Rank::Text(self.cell(column).to_lowercase()),
        }
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.row?.labels.get(key)
    }
}

/// `12`, or `9/12` while not all are ready.
fn pods(workloads: &Workloads) -> String {
    let count = |state| workloads.count(WorkloadKind::Pod, state);
    let all = workloads.of(WorkloadKind::Pod) - count(WorkloadState::Done);
    let ready = count(WorkloadState::Ready);
    if ready == all { all.to_string() } else { format!("{ready}/{all}") }
}

/// `3 dep 1 sts 2 cj`.
fn controllers(workloads: &Workloads) -> String {
    let words = [(WorkloadKind::Deployment, "dep"), (WorkloadKind::StatefulSet, "sts"), (WorkloadKind::CronJob, "cj")];
    let parts: Vec<String> = words
        .into_iter()
        .map(|(kind, word)| (workloads.of(kind), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    parts.join(" ")
}

/// A row of the access pane.
pub enum AccessCells<'a> {
    /// A grant, and how many namespaces the pane is about.
    Grant(&'a GrantKey, usize),
    /// A binding, whether its role does not exist, and what time it is (Unix seconds).
    Binding(&'a Binding, bool, i64),
}

impl<'a> AccessCells<'a> {
    /// The row with this key; nothing for a binding that is gone. `all`: how many namespaces the pane is about.
    pub fn new(world: &'a World, key: &'a AccessRow, all: usize, now: i64) -> Option<Self> {
        match key {
            AccessRow::Grant(grant) => Some(Self::Grant(grant, all)),
            AccessRow::Binding(namespace, name) => {
                let store = if namespace.is_some() { &world.bindings } else { &world.cluster_bindings };
                let binding = store.get(&(namespace.clone(), name.clone()))?;
                Some(Self::Binding(binding, world.lacks_role(binding), now))
            }
        }
    }
}

impl Row for AccessCells<'_> {
    fn columns(&self) -> usize {
        match self {
            Self::Grant(..) => GRANTS.len(),
            Self::Binding(..) => BINDINGS.len(),
        }
    }

    fn name_column(&self) -> usize {
        match self {
            Self::Grant(..) | Self::Binding(..) => 1,
        }
    }

    fn cell(&self, column: usize) -> Cow<'_, str> {
        let missing = |is_missing: bool| if is_missing { " (missing)" } else { "" };
        match (self, column) {
            (Self::Grant(grant, _), 0) => grant.risk.map_or("", |risk| risk.severity.glyph()).into(),
            (Self::Grant(grant, _), 1) => grant.subject.name().into(),
            (Self::Grant(grant, _), 2) => grant.subject.kind().into(),
            (Self::Grant(grant, _), 3) if !grant.missing_role => Cow::Borrowed(&grant.role.name),
            (Self::Grant(grant, _), 3) => format!("{}{}", grant.role.name, missing(true)).into(),
            (Self::Grant(grant, all), 4) => match &grant.reach {
                Reach::Cluster => "cluster".into(),
                Reach::Namespaces(names) if names.len() <= 2 => {
                    names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(",").into()
                }
                Reach::Namespaces(names) => format!("{} of {all}", names.len()).into(),
            },
            (Self::Grant(grant, _), 5) => match grant.risk {
                None => "".into(),
                Some(risk) => risk.flag.word().into(),
            },
            (Self::Grant(grant, _), 6) => made_by(grant).into(),
            (Self::Binding(binding, ..), 0) => binding.namespace.as_deref().unwrap_or("(cluster)").into(),
            (Self::Binding(binding, ..), 1) => Cow::Borrowed(&binding.name),
            (Self::Binding(binding, lacks, _), 2) => {
                format!("{}/{}{}", binding.role.kind(), binding.role.name, missing(*lacks)).into()
            }
            (Self::Binding(binding, ..), 3) => {
                let subjects: Vec<String> = binding.subjects.iter().map(Subject::to_string).collect();
                subjects.join(", ").into()
            }
            (Self::Binding(binding, _, now), 4) => age(now - binding.created).into(),
            _ => "".into(),
        }
    }

    fn ink(&self, column: usize) -> Ink {
        let role = |is_missing: bool| if is_missing { Ink::Warn } else { Ink::Head };
        match (self, column) {
            (Self::Grant(grant, _), 3) => role(grant.missing_role),
            (Self::Grant(grant, _), 0 | 5) => match grant.risk {
                Some(Gravest { severity: Severity::Critical, .. }) => Ink::Danger,
                Some(_) => Ink::Warn,
                None => Ink::Text,
            },
            (Self::Binding(_, lacks, _), 2) => role(*lacks),
            (Self::Grant(..), 2 | 6) | (Self::Binding(..), 0 | 4) => Ink::Dim,
            _ => Ink::Text,
        }
    }

    fn rank(&self, column: usize) -> Rank {
        match (self, column) {
            // The gravest first.
            (Self::Grant(grant, _), 0 | 5) => Rank::Number(grant.risk.map_or(i64::MAX, |risk| risk.severity as i64)),
            (Self::Grant(grant, _), 4) => Rank::Number(match &grant.reach {
                Reach::Cluster => i64::MAX,
                Reach::Namespaces(names) => i64::try_from(names.len()).unwrap_or(i64::MAX),
            }),
            (Self::Binding(binding, ..), 4) => Rank::Number(-binding.created),
            _ => Rank::Text(self.cell(column).to_lowercase()),
        }
    }
}

/// Why a grant is there, and who made its bindings: `owner (Capsule)`, `Helm release site`.
fn made_by(grant: &GrantKey) -> String {
    let (maker, others) = &grant.maker;
    let maker = maker.as_ref().map_or_else(|| "not known".to_owned(), Maker::words);
    let maker = if *others > 0 { format!("{maker} +{others}") } else { maker };
    match grant.origin {
        Origin::Owner | Origin::Tenant => format!("{} ({maker})", grant.origin.word()),
        Origin::Binding | Origin::ClusterBinding => maker,
    }
}

/// The columns of the journal.
pub const JOURNAL: &[&str] = &["WHEN", "WHAT", "WHERE", "WHO", "RESULT"];

/// An earlier plan, and the present (Unix seconds).
pub struct PastRow<'a>(pub &'a Past, pub i64);

impl Row for PastRow<'_> {
    fn columns(&self) -> usize {
        JOURNAL.len()
    }

    fn name_column(&self) -> usize {
        1
    }

    fn cell(&self, column: usize) -> Cow<'_, str> {
        let Self(past, now) = self;
        match column {
            0 => Cow::Owned(format!("{} ago", age(now - past.at))),
            1 => Cow::Borrowed(&past.title),
            2 => Cow::Borrowed(&past.target.context),
            3 => Cow::Owned(past.target.who()),
            4 if past.trial.is_some() => Cow::Owned(format!("{}, on trial", past.outcome())),
            4 => Cow::Owned(past.outcome()),
            _ => Cow::Borrowed(""),
        }
    }

    fn ink(&self, column: usize) -> Ink {
        match column {
            4 if self.0.is_interrupted() || self.0.trial.is_some() => Ink::Warn,
            1 => Ink::Text,
            _ => Ink::Dim,
        }
    }
}

/// A context on file, whether it is the open one, and whether its cluster can be reached.
pub struct ContextRow<'a>(pub &'a ContextLine, pub bool, pub Option<&'a msg::Reach>);

impl Row for ContextRow<'_> {
    fn columns(&self) -> usize {
        CONTEXTS.len()
    }

    fn name_column(&self) -> usize {
        1
    }

    fn cell(&self, column: usize) -> Cow<'_, str> {
        let Self(context, _, reach) = self;
        Cow::Borrowed(match column {
            0 if context.current => "*",
            1 => &context.name,
            2 => &context.server,
            3 if context.fault.is_some() => "cannot be opened",
            3 => reach.map_or("", msg::Reach::word),
            // Who the server says we are; until somebody has asked it, the entry's name is all there is.
            4 => return context.known.as_ref().map_or_else(|| format!("({})", context.user), Known::short_name).into(),
            5 => context.namespace.as_deref().unwrap_or("default"),
            6 => {
                let mode = if context.read_only { "RO" } else { "" };
                return match &context.class {
                    Some(class) => format!("{class} {mode}").trim_end().to_owned().into(),
                    None => mode.into(),
                };
            }
            7 => &context.file,
            _ => "",
        })
    }

    fn ink(&self, column: usize) -> Ink {
        let Self(context, open, reach) = self;
        match (column, reach) {
            (0 | 1, _) if *open => Ink::Head,
            (0 | 1, _) => Ink::Text,
            (3, _) if context.fault.is_some() => Ink::Danger,
            (3, Some(msg::Reach::Opening(_))) => Ink::Danger,
            (3, Some(msg::Reach::Answers)) => Ink::Ok,
            (4, _) if context.known.is_some() && !context.stale => Ink::Text,
            (6, _) => context.class.as_ref().map_or(Ink::Dim, |class| class_ink(class.colour)),
            _ => Ink::Dim,
        }
    }
}

/// How a class is inked.
pub const fn class_ink(colour: Colour) -> Ink {
    match colour {
        Colour::Calm => Ink::Head,
        Colour::Ok => Ink::Ok,
        Colour::Warn => Ink::Warn,
        Colour::Danger => Ink::Danger,
    }
}
