//! Deleting tenants and namespaces: what is lost is counted, a snapshot is kept first, and made again.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tenantry_cluster::{Cluster, NODES, User, wait_until};

use crate::desk::{Desk, Outcome, PATIENCE, furnish, get, patch, send, tenant};
use crate::scripts::{at_home, tenantry, text};

/// A tenant with what can be lost in it: pods, a claim, an address, a host, secrets, a Helm release.
async fn fill(cluster: &Cluster, name: &str, namespace: &str) -> Outcome {
    furnish(cluster, name, &[namespace]).await?;
    let containers = json!([{"name": "main", "image": "docker.io/example/main:1"}]);
    let template = json!({"metadata": {"labels": {"app": "site"}}, "spec": {"nodeName": NODES[0], "terminationGracePeriodSeconds": 1, "containers": containers}});
    let host = format!("{name}.example.net");
    let backend = json!({"service": {"name": "site", "port": {"number": 80}}});
    let objects = [
        (
            "/apis/apps/v1",
            "deployments",
            json!({"metadata": {"name": "site"}, "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "site"}}, "template": template}}),
        ),
        (
            "/api/v1",
            "services",
            json!({"metadata": {"name": "site"}, "spec": {"type": "LoadBalancer", "selector": {"app": "site"}, "ports": [{"port": 80}]}}),
        ),
        (
            "/api/v1",
            "persistentvolumeclaims",
            json!({"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "resources": {"requests": {"storage": "3Gi"}}}}),
        ),
        ("/api/v1", "configmaps", json!({"metadata": {"name": "settings"}, "data": {"colour": "green"}})),
        ("/api/v1", "secrets", json!({"metadata": {"name": "key"}, "data": {"a": "aHVudGVyMg=="}})),
        (
            "/api/v1",
            "secrets",
            json!({"metadata": {"name": "sh.helm.release.v1.shop.v1", "labels": {"owner": "helm"}}, "type": "helm.sh/release.v1", "data": {"release": "eA=="}}),
        ),
        (
            "/apis/networking.k8s.io/v1",
            "ingresses",
            json!({"metadata": {"name": "site"}, "spec": {"rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]}}),
        ),
    ];
    for (base, plural, object) in objects {
        send(cluster, "POST", &format!("{base}/namespaces/{namespace}/{plural}"), &object).await?;
    }
    // Whose it is to let a claim go does not run on every ground.
    let claim = format!("/api/v1/namespaces/{namespace}/persistentvolumeclaims/data");
    patch(cluster, &claim, &json!({"metadata": {"finalizers": null}})).await?;
    let site = format!("/apis/apps/v1/namespaces/{namespace}/deployments/site");
    let runs = async || get(cluster, &site).await.is_ok_and(|site| site["status"]["readyReplicas"] == 2);
    wait_until("the site runs", PATIENCE, runs).await.map_err(|failure| failure.to_string())
}

/// Without Capsule's help the garbage collector and the namespace's controller take most of a minute.
async fn gone(cluster: &Cluster, path: &str) -> Outcome {
    let is_gone = async || get(cluster, path).await.is_err();
    wait_until(&format!("{path} is gone"), PATIENCE * 3, is_gone).await.map_err(|failure| failure.to_string())
}

fn saved(desk: &Desk) -> Result<Vec<PathBuf>, String> {
    let folder = std::fs::read_dir(desk.folder().join("state/saved")).map_err(|error| error.to_string())?;
    Ok(folder.filter_map(|entry| Some(entry.ok()?.path())).collect())
}

/// What is lost is counted, the name is typed, what there was is kept and can be made again.
pub async fn a_tenant_is_deleted_and_made_again(cluster: Arc<Cluster>) -> Outcome {
    fill(&cluster, "leave", "leave-web").await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("leave").await?;
    desk.press("ctrl-d").await?;
    desk.sees("Delete Tenant leave").await?;
    desk.console.settle(PATIENCE).await?;
    for words in [
        "2 Pods",
        "1 Namespace",
        "loses 1 claim of 3 GiB together",
        "gives up 1 load balancer: ",
        "answers 1 host no more: leave.example.net",
        "loses 1 Secret;",
        "Helm forgets 1 release: leave-web/shop",
        "DNS records that point to what goes",
        "[x] keep a snapshot first",
        "[ ] with what is secret in it",
    ] {
        desk.sees(words).await?;
    }
    desk.approve("y").await?;
    desk.sees("type the name to apply:").await?;
    desk.press("'leave' enter").await?;
    desk.hears("objects, without 2 Secrets, are kept in").await?;
    desk.hears("Delete Tenant leave: accepted").await?;
    gone(&cluster, &tenant("leave")).await?;
    gone(&cluster, "/api/v1/namespaces/leave-web").await?;
    let files = saved(&desk)?;
    let [file] = files.as_slice() else { return Err(format!("{files:?}")) };
    let mode = std::fs::metadata(file).map_err(|error| error.to_string())?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    assert!(!kept.contains("aHVudGVyMg==") && kept.contains("#   Secret leave-web/key\n"), "{kept}");
    assert!(!kept.contains("kind: Pod\n") && !kept.contains("kind: ReplicaSet\n"), "{kept}");

    let again = tenantry(&cluster, User::Admin, &["apply", &file.display().to_string(), "--yes"]).await?;
    assert!(again.status.success(), "{}{}", text(&again.stdout), text(&again.stderr));
    let namespace = get(&cluster, "/api/v1/namespaces/leave-web").await?;
    assert_eq!(namespace["metadata"]["ownerReferences"][0]["name"], "leave", "{namespace}");
    assert_eq!(get(&cluster, &tenant("leave")).await?["spec"]["owners"][0]["name"], "alice");
    let settings = get(&cluster, "/api/v1/namespaces/leave-web/configmaps/settings").await?;
    assert_eq!(settings["data"]["colour"], "green");
    let claim = get(&cluster, "/api/v1/namespaces/leave-web/persistentvolumeclaims/data").await?;
    assert_eq!(claim["spec"]["resources"]["requests"]["storage"], "3Gi");
    for path in ["apis/apps/v1/namespaces/leave-web/deployments/site", "api/v1/namespaces/leave-web/services/site"] {
        get(&cluster, &format!("/{path}")).await?;
    }
    Ok(())
}

/// The undo of a deletion makes everything again from the snapshot, says what comes back another way, and waits until what goes
/// is gone; the journal says where the snapshot is.
pub async fn a_deletion_is_taken_back_from_its_snapshot(cluster: Arc<Cluster>) -> Outcome {
    fill(&cluster, "anew", "anew-web").await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("anew").await?;
    desk.press("ctrl-d").await?;
    desk.sees("Delete Tenant anew").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.press("'anew' enter").await?;
    desk.hears("Delete Tenant anew: accepted").await?;
    gone(&cluster, &tenant("anew")).await?;
    gone(&cluster, "/api/v1/namespaces/anew-web").await?;
    let files = saved(&desk)?;
    assert_eq!(files.len(), 1, "{files:?}");
    desk.press(": 'journal' enter enter").await?;
    desk.sees("kept in").await?;
    desk.press("shift-u").await?;
    desk.sees("Undo: Delete Tenant anew").await?;
    desk.console.settle(PATIENCE).await?;
    for words in [
        "made again from",
        "other than before will be: uids and ages",
        "not in it, since nobody asked for what is secret",
    ] {
        desk.sees(words).await?;
    }
    for _ in 0..4 {
        desk.approve("y").await?;
        desk.console.settle(PATIENCE).await?;
        if get(&cluster, "/apis/networking.k8s.io/v1/namespaces/anew-web/ingresses/site").await.is_ok() {
            break;
        }
    }
    desk.hears("Undo: Delete Tenant anew: accepted").await?;
    let namespace = get(&cluster, "/api/v1/namespaces/anew-web").await?;
    assert_eq!(namespace["metadata"]["ownerReferences"][0]["name"], "anew", "{namespace}");
    let settings = get(&cluster, "/api/v1/namespaces/anew-web/configmaps/settings").await?;
    assert_eq!(settings["data"]["colour"], "green");
    assert!(get(&cluster, "/api/v1/namespaces/anew-web/secrets/key").await.is_err(), "nobody had it kept");
    Ok(())
}

/// A protected tenant is not deleted: it is offered to lift that, which is a plan of its own.
pub async fn a_protected_tenant_is_freed_first(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "armed", &["armed-web"]).await?;
    patch(&cluster, &tenant("armed"), &json!({"spec": {"preventDeletion": true}})).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("armed").await?;
    desk.press("ctrl-d").await?;
    desk.sees("Lift the protection of armed").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("this lifts that and deletes nothing").await?;
    desk.must_not_show("keep a snapshot first")?;
    desk.approve("y").await?;
    desk.hears("Lift the protection of armed: accepted").await?;
    let armed = get(&cluster, &tenant("armed")).await?;
    assert_ne!(armed["spec"]["preventDeletion"], true);
    assert!(armed["metadata"].get("deletionTimestamp").is_none());
    desk.press("ctrl-d").await?;
    desk.sees("Delete Tenant armed").await?;
    desk.press("esc").await
}

/// What cannot be kept is not deleted.
pub async fn a_deletion_waits_for_its_snapshot(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "dear", &["dear-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    let folder = desk.folder().join("state");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    std::fs::write(folder.join("saved"), "no folder").map_err(|error| error.to_string())?;
    desk.press(": 'ns dear-web' enter").await?;
    desk.sees("dear-web").await?;
    desk.press("ctrl-d").await?;
    desk.sees("Delete Namespace dear-web").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.press("'dear-web' enter").await?;
    desk.hears("no snapshot was kept, so nothing was sent").await?;
    let still = get(&cluster, "/api/v1/namespaces/dear-web").await?;
    assert!(still.pointer("/metadata/deletionTimestamp").is_none());
    // Whoever can do without says so.
    desk.console.settle(PATIENCE).await?;
    desk.press("3").await?;
    desk.sees("[ ] keep a snapshot first").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.press("'dear-web' enter").await?;
    desk.hears("the namespace dear-web is gone").await
}

/// The same from a shell: nothing without the name, a file that is one's own, and a wait until the last namespace is gone.
pub async fn a_deletion_in_scripts(cluster: Arc<Cluster>) -> Outcome {
    fill(&cluster, "parted", "parted-web").await?;
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = home.path().join("parted.yaml");
    let path = file.display().to_string();
    let run = async |arguments: &[&str]| at_home(home.path(), &cluster, User::Admin, arguments).await;
    let nobody = run(&["delete", "parted"]).await?;
    let said = text(&nobody.stderr);
    assert!(nobody.status.code() == Some(2) && said.contains("--yes-i-know parted"), "{said}");
    assert!(text(&nobody.stdout).contains("loses 1 claim of 3 GiB together"), "{}", text(&nobody.stdout));
    let wrong = run(&["delete", "parted", "--yes-i-know", "other"]).await?;
    assert!(wrong.status.code() == Some(1) && text(&wrong.stderr).contains("other is not parted"));
    patch(&cluster, &tenant("parted"), &json!({"spec": {"preventDeletion": true}})).await?;
    let lifted = run(&["delete", "parted", "--yes-i-know", "parted"]).await?;
    let said = text(&lifted.stderr);
    assert!(lifted.status.code() == Some(1) && said.contains("only its protection is lifted"), "{said}");
    assert!(get(&cluster, &tenant("parted")).await?["metadata"].get("deletionTimestamp").is_none());

    // Something of somebody else's holds it: who, is told.
    let held = json!({"metadata": {"name": "held", "finalizers": ["example.com/drain"]}});
    let space = "/api/v1/namespaces/parted-web";
    send(&cluster, "POST", &format!("{space}/configmaps"), &held).await?;
    let space_alone = ["delete", "ns/parted-web", "--no-snapshot", "--yes-i-know", "parted-web", "--wait"];
    let slow = run(&[&space_alone[..], &["--timeout", "12"]].concat()).await?;
    let said = text(&slow.stderr);
    // Capsule 0.13 and later lets it go by force.
    if cluster.era() == tenantry_cluster::Era::V0_4 {
        assert!(!slow.status.success() && said.contains("1 by example.com/drain"), "{said}");
    }
    let free = json!({"metadata": {"finalizers": null}});
    let freed = patch(&cluster, &format!("{space}/configmaps/held"), &free).await;
    assert!(freed.is_ok() || cluster.era() == tenantry_cluster::Era::V0_14, "{freed:?}");
    gone(&cluster, space).await?;

    let empty = async || {
        let now = get(&cluster, &tenant("parted")).await;
        now.is_ok_and(|now| now["status"]["size"] == 0 && now["metadata"].get("finalizers").is_none())
    };
    wait_until("Capsule knows that it is empty", PATIENCE, empty).await.map_err(|failure| failure.to_string())?;
    let all = ["delete", "parted", "--snapshot", &path, "--with-secrets", "--yes-i-know", "parted"];
    let deleted = run(&[&all[..], &["--wait", "-o", "json"]].concat()).await?;
    let said = text(&deleted.stderr);
    assert!(deleted.status.success() && said.contains("all of it is gone"), "{}{said}", text(&deleted.stdout));
    let told: Value = serde_json::from_slice(&deleted.stdout).map_err(|error| error.to_string())?;
    assert_eq!(told["applied"].as_array().map(Vec::len), Some(1), "{told}");
    assert!(get(&cluster, &tenant("parted")).await.is_err());
    let mode = std::fs::metadata(&file).map_err(|error| error.to_string())?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let twice = run(&all).await?;
    assert!(text(&twice.stderr).contains("is there already"), "{}", text(&twice.stderr));
    let pasts = text(&run(&["journal", "-o", "json"]).await?.stdout);
    let pasts: Value = serde_json::from_str(&pasts).map_err(|error| error.to_string())?;
    let last = pasts.as_array().and_then(|pasts| pasts.last()).cloned().unwrap_or_default();
    assert_eq!(last["kept"].as_str(), Some(path.as_str()), "{last}");
    let told = text(&run(&["journal", last["id"].as_str().unwrap_or_default()]).await?.stdout);
    assert!(told.contains(&format!("what it took is kept in {path}")), "{told}");
    let undone = run(&["undo", "--yes"]).await?;
    let said = text(&undone.stdout);
    assert!(undone.status.success(), "{said}{}", text(&undone.stderr));
    assert!(said.contains("made again from") && said.contains("other than before will be: uids and ages"), "{said}");
    assert!(get(&cluster, &tenant("parted")).await.is_ok());
    Ok(())
}

/// What tenants that are gone have left is found, told why, and deleted but for what is to stay.
pub async fn leftovers_are_found(cluster: Arc<Cluster>) -> Outcome {
    let roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    let role = |name: &str, of: &str| json!({"metadata": {"name": name, "labels": {"capsule.clastix.io/tenant": of}}, "rules": []});
    furnish(&cluster, "living", &["living-web"]).await?;
    for (name, of) in [("left-a", "departed"), ("left-b", "departed"), ("living-role", "living")] {
        send(&cluster, "POST", roles, &role(name, of)).await?;
    }
    let quota = json!({"metadata": {"name": "tenantry-pause"}, "spec": {"hard": {"pods": "0"}}});
    send(&cluster, "POST", "/api/v1/namespaces/living-web/resourcequotas", &quota).await?;
    let told = tenantry(&cluster, User::Admin, &["leftovers"]).await?;
    let said = text(&told.stdout);
    assert!(told.status.success(), "{said}{}", text(&told.stderr));
    for words in [
        "ClusterRole/left-a  is labelled for the tenant departed, which is not there",
        "ResourceQuota/living-web/tenantry-pause  keeps new pods out as a pause does, and nothing there is paused",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("living-role"), "{said}");
    let one = ["leftovers", "--delete", "ClusterRole/left-a", "--yes"];
    let deleted = tenantry(&cluster, User::Admin, &one).await?;
    assert!(deleted.status.success(), "{}{}", text(&deleted.stdout), text(&deleted.stderr));
    assert!(get(&cluster, &format!("{roles}/left-a")).await.is_err());
    let none = ["leftovers", "--delete", "ClusterRole/living-role", "--yes"];
    assert!(!tenantry(&cluster, User::Admin, &none).await?.status.success());
    get(&cluster, &format!("{roles}/living-role")).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'leftovers' enter").await?;
    desk.sees("ClusterRole left-b is labelled for the tenant departed, which is not there").await?;
    desk.console.settle(PATIENCE).await?;
    desk.press("esc").await?;
    for path in [format!("{roles}/left-b"), "/api/v1/namespaces/living-web/resourcequotas/tenantry-pause".to_owned()] {
        send(&cluster, "DELETE", &path, &json!({})).await?;
    }
    Ok(())
}
