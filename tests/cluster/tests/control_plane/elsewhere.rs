//! A cluster that somebody else runs: here one that is told to be so.

use std::sync::Arc;

use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use kube::api::{Api, PostParams};
use tenantry_cluster::{Cluster, Component, Failure, User};

use crate::failure;

pub(crate) async fn it_is_used_alike(cluster: Arc<Cluster>) -> Result<(), Failure> {
    let kubeconfig = cluster.kubeconfig().to_owned();
    let guard = Arc::clone(&cluster);
    let elsewhere = Cluster::elsewhere(kubeconfig, cluster.era(), guard).await?;
    assert_eq!((elsewhere.url(), elsewhere.era()), (cluster.url(), cluster.era()));
    for user in User::ALL {
        let reviews: Api<SelfSubjectReview> = Api::all(elsewhere.client_as(user));
        let review = reviews.create(&PostParams::default(), &SelfSubjectReview::default()).await.map_err(failure)?;
        let info = review.status.and_then(|status| status.user_info).unwrap_or_default();
        assert!(info.username.is_some_and(|name| name.ends_with(user.name())), "{user:?} is himself");
    }
    elsewhere.create_tenant("far", &[User::Bob]).await?;
    elsewhere.create_namespace(User::Bob, "far", "far-web").await?;
    assert_eq!(elsewhere.kubeconfig_of(User::Poor), cluster.kubeconfig_of(User::Poor), "it can be written down again");

    let refusals = [
        elsewhere.kill_api_server().await.err(),
        elsewhere.compact_etcd().await.err(),
        elsewhere.issue("dave", None).err(),
        elsewhere.logs(Component::Etcd).err(),
        elsewhere.bin_dir().err(),
    ];
    for refusal in refusals {
        let said = refusal.map(|failure| failure.to_string()).unwrap_or_default();
        assert!(said.starts_with("this cluster runs elsewhere"), "{said}");
    }
    elsewhere.shutdown().await?;
    cluster.client().apiserver_version().await.map(drop).map_err(failure)
}
