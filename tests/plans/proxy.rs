//! A way to a cluster on which the n-th write can be cut: the program that sends it dies, or the line does.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use kube::Client;
use kube::client::Body;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// How a plan is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The program is killed, before the request arrives or before its answer does.
    Killed { arrives: bool },
    /// The network breaks, just so, and stays broken.
    Broken { arrives: bool },
}

impl Cut {
    const fn arrives(self) -> bool {
        let (Self::Killed { arrives } | Self::Broken { arrives }) = self;
        arrives
    }
}

/// A plain HTTP server that passes everything on as the administrator.
pub struct Proxy {
    line: Arc<Line>,
    folder: TempDir,
    serving: JoinHandle<()>,
}

struct Line {
    client: Client,
    /// Which write is cut, from 1, and how.
    cut: Mutex<Option<(usize, Cut)>>,
    victim: Mutex<Option<Pid>>,
    writes: AtomicUsize,
    is_cut: AtomicBool,
    written: Mutex<BTreeSet<String>>,
    under_way: tokio::sync::Mutex<JoinSet<()>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Proxy {
    /// Passes on to a cluster; its kubeconfig has one context, `admin`, in a namespace.
    pub async fn start(client: Client, namespace: &str) -> Result<Self, String> {
        let why = |error: std::io::Error| format!("the proxy cannot be started: {error}");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(why)?;
        let url = format!("http://{}", listener.local_addr().map_err(why)?);
        let folder = tempfile::tempdir().map_err(why)?;
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "admin",
            "clusters": [{"name": "proxy", "cluster": {"server": url}}],
            "users": [{"name": "admin", "user": {"token": "passed-on-by-the-proxy"}}],
            "contexts": [{"name": "admin", "context": {"cluster": "proxy", "user": "admin", "namespace": namespace}}],
        });
        std::fs::write(folder.path().join("kubeconfig"), config.to_string()).map_err(why)?;
        let line = Arc::new(Line {
            client,
            cut: Mutex::default(),
            victim: Mutex::default(),
            writes: AtomicUsize::new(0),
            is_cut: AtomicBool::new(false),
            written: Mutex::default(),
            under_way: tokio::sync::Mutex::default(),
        });
        let serving = tokio::spawn(serve(listener, Arc::clone(&line)));
        Ok(Self { line, folder, serving })
    }

    /// Where the kubeconfig lies.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    /// Where a test may put files of its own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// From now on the line is whole, but for this.
    pub fn set(&self, cut: Option<(usize, Cut)>) {
        *locked(&self.line.cut) = cut;
        *locked(&self.line.victim) = None;
        self.line.writes.store(0, Ordering::SeqCst);
        self.line.is_cut.store(false, Ordering::SeqCst);
        locked(&self.line.written).clear();
    }

    /// Who is to be killed.
    pub fn aim(&self, pid: u32) {
        *locked(&self.line.victim) = Pid::from_raw(pid.cast_signed());
    }

    /// Waits until all that has left has arrived, whoever waits for its answer.
    pub async fn arrived(&self) {
        while self.line.under_way.lock().await.join_next().await.is_some() {}
    }

    /// How many writes have come since the line was set.
    pub fn written_in_all(&self) -> usize {
        self.line.writes.load(Ordering::SeqCst)
    }

    /// The paths to which writes have come.
    pub fn written(&self) -> BTreeSet<String> {
        locked(&self.line.written).clone()
    }
}

async fn serve(listener: TcpListener, line: Arc<Line>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let line = Arc::clone(&line);
        connections.spawn(async move {
            let answer = service_fn(move |request| pass(Arc::clone(&line), request));
            // Whoever hangs up, or is killed, is no fault of ours.
            let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), answer).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn pass(line: Arc<Line>, request: Request<Incoming>) -> Result<Response<Body>, tower::BoxError> {
    let (mut parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    for header in [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, AUTHORIZATION] {
        parts.headers.remove(header);
    }
    let is_dry = parts.uri.query().unwrap_or_default().contains("dryRun=All")
        || (parts.method == Method::DELETE && String::from_utf8_lossy(&body).contains("\"dryRun\":[\"All\"]"));
    let is_review = parts.uri.path().contains("selfsubject");
    let request = Request::from_parts(parts, Body::from(body.to_vec()));
    if line.is_cut.load(Ordering::SeqCst) {
        return line.fails().await;
    }
    if is_dry || is_review || *request.method() == Method::GET {
        return Ok(line.client.send(request).await?);
    }
    let number = line.writes.fetch_add(1, Ordering::SeqCst) + 1;
    let cut = locked(&line.cut).filter(|(at, _)| *at == number).map(|(_, how)| how);
    if cut.is_some_and(|how| !how.arrives()) {
        return line.fails().await;
    }
    let path = format!("{} {}", request.method(), request.uri().path());
    locked(&line.written).insert(path);
    let (answered, answer) = tokio::sync::oneshot::channel::<Result<Response<Body>, tower::BoxError>>();
    let client = line.client.clone();
    // What has left arrives, also when nobody waits for it any more.
    line.under_way.lock().await.spawn(async move {
        let _ = answered.send(client.send(request).await.map_err(Into::into));
    });
    let answer = answer.await??;
    if cut.is_some() { line.fails().await } else { Ok(answer) }
}

impl Line {
    /// What becomes of a request that finds the line cut.
    async fn fails(&self) -> Result<Response<Body>, tower::BoxError> {
        self.is_cut.store(true, Ordering::SeqCst);
        let killed = matches!(*locked(&self.cut), Some((_, Cut::Killed { .. })));
        if killed {
            let victim = *locked(&self.victim);
            if let Some(pid) = victim {
                // It may have died of it already.
                let _ = kill_process(pid, Signal::KILL);
            }
            return std::future::pending().await;
        }
        Err("the line is cut".into())
    }
}
