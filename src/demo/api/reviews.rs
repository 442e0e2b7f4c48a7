//! Reviews: questions that are asked by creating an object which is never stored.

use super::path::RequestInfo;
use super::{Answer, Call, decode, render, write};
use crate::demo::access::review::{self, Review};
use crate::demo::clock::rfc3339;
use crate::demo::object::Meta as _;
use crate::demo::registry::{ISSUER, Registry};
use crate::demo::status::Status;

/// The resources, by group.
const REVIEWS: [(&str, &str); 6] = [
    ("authentication.k8s.io", "tokenreviews"),
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
];

/// Whether a request is about a review.
pub fn is_review(info: &RequestInfo) -> bool {
    info.version == "v1" && REVIEWS.contains(&(info.group.as_str(), info.resource.as_str()))
}

/// Answers one.
pub fn answer(registry: &Registry, call: &mut Call<'_>) -> Result<Answer, Status> {
    if call.info.verb != "create" || !call.info.name.is_empty() {
        return Err(Status::method_not_allowed());
    }
    write::options(call, "CreateOptions")?;
    let kind = registry
        .schemas
        .kinds()
        .iter()
        .find(|kind| kind.group == call.info.group && kind.resource == call.info.resource)
        .ok_or_else(Status::no_such_path)?;
    let mut body = decode::named(&registry.schemas, call, kind)?;
    if !body.namespace().is_empty() && body.namespace() != call.info.namespace {
        return Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    body.set(&["apiVersion"], kind.api_version());
    body.set(&["kind"], kind.kind.clone());
    if kind.resource != "selfsubjectreviews" {
        body = registry.owned(&call.caller, kind, body);
    }
    let (rights, user, namespace) = (&registry.rights, &call.caller.user, call.info.namespace.as_str());
    let answer = match kind.resource.as_str() {
        "tokenreviews" => {
            let token = body.text(&["spec", "token"]).unwrap_or_default();
            if token.is_empty() {
                return Err(Status::bad_request("token is required for TokenReview in authentication"));
            }
            let told = review::token(registry.user_of(token).as_ref(), ISSUER);
            body.set(&["status"], told);
            body
        }
        "selfsubjectreviews" => review::whoami(user, &rfc3339(registry.now())),
        "selfsubjectrulesreviews" => review::own_rules(rights, user, &body)?,
        "selfsubjectaccessreviews" => review::access(rights, Review::SelfSubject, user, namespace, &body)?,
        "localsubjectaccessreviews" => review::access(rights, Review::Local, user, namespace, &body)?,
        _ => review::access(rights, Review::Subject, user, namespace, &body)?,
    };
    Ok(render::value(call, 201, &answer))
}
