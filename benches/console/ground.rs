//! The cluster that is measured on, and what is in it.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use http::Request;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::Value;
use tenantry_cluster::seed::{self, Seed};
use tenantry_cluster::{Capsule, Cluster, Options};
use tokio::runtime::Runtime;

use crate::Outcome;

/// A cluster that nothing happens on.
pub struct Ground {
    kubeconfig: PathBuf,
    pub counts: Counts,
    cluster: Option<Cluster>,
    runtime: Runtime,
}

/// How many objects a console has to show.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    pub tenants: usize,
    pub namespaces: usize,
    pub role_bindings: usize,
    pub cluster_role_bindings: usize,
}

impl Ground {
    /// Starts and fills a cluster, or takes the one that was named.
    pub fn prepare() -> Outcome<Self> {
        let runtime = Runtime::new()?;
        let named = env::var_os("TENANTRY_BENCH_KUBECONFIG").map(PathBuf::from);
        let (kubeconfig, cluster) = match named {
            Some(kubeconfig) => (kubeconfig, None),
            None => {
                let cluster = runtime.block_on(async {
                    let options = Options { capsule: Capsule::CrdsOnly, ..Options::default() };
                    let cluster = Cluster::start(options).await?;
                    seed::plant(&cluster, Seed::Large).await?;
                    Ok::<_, Box<dyn std::error::Error>>(cluster)
                })?;
                (cluster.kubeconfig().to_owned(), Some(cluster))
            }
        };
        let counts = runtime.block_on(count(&kubeconfig))?;
        Ok(Self { kubeconfig, counts, cluster, runtime })
    }

    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        // Its clients have tasks on the runtime.
        let _inside = self.runtime.enter();
        drop(self.cluster.take());
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenants, namespaces, role_bindings, cluster_role_bindings } = self;
        write!(
            f,
            "{tenants} tenants, {namespaces} namespaces, {role_bindings} rolebindings and {cluster_role_bindings} \
             clusterrolebindings"
        )
    }
}

/// A client for the current context: no retries, no proxy.
pub async fn client(kubeconfig: &Path) -> Outcome<Client> {
    let file = Kubeconfig::read_from(kubeconfig)?;
    let mut config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?;
    config.default_retry = false;
    config.proxy_url = None;
    Ok(Client::try_from(config)?)
}

async fn count(kubeconfig: &Path) -> Outcome<Counts> {
    const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
    let client = &client(kubeconfig).await?;
    Ok(Counts {
        tenants: count_of(client, "/apis/capsule.clastix.io/v1beta2/tenants").await?,
        namespaces: count_of(client, "/api/v1/namespaces").await?,
        role_bindings: count_of(client, &format!("{RBAC}/rolebindings")).await?,
        cluster_role_bindings: count_of(client, &format!("{RBAC}/clusterrolebindings")).await?,
    })
}

/// How many objects lie under `path`: one, and how many more the server says there are.
async fn count_of(client: &Client, path: &str) -> Outcome<usize> {
    let list: Value = client.request(Request::get(format!("{path}?limit=1")).body(Vec::new())?).await?;
    let here = list["items"].as_array().map_or(0, Vec::len);
    let more = list["metadata"]["remainingItemCount"].as_u64().unwrap_or(0);
    Ok(here + more as usize)
}
