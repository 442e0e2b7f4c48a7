//! `token`: a token for a service account.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::subresource::live;
use super::{Answer, Call, decode, render, write};
use crate::demo::access::token::Grant;
use crate::demo::clock::rfc3339;
use crate::demo::object::Meta as _;
use crate::demo::registry::{ISSUER, Registry};
use crate::demo::schema::kind::Kind;
use crate::demo::status::{FieldFault, Status};

/// Issues one.
pub fn create(registry: &mut Registry, call: &mut Call<'_>, kind: &Kind) -> Result<Answer, Status> {
    write::options(call, "CreateOptions")?;
    let mut body = decode::value(call, "TokenRequest")?;
    let account = live(registry, call, kind)?;
    let seconds = body.int(&["spec", "expirationSeconds"]).unwrap_or(3600);
    if seconds < 600 {
        let fault = FieldFault::invalid(
            "spec.expirationSeconds",
            &json!(seconds),
            "may not specify a duration less than 10 minutes",
        );
        return Err(Status::invalid("authentication.k8s.io", "TokenRequest", "", &[fault]));
    }
    let now = registry.now();
    let audiences =
        body.list(&["spec", "audiences"]).iter().filter_map(|one| one.as_str().map(str::to_owned)).collect();
    let grant = Grant {
        namespace: account.namespace().to_owned(),
        name: account.name().to_owned(),
        uid: account.uid().to_owned(),
        audiences,
        issued_at: now.as_second(),
        lifetime: seconds,
        id: registry.ids.uid(),
    };
    let token = registry.tokens.issue(&grant);
    let expires = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
    body.set(&["kind"], "TokenRequest");
    body.set(&["apiVersion"], "authentication.k8s.io/v1");
    body.set(&["spec", "expirationSeconds"], seconds);
    if let Some(below) = kind.subresource("token") {
        body = registry.owned_body(&call.caller, kind, below, body);
    }
    for (field, value) in [("name", account.name()), ("namespace", account.namespace()), ("uid", account.uid())] {
        body.set(&["metadata", field], value);
    }
    body.set(&["metadata", "creationTimestamp"], rfc3339(now));
    if body.list(&["spec", "audiences"]).is_empty() {
        body.set(&["spec", "audiences"], json!([ISSUER]));
    }
    if body.at(&["spec", "boundObjectRef"]).is_none() {
        body.set(&["spec", "boundObjectRef"], Value::Null);
    }
    body.set(&["status"], json!({"token": token, "expirationTimestamp": rfc3339(expires)}));
    Ok(render::value(call, 201, &body))
}
