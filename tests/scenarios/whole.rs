//! The whole life of a tenant, and the whole cluster: what is there afterwards is what was there before.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use serde_json::{Value, json};
use tempfile::TempDir;
use tenantry_cluster::{Cluster, NODES, User, wait_until};
use tokio::task::JoinHandle;

use crate::desk::{Outcome, get, send};
use crate::scripts::{at_home, text};
use crate::{create, definitions};

/// How long until a cluster is at rest: garbage collectors and namespaces' controllers take most of a minute.
const REST: Duration = Duration::from_mins(6);

/// Kinds that change by themselves, whoever does what.
const RESTLESS: [&str; 6] = ["Event", "Lease", "Endpoints", "EndpointSlice", "ComponentStatus", "APIService"];

/// All objects of a cluster by their paths, without what a server keeps for itself.
type Dump = BTreeMap<String, Value>;

async fn dump(cluster: &Cluster) -> Result<Dump, String> {
    let mut versions = vec!["/api/v1".to_owned()];
    let groups = get(cluster, "/apis").await?;
    for group in groups["groups"].as_array().into_iter().flatten() {
        versions.extend(group["preferredVersion"]["groupVersion"].as_str().map(|version| format!("/apis/{version}")));
    }
    let mut found = Dump::new();
    for base in versions {
        let resources = get(cluster, &base).await?;
        for resource in resources["resources"].as_array().into_iter().flatten() {
            let (name, kind) = (resource["name"].as_str().unwrap_or_default(), &resource["kind"]);
            let can_list = resource["verbs"].as_array().is_some_and(|verbs| verbs.contains(&json!("list")));
            if !can_list || name.contains('/') || RESTLESS.iter().any(|restless| kind == restless) {
                continue;
            }
            let list = listed(cluster, &format!("{base}/{name}")).await?;
            for object in list["items"].as_array().into_iter().flatten() {
                let text = |pointer| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                let (space, called) = (text("/metadata/namespace"), text("/metadata/name"));
                found.insert(format!("{base}/{name} {space}/{called}"), decided(object));
            }
        }
    }
    Ok(found)
}

/// A kind that has only just been defined has no storage for a while.
async fn listed(cluster: &Cluster, path: &str) -> Result<Value, String> {
    let is_read = async || get(cluster, path).await.is_ok();
    wait_until(&format!("{path} can be listed"), REST, is_read).await.map_err(|failure| failure.to_string())?;
    get(cluster, path).await
}

/// An object as somebody decided it. A Deployment's controller copies annotations, records of pauses among them, to its
/// ReplicaSets, and takes none away: nobody goes by those.
fn decided(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    let is_copy = object["metadata"]["ownerReferences"][0]["kind"] == "Deployment";
    if let Some(notes) = object["metadata"]["annotations"].as_object_mut().filter(|_| is_copy) {
        notes.remove("tenantry.dev/paused");
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for key in ["uid", "resourceVersion", "creationTimestamp", "managedFields", "generation"] {
            metadata.remove(key);
        }
        let owners = metadata.get_mut("ownerReferences").and_then(Value::as_array_mut).into_iter().flatten();
        owners.for_each(|owner| owner["uid"] = Value::Null);
    }
    object
}

/// The paths of what is another.
fn differing(before: &Dump, after: &Dump) -> Vec<String> {
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let told = paths.into_iter().filter(|path| before.get(*path) != after.get(*path)).map(|path| {
        match (before.get(path), after.get(path)) {
            (None, _) => format!("+ {path}"),
            (_, None) => format!("- {path}"),
            (Some(before), Some(after)) => format!("~ {path}\n  {before}\n  {after}"),
        }
    });
    told.collect()
}

/// Pods get other names each time.
fn is_stable(path: &str) -> bool {
    !path.starts_with("/api/v1/pods ")
}

async fn rests_as(cluster: &Cluster, wanted: &Dump, what: &str, counts: fn(&str) -> bool) -> Outcome {
    let wanted: Dump = wanted.clone().into_iter().filter(|(path, _)| counts(path)).collect();
    let mut last = Vec::new();
    let started = std::time::Instant::now();
    while started.elapsed() < REST {
        let now: Dump = dump(cluster).await?.into_iter().filter(|(path, _)| counts(path)).collect();
        last = differing(&wanted, &now);
        if last.is_empty() {
            return Ok(());
        }
    }
    Err(format!("{what}, the cluster is another:\n{}", last.join("\n")))
}

/// Gives pods their nodes, where nobody else does.
struct Scheduler(JoinHandle<()>);

impl Scheduler {
    fn start(cluster: &Arc<Cluster>) -> Self {
        let client = cluster.client();
        Self(tokio::spawn(async move {
            loop {
                let list = Request::get("/api/v1/pods?fieldSelector=spec.nodeName%3D").body(Vec::new());
                let Ok(list) = list else { return };
                let pods: Value = client.request(list).await.unwrap_or_default();
                for pod in pods["items"].as_array().into_iter().flatten() {
                    let meta = |key: &str| pod["metadata"][key].as_str().unwrap_or_default().to_owned();
                    let path = format!("/api/v1/namespaces/{}/pods/{}/binding", meta("namespace"), meta("name"));
                    let binding = json!({"apiVersion": "v1", "kind": "Binding", "metadata": {"name": meta("name")},
                        "target": {"apiVersion": "v1", "kind": "Node", "name": NODES[0]}});
                    if let Ok(request) = Request::post(path).body(binding.to_string().into_bytes()) {
                        // Who has one already needs none.
                        let _ = client.request::<Value>(request).await;
                    }
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }))
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Life {
    cluster: Arc<Cluster>,
    home: TempDir,
    _scheduler: Scheduler,
}

impl Life {
    async fn begin(cluster: Arc<Cluster>) -> Result<Self, String> {
        create::furnish(&cluster).await?;
        definitions::install(&cluster).await?;
        let kuma = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kuma-system"}});
        if get(&cluster, "/api/v1/namespaces/kuma-system").await.is_err() {
            send(&cluster, "POST", "/api/v1/namespaces", &kuma).await?;
        }
        // What each namespace is given is there.
        let given = "/api/v1/namespaces/kuma-system/serviceaccounts/default";
        let is_there = async || get(&cluster, given).await.is_ok();
        wait_until("kuma-system is furnished", REST, is_there).await.map_err(|failure| failure.to_string())?;
        let home = tempfile::tempdir().map_err(|error| error.to_string())?;
        Ok(Self { _scheduler: Scheduler::start(&cluster), cluster, home })
    }

    async fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let output = at_home(self.home.path(), &self.cluster, User::Admin, arguments).await?;
        let (printed, said) = (text(&output.stdout), text(&output.stderr));
        if output.status.success() { Ok(printed) } else { Err(format!("{arguments:?}: {printed}{said}")) }
    }

    async fn create(&self, blueprint: &str) -> Result<String, String> {
        let tenant = format!("whole-{blueprint}");
        let create = ["create", &tenant, "--yes", "--blueprint", blueprint, "--set", "owners=alice"];
        let address: &[&str] = match blueprint {
            "empty" => &[],
            "mesh" => &["--set", "address=none"],
            _ => &[
                "--set",
                "address=ingress",
                "--set",
                "ingressClass=blueprints",
                "--set",
                "controllerNamespace=ingress-blueprints",
                "--set",
                "tls=no",
                "--set",
                "host=whole.example.net",
            ],
        };
        self.run(&[&create[..], address].concat()).await?;
        Ok(tenant)
    }

    /// The cluster when Capsule has done with a new tenant what it does: its owner is bound, and nothing changes any more.
    async fn made(&self, tenant: &str) -> Result<Dump, String> {
        let bindings = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{tenant}-web/rolebindings");
        let is_bound = async || get(&self.cluster, &bindings).await.is_ok_and(|all| all.to_string().contains("alice"));
        wait_until("the owner is bound", REST, is_bound).await.map_err(|failure| failure.to_string())?;
        let mut last = Dump::new();
        let deadline = std::time::Instant::now() + REST;
        loop {
            let now = dump(&self.cluster).await?;
            if differing(&last, &now).is_empty() {
                return Ok(now);
            }
            if std::time::Instant::now() > deadline {
                return Err(format!("it never rests: {:?}", differing(&last, &now)));
            }
            last = now;
            // As long as controllers take to notice something.
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// What is left behind of a tenant, as it is listed.
    async fn leftovers(&self, tenant: &str) -> Result<Vec<String>, String> {
        let printed = self.run(&["leftovers", "-o", "json"]).await?;
        let told: Value = serde_json::from_str(&printed).map_err(|error| error.to_string())?;
        let left = told["left"].as_array().into_iter().flatten();
        let of_it = left.filter(|left| left["why"].as_str().is_some_and(|why| why.contains(tenant)));
        Ok(of_it.filter_map(|left| left["name"].as_str().map(str::to_owned)).collect())
    }
}

/// Made from each blueprint, paused, resumed, deleted: what stays is what the deletion said would stay, and is found afterwards.
pub async fn a_life_leaves_the_cluster_as_it_was(cluster: Arc<Cluster>) -> Outcome {
    let life = Life::begin(Arc::clone(&cluster)).await?;
    for blueprint in ["empty", "web", "mesh"] {
        let before = dump(&cluster).await?;
        let tenant = life.create(blueprint).await?;
        life.run(&["resume", &tenant, "--yes", "--wait"]).await?;
        let made = life.made(&tenant).await?;
        let gained = differing(&before, &made);
        assert!(gained.iter().all(|change| change.starts_with("+ ")), "{gained:#?}");
        life.run(&["pause", &tenant, "--yes", "--wait"]).await?;
        let paused = differing(&made, &dump(&cluster).await?);
        assert!(paused.iter().any(|change| change.contains(&format!("tenants /{tenant}"))), "{paused:#?}");
        life.run(&["resume", &tenant, "--yes", "--wait"]).await?;
        rests_as(&cluster, &made, &format!("{blueprint}: after pause and resume"), is_stable).await?;
        let asked = at_home(life.home.path(), &cluster, User::Admin, &["delete", &tenant]).await?;
        let stays = text(&asked.stdout);
        life.run(&["delete", &tenant, "--yes-i-know", &tenant, "--wait"]).await?;
        let left = life.leftovers(&tenant).await?;
        for name in &left {
            let (kind, name) = name.split_once('/').unwrap_or_default();
            assert!(stays.contains(&format!("{kind} {name}")), "{kind} {name} stays, and nobody said so:\n{stays}");
            life.run(&["leftovers", "--delete", &format!("{kind}/{name}"), "--yes"]).await?;
        }
        assert_eq!(left.is_empty(), blueprint != "mesh", "{left:?}");
        rests_as(&cluster, &before, &format!("{blueprint}: after the deletion"), |_| true).await?;
    }
    Ok(())
}

/// An undo of all parts takes everything back that a creation made, in whatever namespace.
pub async fn an_undo_leaves_the_cluster_as_it_was(cluster: Arc<Cluster>) -> Outcome {
    let life = Life::begin(Arc::clone(&cluster)).await?;
    for blueprint in ["web", "mesh"] {
        let before = dump(&cluster).await?;
        let known = life.parts().await?.len();
        life.create(blueprint).await?;
        let parts = life.parts().await?;
        for part in parts[known..].iter().rev() {
            life.run(&["undo", part, "--yes"]).await?;
        }
        rests_as(&cluster, &before, &format!("{blueprint}: after the undo"), |_| true).await?;
    }
    Ok(())
}

impl Life {
    /// The names of what the journal tells, the oldest first.
    async fn parts(&self) -> Result<Vec<String>, String> {
        let printed = self.run(&["journal", "-o", "json"]).await?;
        let told: Value = serde_json::from_str(&printed).map_err(|error| error.to_string())?;
        let mut parts: Vec<(i64, String)> = told
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|past| Some((past["at"].as_i64().unwrap_or_default(), past["id"].as_str()?.to_owned())))
            .collect();
        parts.sort();
        Ok(parts.into_iter().map(|(_, id)| id).collect())
    }
}
