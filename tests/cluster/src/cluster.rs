//! The handle to a running cluster.

use std::any::Any;
use std::fs;
use std::path::{Path, PathBuf};

use kube::Client;

use crate::access::Access;
use crate::boot;
use crate::build::{self, Needs};
use crate::capsule;
use crate::certificates::{Authority, Certificate, Validity};
use crate::components::{Component, Components, Controllers};
use crate::control_plane::ControlPlane;
use crate::era::{Capsule, Era};
use crate::error::{Context, Failure, StartError};
use crate::rig::Rig;
use crate::users::{Credential, Server, User, kubeconfig};

/// What a cluster is to have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// How much of Capsule.
    pub capsule: Capsule,
    /// Whether nodes are played, on which pods with a `nodeName` run.
    pub kwok: bool,
    /// Whether helm is among the programs of [`Cluster::bin_dir`].
    pub helm: bool,
    /// Which of Kubernetes' controllers run.
    pub controllers: Controllers,
}

/// A cluster that answers: a control plane that was started here, or one that runs elsewhere.
///
/// The former ends when this is dropped, and when this process dies in whatever way.
pub struct Cluster {
    pub(crate) access: Access,
    pub(crate) options: Options,
    pub(crate) kubeconfig: PathBuf,
    pub(crate) behind: Behind,
}

/// What keeps a cluster running.
pub(crate) enum Behind {
    /// Processes of our own.
    ControlPlane(Box<ControlPlane>),
    /// Whatever it is, it is dropped with the handle.
    Elsewhere { _guard: Box<dyn Any + Send + Sync> },
}

impl Cluster {
    /// Starts a cluster and returns when all of it is in force.
    ///
    /// The clients belong to the runtime that this is called on.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let (programs, rig) = blocking(move || {
            // First of all whether namespaces are to be had: no build is worth its minutes without them.
            let rig = Rig::launch()?;
            let needs = Needs { capsule: options.capsule, kwok: options.kwok, helm: options.helm };
            Ok::<_, StartError>((build::programs(needs)?, rig))
        })
        .await?;
        let directory = rig.directory().to_owned();
        let url = format!("https://127.0.0.1:{}", rig.port());
        let (controllers, era) = (options.controllers, options.capsule.era());
        let components = Components { programs, directory: directory.clone(), url, controllers, era };
        let authority = Authority::new("tenantry test cluster")?;
        let bin = directory.join("bin");
        build::link(&components.programs, &bin)?;
        let webhook = boot::write_files(&components, &authority)?;

        let server = Server { url: components.url.clone(), ca: Some(authority.pem()) };
        let issued = |user: User| authority.client(user.name(), user.group(era), Validity::Now);
        let mut access = Access::new(server, Credential::Certificate(issued(User::Admin)?)).await?;
        for user in [User::Alice, User::Bob, User::Carol] {
            access.admit(user, Credential::Certificate(issued(user)?)).await?;
        }
        let plane = ControlPlane { remote: rig.remote(), components, authority, webhook, bin, rig };
        let kubeconfig = directory.join("kubeconfig");
        let behind = Behind::ControlPlane(Box::new(plane));
        let mut cluster = Self { access, options, kubeconfig, behind };
        boot::start(&cluster, cluster.control_plane()?).await?;
        // His token can only come from the running server.
        let token = capsule::token(cluster.client_ref(), "default", User::Poor.name()).await?;
        cluster.access.admit(User::Poor, Credential::Token(token)).await?;
        let text = cluster.access.kubeconfig_of(&User::ALL);
        fs::write(&cluster.kubeconfig, text).context("the kubeconfig cannot be written")?;
        Ok(cluster)
    }

    /// What the cluster was started with, or what it has where somebody else runs it.
    pub fn options(&self) -> Options {
        self.options
    }

    /// Which generation of Capsule acts here.
    pub fn era(&self) -> Era {
        self.options.capsule.era()
    }

    /// A kubeconfig with a context for each [`User`], of which `admin` is current.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The text of a kubeconfig with one context, for `user`.
    pub fn kubeconfig_of(&self, user: User) -> String {
        self.access.kubeconfig_of(&[user])
    }

    /// The text of a kubeconfig with contexts of the given names, the first of them current.
    pub fn kubeconfig_with(&self, users: &[(&str, &Credential)]) -> String {
        kubeconfig(&self.access.server, users)
    }

    /// The administrator's client.
    pub fn client(&self) -> Client {
        self.client_ref().clone()
    }

    /// The client of `user`.
    pub fn client_as(&self, user: User) -> Client {
        self.client_of(user).clone()
    }

    /// How `user` proves who he is.
    pub fn credential_of(&self, user: User) -> &Credential {
        self.access.credential_of(user)
    }

    /// Whether somebody acts on Capsule's objects.
    pub(crate) fn has_controller(&self) -> bool {
        self.options.capsule.has_controller()
    }

    pub(crate) fn client_ref(&self) -> &Client {
        self.client_of(User::Admin)
    }

    pub(crate) fn client_of(&self, user: User) -> &Client {
        self.access.client_of(user)
    }

    /// A client that proves itself by `credential`. It never retries by itself and knows of no proxy.
    pub async fn client_with(&self, credential: &Credential) -> Result<Client, Failure> {
        self.access.client_with(credential).await
    }

    /// A client certificate that the cluster accepts.
    pub fn issue(&self, user: &str, group: Option<&str>) -> Result<Certificate, Failure> {
        self.control_plane()?.authority.client(user, group, Validity::Now)
    }

    /// A client certificate of the cluster's own authority that was valid once.
    pub fn issue_expired(&self, user: &str, group: Option<&str>) -> Result<Certificate, Failure> {
        self.control_plane()?.authority.client(user, group, Validity::Past)
    }

    /// A client certificate of an authority that the cluster has never heard of.
    pub fn issue_foreign(&self, user: &str, group: Option<&str>) -> Result<Certificate, Failure> {
        self.control_plane()?;
        Authority::new("somebody else's authority")?.client(user, group, Validity::Now)
    }

    /// The API server's address.
    pub fn url(&self) -> &str {
        &self.access.server.url
    }

    /// A directory with kubectl and the rest, for a PATH.
    pub fn bin_dir(&self) -> Result<&Path, Failure> {
        self.control_plane().map(|plane| plane.bin.as_path())
    }

    /// The folder of Capsule's chart of the present era, for helm; it is there if helm is.
    pub fn chart(&self) -> Result<&Path, Failure> {
        let chart = self.control_plane()?.components.programs.capsule_chart.as_deref();
        chart.ok_or_else(|| Failure::new("a cluster without helm has no chart"))
    }

    /// The cluster's own directory, which goes with it.
    pub fn directory(&self) -> Result<&Path, Failure> {
        self.control_plane().map(ControlPlane::directory)
    }

    /// The process that everything hangs on: when it dies, so does the cluster.
    pub fn process_id(&self) -> Result<u32, Failure> {
        self.control_plane().map(|plane| plane.rig.process_id())
    }

    /// What `component` has written so far.
    pub fn logs(&self, component: Component) -> Result<String, Failure> {
        self.control_plane().map(|plane| plane.remote.log(component.name()))
    }

    /// Kills the API server. Connections break, and new ones are refused.
    pub async fn kill_api_server(&self) -> Result<(), Failure> {
        self.control_plane()?.kill_api_server().await
    }

    /// Starts the API server again, on the same port and the same data, and returns when it is ready.
    pub async fn start_api_server(&self) -> Result<(), Failure> {
        self.control_plane()?.start_api_server(self.client_ref()).await
    }

    /// Stops the API server in its tracks: connections stay open, and nothing is answered.
    pub async fn freeze_api_server(&self) -> Result<(), Failure> {
        self.control_plane()?.freeze_api_server().await
    }

    /// Lets a frozen API server go on.
    pub async fn thaw_api_server(&self) -> Result<(), Failure> {
        self.control_plane()?.thaw_api_server().await
    }

    /// Kills Capsule's controller, and with it its webhooks: most writes fail from now on.
    pub async fn kill_capsule(&self) -> Result<(), Failure> {
        self.control_plane()?.kill_capsule().await
    }

    /// Starts Capsule's controller again and returns when its webhooks answer.
    pub async fn start_capsule(&self) -> Result<(), Failure> {
        self.control_plane()?.start_capsule(self.client_ref()).await
    }

    /// Makes etcd forget all but the newest revision. The API server still serves older ones from its own memory: to
    /// be told that a version is too old, kill it, compact, and start it again.
    pub async fn compact_etcd(&self) -> Result<(), Failure> {
        self.control_plane()?.compact_etcd().await
    }

    /// Stops everything in good order. Dropping the cluster is as thorough, and quicker.
    pub async fn shutdown(self) -> Result<(), Failure> {
        if let Behind::ControlPlane(plane) = &self.behind {
            plane.stop().await?;
        }
        blocking(move || {
            drop(self);
            Ok::<_, Failure>(())
        })
        .await
    }

    /// The processes of our own, for what needs them.
    fn control_plane(&self) -> Result<&ControlPlane, Failure> {
        match &self.behind {
            Behind::ControlPlane(plane) => Ok(plane),
            Behind::Elsewhere { .. } => {
                Err(Failure::new("this cluster runs elsewhere: its processes and its authority are out of reach"))
            }
        }
    }
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
