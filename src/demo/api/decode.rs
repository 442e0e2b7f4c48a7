//! Bodies: what a client sends, read and held against the schema.

use http::header::CONTENT_TYPE;

use super::Call;
use crate::demo::object::{Meta as _, Object};
use crate::demo::protobuf;
use crate::demo::registry::{Registry, Validation};
use crate::demo::schema::check;
use crate::demo::schema::kind::Kind;
use crate::demo::schema::node::Node;
use crate::demo::status::Status;

/// The body as an object of a kind.
pub fn object(registry: &Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Object, Status> {
    let object = value(call)?;
    must_be(kind, &object)?;
    let node = registry.schemas.node(kind).ok_or_else(Status::no_such_path)?;
    let validation = call.caller.validation;
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&call.body).is_ok();
    let raw = Some(call.body.as_ref()).filter(|_| is_json);
    check(registry, kind, &node, object, raw, validation, &mut call.caller.warnings)
}

/// The body as JSON, whatever it was written in.
pub fn value(call: &Call<'_>) -> Result<Object, Status> {
    let sort = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/json");
    let body = &call.body;
    match sort.split(';').next().unwrap_or_default().trim() {
        "application/json" | "" => serde_json::from_slice(body).map_err(|error| {
            Status::bad_request(format!("couldn't get version/kind; json parse error: {}", in_go(body, &error)))
        }),
        "application/yaml" => serde_yaml::from_slice(body)
            .map_err(|error| Status::bad_request(format!("error converting YAML to JSON: {error}"))),
        "application/vnd.kubernetes.protobuf" => protobuf::decode(body).map_err(Status::bad_request),
        _ => Err(Status::new(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: application/json, \
             application/yaml, application/vnd.kubernetes.protobuf, application/cbor",
        )),
    }
}

/// The body of a patch: JSON of any shape.
pub fn patch(call: &Call<'_>) -> Result<Object, Status> {
    serde_json::from_slice(&call.body).map_err(|error| Status::bad_request(in_go(&call.body, &error)))
}

/// What Go's decoder says of a text that is no JSON.
fn in_go(body: &[u8], error: &serde_json::Error) -> String {
    if error.is_eof() || body.is_empty() {
        return "unexpected end of JSON input".to_owned();
    }
    let at = body.split(|byte| *byte == b'\n').take(error.line().saturating_sub(1)).map(|line| line.len() + 1).sum::<usize>()
        + error.column().saturating_sub(1);
    match body.get(at) {
        Some(byte) => format!("invalid character '{}' looking for beginning of value", char::from(*byte)),
        None => "unexpected end of JSON input".to_owned(),
    }
}

/// Checks that an object says that it is of a kind.
pub fn must_be(kind: &Kind, object: &Object) -> Result<(), Status> {
    let said_kind = object.text(&["kind"]).unwrap_or_default();
    let said_version = object.text(&["apiVersion"]).unwrap_or_default();
    if said_kind.is_empty() && said_version.is_empty() && object.is_object() {
        return Ok(());
    }
    if said_kind == kind.kind && said_version == kind.api_version() {
        return Ok(());
    }
    let (group, version) = said_version.split_once('/').unwrap_or(("", said_version));
    if said_version == kind.api_version() || said_version.is_empty() {
        let said = format!("{version}, Kind={said_kind}");
        let said = if group.is_empty() { format!("/{said}") } else { format!("{group}/{said}") };
        return Err(Status::bad_request(format!(
            "{} in version {:?} cannot be handled as a {}: converting ({said}) to ({}): unknown conversion",
            said_kind,
            version,
            kind.kind,
            kind.api_version()
        )));
    }
    Err(Status::bad_request(format!(
        "the API version in the data ({said_version}) does not match the expected API version ({})",
        kind.api_version()
    )))
}

/// Holds an object against its kind's schema: unknown fields are dropped, and told or refused.
pub fn check(
    registry: &Registry,
    kind: &Kind,
    node: &Node,
    mut object: Object,
    raw: Option<&[u8]>,
    validation: Validation,
    warnings: &mut Vec<String>,
) -> Result<Object, Status> {
    let schemas = &registry.schemas;
    let refuse = |what: String| {
        Status::bad_request(format!(
            "{} in version {:?} cannot be handled as a {}: {what}",
            kind.kind, kind.version, kind.kind
        ))
    };
    let fault = match &kind.custom {
        None => check::mismatch(schemas, kind, node, &object),
        Some(_) => object.get("metadata").and_then(|metadata| check::meta_mismatch(schemas, metadata)),
    };
    if let Some(fault) = fault {
        return Err(refuse(fault));
    }
    let mut found = match (validation, raw) {
        (Validation::Ignore, _) => Vec::new(),
        (_, Some(raw)) => check::strict(schemas, kind, raw),
        (_, None) => check::unknown_fields(schemas, node, &object),
    };
    if validation == Validation::Strict && !found.is_empty() {
        return Err(refuse(format!("strict decoding error: {}", found.join(", "))));
    }
    warnings.append(&mut found);
    check::drop_unknown(schemas, node, &mut object);
    Ok(object)
}
