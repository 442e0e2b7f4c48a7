//! Objects and lists as bytes, in the form that was asked for.

use serde_json::{Value, json};

use super::accept::Form;
use super::query::Query;
use super::{Answer, Call, decode};
use crate::demo::go::quote;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Registry, bytes, whole};
use crate::demo::schema::kind::Kind;
use crate::demo::status::Status;
use crate::demo::store::Stored;
use crate::demo::table::{self, Include};

/// A stored object.
pub fn stored(registry: &Registry, call: &Call<'_>, kind: &Kind, stored: &Stored) -> Result<Answer, Status> {
    if call.accept.form == Form::Object && !call.accept.yaml && !is_view(kind) {
        let mut out = Vec::with_capacity(stored.body.len() + 64);
        bytes(kind, &stored.body, &mut out);
        return Ok(Answer::json(200, out));
    }
    object(registry, call, kind, 200, whole(kind, stored))
}

/// An object that was just made or read.
pub fn object(registry: &Registry, call: &Call<'_>, kind: &Kind, code: u16, object: Object) -> Result<Answer, Status> {
    let object = seen(kind, object);
    Ok(match call.accept.form {
        Form::Object | Form::Discovery => value(call, code, &object),
        Form::Metadata => value(call, code, &metadata(&object)),
        Form::MetadataList => {
            return Err(other_form("PartialObjectMetadataList", "not a list", &decode::internal(kind)));
        }
        Form::Table => {
            includes(call)?;
            let meta = json!({"resourceVersion": object.version()});
            value(call, code, &as_table(registry, call, kind, std::slice::from_ref(&object), meta))
        }
    })
}

/// A value, as JSON or YAML.
pub fn value(call: &Call<'_>, code: u16, value: &Value) -> Answer {
    if call.accept.yaml
        && let Ok(text) = serde_yaml::to_string(value)
    {
        return Answer { content: "application/yaml", ..Answer::json(code, text) };
    }
    Answer::value(code, value)
}

/// A list of stored objects, put together from their bytes.
pub fn list<'a>(call: &Call<'_>, kind: &Kind, meta: &Value, items: impl Iterator<Item = &'a Stored>) -> Answer {
    let mut out = Vec::with_capacity(4096);
    let head = json!({"kind": format!("{}List", kind.kind), "apiVersion": kind.api_version()});
    let mut meta = meta.clone();
    // Lists of custom resources always say where they go on.
    if kind.custom.is_some() && meta.get("continue").is_none() {
        meta.set(&["continue"], "");
    }
    let head = head.to_string();
    out.extend_from_slice(head.strip_suffix('}').unwrap_or(&head).as_bytes());
    out.extend_from_slice(format!(",\"metadata\":{meta},\"items\":[").as_bytes());
    let mut is_first = true;
    for stored in items {
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        if is_view(kind) {
            let _ = serde_json::to_writer(&mut out, &strip(seen(kind, whole(kind, stored))));
        } else if kind.custom.is_some() {
            bytes(kind, &stored.body, &mut out);
        } else {
            out.extend_from_slice(&stored.body);
        }
    }
    out.extend_from_slice(b"]}\n");
    if call.accept.yaml
        && let Ok(parsed) = serde_json::from_slice::<Value>(&out)
    {
        return value(call, 200, &parsed);
    }
    Answer::json(200, out)
}

fn strip(mut object: Object) -> Object {
    object.unset(&["apiVersion"]);
    object.unset(&["kind"]);
    object
}

/// A list in another form.
pub fn many(
    registry: &Registry,
    call: &Call<'_>,
    kind: &Kind,
    form: Form,
    meta: Value,
    items: &[Object],
) -> Result<Answer, Status> {
    if form == Form::Metadata {
        let list = format!("{}List", decode::internal(kind));
        return Err(other_form("PartialObjectMetadata", "a list", &list));
    }
    includes(call)?;
    let items: Vec<Object> = items.iter().cloned().map(|object| seen(kind, object)).collect();
    let body = if form == Form::Table {
        as_table(registry, call, kind, &items, meta)
    } else {
        // Go's empty list is a null.
        let items: Option<Vec<Value>> = (!items.is_empty()).then(|| items.iter().map(metadata).collect());
        json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "items": items})
    };
    Ok(value(call, 200, &body))
}

/// A list asked for as one object, or one object as a list.
fn other_form(form: &str, what: &str, of: &str) -> Status {
    Status::new(406, "NotAcceptable", format!("you requested {form}, but the requested object is {what} (*{of})"))
}

/// Checks what a Table is to include.
fn includes(call: &Call<'_>) -> Result<(), Status> {
    let said = call.query.some("includeObject").filter(|said| !matches!(*said, "Metadata" | "Object" | "None"));
    match said.filter(|_| call.accept.form == Form::Table) {
        None => Ok(()),
        Some(said) => {
            let what = format!("Invalid value: {}: must be 'Metadata', 'Object', 'None', or empty", quote(said));
            Err(Status::bad_request(format!("Unable to convert to Table as requested: includeObject: {what}")))
        }
    }
}

/// A Table of objects.
pub fn as_table(registry: &Registry, call: &Call<'_>, kind: &Kind, items: &[Object], meta: Value) -> Value {
    table::table(kind, items.iter(), registry.now(), meta, include(&call.query))
}

/// What a Table's rows carry beside their cells.
pub fn include(query: &Query) -> Include {
    match query.get("includeObject") {
        Some("None") => Include::None,
        Some("Object") => Include::Object,
        _ => Include::Metadata,
    }
}

/// An object's metadata alone.
pub fn metadata(object: &Object) -> Value {
    let meta = object.get("metadata").cloned().unwrap_or_else(|| json!({}));
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta})
}

/// Whether what is served is another view of what is stored.
pub fn is_view(kind: &Kind) -> bool {
    kind.resource == "events" && kind.group == "events.k8s.io"
}

/// An object as this kind shows it: `events.k8s.io/v1` has other names for the fields of core events.
pub fn seen(kind: &Kind, mut object: Object) -> Object {
    if !is_view(kind) {
        return object;
    }
    object.set(&["apiVersion"], "events.k8s.io/v1");
    let renames = [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
        ("reportingComponent", "reportingController"),
    ];
    for (from, to) in renames {
        if let Some(value) = object.unset(&[from]) {
            object.set(&[to], value);
        }
    }
    // The new form leaves out what is empty.
    for field in ["action", "note", "reason", "reportingController", "reportingInstance", "type"] {
        if object.text(&[field]) == Some("") {
            object.unset(&[field]);
        }
    }
    object
}

/// The way back from [`seen`]: what a client of `events.k8s.io/v1` writes, as it is stored.
pub fn unseen(kind: &Kind, mut object: Object) -> Object {
    if !is_view(kind) {
        return object;
    }
    object.set(&["apiVersion"], "v1");
    let renames = [
        ("regarding", "involvedObject"),
        ("note", "message"),
        ("deprecatedSource", "source"),
        ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"),
        ("deprecatedCount", "count"),
        ("reportingController", "reportingComponent"),
    ];
    for (from, to) in renames {
        if let Some(value) = object.unset(&[from]) {
            object.set(&[to], value);
        }
    }
    object
}
