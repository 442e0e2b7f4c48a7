//! A tenant from a blueprint: made for real, found as it was wished, finished after a failure, taken back.

use std::fs;
use std::sync::Arc;

use serde_json::{Value, json};
use tenantry_cluster::{Cluster, Era, User, wait_until};

use crate::definitions;
use crate::desk::{Desk, Outcome, PATIENCE, get, is_cordoned, patch, send, tenant};
use crate::scripts::{at_home, tenantry, text};

/// A class for Ingresses, and what passes requests on.
pub async fn furnish(cluster: &Cluster) -> Outcome {
    let class = json!({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "blueprints"},
        "spec": {"controller": "example.com/ingress"}});
    let space = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ingress-blueprints"}});
    // Another scenario may have been here before.
    if get(cluster, "/apis/networking.k8s.io/v1/ingressclasses/blueprints").await.is_err() {
        send(cluster, "POST", "/apis/networking.k8s.io/v1/ingressclasses", &class).await?;
        send(cluster, "POST", "/api/v1/namespaces", &space).await?;
    }
    Ok(())
}

/// The settings with which the application is reached through that.
fn web<'a>(tenant: &'a str, host: &'a str) -> Vec<String> {
    [
        "create",
        tenant,
        "--blueprint",
        "web",
        "--set",
        "owners=alice",
        "--set",
        &format!("host={host}"),
        "--set",
        "address=ingress",
        "--set",
        "ingressClass=blueprints",
        "--set",
        "controllerNamespace=ingress-blueprints",
        "--set",
        "tls=no",
    ]
    .iter()
    .map(|word| (*word).to_owned())
    .collect()
}

async fn run(cluster: &Cluster, arguments: &[String], more: &[&str]) -> Result<std::process::Output, String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
    tenantry(cluster, User::Admin, &arguments).await
}

/// A tenant and its namespaces, as the administrator of a cluster whom Capsule does not let make them himself.
pub async fn an_empty_tenant_is_created(cluster: Arc<Cluster>) -> Outcome {
    let create = ["create", "bp-empty", "--set", "owners=alice", "--set", "namespaces=bp-empty-a,bp-empty-b"];
    let shown = tenantry(&cluster, User::Admin, &[&create[..], &["--dry-run"]].concat()).await?;
    let printed = text(&shown.stdout);
    assert_eq!(shown.status.code(), Some(0), "{printed}{}", text(&shown.stderr));
    assert!(printed.contains("+ Tenant bp-empty  would create") && printed.contains("simulated"), "{printed}");
    assert!(get(&cluster, &tenant("bp-empty")).await.is_err(), "a dry run makes nothing");
    let unasked = tenantry(&cluster, User::Admin, &create).await?;
    assert_eq!(unasked.status.code(), Some(2), "{}", text(&unasked.stderr));
    let made = tenantry(&cluster, User::Admin, &[&create[..], &["--yes", "-o", "json"]].concat()).await?;
    assert_eq!(made.status.code(), Some(0), "{}{}", text(&made.stdout), text(&made.stderr));
    let told: Value = serde_json::from_slice(&made.stdout).map_err(|error| error.to_string())?;
    assert_eq!(
        told["applied"].as_array().map(Vec::len),
        Some(2),
        "the namespaces are asked about when the tenant is there"
    );
    for name in ["bp-empty-a", "bp-empty-b"] {
        let namespace = get(&cluster, &format!("/api/v1/namespaces/{name}")).await?;
        let owner = &namespace["metadata"]["ownerReferences"][0];
        assert_eq!((owner["kind"].as_str(), owner["name"].as_str()), (Some("Tenant"), Some("bp-empty")), "{namespace}");
    }
    let members = async || {
        let Ok(tenant) = get(&cluster, &tenant("bp-empty")).await else { return false };
        tenant["status"]["size"] == 2
    };
    wait_until("Capsule counts both namespaces", PATIENCE, members).await.map_err(|failure| failure.to_string())?;
    let again = tenantry(&cluster, User::Admin, &[&create[..], &["--yes"]].concat()).await?;
    assert_eq!(again.status.code(), Some(0), "{}{}", text(&again.stdout), text(&again.stderr));
    assert!(text(&again.stdout).contains("is there already"), "{}", text(&again.stdout));
    Ok(())
}

/// All that `web` promises is there, opened only when it is complete; a second tenant cannot have the same host.
pub async fn a_web_tenant_is_created_behind_a_cordon(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster).await?;
    let create = web("bp-web", "bp-web.example.net");
    let made = run(&cluster, &create, &["--set", "viewers=carol", "--yes"]).await?;
    let printed = text(&made.stdout);
    assert_eq!(made.status.code(), Some(0), "{printed}{}", text(&made.stderr));
    if cluster.era() == Era::V0_4 {
        assert!(printed.contains("cordoned from the beginning"), "{printed}");
        assert!(printed.contains("each with a reference to its tenant"), "{printed}");
    } else {
        assert!(printed.contains("cordoned right after them"), "{printed}");
        assert!(printed.contains("namespaces are made as alice"), "{printed}");
    }
    let in_web = |path: &str, name: &str| format!("/{path}/namespaces/bp-web-web/{name}");
    for (path, name) in [
        ("apis/networking.k8s.io/v1", "networkpolicies/tenant-default"),
        ("api/v1", "resourcequotas/tenant-default"),
        ("api/v1", "limitranges/tenant-default"),
        ("apis/policy/v1", "poddisruptionbudgets/site"),
        ("api/v1", "services/site"),
    ] {
        get(&cluster, &in_web(path, name)).await?;
    }
    let account = get(&cluster, &in_web("api/v1", "serviceaccounts/site")).await?;
    assert_eq!(account["automountServiceAccountToken"], false);
    let ingress = get(&cluster, &in_web("apis/networking.k8s.io/v1", "ingresses/site")).await?;
    assert_eq!(ingress["spec"]["rules"][0]["host"], "bp-web.example.net");
    let deployment = get(&cluster, &in_web("apis/apps/v1", "deployments/site")).await?;
    assert_eq!(deployment["spec"]["replicas"], 2);
    let namespace = get(&cluster, "/api/v1/namespaces/bp-web-web").await?;
    assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
    let object = get(&cluster, &tenant("bp-web")).await?;
    assert!(!is_cordoned(&cluster, "bp-web").await?, "it is opened at the end");
    assert!(object.pointer("/metadata/annotations/tenantry.dev~1creating").is_none(), "{object}");
    // Capsule gives the rights that the Tenant names.
    let bound = async || {
        let bindings = get(&cluster, "/apis/rbac.authorization.k8s.io/v1/namespaces/bp-web-web/rolebindings").await;
        bindings.is_ok_and(|bindings| bindings.to_string().contains("carol") && bindings.to_string().contains("alice"))
    };
    wait_until("owner and viewer have their rights", PATIENCE, bound).await.map_err(|failure| failure.to_string())?;
    let again = run(&cluster, &create, &["--set", "viewers=carol", "--yes"]).await?;
    assert_eq!(again.status.code(), Some(0), "{}{}", text(&again.stdout), text(&again.stderr));
    assert!(text(&again.stdout).contains("as wished"), "{}", text(&again.stdout));
    let theirs = web("bp-theirs", "bp-web.example.net");
    let taken = run(&cluster, &theirs, &["--yes"]).await?;
    assert_eq!(taken.status.code(), Some(1));
    let words = "host: bp-web.example.net is taken by Ingress bp-web-web/site of the tenant bp-web";
    assert!(text(&taken.stderr).contains(words), "{}", text(&taken.stderr));
    assert!(get(&cluster, &tenant("bp-theirs")).await.is_err());
    Ok(())
}

/// What fails half-way stays behind its cordon, says how to go on and how to go back, and both work.
pub async fn a_half_made_tenant_is_finished_or_taken_back(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster).await?;
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let own = home.path().join(".config/tenantry/blueprints/broken");
    fs::create_dir_all(own.join("templates")).map_err(|error| error.to_string())?;
    let about = "name: broken\nextends: web\nparameters:\n- {name: data, default: \"\"}\n";
    fs::write(own.join("blueprint.yaml"), about).map_err(|error| error.to_string())?;
    // A key that no server takes, until it is mended.
    let bad = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bad\n  namespace: {{ namespaces[0] }}\ndata:\n  {{ data or \"not a key\" }}: x\n";
    fs::write(own.join("templates/60-bad.yaml"), bad).map_err(|error| error.to_string())?;
    let mut create = web("bp-half", "bp-half.example.net");
    "broken".clone_into(&mut create[3]);
    let run = async |more: &[&str]| {
        let arguments: Vec<&str> = create.iter().map(String::as_str).chain(more.iter().copied()).collect();
        at_home(home.path(), &cluster, User::Admin, &arguments).await
    };
    let failed = run(&["--yes"]).await?;
    let said = text(&failed.stderr);
    assert_eq!(failed.status.code(), Some(1), "{}{said}", text(&failed.stdout));
    assert!(
        text(&failed.stdout).contains("! ConfigMap bp-half-web/bad  refused  broken/templates/60-bad.yaml:6"),
        "{}",
        text(&failed.stdout)
    );
    assert!(said.contains("to finish it: the same command again"), "{said}");
    assert!(is_cordoned(&cluster, "bp-half").await?, "nobody can enter what is not protected yet");
    assert!(get(&cluster, "/api/v1/namespaces/bp-half-web/services/site").await.is_err());
    let finished = run(&["--yes", "--set", "data=key"]).await?;
    assert_eq!(finished.status.code(), Some(0), "{}{}", text(&finished.stdout), text(&finished.stderr));
    assert!(!is_cordoned(&cluster, "bp-half").await?);
    get(&cluster, "/api/v1/namespaces/bp-half-web/services/site").await?;
    // The first part made the tenant: with it goes everything.
    let parts: Vec<&str> = said.lines().filter_map(|line| line.trim().strip_prefix("tenantry undo ")).collect();
    let first = parts.last().ok_or("nothing is said of taking it back")?;
    let theirs = json!({"metadata": {"annotations": {"note": "theirs"}}, "spec": {"preventDeletion": false}});
    patch(&cluster, &tenant("bp-half"), &theirs).await?;
    // What others have written in is deleted only if that is said.
    let spared = at_home(home.path(), &cluster, User::Admin, &["undo", first, "--yes"]).await?;
    assert!(text(&spared.stdout).contains("kubectl-elsewhere"), "{}", text(&spared.stdout));
    get(&cluster, &tenant("bp-half")).await?;
    let undone = at_home(home.path(), &cluster, User::Admin, &["undo", first, "--also-changed", "--yes"]).await?;
    assert_eq!(undone.status.code(), Some(0), "{}{}", text(&undone.stdout), text(&undone.stderr));
    let gone = async || get(&cluster, "/api/v1/namespaces/bp-half-web").await.is_err();
    wait_until("the namespace is gone with its tenant", PATIENCE, gone).await.map_err(|failure| failure.to_string())
}

/// Who may make no tenant is told so before anything is made.
pub async fn who_may_not_create_is_told_so(cluster: Arc<Cluster>) -> Outcome {
    let refused = tenantry(&cluster, User::Alice, &["create", "bp-mine", "--set", "owners=alice", "--yes"]).await?;
    assert_eq!(refused.status.code(), Some(1));
    let said = format!("{}{}", text(&refused.stdout), text(&refused.stderr));
    assert!(said.contains("! Tenant bp-mine  refused") && said.contains("cannot"), "{said}");
    let guarded =
        tenantry(&cluster, User::Admin, &["--readonly", "create", "bp-mine", "--set", "owners=alice", "--yes"]).await?;
    assert_eq!(guarded.status.code(), Some(1));
    assert!(text(&guarded.stderr).contains("read-only: nothing was sent"), "{}", text(&guarded.stderr));
    assert!(get(&cluster, &tenant("bp-mine")).await.is_err());
    Ok(())
}

/// Blueprints are listed, shown and checked; a check asks the server and writes nothing.
pub async fn blueprints_are_checked(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster).await?;
    let listed = text(&tenantry(&cluster, User::Admin, &["blueprint", "list"]).await?.stdout);
    assert!(["empty", "web", "mesh"].iter().all(|name| listed.contains(name)), "{listed}");
    let shown = text(&tenantry(&cluster, User::Admin, &["blueprint", "show", "web"]).await?.stdout);
    assert!(shown.contains("host  (string of host, required)") && shown.contains("asked when address"), "{shown}");
    let check = ["blueprint", "check", "web", "--set", "address=ingress", "--set", "ingressClass=blueprints"];
    let checked = tenantry(&cluster, User::Admin, &check).await?;
    let printed = text(&checked.stdout);
    assert_eq!(checked.status.code(), Some(0), "{printed}{}", text(&checked.stderr));
    for object in [
        "Tenant blueprint-check",
        "NetworkPolicy default/tenant-default",
        "Deployment default/site",
        "Ingress default/site",
    ] {
        assert!(printed.contains(&format!("+ {object}  would create")), "{object}\n{printed}");
    }
    assert!(get(&cluster, &tenant("blueprint-check")).await.is_err());
    assert!(get(&cluster, "/apis/apps/v1/namespaces/default/deployments/site").await.is_err());
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    fs::create_dir(folder.path().join("templates")).map_err(|error| error.to_string())?;
    fs::write(folder.path().join("blueprint.yaml"), "name: bad\nparameters:\n- {nam: x}\n")
        .map_err(|error| error.to_string())?;
    fs::write(folder.path().join("templates/a.yaml"), "{% if x %}\n").map_err(|error| error.to_string())?;
    let path = folder.path().display().to_string();
    let bad = tenantry(&cluster, User::Admin, &["blueprint", "check", &path]).await?;
    let said = text(&bad.stderr);
    assert_eq!(bad.status.code(), Some(1), "{said}");
    assert!(
        said.contains("blueprint.yaml:3:") && said.contains("a parameter has no nam; did you mean name?"),
        "{said}"
    );
    assert!(said.contains("templates/a.yaml:"), "{said}");
    Ok(())
}

/// In the console: a form on one side, what would be made on the other, planned anew as one types.
pub async fn a_tenant_is_created_in_a_form(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'tenants' enter a").await?;
    desk.must_show("Create a tenant")?;
    desk.press("'BP'").await?;
    desk.sees("without capital letters").await?;
    desk.press("ctrl-u 'bp-form' enter enter 'alice' enter").await?;
    desk.sees("host: it is missing, and nothing can be made without it").await?;
    // What was decided holds for the other blueprint, as far as it means something there.
    desk.press("g left").await?;
    desk.sees("Create tenant bp-form (empty)").await?;
    desk.sees("Tenant bp-form  would create").await?;
    desk.must_show("Namespace bp-form-web  simulated")?;
    desk.must_not_show("podSecurity")?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    desk.sees("Namespace bp-form-web  would create").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    let made = async || get(&cluster, "/api/v1/namespaces/bp-form-web").await.is_ok();
    wait_until("the namespace is there", PATIENCE, made).await.map_err(|failure| failure.to_string())?;
    desk.hears("Create tenant bp-form (empty): accepted").await?;
    desk.sees_no_more("Create tenant bp-form").await?;
    // Small changes of what was made.
    desk.go_to_tenant("bp-form").await?;
    desk.press(": 'owner+ bob' enter").await?;
    desk.sees("Owner+ Tenant bp-form: bob").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("Capsule knows bob as a user only if the credentials carry the group").await?;
    desk.approve("y").await?;
    desk.hears("Owner+ Tenant bp-form: bob: accepted").await?;
    let owners = get(&cluster, &tenant("bp-form")).await?["spec"]["owners"].to_string();
    assert!(owners.contains("alice") && owners.contains("bob"), "{owners}");
    desk.press(": 'namespace+ bp-form-more' enter").await?;
    desk.sees("Add namespace bp-form-more to tenant bp-form").await?;
    desk.sees("would create").await?;
    desk.console.settle(PATIENCE).await?;
    desk.approve("y").await?;
    let made = async || get(&cluster, "/api/v1/namespaces/bp-form-more").await.is_ok();
    wait_until("the other namespace is there", PATIENCE, made).await.map_err(|failure| failure.to_string())
}

/// One more host: who has it already is named, and what the tenant may not use.
pub async fn one_more_host_is_compared_with_all_others(cluster: Arc<Cluster>) -> Outcome {
    for tenant in ["adds-a", "adds-b"] {
        let namespace = format!("{tenant}-web");
        crate::desk::furnish(&cluster, tenant, &[&namespace]).await?;
        let backend = json!({"service": {"name": "site", "port": {"number": 80}}});
        let site = json!({"metadata": {"name": "site"}, "spec": {"rules": [{"host": format!("{tenant}.example.net"),
            "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]}});
        send(&cluster, "POST", &format!("/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses"), &site).await?;
    }
    let allowed = json!({"allowed": ["adds-a.example.net", "adds-b.example.net"]});
    let spec = json!({"spec": {"ingressOptions": {"allowedHostnames": allowed}}});
    patch(&cluster, &tenant("adds-a"), &spec).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("adds-b").await?;
    desk.press(": 'host+ adds-a.example.net' enter").await?;
    desk.sees("adds-a.example.net is taken by Ingress adds-a-web/site of the tenant adds-a").await?;
    desk.press("esc").await?;
    desk.press(": 'ingresses adds-a-web' enter").await?;
    desk.sees("site").await?;
    desk.press(": 'host+ adds-b.example.net' enter").await?;
    desk.sees("adds-b.example.net is taken by Ingress adds-b-web/site of the tenant adds-b").await?;
    desk.must_not_show("may not use")?;
    desk.press("esc").await?;
    desk.press(": 'host+ other.example.net' enter").await?;
    desk.sees("the tenant adds-a may not use other.example.net, but adds-a.example.net, adds-b.example.net").await?;
    desk.press("esc").await
}

/// Access for a new owner: a file that only he who asked can read, that proves what was said, and works.
pub async fn a_new_owner_gets_a_kubeconfig(cluster: Arc<Cluster>) -> Outcome {
    use std::os::unix::fs::PermissionsExt as _;
    crate::desk::furnish(&cluster, "bp-access", &["bp-access-web"]).await?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let ask = async |name: &str, more: &[&str]| {
        let file = folder.path().join(name).display().to_string();
        let arguments = [&["kubeconfig", "bp-access", "--out", &file, "--yes"], more].concat();
        Ok::<_, String>((tenantry(&cluster, User::Admin, &arguments).await?, file))
    };
    let (made, file) = ask("ci", &["--service-account", "bp-access-web/ci", "--expires", "1h"]).await?;
    let printed = text(&made.stdout);
    assert_eq!(made.status.code(), Some(0), "{printed}{}", text(&made.stderr));
    assert!(printed.contains("proves system:serviceaccount:bp-access-web:ci"), "{printed}");
    assert!(printed.contains("deleting the ServiceAccount ends it before"), "{printed}");
    assert!(!printed.contains("eyJ") && !text(&made.stderr).contains("eyJ"), "a token is on the screen: {printed}");
    let mode = fs::metadata(&file).map_err(|error| error.to_string())?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (again, _) = ask("ci", &["--service-account", "bp-access-web/ci"]).await?;
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("is there already, and is left alone"), "{}", text(&again.stderr));
    // The demo signs no certificates.
    if get(&cluster, "/apis/certificates.k8s.io/v1/certificatesigningrequests").await.is_err() {
        let (refused, _) = ask("erin", &["--user", "erin"]).await?;
        assert_eq!(refused.status.code(), Some(1));
        return Ok(());
    }
    patch(
        &cluster,
        &tenant("bp-access"),
        &json!({"spec": {"owners": [
            {"kind": "User", "name": "alice"}, {"kind": "User", "name": "erin"},
        ]}}),
    )
    .await?;
    let (made, file) = ask("erin", &["--user", "erin", "--expires", "12h"]).await?;
    let printed = text(&made.stdout);
    assert_eq!(made.status.code(), Some(0), "{printed}{}", text(&made.stderr));
    let group = cluster.era().user_group();
    assert!(printed.contains(&format!("proves erin ({group}, system:authenticated)")), "{printed}");
    assert!(printed.contains("it cannot be called back before"), "{printed}");
    assert!(!printed.contains("is no owner"), "{printed}");
    // With it she makes a namespace of her tenant.
    let who = std::process::Command::new(env!("CARGO_BIN_EXE_tenantry"))
        .args(["--kubeconfig", &file, "whoami", "-o", "json"])
        .env("HOME", folder.path())
        .output()
        .map_err(|error| error.to_string())?;
    let who: Value = serde_json::from_slice(&who.stdout).map_err(|error| error.to_string())?;
    assert_eq!(who["username"], "erin", "{who}");
    Ok(())
}

/// With a Gateway of its own, at one that is there, and in a mesh: on the schemas of those projects, as far as they can be had.
pub async fn gateways_and_meshes_are_created(cluster: Arc<Cluster>) -> Outcome {
    definitions::install(&cluster).await?;
    let class = json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass",
        "metadata": {"name": "blueprints"}, "spec": {"controllerName": "example.com/gateways"}});
    let issuer = json!({"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer",
        "metadata": {"name": "blueprints"}, "spec": {"selfSigned": {}}});
    let space = |name: &str| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    let shared = json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
        "metadata": {"name": "public", "namespace": "bp-edge"},
        "spec": {"gatewayClassName": "blueprints", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]}});
    for (path, object) in [
        ("/apis/gateway.networking.k8s.io/v1/gatewayclasses", class),
        ("/apis/cert-manager.io/v1/clusterissuers", issuer),
        ("/api/v1/namespaces", space("kuma-system")),
        ("/api/v1/namespaces", space("bp-edge")),
        ("/apis/gateway.networking.k8s.io/v1/namespaces/bp-edge/gateways", shared),
    ] {
        send(&cluster, "POST", path, &object).await?;
    }
    let create = |tenant: &str, blueprint: &str, more: &[&str]| {
        let words = ["create", tenant, "--yes", "--blueprint", blueprint, "--set", "owners=alice"];
        let more = more.iter().flat_map(|pair| ["--set", pair]);
        words.into_iter().chain(more).map(str::to_owned).collect::<Vec<_>>()
    };
    let own = ["address=gateway", "gatewayClass=blueprints", "host=bp-gate.example.net", "issuer=blueprints"];
    for arguments in [
        create("bp-gate", "web", &own),
        create("bp-route", "web", &["address=route", "gateway=bp-edge/public", "host=bp-route.example.net"]),
        create("bp-mesh", "mesh", &["address=none"]),
    ] {
        let made = run(&cluster, &arguments, &[]).await?;
        assert_eq!(made.status.code(), Some(0), "{arguments:?}\n{}{}", text(&made.stdout), text(&made.stderr));
    }
    let gateways = "/apis/gateway.networking.k8s.io/v1/namespaces";
    let gateway = get(&cluster, &format!("{gateways}/bp-gate-web/gateways/site")).await?;
    assert_eq!(gateway["metadata"]["annotations"]["cert-manager.io/cluster-issuer"], "blueprints");
    assert_eq!(gateway["spec"]["listeners"][0]["hostname"], "bp-gate.example.net");
    let route = get(&cluster, &format!("{gateways}/bp-route-web/httproutes/site")).await?;
    assert_eq!(route["spec"]["parentRefs"][0]["namespace"], "bp-edge");
    let mesh = get(&cluster, "/apis/kuma.io/v1alpha1/meshes/bp-mesh").await?;
    assert_eq!(mesh["spec"]["mtls"]["enabledBackend"], "ca", "{mesh}");
    let namespace = get(&cluster, "/api/v1/namespaces/bp-mesh-web").await?;
    assert_eq!(namespace["metadata"]["labels"]["kuma.io/mesh"], "bp-mesh");
    let permission = "/apis/kuma.io/v1alpha1/namespaces/kuma-system/meshtrafficpermissions/bp-mesh-within";
    assert_eq!(get(&cluster, permission).await?["spec"]["from"][0]["default"]["action"], "Allow");
    // Nobody else can have the host of a route.
    let theirs = create("bp-other", "web", &["address=route", "gateway=bp-edge/public", "host=bp-route.example.net"]);
    let taken = run(&cluster, &theirs, &[]).await?;
    let words = "bp-route.example.net is taken by HTTPRoute bp-route-web/site of the tenant bp-route";
    assert!(text(&taken.stderr).contains(words), "{}", text(&taken.stderr));
    Ok(())
}
