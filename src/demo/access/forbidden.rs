//! How the server says that somebody may not (upstream: `apiserver/pkg/endpoints/handlers/responsewriters/errors.go`).

use super::super::status::Status;
use super::Attributes;
use super::user::User;
use crate::demo::go::quote;
use serde_json::json;

/// The 403 for a question that was answered with no; `reason` is the decision's, often empty.
pub fn forbidden(user: &User, asked: &Attributes<'_>, reason: &str) -> Status {
    let sentence = sanitize(&sentence(user, asked));
    let why = if reason.is_empty() { sentence } else { format!("{sentence}: {reason}") };
    // Upstream keeps group, resource and name out of a question about a path.
    match asked.path {
        Some(_) => because("", "", "", &why),
        None => because(asked.group, asked.resource, asked.name, &why),
    }
}

/// The 403 of anything else than a plain question, such as an escalation (upstream: `NewForbidden`).
pub fn because(group: &str, resource: &str, name: &str, why: &str) -> Status {
    let mut status = Status::forbidden(group, resource, name, why);
    let what = super::super::status::qualified(group, resource);
    status.message = match (what.is_empty(), name.is_empty()) {
        (true, _) => format!("forbidden: {why}"),
        (false, true) => format!("{what} is forbidden: {why}"),
        (false, false) => format!("{what} {} is forbidden: {why}", quote(name)),
    };
    if what.is_empty() && name.is_empty() {
        status.details = Some(json!({}));
    }
    status
}

/// The 401 for a token that nobody knows.
pub fn unauthorized() -> Status {
    Status::unauthorized()
}

fn sentence(user: &User, asked: &Attributes<'_>) -> String {
    let (who, verb) = (quote(&user.name), asked.verb);
    if let Some(path) = asked.path {
        return format!("User {who} cannot {verb} path {}", quote(path));
    }
    let resource = if asked.subresource.is_empty() {
        quote(asked.resource)
    } else {
        quote(&format!("{}/{}", asked.resource, asked.subresource))
    };
    let scope = if asked.namespace.is_empty() {
        "at the cluster scope".to_owned()
    } else {
        format!("in the namespace {}", quote(asked.namespace))
    };
    format!("User {who} cannot {verb} resource {resource} in API group {} {scope}", quote(asked.group))
}

/// Keeps an answer from looking like HTML. Quotes are fine.
fn sanitize(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
