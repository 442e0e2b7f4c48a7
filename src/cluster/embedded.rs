//! Clusters in this process, such as the demo's: a kubeconfig in memory, and a service in place of each server.
//!
//! Everything else is as with any cluster: the same entries, tokens, impersonation, gate and watches.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use kube::client::Body;
use kube::config::Kubeconfig;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, ServiceExt as _};

use crate::world::trouble::{Trouble, TroubleKind};

/// A request as the client sends it.
pub type Request = http::Request<Body>;

/// What stands in place of the network.
pub type Transport = BoxCloneSyncService<Request, Response<UnsyncBoxBody<Bytes, BoxError>>, BoxError>;

/// What stands where a server's address would be.
pub(super) const IN_PROCESS: &str = "this process";

/// Clusters in this process.
#[derive(Clone)]
pub struct Embedded {
    /// Its contexts. Servers are addresses that no network leads to, such as `http://lke-demo.invalid`.
    pub kubeconfig: Kubeconfig,
    /// What is said where a file's name would be.
    pub name: String,
    servers: Arc<HashMap<String, Transport>>,
}

impl Embedded {
    /// From a kubeconfig's value, and what stands behind the host of each of its servers.
    pub fn new(
        name: &str,
        kubeconfig: serde_json::Value,
        servers: impl IntoIterator<Item = (String, Transport)>,
    ) -> Result<Self, Trouble> {
        let kubeconfig = serde_json::from_value(kubeconfig).map_err(|error| {
            Trouble::new(TroubleKind::MalformedKubeconfig, format!("the kubeconfig of {name} is malformed: {error}"))
        })?;
        Ok(Self { kubeconfig, name: name.to_owned(), servers: Arc::new(servers.into_iter().collect()) })
    }

    /// What stands behind a server.
    pub(super) fn transport(&self, server: &http::Uri) -> Option<Transport> {
        self.servers.get(server.host()?).cloned()
    }
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embedded").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A service of this process as a transport.
pub fn transport<S, B>(service: S) -> Transport
where
    S: tower::Service<Request, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let boxed = |response: Response<B>| response.map(|body| body.map_err(|never| match never {}).boxed_unsync());
    BoxCloneSyncService::new(service.map_response(boxed).map_err(Into::into))
}
