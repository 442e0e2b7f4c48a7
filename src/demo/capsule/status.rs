//! The status of a tenant, as each era's controller writes it.

use serde_json::{Value, json};

use super::{CORDONED_LABEL, TENANTS, controller, namespaces_of, users};
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Registry;
use crate::demo::schema::Era;

/// What is known of how bringing a tenant about went.
pub enum Outcome {
    /// Everything was done, or this failed.
    Known(Option<String>),
    /// It has not been tried again: what the status says stays.
    AsBefore,
}

/// Writes what is so.
pub fn write(registry: &mut Registry, name: &str, outcome: Outcome) {
    let Some(tenant) = registry.look(TENANTS, "", name) else { return };
    let status = match registry.era {
        Era::V0_14 => new(registry, &tenant, outcome),
        Era::V0_4 => old(registry, &tenant),
    };
    registry.change(&controller(), TENANTS, "status", "", name, |tenant| tenant.set(&["status"], status));
}

fn old(registry: &Registry, tenant: &Object) -> Value {
    let names = namespaces_of(registry, tenant);
    let state = if tenant.flag(&["spec", "cordoned"]) { "Cordoned" } else { "Active" };
    let mut status = json!({"size": names.len(), "state": state});
    if !names.is_empty() {
        status.set(&["namespaces"], names);
    }
    status
}

fn new(registry: &Registry, tenant: &Object, outcome: Outcome) -> Value {
    let now = rfc3339(registry.now());
    let names = namespaces_of(registry, tenant);
    let is_cordoned = tenant.flag(&["spec", "cordoned"]);
    let before = |name: &str| {
        tenant
            .list(&["status", "spaces"])
            .iter()
            .find(|space| space.text(&["name"]) == Some(name))
            .cloned()
            .unwrap_or_default()
    };
    // Spaces stand in the order in which they came.
    let mut order: Vec<&str> = tenant
        .list(&["status", "spaces"])
        .iter()
        .filter_map(|space| space.text(&["name"]))
        .filter(|name| names.iter().any(|one| one == name))
        .collect();
    order.extend(names.iter().map(String::as_str).filter(|name| before(name).is_null()));
    let spaces: Vec<Value> = order
        .iter()
        .filter_map(|name| {
            let namespace = registry.look("namespaces", "", name)?;
            Some(space(&namespace, &before(name), is_cordoned, &now))
        })
        .collect();
    let state = match (tenant.is_terminating(), is_cordoned) {
        (true, _) => "Terminating",
        (_, true) => "Cordoned",
        _ => "Active",
    };
    let known = tenant.list(&["status", "conditions"]);
    let failed = |one: &&Value| one.text(&["type"]) == Some("Ready") && one.text(&["status"]) == Some("False");
    let fault = match outcome {
        Outcome::Known(fault) => fault,
        Outcome::AsBefore => known.iter().find(failed).and_then(|one| one.text(&["message"])).map(str::to_owned),
    };
    let ready = match &fault {
        None => condition("Ready", true, "Succeeded", "reconciled"),
        Some(fault) => condition("Ready", false, "Failed", fault),
    };
    let cordoned = if is_cordoned {
        condition("Cordoned", true, "Cordoned", "Tenant is cordoned")
    } else {
        condition("Cordoned", false, "Active", "not cordoned")
    };
    let mut status = json!({
        "conditions": [dated(ready, known, &now), dated(cordoned, known, &now)],
        "observedGeneration": tenant.int(&["metadata", "generation"]),
        "size": spaces.len(),
        "state": state,
    });
    if !names.is_empty() {
        status.set(&["namespaces"], names);
        status.set(&["spaces"], spaces);
    }
    let owners = owners(registry, tenant);
    if !owners.is_empty() {
        status.set(&["owners"], owners);
    }
    status.set(&["classes"], classes(registry, tenant));
    status
}

/// The resolved owners: each once, with the roles of all its entries.
fn owners(registry: &Registry, tenant: &Object) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for owner in users::owners_of(registry, tenant) {
        let mut roles = owner.list(&["clusterRoles"]).to_vec();
        if roles.is_empty() {
            roles = vec![json!("admin"), json!("capsule-namespace-deleter")];
        }
        match all.iter_mut().find(|one| one.get("kind") == owner.get("kind") && one.get("name") == owner.get("name")) {
            Some(one) => {
                let mut known = one.list(&["clusterRoles"]).to_vec();
                known.extend(roles.into_iter().filter(|role| !one.list(&["clusterRoles"]).contains(role)));
                one.set(&["clusterRoles"], known);
            }
            None => all.push(json!({"clusterRoles": roles, "kind": owner.get("kind"), "name": owner.get("name")})),
        }
    }
    all
}

/// The classes of the cluster that a tenant may use.
fn classes(registry: &Registry, tenant: &Object) -> Value {
    let mut classes = json!({});
    for (name, resource, option) in [
        ("priority", "priorityclasses.scheduling.k8s.io", &["spec", "priorityClasses"][..]),
        ("storage", "storageclasses.storage.k8s.io", &["spec", "storageClasses"]),
        ("gateway", "gatewayclasses.gateway.networking.k8s.io", &["spec", "gatewayOptions", "allowedClasses"]),
    ] {
        let rule = tenant.at(option);
        let names: Vec<String> = registry
            .views(resource, None)
            .map(|class| class.name().to_owned())
            .filter(|name| rule.is_none_or(|rule| allows(rule, name)))
            .collect();
        if !names.is_empty() {
            classes.set(&[name], names);
        }
    }
    classes
}

fn allows(rule: &Value, name: &str) -> bool {
    let by_name =
        rule.list(&["allowed"]).iter().any(|allowed| allowed == name) || rule.text(&["default"]) == Some(name);
    let by_pattern = rule
        .text(&["allowedRegex"])
        .filter(|text| !text.is_empty())
        .and_then(|text| regex::Regex::new(text).ok())
        .is_some_and(|pattern| pattern.is_match(name));
    by_name || by_pattern
}

/// One namespace's part of the status.
fn space(namespace: &Object, before: &Value, is_tenants: bool, now: &str) -> Value {
    let known = before.list(&["conditions"]);
    let is_cordoned = namespace.label(CORDONED_LABEL) == Some("true");
    let ready = if namespace.is_terminating() {
        condition("Ready", false, "Terminating", "Namespace is terminating")
    } else {
        condition("Ready", true, "Succeeded", "reconciled")
    };
    let cordoned = if is_cordoned {
        condition("Cordoned", true, "Cordoned", "namespace is cordoned")
    } else {
        condition("Cordoned", false, "Active", "not cordoned")
    };
    let mut conditions = vec![dated(ready, known, now), dated(cordoned, known, now)];
    if namespace.is_terminating() {
        let terminating = condition("Terminating", false, "Terminating", "waiting for namespace finalization");
        conditions.push(dated(terminating, known, now));
    }
    // The label is told as the tenant's only when the tenant asks for it.
    let metadata = if is_cordoned && is_tenants { json!({"labels": {CORDONED_LABEL: "true"}}) } else { json!({}) };
    json!({
        "conditions": conditions, "metadata": metadata, "name": namespace.name(), "uid": namespace.uid(),
    })
}

fn condition(kind: &str, is_true: bool, reason: &str, message: &str) -> Value {
    let status = if is_true { "True" } else { "False" };
    json!({"message": message, "reason": reason, "status": status, "type": kind})
}

/// A condition with the time of its last change.
fn dated(mut condition: Value, known: &[Value], now: &str) -> Value {
    let before = known.iter().find(|one| one.get("type") == condition.get("type"));
    let since = before
        .filter(|one| one.get("status") == condition.get("status"))
        .and_then(|one| one.text(&["lastTransitionTime"]))
        .unwrap_or(now)
        .to_owned();
    condition.set(&["lastTransitionTime"], since);
    condition
}
