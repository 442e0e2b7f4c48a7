//! HTTP: from a request to an answer.
//!
//! ```text
//! request ─ authenticate ─ impersonate ─ request info ─ authorize ─ get | list | watch | write ─▶ answer
//! ```
//!
//! Nothing here waits: an answer is made under the lock of the cluster, in well under a millisecond. Watches are streams that
//! take the lock for a moment whenever their table has news.

pub mod accept;
pub mod body;
mod decode;
mod deletion;
mod discovery;
mod list;
pub mod path;
pub mod query;
mod render;
mod reviews;
mod scale;
pub mod selector;
mod subresource;
mod token;
mod watch;
mod write;
mod yaml;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WARNING};
use http::{HeaderMap, HeaderValue, Method, Request, Response};

use self::accept::Accept;
use self::body::Body;
use self::path::RequestInfo;
use self::query::Query;
use super::access::user::User;
use super::access::{Attributes, authorize, forbidden, impersonate};
use super::cluster::Cluster;
use super::fields;
use super::registry::{Caller, Registry};
use super::schema::kind::Kind;
use super::status::Status;

/// What an answer is made from.
pub(super) struct Call<'a> {
    /// The cluster, for streams that outlive the call.
    pub cluster: &'a Arc<Cluster>,
    /// What is asked.
    pub info: RequestInfo,
    /// The query.
    pub query: Query,
    /// The headers.
    pub headers: HeaderMap,
    /// In which form.
    pub accept: Accept,
    /// Who asks, and under which field manager.
    pub caller: Caller,
    /// The body.
    pub body: Bytes,
}

/// An answer before it is put into bytes.
pub(super) struct Answer {
    /// The HTTP code.
    pub code: u16,
    /// The content type; empty for an answer without a body.
    pub content: &'static str,
    /// The body.
    pub body: Body,
}

impl Answer {
    /// JSON.
    pub fn json(code: u16, body: impl Into<Bytes>) -> Self {
        Self { code, content: "application/json", body: Body::whole(body) }
    }

    /// A value as JSON.
    pub fn value(code: u16, value: &serde_json::Value) -> Self {
        Self::json(code, value.to_string())
    }

    /// Text.
    pub fn text(code: u16, text: &str) -> Self {
        Self { code, content: "text/plain; charset=utf-8", body: Body::whole(text.to_owned()) }
    }
}

/// Answers one request.
pub fn handle(cluster: &Arc<Cluster>, request: Request<Bytes>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    let info = RequestInfo::of(&parts.method, parts.uri.path(), &query);
    let is_head = parts.method == Method::HEAD;
    let mut warnings = Vec::new();
    let answer = answer(cluster, info, &parts.method, query, parts.headers, body, &mut warnings);
    let mut response = match answer {
        Ok(answer) => {
            let mut response = Response::new(answer.body);
            *response.status_mut() = http::StatusCode::from_u16(answer.code).unwrap_or_default();
            if !answer.content.is_empty() {
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(answer.content));
            }
            response
        }
        Err(status) => refusal(&status),
    };
    for warning in warnings {
        let text = format!("299 - {}", serde_json::Value::String(warning));
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().append(WARNING, value);
        }
    }
    if is_head {
        *response.body_mut() = Body::whole(Bytes::new());
    }
    // A served watch must not be kept back by anything between us and the client.
    response.headers_mut().insert("cache-control", HeaderValue::from_static("no-cache, private"));
    response
}

/// A refusal as an answer.
fn refusal(status: &Status) -> Response<Body> {
    let mut response = Response::new(Body::whole(status.to_value().to_string()));
    *response.status_mut() = http::StatusCode::from_u16(status.code).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(seconds) = status.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn answer(
    cluster: &Arc<Cluster>,
    info: RequestInfo,
    method: &Method,
    query: Query,
    headers: HeaderMap,
    body: Bytes,
    warnings: &mut Vec<String>,
) -> Result<Answer, Status> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
    let mut registry = cluster.lock();
    let user = match bearer {
        None if headers.contains_key(AUTHORIZATION) => return Err(Status::unauthorized()),
        None => anonymous(),
        Some(token) => registry.user_of(token).ok_or_else(Status::unauthorized)?,
    };
    let user = match impersonate::wanted(&headers)? {
        None => user,
        Some(wanted) => {
            let Registry { rights, impersonations, .. } = &mut *registry;
            impersonate::impersonate(rights, &user, &wanted, &asked(&info), impersonations)?
        }
    };
    let decision = authorize(&registry.rights, &user, &asked(&info));
    if !decision.allowed {
        return Err(forbidden(&user, &asked(&info), &decision.reason));
    }
    let agent = headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let manager = match query.some("fieldManager") {
        Some(manager) => {
            let faults = fields::validate(manager, false);
            if !faults.is_empty() {
                return Err(Status::invalid("meta.k8s.io", options_kind(method), "", &faults));
            }
            manager.to_owned()
        }
        None => fields::from_user_agent(agent),
    };
    let is_custom = registry.schemas.kinds().iter().any(|kind| kind.custom.is_some() && kind.group == info.group);
    let accept = Accept::of(&headers, !is_custom)?;
    // There is no route for HEAD below a resource.
    let is_routed = !(info.is_resource && method == Method::HEAD);
    let mut call = Call { cluster, info, query, headers, accept, caller: Caller::new(user, &manager), body };
    let answer = match call.info.is_resource {
        _ if !is_routed => Err(Status::method_not_allowed()),
        true => resource(&mut registry, &mut call),
        false => discovery::answer(&registry, &call),
    };
    warnings.append(&mut call.caller.warnings);
    drop(registry);
    if !matches!(call.info.verb.as_str(), "get" | "list" | "watch") {
        cluster.wake();
    }
    answer
}

/// What the options of a write are called.
fn options_kind(method: &Method) -> &'static str {
    match *method {
        Method::POST => "CreateOptions",
        Method::PUT => "UpdateOptions",
        Method::PATCH => "PatchOptions",
        _ => "DeleteOptions",
    }
}

/// The token of an `Authorization: Bearer` header.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn anonymous() -> User {
    User { name: "system:anonymous".to_owned(), groups: vec!["system:unauthenticated".to_owned()], ..User::default() }
}

/// What RBAC is asked, for every request.
fn asked(info: &RequestInfo) -> Attributes<'_> {
    if !info.is_resource {
        return Attributes { verb: &info.verb, path: Some(&info.path), ..Attributes::default() };
    }
    Attributes {
        verb: &info.verb,
        group: &info.group,
        resource: &info.resource,
        subresource: &info.subresource,
        name: &info.name,
        namespace: &info.namespace,
        path: None,
    }
}

/// A request for a resource.
fn resource(registry: &mut Registry, call: &mut Call<'_>) -> Result<Answer, Status> {
    let info = &call.info;
    let schemas = &registry.schemas;
    let Some(kind) = schemas.find(&info.group, &info.version, &info.resource).cloned() else {
        return discovery::nothing_at(schemas, &info.group);
    };
    let is_there = match (kind.namespaced, info.in_namespace) {
        (true, false) => !info.is_named,
        (false, true) => false,
        _ => true,
    };
    if !is_there {
        return Err(Status::no_such_path());
    }
    if !info.subresource.is_empty() {
        return subresource::answer(registry, call, &kind);
    }
    let verb = info.verb.as_str();
    let is_routed = match verb {
        "create" | "deletecollection" => !info.is_named && kind.namespaced == info.in_namespace,
        "update" | "patch" => info.is_named,
        _ => true,
    };
    if !is_routed || !kind.verbs.iter().any(|one| one == verb) {
        return Err(Status::method_not_allowed());
    }
    if reviews::is_review(info) {
        return reviews::answer(registry, call);
    }
    match verb {
        "get" => list::get(registry, call, &kind),
        "list" => list::list(registry, call, &kind),
        "watch" => watch::watch(registry, call, &kind),
        "create" => write::create(registry, call, &kind),
        "update" => write::update(registry, call, &kind, ""),
        "patch" => write::patch(registry, call, &kind, ""),
        "delete" => deletion::delete(registry, call, &kind),
        "deletecollection" => deletion::delete_all(registry, call, &kind),
        _ => Err(Status::method_not_allowed()),
    }
}

impl Call<'_> {
    /// The namespace under which objects of this kind are stored.
    pub fn namespace(&self, kind: &Kind) -> &str {
        if kind.namespaced { &self.info.namespace } else { "" }
    }

    /// The namespace to list: `None` for all.
    pub fn scope(&self, kind: &Kind) -> Option<&str> {
        Some(self.namespace(kind)).filter(|namespace| !namespace.is_empty())
    }
}
