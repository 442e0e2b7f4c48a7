//! A thousand tenants.

use futures_util::stream::{self, StreamExt, TryStreamExt};
use kube::Client;
use serde_json::{Value, json};

use super::Planted;
use super::imitation::{self, CORDONED_LABEL, FINALIZER, MANAGER, Space, Tenant, Trouble};
use crate::api;
use crate::capsule;
use crate::cluster::Cluster;
use crate::error::{Context, Failure};
use crate::tenants::{applied, owner, path};

const TENANTS: usize = 1_000;
const STAGES: [&str; 5] = ["dev", "test", "staging", "prod", "batch"];
/// More at once do not make the server faster.
const AT_ONCE: usize = 64;

const DOMAINS: [&str; 20] = [
    "payments", "ledger", "checkout", "catalog", "search", "identity", "billing", "shipping", "pricing", "fraud",
    "insights", "mobile", "partners", "claims", "lending", "risk", "media", "support", "orders", "loyalty",
];
const REGIONS: [&str; 10] =
    ["emea", "apac", "latam", "nordics", "dach", "iberia", "benelux", "us-east", "us-west", "mena"];

/// One in so many tenants is cordoned, or not ready, or has one namespace cordoned.
const CORDONED_EVERY: usize = 37;
const NOT_READY_EVERY: usize = 97;
const PARTLY_CORDONED_EVERY: usize = 53;

pub(super) async fn plant(cluster: &Cluster) -> Result<Planted, Failure> {
    let client = &cluster.client();
    let now = imitation::now();
    let tenants: Vec<Tenant> = all(0..TENANTS, async |number| tenant(client, number).await).await?;
    let spaces: Vec<Space> = all(0..TENANTS * STAGES.len(), async |number| {
        let owner = number / STAGES.len();
        namespace(client, &tenants[owner], owner, STAGES[number % STAGES.len()]).await
    })
    .await?;
    // Bindings of a tenant and its status need its namespaces, and nothing of each other.
    let bindings = all(0..spaces.len(), async |number| {
        let owner = number / STAGES.len();
        role_bindings(client, &tenants[owner], owner, &spaces[number].name).await
    });
    let statuses = all(0..TENANTS, async |number| {
        let own = &spaces[number * STAGES.len()..(number + 1) * STAGES.len()];
        status(client, &tenants[number], number, own, &now).await
    });
    let (bindings, _) = futures_util::future::try_join(bindings, statuses).await?;
    Ok(Planted { tenants: tenants.len(), namespaces: spaces.len(), role_bindings: bindings.iter().sum() })
}

/// Runs `work` for each of `numbers`, many at once, and keeps their order.
async fn all<T>(
    numbers: std::ops::Range<usize>,
    work: impl AsyncFn(usize) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    stream::iter(numbers).map(|number| work(number)).buffered(AT_ONCE).try_collect().await
}

fn name(number: usize) -> String {
    let domain = DOMAINS[number % DOMAINS.len()];
    let region = REGIONS[number / DOMAINS.len() % REGIONS.len()];
    format!("{domain}-{region}-{:02}", number / (DOMAINS.len() * REGIONS.len()))
}

fn owners(number: usize) -> Value {
    let user = format!("{}.lead{number}", DOMAINS[number % DOMAINS.len()]);
    json!([owner("User", &user), owner("Group", &format!("{}-owners", name(number)))])
}

fn trouble(number: usize) -> Trouble<'static> {
    let message = "cannot sync rolebindings items: the server was unable to return a response in the time allotted";
    (number % NOT_READY_EVERY == NOT_READY_EVERY - 1).then_some(("Failed", message))
}

async fn tenant(client: &Client, number: usize) -> Result<Tenant, Failure> {
    let name = name(number);
    let cordoned = number % CORDONED_EVERY == CORDONED_EVERY - 1;
    let labels = json!({
        "kubernetes.io/metadata.name": name,
        "example.com/department": DOMAINS[number % DOMAINS.len()],
        "example.com/region": REGIONS[number / DOMAINS.len() % REGIONS.len()],
        "example.com/cost-center": format!("cc-{:04}", 1000 + number),
    });
    let spec = json!({
        "owners": owners(number),
        "cordoned": cordoned,
        "preventDeletion": number.is_multiple_of(11),
        "namespaceOptions": {"quota": 5 + number % 7},
        "additionalRoleBindings": [{
            "clusterRoleName": "view",
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "auditors"}],
        }],
    });
    let object = json!({"metadata": {"name": name, "labels": labels}, "spec": spec});
    let object = applied(object, "capsule.clastix.io/v1beta2", "Tenant");
    let what = format!("the tenant {name} cannot be made");
    let made = api::create(client, &format!("{}/tenants", capsule::API), api::KUBECTL, &object).await.context(&what)?;
    let finalizers = json!({"metadata": {"finalizers": [FINALIZER]}});
    api::merge(client, &path(&name), MANAGER, &finalizers).await.context(&what)?;
    Ok(Tenant { uid: imitation::uid(&made)?, name, cordoned })
}

async fn namespace(client: &Client, tenant: &Tenant, number: usize, stage: &str) -> Result<Space, Failure> {
    let name = format!("{}-{stage}", tenant.name);
    let what = format!("the namespace {name} cannot be made");
    let object = applied(imitation::namespace(tenant, &name), "v1", "Namespace");
    let made = api::create(client, "/api/v1/namespaces", api::KUBECTL, &object).await.context(&what)?;
    let partly = number % PARTLY_CORDONED_EVERY == PARTLY_CORDONED_EVERY - 1 && stage == STAGES[0];
    let cordoned = tenant.cordoned || partly;
    let mut labels = json!({
        "example.com/stage": stage,
        "example.com/department": DOMAINS[number % DOMAINS.len()],
        "pod-security.kubernetes.io/enforce": "baseline",
    });
    if cordoned {
        labels[CORDONED_LABEL] = "true".into();
    }
    let patch = json!({"metadata": {"labels": labels, "annotations": {"example.com/contact": format!("{}@example.com", tenant.name)}}});
    api::merge(client, &format!("/api/v1/namespaces/{name}"), MANAGER, &patch).await.context(&what)?;
    Ok(Space { uid: imitation::uid(&made)?, name, cordoned })
}

async fn role_bindings(client: &Client, tenant: &Tenant, number: usize, namespace: &str) -> Result<usize, Failure> {
    let collection = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings");
    let user = json!({
        "apiGroup": "rbac.authorization.k8s.io", "kind": "User",
        "name": format!("{}.lead{number}", DOMAINS[number % DOMAINS.len()]),
    });
    let auditors = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "auditors"});
    let deployer = json!({
        "metadata": {
            "name": "deployer",
            "namespace": namespace,
            "labels": {"app.kubernetes.io/managed-by": "ci", "app.kubernetes.io/part-of": tenant.name},
        },
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"kind": "ServiceAccount", "name": "deployer", "namespace": namespace}],
    });
    let bindings = [
        (MANAGER, imitation::role_binding(tenant, "admin", &user)),
        (MANAGER, imitation::role_binding(tenant, "capsule-namespace-deleter", &user)),
        (MANAGER, imitation::role_binding(tenant, "view", &auditors)),
        (api::KUBECTL, applied(deployer, "rbac.authorization.k8s.io/v1", "RoleBinding")),
    ];
    let what = format!("a rolebinding in {namespace} cannot be made");
    for (manager, binding) in &bindings {
        api::create_blindly(client, &collection, manager, binding).await.context(&what)?;
    }
    Ok(bindings.len())
}

async fn status(client: &Client, tenant: &Tenant, number: usize, spaces: &[Space], now: &str) -> Result<(), Failure> {
    let status = imitation::status(tenant, &owners(number), spaces, trouble(number), now);
    let path = format!("{}/status", path(&tenant.name));
    let what = format!("the status of {} cannot be written", tenant.name);
    api::merge(client, &path, MANAGER, &json!({"status": status})).await.context(what).map(drop)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{TENANTS, name};

    #[test]
    fn names_are_unique() {
        assert_eq!((0..TENANTS).map(name).collect::<BTreeSet<_>>().len(), TENANTS);
    }
}
