//! Bodies: what a client sends, read and held against the schema.

use http::header::CONTENT_TYPE;

use super::{Call, yaml};
use crate::demo::go::{json_kind, quote};
use crate::demo::object::{Meta as _, Object};
use crate::demo::protobuf;
use crate::demo::registry::{Registry, Validation};
use crate::demo::schema::kind::Kind;
use crate::demo::schema::node::Node;
use crate::demo::schema::{Schemas, check};
use crate::demo::status::Status;

/// The body as an object of a kind.
pub fn object(registry: &Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Object, Status> {
    let object = named(&registry.schemas, call, kind)?;
    let node = registry.schemas.node(kind).ok_or_else(Status::no_such_path)?;
    let validation = call.caller.validation;
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&call.body).is_ok();
    let source = Source::Text(Some(call.body.as_ref()).filter(|_| is_json));
    let checked = check(registry, kind, &node, object, source, validation, &mut call.caller.warnings);
    checked.map_err(|fault| Status::bad_request(cannot_be(&kind.kind, &kind.version, &kind.kind, &fault)))
}

/// The body as an object that says that it is of a kind, or, of the built-in ones, says nothing.
pub fn named(schemas: &Schemas, call: &Call<'_>, kind: &Kind) -> Result<Object, Status> {
    let object = value(call, &kind.kind)?;
    let object = if object.is_null() { Object::Object(serde_json::Map::new()) } else { object };
    if let Some(what) = no_object(&object) {
        return Err(unrecognized(call, &kind.kind, &what));
    }
    let text = String::from_utf8_lossy(&call.body);
    if kind.custom.is_some() && object.text(&["kind"]).unwrap_or_default().is_empty() {
        return Err(unrecognized(call, &kind.kind, &format!("Object 'Kind' is missing in '{text}'")));
    }
    if kind.custom.is_some() && object.text(&["apiVersion"]).unwrap_or_default().is_empty() {
        let said = object.text(&["kind"]).unwrap_or_default();
        let what = format!("Object 'apiVersion' is missing in '{text}'");
        return Err(Status::bad_request(cannot_be(said, "", &kind.kind, &what)));
    }
    must_be(schemas, kind, &object)?;
    Ok(object)
}

/// What is said of a body that is a list or a plain value.
fn no_object(body: &Object) -> Option<String> {
    const INTO: &str =
        r#"struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
    let what = format!("json: cannot unmarshal {} into Go value of type {INTO}", json_kind(body));
    (!body.is_object()).then(|| format!("couldn't get version/kind; json parse error: {what}"))
}

/// The body of a deletion. Its decoder is not the one of objects: what is wrong is told without more words, as
/// `endpoints/handlers/delete.go` does.
pub fn options(schemas: &Schemas, call: &Call<'_>) -> Result<Object, Status> {
    let body = read(call, |what| Status::bad_request(what))?;
    let body = if body.is_null() { Object::Object(serde_json::Map::new()) } else { body };
    if let Some(what) = no_object(&body) {
        return Err(Status::bad_request(what));
    }
    let text = |field: &str, absent: &'static str| match body.text(&[field]) {
        None | Some("") => absent.to_owned(),
        Some(said) => said.to_owned(),
    };
    let (version, kind) = (text("apiVersion", "v1"), text("kind", "DeleteOptions"));
    if kind != "DeleteOptions" {
        let (kind, version) = (quote(&kind), quote(&version));
        return Err(Status::bad_request(format!(
            "no kind {kind} is registered for version {version} in scheme \"pkg/runtime/scheme.go:111\""
        )));
    }
    match check::options_mismatch(schemas, &body) {
        Some(fault) => Err(Status::bad_request(fault)),
        None => Ok(body),
    }
}

/// The body as JSON, whatever it was written in; `expected` is the kind that it should be of.
pub fn value(call: &Call<'_>, expected: &str) -> Result<Object, Status> {
    read(call, |what| unrecognized(call, expected, what))
}

fn read(call: &Call<'_>, refuse: impl Fn(&str) -> Status) -> Result<Object, Status> {
    let sort = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/json");
    let body = &call.body;
    match sort.split(';').next().unwrap_or_default().trim() {
        "application/json" | "" => serde_json::from_slice(body)
            .map_err(|error| refuse(&format!("couldn't get version/kind; json parse error: {}", in_go(body, &error)))),
        "application/yaml" => {
            yaml::parse(body).map_err(|what| refuse(&format!("error converting YAML to JSON: {what}")))
        }
        "application/vnd.kubernetes.protobuf" => protobuf::decode(body).map_err(|what| refuse(&what)),
        _ => Err(Status::new(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: application/json, \
             application/yaml, application/vnd.kubernetes.protobuf",
        )),
    }
}

/// A body that does not even tell its kind, as `transformDecodeError` in apiserver's `endpoints/handlers/rest.go`.
fn unrecognized(call: &Call<'_>, expected: &str, what: &str) -> Status {
    let summary = summary(&call.body);
    Status::bad_request(format!("the object provided is unrecognized (must be of type {expected}): {what} ({summary})"))
}

/// A body that tells its kind and is no object of it.
fn cannot_be(kind: &str, version: &str, expected: &str, what: &str) -> String {
    format!("{kind} in version {} cannot be handled as a {expected}: {what}", quote(version))
}

/// The beginning of a body, as `summarizeData`: text as it is, anything else in hexadecimal digits.
fn summary(body: &[u8]) -> String {
    const LONGEST: usize = 30;
    let head = body.get(..LONGEST).unwrap_or(body);
    let dots = if body.len() > LONGEST { " ..." } else { "" };
    match body.first() {
        None => "<empty>".to_owned(),
        Some(b'{') => format!("{}{dots}", String::from_utf8_lossy(head)),
        Some(_) => head.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")) + dots,
    }
}

/// The body of a patch: JSON of any shape.
pub fn patch(call: &Call<'_>) -> Result<Object, Status> {
    serde_json::from_slice(&call.body).map_err(|_| Status::bad_request("invalid JSON patch"))
}

/// What Go's decoder says of a text that is no JSON.
pub fn in_go(body: &[u8], error: &serde_json::Error) -> String {
    if error.is_eof() || body.is_empty() {
        return "unexpected end of JSON input".to_owned();
    }
    let at = body
        .split(|byte| *byte == b'\n')
        .take(error.line().saturating_sub(1))
        .map(|line| line.len() + 1)
        .sum::<usize>()
        + error.column().saturating_sub(1);
    match body.get(at) {
        Some(byte) => {
            let letter = match byte {
                b'\'' => "\\'".to_owned(),
                b'"' => "\"".to_owned(),
                _ => quote(&char::from(*byte).to_string()).trim_matches('"').to_owned(),
            };
            format!("invalid character '{letter}' looking for beginning of value")
        }
        None => "unexpected end of JSON input".to_owned(),
    }
}

/// Checks that an object says that it is of a kind, or, of the built-in ones, says nothing.
pub fn must_be(schemas: &Schemas, kind: &Kind, object: &Object) -> Result<(), Status> {
    let said_kind = object.text(&["kind"]).filter(|said| !said.is_empty()).unwrap_or(&kind.kind);
    let expected = kind.api_version();
    let said_version = object.text(&["apiVersion"]).filter(|said| !said.is_empty()).unwrap_or(&expected);
    if said_kind == kind.kind && said_version == expected {
        return Ok(());
    }
    if kind.custom.is_some() && said_version != expected {
        return Err(Status::bad_request(format!(
            "the API version in the data ({said_version}) does not match the expected API version ({expected})"
        )));
    }
    let version = said_version.rsplit('/').next().unwrap_or_default();
    let what = other_kind(schemas, kind, said_version, said_kind);
    Err(Status::bad_request(cannot_be(said_kind, version, &kind.kind, &what)))
}

/// What the decoder says of an object that a patch has made one of another kind; nothing if it has not.
pub fn becomes_another(schemas: &Schemas, kind: &Kind, object: &Object) -> Option<String> {
    let expected = kind.api_version();
    let said_kind = object.text(&["kind"]).unwrap_or(&kind.kind);
    let said_version = object.text(&["apiVersion"]).unwrap_or(&expected);
    if kind.custom.is_some() || (said_kind == kind.kind && said_version == expected) {
        return None;
    }
    let (group, version) = said_version.split_once('/').unwrap_or(("", said_version));
    let other = schemas.of_kind(group, said_kind).filter(|known| known.version == version);
    let mismatch =
        other.and_then(|other| check::mismatch(schemas, other, &*schemas.node(other)?, object, check::Reader::Decoder));
    mismatch.or_else(|| Some(other_kind(schemas, kind, said_version, said_kind)))
}

fn other_kind(schemas: &Schemas, kind: &Kind, said_version: &str, said_kind: &str) -> String {
    let (group, version) = said_version.split_once('/').unwrap_or(("", said_version));
    if schemas.of_kind(group, said_kind).is_some_and(|known| known.version == version) {
        let into = internal(kind);
        return format!("converting ({version}.{said_kind}) to ({into}): unknown conversion");
    }
    let (kind, version) = (quote(said_kind), quote(said_version));
    format!("no kind {kind} is registered for version {version} in scheme \"pkg/runtime/scheme.go:111\"")
}

/// The server's own type of a kind, such as `core.ConfigMap`.
pub fn internal(kind: &Kind) -> String {
    let package = match kind.group.as_str() {
        _ if kind.custom.is_some() => return "unstructured.Unstructured".to_owned(),
        "" | "events.k8s.io" => "core",
        group => group.split('.').next().unwrap_or(group),
    };
    format!("{package}.{}", kind.kind)
}

/// What an object was before it was one.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// A text, which is given if it is JSON and at hand.
    Text(Option<&'a [u8]>),
    /// What a strategic merge came to.
    Merge,
}

/// Holds an object against its kind's schema: unknown fields are dropped, and told or refused. An error is the decoder's
/// sentence.
pub fn check(
    registry: &Registry,
    kind: &Kind,
    node: &Node,
    mut object: Object,
    source: Source<'_>,
    validation: Validation,
    warnings: &mut Vec<String>,
) -> Result<Object, String> {
    let schemas = &registry.schemas;
    let (raw, reader) = match source {
        Source::Text(raw) => (raw, check::Reader::Decoder),
        Source::Merge => (None, check::Reader::Converter),
    };
    let fault = match &kind.custom {
        None => check::mismatch(schemas, kind, node, &object, reader),
        Some(_) => object.get("metadata").and_then(|metadata| check::meta_mismatch(schemas, metadata)),
    };
    if let Some(fault) = fault {
        return Err(fault);
    }
    let mut found = match (validation, raw) {
        (Validation::Ignore, _) => Vec::new(),
        (_, Some(raw)) => check::strict(schemas, kind, raw),
        (_, None) => check::unknown_fields(schemas, node, &object),
    };
    warnings.append(&mut found);
    if validation == Validation::Strict && !warnings.is_empty() {
        return Err(strict_fault(warnings));
    }
    check::drop_unknown(schemas, node, &mut object);
    Ok(object)
}

/// What strict validation says of what it has found.
pub fn strict_fault(found: &mut Vec<String>) -> String {
    format!("strict decoding error: {}", std::mem::take(found).join(", "))
}
