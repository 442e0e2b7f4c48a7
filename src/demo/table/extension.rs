//! Kinds that extend the API: definitions, API services, webhooks and admission policies.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::object::Meta as _;
use super::cells::{Row, age, creation, filled, len, text, texts};

/// By resource.
pub(super) fn printer(resource: &str) -> Option<Row> {
    let (name, group) = resource.split_once('.')?;
    Some(match (name, group) {
        ("customresourcedefinitions", "apiextensions.k8s.io") => definition,
        ("apiservices", "apiregistration.k8s.io") => api_service,
        ("mutatingwebhookconfigurations" | "validatingwebhookconfigurations", "admissionregistration.k8s.io") => {
            |object, now| vec![json!(object.name()), json!(len(object, &["webhooks"])), age(object, now)]
        }
        ("validatingadmissionpolicies", "admissionregistration.k8s.io") => {
            |object, now| policy(object, "validations", now)
        }
        ("mutatingadmissionpolicies", "admissionregistration.k8s.io") => |object, now| policy(object, "mutations", now),
        _ => return None,
    })
}

/// As apiextensions' `registry/customresourcedefinition/tableconvertor`: the time of creation as it is, not an age.
fn definition(object: &Value, _: Timestamp) -> Vec<Value> {
    let served = object.list(&["spec", "versions"]).iter().filter(|one| one.flag(&["served"]));
    let mut versions: Vec<String> = served
        .map(|one| format!("{}{}", text(one, &["name"], ""), if one.flag(&["storage"]) { "(storage)" } else { "" }))
        .collect();
    versions.sort();
    let established = object
        .list(&["status", "conditions"])
        .iter()
        .any(|one| text(one, &["type"], "") == "Established" && text(one, &["status"], "") == "True");
    vec![
        json!(object.name()),
        json!(text(object, &["spec", "scope"], "")),
        json!(versions.join(",")),
        json!(creation(object)),
        json!(text(object, &["spec", "group"], "")),
        json!(text(object, &["spec", "names", "kind"], "")),
        json!(texts(object, &["spec", "names", "shortNames"]).join(",")),
        json!(established),
    ]
}

/// As kube-aggregator's `registry/apiservice`.
fn api_service(object: &Value, now: Timestamp) -> Vec<Value> {
    let service = object.at(&["spec", "service"]).filter(|one| one.is_object());
    let service = service.map(|one| format!("{}/{}", text(one, &["namespace"], ""), text(one, &["name"], "")));
    let mut conditions = object.list(&["status", "conditions"]).iter();
    let status = conditions.find(|one| text(one, &["type"], "") == "Available").map_or_else(
        || "Unknown".to_owned(),
        |one| match (text(one, &["status"], ""), filled(one, &["reason"], "")) {
            (status, "") | (status @ "True", _) => status.to_owned(),
            (status, reason) => format!("{status} ({reason})"),
        },
    );
    vec![json!(object.name()), json!(service.as_deref().unwrap_or("Local")), json!(status), age(object, now)]
}

/// As `printValidatingAdmissionPolicy`.
fn policy(object: &Value, rules: &str, now: Timestamp) -> Vec<Value> {
    let parameters = object.at(&["spec", "paramKind"]).filter(|one| one.is_object());
    let parameters = parameters.map(|one| format!("{}/{}", text(one, &["apiVersion"], ""), text(one, &["kind"], "")));
    let parameters = parameters.as_deref().unwrap_or("<unset>");
    vec![json!(object.name()), json!(len(object, &["spec", rules])), json!(parameters), age(object, now)]
}
