//! A way to a cluster on which the n-th write can be cut: the program that sends it dies, or the line does.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, Request};
use kube::Client;
use kube::client::Body;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;
use tokio::task::JoinSet;

use crate::front::{Answered, Front};

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
    front: Front,
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

impl Proxy {
    /// Passes on to a cluster; its kubeconfig has one context, `admin`, in a namespace.
    pub async fn start(client: Client, namespace: &str) -> Result<Self, String> {
        let line = Arc::new(Line {
            client,
            cut: Mutex::default(),
            victim: Mutex::default(),
            writes: AtomicUsize::new(0),
            is_cut: AtomicBool::new(false),
            written: Mutex::default(),
            under_way: tokio::sync::Mutex::default(),
        });
        let through = Arc::clone(&line);
        let front = Front::start("admin", namespace, move |request| pass(Arc::clone(&through), request)).await?;
        Ok(Self { line, front })
    }

    /// Where the kubeconfig lies; a test may put files of its own beside it.
    pub fn kubeconfig(&self) -> PathBuf {
        self.front.kubeconfig()
    }

    /// Runs a program that goes to the cluster over this line, with its home in a folder, for so long at most. `is_target`: it is
    /// what a cut kills.
    pub async fn run(
        &self,
        words: &[&str],
        home: &Path,
        patience: Duration,
        is_target: bool,
    ) -> Result<Output, String> {
        let [program, arguments @ ..] = words else { return Err("no program".to_owned()) };
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", home)
            .env("KUBECONFIG", self.kubeconfig())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| error.to_string())?;
        if let (Some(pid), true) = (child.id(), is_target) {
            *locked(&self.line.victim) = Pid::from_raw(pid.cast_signed());
        }
        let output = tokio::time::timeout(patience, child.wait_with_output()).await;
        output.map_err(|_| format!("{words:?} never ended"))?.map_err(|error| error.to_string())
    }

    /// From now on the line is whole, but for this.
    pub fn set(&self, cut: Option<(usize, Cut)>) {
        *locked(&self.line.cut) = cut;
        *locked(&self.line.victim) = None;
        self.line.writes.store(0, Ordering::SeqCst);
        self.line.is_cut.store(false, Ordering::SeqCst);
        locked(&self.line.written).clear();
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

async fn pass(line: Arc<Line>, request: Request<Vec<u8>>) -> Answered {
    let (parts, body) = request.into_parts();
    let is_dry = parts.uri.query().unwrap_or_default().contains("dryRun=All")
        || (parts.method == Method::DELETE && String::from_utf8_lossy(&body).contains("\"dryRun\":[\"All\"]"));
    let is_review = parts.uri.path().contains("selfsubject");
    let request = Request::from_parts(parts, Body::from(body));
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
    let (answered, answer) = tokio::sync::oneshot::channel::<Answered>();
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
    async fn fails(&self) -> Answered {
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
