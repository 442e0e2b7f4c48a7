use serde_json::{Value, json};

use super::*;
use crate::demo::access::user::User;
use crate::demo::capsule::tests::{admin, make};
use crate::demo::clock::Clock;

const NAMESPACE: &str = "oil-web";

fn cluster(era: Era, spec: &Value) -> (Registry, Object) {
    let mut spec = spec.clone();
    spec.set(&["owners"], json!([{"kind": "User", "name": "alice"}]));
    let mut registry = Registry::new(era, Clock::Hand(jiff::Timestamp::UNIX_EPOCH), 1);
    registry.has_capsule = false;
    make(&mut registry, "namespaces", json!({"metadata": {"name": NAMESPACE}}));
    make(&mut registry, "namespaces", json!({"metadata": {"name": "default"}}));
    let mut tenant =
        make(&mut registry, "tenants.capsule.clastix.io", json!({"metadata": {"name": "oil"}, "spec": spec}));
    registry.change(&admin(), "tenants.capsule.clastix.io", "status", "", "oil", |tenant| {
        tenant.set(&["status"], json!({"namespaces": [NAMESPACE], "size": 1, "state": "Active", "conditions": []}));
    });
    tenant = registry.get("tenants.capsule.clastix.io", "", "oil").unwrap_or(tenant);
    (registry, tenant)
}

/// What creating an object in the tenant's namespace is answered.
fn refusal(registry: &mut Registry, tenant: &Object, resource: &str, mut object: Value) -> Option<(u16, String)> {
    let kind = registry.kind(resource).unwrap();
    object.set(&["metadata", "name"], "a");
    object.set(&["metadata", "namespace"], NAMESPACE);
    object.set(&["apiVersion"], kind.api_version());
    object.set(&["kind"], kind.kind.clone());
    let user = User::default();
    let review = Review {
        operation: Operation::Create,
        kind: &kind,
        subresource: "",
        namespace: NAMESPACE,
        name: "a",
        user: &user,
        old: None,
        dry_run: false,
    };
    mutate(registry, tenant, &review, &mut object);
    validate(registry, tenant, &review, &object).err().map(|status| (status.code, status.message))
}

/// The texts of both eras must be these; with the webhooks' names of each.
fn both(spec: &Value, resource: &str, object: &Value, webhook: [&str; 2], text: &str) {
    for (era, webhook) in [Era::V0_14, Era::V0_4].into_iter().zip(webhook) {
        let (mut registry, tenant) = cluster(era, spec);
        let message = format!("admission webhook {webhook:?} denied the request: {text}");
        assert_eq!(refusal(&mut registry, &tenant, resource, object.clone()), Some((403, message)), "{era:?}");
    }
}

const PODS: [&str; 2] = ["pods.validating.projectcapsule.dev", "pods.capsule.clastix.io"];
const INGRESSES: [&str; 2] = ["ingress.validating.projectcapsule.dev", "ingress.capsule.clastix.io"];
const SERVICES: [&str; 2] = ["services.validating.projectcapsule.dev", "services.capsule.clastix.io"];
const CLAIMS: [&str; 2] = ["pvc.validating.projectcapsule.dev", "pvc.capsule.clastix.io"];

fn pod(image: &str, policy: &str) -> Value {
    json!({"spec": {"containers": [{"name": "c", "image": image, "imagePullPolicy": policy}]}})
}

fn ingress(hosts: &[&str]) -> Value {
    let paths = json!({"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "s", "port": {"number": 1}}}}]});
    let rules: Vec<Value> = hosts.iter().map(|host| json!({"host": host, "http": paths})).collect();
    json!({"spec": {"rules": rules}})
}

#[test]
fn the_samples_hostnames_are_refused_in_their_words() {
    let spec = json!({"ingressOptions": {"allowedHostnames": {"allowed": ["a.oil.io", "b.oil.io"], "allowedRegex": "^.*\\.ok\\.io$"}}});
    let (mut registry, tenant) = cluster(Era::V0_14, &spec);
    let message = "admission webhook \"ingress.validating.projectcapsule.dev\" denied the request: Hostnames [evil.io] are not valid \
                   for the current Tenant, specify one of the following (a.oil.io, b.oil.io), or matching the regex ^.*\\.ok\\.io$";
    let resource = "ingresses.networking.k8s.io";
    assert_eq!(
        refusal(&mut registry, &tenant, resource, ingress(&["evil.io", "a.oil.io"])),
        Some((403, message.to_owned()))
    );
    assert_eq!(refusal(&mut registry, &tenant, resource, ingress(&["a.oil.io", "x.ok.io"])), None);
    assert_eq!(refusal(&mut registry, &tenant, resource, json!({"spec": {}})), None);
    assert_eq!(refusal(&mut registry, &tenant, resource, ingress(&[""])).unwrap().0, 500);
    let is_invalid = |event: &Object| event.text(&["reason"]) == Some("IngressHostnameNotValid");
    let event = registry.list("events", Some(NAMESPACE)).find(is_invalid).unwrap();
    assert_eq!(event.text(&["action"]), Some("ValidationDenied"));
    assert_eq!(event.text(&["reason"]), Some("IngressHostnameNotValid"));
    assert_eq!(event.text(&["message"]), Some("ingress hostname is not valid"));
    assert_eq!(event.label("projectcapsule.dev/tenant"), Some("oil"));
}

#[test]
fn a_broken_expression_matches_nothing() {
    let spec = json!({"ingressOptions": {"allowedHostnames": {"allowedRegex": "("}}});
    for era in [Era::V0_14, Era::V0_4] {
        let (mut registry, tenant) = cluster(era, &spec);
        let refused = refusal(&mut registry, &tenant, "ingresses.networking.k8s.io", ingress(&["a.io"]));
        assert_eq!(refused.unwrap().0, 403);
    }
}

#[test]
fn ingress_classes() {
    let spec = json!({"ingressOptions": {"allowedClasses": {"allowed": ["oil-class"]}}});
    let text = "No Ingress Class is forbidden for the current Tenant. Specify a Ingress Class which is allowed within the Tenant: use \
                one from the following list (oil-class)";
    both(&spec, "ingresses.networking.k8s.io", &ingress(&[]), INGRESSES, text);
    let nginx = json!({"spec": {"ingressClassName": "nginx"}});
    let text = "Ingress Class nginx is forbidden for the current Tenant: use one from the following list (oil-class)";
    both(&spec, "ingresses.networking.k8s.io", &nginx, INGRESSES, text);
    let spec = json!({"ingressOptions": {"allowedClasses": {"allowed": ["oil-class"], "default": "own"}}});
    let (mut registry, tenant) = cluster(Era::V0_14, &spec);
    assert_eq!(refusal(&mut registry, &tenant, "ingresses.networking.k8s.io", ingress(&[])), None);
}

#[test]
fn hostnames_collide_in_their_scope_only() {
    for (scope, is_refused) in [("Cluster", true), ("Tenant", false), ("Namespace", false), ("Disabled", false)] {
        let (mut registry, tenant) = cluster(Era::V0_14, &json!({"ingressOptions": {"hostnameCollisionScope": scope}}));
        make(&mut registry, "namespaces", json!({"metadata": {"name": "gas-web"}}));
        make(
            &mut registry,
            "tenants.capsule.clastix.io",
            json!({"metadata": {"name": "gas"}, "spec": {"owners": [{"kind": "User", "name": "bob"}]}}),
        );
        registry.change(&admin(), "tenants.capsule.clastix.io", "status", "", "gas", |tenant| {
            tenant.set(&["status"], json!({"namespaces": ["gas-web"], "size": 1, "state": "Active", "conditions": []}));
        });
        let mut other = ingress(&["a.oil.io"]);
        other.set(&["metadata"], json!({"name": "other", "namespace": "gas-web"}));
        make(&mut registry, "ingresses.networking.k8s.io", other);
        let refused = refusal(&mut registry, &tenant, "ingresses.networking.k8s.io", ingress(&["a.oil.io"]));
        let message = "admission webhook \"ingress.validating.projectcapsule.dev\" denied the request: hostname a.oil.io is already used \
                       across the cluster: please, reach out to the system administrators";
        assert_eq!(refused, is_refused.then(|| (403, message.to_owned())), "{scope}");
    }
}

#[test]
fn wildcards() {
    let (mut registry, tenant) = cluster(Era::V0_4, &json!({}));
    let refused = refusal(&mut registry, &tenant, "ingresses.networking.k8s.io", ingress(&["*.io"])).unwrap();
    assert_eq!(
        refused.1,
        "admission webhook \"ingress.capsule.clastix.io\" denied the request: Wildcard denied for tenant oil\n"
    );
    let event = registry.list("events", Some("default")).next().unwrap();
    assert_eq!(event.text(&["message"]), Some("networking.k8s.io/v1, Kind=Ingress oil-web/a cannot be create"));
    assert_eq!(event.text(&["involvedObject", "name"]), Some("oil"));
}

#[test]
fn images() {
    let spec = json!({"containerRegistries": {"allowed": ["ghcr.io"]}});
    let text = |image: &str| {
        format!(
            "Container image {image} registry is forbidden for the current Tenant: use one from the following list (ghcr.io)"
        )
    };
    both(&spec, "pods", &pod("evil.io/a/b:1", "Always"), PODS, &text("evil.io/a/b:1"));
    both(&spec, "pods", &pod("nginx:1", "Always"), PODS, &text("nginx:1"));
    let (mut registry, tenant) = cluster(Era::V0_14, &spec);
    assert_eq!(refusal(&mut registry, &tenant, "pods", pod("ghcr.io/a/b:1", "Always")), None);
    // Without a tag the new era has no name to show.
    assert!(
        refusal(&mut registry, &tenant, "pods", pod("evil.io/a", "Always"))
            .unwrap()
            .1
            .contains("Container image  registry")
    );
}

#[test]
fn pull_policies() {
    let spec = json!({"imagePullPolicies": ["Always", "IfNotPresent"]});
    let text = "ImagePullPolicy Never for container c is forbidden, use one of the followings: Always, IfNotPresent";
    both(&spec, "pods", &pod("ghcr.io/a:1", "Never"), PODS, text);
}

#[test]
fn priority_classes() {
    let spec = json!({"priorityClasses": {"allowed": ["low"], "allowedRegex": "^oil-"}});
    let mut object = pod("a:1", "Always");
    object.set(&["spec", "priorityClassName"], "high");
    let text = "Pod Priority Class high is forbidden for the current Tenant: use one from the following list (low) or use one matching the \
                following regex (^oil-)";
    both(&spec, "pods", &object, PODS, text);
}

#[test]
fn services() {
    for (kind, switch) in [("NodePort", "nodePort"), ("ExternalName", "externalName"), ("LoadBalancer", "loadBalancer")]
    {
        let spec = json!({"serviceOptions": {"allowedServices": {switch: false}}});
        let text = format!(
            "{kind} service types are forbidden for the tenant: please, reach out to the system administrators"
        );
        both(&spec, "services", &json!({"spec": {"type": kind}}), SERVICES, &text);
    }
    let spec = json!({"serviceOptions": {"externalIPs": {"allowed": ["10.0.0.0/8", "1.1.1.1"]}}});
    let text = "The selected external IPs for the current Service are violating the following enforced CIDRs: 10.0.0.0/8, 1.1.1.1";
    both(&spec, "services", &json!({"spec": {"externalIPs": ["10.1.1.1", "1.1.1.2"]}}), SERVICES, text);
    let spec = json!({"serviceOptions": {"forbiddenLabels": {"denied": ["x"], "deniedRegex": "^y"}}});
    let (mut registry, tenant) = cluster(Era::V0_14, &spec);
    let refused = refusal(&mut registry, &tenant, "services", json!({"metadata": {"labels": {"yes": "1"}}})).unwrap();
    assert!(refused.1.ends_with(
        "labels validation failed: yes is forbidden for the current Tenant. Forbidden are one of the following (x) or matching the regex ^y"
    ));
}

#[test]
fn claims_of_volumes() {
    let spec = json!({"storageClasses": {"allowed": ["fast"]}});
    let text = "Storage Class slow is forbidden for the current Tenant use one from the following list (fast)";
    both(&spec, "persistentvolumeclaims", &json!({"spec": {"storageClassName": "slow"}}), CLAIMS, text);
    let text = "A valid Storage Class must be used: use one from the following list (fast)";
    both(&spec, "persistentvolumeclaims", &json!({"spec": {}}), CLAIMS, text);
    let (mut registry, tenant) = cluster(Era::V0_14, &json!({}));
    let refused =
        refusal(&mut registry, &tenant, "persistentvolumeclaims", json!({"spec": {"volumeName": "gone"}})).unwrap();
    assert_eq!(refused.0, 500);
    assert!(refused.1.ends_with("cannot create a PVC referring to a not yet existing PV"));
}

#[test]
fn rules_that_would_have_to_be_kept_are_not_in_the_demo() {
    let spec = json!({"rules": [{"enforce": {"workloads": {"qosClasses": ["Guaranteed"]}}}]});
    let (mut registry, tenant) = cluster(Era::V0_14, &spec);
    assert_eq!(refusal(&mut registry, &tenant, "pods", pod("a:1", "Always")).unwrap().0, 501);
    assert_eq!(refusal(&mut registry, &tenant, "configmaps", json!({})), None);
}

#[test]
fn everything_but_events_is_labelled_in_the_new_era() {
    for (era, label) in [(Era::V0_14, Some("oil")), (Era::V0_4, None)] {
        let (mut registry, tenant) = cluster(era, &json!({}));
        let user = User::default();
        let kind = registry.kind("configmaps").unwrap();
        let review = Review {
            operation: Operation::Create,
            kind: &kind,
            subresource: "",
            namespace: NAMESPACE,
            name: "a",
            user: &user,
            old: None,
            dry_run: true,
        };
        let mut object = json!({"metadata": {"name": "a", "namespace": NAMESPACE}});
        mutate(&mut registry, &tenant, &review, &mut object);
        assert_eq!(object.label("projectcapsule.dev/tenant"), label);
        assert_eq!(object.label("capsule.clastix.io/managed-by"), label);
    }
}
