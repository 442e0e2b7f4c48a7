//! One more namespace for a tenant.

use serde_json::json;

use super::create::{Identity, joining};
use super::facts::Facts;
use crate::plan::owner::Owner;
use crate::plan::{Before, Change, Goal, ObjectRef, Plan, Stage, Step, Target};
use crate::text::label::label_fault;

/// How long it may take until it can be used, in seconds.
const DEADLINE: i64 = 60;

/// The plan that adds a namespace to a tenant, nothing read yet; or why there is none.
pub fn plan(tenant: &str, owners: &[Owner], name: &str, facts: &Facts, target: Target) -> Result<Plan, String> {
    if let Some(fault) = label_fault(name).or_else(|| fault(name, tenant, facts)) {
        return Err(fault);
    }
    if facts.namespaces.contains_key(name) {
        return Err(format!("{name} is there already"));
    }
    let object = ObjectRef::cluster("/api/v1", "namespaces", "Namespace", name);
    let manifest = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": name, "labels": {"capsule.clastix.io/tenant": tenant}},
    });
    let change = Change::Apply { manifest, force: false };
    let step = Step { object: object.clone(), change, before: Before::Absent, answer: None, source: None };
    Ok(Plan {
        title: format!("Add namespace {name} to tenant {tenant}"),
        summary: vec![
            "what Capsule puts into every namespace of the tenant comes by itself; policies and quotas that are objects of their \
             own in its other namespaces do not"
                .to_owned(),
        ],
        target,
        stages: vec![Stage { steps: vec![step], goal: Some(Goal::Usable { objects: vec![object], deadline: DEADLINE }) }],
        joining: Some(joining(tenant, owners, facts, &Identity::Auto)),
        ..Plan::default()
    })
}

/// Why a tenant cannot have a namespace of this name.
pub fn fault(name: &str, tenant: &str, facts: &Facts) -> Option<String> {
    let configuration = facts.configuration.as_ref();
    let prefix = format!("{tenant}-");
    if configuration.is_some_and(|configuration| configuration.force_prefix) && !name.starts_with(&prefix) {
        return Some(format!(
            "{name} must begin with {prefix}: Capsule is configured so that namespaces bear their tenant's name"
        ));
    }
    let protected = configuration.and_then(|configuration| configuration.protected_namespaces.as_deref());
    let protected = protected.filter(|pattern| !pattern.is_empty());
    if let Some(pattern) = protected
        && regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(name))
    {
        return Some(format!("{name} is protected: Capsule is configured to let nobody have {pattern}"));
    }
    match facts.namespaces.get(name)? {
        Some(other) if other == tenant => None,
        Some(other) => Some(format!("{name} is there already, and belongs to the tenant {other}")),
        None => Some(format!("{name} is there already, and belongs to no tenant")),
    }
}
