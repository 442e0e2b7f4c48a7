//! What servers of several ages say of their kinds.

use std::sync::Arc;

use http::{Response, StatusCode};
use kube::client::Body;
use serde_json::{Value, json};

use super::*;
use crate::world::identity::Place;

/// A gate to a server that answers with what is told of a path and of the accepted forms; 404 for nothing.
fn gate(answer: impl Fn(&str, &str) -> Option<(u16, Value)> + Send + Sync + 'static) -> Gate {
    let answer = Arc::new(answer);
    let service = tower::service_fn(move |request: Request<Body>| {
        let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let (code, body) =
            answer(request.uri().path(), &accept).unwrap_or((404, json!({"kind": "Status", "code": 404})));
        async move {
            let body = http_body_util::Full::new(bytes::Bytes::from(body.to_string()));
            let mut response = Response::new(body);
            *response.status_mut() = StatusCode::from_u16(code).unwrap();
            Ok::<_, std::io::Error>(response)
        }
    });
    Gate::new(kube::Client::new(service, "default"), Place::default(), crate::cluster::gate::Mode::ReadOnly)
}

fn told(resources: &Resources) -> Vec<String> {
    let one = |one: &Resource| format!("{} {} {} {}", one.api_version(), one.plural, one.kind, one.short.join(","));
    resources.all().iter().map(one).collect()
}

fn served(plural: &str, kind: &str, short: &[&str]) -> Value {
    json!({"resource": plural, "responseKind": {"group": "", "version": "v1", "kind": kind}, "scope": "Namespaced",
        "singularResource": kind.to_lowercase(), "shortNames": short, "verbs": ["get", "list", "watch"],
        "subresources": [{"subresource": "status", "verbs": ["get"]}]})
}

#[tokio::test]
async fn the_aggregated_form_is_read_at_once() {
    let gate = gate(|path, accept| {
        assert!(accept.contains("as=APIGroupDiscoveryList"), "one request for each root is enough");
        let items = match path {
            "/api" => json!([{"metadata": {}, "versions": [{"version": "v1", "freshness": "Current",
                "resources": [served("pods", "Pod", &["po"])]}]}]),
            "/apis" => json!([
                {"metadata": {"name": "apps"}, "versions": [{"version": "v1", "freshness": "Current",
                    "resources": [served("deployments", "Deployment", &["deploy"])]}]},
                {"metadata": {"name": "metrics.k8s.io"}, "versions": [{"version": "v1beta1", "freshness": "Stale"}]},
                {"metadata": {"name": "evil.example"}, "versions": [{"version": "v1",
                    "resources": [served("../../secrets", "Secret", &[]), served("kinds", "Ki\u{1b}nd", &[]), {"resource": "x"}]}]},
            ]),
            _ => return None,
        };
        Some((
            200,
            json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}),
        ))
    });
    let found = discover(&gate).await.unwrap();
    assert_eq!(told(&found), ["v1 pods Pod po", "apps/v1 deployments Deployment deploy"]);
    assert_eq!(found.missing(), ["metrics.k8s.io/v1beta1"]);
    assert!(found.all()[0].namespaced && found.all()[0].can("watch") && !found.all()[0].can("delete"));
}

#[tokio::test]
async fn older_servers_are_asked_group_by_group() {
    let gate = gate(|path, accept| {
        // As a proxy that takes one plain type only.
        if accept.contains("apidiscovery") {
            return Some((406, json!({"kind": "Status", "code": 406, "reason": "NotAcceptable", "message": "no"})));
        }
        let list = |version: &str, plural: &str, kind: &str| {
            json!({"kind": "APIResourceList", "groupVersion": version, "resources": [
                {"name": plural, "singularName": "", "namespaced": true, "kind": kind, "verbs": ["list"], "shortNames": ["x"]},
                {"name": format!("{plural}/status"), "singularName": "", "namespaced": true, "kind": kind, "verbs": ["get"]},
            ]})
        };
        Some((
            200,
            match path {
                "/api" => json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}),
                "/apis" => json!({"kind": "APIGroupList", "groups": [
                    {"name": "batch", "versions": [{"groupVersion": "batch/v1beta1", "version": "v1beta1"}, {"groupVersion": "batch/v1", "version": "v1"}],
                        "preferredVersion": {"groupVersion": "batch/v1", "version": "v1"}},
                    {"name": "gone.example", "versions": [{"groupVersion": "gone.example/v1", "version": "v1"}],
                        "preferredVersion": {"groupVersion": "gone.example/v1", "version": "v1"}},
                ]}),
                "/api/v1" => list("v1", "pods", "Pod"),
                "/apis/batch/v1" => list("batch/v1", "cronjobs", "CronJob"),
                "/apis/batch/v1beta1" => list("batch/v1beta1", "cronjobs", "CronJob"),
                _ => return None,
            },
        ))
    });
    let found = discover(&gate).await.unwrap();
    assert_eq!(told(&found), ["v1 pods Pod x", "batch/v1 cronjobs CronJob x", "batch/v1beta1 cronjobs CronJob x"]);
    assert_eq!(found.meant("cronjob").unwrap().resource.version, "v1");
    assert_eq!(found.missing(), ["gone.example/v1"]);
}

#[tokio::test]
async fn a_server_that_says_no_is_told_so() {
    let gate = gate(|_, _| Some((403, json!({"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"}))));
    assert!(discover(&gate).await.is_err());
}
