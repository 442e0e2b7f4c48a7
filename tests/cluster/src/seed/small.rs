//! A handful of tenants, one in each state that a tenant can be in.

use std::time::Duration;

use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::Planted;
use super::imitation::{self, MANAGER, Space, Tenant};
use super::workloads::{self, Fate, Workload};
use crate::api;
use crate::cluster::Cluster;
use crate::error::{Context, Failure};
use crate::tenants::{owner, path};
use crate::users::User;
use crate::wait::wait_until;

/// Holds a tenant, or a namespace, that is being deleted: nobody ever removes it.
const HOLD: &str = "example.com/archive-before-delete";

/// The API server's words about the LimitRange of the tenant that is not ready.
const NOT_READY: &str = "cannot sync limitrange items: namespace \"peat-bog\": LimitRange \"capsule-peat-0\" is invalid: \
    spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1";

const SETTLE_LIMIT: Duration = Duration::from_mins(2);

/// What is done to a tenant when its namespaces stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Stays,
    Cordoned,
    /// Deleted, and held by a finalizer.
    Deleted,
    /// Its spec cannot be carried out.
    NotReady,
}

struct TenantPlan {
    name: &'static str,
    labels: Value,
    spec: Value,
    /// Who makes the namespaces.
    by: User,
    namespaces: Vec<NamespacePlan>,
    end: End,
}

struct NamespacePlan {
    name: &'static str,
    cordoned: bool,
    workloads: Vec<Workload>,
}

pub(super) async fn plant(cluster: &Cluster) -> Result<Planted, Failure> {
    let plans = plans();
    // Tenants first, one by one: who owns several is sorted by them when he makes a namespace.
    let mut tenants = Vec::new();
    for plan in &plans {
        tenants.push(make_tenant(cluster, plan).await?);
    }
    let namespaces = plans.iter().zip(&tenants).flat_map(|(plan, tenant)| {
        plan.namespaces.iter().map(move |namespace| make_namespace(cluster, plan, tenant, namespace))
    });
    let spaces = try_join_all(namespaces).await?;
    extra_bindings(cluster).await?;
    let mut rest = spaces.iter();
    for (plan, tenant) in plans.iter().zip(&tenants) {
        let own: Vec<Space> = rest.by_ref().take(plan.namespaces.len()).cloned().collect();
        finish(cluster, plan, tenant, &own).await?;
    }
    let role_bindings = api::get(cluster.client_ref(), "/apis/rbac.authorization.k8s.io/v1/rolebindings").await;
    let role_bindings = role_bindings.context("the rolebindings cannot be counted")?;
    Ok(Planted {
        tenants: plans.len(),
        namespaces: spaces.len(),
        role_bindings: role_bindings["items"].as_array().map_or(0, Vec::len),
    })
}

async fn make_tenant(cluster: &Cluster, plan: &TenantPlan) -> Result<Tenant, Failure> {
    let made = cluster.create_tenant_with(plan.name, plan.spec.clone()).await?;
    let what = format!("the tenant {} cannot be labelled", plan.name);
    let mut metadata = json!({"labels": plan.labels});
    if plan.end == End::Deleted {
        let mut finalizers = vec![HOLD];
        if cluster.has_controller() {
            finalizers.extend(cluster.era().finalizer());
        }
        metadata["finalizers"] = finalizers.into();
    }
    let patch = json!({"metadata": metadata});
    api::merge(cluster.client_ref(), &path(plan.name), "kubectl-label", &patch).await.context(what)?;
    let uid = imitation::uid(&made)?;
    let cordoned = !cluster.has_controller() && plan.end == End::Cordoned;
    Ok(Tenant { name: plan.name.to_owned(), uid, cordoned })
}

async fn make_namespace(
    cluster: &Cluster,
    plan: &TenantPlan,
    tenant: &Tenant,
    namespace: &NamespacePlan,
) -> Result<Space, Failure> {
    let (client, name) = (cluster.client_ref(), namespace.name);
    if cluster.has_controller() {
        cluster.create_namespace(plan.by, plan.name, name).await?;
    } else {
        imitate_namespace(cluster, plan, tenant, name).await?;
    }
    account(cluster, name).await?;
    for workload in &namespace.workloads {
        workloads::create(client, name, workload).await?;
    }
    let mut metadata = json!({"labels": {"example.com/contact": plan.by.name()}});
    let cordoned = namespace.cordoned || tenant.cordoned;
    if cordoned && let Some(label) = cluster.era().cordoned_label() {
        metadata["labels"][label] = "true".into();
    }
    if plan.end == End::Deleted {
        metadata["finalizers"] = json!([HOLD]);
    }
    let what = format!("the namespace {name} cannot be labelled");
    let path = format!("/api/v1/namespaces/{name}");
    let labelled = api::merge(client, &path, "kubectl-label", &json!({"metadata": metadata})).await;
    Ok(Space { name: name.to_owned(), uid: imitation::uid(&labelled.context(what)?)?, cordoned })
}

/// Makes a namespace with the bindings that Capsule would make for the tenant's owners.
async fn imitate_namespace(cluster: &Cluster, plan: &TenantPlan, tenant: &Tenant, name: &str) -> Result<(), Failure> {
    let client = cluster.client_ref();
    let what = format!("the namespace {name} cannot be made");
    let object = imitation::namespace(tenant, name);
    api::create(client, "/api/v1/namespaces", "kubectl-create", &object).await.context(&what)?;
    let collection = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{name}/rolebindings");
    for owner in plan.spec["owners"].as_array().into_iter().flatten() {
        let subject = json!({
            "apiGroup": "rbac.authorization.k8s.io", "kind": owner["kind"], "name": owner["name"],
        });
        for role in ["admin", "capsule-namespace-deleter"] {
            let binding = imitation::role_binding(tenant, role, &subject);
            api::create(client, &collection, MANAGER, &binding).await.context(&what)?;
        }
    }
    Ok(())
}

/// Waits for the account that pods run as.
async fn account(cluster: &Cluster, namespace: &str) -> Result<(), Failure> {
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/default");
    wait_until(&format!("{namespace} has its account"), SETTLE_LIMIT, async || {
        api::get(cluster.client_ref(), &path).await.is_ok()
    })
    .await
}

/// Grants that Capsule knows nothing of.
async fn extra_bindings(cluster: &Cluster) -> Result<(), Failure> {
    let client = cluster.client_ref();
    let rbac = "/apis/rbac.authorization.k8s.io/v1";
    let group = |name: &str| json!([{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": name}]);
    let user = |name: &str| json!([{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}]);
    let account = |namespace: &str| json!([{"kind": "ServiceAccount", "name": "deployer", "namespace": namespace}]);
    let reference =
        |kind: &str, name: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name});
    let binding = |name: &str, role: Value, subjects: Value| json!({"metadata": {"name": name, "labels": {"app.kubernetes.io/managed-by": "kubectl"}}, "roleRef": role, "subjects": subjects});
    let flags = json!({
        "metadata": {"name": "feature-flags"},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["flags"], "verbs": ["get", "update"]}],
    });
    let clusterwide = format!("{rbac}/clusterrolebindings");
    let objects = [
        ("/api/v1/namespaces/oil-web/serviceaccounts".to_owned(), json!({"metadata": {"name": "deployer"}})),
        (format!("{rbac}/namespaces/oil-web/roles"), flags),
        (
            format!("{rbac}/namespaces/oil-web/rolebindings"),
            binding("deployer", reference("ClusterRole", "edit"), account("oil-web")),
        ),
        (
            format!("{rbac}/namespaces/oil-web/rolebindings"),
            binding("flag-keepers", reference("Role", "feature-flags"), user("dave")),
        ),
        (
            format!("{rbac}/namespaces/oil-db/rolebindings"),
            binding("dba", reference("ClusterRole", "admin"), group("database-team")),
        ),
        (
            // The role does not exist: a grant of nothing.
            format!("{rbac}/namespaces/solar-grid/rolebindings"),
            binding("leftover", reference("ClusterRole", "retired-operator"), user("erin")),
        ),
        (clusterwide.clone(), binding("platform-viewers", reference("ClusterRole", "view"), group("platform-team"))),
        (clusterwide, binding("break-glass", reference("ClusterRole", "cluster-admin"), user("oncall"))),
    ];
    for (path, object) in objects {
        api::create(client, &path, api::KUBECTL, &object)
            .await
            .context(format_args!("{path} does not take a grant"))?;
    }
    Ok(())
}

/// Brings a tenant into the state that it was planned for.
async fn finish(cluster: &Cluster, plan: &TenantPlan, tenant: &Tenant, spaces: &[Space]) -> Result<(), Failure> {
    let client = cluster.client_ref();
    if plan.end == End::Cordoned {
        cluster.set_cordoned(plan.name, true).await?;
    }
    if plan.end == End::NotReady {
        // More as the least than as the most: the API server refuses the LimitRange that Capsule makes of it. And not
        // before there is a namespace: the old era would never come to give its owner any rights there.
        let limits = json!({"type": "Pod", "min": {"cpu": "2"}, "max": {"cpu": "1"}});
        let patch = json!({"spec": {"limitRanges": {"items": [{"limits": [limits]}]}}});
        let what = format!("the tenant {} cannot be given its limits", plan.name);
        api::merge(client, &path(plan.name), "kubectl-edit", &patch).await.context(what)?;
    }
    if plan.end == End::Deleted {
        let what = format!("the tenant {} cannot be deleted", plan.name);
        api::delete(client, &path(plan.name)).await.context(what)?;
    }
    if !cluster.has_controller() {
        imitate_status(cluster, plan, tenant, spaces).await?;
    }
    Ok(())
}

/// Writes the status that Capsule would write, and does what it would do about a deleted tenant's namespaces.
async fn imitate_status(
    cluster: &Cluster,
    plan: &TenantPlan,
    tenant: &Tenant,
    spaces: &[Space],
) -> Result<(), Failure> {
    let client = cluster.client_ref();
    let what = format!("the status of {} cannot be imitated", plan.name);
    let trouble = (plan.end == End::NotReady).then_some(("Failed", NOT_READY));
    let mut status = imitation::status(tenant, &plan.spec["owners"], spaces, trouble, &imitation::now());
    if plan.end == End::Deleted {
        status["state"] = "Terminating".into();
        for space in spaces {
            api::delete(client, &format!("/api/v1/namespaces/{}", space.name)).await.context(&what)?;
        }
    }
    let path = format!("{}/status", path(plan.name));
    api::merge(client, &path, MANAGER, &json!({"status": status})).await.context(what).map(drop)
}

fn plans() -> Vec<TenantPlan> {
    use Fate::{Crashes, Runs, Waits};
    use Workload::{CronJob, Deployment, Job, StatefulSet};

    let space = |name, workloads| NamespacePlan { name, cordoned: false, workloads };
    let labels = |department: &str, tier: &str| json!({"example.com/department": department, "example.com/tier": tier});
    let auditors = json!([
        {"clusterRoleName": "view", "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "auditors"}]},
    ]);
    vec![
        TenantPlan {
            name: "oil",
            labels: labels("petroleum", "gold"),
            spec: json!({
                "owners": [owner("User", "alice"), owner("Group", "oil-operators")],
                "namespaceOptions": {"quota": 9},
                "additionalRoleBindings": auditors,
            }),
            by: User::Alice,
            namespaces: vec![
                space(
                    "oil-web",
                    vec![Deployment("web", 3, Runs), Deployment("api", 2, Runs), Deployment("beta", 1, Crashes)],
                ),
                space("oil-db", vec![StatefulSet("postgres", 2), CronJob("backup", "15 3 * * *", false)]),
                space(
                    "oil-batch",
                    vec![Job("import"), CronJob("report", "0 6 * * 1", true), CronJob("sweep", "*/5 * * * *", false)],
                ),
            ],
            end: End::Stays,
        },
        TenantPlan {
            name: "gas",
            labels: labels("petroleum", "silver"),
            spec: json!({"owners": [owner("User", "bob")], "preventDeletion": true}),
            by: User::Bob,
            namespaces: vec![
                space("gas-prod", vec![Deployment("meter", 2, Runs), StatefulSet("queue", 1)]),
                space("gas-staging", vec![Deployment("meter", 1, Runs)]),
            ],
            end: End::Cordoned,
        },
        TenantPlan {
            name: "solar",
            labels: labels("renewables", "gold"),
            spec: json!({"owners": [owner("User", "alice"), owner("User", "bob")]}),
            by: User::Bob,
            namespaces: vec![
                NamespacePlan { cordoned: true, ..space("solar-edge", vec![Deployment("gateway", 2, Runs)]) },
                space("solar-grid", vec![Deployment("forecast", 2, Waits), Deployment("panel", 1, Runs)]),
            ],
            end: End::Stays,
        },
        TenantPlan {
            name: "wind",
            labels: labels("renewables", "bronze"),
            spec: json!({"owners": [owner("User", "bob")], "namespaceOptions": {"quota": 2}}),
            by: User::Bob,
            namespaces: vec![space("wind-farm", vec![Deployment("turbine", 4, Runs)]), space("wind-lab", vec![])],
            end: End::Stays,
        },
        TenantPlan {
            name: "coal",
            labels: labels("petroleum", "bronze"),
            spec: json!({"owners": [owner("User", "bob")]}),
            by: User::Bob,
            namespaces: vec![space("coal-mine", vec![Deployment("lift", 1, Runs)])],
            end: End::Deleted,
        },
        TenantPlan {
            name: "peat",
            labels: labels("renewables", "bronze"),
            spec: json!({"owners": [owner("User", "alice")]}),
            by: User::Alice,
            namespaces: vec![space("peat-bog", vec![])],
            end: End::NotReady,
        },
        TenantPlan {
            name: "mist",
            labels: labels("research", "bronze"),
            // Nobody of Capsule's users: he owns a tenant and cannot make a namespace.
            spec: json!({"owners": [owner("User", "carol")]}),
            by: User::Carol,
            namespaces: vec![],
            end: End::Stays,
        },
    ]
}
