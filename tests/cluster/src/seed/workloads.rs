//! Things that run, or try to.

use kube::Client;
use serde_json::{Value, json};

use crate::api;
use crate::boot::NODES;
use crate::error::{Context, Failure};
use crate::tenants::applied;

/// How the pods of a workload fare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// They run, on a node.
    Runs,
    /// They start and fail, again and again.
    Crashes,
    /// No node is found for them.
    Waits,
}

/// A workload, as small as a plan of many can name it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Workload {
    Deployment(&'static str, u32, Fate),
    StatefulSet(&'static str, u32),
    /// With its schedule, and whether it is suspended.
    CronJob(&'static str, &'static str, bool),
    /// One run of a job, which ends well.
    Job(&'static str),
}

/// Makes `workload` in `namespace`.
pub(super) async fn create(client: &Client, namespace: &str, workload: &Workload) -> Result<(), Failure> {
    let (path, name, object) = match *workload {
        Workload::Deployment(name, replicas, fate) => ("apps/v1", name, deployment(namespace, name, replicas, fate)),
        Workload::StatefulSet(name, replicas) => ("apps/v1", name, stateful_set(namespace, name, replicas)),
        Workload::CronJob(name, schedule, suspended) => {
            ("batch/v1", name, cron_job(namespace, name, schedule, suspended))
        }
        Workload::Job(name) => ("batch/v1", name, job(namespace, name)),
    };
    let plural = match workload {
        Workload::Deployment(..) => "deployments",
        Workload::StatefulSet(..) => "statefulsets",
        Workload::CronJob(..) => "cronjobs",
        Workload::Job(..) => "jobs",
    };
    let path = format!("/apis/{path}/namespaces/{namespace}/{plural}");
    let what = format!("{name} in {namespace} cannot be made");
    api::create(client, &path, api::KUBECTL, &object).await.context(what).map(drop)
}

fn deployment(namespace: &str, name: &str, replicas: u32, fate: Fate) -> Value {
    let object = json!({
        "metadata": metadata(namespace, name),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
            "template": pod(namespace, name, fate, "Always"),
        },
    });
    applied(object, "apps/v1", "Deployment")
}

fn stateful_set(namespace: &str, name: &str, replicas: u32) -> Value {
    let object = json!({
        "metadata": metadata(namespace, name),
        "spec": {
            "replicas": replicas,
            "serviceName": name,
            "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
            "template": pod(namespace, name, Fate::Runs, "Always"),
        },
    });
    applied(object, "apps/v1", "StatefulSet")
}

fn cron_job(namespace: &str, name: &str, schedule: &str, suspended: bool) -> Value {
    let object = json!({
        "metadata": metadata(namespace, name),
        "spec": {
            "schedule": schedule,
            "suspend": suspended,
            "jobTemplate": {"spec": {"template": pod(namespace, name, Fate::Runs, "OnFailure")}},
        },
    });
    applied(object, "batch/v1", "CronJob")
}

fn job(namespace: &str, name: &str) -> Value {
    let object = json!({
        "metadata": metadata(namespace, name),
        "spec": {"template": pod(namespace, name, Fate::Runs, "Never")},
    });
    applied(object, "batch/v1", "Job")
}

fn metadata(namespace: &str, name: &str) -> Value {
    json!({"name": name, "namespace": namespace, "labels": labels(name)})
}

fn labels(name: &str) -> Value {
    json!({"app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "kubectl"})
}

/// A pod template. There is no scheduler: a pod runs where its template says.
fn pod(namespace: &str, name: &str, fate: Fate, restart: &str) -> Value {
    let mut labels = labels(name);
    if fate == Fate::Crashes {
        labels["tenantry.test/crash-loop"] = "true".into();
    }
    let image = format!("registry.example.com/{namespace}/{name}:1.4.2");
    let container = json!({
        "name": name,
        "image": image,
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
    });
    let mut spec = json!({"restartPolicy": restart, "containers": [container]});
    if fate != Fate::Waits {
        // The same for all pods of a workload, and not for all workloads.
        spec["nodeName"] = NODES[name.len() % NODES.len()].into();
    }
    json!({"metadata": {"labels": labels}, "spec": spec})
}
