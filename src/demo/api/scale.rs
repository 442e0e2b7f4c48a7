//! `scale`: the number of replicas of an object, as an object of its own.

use serde_json::{Value, json};

use super::subresource::live;
use super::{Answer, Call, decode, render, write};
use crate::demo::object::{Meta as _, Object};
use crate::demo::patch::{json as json_patch, merge};
use crate::demo::registry::{Registry, same_name};
use crate::demo::schema::kind::Kind;
use crate::demo::status::{FieldFault, Status};

/// The Scale of an object.
pub fn get(registry: &Registry, call: &Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    let object = live(registry, call, kind)?;
    Ok(render::value(call, 200, &scale_of(kind, &object)?))
}

/// Update, or patch.
pub fn write(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    write::options(call, if call.info.verb == "patch" { "PatchOptions" } else { "UpdateOptions" })?;
    let live = live(registry, call, kind)?;
    let before = scale_of(kind, &live)?;
    let wanted = if call.info.verb == "update" {
        decode::value(call, "Scale")?
    } else if is_apply(call) {
        return apply_scale(registry, call, kind);
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
    must_be_scale(registry, kind, &wanted)?;
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

/// Checks that a body says that it is a Scale, or says nothing.
fn must_be_scale(registry: &Registry, kind: &Kind, body: &Object) -> Result<(), Status> {
    let below = kind.subresource("scale").ok_or_else(Status::no_such_path)?;
    let scale = Kind {
        group: below.group.clone(),
        version: below.version.clone(),
        kind: below.kind.clone(),
        custom: None,
        ..kind.clone()
    };
    decode::must_be(&registry.schemas, &scale, body)
}

fn is_apply(call: &Call<'_>) -> bool {
    let sort = call.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    sort.starts_with("application/apply-patch+yaml")
}

/// An applied Scale. What it owns is the number in the object itself, as `managedfields/scalehandler.go` has it: so it is
/// applied there.
fn apply_scale(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    let config = write::configuration(call)?;
    must_be_scale(registry, kind, &config)?;
    let name = call.info.name.clone();
    if !config.name().is_empty() {
        same_name(&config, &name)?;
    }
    let mut wanted = json!({"apiVersion": kind.api_version(), "kind": kind.kind, "metadata": {"name": name}});
    if let Some(replicas) = config.at(&["spec", "replicas"]) {
        wanted.set(&["spec", "replicas"], replicas.clone());
    }
    let (resource, namespace) = (kind.qualified(), call.namespace(kind).to_owned());
    let force = call.query.is_true("force");
    let target = (namespace.as_str(), name.as_str());
    let (object, _) = registry.apply(&mut call.caller, &resource, "scale", target, &wanted, force)?;
    Ok(render::value(call, 200, &scale_of(kind, &object)?))
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
