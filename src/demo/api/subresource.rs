//! What lies below an object: status, scale, eviction, binding, token, finalize.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Answer, Call, decode, list, render, write};
use crate::demo::access::token::Grant;
use crate::demo::clock::rfc3339;
use crate::demo::object::{Meta as _, Object};
use crate::demo::patch::{json as json_patch, merge};
use crate::demo::registry::{Deletion, ISSUER, Registry};
use crate::demo::schema::kind::Kind;
use crate::demo::status::{FieldFault, Status};

/// A request for a subresource.
pub fn answer(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    let name = call.info.subresource.clone();
    let verb = call.info.verb.clone();
    if kind.subresource(&name).is_none() {
        return Err(Status::no_such_path());
    }
    match (name.as_str(), verb.as_str()) {
        ("status", "get") => list::get(registry, call, kind),
        ("status" | "finalize", "update") => write::update(registry, call, kind, &name),
        ("status", "patch") => write::patch(registry, call, kind, &name),
        ("scale", "get") => {
            let object = live(registry, call, kind)?;
            Ok(render::value(call, 200, &scale_of(kind, &object)?))
        }
        ("scale", "update" | "patch") => scale(registry, call, kind),
        ("eviction", "create") => evict(registry, call, kind),
        ("binding", "create") => bind(registry, call, kind),
        ("token", "create") => token(registry, call, kind),
        ("log", "get") => log(registry, call, kind),
        (other, _) => Err(Status::not_in_the_demo(&format!("{verb} {}/{other}", kind.qualified()))),
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

fn live(registry: &Registry, call: &Call<'_>, kind: &Kind) -> Result<Object, Status> {
    let name = &call.info.name;
    registry
        .get(&kind.qualified(), call.namespace(kind), name)
        .ok_or_else(|| Status::not_found(&kind.group, &kind.resource, name))
}

/// An object's `autoscaling/v1` Scale.
fn scale_of(kind: &Kind, object: &Object) -> Result<Value, Status> {
    if kind.custom.is_some() {
        return Err(Status::not_in_the_demo(&format!("the scale of {}", kind.qualified())));
    }
    let mut scale = json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": object.name(), "namespace": object.namespace(), "uid": object.uid(),
            "resourceVersion": object.version(), "creationTimestamp": object.text(&["metadata", "creationTimestamp"]),
        },
        "spec": {},
        "status": {"replicas": object.int(&["status", "replicas"]).unwrap_or_default()},
    });
    let replicas = object.int(&["spec", "replicas"]).unwrap_or_default();
    if replicas != 0 {
        scale.set(&["spec", "replicas"], replicas);
    }
    let selector = selector_text(object.at(&["spec", "selector"]).unwrap_or(&Value::Null));
    if !selector.is_empty() {
        scale.set(&["status", "selector"], selector);
    }
    Ok(scale)
}

/// A label selector as text, as `metav1.LabelSelectorAsSelector(...).String()`.
fn selector_text(selector: &Value) -> String {
    let mut terms: Vec<(String, String)> = Vec::new();
    for (key, value) in selector.at(&["matchLabels"]).and_then(Value::as_object).into_iter().flatten() {
        terms.push((key.clone(), format!("{key}={}", value.as_str().unwrap_or_default())));
    }
    for expression in selector.list(&["matchExpressions"]) {
        let key = expression.text(&["key"]).unwrap_or_default();
        let mut values: Vec<&str> = expression.list(&["values"]).iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        let values = values.join(",");
        let text = match expression.text(&["operator"]) {
            Some("In") => format!("{key} in ({values})"),
            Some("NotIn") => format!("{key} notin ({values})"),
            Some("DoesNotExist") => format!("!{key}"),
            _ => key.to_owned(),
        };
        terms.push((key.to_owned(), text));
    }
    terms.sort();
    terms.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(",")
}

fn scale(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    write::options(call, if call.info.verb == "patch" { "PatchOptions" } else { "UpdateOptions" })?;
    let live = live(registry, call, kind)?;
    let before = scale_of(kind, &live)?;
    let wanted = if call.info.verb == "update" {
        decode::value(call, "Scale")?
    } else {
        let sort =
            call.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match sort.split(';').next().unwrap_or_default().trim() {
            "application/json-patch+json" => {
                json_patch::apply(&before, &decode::patch(call)?, call.caller.validation)?.object
            }
            // A Scale has neither lists nor keys: both sorts of merging are one.
            "application/merge-patch+json" | "application/strategic-merge-patch+json" => {
                merge::apply(&before, &decode::patch(call)?, call.caller.validation)?
            }
            other => return Err(Status::not_in_the_demo(&format!("a patch of scale as {other}"))),
        }
    };
    let said = (wanted.text(&["kind"]).unwrap_or("Scale"), wanted.text(&["apiVersion"]).unwrap_or("autoscaling/v1"));
    if said != ("Scale", "autoscaling/v1") {
        return Err(Status::bad_request(format!("wrong object passed to Scale update: {}, Kind={}", said.1, said.0)));
    }
    let replicas = match wanted.at(&["spec", "replicas"]) {
        None | Some(Value::Null) => 0,
        Some(value) => value.as_i64().ok_or_else(|| {
            Status::bad_request("Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal into Go struct field ScaleSpec.spec.replicas of type int32")
        })?,
    };
    if replicas < 0 {
        let fault = FieldFault::invalid("spec.replicas", &json!(replicas), "must be greater than or equal to 0");
        return Err(Status::invalid("autoscaling", "Scale", live.name(), &[fault]));
    }
    let version = wanted.version().to_owned();
    let (resource, namespace, name) = (kind.qualified(), call.namespace(kind).to_owned(), call.info.name.clone());
    let change = &mut |live: &Object| {
        let mut object = live.clone();
        object.set(&["spec", "replicas"], replicas);
        object.set(&["metadata", "resourceVersion"], version.clone());
        Ok(object)
    };
    let object = registry.update(&mut call.caller, &resource, "scale", &namespace, &name, change)?;
    Ok(render::value(call, 200, &scale_of(kind, &object)?))
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
        propagation: None,
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

/// A token for a service account.
fn token(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    write::options(call, "CreateOptions")?;
    let mut body = decode::value(call, "TokenRequest")?;
    let account = live(registry, call, kind)?;
    let seconds = body.int(&["spec", "expirationSeconds"]).unwrap_or(3600);
    if seconds < 600 {
        let fault = FieldFault::invalid(
            "spec.expirationSeconds",
            &json!(seconds),
            "may not specify a duration less than 10 minutes",
        );
        return Err(Status::invalid("authentication.k8s.io", "TokenRequest", account.name(), &[fault]));
    }
    let now = registry.now();
    let audiences =
        body.list(&["spec", "audiences"]).iter().filter_map(|one| one.as_str().map(str::to_owned)).collect();
    let grant = Grant {
        namespace: account.namespace().to_owned(),
        name: account.name().to_owned(),
        uid: account.uid().to_owned(),
        audiences,
        issued_at: now.as_second(),
        lifetime: seconds,
        id: registry.ids.uid(),
    };
    let token = registry.tokens.issue(&grant);
    let expires = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
    body.set(&["kind"], "TokenRequest");
    body.set(&["apiVersion"], "authentication.k8s.io/v1");
    body.set(&["metadata", "name"], account.name());
    body.set(&["metadata", "namespace"], account.namespace());
    body.set(&["metadata", "creationTimestamp"], rfc3339(now));
    body.set(&["spec", "expirationSeconds"], seconds);
    if body.list(&["spec", "audiences"]).is_empty() {
        body.set(&["spec", "audiences"], json!([ISSUER]));
    }
    if body.at(&["spec", "boundObjectRef"]).is_none() {
        body.set(&["spec", "boundObjectRef"], Value::Null);
    }
    body.set(&["status"], json!({"token": token, "expirationTimestamp": rfc3339(expires)}));
    Ok(render::value(call, 201, &body))
}
