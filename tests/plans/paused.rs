//! The built program is killed at every write of a pause, and of a resume. Whatever it left, a resume brings everything back,
//! and so does a pause that is followed by a resume; and at no instant is an old value neither in its field nor in a record.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tenantry_cluster::harness::Scenario;
use tenantry_cluster::{Cluster, NODES, User, wait_until};

use crate::proxy::{Cut, Proxy};
use crate::stage::{Outcome, differing};

const PAUSED: &str = "tenantry.dev/paused";
const LABEL: &str = "projectcapsule.dev/cordoned";
const TENANT: &str = "slain";
/// The record of the whole, a Deployment, a StatefulSet, a CronJob, two locks, the cordon; and no fewer back.
const WRITES: usize = 7;
/// A namespace that works, and one that is cordoned by itself.
const SPACES: [&str; 2] = ["slain-web", "slain-still"];
const PATIENCE: Duration = Duration::from_mins(2);
/// How long a scenario of some fifty pauses may take on a busy machine.
const LONG: Duration = Duration::from_mins(25);

/// How often somebody looks again.
const AGAIN: usize = 5;

/// Killed on the way there, and on the way back.
pub fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("a_killed_pause_loses_nothing", |cluster| killed(cluster, "pause")).limit(LONG),
        Scenario::new("a_killed_resume_loses_nothing", |cluster| killed(cluster, "resume")).limit(LONG),
    ]
}

/// A field that a pause sets: whose, where it is, and its name in a record.
struct Held {
    path: String,
    pointer: &'static str,
    name: &'static str,
    was: Value,
}

/// A tenant behind a line that can be cut, and a home.
struct Scene {
    cluster: Arc<Cluster>,
    proxy: Proxy,
    home: TempDir,
    tenant: String,
    spaces: [String; 2],
}

/// Every write, before it arrives and before its answer does; after each of them straight back, and once more to rest and back.
async fn killed(cluster: Arc<Cluster>, verb: &str) -> Outcome {
    let scene = Scene::set(cluster, verb).await?;
    let beginning = scene.state().await?;
    scene.program(&["pause", &scene.tenant, "--yes", "--wait"]).await?;
    let writes = if verb == "pause" { scene.proxy.written_in_all() } else { 0 };
    scene.proxy.set(None);
    scene.program(&["resume", &scene.tenant, "--yes", "--wait"]).await?;
    let writes = if verb == "pause" { writes } else { scene.proxy.written_in_all() };
    let other = differing(&beginning, &scene.state().await?);
    if !other.is_empty() {
        return Err(format!("there and back it differs in {other:?}"));
    }
    if writes < WRITES {
        return Err(format!("{writes} writes are too few to be a {verb}"));
    }
    for at in 1..=writes {
        for arrives in [false, true] {
            for rest_first in [false, true] {
                let what = format!("{verb} killed at write {at} of {writes}, which arrives: {arrives}");
                if verb == "resume" {
                    scene
                        .program(&["pause", &scene.tenant, "--yes", "--wait"])
                        .await
                        .map_err(|why| format!("{what}: {why}"))?;
                }
                scene.cut_off(verb, at, arrives).await.map_err(|why| format!("{what}: {why}"))?;
                scene.nothing_is_lost().await.map_err(|why| format!("{what}: {why}"))?;
                let rests = || async {
                    scene.program(&["pause", &scene.tenant, "--yes", "--wait"]).await?;
                    scene.nothing_is_lost().await?;
                    let status = scene.status().await?;
                    if status == "paused" { Ok(()) } else { Err(format!("it says {status}")) }
                };
                if rest_first {
                    rests().await.map_err(|why| format!("{what}, and paused again: {why}"))?;
                }
                let back = scene.program(&["resume", &scene.tenant, "--yes", "--wait"]).await;
                back.map_err(|why| format!("{what}, and resumed (rested: {rest_first}): {why}"))?;
                let other = differing(&beginning, &scene.state().await?);
                if !other.is_empty() {
                    return Err(format!("{what}, resumed (rested: {rest_first}): it differs in {other:?}"));
                }
                let status = scene.status().await?;
                if status != "active" {
                    return Err(format!("{what}, resumed (rested: {rest_first}): it says {status}"));
                }
            }
        }
    }
    Ok(())
}

impl Scene {
    async fn set(cluster: Arc<Cluster>, verb: &str) -> Result<Self, String> {
        let why = |error: &dyn std::fmt::Display| error.to_string();
        let (tenant, spaces) = (format!("{TENANT}-{verb}"), SPACES.map(|space| format!("{space}-{verb}")));
        cluster.create_tenant(&tenant, &[User::Alice]).await.map_err(|error| why(&error))?;
        for space in &spaces {
            cluster.create_namespace(User::Alice, &tenant, space).await.map_err(|error| why(&error))?;
        }
        let proxy = Proxy::start(cluster.client(), &spaces[0]).await?;
        let home = tempfile::tempdir().map_err(|error| why(&error))?;
        let scene = Self { cluster, proxy, home, tenant, spaces };
        scene.furnish().await?;
        Ok(scene)
    }

    /// What runs on nodes that are played, what was asleep before, and a cordon that is the namespace's own.
    async fn furnish(&self) -> Outcome {
        let web = &self.spaces[0];
        let containers = json!([{"name": "main", "image": "docker.io/example/main:1"}]);
        let workload = |name: &str, more: Value| {
            let labels = json!({"app": name});
            let mut spec = json!({"selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels},
                "spec": {"nodeName": NODES[0], "terminationGracePeriodSeconds": 1, "containers": containers},
            }});
            for (key, value) in more.as_object().into_iter().flatten() {
                spec[key] = value.clone();
            }
            json!({"metadata": {"name": name}, "spec": spec})
        };
        let report = |name: &str, suspend: bool| {
            let run = json!({"restartPolicy": "Never", "containers": containers});
            json!({"metadata": {"name": name}, "spec": {"schedule": "0 0 1 1 *", "suspend": suspend,
                "jobTemplate": {"spec": {"template": {"spec": run}}}}})
        };
        for (path, object) in [
            ("apis/apps/v1/namespaces/WEB/deployments", workload("site", json!({"replicas": 3}))),
            ("apis/apps/v1/namespaces/WEB/deployments", workload("asleep", json!({"replicas": 0}))),
            ("apis/apps/v1/namespaces/WEB/statefulsets", workload("db", json!({"replicas": 2, "serviceName": "db"}))),
            ("apis/batch/v1/namespaces/WEB/cronjobs", report("report", false)),
            ("apis/batch/v1/namespaces/WEB/cronjobs", report("dormant", true)),
        ] {
            self.send("POST", &format!("/{}", path.replace("WEB", web)), &object).await?;
        }
        let cordoned = json!({"metadata": {"labels": {LABEL: "true"}}});
        self.send("PATCH", &format!("/api/v1/namespaces/{}", self.spaces[1]), &cordoned).await?;
        self.ready().await
    }

    async fn ready(&self) -> Outcome {
        for (path, wanted) in [("deployments/site", 3), ("statefulsets/db", 2)] {
            let path = format!("/apis/apps/v1/namespaces/{}/{path}", self.spaces[0]);
            let is_ready = async || self.get(&path).await.is_ok_and(|now| now["status"]["readyReplicas"] == wanted);
            wait_until(&format!("{path} is ready"), PATIENCE, is_ready).await.map_err(|failure| failure.to_string())?;
        }
        Ok(())
    }

    async fn get(&self, path: &str) -> Result<Value, String> {
        let request = http::Request::get(path).body(Vec::new()).map_err(|error| error.to_string())?;
        self.cluster.client().request(request).await.map_err(|error| error.to_string())
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let request = http::Request::builder().method(method).uri(path).header("content-type", kind);
        let request = request.body(body.to_string().into_bytes()).map_err(|error| error.to_string())?;
        self.cluster.client().request(request).await.map_err(|error| error.to_string())
    }

    /// All that a pause may touch, as a person decided it.
    async fn state(&self) -> Result<Value, String> {
        let web = &self.spaces[0];
        let mut state = json!({});
        for path in [
            format!("/apis/apps/v1/namespaces/{web}/deployments/site"),
            format!("/apis/apps/v1/namespaces/{web}/deployments/asleep"),
            format!("/apis/apps/v1/namespaces/{web}/statefulsets/db"),
            format!("/apis/batch/v1/namespaces/{web}/cronjobs/report"),
            format!("/apis/batch/v1/namespaces/{web}/cronjobs/dormant"),
            format!("/apis/capsule.clastix.io/v1beta2/tenants/{}", self.tenant),
            format!("/api/v1/namespaces/{}", self.spaces[0]),
            format!("/api/v1/namespaces/{}", self.spaces[1]),
        ] {
            let object = self.get(&path).await?;
            let mut notes = object["metadata"]["annotations"].clone();
            if let Some(notes) = notes.as_object_mut() {
                notes.retain(|key, _| !key.starts_with("deployment.kubernetes.io"));
            }
            let labels = &object["metadata"]["labels"];
            state[&path] = json!({"spec": object["spec"], "annotations": notes, "labels": labels});
        }
        for space in &self.spaces {
            let quotas = self.get(&format!("/api/v1/namespaces/{space}/resourcequotas")).await?;
            let names: Vec<&Value> =
                quotas["items"].as_array().into_iter().flatten().map(|quota| &quota["metadata"]["name"]).collect();
            state[format!("quotas in {space}")] = json!(names);
        }
        Ok(state)
    }

    fn held(&self) -> Vec<Held> {
        let web = &self.spaces[0];
        let one = |path: &str, pointer, name, was| Held { path: path.replace("WEB", web), pointer, name, was };
        vec![
            one("/apis/apps/v1/namespaces/WEB/deployments/site", "/spec/replicas", "replicas", json!(3)),
            one("/apis/apps/v1/namespaces/WEB/statefulsets/db", "/spec/replicas", "replicas", json!(2)),
            one("/apis/batch/v1/namespaces/WEB/cronjobs/report", "/spec/suspend", "suspend", json!(false)),
        ]
    }

    /// Every old value stands in its field or in the object's record; a cordon of its own in force or in that of the tenant.
    async fn nothing_is_lost(&self) -> Outcome {
        for Held { path, pointer, name, was } in self.held() {
            let now = self.get(&path).await?;
            let record = record(&now);
            if now.pointer(pointer) != Some(&was) && record["was"][name] != was {
                return Err(format!("{path} has lost {name} {was}: {}, {record}", now["spec"]));
            }
        }
        let still = self.get(&format!("/api/v1/namespaces/{}", self.spaces[1])).await?;
        let tenant = self.get(&format!("/apis/capsule.clastix.io/v1beta2/tenants/{}", self.tenant)).await?;
        let remembered = record(&tenant)["was"]["namespaces"].to_string().contains(&self.spaces[1]);
        if still["metadata"]["labels"][LABEL] == "true" || remembered {
            Ok(())
        } else {
            Err(format!("the cordon of {} alone is lost", self.spaces[1]))
        }
    }

    async fn run(&self, arguments: &[&str], is_target: bool) -> Result<Output, String> {
        let words = [&[env!("CARGO_BIN_EXE_tenantry")], arguments].concat();
        self.proxy.run(&words, self.home.path(), PATIENCE * 2, is_target).await
    }

    /// Runs the program over a line that is whole. What was killed leaves controllers at work: where one of them comes between the
    /// reading and the asking, the program sends nothing and says to look again, and so does whoever runs it.
    async fn program(&self, arguments: &[&str]) -> Result<String, String> {
        self.proxy.set(None);
        let mut refused = String::new();
        for _ in 0..AGAIN {
            let output = self.run(arguments, false).await?;
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            if output.status.success() {
                return Ok(printed);
            }
            refused = format!("{arguments:?}: {printed}{}", String::from_utf8_lossy(&output.stderr));
            if !refused.contains("the object has changed meanwhile") {
                break;
            }
        }
        Err(refused)
    }

    /// The same, killed at this write. Where a controller is about an object at that very moment its write is sent twice: the
    /// last ones there may be or not.
    async fn cut_off(&self, verb: &str, at: usize, arrives: bool) -> Outcome {
        self.proxy.set(Some((at, Cut::Killed { arrives })));
        let output = self.run(&[verb, &self.tenant, "--yes"], true).await?;
        self.proxy.arrived().await;
        if output.status.signal() == Some(9) || (at > WRITES && output.status.success()) {
            return Ok(());
        }
        Err(format!("it lives: {}", String::from_utf8_lossy(&output.stdout)))
    }

    async fn status(&self) -> Result<String, String> {
        let printed = self.program(&["status", &self.tenant, "-o", "json"]).await?;
        let told: Value = serde_json::from_str(&printed).map_err(|error| error.to_string())?;
        Ok(told["state"].as_str().unwrap_or_default().to_owned())
    }
}

/// The record that an object carries; null if none.
fn record(object: &Value) -> Value {
    let text = object["metadata"]["annotations"][PAUSED].as_str();
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
