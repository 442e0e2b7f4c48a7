//! Field selectors: which fields of a kind can be selected, and their values.

use serde_json::Value;

use super::built_in;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::kind::Kind;

const META: &[&str] = &["metadata.name", "metadata.namespace"];

/// The fields that selectors may name, and whether upstream wrote a rule for the kind (others share the sentence of
/// apimachinery's `DefaultMetaV1FieldSelectorConversion`).
pub fn selectable_fields(kind: &Kind) -> (&'static [&'static str], bool) {
    let Some(place) = built_in(kind) else { return (META, true) };
    let own: &[&str] = match place {
        ("", "pods") => &[
            "metadata.name",
            "metadata.namespace",
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
            "spec.host",
        ],
        ("", "nodes") => &["metadata.name", "spec.unschedulable"],
        ("", "events") => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
            "metadata.namespace",
            "metadata.name",
        ],
        ("events.k8s.io", "events") => &[
            "regarding.kind",
            "regarding.namespace",
            "regarding.name",
            "regarding.uid",
            "regarding.apiVersion",
            "regarding.resourceVersion",
            "regarding.fieldPath",
            "reason",
            "reportingController",
            "type",
            "metadata.namespace",
            "metadata.name",
        ],
        ("", "namespaces") => &["status.phase", "metadata.name"],
        ("", "secrets") => &["type", "metadata.namespace", "metadata.name"],
        ("", "services") => &["metadata.namespace", "metadata.name", "spec.clusterIP", "spec.type"],
        ("batch", "jobs") => &["metadata.name", "metadata.namespace", "status.successful"],
        _ => return (META, false),
    };
    (own, true)
}

/// The sentence about a field that selectors of this kind cannot name; nothing if they can.
pub fn unknown_field(kind: &Kind, field: &str) -> Option<String> {
    let (fields, own) = selectable_fields(kind);
    if fields.contains(&field) {
        return None;
    }
    Some(match built_in(kind) {
        Some(("batch", "jobs")) => format!("field label {field:?} not supported for Job"),
        _ if own => format!("field label not supported: {field}"),
        _ => format!("{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""),
    })
}

/// The value of a selectable field, as text; empty where there is none.
pub fn selectable(kind: &Kind, object: &Object, field: &str) -> String {
    let place = built_in(kind).unwrap_or_default();
    let path = match (place, field) {
        (("", "pods"), "spec.host") => "spec.nodeName",
        (("", "pods"), "status.podIP" | "status.podIPs") => {
            let first = object.list(&["status", "podIPs"]).first().and_then(|one| one.text(&["ip"]));
            let known = if field == "status.podIP" { first.or(object.text(&["status", "podIP"])) } else { None };
            return known.unwrap_or_default().to_owned();
        }
        (("", "pods"), "spec.hostNetwork") => return object.flag(&["spec", "hostNetwork"]).to_string(),
        (("", "nodes"), "spec.unschedulable") => return object.flag(&["spec", "unschedulable"]).to_string(),
        (("batch", "jobs"), "status.successful") => {
            return object.int(&["status", "succeeded"]).unwrap_or_default().to_string();
        }
        (("", "events"), "source") => {
            let component = object.text(&["source", "component"]).filter(|text| !text.is_empty());
            return component.or(object.text(&["reportingComponent"])).unwrap_or_default().to_owned();
        }
        _ => field,
    };
    let keys: Vec<&str> = path.split('.').collect();
    match object.at(&keys) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
