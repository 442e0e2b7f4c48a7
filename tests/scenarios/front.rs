//! A plain HTTP server in front of a cluster: whatever comes is handed to a function, and its answer goes back as it comes, so that
//! watches pass, too.

use std::sync::Arc;

use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use kube::client::Body;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// What a request is answered with; a fault breaks the connection.
pub type Answered = Result<Response<Body>, tower::BoxError>;

/// A server that runs as long as this is held.
pub struct Front {
    folder: TempDir,
    serving: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Front {
    /// Answers by a function. Its kubeconfig has one context, of this name, in a namespace.
    pub async fn start<F, R>(context: &str, namespace: &str, answer: F) -> Result<Self, String>
    where
        F: Fn(Request<Vec<u8>>) -> R + Send + Sync + 'static,
        R: Future<Output = Answered> + Send + 'static,
    {
        let why = |error: std::io::Error| format!("the proxy cannot be started: {error}");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(why)?;
        let url = format!("http://{}", listener.local_addr().map_err(why)?);
        let folder = tempfile::tempdir().map_err(why)?;
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": context,
            "clusters": [{"name": "proxy", "cluster": {"server": url}}],
            "users": [{"name": context, "user": {"token": "passed-on-by-the-proxy"}}],
            "contexts": [{"name": context, "context": {"cluster": "proxy", "user": context, "namespace": namespace}}],
        });
        std::fs::write(folder.path().join("kubeconfig"), config.to_string()).map_err(why)?;
        let serving = tokio::spawn(serve(listener, Arc::new(answer)));
        Ok(Self { folder, serving })
    }

    /// Where the kubeconfig lies; a test may put files of its own beside it.
    pub fn kubeconfig(&self) -> std::path::PathBuf {
        self.folder.path().join("kubeconfig")
    }
}

async fn serve<F, R>(listener: TcpListener, answer: Arc<F>)
where
    F: Fn(Request<Vec<u8>>) -> R + Send + Sync + 'static,
    R: Future<Output = Answered> + Send + 'static,
{
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let answer = Arc::clone(&answer);
        connections.spawn(async move {
            let service = service_fn(move |request| handle(Arc::clone(&answer), request));
            // Whoever hangs up, or is killed, is no fault of ours.
            let _ =
                http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn handle<F, R>(answer: Arc<F>, request: Request<Incoming>) -> Answered
where
    F: Fn(Request<Vec<u8>>) -> R + Send + Sync + 'static,
    R: Future<Output = Answered> + Send + 'static,
{
    let (mut parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes().to_vec();
    for header in [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, AUTHORIZATION] {
        parts.headers.remove(header);
    }
    answer(Request::from_parts(parts, body)).await
}
