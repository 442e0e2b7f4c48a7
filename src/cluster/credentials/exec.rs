//! Exec credential plugins: programs named in the kubeconfig that print a token or a certificate.
//!
//! kube would run a plugin three times for each client, with our terminal as its stdin and stderr. We run it once,
//! without a terminal unless the operator has agreed to lend it, with a limit of time, and give kube what it printed.

use std::io::{self, IsTerminal as _};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use kube::config::{Cluster, ExecAuthCluster, ExecConfig, ExecInteractiveMode};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use crate::cluster::failure::{seal, shorten};
use crate::world::trouble::{Trouble, TroubleKind};

/// How long a plugin may take that has no terminal. Some wait for a login in a browser.
const PATIENCE: Duration = Duration::from_mins(1);

/// Whether a credential plugin may use the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interaction {
    /// It may not: one that has to is answered with `NeedsTerminal`.
    Forbidden,
    /// It may, if there is one: the console is suspended, or there is none. The plugin decides by its own
    /// `interactiveMode`, and has no limit of time.
    Allowed,
}

/// A plugin, ready to run.
#[derive(Clone)]
pub struct Plugin {
    config: ExecConfig,
    /// What the plugin is told of the cluster, if it wants to know.
    cluster: Option<ExecAuthCluster>,
    /// The user entry, for sentences: `"alice" in /home/alice/.kube/config`.
    user_entry: String,
    patience: Duration,
    /// Whether our stdin is a terminal: without one nobody can answer, and piped input is not the plugin's to read.
    terminal: bool,
}

/// What a plugin printed.
pub struct Issued {
    pub token: Option<SecretString>,
    /// A certificate and its key, both PEM.
    pub certificate: Option<(String, SecretString)>,
    /// When the plugin has to be asked again.
    pub expires: Option<Timestamp>,
}

/// The request (in `KUBERNETES_EXEC_INFO`) and the answer (on stdout) of a plugin.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api_version: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", skip_deserializing)]
    spec: Option<Request>,
    #[serde(default, skip_serializing)]
    status: Option<Answer>,
}

#[derive(Serialize)]
struct Request {
    interactive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<ExecAuthCluster>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    token: Option<String>,
    expiration_timestamp: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

impl Plugin {
    /// The plugin of a user entry. Reads the cluster's CA file if the plugin wants to be told of the cluster.
    pub fn new(config: ExecConfig, cluster: &Cluster, user_entry: String) -> Result<Self, Trouble> {
        let unreadable = |_| {
            let what = format!(
                "the certificate authority that the credential plugin of user {user_entry} wants to know cannot be read"
            );
            seal(
                Trouble::new(TroubleKind::Credentials, what)
                    .advise("get a fresh kubeconfig, or correct the cluster's entry"),
            )
        };
        let wanted = config.provide_cluster_info.then(|| ExecAuthCluster::try_from(cluster));
        let cluster = wanted.transpose().map_err(unreadable)?;
        Ok(Self { config, cluster, user_entry, patience: PATIENCE, terminal: io::stdin().is_terminal() })
    }

    #[cfg(test)]
    pub fn at_a_terminal(mut self, terminal: bool) -> Self {
        self.terminal = terminal;
        self
    }

    #[cfg(test)]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Runs the plugin once. Dropping the future kills it.
    ///
    /// `NeedsTerminal` if it has to ask somebody something and may not; `Credentials` if it is missing, fails, prints
    /// something else than a credential or takes too long.
    pub async fn run(&self, interaction: Interaction) -> Result<Issued, Trouble> {
        self.run_unsealed(interaction).await.map_err(seal)
    }

    async fn run_unsealed(&self, interaction: Interaction) -> Result<Issued, Trouble> {
        let mode = self.config.interactive_mode.as_ref();
        let name = self.command()?;
        let allowed = interaction == Interaction::Allowed && self.terminal;
        let interactive = allowed && mode != Some(&ExecInteractiveMode::Never);
        if mode == Some(&ExecInteractiveMode::Always) && !interactive {
            return Err(self.needs_terminal(""));
        }
        let child = self.prepare(name, interactive)?.spawn().map_err(|error| self.cannot_start(&error))?;
        let output = if interactive {
            child.wait_with_output().await
        } else {
            match tokio::time::timeout(self.patience, child.wait_with_output()).await {
                Ok(output) => output,
                Err(_) => return Err(self.took_too_long()),
            }
        };
        let output = output.map_err(|error| self.cannot_start(&error))?;
        if !output.status.success() {
            return Err(self.failed(output.status, &String::from_utf8_lossy(&output.stderr), interactive));
        }
        self.read(&output.stdout)
    }

    fn command(&self) -> Result<&str, Trouble> {
        self.config.command.as_deref().filter(|command| !command.is_empty()).ok_or_else(|| {
            let what = format!("the credential plugin of user {} names no command", self.user_entry);
            Trouble::new(TroubleKind::Credentials, what)
        })
    }

    fn prepare(&self, name: &str, interactive: bool) -> Result<Command, Trouble> {
        let request = Credential {
            api_version: self.config.api_version.clone(),
            kind: Some("ExecCredential".to_owned()),
            spec: Some(Request { interactive, cluster: self.cluster.clone() }),
            status: None,
        };
        let request = serde_json::to_string(&request).map_err(|_| {
            Trouble::new(TroubleKind::Credentials, "the request to the credential plugin cannot be written")
        })?;
        let mut command = Command::new(name);
        command.args(self.config.args.iter().flatten());
        for variable in self.config.env.iter().flatten() {
            if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
                command.env(name, value);
            }
        }
        command.env("KUBERNETES_EXEC_INFO", request).stdout(Stdio::piped()).kill_on_drop(true);
        if interactive {
            command.stdin(Stdio::inherit()).stderr(Stdio::inherit());
        } else {
            command.stdin(Stdio::null()).stderr(Stdio::piped());
            // In a process group of its own a plugin that opens /dev/tty behind our back is in the background there:
            // the kernel stops it at its first read, and its time runs out.
            #[cfg(unix)]
            command.process_group(0);
        }
        Ok(command)
    }

    fn read(&self, printed: &[u8]) -> Result<Issued, Trouble> {
        // What was printed may hold a token, so nothing of it is repeated.
        let useless = |why: &str| {
            let what = format!("the credential plugin {} of user {} {why}", self.name(), self.user_entry);
            Trouble::new(TroubleKind::Credentials, what).advise("run it by hand to see what it prints")
        };
        if printed.trim_ascii().is_empty() {
            return Err(useless("printed nothing"));
        }
        // client-go reads YAML here too, of which JSON is a part.
        let credential: Credential =
            serde_yaml::from_slice(printed).map_err(|_| useless("did not print a credential"))?;
        if credential.kind.as_deref().is_some_and(|kind| kind != "ExecCredential") {
            return Err(useless("did not print a credential"));
        }
        let answer = credential.status.ok_or_else(|| useless("printed no status"))?;
        let expires = answer.expiration_timestamp.filter(|time| !time.is_empty()).map(|time| time.parse::<Timestamp>());
        let expires = expires.transpose().map_err(|_| useless("printed an expiry that is not a time"))?;
        let token = answer.token.as_deref().map(str::trim).filter(|token| !token.is_empty()).map(SecretString::from);
        let certificate = match (answer.client_certificate_data, answer.client_key_data) {
            (Some(certificate), Some(key)) => Some((certificate, SecretString::from(key))),
            (None, None) => None,
            _ => {
                return Err(useless("printed a certificate without a key, or a key without a certificate"));
            }
        };
        if token.is_none() && certificate.is_none() {
            return Err(useless("printed neither a token nor a certificate"));
        }
        Ok(Issued { token, certificate, expires })
    }

    /// The plugin's name without its folder.
    fn name(&self) -> &str {
        let command = self.config.command.as_deref().unwrap_or_default();
        command.rsplit(std::path::MAIN_SEPARATOR).next().unwrap_or(command)
    }

    fn cannot_start(&self, error: &io::Error) -> Trouble {
        let (name, user) = (self.name(), &self.user_entry);
        let what = match error.kind() {
            io::ErrorKind::NotFound => format!("the credential plugin {name} of user {user} is not installed"),
            io::ErrorKind::PermissionDenied => {
                format!("the credential plugin {name} of user {user} may not be executed")
            }
            _ => format!("the credential plugin {name} of user {user} cannot be started"),
        };
        let hint = self.config.install_hint.as_deref().map(|hint| shorten(hint, 400)).filter(|hint| !hint.is_empty());
        let advice = hint.unwrap_or_else(|| format!("install {name}, or correct the command in the user's entry"));
        Trouble::new(TroubleKind::Credentials, what).advise(advice).detailed(error.to_string())
    }

    fn failed(&self, status: ExitStatus, stderr: &str, interactive: bool) -> Trouble {
        let may_ask = self.config.interactive_mode != Some(ExecInteractiveMode::Never);
        if !interactive && may_ask && wants_terminal(stderr) {
            return self.needs_terminal(stderr);
        }
        let (name, user) = (self.name(), &self.user_entry);
        let how = status.code().map_or_else(|| "was killed".to_owned(), |code| format!("failed with code {code}"));
        let why = telling_line(stderr).map_or_else(String::new, |line| format!(": {}", shorten(line, 200)));
        Trouble::new(TroubleKind::Credentials, format!("the credential plugin {name} of user {user} {how}{why}"))
            .advise(format!("log in with the tool that {name} belongs to, then try again"))
            .detailed(stderr)
    }

    fn took_too_long(&self) -> Trouble {
        if self.config.interactive_mode == Some(ExecInteractiveMode::Never) {
            let what = format!(
                "the credential plugin {} of user {} printed nothing within {} s",
                self.name(),
                self.user_entry,
                self.patience.as_secs()
            );
            return Trouble::new(TroubleKind::Credentials, what).advise("run it by hand to see what it waits for");
        }
        self.needs_terminal("")
    }

    fn needs_terminal(&self, stderr: &str) -> Trouble {
        let what =
            format!("the credential plugin {} of user {} has to ask you something", self.name(), self.user_entry);
        let command = self.config.command.clone().unwrap_or_default();
        Trouble::new(TroubleKind::NeedsTerminal { command }, what)
            .advise(if self.terminal {
                "let it use the terminal once: the console steps aside meanwhile"
            } else {
                "run this at a terminal"
            })
            .detailed(stderr)
    }
}

/// Whether a failed plugin's words show that it wanted to ask somebody.
fn wants_terminal(stderr: &str) -> bool {
    let text = stderr.to_lowercase();
    let beginnings = ["terminal", "interactive", "stdin", "password", "passphrase", "prompt"];
    let is_sign = |word: &str| {
        matches!(word, "tty" | "enter" | "ioctl")
            // The end of a connection is no end of input.
            || word == "eof" && !text.contains("http")
            || beginnings.iter().any(|beginning| word.starts_with(beginning))
    };
    text.contains("standard input") || text.split(|c: char| !c.is_alphanumeric()).any(is_sign)
}

/// The line of a plugin's complaints that tells most: the first that speaks of an error, else the last one.
fn telling_line(stderr: &str) -> Option<&str> {
    let mut lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.clone().find(|line| line.to_lowercase().contains("error")).or_else(|| lines.next_back())
}
