//! The people of a tenant against what one wants to know of them: who reads, writes, sees secrets, gets into containers, hands out
//! rights, moves the limits, deletes namespaces.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use crate::world::binding::{Binding, Subject};
use crate::world::grant::Reach;
use crate::world::name::Name;

use super::can::Can;
use super::index::one;
use super::person::{Known, Person};
use super::question::{Object, Question, Where};
use super::rule::Rule;
use super::{Blind, Rights, RoleIs};

/// What one wants to know of somebody. Each stands for several requests: one of them is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Sees what runs: lists workloads, services, ConfigMaps.
    Read,
    /// Changes what runs.
    Write,
    /// Reads Secrets; a list shows their contents, too.
    Secrets,
    /// Gets into containers, past a cordon: exec, attach, port-forward, debug containers.
    Exec,
    /// Hands out rights.
    Rbac,
    /// Moves the limits: quotas, limit ranges, network policies.
    Policy,
    /// Deletes the namespace.
    DeleteNamespace,
}

type Requests = (&'static [&'static str], &'static [(&'static str, &'static str)]);

const CHANGE: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];

impl Capability {
    /// All, in the order of the screen.
    pub const ALL: [Self; 7] =
        [Self::Read, Self::Write, Self::Secrets, Self::Exec, Self::Rbac, Self::Policy, Self::DeleteNamespace];

    /// The word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Secrets => "secrets",
            Self::Exec => "exec",
            Self::Rbac => "rbac",
            Self::Policy => "policy",
            Self::DeleteNamespace => "delete ns",
        }
    }

    /// What it means, in a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Read => "lists pods, workloads, services or ConfigMaps",
            Self::Write => "makes, changes or deletes workloads, services, ConfigMaps, volumes or ingresses",
            Self::Secrets => "reads Secrets",
            Self::Exec => {
                "gets into containers: exec, attach, port-forward, debug containers; a cordon does not stop that"
            }
            Self::Rbac => "hands out rights: roles and their bindings",
            Self::Policy => "moves the limits: quotas, limit ranges, network policies",
            Self::DeleteNamespace => "deletes the namespace with everything in it",
        }
    }

    /// The requests that it stands for: these verbs, on these.
    const fn requests(self) -> &'static [Requests] {
        const WORKLOADS: &[(&str, &str)] = &[
            ("", "pods"),
            ("apps", "deployments"),
            ("apps", "statefulsets"),
            ("apps", "daemonsets"),
            ("batch", "jobs"),
            ("batch", "cronjobs"),
            ("", "services"),
            ("", "configmaps"),
            ("", "persistentvolumeclaims"),
            ("networking.k8s.io", "ingresses"),
        ];
        match self {
            Self::Read => &[(&["list", "get"], WORKLOADS)],
            Self::Write => &[(CHANGE, WORKLOADS)],
            Self::Secrets => &[(&["get", "list", "watch"], &[("", "secrets")])],
            Self::Exec => &[
                (&["create", "get"], &[("", "pods/exec"), ("", "pods/attach"), ("", "pods/portforward")]),
                (&["update", "patch"], &[("", "pods/ephemeralcontainers")]),
            ],
            Self::Rbac => &[
                (CHANGE, &[("rbac.authorization.k8s.io", "rolebindings"), ("rbac.authorization.k8s.io", "roles")]),
                (
                    &["bind", "escalate"],
                    &[("rbac.authorization.k8s.io", "roles"), ("rbac.authorization.k8s.io", "clusterroles")],
                ),
            ],
            Self::Policy => {
                &[(CHANGE, &[("", "resourcequotas"), ("", "limitranges"), ("networking.k8s.io", "networkpolicies")])]
            }
            Self::DeleteNamespace => &[(&["delete"], &[("", "namespaces")])],
        }
    }

    /// Each of its requests: verb, group, resource, subresource.
    fn each(self) -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str)> {
        self.requests().iter().flat_map(|(verbs, objects)| {
            verbs.iter().flat_map(|verb| {
                objects.iter().map(|(group, resource)| {
                    let (resource, below) = resource.split_once('/').unwrap_or((resource, ""));
                    (*verb, *group, resource, below)
                })
            })
        })
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Whether a rule is about anything that is asked about here. Most rules of most roles are not.
fn is_asked_about(rule: &Rule) -> bool {
    static NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let requests = Capability::ALL.into_iter().flat_map(Capability::requests);
        requests.flat_map(|(_, objects)| objects.iter().map(|(_, resource)| *resource)).collect()
    });
    rule.resources.iter().any(|resource| resource.starts_with('*') || NAMES.contains(&**resource))
}

/// What rules give, a bit each, in a namespace.
fn mask(rules: &[Rule], namespace: &str) -> u8 {
    let mut mask = 0;
    for rule in rules.iter().filter(|rule| is_asked_about(rule)) {
        for capability in Capability::ALL {
            let name = if capability == Capability::DeleteNamespace { namespace } else { "" };
            // What a rule allows is all of its verbs on all that it is about: not each request needs to be looked at.
            let gives = rule.covers(name)
                && capability.requests().iter().any(|(verbs, objects)| {
                    verbs.iter().any(|verb| rule.is_for(verb))
                        && objects.iter().any(|(group, object)| {
                            let (resource, below) = object.split_once('/').unwrap_or((object, ""));
                            rule.is_about(group, resource, below)
                        })
                });
            if gives {
                mask |= capability.bit();
            }
        }
    }
    mask
}

/// What rules give in each of these namespaces: only where some are about objects of certain names do these differ.
fn masks(rules: &[Rule], namespaces: &[Name]) -> Vec<u8> {
    if rules.iter().any(|rule| !rule.names.is_empty()) {
        namespaces.iter().map(|namespace| mask(rules, namespace)).collect()
    } else {
        vec![mask(rules, ""); namespaces.len()]
    }
}

/// What bindings give to one subject.
struct Given {
    /// In each namespace, a bit for each capability.
    masks: Vec<u8>,
    /// Roles of some of them cannot be read.
    unsure: bool,
    /// It has a row of its own.
    shown: bool,
}

impl Given {
    fn nothing(namespaces: usize) -> Self {
        Self { masks: vec![0; namespaces], unsure: false, shown: false }
    }
}

/// In how many namespaces of a tenant somebody has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// In none.
    None,
    /// In so many of them.
    Some(usize),
    /// In all of them.
    All,
}

/// One person, or group of them, in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Who.
    pub subject: Subject,
    /// In which namespaces, for each of [`Capability::ALL`].
    pub cells: [Vec<Name>; 7],
    /// Whether the roles of some of his bindings cannot be read, so that there may be more.
    pub unsure: bool,
}

/// A tenant's people and what they may do in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// The tenant.
    pub tenant: Name,
    /// Its namespaces.
    pub namespaces: Vec<Name>,
    /// Its people, in order.
    pub rows: Vec<Row>,
    /// What could not be looked at.
    pub blind: Vec<Blind>,
}

impl Row {
    /// The namespaces of a cell.
    pub fn cell(&self, capability: Capability) -> &[Name] {
        self.cells.get(capability as usize).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Matrix {
    /// What stands in a cell.
    pub fn level(&self, row: &Row, capability: Capability) -> Level {
        match row.cell(capability).len() {
            0 => Level::None,
            n if n == self.namespaces.len() => Level::All,
            n => Level::Some(n),
        }
    }

    /// The row of somebody.
    pub fn row(&self, subject: &Subject) -> Option<&Row> {
        let subject = one(subject);
        self.rows.iter().find(|row| row.subject == *subject)
    }
}

/// What would be otherwise in one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellChange {
    /// Whose.
    pub subject: Subject,
    /// What.
    pub capability: Capability,
    /// The namespaces before.
    pub before: Vec<Name>,
    /// And after.
    pub after: Vec<Name>,
}

/// The cells that differ between two matrices of one tenant.
pub fn changes(before: &Matrix, after: &Matrix) -> Vec<CellChange> {
    let subjects: BTreeSet<&Subject> = before.rows.iter().chain(&after.rows).map(|row| &row.subject).collect();
    let mut found = Vec::new();
    for subject in subjects {
        for capability in Capability::ALL {
            let cell =
                |matrix: &Matrix| matrix.row(subject).map(|row| row.cell(capability).to_vec()).unwrap_or_default();
            let (before, after) = (cell(before), cell(after));
            if before != after {
                found.push(CellChange { subject: subject.clone(), capability, before, after });
            }
        }
    }
    found
}

impl Rights<'_> {
    /// The people of a tenant and what they may do in it. With `system`, those of Kubernetes itself that are bound in the whole
    /// cluster are among them.
    pub fn matrix(&self, tenant: &Name, system: bool) -> Matrix {
        let place = Where::Tenant(tenant.clone());
        let namespaces = place.namespaces(self.world);
        let given = self.given(&namespaces, system);
        let shown = given.iter().filter(|(_, given)| given.shown);
        let mut subjects: Vec<&Subject> = shown.map(|(subject, _)| subject.as_ref()).collect();
        subjects.sort();
        let known = Known::of(self.world);
        let row = |subject: &Subject| {
            let person = known.person(subject);
            let mut row = Row { cells: Default::default(), unsure: false, subject: subject.clone() };
            let mut held = vec![if person.is_master() { u8::MAX } else { 0 }; namespaces.len()];
            for given in person.subjects().filter_map(|subject| given.get(&*one(&subject))) {
                row.unsure |= given.unsure;
                held.iter_mut().zip(&given.masks).for_each(|(held, mask)| *held |= mask);
            }
            for (capability, cell) in Capability::ALL.into_iter().zip(&mut row.cells) {
                let has = namespaces.iter().zip(&held).filter(|(_, held)| **held & capability.bit() != 0);
                cell.extend(has.map(|(namespace, _)| namespace.clone()));
            }
            row
        };
        let rows = subjects.into_iter().map(row).collect();
        Matrix { tenant: tenant.clone(), namespaces, rows, blind: self.blind(&place) }
    }

    /// What bindings give to whom in these namespaces.
    fn given<'a>(&'a self, namespaces: &[Name], system: bool) -> HashMap<Cow<'a, Subject>, Given> {
        let mut given: HashMap<Cow<'a, Subject>, Given> = HashMap::new();
        let mut by_role: HashMap<(Option<&str>, &str), Vec<u8>> = HashMap::new();
        let mut take = |binding: &'a Binding, places: Range<usize>| {
            let masks = match self.world.role_of(binding) {
                RoleIs::Known(role) => Some(
                    by_role
                        .entry((role.namespace.as_deref(), &role.name))
                        .or_insert_with(|| masks(&role.rules, namespaces))
                        .as_slice(),
                ),
                RoleIs::Missing => Some(&[][..]),
                RoleIs::Unread => None,
            };
            for subject in binding.subjects.iter() {
                let given = given.entry(one(subject)).or_insert_with(|| Given::nothing(namespaces.len()));
                given.shown |= binding.namespace.is_some() || system || !subject.is_system();
                given.unsure |= masks.is_none();
                let of_role = masks.unwrap_or_default().iter().enumerate().filter(|(at, _)| places.contains(at));
                for (at, mask) in of_role {
                    given.masks[at] |= mask;
                }
            }
        };
        for (at, namespace) in namespaces.iter().enumerate() {
            self.bindings_in(namespace).for_each(|binding| take(binding, at..at + 1));
        }
        self.cluster_bindings().for_each(|binding| take(binding, 0..namespaces.len()));
        given
    }

    /// Why somebody has what a cell says: each request that is allowed, with where and by which bindings.
    pub fn why(&self, subject: &Subject, capability: Capability, tenant: &Name) -> Vec<(Question, Can)> {
        let person = Person::known(self.world, subject);
        let mut found = Vec::new();
        for (verb, group, resource, subresource) in capability.each() {
            let object = Object::Resource {
                group: group.into(),
                resource: resource.into(),
                subresource: subresource.into(),
                name: "".into(),
                namespaced: !matches!(capability, Capability::DeleteNamespace),
            };
            let question = Question { verb: verb.into(), object, place: Where::Tenant(tenant.clone()) };
            let can = self.can(&person, &question);
            if matches!(&can.reach, Some(Reach::Cluster))
                || matches!(&can.reach, Some(Reach::Namespaces(names)) if !names.is_empty())
            {
                found.push((question, can));
            }
        }
        found
    }
}
