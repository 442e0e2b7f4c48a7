//! Requests to the API server that need no types: paths, and JSON as it goes over the wire.

use http::{Method, Request};
use kube::Client;
use serde_json::Value;

/// The field manager of what people would do by hand.
pub(crate) const KUBECTL: &str = "kubectl-client-side-apply";

/// The manager that server-side apply is done as.
const APPLIER: &str = "kubectl";

pub(crate) async fn get(client: &Client, path: &str) -> Result<Value, kube::Error> {
    send(client, Method::GET, path, "application/json", Vec::new()).await
}

/// Posts `object` to a collection, or to a subresource; `manager` becomes the owner of its fields.
pub(crate) async fn create(client: &Client, path: &str, manager: &str, object: &Value) -> Result<Value, kube::Error> {
    let path = managed_by(path, manager);
    send(client, Method::POST, &path, "application/json", bytes(object)?).await
}

/// As [`create`], for objects that nobody looks at: the answer is not parsed.
pub(crate) async fn create_blindly(
    client: &Client,
    path: &str,
    manager: &str,
    object: &Value,
) -> Result<(), kube::Error> {
    let path = managed_by(path, manager);
    client.request_text(request(Method::POST, &path, "application/json", bytes(object)?)?).await.map(drop)
}

pub(crate) async fn merge(client: &Client, path: &str, manager: &str, changes: &Value) -> Result<Value, kube::Error> {
    let path = managed_by(path, manager);
    send(client, Method::PATCH, &path, "application/merge-patch+json", bytes(changes)?).await
}

/// Server-side apply of YAML, of which JSON is a kind.
pub(crate) async fn apply(client: &Client, path: &str, yaml: Vec<u8>) -> Result<Value, kube::Error> {
    let path = format!("{}&force=true", managed_by(path, APPLIER));
    send(client, Method::PATCH, &path, "application/apply-patch+yaml", yaml).await
}

pub(crate) async fn delete(client: &Client, path: &str) -> Result<Value, kube::Error> {
    send(client, Method::DELETE, path, "application/json", Vec::new()).await
}

/// The server's words, without the debug form that kube puts behind them.
pub(crate) fn words(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    }
}

async fn send(client: &Client, method: Method, path: &str, content: &str, body: Vec<u8>) -> Result<Value, kube::Error> {
    client.request(request(method, path, content, body)?).await
}

fn request(method: Method, path: &str, content: &str, body: Vec<u8>) -> Result<Request<Vec<u8>>, kube::Error> {
    let request = Request::builder().method(method).uri(path).header(http::header::CONTENT_TYPE, content);
    request.body(body).map_err(kube::Error::HttpError)
}

fn managed_by(path: &str, manager: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}fieldManager={manager}")
}

fn bytes(value: &Value) -> Result<Vec<u8>, kube::Error> {
    serde_json::to_vec(value).map_err(kube::Error::SerdeError)
}
