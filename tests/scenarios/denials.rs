//! Refusals, provoked for real: of rights, of Capsule of either era, of quotas, limits and Pod Security, and of a webhook that is
//! down. Each has to be understood: whose rule it is, and which field decides.

use std::sync::Arc;

use http::Request;
use serde_json::{Value, json};
use tenantry::cluster::failure::{self, Asked};
use tenantry::world::denial::{self, Family, Refusal};
use tenantry::world::identity::Place;
use tenantry_cluster::{Cluster, Era, User, owner, wait_for};

use crate::desk::{Desk, Outcome, PATIENCE, furnish, get, patch, send, tenant};

const CORE: &str = "/api/v1/namespaces";
const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

/// What a request of somebody's is refused with.
async fn refusal(cluster: &Cluster, user: User, method: &str, path: &str, body: &Value) -> Option<Refusal> {
    let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let request = Request::builder().method(method).uri(path).header("content-type", kind);
    let request = request.body(body.to_string().into_bytes()).ok()?;
    let error = cluster.client_as(user).request::<Value>(request).await.err()?;
    let place = Place::default();
    let trouble = failure::explain(&error, &Asked::new(&place, "do it"));
    let refusal = denial::read(&trouble.detail)?;
    // What is said on screen is what was read.
    assert!(trouble.what.ends_with(&refusal.sentence()), "{trouble} is not {}", refusal.sentence());
    Some(refusal)
}

/// A request, and how its refusal is to be understood.
struct Provoked<'a> {
    who: User,
    method: &'a str,
    path: String,
    body: Value,
    family: Family,
    /// Eras check in other orders: any of these.
    rules: &'a [&'a str],
    field: &'a str,
}

impl Provoked<'_> {
    /// Provokes it; what it stands on may take a moment to be in force.
    async fn check(&self, cluster: &Cluster) -> Outcome {
        let asked = async || {
            let refusal = refusal(cluster, self.who, self.method, &self.path, &self.body).await?;
            self.rules.contains(&refusal.rule).then_some(refusal)
        };
        let what = format!("{} {} {} is refused by one of {:?}", self.who.name(), self.method, self.path, self.rules);
        let refusal = wait_for(&what, PATIENCE, asked).await.map_err(|failure| failure.to_string())?;
        let field = refusal.field.as_ref().map(|field| field.path.as_str()).unwrap_or_default();
        if refusal.family != self.family || !field.starts_with(self.field) {
            return Err(format!("{what}, but read as {refusal:?}"));
        }
        if refusal.advice().is_empty() {
            return Err(format!("{what}, without a way on: {refusal:?}"));
        }
        Ok(())
    }
}

fn create(who: User, path: &str, body: Value) -> Provoked<'static> {
    Provoked { who, method: "POST", path: path.to_owned(), body, family: Family::Capsule, rules: &[], field: "" }
}

impl<'a> Provoked<'a> {
    fn by(self, rules: &'a [&'a str], field: &'a str) -> Self {
        Self { rules, field, ..self }
    }

    fn of(self, family: Family) -> Self {
        Self { family, ..self }
    }

    fn changes(self) -> Self {
        Self { method: "PATCH", ..self }
    }

    fn deletes(self) -> Self {
        Self { method: "DELETE", ..self }
    }
}

fn pod(name: &str, image: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"containers": [{"name": "main", "image": image}]},
    })
}

fn ingress(name: &str, class: &str, host: &str) -> Value {
    let backend = json!({"service": {"name": "web", "port": {"number": 80}}});
    let paths = json!({"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]});
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": name},
        "spec": {"ingressClassName": class, "rules": [{"host": host, "http": paths}]},
    })
}

fn ingresses(namespace: &str) -> String {
    format!("/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses")
}

fn namespace(name: &str, tenant: &str) -> Value {
    let labels = json!({"capsule.clastix.io/tenant": tenant});
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
}

/// A tenant with a rule of each kind, and two namespaces: as many as it may have.
async fn furnish_strictly(cluster: &Cluster) -> Outcome {
    let spec = json!({
        "owners": [owner("User", "alice")],
        "preventDeletion": true,
        "namespaceOptions": {"quota": 2, "forbiddenLabels": {"denied": ["team"]}},
        "ingressOptions": {
            "allowedClasses": {"allowed": ["inner"]},
            "allowedHostnames": {"allowed": ["a.strict.io", "b.strict.io"]},
            "hostnameCollisionScope": "Cluster",
        },
        "containerRegistries": {"allowed": ["ghcr.io"]},
        "imagePullPolicies": ["Always", "IfNotPresent"],
        "storageClasses": {"allowed": ["slow"]},
        "serviceOptions": {"allowedServices": {"nodePort": false, "externalName": false, "loadBalancer": false}},
    });
    cluster.create_tenant_with("strict", spec).await.map_err(|failure| failure.to_string())?;
    for name in ["strict-web", "strict-db"] {
        cluster.create_namespace(User::Alice, "strict", name).await.map_err(|failure| failure.to_string())?;
    }
    // Capsule counts by the tenant's status, which comes a moment later.
    let counted = async || {
        let tenant = get(cluster, &tenant("strict")).await.ok()?;
        (tenant.pointer("/status/size") == Some(&json!(2))).then_some(())
    };
    wait_for("both namespaces are counted", PATIENCE, counted).await.map_err(|failure| failure.to_string())
}

/// Each kind of refusal, in the words of the real thing.
pub async fn every_refusal_is_understood(cluster: Arc<Cluster>) -> Outcome {
    furnish_strictly(&cluster).await?;
    for provoked in of_capsule(&cluster) {
        provoked.check(&cluster).await?;
    }
    of_names(&cluster).await?;
    of_kubernetes(&cluster).await?;
    if cluster.process_id().is_ok() {
        of_what_only_a_real_server_has(&cluster).await?;
    }
    // Last of all, since nothing passes behind it.
    cluster.set_cordoned("strict", true).await.map_err(|failure| failure.to_string())?;
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late"}});
    let cordon = ["cordon", "cordon-of-tenant"];
    create(User::Alice, &format!("{CORE}/strict-web/configmaps"), map)
        .by(&cordon, "spec.cordoned")
        .check(&cluster)
        .await?;
    let note = json!({"metadata": {"annotations": {"example.com/note": "x"}}});
    create(User::Alice, &format!("{CORE}/strict-web"), note)
        .changes()
        .by(&["cordon-of-namespaces"], "spec.cordoned")
        .check(&cluster)
        .await
}

fn of_capsule(cluster: &Cluster) -> Vec<Provoked<'static>> {
    let pods = format!("{CORE}/strict-web/pods");
    let services = format!("{CORE}/strict-web/services");
    let service = |kind: &str| {
        let spec = json!({"type": kind, "externalName": "x.example.net", "ports": [{"port": 80}]});
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec})
    };
    let mut never = pod("never", "ghcr.io/a/b:1");
    never["spec"]["containers"][0]["imagePullPolicy"] = json!("Never");
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    let label = json!({"metadata": {"labels": {"team": "x"}}});
    let alice = User::Alice;
    let mut all = vec![
        create(alice, CORE, namespace("strict-more", "strict")).by(&["namespace-quota"], "spec.namespaceOptions.quota"),
        create(alice, &format!("{CORE}/strict-web"), label)
            .changes()
            .by(&["label", "metadata"], "spec.namespaceOptions.forbiddenLabels"),
        create(User::Bob, &format!("{CORE}/strict-web"), json!({"metadata": {"labels": {"mine": "yes"}}}))
            .changes()
            .by(&["foreign-namespace"], "spec.owners"),
        create(User::Bob, CORE, namespace("strict-bob", "strict")).by(&["foreign-tenant", "no-tenant"], "spec.owners"),
        create(alice, &pods, pod("hub", "docker.io/library/nginx:1")).by(&["registry"], "spec.containerRegistries"),
        create(alice, &pods, never).by(&["pull-policy"], "spec.imagePullPolicies"),
        create(alice, &ingresses("strict-web"), ingress("class", "outer", "a.strict.io"))
            .by(&["ingress-class"], "spec.ingressOptions.allowedClasses"),
        create(alice, &ingresses("strict-web"), ingress("host", "inner", "evil.io"))
            .by(&["hostname"], "spec.ingressOptions.allowedHostnames"),
        create(alice, &format!("{CORE}/strict-web/persistentvolumeclaims"), claim)
            .by(&["storage-class"], "spec.storageClasses"),
        create(User::Admin, &tenant("strict"), json!({})).deletes().by(&["protected"], "spec.preventDeletion"),
    ];
    for (kind, rule, field) in [
        ("NodePort", "node-port", "spec.serviceOptions.allowedServices.nodePort"),
        ("ExternalName", "external-name", "spec.serviceOptions.allowedServices.externalName"),
        ("LoadBalancer", "load-balancer", "spec.serviceOptions.allowedServices.loadBalancer"),
    ] {
        let rules: &'static [&'static str] = match rule {
            "node-port" => &["node-port"],
            "external-name" => &["external-name"],
            _ => &["load-balancer"],
        };
        all.push(create(alice, &services, service(kind)).by(rules, field));
    }
    if cluster.era() == Era::V0_14 {
        let body = namespace("strict-admin", "strict");
        all.push(create(User::Admin, CORE, body).by(&["label-without-owner"], "metadata.labels"));
    }
    all
}

/// What has to do with names: hosts that are taken, prefixes, protected names, and objects that Capsule keeps.
async fn of_names(cluster: &Cluster) -> Outcome {
    let alice = User::Alice;
    send(cluster, "POST", &ingresses("strict-db"), &ingress("first", "inner", "b.strict.io")).await?;
    create(alice, &ingresses("strict-web"), ingress("second", "inner", "b.strict.io"))
        .by(&["hostname-taken"], "spec.ingressOptions.hostnameCollisionScope")
        .check(cluster)
        .await?;

    cluster.create_tenant("named-strictly", &[alice]).await.map_err(|failure| failure.to_string())?;
    let configuration = "/apis/capsule.clastix.io/v1beta2/capsuleconfigurations/default";
    let before = get(cluster, configuration).await?;
    let was = before.pointer("/spec/protectedNamespaceRegex").cloned().unwrap_or(json!(""));
    patch(cluster, configuration, &json!({"spec": {"protectedNamespaceRegex": "^named-strictly-kept$"}})).await?;
    let protected = create(alice, CORE, namespace("named-strictly-kept", "named-strictly"))
        .by(&["protected-name"], "spec.protectedNamespaceRegex")
        .check(cluster)
        .await;
    patch(cluster, configuration, &json!({"spec": {"protectedNamespaceRegex": was}})).await?;
    protected?;

    if cluster.era() == Era::V0_4 {
        // Prefixes are wanted of all tenants at once there, and nothing of a tenant's is closed to administrators.
        return Ok(());
    }
    patch(cluster, &tenant("named-strictly"), &json!({"spec": {"forceTenantPrefix": true}})).await?;
    create(alice, CORE, namespace("other-name", "named-strictly"))
        .by(&["prefix-of-tenant", "prefix", "prefix-of-none"], "spec.forceTenantPrefix")
        .check(cluster)
        .await?;
    let bindings = format!("{RBAC}/namespaces/strict-web/rolebindings");
    let list = get(cluster, &bindings).await?;
    let items = list["items"].as_array().into_iter().flatten();
    let name =
        items.filter_map(|item| item["metadata"]["name"].as_str()).find(|name| name.starts_with("capsule:managed:"));
    let name = name.ok_or("Capsule keeps no binding in strict-web")?;
    create(User::Admin, &format!("{bindings}/{name}"), json!({}))
        .deletes()
        .by(&["managed"], "spec.administrators")
        .check(cluster)
        .await
}

/// What Kubernetes itself refuses.
async fn of_kubernetes(cluster: &Cluster) -> Outcome {
    let alice = User::Alice;
    let tenants = tenant("").trim_end_matches('/').to_owned();
    let rights = |provoked: Provoked<'static>| provoked.of(Family::Rbac);
    rights(Provoked { method: "GET", ..create(alice, &tenants, json!({})) }).by(&["rights"], "").check(cluster).await?;
    rights(create(User::Carol, CORE, namespace("strict-carol", "strict"))).by(&["rights"], "").check(cluster).await?;
    let binding = json!({
        "metadata": {"name": "up"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice"}],
    });
    let bindings = format!("{RBAC}/namespaces/strict-web/rolebindings");
    rights(create(alice, &bindings, binding)).by(&["escalation"], "").check(cluster).await?;
    let quota = json!({"metadata": {"name": "few"}, "spec": {"hard": {"secrets": "0"}}});
    send(cluster, "POST", &format!("{CORE}/strict-db/resourcequotas"), &quota).await?;
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}});
    create(alice, &format!("{CORE}/strict-db/secrets"), secret)
        .of(Family::Quota)
        .by(&["quota"], "spec.hard.secrets")
        .check(cluster)
        .await?;
    create(User::Admin, &format!("{CORE}/kube-system"), json!({}))
        .deletes()
        .of(Family::Kubernetes)
        .by(&["kept-namespace"], "")
        .check(cluster)
        .await
}

/// What the demo does not have: limits, Pod Security, webhooks of others.
async fn of_what_only_a_real_server_has(cluster: &Cluster) -> Outcome {
    let admin = User::Admin;
    let labels = json!({"pod-security.kubernetes.io/enforce": "restricted", "plain": "yes"});
    send(cluster, "POST", CORE, &json!({"metadata": {"name": "strict-plain", "labels": labels}})).await?;
    let pods = format!("{CORE}/strict-plain/pods");
    let secured = "metadata.labels[pod-security.kubernetes.io/enforce]";
    create(admin, &pods, pod("open", "ghcr.io/a/b:1"))
        .of(Family::PodSecurity)
        .by(&["pod-security"], secured)
        .check(cluster)
        .await?;

    let most = json!({"limits": [{"type": "Container", "max": {"cpu": "100m"}}]});
    send(
        cluster,
        "POST",
        &format!("{CORE}/strict-db/limitranges"),
        &json!({"metadata": {"name": "small"}, "spec": most}),
    )
    .await?;
    let mut large = pod("large", "ghcr.io/a/b:1");
    large["spec"]["containers"][0]["resources"] = json!({"limits": {"cpu": "2"}});
    create(User::Alice, &format!("{CORE}/strict-db/pods"), large)
        .of(Family::LimitRange)
        .by(&["limits"], "spec.limits[type=Container].max.cpu")
        .check(cluster)
        .await?;

    let collection = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    let webhook = json!({
        "name": "down.strict.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
        "failurePolicy": "Fail", "timeoutSeconds": 1, "clientConfig": {"url": "https://127.0.0.1:1/"},
        "namespaceSelector": {"matchLabels": {"plain": "yes"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}],
    });
    send(cluster, "POST", collection, &json!({"metadata": {"name": "strict"}, "webhooks": [webhook]})).await?;
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
    let down = create(admin, &format!("{CORE}/strict-plain/configmaps"), map);
    let outage = down.of(Family::Outage).by(&["webhook-down"], "").check(cluster).await;
    send(cluster, "DELETE", &format!("{collection}/strict"), &json!({})).await?;
    outage
}

/// A Deployment whose pods Capsule refuses says so in its description, and in full on request: with the field of the tenant and
/// who can change it.
pub async fn a_workload_that_is_refused_says_why(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "whyso", &["whyso-web"]).await?;
    patch(&cluster, &tenant("whyso"), &json!({"spec": {"containerRegistries": {"allowed": ["ghcr.io"]}}})).await?;
    let labels = json!({"app": "bad"});
    let template = json!({
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "main", "image": "docker.io/library/nginx:1"}]},
    });
    let bad = json!({
        "metadata": {"name": "bad"},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
    });
    let path = "/apis/apps/v1/namespaces/whyso-web/deployments";
    send(&cluster, "POST", path, &bad).await?;
    let refused = async || {
        let object = get(&cluster, &format!("{path}/bad")).await.ok()?;
        object.pointer("/status/conditions")?.to_string().contains("ReplicaFailure").then_some(())
    };
    wait_for("its pods are refused", PATIENCE, refused).await.map_err(|failure| failure.to_string())?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.press(": 'deploy whyso-web' enter").await?;
    desk.sees("bad").await?;
    desk.press("shift-w").await?;
    desk.sees("Deployment whyso-web/bad · why refused").await?;
    for text in [
        "refused by  Capsule · pods.",
        "the registry of docker.io/library/nginx:1 is not allowed; allowed: ghcr.io",
        "spec.containerRegistries of Tenant",
        "the tenant is whyso",
        "in words",
    ] {
        desk.sees(text).await?;
    }
    // The description has it by itself.
    desk.press("d").await?;
    desk.sees("Conditions").await?;
    desk.sees("spec.containerRegistries of the Tenant decides").await?;
    // An event of the namespace is explained where it is listed.
    desk.press("esc : 'events whyso-web' enter").await
}

/// While Capsule's controller is away nothing is denied: nobody answers, and that is how it is told.
pub async fn a_dead_webhook_is_no_denial(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "away", &["away-web"]).await?;
    let mut desk = Desk::sit(&cluster, User::Admin).await?;
    desk.go_to_tenant("away").await?;
    cluster.kill_capsule().await.map_err(|failure| failure.to_string())?;
    desk.press("shift-c").await?;
    desk.console.settle(PATIENCE).await?;
    desk.sees("is down: nothing listens there").await?;
    desk.press("shift-w").await?;
    for text in ["refused by  webhook outage", "look at Capsule's controller", "connection refused"] {
        desk.sees(text).await?;
    }
    cluster.start_capsule().await.map_err(|failure| failure.to_string())
}
