//! Pause and resume: there and back, as the administrator, as an owner, for a namespace alone, from a shell.

use std::sync::Arc;

use serde_json::{Value, json};
use tenantry::config::settings::Rule;
use tenantry::console::headless::Headless;
use tenantry::world::tenant::TenantState;
use tenantry_cluster::{Cluster, NODES, User, wait_until};

use crate::desk::{Desk, Outcome, PATIENCE, furnish, get, is_cordoned, patch, send, tenant};
use crate::scripts::{tenantry, text};

const PAUSED: &str = "tenantry.dev/paused";

fn deployment(namespace: &str) -> String {
    format!("/apis/apps/v1/namespaces/{namespace}/deployments/site")
}

fn database(namespace: &str) -> String {
    format!("/apis/apps/v1/namespaces/{namespace}/statefulsets/db")
}

fn report(namespace: &str) -> String {
    format!("/apis/batch/v1/namespaces/{namespace}/cronjobs/report")
}

/// A Deployment of two, a StatefulSet of one, a CronJob, and a pod of nobody's; all of them running.
async fn works(cluster: &Cluster, namespace: &str) -> Outcome {
    let containers = json!([{"name": "main", "image": "docker.io/example/main:1"}]);
    let template = |app: &str| json!({"metadata": {"labels": {"app": app}}, "spec": {"nodeName": NODES[0], "terminationGracePeriodSeconds": 1, "containers": containers}});
    let selector = |app: &str| json!({"matchLabels": {"app": app}});
    let site = json!({
        "metadata": {"name": "site"},
        "spec": {"replicas": 2, "selector": selector("site"), "template": template("site")},
    });
    let db = json!({
        "metadata": {"name": "db"},
        "spec": {"replicas": 1, "serviceName": "db", "selector": selector("db"), "template": template("db")},
    });
    let run = json!({"restartPolicy": "Never", "containers": containers});
    let report = json!({
        "metadata": {"name": "report"},
        "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": {"spec": run}}}},
    });
    let bare = json!({"metadata": {"name": "bare"}, "spec": {"nodeName": NODES[0], "containers": containers}});
    for (path, object) in [
        ("/apis/apps/v1", "deployments", site),
        ("/apis/apps/v1", "statefulsets", db),
        ("/apis/batch/v1", "cronjobs", report),
        ("/api/v1", "pods", bare),
    ]
    .map(|(base, plural, object)| (format!("{base}/namespaces/{namespace}/{plural}"), object))
    {
        send(cluster, "POST", &path, &object).await?;
    }
    for (path, wanted) in [(deployment(namespace), 2), (database(namespace), 1)] {
        replicas(cluster, &path, "/status/readyReplicas", wanted).await?;
    }
    Ok(())
}

async fn replicas(cluster: &Cluster, path: &str, pointer: &str, wanted: i64) -> Outcome {
    let is_so = async || {
        get(cluster, path)
            .await
            .is_ok_and(|object| object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0) == wanted)
    };
    let what = format!("{path} has {pointer} {wanted}");
    wait_until(&what, PATIENCE, is_so).await.map_err(|failure| failure.to_string())
}

/// What a person decided of an object.
async fn decided(cluster: &Cluster, path: &str) -> Result<Value, String> {
    let object = get(cluster, path).await?;
    let notes = object.pointer("/metadata/annotations").cloned().unwrap_or(json!({}));
    let ours = notes.as_object().into_iter().flatten().filter(|(key, _)| !key.starts_with("deployment.kubernetes.io"));
    Ok(json!({"spec": object["spec"], "annotations": ours.collect::<Vec<_>>()}))
}

async fn pods(cluster: &Cluster, namespace: &str) -> Result<Vec<String>, String> {
    let list = get(cluster, &format!("/api/v1/namespaces/{namespace}/pods")).await?;
    let names = list["items"].as_array().into_iter().flatten().filter_map(|pod| pod["metadata"]["name"].as_str());
    Ok(names.map(str::to_owned).collect())
}

/// The whole way there and back: everything rests, nothing is lost, and all is as it was.
pub async fn a_tenant_is_paused_and_resumed(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "rest", &["rest-web"]).await?;
    works(&cluster, "rest-web").await?;
    let paths = [deployment("rest-web"), database("rest-web"), report("rest-web")];
    let mut before = Vec::new();
    for path in &paths {
        before.push(decided(&cluster, path).await?);
    }
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("rest").await?;
    desk.press(": 'pause rest no customers until spring' enter").await?;
    desk.console.settle(PATIENCE).await?;
    for words in [
        "Pause tenant rest",
        "stops 1 Deployment, 1 StatefulSet, 1 CronJob; keeps volumes, services, addresses and hosts",
        "still runs: 1 bare pod (rest-web/bare)",
        "administrators can, and scaling, exec and evictions pass",
        "[x] cordon",
        "[x] lock",
    ] {
        desk.sees(words).await?;
    }
    desk.approve("y").await?;
    desk.hears("rest is cordoned, in its one namespace").await?;
    desk.sees("paused").await?;
    assert_eq!(pods(&cluster, "rest-web").await?, ["bare"], "nothing that a controller keeps is left");
    let site = get(&cluster, &paths[0]).await?;
    assert_eq!(site["spec"]["replicas"], 0);
    let record: Value = serde_json::from_str(site["metadata"]["annotations"][PAUSED].as_str().unwrap_or_default())
        .map_err(|error| error.to_string())?;
    assert_eq!((&record["was"], &record["by"]), (&json!({"replicas": 2}), &json!("admin")));
    assert_eq!(record["reason"], "no customers until spring");
    assert_eq!(get(&cluster, &paths[2]).await?["spec"]["suspend"], true);
    assert!(is_cordoned(&cluster, "rest").await?);
    // New pods are refused, whoever asks for them.
    let bare = json!({"metadata": {"name": "late"}, "spec": {"containers": [{"name": "main", "image": "docker.io/example/main:1"}]}});
    let late = send(&cluster, "POST", "/api/v1/namespaces/rest-web/pods", &bare).await;
    assert!(late.clone().is_err_and(|said| said.contains("exceeded quota: tenantry-pause")), "{late:?}");

    // The row says so, and the same key goes back.
    desk.press("p").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Resume tenant rest").await?;
    desk.sees("by admin: no customers until spring").await?;
    desk.approve("y").await?;
    desk.hears("Resume tenant rest: accepted").await?;
    replicas(&cluster, &paths[0], "/status/readyReplicas", 2).await?;
    replicas(&cluster, &paths[1], "/status/readyReplicas", 1).await?;
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(decided(&cluster, path).await?, before, "{path}");
    }
    let whole = get(&cluster, &tenant("rest")).await?;
    assert!(whole["metadata"]["annotations"].get(PAUSED).is_none(), "{whole}");
    assert!(!is_cordoned(&cluster, "rest").await?);
    desk.sees("active").await
}

/// Whoever may not touch the Tenant pauses what he may, and is told what that lacks.
pub async fn an_owner_pauses_what_he_may(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "own", &["own-web"]).await?;
    works(&cluster, "own-web").await?;
    let rule = Rule { namespaces: vec!["own-web".into()], ..Rule::default() };
    let mut desk = Desk::with(&cluster, User::Alice, |settings| {
        settings.config.contexts.insert("*".to_owned(), rule);
    })
    .await?;
    desk.press(": 'pause own' enter").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Pause tenant own").await?;
    desk.sees("paused without the cordon").await?;
    desk.sees("may make no quota there").await?;
    desk.approve("y").await?;
    desk.hears("Pause tenant own: accepted").await?;
    desk.sees("paused").await?;
    assert_eq!(pods(&cluster, "own-web").await?, ["bare"]);
    assert!(!is_cordoned(&cluster, "own").await?);
    desk.press(": 'resume own' enter").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Resume tenant own").await?;
    desk.approve("y").await?;
    replicas(&cluster, &deployment("own-web"), "/status/readyReplicas", 2).await
}

/// One namespace rests and its sibling runs; the tenant's row says that, and the key asks which way to go.
pub async fn a_namespace_is_paused_alone(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "part", &["part-a", "part-b"]).await?;
    for namespace in ["part-a", "part-b"] {
        works(&cluster, namespace).await?;
    }
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("part").await?;
    desk.sees("part-b").await?;
    desk.press(": 'ns part-a' enter p").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Pause namespace part-a").await?;
    desk.approve("y").await?;
    desk.hears("Pause namespace part-a: accepted").await?;
    assert_eq!(get(&cluster, &deployment("part-b")).await?["spec"]["replicas"], 2);
    desk.sees("part-paused").await?;
    desk.press(": 'tnt part' enter p").await?;
    desk.must_show("pause or resume?")?;
    desk.press("'r' enter").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Resume tenant part").await?;
    desk.press("esc").await?;
    desk.press(": 'ns part-a' enter p").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Resume namespace part-a").await?;
    desk.approve("y").await?;
    desk.hears("Resume namespace part-a: accepted").await?;
    replicas(&cluster, &deployment("part-a"), "/status/readyReplicas", 2).await
}

/// What somebody has changed meanwhile is shown and stays, unless it is asked for otherwise.
pub async fn a_change_meanwhile_is_shown_and_asked_about(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "mean", &["mean-web"]).await?;
    works(&cluster, "mean-web").await?;
    let paused = tenantry(&cluster, User::Admin, &["pause", "mean", "--no-lock", "--yes"]).await?;
    assert!(paused.status.success(), "{}{}", text(&paused.stdout), text(&paused.stderr));
    patch(&cluster, &deployment("mean-web"), &json!({"spec": {"replicas": 1}})).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("mean").await?;
    desk.sees("part-paused").await?;
    desk.press(": 'resume' enter").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("was paused with 2 replicas and has 1 replica now: it keeps that").await?;
    desk.sees("[ ] also set back what was changed meanwhile").await?;
    desk.press("o").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("[x] also set back").await?;
    desk.press("o").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("Resume tenant mean: accepted").await?;
    let site = get(&cluster, &deployment("mean-web")).await?;
    assert_eq!(site["spec"]["replicas"], 1);
    assert!(site["metadata"]["annotations"].get(PAUSED).is_none());
    replicas(&cluster, &database("mean-web"), "/spec/replicas", 1).await
}

/// What would lose its volumes is not stopped, and the plan says so before anything is sent.
pub async fn volumes_that_would_be_lost_block(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "vols", &["vols-db"]).await?;
    works(&cluster, "vols-db").await?;
    let policy =
        json!({"spec": {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete", "whenDeleted": "Retain"}}});
    patch(&cluster, &database("vols-db"), &policy).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("vols").await?;
    desk.press("p").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("deletes its volumes when it is scaled down").await?;
    desk.sees("this plan cannot be applied").await?;
    desk.approve("y").await?;
    desk.hears("nothing was sent").await?;
    assert_eq!(get(&cluster, &deployment("vols-db")).await?["spec"]["replicas"], 2);
    let refused = tenantry(&cluster, User::Admin, &["pause", "vols", "--yes"]).await?;
    assert!(
        !refused.status.success() && text(&refused.stderr).contains("deletes its volumes"),
        "{}",
        text(&refused.stderr)
    );
    // Left running, it holds up nothing else.
    desk.press("3").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("[x] leave running what would lose its volumes").await?;
    desk.approve("y").await?;
    desk.hears("vols is cordoned").await?;
    assert_eq!(get(&cluster, &database("vols-db")).await?["spec"]["replicas"], 1);
    replicas(&cluster, &deployment("vols-db"), "/status/replicas", 0).await
}

/// From a shell: true to the cluster, the same twice, and back.
pub async fn a_pause_in_scripts(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "night", &["night-web"]).await?;
    works(&cluster, "night-web").await?;
    let status = async || -> Result<Value, String> {
        let told = tenantry(&cluster, User::Admin, &["status", "night", "-o", "json"]).await?;
        assert!(told.status.success(), "{}", text(&told.stderr));
        serde_json::from_slice(&told.stdout).map_err(|error| error.to_string())
    };
    assert_eq!(status().await?["state"], "active");
    let nobody = tenantry(&cluster, User::Admin, &["pause", "night"]).await?;
    assert_eq!(nobody.status.code(), Some(2), "nobody can be asked: {}", text(&nobody.stderr));
    assert_eq!(status().await?["state"], "active");
    let pause = ["pause", "night", "--yes", "--wait", "--reason", "saving", "-o", "json"];
    let paused = tenantry(&cluster, User::Admin, &pause).await?;
    assert!(paused.status.success(), "{}{}", text(&paused.stdout), text(&paused.stderr));
    let told = status().await?;
    assert_eq!((&told["state"], &told["by"], &told["reason"]), (&json!("paused"), &json!("admin"), &json!("saving")));
    assert_eq!(told["workloads"]["held"], 3);
    assert_eq!(told["residue"]["barePods"], json!(["night-web/bare"]));
    let before = get(&cluster, &deployment("night-web")).await?["metadata"]["generation"].clone();
    let again = tenantry(&cluster, User::Admin, &["pause", "night", "--yes"]).await?;
    let said = text(&again.stdout);
    assert!(again.status.success() && said.contains("tenant night is paused already"), "{said}{}", text(&again.stderr));
    assert_eq!(get(&cluster, &deployment("night-web")).await?["metadata"]["generation"], before);
    let resumed = tenantry(&cluster, User::Admin, &["resume", "night", "--yes", "--wait"]).await?;
    assert!(resumed.status.success(), "{}{}", text(&resumed.stdout), text(&resumed.stderr));
    assert_eq!(get(&cluster, &deployment("night-web")).await?["status"]["readyReplicas"], 2);
    assert_eq!(status().await?["state"], "active");
    let nothing = tenantry(&cluster, User::Admin, &["status", "nowhere"]).await?;
    assert!(!nothing.status.success() && text(&nothing.stderr).contains("there is no tenant nowhere"));
    Ok(())
}

/// Goes back to the other image, and waits until the controller has noticed.
async fn roll_back(cluster: &Cluster, namespace: &str) -> Outcome {
    let revision = async || {
        let site = get(cluster, &deployment(namespace)).await.unwrap_or_default();
        site["metadata"]["annotations"]["deployment.kubernetes.io/revision"].clone()
    };
    let before = revision().await;
    undo_rollout(cluster, namespace).await?;
    let is_new = async || revision().await != before;
    wait_until("the rollback has begun", PATIENCE, is_new).await.map_err(|failure| failure.to_string())
}

/// `kubectl rollout undo`: the program itself where there is one, or what it sends.
async fn undo_rollout(cluster: &Cluster, namespace: &str) -> Outcome {
    if let Ok(folder) = cluster.bin_dir() {
        let mut kubectl = std::process::Command::new(folder.join("kubectl"));
        kubectl.args(["--context", "admin", "-n", namespace, "rollout", "undo", "deployment/site"]);
        kubectl.env("KUBECONFIG", cluster.kubeconfig());
        let run = tokio::task::spawn_blocking(move || kubectl.output()).await.map_err(|error| error.to_string())?;
        let run = run.map_err(|error| error.to_string())?;
        return if run.status.success() { Ok(()) } else { Err(text(&run.stderr)) };
    }
    // kubectl/pkg/polymorphichelpers/rollback.go: the annotations of the ReplicaSet in the place of one's own, but for these.
    let own = |key: &str| key.starts_with("deployment.kubernetes.io/") || key.ends_with("last-applied-configuration");
    let sets = get(cluster, &format!("/apis/apps/v1/namespaces/{namespace}/replicasets")).await?;
    let revision = |set: &Value| -> Option<i64> {
        set["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_str()?.parse().ok()
    };
    let mut sets: Vec<Value> = sets["items"].as_array().cloned().unwrap_or_default();
    sets.sort_by_key(|set| revision(set));
    let [.., previous, _] = sets.as_slice() else { return Err("there is nothing to go back to".to_owned()) };
    let site = get(cluster, &deployment(namespace)).await?;
    let notes = |object: &Value| object["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
    let mut annotations = notes(&site);
    annotations.retain(|key, _| own(key));
    annotations.extend(notes(previous).into_iter().filter(|(key, _)| !own(key)));
    let mut template = previous["spec"]["template"].clone();
    template["metadata"]["labels"].as_object_mut().map(|labels| labels.remove("pod-template-hash"));
    let patch = json!([
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations},
    ]);
    let request = http::Request::patch(format!("{}?fieldManager=kubectl-rollout", deployment(namespace)))
        .header("content-type", "application/json-patch+json")
        .body(patch.to_string().into_bytes())
        .map_err(|error| error.to_string())?;
    cluster.client().request::<Value>(request).await.map(|_| ()).map_err(|error| error.to_string())
}

/// A rollback puts an earlier ReplicaSet's annotations in the place of those that are there: it can take a pause record away, and
/// bring one back that is long over. Neither loses a count.
pub async fn a_rollback_loses_no_count(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "roll", &["roll-web"]).await?;
    works(&cluster, "roll-web").await?;
    let site = deployment("roll-web");
    let image = json!([{"name": "main", "image": "docker.io/example/main:2"}]);
    patch(&cluster, &site, &json!({"spec": {"template": {"spec": {"containers": image}}}})).await?;
    let sets = "/apis/apps/v1/namespaces/roll-web/replicasets";
    let rolled = async || {
        let site = get(&cluster, &site).await.unwrap_or_default();
        let sets = get(&cluster, sets).await.unwrap_or_default();
        site["status"]["updatedReplicas"] == 2
            && site["status"]["replicas"] == 2
            && sets["items"].as_array().map(Vec::len) == Some(2)
    };
    wait_until("the new image is rolled out", PATIENCE, rolled).await.map_err(|failure| failure.to_string())?;
    let run = async |arguments: &[&str]| {
        let output = tenantry(&cluster, User::Admin, arguments).await?;
        let printed = text(&output.stdout);
        if output.status.success() { Ok(printed) } else { Err(format!("{printed}{}", text(&output.stderr))) }
    };
    let copied = async |path: &str| {
        let sets = get(&cluster, path).await.unwrap_or_default();
        sets.to_string().contains(PAUSED)
    };
    run(&["pause", "roll", "--yes", "--wait"]).await?;
    wait_until("the record is copied", PATIENCE, async || copied(sets).await)
        .await
        .map_err(|failure| failure.to_string())?;
    roll_back(&cluster, "roll-web").await?;
    let rolled = get(&cluster, &site).await?;
    assert!(rolled["metadata"]["annotations"].get(PAUSED).is_none() && rolled["spec"]["replicas"] == 0, "{rolled}");
    let said = run(&["resume", "roll", "--yes", "--wait"]).await?;
    assert!(said.contains("has lost its record to a rollback; its ReplicaSet remembers: 2 replicas"), "{said}");
    assert_eq!(get(&cluster, &site).await?["spec"]["replicas"], 2);

    // The other way round: the record of that pause comes back, and nobody goes by it.
    roll_back(&cluster, "roll-web").await?;
    let rolled = patch(&cluster, &site, &json!({"spec": {"replicas": 3}})).await?;
    assert!(rolled["metadata"]["annotations"].get(PAUSED).is_some(), "{rolled}");
    let status = async || -> Result<Value, String> {
        let told = run(&["status", "roll", "-o", "json"]).await?;
        serde_json::from_str(&told).map_err(|error| error.to_string())
    };
    assert_eq!(status().await?["state"], "active");
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("roll").await?;
    desk.sees("roll").await?;
    // What was made a moment ago may still be on its way. Other tenants of this cluster may be in any state.
    let is_active = |console: &Headless| console.model().here.world.tenant_state(&"roll".into()) == TenantState::Active;
    desk.console.until("it is active", PATIENCE, is_active).await?;
    run(&["pause", "roll", "--yes", "--wait"]).await?;
    let paused = get(&cluster, &site).await?;
    let record = paused["metadata"]["annotations"][PAUSED].as_str().unwrap_or_default();
    assert!(record.contains(r#""was":{"replicas":3}"#), "{record}");
    run(&["resume", "roll", "--yes", "--wait"]).await?;
    assert_eq!(get(&cluster, &site).await?["spec"]["replicas"], 3);
    // And without a pause in between it is taken away, and nothing else.
    for _ in 0..2 {
        roll_back(&cluster, "roll-web").await?;
    }
    let said = run(&["resume", "roll", "--yes"]).await?;
    assert!(said.contains("a rollback has brought an old pause record back; it goes"), "{said}");
    let now = get(&cluster, &site).await?;
    assert!(now["metadata"]["annotations"].get(PAUSED).is_none() && now["spec"]["replicas"] == 3, "{now}");
    Ok(())
}

/// A pause that was applied is taken back by the undo, too.
pub async fn an_undo_takes_a_pause_back(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "oops", &["oops-web"]).await?;
    works(&cluster, "oops-web").await?;
    let before = decided(&cluster, &deployment("oops-web")).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("oops").await?;
    desk.press("p").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.hears("oops is cordoned, in its one namespace").await?;
    desk.press("shift-u").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Undo: Pause tenant oops").await?;
    desk.approve("y").await?;
    desk.hears("Undo: Pause tenant oops: accepted").await?;
    assert_eq!(decided(&cluster, &deployment("oops-web")).await?, before);
    assert!(!is_cordoned(&cluster, "oops").await?);
    replicas(&cluster, &deployment("oops-web"), "/status/readyReplicas", 2).await
}

/// Whoever is bound by the cordon himself lifts it first, and is asked about the rest when it is lifted.
pub async fn who_is_bound_by_the_cordon_lifts_it_first(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "bound", &["bound-web"]).await?;
    works(&cluster, "bound-web").await?;
    let rbac = "/apis/rbac.authorization.k8s.io/v1";
    let rules = json!([
        {"apiGroups": ["capsule.clastix.io"], "resources": ["tenants"], "resourceNames": ["bound"], "verbs": ["get", "patch"]},
        {"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["create", "delete"]},
    ]);
    let role = json!({"metadata": {"name": "bound-keeper"}, "rules": rules});
    send(&cluster, "POST", &format!("{rbac}/clusterroles"), &role).await?;
    let binding = json!({
        "metadata": {"name": "bound-keeper"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "bound-keeper"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice"}],
    });
    send(&cluster, "POST", &format!("{rbac}/clusterrolebindings"), &binding).await?;
    let may = async || {
        let told = tenantry(&cluster, User::Alice, &["status", "bound"]).await;
        told.is_ok_and(|told| told.status.success())
    };
    wait_until("alice may read the tenant", PATIENCE, may).await.map_err(|failure| failure.to_string())?;
    let paused = tenantry(&cluster, User::Alice, &["pause", "bound", "--yes", "--wait"]).await?;
    assert!(paused.status.success(), "{}{}", text(&paused.stdout), text(&paused.stderr));
    assert!(is_cordoned(&cluster, "bound").await?);
    let resumed = tenantry(&cluster, User::Alice, &["resume", "bound", "--yes", "--wait"]).await?;
    let said = text(&resumed.stdout);
    assert!(resumed.status.success(), "{said}{}", text(&resumed.stderr));
    assert!(said.contains("asked once more when what stands above has been applied"), "{said}");
    assert!(!is_cordoned(&cluster, "bound").await?);
    replicas(&cluster, &deployment("bound-web"), "/status/readyReplicas", 2).await
}
