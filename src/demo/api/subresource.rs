//! What lies below an object: status, scale, eviction, binding, token, finalize.

use serde_json::{Value, json};

use super::{Answer, Call, decode, list, render, scale, token, write};
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};

use crate::demo::registry::{Deletion, Registry};
use crate::demo::schema::kind::Kind;
use crate::demo::status::{FieldFault, Status};

/// A request for a subresource.
pub fn answer(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    let name = call.info.subresource.clone();
    let verb = call.info.verb.clone();
    let Some(part) = kind.subresource(&name) else {
        let none = Status::not_found(&kind.group, &kind.resource, &call.info.name);
        return Err(if kind.custom.is_some() { none } else { Status::no_such_path() });
    };
    if !part.verbs.contains(&verb) {
        return Err(Status::method_not_allowed());
    }
    match (name.as_str(), verb.as_str()) {
        ("status", "get") => list::get(registry, call, kind),
        ("status" | "finalize", "update") => write::update(registry, call, kind, &name),
        ("status", "patch") => write::patch(registry, call, kind, &name),
        ("scale", "get") => scale::get(registry, call, kind),
        ("scale", "update" | "patch") => scale::write(registry, call, kind),
        ("eviction", "create") => evict(registry, call, kind),
        ("binding", "create") => bind(registry, call, kind),
        ("token", "create") => token::create(registry, call, kind),
        ("log", "get") => log(registry, call, kind),
        (other, _) => {
            live(registry, call, kind)?;
            Err(Status::not_in_the_demo(&format!("{verb} {}/{other}", kind.qualified())))
        }
    }
}

/// The log of a pod that is on no node yet is empty. Those of others are not kept here.
fn log(registry: &Registry, call: &Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    let pod = live(registry, call, kind)?;
    if pod.text(&["spec", "nodeName"]).is_some_and(|node| !node.is_empty()) {
        return Err(Status::not_in_the_demo("logs of containers"));
    }
    Ok(Answer { content: "", ..Answer::json(204, "") })
}

/// The object itself.
pub fn live(registry: &Registry, call: &Call<'_>, kind: &Kind) -> Result<Object, Status> {
    let name = &call.info.name;
    registry
        .get(&kind.qualified(), call.namespace(kind), name)
        .ok_or_else(|| Status::not_found(&kind.group, &kind.resource, name))
}

/// Removes a pod unless a disruption budget speaks against it, as `registry/core/pod/storage/eviction.go`.
fn evict(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    write::options(call, "CreateOptions")?;
    let body = decode::value(call, "Eviction")?;
    let pod = live(registry, call, kind)?;
    if !body.name().is_empty() && body.name() != pod.name() {
        return Err(Status::bad_request("name in URL does not match name in Eviction object"));
    }
    let options = body.at(&["deleteOptions"]).cloned().unwrap_or(Value::Null);
    if options.list(&["dryRun"]).iter().any(|value| value == "All") {
        call.caller.dry_run = true;
    }
    let is_over = matches!(pod.text(&["status", "phase"]), Some("Succeeded" | "Failed" | "Pending"));
    if !is_over && !pod.is_terminating() {
        spend(registry, call, &pod)?;
    }
    let how = Deletion {
        grace: options.int(&["gracePeriodSeconds"]),
        uid: options.text(&["preconditions", "uid"]).map(str::to_owned),
        version: options.text(&["preconditions", "resourceVersion"]).map(str::to_owned),
        is_admitted: true,
        ..Deletion::default()
    };
    registry.delete(&mut call.caller, "pods", pod.namespace(), pod.name(), &how)?;
    Ok(render::value(
        call,
        201,
        &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}),
    ))
}

/// Takes one disruption from the budget that covers a pod.
fn spend(registry: &mut Registry, call: &Call<'_>, pod: &Object) -> Result<(), Status> {
    let budgets: Vec<Object> = registry
        .list("poddisruptionbudgets.policy", Some(pod.namespace()))
        .filter(|budget| {
            let selector = budget.at(&["spec", "selector"]);
            selector.is_some_and(|selector| super::selector::Labels::of(selector).admit(pod))
        })
        .collect();
    if budgets.len() > 1 {
        let says = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
        return Err(Status::new(500, "", says));
    }
    let Some(budget) = budgets.first() else { return Ok(()) };
    let is_ready = pod
        .list(&["status", "conditions"])
        .iter()
        .any(|condition| condition.text(&["type"]) == Some("Ready") && condition.text(&["status"]) == Some("True"));
    let healthy = budget.int(&["status", "currentHealthy"]).unwrap_or_default();
    let desired = budget.int(&["status", "desiredHealthy"]).unwrap_or_default();
    if !is_ready && healthy >= desired && desired > 0 {
        return Ok(());
    }
    let refuse = |cause: String| {
        let mut status =
            Status::new(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.");
        status.details = Some(json!({"causes": [{"reason": "DisruptionBudget", "message": cause}]}));
        status
    };
    if budget.int(&["status", "observedGeneration"]) < budget.int(&["metadata", "generation"]) {
        let mut status =
            refuse(format!("The disruption budget {} is still being processed by the server.", budget.name()));
        status.retry_after = Some(10);
        if let Some(details) = &mut status.details {
            details.set(&["retryAfterSeconds"], 10);
        }
        return Err(status);
    }
    if budget.int(&["status", "disruptionsAllowed"]).unwrap_or_default() <= 0 {
        return Err(refuse(format!(
            "The disruption budget {} needs {desired} healthy pods and has {healthy} currently",
            budget.name()
        )));
    }
    if !call.caller.dry_run {
        let by = crate::demo::registry::Caller::controller("disruption-controller");
        let (namespace, name) = (budget.namespace().to_owned(), budget.name().to_owned());
        let now = rfc3339(registry.now());
        registry.change(&by, "poddisruptionbudgets.policy", "status", &namespace, &name, |budget| {
            let left = budget.int(&["status", "disruptionsAllowed"]).unwrap_or_default() - 1;
            budget.set(&["status", "disruptionsAllowed"], left);
            budget.set(&["status", "disruptedPods", pod.name()], now);
        });
    }
    Ok(())
}

/// Puts a pod on a node, as a scheduler does.
fn bind(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    write::options(call, "CreateOptions")?;
    let body = decode::value(call, "Binding")?;
    let node = body.text(&["target", "name"]).unwrap_or_default().to_owned();
    let name = call.info.name.clone();
    if node.is_empty() {
        let fault = FieldFault::required("target.name", "");
        return Err(Status::invalid("", "Binding", &name, &[fault]));
    }
    let now = rfc3339(registry.now());
    let namespace = call.namespace(kind).to_owned();
    let change = &mut |pod: &Object| {
        if let Some(taken) = pod.text(&["spec", "nodeName"]).filter(|taken| !taken.is_empty()) {
            let why = format!("pod {name} is already assigned to node {taken:?}");
            return Err(Status::conflict("", "pods/binding", &name, &why));
        }
        let mut pod = pod.clone();
        pod.set(&["spec", "nodeName"], node.clone());
        let mut conditions = pod.list(&["status", "conditions"]).to_vec();
        conditions.retain(|condition| condition.text(&["type"]) != Some("PodScheduled"));
        conditions.push(json!({
            "type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": now,
        }));
        pod.set(&["status", "conditions"], conditions);
        Ok(pod)
    };
    registry.update(&mut call.caller, "pods", "binding", &namespace, &name, change)?;
    Ok(render::value(
        call,
        201,
        &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}),
    ))
}
