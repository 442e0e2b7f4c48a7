//! Paths that are about no resource: discovery, versions, health, OpenAPI.

use serde_json::json;

use super::accept::Form;
use super::{Answer, Call, render};
use crate::demo::registry::Registry;
use crate::demo::schema::{Schemas, discovery, openapi};
use crate::demo::status::Status;

/// The content type of the aggregated form.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Where clients are told that the server is.
const ADDRESS: &str = "127.0.0.1:6443";

/// A path without a resource.
pub fn answer(registry: &Registry, call: &Call<'_>) -> Result<Answer, Status> {
    if !matches!(call.info.verb.as_str(), "get" | "head") {
        return Err(Status::method_not_allowed());
    }
    let schemas = &registry.schemas;
    let is_aggregated = call.accept.form == Form::Discovery;
    let path = call.info.path.trim_end_matches('/');
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["healthz" | "livez" | "readyz", ..] => Ok(Answer::text(200, "ok")),
        // Written for people, whoever asks.
        ["version"] => Ok(Answer::json(200, format!("{:#}", discovery::version()))),
        ["api"] if is_aggregated => Ok(aggregated(&discovery::aggregated(schemas, true))),
        ["apis"] if is_aggregated => Ok(aggregated(&discovery::aggregated(schemas, false))),
        ["api"] => Ok(render::value(call, 200, &discovery::core_versions(ADDRESS))),
        ["apis"] => Ok(render::value(call, 200, &discovery::groups(schemas))),
        ["api", version] => match discovery::resources(schemas, "", version) {
            Some(body) => Ok(render::value(call, 200, &body)),
            None => nothing_at(schemas, ""),
        },
        ["apis", group, version] => match discovery::resources(schemas, group, version) {
            Some(body) => Ok(render::value(call, 200, &body)),
            None => nothing_at(schemas, group),
        },
        ["apis", group] => match discovery::group(schemas, group) {
            Some(body) => Ok(render::value(call, 200, &body)),
            None => nothing_at(schemas, group),
        },
        ["openapi", "v3"] => Ok(Answer::value(200, &openapi::index(schemas))),
        ["openapi", "v3", "api", version] => document(registry, "", version),
        ["openapi", "v3", "apis", group, version] => document(registry, group, version),
        ["openapi", "v2"] => Err(Status::not_in_the_demo("OpenAPI version 2; version 3 is at /openapi/v3")),
        ["metrics" | "logs" | "debug", ..] => Err(Status::not_in_the_demo(path)),
        [""] | [] => {
            let mut paths: Vec<String> =
                ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]
                    .map(String::from)
                    .to_vec();
            for kind in schemas.kinds().iter().filter(|kind| !kind.group.is_empty()) {
                paths.push(format!("/apis/{}", kind.group));
                paths.push(format!("/apis/{}/{}", kind.group, kind.version));
            }
            paths.sort();
            paths.dedup();
            Ok(render::value(call, 200, &json!({"paths": paths})))
        }
        _ => Ok(no_page()),
    }
}

/// What is said below a group where nothing is: the built-in groups have a Status for it, all else is no page of the server.
pub fn nothing_at(schemas: &Schemas, group: &str) -> Result<Answer, Status> {
    let is_built_in = schemas.kinds().iter().any(|kind| kind.custom.is_none() && kind.group == group);
    if is_built_in { Err(Status::no_such_path()) } else { Ok(no_page()) }
}

/// As Go's HTTP server says it.
fn no_page() -> Answer {
    Answer::text(404, "404 page not found\n")
}

fn aggregated(body: &serde_json::Value) -> Answer {
    Answer { content: AGGREGATED, ..Answer::value(200, body) }
}

fn document(registry: &Registry, group: &str, version: &str) -> Result<Answer, Status> {
    let document = openapi::document(&registry.schemas, group, version).ok_or_else(Status::no_such_path)?;
    Ok(Answer::json(200, document))
}
