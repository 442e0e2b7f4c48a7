//! The handle to a running cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::Client;
use kube::config::{KubeConfigOptions, Kubeconfig};

use crate::boot;
use crate::build::{self, Needs};
use crate::capsule;
use crate::certificates::{Authority, Certificate, Validity};
use crate::components::{CAPSULE_PROBE_PORT, Component, Components, Controllers, ETCD_PORT};
use crate::error::{Context, Failure, StartError};
use crate::rig::{Remote, Rig};
use crate::supervisor::INNER_PORT;
use crate::supervisor::protocol::{Program, Signal};
use crate::users::{Credential, Server, User, kubeconfig};
use crate::wait::wait_until;

const READY_LIMIT: Duration = Duration::from_mins(1);
/// The API server takes one second of it; the others have nothing to save.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// How much of Capsule a cluster has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Capsule {
    /// Version 0.14.0: definitions, controller and webhooks.
    #[default]
    V0_14,
    /// Its custom resource definitions, and nobody who acts on them.
    CrdsOnly,
    /// Nothing: a cluster that has never heard of it.
    None,
}

/// What a cluster is to have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// How much of Capsule.
    pub capsule: Capsule,
    /// Whether nodes are played, on which pods with a `nodeName` run.
    pub kwok: bool,
    /// Which of Kubernetes' controllers run.
    pub controllers: Controllers,
}

/// A running control plane. It ends when this is dropped, and when this process dies in whatever way.
pub struct Cluster {
    pub(crate) remote: Remote,
    pub(crate) components: Components,
    authority: Authority,
    server: Server,
    credentials: Vec<(User, Credential)>,
    clients: Vec<(User, Client)>,
    options: Options,
    kubeconfig: PathBuf,
    bin: PathBuf,
    rig: Rig,
}

impl Cluster {
    /// Starts a cluster and returns when all of it is in force.
    ///
    /// The clients belong to the runtime that this is called on.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let (programs, rig) = blocking(move || {
            // First of all whether namespaces are to be had: no build is worth its minutes without them.
            let rig = Rig::launch()?;
            let needs = Needs {
                capsule_crds: options.capsule != Capsule::None,
                capsule: options.capsule == Capsule::V0_14,
                kwok: options.kwok,
            };
            Ok::<_, StartError>((build::programs(needs)?, rig))
        })
        .await?;
        let directory = rig.directory().to_owned();
        let url = format!("https://127.0.0.1:{}", rig.port());
        let components = Components { programs, directory: directory.clone(), url, controllers: options.controllers };
        let authority = Authority::new("tenantry test cluster")?;
        let bin = directory.join("bin");
        build::link(&components.programs, &bin)?;
        boot::write_files(&components, &authority)?;

        let server = Server { url: components.url.clone(), ca: authority.pem() };
        let mut cluster = Self {
            remote: rig.remote(),
            components,
            authority,
            server,
            credentials: Vec::new(),
            clients: Vec::new(),
            options,
            kubeconfig: directory.join("kubeconfig"),
            bin,
            rig,
        };
        for user in User::ALL {
            if user != User::Poor {
                let issued = cluster.issue(user.name(), user.group())?;
                cluster.admit(user, Credential::Certificate(issued)).await?;
            }
        }
        boot::start(&cluster).await?;
        // His token can only come from the running server.
        let token = capsule::token(cluster.client_ref(), "default", User::Poor.name()).await?;
        cluster.admit(User::Poor, Credential::Token(token)).await?;
        let named: Vec<_> = cluster.credentials.iter().map(|(user, credential)| (user.name(), credential)).collect();
        let text = cluster.kubeconfig_with(&named);
        fs::write(&cluster.kubeconfig, text).context("the kubeconfig cannot be written")?;
        Ok(cluster)
    }

    async fn admit(&mut self, user: User, credential: Credential) -> Result<(), Failure> {
        self.clients.push((user, self.client_with(&credential).await?));
        self.credentials.push((user, credential));
        Ok(())
    }

    /// What the cluster was started with.
    pub fn options(&self) -> Options {
        self.options
    }

    /// A kubeconfig with a context for each [`User`], of which `admin` is current.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The text of a kubeconfig with one context, for `user`.
    pub fn kubeconfig_of(&self, user: User) -> String {
        let credential = self.credentials.iter().find(|(known, _)| *known == user).map(|(_, credential)| credential);
        self.kubeconfig_with(&[(user.name(), credential.unwrap_or(&Credential::None))])
    }

    /// The text of a kubeconfig with contexts of the given names, the first of them current.
    pub fn kubeconfig_with(&self, users: &[(&str, &Credential)]) -> String {
        kubeconfig(&self.server, users)
    }

    /// The administrator's client.
    pub fn client(&self) -> Client {
        self.client_ref().clone()
    }

    /// The client of `user`.
    pub fn client_as(&self, user: User) -> Client {
        self.client_of(user).clone()
    }

    /// Whether somebody acts on Capsule's objects.
    pub(crate) fn has_controller(&self) -> bool {
        self.options.capsule == Capsule::V0_14
    }

    pub(crate) fn client_ref(&self) -> &Client {
        self.client_of(User::Admin)
    }

    pub(crate) fn client_of(&self, user: User) -> &Client {
        let known = self.clients.iter().find(|(known, _)| *known == user);
        // Every user is admitted before anybody else sees the cluster; during the start there is only the first.
        known.map_or(&self.clients[0].1, |(_, client)| client)
    }

    /// A client that proves itself by `credential`. It never retries by itself and knows of no proxy.
    pub async fn client_with(&self, credential: &Credential) -> Result<Client, Failure> {
        let what = "no client can be made";
        let text = self.kubeconfig_with(&[("user", credential)]);
        let kubeconfig = Kubeconfig::from_yaml(&text).context(what)?;
        let options = KubeConfigOptions::default();
        let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.context(what)?;
        config.default_retry = false;
        config.proxy_url = None;
        Client::try_from(config).context(what)
    }

    /// A client certificate that the cluster accepts.
    pub fn issue(&self, user: &str, group: Option<&str>) -> Result<Certificate, Failure> {
        self.authority.client(user, group, Validity::Now)
    }

    /// A client certificate of the cluster's own authority that was valid once.
    pub fn issue_expired(&self, user: &str, group: Option<&str>) -> Result<Certificate, Failure> {
        self.authority.client(user, group, Validity::Past)
    }

    /// A client certificate of an authority that the cluster has never heard of.
    pub fn issue_foreign(&self, user: &str, group: Option<&str>) -> Result<Certificate, Failure> {
        Authority::new("somebody else's authority")?.client(user, group, Validity::Now)
    }

    /// The API server's address.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// The certificate authority of the API server and its users.
    pub fn ca_pem(&self) -> &str {
        &self.server.ca
    }

    /// A directory with kubectl and the rest, for a PATH.
    pub fn bin_dir(&self) -> &Path {
        &self.bin
    }

    /// The cluster's own directory, which goes with it.
    pub fn directory(&self) -> &Path {
        self.rig.directory()
    }

    /// The process that everything hangs on: when it dies, so does the cluster.
    pub fn process_id(&self) -> u32 {
        self.rig.process_id()
    }

    /// What `component` has written so far.
    pub fn logs(&self, component: Component) -> String {
        self.remote.log(component.name())
    }

    /// Kills the API server. Connections break, and new ones are refused.
    pub async fn kill_api_server(&self) -> Result<(), Failure> {
        self.remote.stop(Component::KubeApiserver.name(), Duration::ZERO).await?;
        self.remote.close().await
    }

    /// Starts the API server again, on the same port and the same data, and returns when it is ready.
    pub async fn start_api_server(&self) -> Result<(), Failure> {
        self.remote.start(self.components.kube_apiserver()).await?;
        self.api_server_ready().await
    }

    /// Lets connections in as soon as the API server listens, and returns when it is ready.
    pub(crate) async fn api_server_ready(&self) -> Result<(), Failure> {
        let needed = [Component::Etcd, Component::KubeApiserver];
        let what = "kube-apiserver listens";
        self.wait_on(&needed, what, async || self.remote.reaches(INNER_PORT).await.unwrap_or(false)).await?;
        self.remote.open().await?;
        let client = self.client_ref();
        self.wait_on(&needed, "kube-apiserver is ready", async || {
            let asked = http::Request::get("/readyz").body(Vec::new());
            match asked {
                Ok(request) => client.request_text(request).await.is_ok_and(|text| text == "ok"),
                Err(_) => false,
            }
        })
        .await
    }

    /// Stops the API server in its tracks: connections stay open, and nothing is answered.
    pub async fn freeze_api_server(&self) -> Result<(), Failure> {
        self.remote.signal(Component::KubeApiserver.name(), Signal::Freeze).await
    }

    /// Lets a frozen API server go on.
    pub async fn thaw_api_server(&self) -> Result<(), Failure> {
        self.remote.signal(Component::KubeApiserver.name(), Signal::Thaw).await
    }

    /// Kills Capsule's controller, and with it its webhooks: most writes fail from now on.
    pub async fn kill_capsule(&self) -> Result<(), Failure> {
        self.remote.stop(Component::Capsule.name(), Duration::ZERO).await
    }

    /// Starts Capsule's controller again and returns when its webhooks answer.
    pub async fn start_capsule(&self) -> Result<(), Failure> {
        self.remote.start(self.components.capsule().ok_or_else(|| absent(Component::Capsule))?).await?;
        let client = self.client_ref();
        self.wait_on(&[Component::Capsule], "Capsule's webhooks answer", async || {
            let ready = self.remote.http(CAPSULE_PROBE_PORT, "GET", "/readyz", "").await;
            ready.is_ok_and(|(status, _)| status == 200) && capsule::answers(client).await
        })
        .await
    }

    /// Makes etcd forget all but the newest revision. The API server still serves older ones from its own memory: to
    /// be told that a version is too old, kill it, compact, and start it again.
    pub async fn compact_etcd(&self) -> Result<(), Failure> {
        let (_, status) = self.remote.http(ETCD_PORT, "POST", "/v3/maintenance/status", "{}").await?;
        let what = "etcd's status is not understood";
        let status: serde_json::Value = serde_json::from_str(&status).context(what)?;
        let revision = status.pointer("/header/revision").and_then(serde_json::Value::as_str);
        let revision = revision.ok_or_else(|| Failure::new(what))?;
        let body = format!(r#"{{"revision":"{revision}","physical":true}}"#);
        match self.remote.http(ETCD_PORT, "POST", "/v3/kv/compaction", &body).await? {
            (200, _) => Ok(()),
            (status, said) => Err(Failure::new(format!("etcd does not compact ({status}): {said}"))),
        }
    }

    /// Stops everything in good order. Dropping the cluster is as thorough, and quicker.
    pub async fn shutdown(self) -> Result<(), Failure> {
        // The store last: without it the API server does not end of its own accord.
        let order = [
            Some(self.components.kube_controller_manager()),
            self.components.capsule(),
            self.components.kwok(),
            Some(self.components.kube_apiserver()),
            Some(self.components.etcd()),
        ];
        for Program { name, .. } in order.into_iter().flatten() {
            self.remote.stop(&name, STOP_GRACE).await?;
        }
        blocking(move || {
            drop(self);
            Ok::<_, Failure>(())
        })
        .await
    }

    /// Waits for `condition`, which needs `components`: if one of them ends, or time runs out, their last lines are in
    /// the failure.
    pub(crate) async fn wait_on<F>(&self, components: &[Component], what: &str, mut condition: F) -> Result<(), Failure>
    where
        F: AsyncFnMut() -> bool,
    {
        let names: Vec<&str> = components.iter().map(|component| component.name()).collect();
        let mut ended = Ok(());
        let waited = wait_until(what, READY_LIMIT, async || {
            ended = self.remote.check_running(&names).await;
            ended.is_err() || condition().await
        })
        .await;
        ended?;
        waited.map_err(|failure| self.remote.with_last_lines(failure, &names))
    }
}

fn absent(component: Component) -> Failure {
    Failure::new(format!("this cluster was started without {}", component.name()))
}

/// Runs `work` where it may block.
pub(crate) async fn blocking<T, E, F>(work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Failure> + Send + 'static,
    F: FnOnce() -> Result<T, E> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.context("a thread died")?
}
