//! The process in which a control plane lives: PID 1 of namespaces of its own.
//!
//! A control plane's servers bind whatever ports they like, some of them on all interfaces, and must not outlive the
//! test that started them. So they run in a network namespace with nothing but a loopback interface, and in a PID
//! namespace whose first process is the supervisor: when that ends, the kernel ends everything in it. It ends when
//! its command channel closes, which a killed parent cannot help doing.
//!
//! The supervisor is the parent's own executable, started again under `unshare` with [`VARIABLE`] set. Its descriptors
//! say it all: 0 is the command channel (one end of a socket pair), 1 the listening socket that the parent opened
//! *outside*, 2 a log. A socket belongs to the namespace it was made in, so connections to the outer port can be
//! accepted in here, and no second hop is needed.

mod child;
mod door;
mod http;
mod loopback;
pub(crate) mod protocol;

use std::collections::HashMap;
use std::env;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

use self::child::Child;
use self::door::Door;
use self::protocol::{Reply, Request};
use crate::text::say;

/// Set, to the rig's directory, in the environment of a process that is to be a supervisor.
pub(crate) const VARIABLE: &str = "TENANTRY_CLUSTER_SUPERVISE";

/// The API server's port inside.
pub(crate) const INNER_PORT: u16 = 6443;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Turns this process into a supervisor if it was started as one, and then never returns.
///
/// Must be called first thing in `main` by every program that starts clusters, before it starts threads or reads its
/// arguments.
pub fn supervise_if_asked() {
    ASKED.store(true, Ordering::Relaxed);
    let Some(directory) = env::var_os(VARIABLE) else { return };
    match serve(Path::new(&directory)) {
        Ok(()) => process::exit(0),
        Err(error) => {
            say(format_args!("the supervisor cannot go on: {error}"));
            process::exit(1);
        }
    }
}

/// Whether [`supervise_if_asked`] was called in this process. Without it, a start would run the whole program again.
pub(crate) fn is_wired_up() -> bool {
    ASKED.load(Ordering::Relaxed)
}

#[tokio::main(flavor = "current_thread")]
async fn serve(directory: &Path) -> io::Result<()> {
    loopback::bring_up()?;
    let door = Door::new(TcpListener::from(duplicate(io::stdout())?))?;
    let channel = UnixStream::from(duplicate(io::stdin())?);
    channel.set_nonblocking(true)?;
    let (read, mut write) = tokio::net::UnixStream::from_std(channel)?.into_split();
    answer(&mut write, &Reply::Done).await?;

    let (requests, queue) = mpsc::channel(16);
    let mut supervisor = Supervisor { door, children: HashMap::new(), queue };
    // Whatever is being done when the parent goes away is dropped then and there.
    tokio::select! {
        () = read_requests(read, requests) => {}
        result = supervisor.work(&mut write) => result?,
    }
    supervisor.end(directory).await;
    Ok(())
}

fn duplicate(descriptor: impl AsFd) -> io::Result<OwnedFd> {
    descriptor.as_fd().try_clone_to_owned()
}

/// Returns when the parent has closed its end, in whatever way.
async fn read_requests(read: OwnedReadHalf, requests: mpsc::Sender<Request>) {
    let mut lines = BufReader::new(read).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(request) = serde_json::from_str(&line) else {
            return;
        };
        if requests.send(request).await.is_err() {
            return;
        }
    }
}

async fn answer(write: &mut OwnedWriteHalf, reply: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    write.write_all(&line).await
}

struct Supervisor {
    door: Door,
    children: HashMap<String, Child>,
    queue: mpsc::Receiver<Request>,
}

impl Supervisor {
    async fn work(&mut self, write: &mut OwnedWriteHalf) -> io::Result<()> {
        while let Some(request) = self.queue.recv().await {
            let reply = self.handle(request).await.unwrap_or_else(|error| Reply::Failed { error: error.to_string() });
            answer(write, &reply).await?;
        }
        Ok(())
    }

    async fn handle(&mut self, request: Request) -> io::Result<Reply> {
        match request {
            Request::Start(program) => {
                let name = program.name.clone();
                if self.children.get_mut(&name).is_some_and(|child| child.outcome().is_none()) {
                    return Err(io::Error::other(format!("{name} runs already")));
                }
                self.children.insert(name, Child::start(&program)?);
            }
            Request::Outcome { name } => {
                return Ok(Reply::Outcome { outcome: self.child(&name)?.outcome() });
            }
            Request::Signal { name, signal } => self.child(&name)?.signal(signal)?,
            Request::Stop { name, grace_ms } => self.child(&name)?.stop(Duration::from_millis(grace_ms)).await?,
            Request::Open => self.door.open()?,
            Request::Close => self.door.close().await?,
            Request::Reach { port } => {
                let reached = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok();
                return Ok(Reply::Reached { reached });
            }
            Request::Http { port, method, path, body } => {
                let (status, body) = http::exchange(port, &method, &path, &body).await?;
                return Ok(Reply::Http { status, body });
            }
        }
        Ok(Reply::Done)
    }

    fn child(&mut self, name: &str) -> io::Result<&mut Child> {
        self.children.get_mut(name).ok_or_else(|| io::Error::other(format!("{name} was never started")))
    }

    /// Leaves nothing: no process, no port, no file.
    async fn end(mut self, directory: &Path) {
        for child in self.children.values_mut() {
            // An error means that it has ended already.
            let _ = child.stop(Duration::ZERO).await;
        }
        // The parent removes it too, if it still can.
        let _ = std::fs::remove_dir_all(directory);
    }
}
