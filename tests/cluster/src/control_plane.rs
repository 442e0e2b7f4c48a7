//! The processes of a cluster that this crate started: watched over, broken and mended.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::Client;

use crate::capsule;
use crate::certificates::{Authority, Certificate};
use crate::components::{CAPSULE_PROBE_PORT, Component, Components, ETCD_PORT};
use crate::error::{Context, Failure};
use crate::rig::{Remote, Rig};
use crate::supervisor::INNER_PORT;
use crate::supervisor::protocol::{Program, Signal};
use crate::wait::wait_until;

const READY_LIMIT: Duration = Duration::from_mins(5);
/// The API server takes one second of it; the others have nothing to save.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// The processes, and what they are started from. They end when this is dropped.
pub(crate) struct ControlPlane {
    pub remote: Remote,
    pub components: Components,
    pub authority: Authority,
    /// The certificate that Capsule's webhooks are known by.
    pub webhook: Certificate,
    /// A directory with kubectl and the rest.
    pub bin: PathBuf,
    pub rig: Rig,
}

impl ControlPlane {
    /// The certificate authority of the API server and its users.
    pub(crate) fn ca_pem(&self) -> String {
        self.authority.pem()
    }

    pub(crate) fn directory(&self) -> &Path {
        self.rig.directory()
    }

    pub(crate) async fn kill_api_server(&self) -> Result<(), Failure> {
        self.remote.stop(Component::KubeApiserver.name(), Duration::ZERO).await?;
        self.remote.close().await
    }

    pub(crate) async fn start_api_server(&self, client: &Client) -> Result<(), Failure> {
        self.remote.start(self.components.kube_apiserver()).await?;
        self.api_server_ready(client).await
    }

    /// Lets connections in as soon as the API server listens, and returns when it is ready.
    pub(crate) async fn api_server_ready(&self, client: &Client) -> Result<(), Failure> {
        let needed = [Component::Etcd, Component::KubeApiserver];
        let what = "kube-apiserver listens";
        self.wait_on(&needed, what, async || self.remote.reaches(INNER_PORT).await.unwrap_or(false)).await?;
        self.remote.open().await?;
        self.wait_on(&needed, "kube-apiserver is ready", async || {
            let asked = http::Request::get("/readyz").body(Vec::new());
            match asked {
                Ok(request) => client.request_text(request).await.is_ok_and(|text| text == "ok"),
                Err(_) => false,
            }
        })
        .await
    }

    pub(crate) async fn freeze_api_server(&self) -> Result<(), Failure> {
        self.remote.signal(Component::KubeApiserver.name(), Signal::Freeze).await
    }

    pub(crate) async fn thaw_api_server(&self) -> Result<(), Failure> {
        self.remote.signal(Component::KubeApiserver.name(), Signal::Thaw).await
    }

    pub(crate) async fn kill_capsule(&self) -> Result<(), Failure> {
        self.remote.stop(Component::Capsule.name(), Duration::ZERO).await
    }

    pub(crate) async fn start_capsule(&self, client: &Client) -> Result<(), Failure> {
        self.remote.start(self.components.capsule().ok_or_else(|| absent(Component::Capsule))?).await?;
        self.capsule_ready().await?;
        let needed = [Component::Capsule];
        self.wait_on(&needed, "Capsule's webhooks answer", async || capsule::answers(client).await).await
    }

    /// Waits until Capsule's controller says of itself that it is ready. The first that it does is to listen.
    pub(crate) async fn capsule_ready(&self) -> Result<(), Failure> {
        self.wait_on(&[Component::Capsule], "Capsule is ready", async || {
            let ready = self.remote.http(CAPSULE_PROBE_PORT, "GET", "/readyz", "").await;
            ready.is_ok_and(|(status, _)| status == 200)
        })
        .await
    }

    pub(crate) async fn compact_etcd(&self) -> Result<(), Failure> {
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

    /// Stops everything in good order.
    pub(crate) async fn stop(&self) -> Result<(), Failure> {
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
        Ok(())
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
