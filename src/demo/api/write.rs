//! Create, update and patch.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::decode::Source;
use super::{Answer, Call, decode, render, yaml};
use crate::demo::object::{Meta as _, Object};
use crate::demo::patch::{json as json_patch, merge, strategic};
use crate::demo::registry::{Changed, Registry, Validation, same_name, same_namespace};
use crate::demo::schema::check;
use crate::demo::schema::kind::Kind;
use crate::demo::status::{FieldFault, Status};

/// The content type of strategic merge patches.
const STRATEGIC: &str = "application/strategic-merge-patch+json";

/// A new object.
pub fn create(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    options(call, "CreateOptions")?;
    let mut object = decode::object(registry, call, kind)?;
    place(call, kind, &mut object)?;
    if object.name().is_empty() && object.text(&["metadata", "generateName"]).is_none_or(str::is_empty) {
        let fault = FieldFault::required("metadata.name", "name or generateName is required");
        return Err(Status::invalid(&kind.group, &kind.kind, "", &[fault]));
    }
    if !object.version().is_empty() {
        return Err(Status::unknown("resourceVersion should not be set on objects to be created"));
    }
    let object = if render::is_view(kind) {
        registry.create_event(&mut call.caller, kind, object, |event| render::unseen(kind, event))?
    } else {
        registry.create(&mut call.caller, &kind.qualified(), object)?
    };
    render::object(registry, call, kind, 201, Arc::unwrap_or_clone(object))
}

/// Another content, whole.
pub fn update(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind, subresource: &str) -> Result<Answer, Status> {
    options(call, "UpdateOptions")?;
    let mut object = decode::object(registry, call, kind)?;
    let name = call.info.name.clone();
    if object.name().is_empty() {
        return Err(Status::bad_request("name must be provided"));
    }
    same_name(&object, &name)?;
    place(call, kind, &mut object)?;
    let namespace = call.namespace(kind).to_owned();
    let object = render::unseen(kind, object);
    let change = &mut |_: &Object| Ok(object.clone());
    let object = registry.update(&mut call.caller, &stored_as(kind), subresource, &namespace, &name, change)?;
    render::object(registry, call, kind, 200, Arc::unwrap_or_clone(object))
}

/// A patch, of any of the four sorts.
pub fn patch(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind, subresource: &str) -> Result<Answer, Status> {
    options(call, "PatchOptions")?;
    let sort = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let sort = sort.split(';').next().unwrap_or_default().trim().to_owned();
    let namespace = call.namespace(kind).to_owned();
    let name = call.info.name.clone();
    let force = call.query.some("force");
    if force.is_some() && !sort.starts_with("application/apply-patch") {
        let fault = FieldFault::forbidden("force", "may not be specified for non-apply patch");
        return Err(Status::invalid("meta.k8s.io", "PatchOptions", "", &[fault]));
    }
    match sort.as_str() {
        "application/apply-patch+yaml" => return apply(registry, call, kind, subresource),
        "application/merge-patch+json" | "application/json-patch+json" => {}
        STRATEGIC if kind.custom.is_none() => {}
        _ => return Err(unsupported(kind)),
    }
    let body = decode::patch(call)?;
    let validation = call.caller.validation;
    let is_merge = sort != "application/json-patch+json";
    let twice =
        if is_merge && validation != Validation::Ignore { check::duplicate_fields(&call.body) } else { Vec::new() };
    let mut warnings = Vec::new();
    let resource = stored_as(kind);
    let change = &mut |registry: &Registry, live: &Object| {
        let node = registry.schemas.node(kind).ok_or_else(Status::no_such_path)?;
        let live = &render::seen(kind, live.clone());
        let mut found = twice.clone();
        let patched = match sort.as_str() {
            "application/json-patch+json" => {
                let patched = json_patch::apply(live, &body, validation)?;
                found.extend(patched.strict);
                patched.object
            }
            "application/merge-patch+json" => merge::apply(live, &body, validation)?,
            _ => strategic::apply(live, &body, &node, &*registry.schemas)?,
        };
        // What the patch came to is told whole; of a strategic one the patch itself.
        let shown = || if sort == STRATEGIC { go_text(&body) } else { patched.to_string() };
        let refuse = |fault: &str, shown: String| {
            let fault = FieldFault::invalid("patch", &Value::String(shown), fault);
            Status::invalid("", "", "", &[fault])
        };
        let source = if sort == STRATEGIC { Source::Merge } else { Source::Text(None) };
        if sort != STRATEGIC
            && let Some(fault) = decode::becomes_another(&registry.schemas, kind, &patched)
        {
            return Err(refuse(&fault, shown()));
        }
        let checked = decode::check(registry, kind, &node, patched.clone(), source, validation, &mut found);
        let patched = match checked {
            Ok(_) if validation == Validation::Strict && !found.is_empty() => {
                return Err(refuse(&decode::strict_fault(&mut found), shown()));
            }
            Ok(object) => object,
            Err(fault) => return Err(refuse(&fault, shown())),
        };
        warnings.append(&mut found);
        same_namespace(kind, &patched, &namespace)?;
        same_name(&patched, &name)?;
        Ok(Changed { object: render::unseen(kind, patched), owned: false })
    };
    let object = registry.revise(&mut call.caller, &resource, subresource, (&namespace, &name), change);
    // What decoding has to say comes before what the kind has to say.
    call.caller.warnings.splice(..0, warnings);
    render::object(registry, call, kind, 200, Arc::unwrap_or_clone(object?))
}

/// What is to be applied, and that somebody is named who applies it.
pub fn configuration(call: &Call<'_>) -> Result<Object, Status> {
    if call.query.some("fieldManager").is_none() {
        let fault = FieldFault::required("fieldManager", "is required for apply patch");
        return Err(Status::invalid("meta.k8s.io", "PatchOptions", "", &[fault]));
    }
    yaml::parse(&call.body).map_err(|what| Status::bad_request(format!("error encoding patch: {what}")))
}

/// Server-side apply.
fn apply(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind, subresource: &str) -> Result<Answer, Status> {
    let mut config = configuration(call)?;
    decode::must_be(&registry.schemas, kind, &config)?;
    let (namespace, name) = (call.namespace(kind).to_owned(), call.info.name.clone());
    // What is no text at all is a fault of its type, which is told by the schema.
    if config.at(&["metadata", "name"]).is_none() {
        if !registry.has(&stored_as(kind), &namespace, &name) {
            same_name(&config, &name)?;
        }
        config.set(&["metadata", "name"], name.clone());
    }
    let force = call.query.is_true("force");
    let target = (namespace.as_str(), name.as_str());
    let (object, is_new) = registry.apply(&mut call.caller, &stored_as(kind), subresource, target, &config, force)?;
    render::object(registry, call, kind, if is_new { 201 } else { 200 }, Arc::unwrap_or_clone(object))
}

/// The kind that a kind's objects are stored as.
pub fn stored_as(kind: &Kind) -> String {
    if render::is_view(kind) { "events".to_owned() } else { kind.qualified() }
}

/// A value as Go prints it with `%v`.
fn go_text(value: &Value) -> String {
    let join = |texts: Vec<String>| texts.join(" ");
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", join(items.iter().map(go_text).collect())),
        Value::Object(entries) => {
            format!("map[{}]", join(entries.iter().map(|(key, value)| format!("{key}:{}", go_text(value))).collect()))
        }
        other => other.to_string(),
    }
}

/// Checks that an object belongs where the request goes.
fn place(call: &Call<'_>, kind: &Kind, object: &mut Object) -> Result<(), Status> {
    let namespace = call.namespace(kind);
    if kind.namespaced && object.namespace().is_empty() {
        object.set(&["metadata", "namespace"], namespace);
    }
    same_namespace(kind, object, namespace)
}

/// `dryRun` and `fieldValidation`, checked as `metav1validation` does.
pub fn options(call: &mut Call<'_>, kind: &str) -> Result<(), Status> {
    let mut faults = Vec::new();
    let dry: Vec<&str> = call.query.all("dryRun").filter(|value| !value.is_empty()).collect();
    if dry.iter().any(|value| *value != "All") {
        let value = json!(dry);
        faults.push(FieldFault::unsupported("dryRun", &value, &["All"]));
    }
    let validation = match call.query.some("fieldValidation") {
        None | Some("Warn") => Validation::Warn,
        Some("Ignore") => Validation::Ignore,
        Some("Strict") => Validation::Strict,
        Some(other) => {
            let value = json!(other);
            faults.push(FieldFault::unsupported("fieldValidation", &value, &["", "Ignore", "Strict", "Warn"]));
            Validation::Warn
        }
    };
    if !faults.is_empty() {
        return Err(Status::invalid("meta.k8s.io", kind, "", &faults));
    }
    call.caller.dry_run = !dry.is_empty();
    call.caller.validation = validation;
    Ok(())
}

/// A patch of another sort. The router of the built-in kinds already refuses it, in words of its own.
fn unsupported(kind: &Kind) -> Status {
    if kind.custom.is_none() {
        let mut status = Status::new(415, "UnsupportedMediaType", "415: Unsupported Media Type");
        status.details = Some(json!({}));
        return status;
    }
    Status::new(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, \
         application/merge-patch+json, application/apply-patch+yaml",
    )
}
