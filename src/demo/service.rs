//! The API as a tower service: what `kube::Client` and the listener stand on.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use futures_util::stream;
use http::{Request, Response};
use http_body_util::BodyExt as _;

use super::api::body::Body;
use super::api::handle;
use super::cluster::Cluster;
use super::fault::Fault;
use super::status::Status;

/// Why a request got no answer: only faults on demand do that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The connection was closed before an answer.
    #[error("the connection was closed before the answer came")]
    Closed,
    /// The request's body could not be read.
    #[error("the body of the request could not be read")]
    Body,
}

/// The largest body that is read, as by the real server: 3 MiB.
const LARGEST: usize = 3 * 1024 * 1024;

/// The API of one cluster.
#[derive(Clone)]
pub struct Service {
    cluster: Arc<Cluster>,
}

impl Service {
    /// Of a cluster.
    pub fn new(cluster: Arc<Cluster>) -> Self {
        Self { cluster }
    }

    /// Answers one request.
    pub async fn answer<B>(self, request: Request<B>) -> Result<Response<Body>, Broken>
    where
        B: http_body::Body<Data = Bytes>,
    {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), ToString::to_string);
        let fault = self.cluster.faults.strike(&parts.method, &path);
        match &fault {
            Some(Fault::Late(time)) => tokio::time::sleep(*time).await,
            Some(Fault::Refused(code, reason, message)) => {
                return Ok(plain(
                    *code,
                    "application/json",
                    Status::new(*code, reason, message.clone()).to_value().to_string(),
                ));
            }
            Some(Fault::Garbage(code, kind, text)) => return Ok(plain(*code, kind, text.clone())),
            Some(Fault::Closed) => return Err(Broken::Closed),
            Some(Fault::Silent) => return std::future::pending().await,
            Some(Fault::Slow(..) | Fault::Torn(_)) | None => {}
        }
        let mut whole = BytesMut::new();
        let mut body = std::pin::pin!(body);
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Broken::Body)?.into_data() else { continue };
            if whole.len() + data.len() > LARGEST {
                let message = format!("Request entity too large: limit is {LARGEST}");
                let status = Status::new(413, "RequestEntityTooLarge", message);
                return Ok(plain(413, "application/json", status.to_value().to_string()));
            }
            whole.extend_from_slice(&data);
        }
        let response = handle(&self.cluster, Request::from_parts(parts, whole.freeze()));
        Ok(match fault {
            Some(Fault::Slow(piece, pause)) => response.map(|body| slow(body, piece.max(1), pause)),
            Some(Fault::Torn(length)) => response.map(|body| torn(body, length)),
            _ => response,
        })
    }
}

fn plain(code: u16, kind: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Body::whole(text));
    *response.status_mut() = http::StatusCode::from_u16(code).unwrap_or_default();
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}

/// A body in small pieces.
fn slow(body: Body, piece: usize, pause: std::time::Duration) -> Body {
    match body {
        Body::Whole(bytes) => {
            let rest = bytes.unwrap_or_default();
            let pieces = stream::unfold(rest, move |mut rest| async move {
                if rest.is_empty() {
                    return None;
                }
                tokio::time::sleep(pause).await;
                let next = rest.split_to(piece.min(rest.len()));
                Some((next, rest))
            });
            Body::Stream(pieces.boxed())
        }
        stream @ Body::Stream(_) => stream,
    }
}

/// A body that ends too early.
fn torn(body: Body, length: usize) -> Body {
    match body {
        Body::Whole(bytes) => {
            let mut bytes = bytes.unwrap_or_default();
            bytes.truncate(length);
            Body::Stream(stream::iter([bytes]).boxed())
        }
        Body::Stream(pieces) => {
            let cut = pieces.scan(length, |left, mut piece| {
                let is_over = *left == 0;
                piece.truncate(*left);
                *left -= piece.len();
                std::future::ready((!is_over).then_some(piece))
            });
            Body::Stream(cut.boxed())
        }
    }
}

impl<B> tower::Service<Request<B>> for Service
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Send,
{
    type Response = Response<Body>;
    type Error = Broken;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Broken>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}
