//! A supervisor as its parent sees it: a directory, a port, and a channel for commands.

use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::error::{Context, Failure, StartError};
use crate::supervisor::protocol::{Program, Reply, Request, Signal};
use crate::supervisor::{VARIABLE, is_wired_up};
use crate::text::last_lines;

const LAUNCH_LIMIT: Duration = Duration::from_mins(1);
/// Longer than anything the supervisor does for one request.
const REPLY_LIMIT: Duration = Duration::from_mins(5);
const END_LIMIT: Duration = Duration::from_secs(30);
/// How much of a failed program's log is worth reading.
const LAST_LINES: usize = 20;

/// A running supervisor. All that runs under it ends when this is dropped.
pub(crate) struct Rig {
    port: u16,
    channel: Arc<Mutex<Channel>>,
    unshare: Child,
    // The last field: removed when nothing writes to it any more.
    directory: TempDir,
}

struct Channel {
    read: BufReader<UnixStream>,
    write: UnixStream,
}

impl Rig {
    /// Starts a supervisor, which runs nothing yet and lets nobody in.
    pub(crate) fn launch() -> Result<Self, StartError> {
        if !is_wired_up() {
            return Err(Failure::new("main() must call tenantry_cluster::supervise_if_asked() first").into());
        }
        let directory = tempfile::Builder::new()
            .prefix("tenantry-cluster-")
            .tempdir()
            .context("the cluster's directory cannot be made")?;
        let (ours, theirs) = UnixStream::pair().context("the supervisor's channel cannot be made")?;
        let (listener, port) = bind().context("no port can be bound on 127.0.0.1")?;
        let log = File::create(log_path(directory.path(), "supervisor")).context("its log cannot be made")?;
        let executable = env::current_exe().context("this program does not find itself")?;
        let unshare = Command::new("unshare")
            .args(["--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child"])
            .arg(executable)
            .env(VARIABLE, directory.path())
            .stdin(OwnedFd::from(theirs))
            .stdout(OwnedFd::from(listener))
            .stderr(Stdio::from(log))
            // A ctrl-c in the terminal is for us; we end the cluster in our own time.
            .process_group(0)
            .spawn()
            .map_err(|error| StartError::Unavailable(format!("unshare cannot be run: {error}")))?;
        let read = ours.try_clone().context("the supervisor's channel cannot be used")?;
        let channel = Channel { read: BufReader::new(read), write: ours };
        let mut rig = Self { port, channel: Arc::new(Mutex::new(channel)), unshare, directory };
        rig.greet()?;
        Ok(rig)
    }

    /// Waits until the supervisor is there, or says why it never will be.
    fn greet(&mut self) -> Result<(), StartError> {
        let greeting = lock(&self.channel).receive(LAUNCH_LIMIT);
        if matches!(greeting, Ok(Reply::Done)) {
            return Ok(());
        }
        // Dead or about to be: what it wrote tells which of two things went wrong.
        let _ = self.unshare.kill();
        let _ = self.unshare.wait();
        let said = self.last_lines("supervisor");
        if said.lines().any(|line| line.starts_with("unshare: ")) {
            let reason = format!("user, network and process namespaces are refused here ({})", said.trim());
            return Err(StartError::Unavailable(reason));
        }
        let cause = greeting.err().map_or_else(|| "it answers nonsense".to_owned(), |error| error.to_string());
        Err(Failure::new(format!("the supervisor does not start: {cause}\n{said}")).into())
    }

    /// The port on 127.0.0.1 that leads to the API server.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The cluster's own directory.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The process that holds the namespaces.
    pub(crate) fn process_id(&self) -> u32 {
        self.unshare.id()
    }

    /// A handle for commands.
    pub(crate) fn remote(&self) -> Remote {
        Remote { channel: Arc::clone(&self.channel), directory: self.directory.path().to_owned() }
    }

    fn last_lines(&self, name: &str) -> String {
        last_lines(&self.remote().log(name), LAST_LINES)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // Its end of the channel closes, and it ends all the rest. An error means that it is gone already.
        let _ = lock(&self.channel).write.shutdown(std::net::Shutdown::Both);
        let deadline = Instant::now() + END_LIMIT;
        while matches!(self.unshare.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                // The kernel kills what runs under it, as unshare asked it to.
                let _ = self.unshare.kill();
                let _ = self.unshare.wait();
            }
            sleep(Duration::from_millis(2));
        }
    }
}

/// Gives commands to a supervisor.
#[derive(Clone)]
pub(crate) struct Remote {
    channel: Arc<Mutex<Channel>>,
    directory: PathBuf,
}

impl Remote {
    /// What the program `name` has written so far.
    pub(crate) fn log(&self, name: &str) -> String {
        let bytes = fs::read(log_path(&self.directory, name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) async fn start(&self, program: Program) -> Result<(), Failure> {
        let what = format!("{} cannot be started", program.name);
        self.done(Request::Start(program)).await.context(what)
    }

    /// SIGTERM, and SIGKILL after `grace`; at once if that is zero.
    pub(crate) async fn stop(&self, name: &str, grace: Duration) -> Result<(), Failure> {
        let grace_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        let request = Request::Stop { name: name.to_owned(), grace_ms };
        self.done(request).await.context(format_args!("{name} cannot be stopped"))
    }

    pub(crate) async fn signal(&self, name: &str, signal: Signal) -> Result<(), Failure> {
        let request = Request::Signal { name: name.to_owned(), signal };
        self.done(request).await.context(format_args!("{name} cannot be given a signal"))
    }

    /// Accepts connections from outside.
    pub(crate) async fn open(&self) -> Result<(), Failure> {
        self.done(Request::Open).await.context("the cluster's port cannot be opened")
    }

    /// Refuses connections from outside.
    pub(crate) async fn close(&self) -> Result<(), Failure> {
        self.done(Request::Close).await.context("the cluster's port cannot be closed")
    }

    /// Whether anything listens on an inner port.
    pub(crate) async fn reaches(&self, port: u16) -> Result<bool, Failure> {
        match self.ask(Request::Reach { port }).await? {
            Reply::Reached { reached } => Ok(reached),
            other => Err(unexpected(&other)),
        }
    }

    /// One plain HTTP exchange with an inner port.
    pub(crate) async fn http(&self, port: u16, method: &str, path: &str, body: &str) -> Result<(u16, String), Failure> {
        let request = Request::Http { port, method: method.into(), path: path.into(), body: body.into() };
        match self.ask(request).await? {
            Reply::Http { status, body } => Ok((status, body)),
            other => Err(unexpected(&other)),
        }
    }

    /// Fails, with the last words of the first of the programs `names` that has ended.
    pub(crate) async fn check_running(&self, names: &[&str]) -> Result<(), Failure> {
        for name in names {
            let Reply::Outcome { outcome } = self.ask(Request::Outcome { name: (*name).to_owned() }).await? else {
                continue;
            };
            if let Some(outcome) = outcome {
                return Err(self.with_last_lines(format_args!("{name} has ended ({outcome})"), &[name]));
            }
        }
        Ok(())
    }

    /// A failure that shows what the programs `names` wrote last.
    pub(crate) fn with_last_lines(&self, what: impl std::fmt::Display, names: &[&str]) -> Failure {
        let lasts = names.iter().map(|name| {
            let lines = last_lines(&self.log(name), LAST_LINES);
            format!("\n--- the last lines of {name} ---\n{lines}")
        });
        Failure::new(format!("{what}{}", lasts.collect::<Vec<_>>().concat()))
    }

    async fn done(&self, request: Request) -> Result<(), Failure> {
        match self.ask(request).await? {
            Reply::Done => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    async fn ask(&self, request: Request) -> Result<Reply, Failure> {
        let channel = Arc::clone(&self.channel);
        // The channel blocks, so that it serves any runtime, and none at all when a cluster is dropped.
        let reply = tokio::task::spawn_blocking(move || lock(&channel).exchange(&request));
        reply.await.context("the supervisor was not asked")?
    }
}

impl Channel {
    fn exchange(&mut self, request: &Request) -> Result<Reply, Failure> {
        let mut line = serde_json::to_vec(request).context("the request cannot be written")?;
        line.push(b'\n');
        self.write.write_all(&line).context("the supervisor is gone")?;
        match self.receive(REPLY_LIMIT)? {
            Reply::Failed { error } => Err(Failure::new(error)),
            reply => Ok(reply),
        }
    }

    fn receive(&mut self, limit: Duration) -> Result<Reply, Failure> {
        self.read.get_ref().set_read_timeout(Some(limit)).context("the supervisor cannot be waited for")?;
        let mut line = String::new();
        match self.read.read_line(&mut line).context("the supervisor does not answer")? {
            0 => Err(Failure::new("the supervisor is gone")),
            _ => serde_json::from_str(&line).context("the supervisor's answer is not understood"),
        }
    }
}

fn unexpected(reply: &Reply) -> Failure {
    Failure::new(format!("the supervisor's answer does not fit: {reply:?}"))
}

fn lock(channel: &Mutex<Channel>) -> std::sync::MutexGuard<'_, Channel> {
    channel.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the output of `program` goes in the rig's `directory`.
pub(crate) fn log_path(directory: &Path, program: &str) -> PathBuf {
    directory.join(format!("{program}.log"))
}

/// A listener on a free port of 127.0.0.1, bound by the port's number: a port that the kernel chose itself would be
/// given away whenever the socket stops listening.
fn bind() -> std::io::Result<(TcpListener, u16)> {
    let mut last = std::io::Error::other("no port was tried");
    for _ in 0..16 {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        // Between the two lines somebody else may have taken it.
        match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))) {
            Ok(listener) => return Ok((listener, port)),
            Err(error) => last = error,
        }
    }
    Err(last)
}
