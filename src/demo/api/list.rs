//! Get and list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::accept::Form;
use super::query::Query;
use super::render;
use super::selector::{Fields, Labels};
use super::{Answer, Call};
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
    if let Some(version) = version_of(&call.query, "resourceVersion")?
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

    fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let start = value.text(&["start"])?.strip_suffix('\u{0}')?;
        let (namespace, name) = start.split_once('/').unwrap_or(("", start));
        let revision = value.at(&["rv"])?.as_i64()?;
        Some(Self { revision: u64::try_from(revision).unwrap_or(u64::MAX), after: Key::new(namespace, name) })
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
        let revision = version_of(query, "resourceVersion")?;
        let rule = query.some("resourceVersionMatch");
        let version = query.get("resourceVersion").unwrap_or_default();
        let mut faults = Vec::new();
        if query.is_true("sendInitialEvents") || query.get("sendInitialEvents").is_some() {
            faults.push(FieldFault::forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        }
        if let Some(rule) = rule {
            if query.some("continue").is_some() {
                let why = "resourceVersionMatch is forbidden when continue is provided";
                faults.push(FieldFault::forbidden("resourceVersionMatch", why));
            } else if version.is_empty() {
                let why = "resourceVersionMatch is forbidden unless resourceVersion is provided";
                faults.push(FieldFault::forbidden("resourceVersionMatch", why));
            }
            if !matches!(rule, "Exact" | "NotOlderThan") {
                faults.push(FieldFault::unsupported("resourceVersionMatch", &json!(rule), &["Exact", "NotOlderThan", ""]));
            }
            if rule == "Exact" && version == "0" {
                let why = "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"";
                faults.push(FieldFault::forbidden("resourceVersionMatch", why));
            }
        }
        if !faults.is_empty() {
            return Err(Status::invalid("meta.k8s.io", "ListOptions", "", &faults));
        }
        let token = match query.some("continue") {
            None => None,
            Some(text) => {
                if !version.is_empty() && version != "0" {
                    return Err(Status::bad_request("specifying resource version is not allowed when using continue"));
                }
                Some(Token::read(text).ok_or_else(|| Status::bad_request("continue key is not valid: illegal base64 data"))?)
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
            render::many(registry, call, kind, form, meta, &items)
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
    let mut status = Status::new(504, "Timeout", format!("Too large resource version: {version}, current: {newest}"));
    status.details = Some(json!({
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }));
    status.retry_after = Some(1);
    status
}

/// A resourceVersion; none for the empty one and for `0`, which leave the choice to the server.
pub fn version_of(query: &Query, name: &str) -> Result<Option<u64>, Status> {
    match query.some(name) {
        None | Some("0") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| {
            let fault = FieldFault::invalid("resourceVersion", &json!(text), &parse_fault(text));
            Status::invalid("", "", "", &[fault])
        }),
    }
}

fn parse_fault(text: &str) -> String {
    format!("strconv.ParseUint: parsing {text:?}: invalid syntax")
}
