use std::collections::BTreeSet;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::*;
use crate::demo::ids::Ids;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Registry;
use crate::demo::schema::check;

const TENANTS: &str = "tenants.capsule.clastix.io";

fn now() -> Timestamp {
    "2026-11-23T10:02:30Z".parse().unwrap()
}

/// The world, for tests that only look at it.
fn world() -> &'static Demo {
    static WORLD: LazyLock<Demo> = LazyLock::new(fresh);
    &WORLD
}

/// A world of one's own.
fn fresh() -> Demo {
    lke_demo(Clock::Hand(now()), 1)
}

fn condition(object: &Object, kind: &str) -> Object {
    let conditions = object.list(&["status", "conditions"]);
    conditions.iter().find(|one| one.text(&["type"]) == Some(kind)).cloned().unwrap_or_default()
}

fn tenant(registry: &Registry, name: &str) -> Object {
    registry.get(TENANTS, "", name).unwrap()
}

fn messages(registry: &Registry) -> Vec<String> {
    registry.list("events", None).filter_map(|event| Some(event.text(&["message"])?.to_owned())).collect()
}

/// The namespaces of a tenant, as Capsule marks them.
fn namespaces(registry: &Registry, tenant: &str) -> Vec<Object> {
    registry.list("namespaces", None).filter(|one| one.label("capsule.clastix.io/tenant") == Some(tenant)).collect()
}

#[test]
fn both_worlds_come_about_as_written() {
    for (era, history) in [(Era::V0_14, History::of_demo as fn(Timestamp) -> History), (Era::V0_4, History::of_staging)]
    {
        let options =
            Options { capsule: Some(era), clock: Clock::Hand(now() - AGE), users: users(), ..Options::default() };
        let demo = Demo::start(&options);
        let surprises = history(now()).play(&mut demo.cluster().lock(), now());
        assert_eq!(surprises, Vec::<String>::new());
    }
}

#[test]
fn the_same_seed_makes_the_same_names() {
    let names = |seed| {
        let demo = lke_demo(Clock::Hand(now()), seed);
        let registry = demo.cluster().lock();
        let pods: Vec<String> =
            registry.list("pods", None).map(|pod| format!("{}/{}", pod.namespace(), pod.name())).collect();
        let uids: BTreeSet<String> = registry.list("namespaces", None).map(|one| one.uid().to_owned()).collect();
        (pods, uids)
    };
    assert_eq!(names(7), names(7));
    assert_ne!(names(7).1, names(8).1);
}

#[test]
fn ages_are_those_of_a_platform_that_has_been_lived_in() {
    let demo = world();
    let registry = demo.cluster().lock();
    let age = |resource: &str, namespace: &str, name: &str| {
        let object = registry.get(resource, namespace, name).unwrap();
        let made: Timestamp = object.text(&["metadata", "creationTimestamp"]).unwrap().parse().unwrap();
        now().duration_since(made).as_hours() / 24
    };
    assert_eq!(registry.now(), now());
    assert_eq!(age("namespaces", "", "kube-system"), 401);
    assert_eq!(age("namespaces", "", "oil-web"), 379);
    assert_eq!(age("deployments.apps", "oil-web", "site"), 36);
    assert_eq!(age("namespaces", "", "moss-dev"), 0);
    // Events are kept for an hour, and nothing is younger than the present.
    for event in registry.list("events", None) {
        let at = event.text(&["lastTimestamp"]).or_else(|| event.text(&["eventTime"])).unwrap();
        let age = now().duration_since(at.parse().unwrap());
        assert!(!age.is_negative() && age <= SignedDuration::from_hours(1), "{event}");
    }
}

#[test]
fn workloads_run() {
    let demo = world();
    let registry = demo.cluster().lock();
    for deployment in registry.list("deployments.apps", None) {
        let wanted = deployment.int(&["spec", "replicas"]).unwrap();
        let ready = deployment.int(&["status", "readyReplicas"]).unwrap_or_default();
        let wanted = match deployment.name() {
            // Its tenant's quota allows no more.
            "meter" => 4,
            _ => wanted,
        };
        assert_eq!(ready, wanted, "{}/{}", deployment.namespace(), deployment.name());
    }
    let pods = registry.list("pods", None).count();
    assert!((45..=90).contains(&pods), "{pods} pods");
    assert_eq!(registry.list("nodes", None).count(), 3);
    let claims: Vec<_> = registry.list("persistentvolumeclaims", None).collect();
    assert!(claims.len() >= 3 && claims.iter().all(|claim| claim.text(&["status", "phase"]) == Some("Bound")));
}

#[test]
fn tenants_are_in_every_state() {
    let demo = world();
    let registry = demo.cluster().lock();
    assert_eq!(registry.list(TENANTS, None).count(), 13);
    for name in ["oil", "wind", "water", "tide", "wood", "salt", "iron", "amber", "moss"] {
        let tenant = tenant(&registry, name);
        assert_eq!(tenant.text(&["status", "state"]), Some("Active"), "{name}");
        assert_eq!(condition(&tenant, "Ready").text(&["status"]), Some("True"), "{name}");
    }
    for name in ["gas", "solar"] {
        assert_eq!(condition(&tenant(&registry, name), "Cordoned").text(&["status"]), Some("True"), "{name}");
        for namespace in namespaces(&registry, name) {
            assert_eq!(namespace.label("projectcapsule.dev/cordoned"), Some("true"), "{name}");
        }
    }
    let coal = condition(&tenant(&registry, "coal"), "Ready");
    assert_eq!(coal.text(&["status"]), Some("False"));
    let why = coal.text(&["message"]).unwrap();
    assert!(why.starts_with("cannot sync networkPolicy items: namespace \"coal-pit\": "), "{why}");
    let peat = tenant(&registry, "peat");
    assert_eq!(peat.text(&["status", "state"]), Some("Terminating"));
    assert!(peat.is_terminating() && peat.finalizers().contains(&"billing.example.com/close-account"));
}

#[test]
fn some_are_paused_and_some_in_part() {
    let demo = world();
    let registry = demo.cluster().lock();
    let rests = |namespace: &str| {
        let scaled = ["deployments.apps", "statefulsets.apps"]
            .iter()
            .flat_map(|resource| registry.list(resource, Some(namespace)).collect::<Vec<_>>())
            .all(|object| object.int(&["spec", "replicas"]) == Some(0));
        scaled && registry.list("cronjobs.batch", Some(namespace)).all(|cron| cron.flag(&["spec", "suspend"]))
    };
    assert!(["gas-api", "gas-batch"].into_iter().all(rests));
    let wind: Vec<bool> = ["wind-farm", "wind-map", "wind-test", "wind-forecast"].into_iter().map(rests).collect();
    assert_eq!(wind, [false, false, true, true]);
    let cordoned: Vec<String> = namespaces(&registry, "tide")
        .into_iter()
        .filter(|one| one.label("projectcapsule.dev/cordoned") == Some("true"))
        .map(|one| one.name().to_owned())
        .collect();
    assert_eq!(cordoned, ["tide-live"]);
}

#[test]
fn quotas_are_full() {
    let demo = world();
    let registry = demo.cluster().lock();
    let wind = tenant(&registry, "wind");
    assert_eq!(wind.int(&["status", "size"]), wind.int(&["spec", "namespaceOptions", "quota"]));
    let full: Vec<Object> = registry
        .list("resourcequotas", Some("water-flow"))
        .filter(|quota| quota.text(&["status", "hard", "pods"]) == quota.text(&["status", "used", "pods"]))
        .collect();
    assert_eq!(full.len(), 1);
    let failed = registry.list("events", Some("water-flow")).any(|event| {
        let message = event.text(&["message"]).unwrap_or_default();
        event.text(&["reason"]) == Some("FailedCreate") && message.contains("exceeded quota")
    });
    assert!(failed);
}

#[test]
fn denials_stand_in_events() {
    let demo = world();
    let registry = demo.cluster().lock();
    let said = messages(&registry);
    for denial in [
        "ingress hostname is not valid",
        "Cannot be type of nodeport for the tenant",
        "using a container hosted on registry quay.io that is forbidden for the tenant",
        "StorageClass linode-block-storage-retain is forbidden for the Tenant oil",
        "namespace cannot be attached, quota exceeded for the elected tenant",
        "the tenant is cordoned",
    ] {
        assert!(said.iter().any(|message| message.contains(denial)), "no event tells of {denial}: {said:#?}");
    }
    for (resource, namespace, name) in [
        ("ingresses.networking.k8s.io", "oil-web", "promo"),
        ("services", "oil-web", "debug"),
        ("pods", "oil-web", "shell"),
        ("persistentvolumeclaims", "oil-web", "scratch"),
        ("namespaces", "", "wind-lab"),
        ("namespaces", "", "solar-lab"),
        ("configmaps", "solar-panel", "hot-fix"),
    ] {
        assert!(!registry.has(resource, namespace, name), "{resource} {namespace}/{name}");
    }
}

#[test]
fn a_namespace_is_stuck() {
    let demo = world();
    let registry = demo.cluster().lock();
    let stuck = registry.get("namespaces", "", "legacy-crm").unwrap();
    assert!(stuck.is_terminating());
    let why = condition(&stuck, "NamespaceFinalizersRemaining");
    assert_eq!(why.text(&["status"]), Some("True"));
    assert!(why.text(&["message"]).unwrap().contains("backup.example.com/hold"));
}

#[test]
fn domains_wait_collide_and_expire() {
    let demo = world();
    let registry = demo.cluster().lock();
    let ingresses: Vec<Object> = registry.list("ingresses.networking.k8s.io", None).collect();
    let pending: Vec<&str> = ingresses
        .iter()
        .filter(|ingress| ingress.list(&["status", "loadBalancer", "ingress"]).is_empty())
        .map(super::super::object::Meta::name)
        .collect();
    assert_eq!(pending, ["new-shop"]);
    let host = |ingress: &&Object| ingress.pointer("/spec/rules/0/host") == Some(&Value::from("shop.example.net"));
    let sharing: Vec<&str> = ingresses.iter().filter(host).map(super::super::object::Meta::namespace).collect();
    assert_eq!(sharing, ["amber-web", "oil-web"]);

    let ends = registry.get("certificates.cert-manager.io", "oil-web", "site-tls").unwrap();
    let ends: Timestamp = ends.text(&["status", "notAfter"]).unwrap().parse().unwrap();
    assert_eq!(ends.duration_since(now()).as_hours(), 6 * 24);
    let missing = registry.get("certificates.cert-manager.io", "amber-web", "new-shop-tls").unwrap();
    assert_eq!(condition(&missing, "Ready").text(&["status"]), Some("False"));
    assert!(registry.has("gateways.gateway.networking.k8s.io", "amber-web", "edge"));
    assert!(registry.has("httproutes.gateway.networking.k8s.io", "amber-web", "blog"));
}

#[test]
fn tenants_can_be_visited() {
    let demo = world();
    let registry = demo.cluster().lock();
    let policy = registry.get("networkpolicies.networking.k8s.io", "iron-forge", "let-monitoring-in").unwrap();
    assert_eq!(policy.pointer("/spec/ingress/0/from/0/namespaceSelector"), Some(&serde_json::json!({})));
    const BINDINGS: &str = "rolebindings.rbac.authorization.k8s.io";
    let cross = registry.get(BINDINGS, "salt-mill", "shared-ci").unwrap();
    assert_eq!(cross.pointer("/subjects/0/namespace"), Some(&Value::from("oil-job")));
    let dangling = registry.get(BINDINGS, "iron-forge", "auditors").unwrap();
    let role = dangling.text(&["roleRef", "name"]).unwrap();
    assert!(!registry.has("roles.rbac.authorization.k8s.io", "iron-forge", role));
    assert!(
        registry.has(BINDINGS, "iron-gate", "old-deployer") && !registry.has("serviceaccounts", "iron-gate", "jenkins")
    );
}

#[test]
fn others_manage_and_scale() {
    let demo = world();
    let registry = demo.cluster().lock();
    let shop = registry.get("deployments.apps", "wood-shop", "shop").unwrap();
    assert_eq!(shop.annotation("argocd.argoproj.io/tracking-id"), Some("wood:apps/Deployment:wood-shop/shop"));
    let managers: Vec<&str> =
        shop.list(&["metadata", "managedFields"]).iter().filter_map(|one| one.text(&["manager"])).collect();
    assert!(managers.contains(&"argocd-controller"));
    let application = registry.get("applications.argoproj.io", "argocd", "wood").unwrap();
    assert_eq!(application.text(&["status", "sync", "status"]), Some("Synced"));
    let worker = registry.get("deployments.apps", "salt-mill", "worker").unwrap();
    assert_eq!(worker.label("kustomize.toolkit.fluxcd.io/name"), Some("salt"));
    assert!(registry.has("kustomizations.kustomize.toolkit.fluxcd.io", "flux-system", "salt"));
    assert!(registry.has("scaledobjects.keda.sh", "salt-mill", "worker"));
    assert!(registry.has("horizontalpodautoscalers.autoscaling", "oil-web", "cart"));
    let budget = registry.get("poddisruptionbudgets.policy", "oil-web", "site").unwrap();
    assert_eq!(budget.int(&["status", "disruptionsAllowed"]), Some(1));
    let ledger = registry.get("statefulsets.apps", "water-data", "ledger").unwrap();
    assert_eq!(ledger.text(&["spec", "persistentVolumeClaimRetentionPolicy", "whenScaled"]), Some("Delete"));
    assert!(registry.has("meshes.kuma.io", "", "default"));
    assert!(registry.has("meshtrafficpermissions.kuma.io", "kuma-system", "moss-only"));
    let wood = tenant(&registry, "wood");
    assert_eq!(wood.pointer("/spec/owners/0/kind"), Some(&Value::from("Group")));
}

/// What `helm list` does with a Secret of its driver, for stored blocks.
#[test]
fn helm_can_read_its_releases() {
    let demo = world();
    let registry = demo.cluster().lock();
    let secret = registry.get("secrets", "oil-web", "sh.helm.release.v1.site.v7").unwrap();
    assert_eq!(secret.label("owner"), Some("helm"));
    let data = STANDARD.decode(secret.text(&["data", "release"]).unwrap()).unwrap();
    let zipped = STANDARD.decode(data).unwrap();
    assert_eq!(zipped.get(..3), Some(&[0x1f, 0x8b, 8][..]));
    let (body, tail) = zipped.get(10..).unwrap().split_at(zipped.len() - 18);
    assert_eq!(body.first(), Some(&1), "one last, stored block");
    let text = body.get(5..).unwrap();
    assert_eq!(tail.get(4..), Some(&(text.len() as u32).to_le_bytes()[..]));
    let release: Value = serde_json::from_slice(text).unwrap();
    assert_eq!(release.text(&["chart", "metadata", "name"]), Some("site"));
    assert_eq!(release.text(&["info", "status"]), Some("deployed"));
}

#[test]
fn every_object_fits_its_schema_and_says_who_manages_it() {
    let demo = world();
    let registry = demo.cluster().lock();
    // Events are stored in the core form; the other is a view.
    for kind in registry.schemas.kinds().iter().filter(|kind| kind.group != "events.k8s.io") {
        for object in registry.list(&kind.qualified(), None) {
            let what = format!("{} {}/{}", kind.qualified(), object.namespace(), object.name());
            // An object that says nothing but its name has nothing to manage, such as the ServiceAccount `default`.
            let says = object
                .as_object()
                .is_some_and(|map| map.keys().any(|key| !["apiVersion", "kind", "metadata"].contains(&key.as_str())));
            assert!(!says || !object.list(&["metadata", "managedFields"]).is_empty(), "{what} has no managers");
            let mut rest = object.clone();
            rest.unset(&["metadata", "managedFields"]);
            let unknown = check::unknown_fields(&registry.schemas, &registry.schemas.node(kind).unwrap(), &rest);
            assert!(unknown.is_empty(), "{what}: {unknown:?}");
        }
    }
}

#[test]
fn the_kubeconfig_leads_everybody_somewhere() {
    let config = kubeconfig(&IN_PROCESS);
    assert_eq!(config.text(&["current-context"]), Some("lke-demo"));
    let names: Vec<&str> = config.list(&["contexts"]).iter().filter_map(|one| one.text(&["name"])).collect();
    for name in [
        "lke-demo",
        "lke-demo-alice",
        "lke-demo-carol",
        "lke-demo-ci",
        "lke-demo-dave",
        "lke-staging",
        "lke-staging-bob",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    for context in config.list(&["contexts"]) {
        let user = context.text(&["context", "user"]);
        assert!(config.list(&["users"]).iter().any(|one| one.text(&["name"]) == user), "{context}");
    }
}

#[test]
fn bustle_changes_things_the_same_way_each_time() {
    let play = |seed| {
        let demo = fresh();
        let mut dice = Ids::new(seed);
        for _ in 0..40 {
            bustle::turn(&mut demo.cluster().lock(), &mut dice);
            demo.advance(SignedDuration::from_secs(7));
        }
        let registry = demo.cluster().lock();
        let pods: Vec<String> = registry.list("pods", None).map(|pod| pod.name().to_owned()).collect();
        let renewed = registry.get("certificates.cert-manager.io", "salt-mill", "rabbit-tls").unwrap();
        (pods, renewed.int(&["status", "revision"]), messages(&registry).len())
    };
    let before: Vec<String> = world().cluster().lock().list("pods", None).map(|pod| pod.name().to_owned()).collect();
    let (pods, revision, events) = play(3);
    assert_ne!(pods, before);
    assert_eq!(revision, Some(19));
    assert_eq!((pods, revision, events), play(3));
}

#[tokio::test(start_paused = true)]
async fn bustle_ends_with_its_cluster() {
    let demo = fresh();
    let task = tokio::spawn(bustle(Arc::downgrade(demo.cluster()), 1));
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    assert!(!task.is_finished());
    assert_eq!(Arc::strong_count(demo.cluster()), 1);
    drop(demo);
    tokio::time::timeout(std::time::Duration::from_mins(1), task).await.unwrap().unwrap();
}
