//! A cluster that stands.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{Api, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::json;
use tenantry_cluster::seed::{self, Seed};
use tenantry_cluster::{Cluster, Credential, Era, Failure, NODES, TENANT_LABEL, User, wait_until};

use crate::failure;

const LIMIT: Duration = Duration::from_mins(2);

fn tenants(cluster: &Cluster) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("capsule.clastix.io", "v1beta2", "Tenant");
    Api::all_with(cluster.client(), &ApiResource::from_gvk(&kind))
}

pub(crate) async fn versions_are_stamped(cluster: Arc<Cluster>) -> Result<(), Failure> {
    let version = cluster.client().apiserver_version().await.map_err(failure)?;
    assert_eq!((version.git_version.as_str(), version.major.as_str(), version.minor.as_str()), ("v1.37.1", "1", "37"));
    let kubectl = std::process::Command::new(cluster.bin_dir()?.join("kubectl"))
        .args(["version", "-o", "json"])
        .env("KUBECONFIG", cluster.kubeconfig())
        .output()
        .map_err(failure)?;
    let answer: serde_json::Value = serde_json::from_slice(&kubectl.stdout).map_err(failure)?;
    assert_eq!(answer["clientVersion"]["gitVersion"], "v1.37.1");
    assert_eq!(answer["serverVersion"]["gitVersion"], "v1.37.1");
    Ok(())
}

pub(crate) async fn everybody_is_who_he_is(cluster: Arc<Cluster>) -> Result<(), Failure> {
    for user in User::ALL {
        let reviews: Api<SelfSubjectReview> = Api::all(cluster.client_as(user));
        let review = reviews.create(&PostParams::default(), &SelfSubjectReview::default()).await.map_err(failure)?;
        let info = review.status.and_then(|status| status.user_info).unwrap_or_default();
        let (name, group) = match user {
            User::Admin => ("admin", "system:masters"),
            User::Alice => ("alice", cluster.era().user_group()),
            User::Bob => ("bob", cluster.era().user_group()),
            User::Carol => ("carol", "system:authenticated"),
            User::Poor => ("system:serviceaccount:default:poor", "system:serviceaccounts:default"),
        };
        assert_eq!(info.username.as_deref(), Some(name));
        let groups = info.groups.unwrap_or_default();
        assert!(groups.iter().any(|known| known == group), "{name} is in {groups:?}");
    }
    let pods: Api<Pod> = Api::namespaced(cluster.client_as(User::Poor), "default");
    pods.list(&ListParams::default()).await.map_err(failure)?;
    let elsewhere: Api<Pod> = Api::all(cluster.client_as(User::Poor));
    assert_eq!(code(elsewhere.list(&ListParams::default()).await), Some(403));
    Ok(())
}

pub(crate) async fn wrong_certificates_are_refused(cluster: Arc<Cluster>) -> Result<(), Failure> {
    let group = Some("system:masters");
    let good = cluster.issue("dave", group)?;
    for (certificate, expected) in [
        (good, None),
        (cluster.issue_expired("dave", group)?, Some(401)),
        (cluster.issue_foreign("dave", group)?, Some(401)),
    ] {
        let client = cluster.client_with(&Credential::Certificate(certificate)).await?;
        let namespaces: Api<Namespace> = Api::all(client);
        assert_eq!(code(namespaces.list(&ListParams::default()).await), expected);
    }
    Ok(())
}

pub(crate) async fn an_owner_gets_a_namespace_and_rights(cluster: Arc<Cluster>) -> Result<(), Failure> {
    cluster.create_tenant("oil", &[User::Alice]).await?;
    cluster.create_namespace(User::Alice, "oil", "oil-web").await?;
    let namespaces: Api<Namespace> = Api::all(cluster.client());
    let made = namespaces.get("oil-web").await.map_err(failure)?.metadata;
    let tenant = made.labels.unwrap_or_default().get(TENANT_LABEL).cloned();
    let owners = made.owner_references.unwrap_or_default();
    let owners: Vec<_> = owners.iter().map(|owner| (owner.kind.as_str(), owner.name.as_str())).collect();
    assert_eq!((tenant.as_deref(), owners), (Some("oil"), vec![("Tenant", "oil")]), "it belongs to the tenant");

    let bindings: Api<RoleBinding> = Api::namespaced(cluster.client(), "oil-web");
    let prefix = cluster.era().binding_prefix("oil");
    let ours = |binding: &RoleBinding| binding.metadata.name.as_deref().is_some_and(|name| name.starts_with(&prefix));
    wait_until("there is a binding for each of the owner's roles", LIMIT, async || {
        let bindings = bindings.list(&ListParams::default()).await.map(|list| list.items).unwrap_or_default();
        bindings.iter().filter(|binding| ours(binding)).count() == 2
    })
    .await?;

    let mine: Api<ConfigMap> = Api::namespaced(cluster.client_as(User::Alice), "oil-web");
    let map: ConfigMap = serde_json::from_value(json!({"metadata": {"name": "keep"}})).map_err(failure)?;
    mine.create(&PostParams::default(), &map).await.map_err(failure)?;
    let foreign: Api<ConfigMap> = Api::namespaced(cluster.client_as(User::Bob), "oil-web");
    assert_eq!(code(foreign.get("keep").await), Some(403));
    Ok(())
}

pub(crate) async fn a_cordon_is_enforced(cluster: Arc<Cluster>) -> Result<(), Failure> {
    cluster.create_tenant("gas", &[User::Bob]).await?;
    cluster.create_namespace(User::Bob, "gas", "gas-web").await?;
    let maps: Api<ConfigMap> = Api::namespaced(cluster.client_as(User::Bob), "gas-web");
    let map: ConfigMap = serde_json::from_value(json!({"metadata": {"name": "keep"}})).map_err(failure)?;
    maps.create(&PostParams::default(), &map).await.map_err(failure)?;

    let touch = Patch::Merge(json!({"data": {"touched": "yes"}}));
    let denial = cluster.era().cordon_denial("gas", "gas-web");
    cluster.set_cordoned("gas", true).await?;
    wait_until("bob's writes are denied", LIMIT, async || {
        let answer = maps.patch("keep", &PatchParams::default(), &touch).await;
        matches!(answer, Err(kube::Error::Api(status)) if status.code == 403 && status.message.contains(&denial))
    })
    .await?;
    let labels = async || {
        let namespaces: Api<Namespace> = Api::all(cluster.client());
        namespaces.get("gas-web").await.ok().and_then(|namespace| namespace.metadata.labels).unwrap_or_default()
    };
    match cluster.era().cordoned_label() {
        Some(label) => wait_until("the namespace says so", LIMIT, async || labels().await.contains_key(label)).await?,
        None => assert!(labels().await.keys().all(|label| !label.contains("cordon"))),
    }
    cluster.set_cordoned("gas", false).await?;
    wait_until("bob's writes pass again", LIMIT, async || {
        maps.patch("keep", &PatchParams::default(), &touch).await.is_ok()
    })
    .await
}

pub(crate) async fn pods_run(cluster: Arc<Cluster>) -> Result<(), Failure> {
    let pods: Api<Pod> = Api::namespaced(cluster.client(), "default");
    for (name, label) in [("calm", "false"), ("wild", "true")] {
        let pod = json!({
            "metadata": {"name": name, "labels": {"tenantry.test/crash-loop": label}},
            "spec": {"nodeName": NODES[0], "containers": [{"name": "main", "image": "registry.example.com/main:1"}]},
        });
        let pod: Pod = serde_json::from_value(pod).map_err(failure)?;
        pods.create(&PostParams::default(), &pod).await.map_err(failure)?;
    }
    let ready = async |name: &str| {
        let pod = pods.get(name).await.ok()?;
        pod.status?.container_statuses?.first().map(|container| (container.ready, container.restart_count))
    };
    wait_until("a pod runs", LIMIT, async || ready("calm").await == Some((true, 0))).await?;
    wait_until("a pod crashes", LIMIT, async || ready("wild").await == Some((false, 7))).await
}

pub(crate) async fn the_small_seed_has_all_states(cluster: Arc<Cluster>) -> Result<(), Failure> {
    let planted = seed::plant(&cluster, Seed::Small).await?;
    assert_eq!((planted.tenants, planted.namespaces), (7, 11));
    let tenants = tenants(&cluster);
    let states = async || {
        let list = tenants.list(&ListParams::default()).await.map(|list| list.items).unwrap_or_default();
        let describe = |tenant: DynamicObject| {
            let ready = tenant.data["status"]["conditions"].as_array().is_some_and(|conditions| {
                conditions.iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
            });
            let state = tenant.data["status"]["state"].as_str().unwrap_or_default().to_owned();
            (tenant.metadata.name.unwrap_or_default(), state, ready)
        };
        list.into_iter().map(describe).collect::<Vec<_>>()
    };
    // The old era neither knows that it cannot do what a tenant asks for, nor that one is about to go.
    let (now, ready) = match cluster.era() {
        Era::V0_4 => ("Active", false),
        Era::V0_14 => ("Terminating", true),
    };
    let expected = [
        ("coal", now, ready),
        ("gas", "Cordoned", ready),
        ("mist", "Active", ready),
        ("oil", "Active", ready),
        ("peat", "Active", false),
        ("solar", "Active", ready),
        ("wind", "Active", ready),
    ];
    let expected = expected.map(|(name, state, ready)| (name.to_owned(), state.to_owned(), ready));
    wait_until("every tenant is in its state", LIMIT, async || states().await == expected).await
}

fn code<T>(answer: Result<T, kube::Error>) -> Option<u16> {
    match answer {
        Err(kube::Error::Api(status)) => Some(status.code),
        _ => None,
    }
}
