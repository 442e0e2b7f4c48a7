//! What an answer has to be like, whatever was asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures_util::{FutureExt as _, StreamExt as _};
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::request::Request;
use crate::demo::api::body::Body;
use crate::demo::api::handle;
use crate::demo::cluster::Cluster;
use crate::demo::object::{Meta as _, Object};

/// Sentences that the real server answers with code 500 on purpose, or by an omission of its own that clients see.
const MEANT: [&str; 22] = [
    // `registry/rest/create.go` makes a plain error of it.
    "resourceVersion should not be set on objects to be created",
    // `storage/etcd3`: a version that is no number, in a get or a watch.
    "resourceVersion: Invalid value",
    // Webhooks that say no without saying a code.
    "admission webhook ",
    // `registry/core/pod/storage/eviction.go`.
    "This pod has more than one PodDisruptionBudget",
    // `endpoints/filters/impersonation`.
    "all impersonation modes failed",
    // Server-side apply of what does not fit the schema.
    "failed to create typed patch object",
    // structured-merge-diff, `merge/update.go`: taking out what was applied may leave an element of a list empty.
    "failed to prune fields: ",
    // `util/strategicpatch`, where `handlers/patch.go` knows no better code.
    "unknown patch type: ",
    "merging an object in json but data type is not struct, instead is: ",
    "unable to find api field in struct ",
    " does not contain declared merge key: ",
    "invalid value for special key: ",
    "expected a []interface {}, but received a ",
    "expected a map[string]interface {}, but received a ",
    "expected slice or array type, but got: ",
    "no elements in any of the given slices",
    "list element types are not identical: ",
    "cannot merge lists without merge key for ",
    "merging lists cannot yet be specified in the patch",
    "value for key ",
    "The order in patch list:",
    // What the real server panics at, and says that it did.
    "This request caused apiserver to panic",
];

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP code.
    pub code: u16,
    /// The body as JSON; null if it is none.
    pub value: Value,
}

impl Answer {
    /// What a refusal says.
    pub fn message(&self) -> &str {
        self.value.text(&["message"]).unwrap_or_default()
    }

    /// The objects of a list.
    pub fn items(&self) -> &[Object] {
        self.value.list(&["items"])
    }
}

/// Sends a request. The error says what is wrong with the answer; there is none to what HTTP cannot say.
pub fn send(cluster: &Arc<Cluster>, request: &Request) -> Result<Option<Answer>, String> {
    let Some(http) = request.to_http() else { return Ok(None) };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let response = handle(cluster, http);
        let code = response.status().as_u16();
        let sort =
            response.headers().get(CONTENT_TYPE).and_then(|sort| sort.to_str().ok()).unwrap_or_default().to_owned();
        let body = match response.into_body() {
            Body::Whole(bytes) => bytes.unwrap_or_default(),
            Body::Stream(mut pieces) => pieces.next().now_or_never().flatten().unwrap_or_default(),
        };
        (code, sort, body)
    }));
    let (code, sort, body) = outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        format!("it panicked: {}", text.unwrap_or("without a word"))
    })?;
    let value: Value = match sort.split(';').next().unwrap_or_default() {
        "application/json" if body.is_empty() => Value::Null,
        "application/json" => serde_json::from_slice(&body).map_err(|error| format!("no JSON: {error}"))?,
        "application/yaml" => serde_yaml::from_slice(&body).map_err(|error| format!("no YAML: {error}"))?,
        _ => Value::Null,
    };
    let answer = Answer { code, value };
    if code >= 400 {
        let is_no_page = code == 404 && body.as_ref() == b"404 page not found\n";
        if !is_no_page && request.method != "HEAD" {
            refusal(&answer).map_err(|what| format!("{what}: {code} {}", String::from_utf8_lossy(&body)))?;
        }
    } else if !(200..300).contains(&code) {
        return Err(format!("code {code}"));
    }
    Ok(Some(answer))
}

/// What a refusal has to be.
fn refusal(answer: &Answer) -> Result<(), String> {
    let status = &answer.value;
    if status.text(&["kind"]) != Some("Status") || status.text(&["apiVersion"]) != Some("v1") {
        return Err("a refusal that is no Status".to_owned());
    }
    if status.int(&["code"]) != Some(i64::from(answer.code)) || status.text(&["status"]) != Some("Failure") {
        return Err("a Status that contradicts its answer".to_owned());
    }
    if answer.message().is_empty() {
        return Err("a refusal without a word".to_owned());
    }
    if answer.code == 500 && !MEANT.iter().any(|meant| answer.message().contains(meant)) {
        return Err("an internal error".to_owned());
    }
    // Webhooks tell codes without reasons, and are passed on.
    let is_passed_on = answer.message().starts_with("admission webhook ");
    if answer.code != 500 && !is_passed_on && status.text(&["reason"]).is_none_or(str::is_empty) {
        return Err("a refusal without a reason".to_owned());
    }
    Ok(())
}
