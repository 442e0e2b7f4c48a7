//! kubectl as people have it: the real program, in a shell, on both clusters at the same time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tenantry_cluster::{Cluster, Era, Failure};
use tokio::process::Command;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::{sleep, timeout};

use crate::compare::{self, Difference};
use crate::session::{Session, Step};
use crate::{differences, ground, normal};

/// No command takes longer.
const COMMAND: Duration = Duration::from_mins(3);

/// How long something is waited for, and how often it is looked at.
const UNTIL: Duration = Duration::from_mins(2);
const AGAIN: Duration = Duration::from_millis(150);

/// The demo beside the real cluster. One session at a time: each of them sees what those before have left on both.
#[derive(Default)]
pub struct Pair {
    demo: OnceCell<Arc<Cluster>>,
    turn: Mutex<()>,
}

impl Pair {
    /// Types a session on both, and compares what is printed.
    pub async fn hold(&self, session: &Session, real: &Cluster, list: &Path) -> Result<(), Failure> {
        let _turn = self.turn.lock().await;
        let start = async || ground::ground(Era::V0_14).await.map(Arc::new);
        let demo = self.demo.get_or_try_init(start).await.map_err(|error| Failure::new(error.to_string()))?;
        let programs = real.bin_dir()?;
        let (real, demo) = (Shell::new(real, programs)?, Shell::new(demo, programs)?);
        if std::env::var_os("TENANTRY_CLIENTS").is_some_and(|mode| mode == "show") {
            for (command, said) in real.run(session).await? {
                say(&format!("== {command}\n{said}\n"));
            }
            return Ok(());
        }
        let (real, demo) = tokio::try_join!(real.run(session), demo.run(session))?;
        let found: Vec<Difference> = real
            .iter()
            .zip(&demo)
            .flat_map(|((command, real), (_, demo))| compare::lines(command, real, demo))
            .collect();
        verdict(&found, differences::of(&session.name, list).map_err(Failure::new)?)
    }
}

fn verdict(found: &[Difference], known: Vec<differences::Known>) -> Result<(), Failure> {
    let (new, outdated) = differences::judge(found, known);
    if new.is_empty() && outdated.is_empty() {
        return Ok(());
    }
    let mut by_command: BTreeMap<(usize, &str), Vec<String>> = BTreeMap::new();
    for (at, one) in new.iter().enumerate() {
        let place = new.iter().position(|other| other.command == one.command).unwrap_or(at);
        by_command.entry((place, &one.command)).or_default().push(one.to_string());
    }
    let mut text = format!("{} lines differ in {} commands (- real, + demo)", new.len(), by_command.len());
    for ((_, command), lines) in by_command {
        let _ = write!(text, "\n$ {command}\n{}", lines.join("\n"));
    }
    for known in outdated {
        let _ =
            write!(text, "\nlisted, but no longer a difference: {} {} {}", known.session, known.command, known.line);
    }
    Err(Failure::new(text))
}

/// A shell of somebody who works on one of the clusters.
struct Shell {
    home: TempDir,
    path: String,
    kubeconfig: PathBuf,
}

impl Shell {
    fn new(cluster: &Cluster, programs: &Path) -> Result<Self, Failure> {
        let home = tempfile::tempdir().map_err(|error| Failure::new(format!("no folder for a home: {error}")))?;
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
        Ok(Self { home, path, kubeconfig: cluster.kubeconfig().to_owned() })
    }

    /// What each command that is compared has printed.
    async fn run(&self, session: &Session) -> Result<Vec<(String, String)>, Failure> {
        let mut said = Vec::new();
        for (step, command) in &session.commands {
            match step {
                Step::Silent => drop(self.command(command).await?),
                Step::Compare => {
                    let (code, text) = self.command(command).await?;
                    let text = normal::text(&text, &[&self.home.path().display().to_string()]);
                    said.push((command.clone(), format!("{text}[{code}]\n")));
                }
                Step::Until => self.until(command).await?,
            }
        }
        Ok(said)
    }

    async fn until(&self, command: &str) -> Result<(), Failure> {
        let begin = Instant::now();
        loop {
            let (code, text) = self.command(command).await?;
            if code == 0 {
                return Ok(());
            }
            if begin.elapsed() > UNTIL {
                let server = self.kubeconfig.display();
                return Err(Failure::new(format!("never came true ({server}): {command}\n{text}")));
            }
            sleep(AGAIN).await;
        }
    }

    /// The exit code, and what was printed: first what is for programs, then what is for people.
    async fn command(&self, command: &str) -> Result<(i32, String), Failure> {
        let shell = Command::new("bash")
            .args(["-c", command])
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", self.home.path())
            .env("KUBECONFIG", &self.kubeconfig)
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let ended = timeout(COMMAND, shell).await.map_err(|_| Failure::new(format!("it never ended: {command}")))?;
        let ended = ended.map_err(|error| Failure::new(format!("bash: {error}")))?;
        let text = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        Ok((ended.status.code().unwrap_or(-1), text))
    }
}

/// To the terminal, past the harness.
pub fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
