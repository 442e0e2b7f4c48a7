//! What a plan would change in who may do what: bindings that it makes, changes or deletes, and what Capsule binds for a tenant's
//! owners and for those whom the tenant binds besides. Pure; made of the server's preview, before anything is sent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::plan::owner::Owner;
use crate::plan::{Answer, Plan, Step};
use crate::world::World;
use crate::world::binding::{Binding, RoleRef, Subject};
use crate::world::name::Name;
use crate::world::rights::Rights;
use crate::world::rights::matrix::{Capability, CellChange, changes};

/// What is said of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consequence {
    /// The cells of the matrix that change, in sentences.
    pub cells: Vec<String>,
    /// What does not come as one would think.
    pub warnings: Vec<String>,
}

/// How many tenants are looked at when something holds in the whole cluster.
const TENANTS: usize = 50;

/// The ClusterRoles that Capsule binds for an owner who names none.
const OWNERS: [&str; 2] = ["admin", "capsule-namespace-deleter"];

const RBAC: &str = "rbac.authorization.k8s.io";
const CAPSULE: &str = "capsule.clastix.io";

/// What an answered plan would change; nothing for plans that are not about rights.
pub fn consequence(world: &World, plan: &Plan) -> Consequence {
    let mut thought =
        Thought { rights: world.rights(), tenants: BTreeSet::new(), warnings: Vec::new(), touched: false };
    for step in plan.steps().filter(|step| step.answer.as_ref().is_some_and(Answer::is_change)) {
        match (step.object.kind.as_str(), step.object.group()) {
            ("RoleBinding" | "ClusterRoleBinding", RBAC) => thought.binding(step),
            ("Tenant", CAPSULE) => thought.tenant(step),
            _ => {}
        }
    }
    let Thought { rights, tenants, warnings, touched } = thought;
    if !touched {
        return Consequence { cells: Vec::new(), warnings };
    }
    let mut cells: Vec<String> = Vec::new();
    for tenant in &tenants {
        let (before, after) = (world.rights().matrix(tenant, true), rights.matrix(tenant, true));
        cells.extend(sentences(tenant, &changes(&before, &after), before.namespaces.len()));
    }
    if cells.is_empty() {
        let about: Vec<&str> = tenants.iter().map(AsRef::as_ref).collect();
        cells.push(match about.as_slice() {
            [] => "what anybody may do in a tenant stays as it is".to_owned(),
            [one] => format!("what anybody may do in tenant {one} stays as it is: no cell of the matrix changes"),
            many => format!("what anybody may do in {} tenants stays as it is", many.len()),
        });
    }
    Consequence { cells, warnings }
}

/// The cells of one tenant that change: those that change alike stand together.
fn sentences(tenant: &Name, changes: &[CellChange], of: usize) -> Vec<String> {
    let mut alike: BTreeMap<(&Subject, String), Vec<Capability>> = BTreeMap::new();
    for change in changes {
        let way = format!("{} -> {}", level(change.before.len(), of), level(change.after.len(), of));
        alike.entry((&change.subject, way)).or_default().push(change.capability);
    }
    let line = |((subject, way), capabilities): ((&Subject, String), Vec<Capability>)| {
        let words: Vec<&str> = capabilities.into_iter().map(Capability::word).collect();
        format!("tenant {tenant}: {subject}: {}: {way}", words.join(", "))
    };
    alike.into_iter().map(line).collect()
}

/// `none`, `2 of 3 ns`, `all 3 ns`.
fn level(count: usize, of: usize) -> String {
    match count {
        0 => "none".to_owned(),
        all if all == of => format!("all {of} ns"),
        some => format!("{some} of {of} ns"),
    }
}

/// Rights as they would be.
struct Thought<'a> {
    rights: Rights<'a>,
    tenants: BTreeSet<Name>,
    warnings: Vec<String>,
    touched: bool,
}

impl Thought<'_> {
    fn put(&mut self, change: impl FnOnce(Rights<'_>) -> Rights<'_>) {
        self.touched = true;
        let world = self.rights.world();
        self.rights = change(std::mem::replace(&mut self.rights, world.rights()));
    }

    /// A binding that is made, changed or deleted.
    fn binding(&mut self, step: &Step) {
        let namespace: Option<Name> = step.object.namespace.as_deref().map(Into::into);
        let key = (namespace.clone(), Name::from(step.object.name.as_str()));
        let after = step.answer.as_ref().and_then(Answer::after);
        let known = self.rights.world().binding(&key).cloned();
        let world = self.rights.world();
        match namespace.as_ref().map(|namespace| world.namespaces.get(namespace)) {
            Some(row) => self.tenants.extend(row.and_then(|row| row.tenant.clone())),
            None => self.tenants.extend(world.tenants.iter().take(TENANTS).map(|tenant| tenant.name.clone())),
        }
        match after.and_then(|after| read(after, &key.0, known.as_ref())) {
            Some(binding) => self.put(|rights| rights.with(binding)),
            None => self.put(|rights| rights.without(key)),
        }
    }

    /// A tenant whose owners, or whose bindings, are to be others.
    fn tenant(&mut self, step: &Step) {
        // A tenant that is only being made has no namespaces in which anybody could do anything.
        let (Some(_), Some(after)) = (step.before.object(), step.answer.as_ref().and_then(Answer::after)) else {
            return;
        };
        let tenant = Name::from(step.object.name.as_str());
        let (was, becomes) = (owners(step.old()), owners(after));
        let (bound, binds) = (besides(step.old()), besides(after));
        if was == becomes && bound == binds {
            return;
        }
        self.tenants.insert(tenant.clone());
        self.touched = true;
        for (who, _) in was.difference(&becomes) {
            let subject = who.as_subject();
            self.put(|rights| rights.without_owner(&tenant, &subject));
        }
        let world = self.rights.world();
        for (who, roles) in becomes.difference(&was) {
            self.warnings.extend(who.stranger(world.configuration()));
            let subject = who.as_subject();
            self.put(|rights| rights.with_owner(&tenant, &subject, roles));
        }
        for (role, who) in bound.difference(&binds) {
            // Who owns the tenant keeps what is bound for owners.
            if becomes.iter().any(|(owner, roles)| owner == who && roles.contains(role)) {
                continue;
            }
            let subject = who.as_subject();
            let is_it = |binding: &&Binding| {
                binding.kept_for.as_ref() == Some(&tenant) && binding.role.cluster && binding.role.name == *role
            };
            let keys: Vec<_> = world.bound(&subject).filter(is_it).map(Binding::key).collect();
            for key in keys {
                self.put(|rights| rights.without_subject(&key, &subject));
            }
        }
        for (role, who) in binds.difference(&bound) {
            let subject = who.as_subject();
            self.put(|rights| rights.with_owner(&tenant, &subject, std::slice::from_ref(role)));
        }
    }
}

/// A binding as it would be.
fn read(object: &Value, namespace: &Option<Name>, known: Option<&Binding>) -> Option<Binding> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let subjects = object.get("subjects").and_then(Value::as_array).into_iter().flatten();
    let subjects: Vec<Subject> = subjects.filter_map(|entry| Some(Owner::among(entry)?.as_subject())).collect();
    Some(Binding {
        namespace: namespace.clone(),
        name: text("/metadata/name")?.into(),
        role: RoleRef { cluster: text("/roleRef/kind")? == "ClusterRole", name: text("/roleRef/name")?.into() },
        subjects: subjects.into(),
        kept_for: known.and_then(|known| known.kept_for.clone()),
        maker: known.and_then(|known| known.maker.clone()),
        created: 0,
    })
}

/// The owners in a tenant's spec, each with the ClusterRoles that are bound for him.
fn owners(tenant: &Value) -> BTreeSet<(Owner, Vec<Name>)> {
    let owners = tenant.pointer("/spec/owners").and_then(Value::as_array).into_iter().flatten();
    let read = |owner: &Value| {
        let named = owner.get("clusterRoles").and_then(Value::as_array).filter(|roles| !roles.is_empty());
        let roles: Vec<Name> = match named {
            Some(roles) => roles.iter().filter_map(Value::as_str).map(Into::into).collect(),
            None => OWNERS.map(Into::into).to_vec(),
        };
        Some((Owner::among(owner)?, roles))
    };
    owners.filter_map(read).collect()
}

/// Whom a tenant binds besides, and to which ClusterRole.
fn besides(tenant: &Value) -> BTreeSet<(Name, Owner)> {
    let bindings = tenant.pointer("/spec/additionalRoleBindings").and_then(Value::as_array).into_iter().flatten();
    let mut found = BTreeSet::new();
    for binding in bindings {
        let Some(role) = binding.get("clusterRoleName").and_then(Value::as_str) else { continue };
        let subjects = binding.get("subjects").and_then(Value::as_array).into_iter().flatten();
        found.extend(subjects.filter_map(Owner::among).map(|who| (role.into(), who)));
    }
    found
}
