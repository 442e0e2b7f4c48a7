//! Clusters that are broken on purpose.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::api::{Api, ListParams, PostParams, WatchEvent, WatchParams};
use serde_json::json;
use tenantry_cluster::{Cluster, Component, Failure, User};
use tokio::time::timeout;

use crate::failure;

fn map(name: &str) -> Result<ConfigMap, Failure> {
    serde_json::from_value(json!({"metadata": {"name": name}})).map_err(failure)
}

fn address(cluster: &Cluster) -> &str {
    cluster.url().trim_start_matches("https://")
}

pub(crate) async fn a_killed_api_server_comes_back(cluster: Arc<Cluster>) -> Result<(), Failure> {
    let maps: Api<ConfigMap> = Api::namespaced(cluster.client(), "default");
    maps.create(&PostParams::default(), &map("keep")?).await.map_err(failure)?;
    let watch = maps.watch(&WatchParams::default(), "0").await.map_err(failure)?;
    cluster.kill_api_server().await?;
    // The watch ends, and is not left hanging.
    timeout(Duration::from_mins(1), watch.for_each(async |_| ())).await.map_err(failure)?;
    let refused = TcpStream::connect(address(&cluster)).map_err(|error| error.kind());
    assert_eq!(refused.err(), Some(std::io::ErrorKind::ConnectionRefused));
    assert!(maps.get("keep").await.is_err());

    cluster.start_api_server().await?;
    maps.get("keep").await.map_err(failure)?;
    assert!(!cluster.logs(Component::KubeApiserver)?.is_empty());
    Ok(())
}

pub(crate) async fn a_frozen_api_server_hangs(cluster: Arc<Cluster>) -> Result<(), Failure> {
    let namespaces: Api<Namespace> = Api::all(cluster.client());
    cluster.freeze_api_server().await?;
    let waiting = async { namespaces.list(&ListParams::default()).await.map(drop) };
    let mut waiting = std::pin::pin!(waiting);
    assert!(timeout(Duration::from_millis(500), &mut waiting).await.is_err(), "it does not answer");
    assert!(TcpStream::connect(address(&cluster)).is_ok(), "it still takes connections");
    cluster.thaw_api_server().await?;
    timeout(Duration::from_mins(1), waiting).await.map_err(failure)?.map_err(failure)
}

pub(crate) async fn compacted_versions_are_gone(cluster: Arc<Cluster>) -> Result<(), Failure> {
    let maps: Api<ConfigMap> = Api::namespaced(cluster.client(), "default");
    let made = maps.create(&PostParams::default(), &map("first")?).await.map_err(failure)?;
    let version = made.metadata.resource_version.unwrap_or_default();
    for name in ["second", "third"] {
        maps.create(&PostParams::default(), &map(name)?).await.map_err(failure)?;
    }
    cluster.kill_api_server().await?;
    cluster.compact_etcd().await?;
    cluster.start_api_server().await?;
    let events = maps.watch(&WatchParams::default(), &version).await;
    let code = match events {
        Err(kube::Error::Api(status)) => Some(status.code),
        Err(error) => return Err(failure(error)),
        Ok(events) => match std::pin::pin!(events).next().await {
            Some(Ok(WatchEvent::Error(status))) => Some(status.code),
            _ => None,
        },
    };
    assert_eq!(code, Some(410), "the version is too old");
    Ok(())
}

pub(crate) async fn two_stand_side_by_side(cluster: Arc<Cluster>) -> Result<(), Failure> {
    let other = Cluster::start(cluster.options()).await.map_err(failure)?;
    assert_ne!(cluster.url(), other.url());
    let here: Api<ConfigMap> = Api::namespaced(cluster.client(), "default");
    let there: Api<ConfigMap> = Api::namespaced(other.client(), "default");
    here.create(&PostParams::default(), &map("here")?).await.map_err(failure)?;
    assert!(there.get_opt("here").await.map_err(failure)?.is_none());
    other.shutdown().await?;
    here.get("here").await.map_err(failure)?;
    Ok(())
}

pub(crate) async fn without_capsule_writes_fail(cluster: Arc<Cluster>) -> Result<(), Failure> {
    cluster.create_tenant("oil", &[User::Alice]).await?;
    cluster.create_namespace(User::Alice, "oil", "oil-web").await?;
    let maps: Api<ConfigMap> = Api::namespaced(cluster.client_as(User::Alice), "oil-web");
    maps.create(&PostParams::default(), &map("before")?).await.map_err(failure)?;
    cluster.kill_capsule().await?;
    match maps.create(&PostParams::default(), &map("meanwhile")?).await {
        Err(kube::Error::Api(status)) => {
            assert!(status.message.contains("failed calling webhook"), "{}", status.message);
        }
        other => return Err(failure(format!("{:?}", other.map(drop)))),
    }
    cluster.start_capsule().await?;
    maps.create(&PostParams::default(), &map("after")?).await.map(drop).map_err(failure)
}
