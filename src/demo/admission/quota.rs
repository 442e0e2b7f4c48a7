//! ResourceQuota: what a namespace uses, and what it may not exceed. As `pkg/quota/v1/evaluator` and
//! `plugin/resourcequota/controller.go`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::demo::access::user::User;
use crate::demo::object::{Meta as _, Object};
use crate::demo::quantity::Quantity;
use crate::demo::registry::{Caller, Operation, Registry, Review};
use crate::demo::schema::kind::Kind;
use crate::demo::status::Status;

/// Amounts by resource, such as `requests.cpu`.
pub type Usage = BTreeMap<String, Quantity>;

/// The kinds that count by a name of their own.
const COUNTED: [&str; 7] =
    ["pods", "services", "configmaps", "secrets", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas"];

/// Refuses what would exceed a quota; otherwise writes down what will be used.
pub fn admit(registry: &mut Registry, review: &Review<'_>, object: &Object) -> Result<(), Status> {
    if !review.subresource.is_empty() || review.namespace.is_empty() || review.kind.resource == "resourcequotas" {
        return Ok(());
    }
    let quotas: Vec<Arc<Object>> = registry.views("resourcequotas", Some(review.namespace)).collect();
    for quota in quotas {
        if !covers(&quota, review.kind, object) {
            continue;
        }
        let hard = amounts(quota.at(&["status", "hard"]).or_else(|| quota.at(&["spec", "hard"])));
        if let Some(missing) = unspecified(review, object, &hard) {
            let why = format!("failed quota: {}: must specify {missing}", quota.name());
            return Err(Status::forbidden(&review.kind.group, &review.kind.resource, object.name(), &why));
        }
        let mut wanted = of(review.kind, object);
        if let Some(old) = review.old {
            for (resource, amount) in of(review.kind, old) {
                let left = wanted.get(&resource).copied().unwrap_or(Quantity::ZERO).minus(amount);
                wanted.insert(resource, left);
            }
        }
        wanted.retain(|resource, amount| hard.contains_key(resource) && !amount.is_zero());
        if wanted.values().all(|amount| amount.is_negative()) {
            continue;
        }
        let used = used(registry, &quota, &hard);
        let exceeded: Vec<&String> = wanted
            .iter()
            .filter(|(resource, amount)| {
                let used = used.get(*resource).copied().unwrap_or(Quantity::ZERO);
                !amount.is_negative() && hard.get(*resource).is_some_and(|hard| used.plus(**amount) > *hard)
            })
            .map(|(resource, _)| resource)
            .collect();
        if !exceeded.is_empty() {
            let said = |usage: &Usage| {
                let amount = |resource: &String| usage.get(resource).copied().unwrap_or(Quantity::ZERO);
                exceeded.iter().map(|resource| format!("{resource}={}", amount(resource))).collect::<Vec<_>>().join(",")
            };
            let why = format!(
                "exceeded quota: {}, requested: {}, used: {}, limited: {}",
                quota.name(),
                said(&wanted),
                said(&used),
                said(&hard)
            );
            return Err(Status::forbidden(&review.kind.group, &review.kind.resource, object.name(), &why));
        }
        if !review.dry_run {
            let mut sum = used;
            for (resource, amount) in wanted {
                let before = sum.get(&resource).copied().unwrap_or(Quantity::ZERO);
                sum.insert(resource, before.plus(amount));
            }
            record(registry, &server(), &quota, &hard, &sum);
        }
    }
    Ok(())
}

/// The API server itself, which writes down what it lets pass.
fn server() -> Caller {
    let groups = vec!["system:authenticated".to_owned(), "system:masters".to_owned()];
    Caller::new(User { name: "system:apiserver".to_owned(), groups, ..User::default() }, "kube-apiserver")
}

/// Writes what a quota's namespace uses into its status.
pub fn record(registry: &mut Registry, by: &Caller, quota: &Object, hard: &Usage, used: &Usage) {
    let status = json!({"hard": in_json(hard), "used": in_json(used)});
    if quota.get("status") == Some(&status) {
        return;
    }
    registry.change(by, "resourcequotas", "status", quota.namespace(), quota.name(), |quota| {
        quota.set(&["status"], status);
    });
}

/// The amounts of a map such as `hard`.
pub fn amounts(map: Option<&Value>) -> Usage {
    let entries = map.and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(resource, amount)| Some((resource.clone(), quantity(amount)?))).collect()
}

fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => Quantity::parse(text),
        Value::Number(number) => Quantity::parse(&number.to_string()),
        _ => None,
    }
}

fn in_json(usage: &Usage) -> Map<String, Value> {
    usage.iter().map(|(resource, amount)| (resource.clone(), amount.to_string().into())).collect()
}

/// What a quota's namespace uses of what the quota limits.
pub fn used(registry: &Registry, quota: &Object, hard: &Usage) -> Usage {
    let mut sum: Usage = hard.keys().map(|resource| (resource.clone(), Quantity::ZERO)).collect();
    for resource in resources(hard) {
        let Some(kind) = registry.kind(&resource) else { continue };
        for object in registry.views(&resource, Some(quota.namespace())) {
            if !covers(quota, &kind, &object) {
                continue;
            }
            for (name, amount) in of(&kind, &object) {
                if let Some(total) = sum.get_mut(&name) {
                    *total = total.plus(amount);
                }
            }
        }
    }
    sum
}

/// The kinds that a quota's limits are about, such as `deployments.apps`.
fn resources(hard: &Usage) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in hard.keys() {
        let resource = if let Some(counted) = name.strip_prefix("count/") {
            counted
        } else if name.starts_with("services") {
            "services"
        } else if name.ends_with("requests.storage") || name.ends_with("persistentvolumeclaims") {
            "persistentvolumeclaims"
        } else if COUNTED.contains(&name.as_str()) {
            name
        } else {
            "pods"
        };
        if !found.iter().any(|one| one == resource) {
            found.push(resource.to_owned());
        }
    }
    found
}

/// What one object uses.
fn of(kind: &Kind, object: &Object) -> Usage {
    let mut usage = Usage::new();
    let one = Quantity::of(1);
    usage.insert(format!("count/{}", kind.qualified()), one);
    if !kind.group.is_empty() {
        return usage;
    }
    if kind.resource == "pods" {
        // A pod that is over is still an object, but uses nothing else.
        if matches!(object.text(&["status", "phase"]), Some("Succeeded" | "Failed")) {
            return usage;
        }
        compute(object, &mut usage);
    }
    if COUNTED.contains(&kind.resource.as_str()) {
        usage.insert(kind.resource.clone(), one);
    }
    match kind.resource.as_str() {
        "services" => {
            let sort = object.text(&["spec", "type"]);
            let ports = object.list(&["spec", "ports"]).len() as i64;
            if sort == Some("LoadBalancer") {
                usage.insert("services.loadbalancers".to_owned(), one);
            }
            if matches!(sort, Some("NodePort" | "LoadBalancer")) {
                usage.insert("services.nodeports".to_owned(), Quantity::of(ports));
            }
        }
        "persistentvolumeclaims" => {
            let size = object.at(&["spec", "resources", "requests", "storage"]).and_then(quantity);
            let class = object.text(&["spec", "storageClassName"]);
            if let Some(size) = size {
                usage.insert("requests.storage".to_owned(), size);
                if let Some(class) = class {
                    usage.insert(format!("{class}.storageclass.storage.k8s.io/requests.storage"), size);
                }
            }
            if let Some(class) = class {
                usage.insert(format!("{class}.storageclass.storage.k8s.io/persistentvolumeclaims"), one);
            }
        }
        _ => {}
    }
    usage
}

/// A pod's requests and limits: the sum of its containers, or the greatest of its init containers.
fn compute(pod: &Object, usage: &mut Usage) {
    for part in ["requests", "limits"] {
        let mut sum = Usage::new();
        for container in pod.list(&["spec", "containers"]) {
            for (resource, amount) in amounts(container.at(&["resources", part])) {
                let before = sum.get(&resource).copied().unwrap_or(Quantity::ZERO);
                sum.insert(resource, before.plus(amount));
            }
        }
        for container in pod.list(&["spec", "initContainers"]) {
            for (resource, amount) in amounts(container.at(&["resources", part])) {
                let greatest = sum.entry(resource).or_insert(amount);
                if amount > *greatest {
                    *greatest = amount;
                }
            }
        }
        for (resource, amount) in sum {
            if part == "requests" && matches!(resource.as_str(), "cpu" | "memory" | "ephemeral-storage") {
                usage.insert(resource.clone(), amount);
            }
            usage.insert(format!("{part}.{resource}"), amount);
        }
    }
}

/// What a pod leaves unsaid although a quota limits it.
fn unspecified(review: &Review<'_>, object: &Object, hard: &Usage) -> Option<String> {
    if review.kind.resource != "pods" || review.operation != Operation::Create {
        return None;
    }
    let mut missing = Vec::new();
    for name in hard.keys() {
        let (part, resource) = match name.split_once('.') {
            Some((part @ ("requests" | "limits"), resource)) if resource != "storage" => (part, resource),
            None if matches!(name.as_str(), "cpu" | "memory") => ("requests", name.as_str()),
            _ => continue,
        };
        let without: Vec<&str> = object
            .list(&["spec", "containers"])
            .iter()
            .filter(|container| container.at(&["resources", part, resource]).is_none())
            .filter_map(|container| container.text(&["name"]))
            .collect();
        if !without.is_empty() {
            missing.push(format!("{name} for: {}", without.join(",")));
        }
    }
    (!missing.is_empty()).then(|| missing.join("; "))
}

/// Whether an object falls under a quota's scopes.
fn covers(quota: &Object, kind: &Kind, object: &Object) -> bool {
    let scopes = quota
        .list(&["spec", "scopes"])
        .iter()
        .filter_map(Value::as_str)
        .map(|scope| json!({"scopeName": scope, "operator": "Exists"}));
    let more = quota.list(&["spec", "scopeSelector", "matchExpressions"]).iter().cloned();
    let all: Vec<Value> = scopes.chain(more).collect();
    if all.is_empty() {
        return true;
    }
    kind.group.is_empty() && kind.resource == "pods" && all.iter().all(|scope| in_scope(scope, object))
}

fn in_scope(scope: &Value, pod: &Object) -> bool {
    let ends = pod.int(&["spec", "activeDeadlineSeconds"]).is_some_and(|seconds| seconds >= 0);
    let is_best_effort = pod.list(&["spec", "containers"]).iter().all(|container| {
        let is_empty =
            |part: &str| container.at(&["resources", part]).and_then(Value::as_object).is_none_or(Map::is_empty);
        is_empty("requests") && is_empty("limits")
    });
    match scope.text(&["scopeName"]) {
        Some("Terminating") => ends,
        Some("NotTerminating") => !ends,
        Some("BestEffort") => is_best_effort,
        Some("NotBestEffort") => !is_best_effort,
        Some("PriorityClass") => {
            let class = pod.text(&["spec", "priorityClassName"]).unwrap_or_default();
            let is_listed = scope.list(&["values"]).iter().any(|value| value == class);
            match scope.text(&["operator"]) {
                Some("In") => is_listed,
                Some("NotIn") => !is_listed,
                Some("DoesNotExist") => class.is_empty(),
                _ => !class.is_empty(),
            }
        }
        _ => false,
    }
}
