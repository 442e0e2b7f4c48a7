//! The line to a server, on which what it answers to writes is kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use serde_json::Value;

/// What was answered, by path.
#[derive(Clone, Default)]
pub struct Line(Arc<Mutex<BTreeMap<String, Value>>>);

impl Line {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing was answered yet.
    pub fn forget(&self) {
        self.kept().clear();
    }

    /// What the object at this path was when it had been written.
    pub fn answer(&self, path: &str) -> Option<Value> {
        self.kept().get(path).cloned()
    }

    /// A client whose writes are listened to.
    pub fn client(&self, client: Client) -> Client {
        let line = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let (client, line) = (client.clone(), line.clone());
            async move {
                let dry = request.uri().query().unwrap_or_default().contains("dryRun");
                let path = (request.method() == Method::PATCH && !dry).then(|| request.uri().path().to_owned());
                let (parts, body) = client.send(request).await?.into_parts();
                let Some(path) = path else {
                    return Ok::<_, tower::BoxError>(Response::from_parts(parts, body));
                };
                let bytes = body.collect().await?.to_bytes();
                if parts.status.is_success() {
                    line.kept().insert(path, serde_json::from_slice(&bytes)?);
                }
                Ok(Response::from_parts(parts, Body::from(bytes.to_vec())))
            }
        });
        Client::new(service, "default")
    }
}
