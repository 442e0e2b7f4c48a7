//! Get and list.

use std::num::IntErrorKind;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::{DecodeError, Engine as _};
use serde_json::{Value, json};

use super::accept::Form;
use super::query::Query;
use super::render;
use super::selector::{Fields, Labels};
use super::{Answer, Call, decode};
use crate::demo::go::quote;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Registry, whole};
use crate::demo::schema::kind::Kind;
use crate::demo::status::{FieldFault, Status};
use crate::demo::store::{Key, Stored};

/// One object.
pub fn get(registry: &Registry, call: &Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    let name = &call.info.name;
    let stored = registry
        .table(&kind.qualified())
        .and_then(|table| registry.store.get(table, &Key::new(call.namespace(kind), name)))
        .ok_or_else(|| Status::not_found(&kind.group, &kind.resource, name))?;
    if let Some(version) = version_of(&call.query, "resourceVersion").map_err(Status::unknown)?
        && version > registry.store.revision()
    {
        return Err(too_large(version, registry.store.revision()));
    }
    render::stored(registry, call, kind, stored)
}

/// Which objects are wanted.
pub struct Selection {
    labels: Labels,
    fields: Fields,
}

impl Selection {
    /// From `labelSelector` and `fieldSelector`.
    pub fn of(query: &Query, kind: &Kind) -> Result<Self, Status> {
        let labels = Labels::parse(query.get("labelSelector").unwrap_or_default())?;
        let fields = Fields::parse(kind, query.get("fieldSelector").unwrap_or_default())?;
        Ok(Self { labels, fields })
    }

    /// Narrows it to one name.
    pub fn only(&mut self, name: &str) {
        self.fields.only(name);
    }

    /// Whether everything is wanted.
    pub fn is_everything(&self) -> bool {
        self.labels.is_everything() && self.fields.is_everything()
    }

    /// Whether an object is wanted.
    pub fn admits(&self, kind: &Kind, object: &Object) -> bool {
        self.labels.admit(object) && self.fields.admit(kind, object)
    }

    /// Whether a stored object is wanted; nothing is parsed when everything is.
    pub fn admits_stored(&self, kind: &Kind, stored: &Stored) -> bool {
        self.is_everything() || self.admits(kind, &stored.parse())
    }
}

/// Where a list goes on: the revision it was begun at, and the last key it had.
struct Token {
    revision: u64,
    after: Key,
}

impl Token {
    fn write(&self) -> String {
        let value = json!({"v": "meta.k8s.io/v1", "rv": self.revision, "start": format!("{}\u{0}", self.after)});
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn read(text: &str) -> Result<Self, String> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|error| match error {
            DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol(at, _) => {
                format!("illegal base64 data at input byte {at}")
            }
            _ => format!("illegal base64 data at input byte {}", text.len()),
        })?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| decode::in_go(&bytes, &error))?;
        let start = value
            .text(&["start"])
            .and_then(|start| start.strip_suffix('\u{0}'))
            .ok_or("encoded start key is invalid")?;
        let (namespace, name) = start.split_once('/').unwrap_or(("", start));
        let revision = value.at(&["rv"]).and_then(Value::as_u64).filter(|revision| *revision > 0);
        let revision = revision.ok_or("incorrect encoded start resourceVersion (version meta.k8s.io/v1)")?;
        Ok(Self { revision, after: Key::new(namespace, name) })
    }
}

/// What a list is about: checked options.
struct Options {
    limit: Option<usize>,
    token: Option<Token>,
    revision: Option<u64>,
    is_exact: bool,
}

impl Options {
    fn of(query: &Query) -> Result<Self, Status> {
        let limit = query.number("limit")?.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
        query.number("timeoutSeconds")?;
        let rule = query.some("resourceVersionMatch");
        let version = query.get("resourceVersion").unwrap_or_default();
        let mut faults = Vec::new();
        if let Some(rule) = rule {
            if version.is_empty() {
                let why = "resourceVersionMatch is forbidden unless resourceVersion is provided";
                faults.push(FieldFault::forbidden("resourceVersionMatch", why));
            }
            if query.some("continue").is_some() {
                let why = "resourceVersionMatch is forbidden when continue is provided";
                faults.push(FieldFault::forbidden("resourceVersionMatch", why));
            }
            if !matches!(rule, "Exact" | "NotOlderThan") {
                faults.push(FieldFault::unsupported(
                    "resourceVersionMatch",
                    &json!(rule),
                    &["Exact", "NotOlderThan", ""],
                ));
            }
            if rule == "Exact" && version == "0" {
                let why = "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"";
                faults.push(FieldFault::forbidden("resourceVersionMatch", why));
            }
        }
        if query.some("sendInitialEvents").is_some() {
            faults.push(FieldFault::forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        }
        if !faults.is_empty() {
            return Err(Status::invalid("meta.k8s.io", "ListOptions", "", &faults));
        }
        let revision = version_of(query, "resourceVersion")
            .map_err(|what| Status::bad_request(format!("invalid resource version: {what}")))?;
        let token = match query.some("continue") {
            None => None,
            Some(text) => {
                if !version.is_empty() && version != "0" {
                    return Err(Status::bad_request("specifying resource version is not allowed when using continue"));
                }
                Some(Token::read(text).map_err(|what| {
                    Status::bad_request(format!("invalid continue token: continue key is not valid: {what}"))
                })?)
            }
        };
        Ok(Self { limit, token, revision, is_exact: rule == Some("Exact") })
    }
}

/// Many objects.
pub fn list(registry: &Registry, call: &Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    let selection = Selection::of(&call.query, kind)?;
    let options = Options::of(&call.query)?;
    let table = registry.table(&kind.qualified()).ok_or_else(Status::no_such_path)?;
    let newest = registry.store.revision();
    if let Some(revision) = options.revision.filter(|revision| *revision > newest) {
        return Err(too_large(revision, newest));
    }
    let revision = match (&options.token, options.revision) {
        (Some(token), _) => token.revision,
        (None, Some(revision)) if options.is_exact => revision,
        _ => newest,
    };
    let after = options.token.as_ref().map(|token| &token.after);
    let wanted = &mut |stored: &Stored| selection.admits_stored(kind, stored);
    let page = registry
        .store
        .page(table, call.scope(kind), after, revision, options.limit, wanted)
        .map_err(|_| expired(options.token.as_ref(), revision, newest))?;
    let mut meta = json!({"resourceVersion": revision.to_string()});
    if page.remaining > 0
        && let Some((key, _)) = page.items.last()
    {
        meta.set(&["continue"], Token { revision, after: key.clone() }.write());
        if selection.is_everything() {
            meta.set(&["remainingItemCount"], page.remaining);
        }
    }
    Ok(match call.accept.form {
        Form::Object | Form::Discovery => render::list(call, kind, &meta, page.items.iter().map(|(_, stored)| stored)),
        form => {
            let items: Vec<Object> = page.items.iter().map(|(_, stored)| whole(kind, stored)).collect();
            render::many(registry, call, kind, form, meta, &items)?
        }
    })
}

/// What a revision that etcd has forgotten is answered, with a token that goes on with what is there now.
fn expired(token: Option<&Token>, revision: u64, newest: u64) -> Status {
    match token {
        Some(token) => {
            let mut status = Status::expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new list \
                 without the continue parameter, or use the continue token in this response to retrieve the remainder of the \
                 results. Continuing with the provided token results in an inconsistent list - objects that were created, \
                 modified, or deleted between the time the first chunk was returned and now may show up in the list.",
            );
            let next = Token { revision: newest, after: token.after.clone() };
            status.continuation = Some(next.write());
            status
        }
        None => Status::expired(format!("The resourceVersion for the provided list is too old: {revision}")),
    }
}

/// A resourceVersion of the future.
fn too_large(version: u64, newest: u64) -> Status {
    let mut status =
        Status::new(504, "Timeout", format!("Timeout: Too large resource version: {version}, current: {newest}"));
    status.details = Some(json!({
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }));
    status.retry_after = Some(1);
    status
}

/// A resourceVersion; none for the empty one and for `0`, which leave the choice to the server. An error is the server's
/// sentence.
pub fn version_of(query: &Query, name: &str) -> Result<Option<u64>, String> {
    match query.some(name) {
        None | Some("0") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|error: std::num::ParseIntError| {
            let fault =
                if *error.kind() == IntErrorKind::PosOverflow { "value out of range" } else { "invalid syntax" };
            let text = quote(text);
            format!("resourceVersion: Invalid value: {text}: strconv.ParseUint: parsing {text}: {fault}")
        }),
    }
}
