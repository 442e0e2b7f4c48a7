//! Paths that are about no resource: discovery, versions, health, OpenAPI.

use serde_json::json;

use super::accept::Form;
use super::{Answer, Call, render};
use crate::demo::object::Meta as _;
use crate::demo::registry::Registry;
use crate::demo::schema::{discovery, openapi};
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
        ["version"] => Ok(render::value(call, 200, &discovery::version())),
        ["api"] if is_aggregated => Ok(aggregated(&discovery::aggregated(schemas, true))),
        ["apis"] if is_aggregated => Ok(aggregated(&discovery::aggregated(schemas, false))),
        ["api"] => Ok(render::value(call, 200, &discovery::core_versions(ADDRESS))),
        ["apis"] => Ok(render::value(call, 200, &discovery::groups(schemas))),
        ["apis", group] => {
            let body = discovery::group(schemas, group).ok_or_else(Status::no_such_path)?;
            Ok(render::value(call, 200, &body))
        }
        ["openapi", "v3"] => Ok(Answer::value(200, &openapi::index(schemas))),
        ["openapi", "v3", "api", version] => document(registry, "", version),
        ["openapi", "v3", "apis", group, version] => document(registry, group, version),
        ["openapi", "v2"] => Err(Status::not_in_the_demo("OpenAPI version 2; version 3 is at /openapi/v3")),
        ["metrics" | "logs" | "debug", ..] => Err(Status::not_in_the_demo(path)),
        [""] | [] => {
            let mut paths: Vec<String> =
                ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"].map(String::from).to_vec();
            for kind in schemas.kinds().iter().filter(|kind| !kind.group.is_empty()) {
                paths.push(format!("/apis/{}", kind.group));
                paths.push(format!("/apis/{}/{}", kind.group, kind.version));
            }
            paths.sort();
            paths.dedup();
            Ok(render::value(call, 200, &json!({"paths": paths})))
        }
        _ => Err(Status::no_such_path()),
    }
}

/// `/api/v1` and `/apis/G/V`.
pub fn resources(registry: &Registry, call: &Call<'_>) -> Result<Answer, Status> {
    if call.info.verb != "list" {
        return Err(Status::method_not_allowed());
    }
    let body = discovery::resources(&registry.schemas, &call.info.group, &call.info.version).ok_or_else(Status::no_such_path)?;
    debug_assert!(!body.list(&["resources"]).is_empty(), "a version that is served has resources");
    Ok(render::value(call, 200, &body))
}

fn aggregated(body: &serde_json::Value) -> Answer {
    Answer { content: AGGREGATED, ..Answer::value(200, body) }
}

fn document(registry: &Registry, group: &str, version: &str) -> Result<Answer, Status> {
    let document = openapi::document(&registry.schemas, group, version).ok_or_else(Status::no_such_path)?;
    Ok(Answer::json(200, document))
}
