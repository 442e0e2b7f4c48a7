use serde_json::{Value, json};

use super::*;
use crate::demo::capsule::tests::{admin, make};
use crate::demo::clock::Clock;

fn cluster(era: Era, spec: &Value) -> (Registry, Object, Vec<String>) {
    let mut spec = spec.clone();
    spec.set(&["owners"], json!([{"kind": "User", "name": "alice"}]));
    let mut registry = Registry::new(era, Clock::Hand(jiff::Timestamp::UNIX_EPOCH), 1);
    registry.has_capsule = false;
    let names = ["oil-db".to_owned(), "oil-web".to_owned()];
    for name in &names {
        make(&mut registry, "namespaces", json!({"metadata": {"name": name}}));
    }
    let tenant = make(&mut registry, "tenants.capsule.clastix.io", json!({"metadata": {"name": "oil"}, "spec": spec}));
    (registry, tenant, names.to_vec())
}

fn uses(registry: &mut Registry, namespace: &str, used: &Value) {
    registry.change(&admin(), "resourcequotas", "status", namespace, "capsule-oil-0", |quota| {
        quota.set(&["status"], json!({"hard": used, "used": used}));
    });
}

fn hard(registry: &Registry, namespace: &str) -> Value {
    registry.get("resourcequotas", namespace, "capsule-oil-0").unwrap().at(&["spec", "hard"]).cloned().unwrap()
}

#[test]
fn a_quota_of_the_tenant_is_spread_as_in_the_sample() {
    let spec = json!({"resourceQuotas": {"scope": "Tenant", "items": [{"hard": {"pods": "4", "configmaps": "20"}}]}});
    let (mut registry, tenant, names) = cluster(Era::V0_14, &spec);
    reconcile(&mut registry, &admin(), &tenant, &names);
    uses(&mut registry, "oil-web", &json!({"configmaps": "3", "pods": "3"}));
    uses(&mut registry, "oil-db", &json!({"configmaps": "2", "pods": "0"}));
    reconcile(&mut registry, &admin(), &tenant, &names);
    let quota = registry.get("resourcequotas", "oil-web", "capsule-oil-0").unwrap();
    assert_eq!(quota.at(&["spec", "hard"]), Some(&json!({"configmaps": "18", "pods": "4"})));
    assert_eq!(
        quota.at(&["metadata", "annotations"]),
        Some(&json!({
            "quota.capsule.clastix.io/hard-configmaps": "20", "quota.capsule.clastix.io/hard-pods": "4",
            "quota.capsule.clastix.io/used-configmaps": "5", "quota.capsule.clastix.io/used-pods": "3",
        }))
    );
    assert_eq!(
        quota.at(&["metadata", "labels"]),
        Some(&json!({
            "capsule.clastix.io/managed-by": "oil", "capsule.clastix.io/resource-quota": "0",
            "projectcapsule.dev/managed-by": "controller", "projectcapsule.dev/tenant": "oil",
        }))
    );
    assert_eq!(quota.at(&["metadata", "ownerReferences"]), Some(&json!([owner(&tenant)])));
    // At the limit every namespace is held at what it uses.
    uses(&mut registry, "oil-db", &json!({"configmaps": "2", "pods": "1"}));
    reconcile(&mut registry, &admin(), &tenant, &names);
    assert_eq!(hard(&registry, "oil-web"), json!({"configmaps": "18", "pods": "3"}));
    assert_eq!(hard(&registry, "oil-db"), json!({"configmaps": "17", "pods": "1"}));
    // The same again writes nothing.
    let version =
        |registry: &Registry| registry.get("resourcequotas", "oil-web", "capsule-oil-0").unwrap().version().to_owned();
    let before = version(&registry);
    reconcile(&mut registry, &admin(), &tenant, &names);
    assert_eq!(version(&registry), before);
}

#[test]
fn the_old_era_gives_each_namespace_the_whole() {
    let spec = json!({"resourceQuotas": {"scope": "Tenant", "items": [{"hard": {"pods": "4"}}]}});
    let (mut registry, tenant, names) = cluster(Era::V0_4, &spec);
    reconcile(&mut registry, &admin(), &tenant, &names);
    uses(&mut registry, "oil-web", &json!({"pods": "3"}));
    reconcile(&mut registry, &admin(), &tenant, &names);
    assert_eq!(hard(&registry, "oil-db"), json!({"pods": "4"}));
    let quota = registry.get("resourcequotas", "oil-db", "capsule-oil-0").unwrap();
    assert_eq!(
        quota.at(&["metadata", "labels"]),
        Some(&json!({"capsule.clastix.io/resource-quota": "0", "capsule.clastix.io/tenant": "oil"}))
    );
    assert_eq!(quota.annotation("quota.capsule.clastix.io/used-pods"), Some("3"));
}

#[test]
fn what_is_asked_for_no_more_goes() {
    let spec = json!({
        "networkPolicies": {"items": [{"podSelector": {}, "policyTypes": ["Ingress"]}]},
        "limitRanges": {"items": [{"limits": [{"type": "Pod", "max": {"cpu": "1"}}]}, {"limits": [{"type": "Pod", "max": {"cpu": "2"}}]}]},
        "resourceQuotas": {"scope": "Namespace", "items": [{"hard": {"pods": "4"}}]},
    });
    for era in [Era::V0_14, Era::V0_4] {
        let (mut registry, mut tenant, names) = cluster(era, &spec);
        reconcile(&mut registry, &admin(), &tenant, &names);
        assert!(registry.has("networkpolicies.networking.k8s.io", "oil-web", "capsule-oil-0"));
        assert!(registry.has("limitranges", "oil-db", "capsule-oil-1"));
        assert_eq!(hard(&registry, "oil-db"), json!({"pods": "4"}));
        tenant.set(&["spec", "limitRanges", "items"], json!([{"limits": [{"type": "Pod", "max": {"cpu": "3"}}]}]));
        tenant.unset(&["spec", "networkPolicies"]);
        reconcile(&mut registry, &admin(), &tenant, &names);
        assert!(!registry.has("networkpolicies.networking.k8s.io", "oil-web", "capsule-oil-0"));
        assert!(!registry.has("limitranges", "oil-db", "capsule-oil-1"));
        let range = registry.get("limitranges", "oil-db", "capsule-oil-0").unwrap();
        assert_eq!(range.at(&["spec", "limits"]).unwrap()[0]["max"]["cpu"], "3");
    }
}

#[test]
fn rules_have_a_status_in_every_namespace_of_the_new_era() {
    let (mut registry, tenant, names) = cluster(Era::V0_14, &json!({}));
    reconcile(&mut registry, &admin(), &tenant, &names);
    let rules = registry.get("rulestatuses.capsule.clastix.io", "oil-web", "capsule-managed-rules").unwrap();
    assert_eq!(rules.get("spec"), Some(&json!([])));
    assert_eq!(rules.int(&["status", "observedGeneration"]), Some(1));
    assert_eq!(rules.label("projectcapsule.dev/name"), Some("capsule-managed-rules"));
    let (mut registry, tenant, names) = cluster(Era::V0_4, &json!({}));
    reconcile(&mut registry, &admin(), &tenant, &names);
    assert_eq!(registry.list("rulestatuses.capsule.clastix.io", None).count(), 0);
}

#[test]
fn namespaces_wear_what_the_tenant_allows() {
    let spec = json!({
        "nodeSelector": {"pool": "oil", "a": "b"},
        "storageClasses": {"allowed": ["fast", "slow"], "allowedRegex": "^x"},
        "namespaceOptions": {
            "additionalMetadata": {"labels": {"team": "a"}},
            "additionalMetadataList": [{"labels": {"team": "b", "of": "{{ tenant.name }}"}}, {"labels": {"in": "{{ namespace }}"}}],
        },
    });
    let tenant = json!({"metadata": {"name": "oil", "annotations": {"capsule.clastix.io/forbidden-namespace-labels": "z"}}, "spec": spec});
    let (labels, annotations) = namespace_metadata(&tenant, Era::V0_14);
    assert_eq!(json!(labels), json!({"team": "a", "of": "oil"}));
    assert_eq!(
        json!(annotations),
        json!({
            "scheduler.alpha.kubernetes.io/node-selector": "a=b,pool=oil", "capsule.clastix.io/storage-classes": "fast,slow",
            "capsule.clastix.io/storage-classes-regexp": "^x", "capsule.clastix.io/forbidden-namespace-labels": "z",
        })
    );
    assert_eq!(json!(namespace_metadata(&tenant, Era::V0_4).0), json!({"team": "a"}));
}

#[test]
fn md5_is_the_rfcs() {
    assert_eq!(md5::hex(b""), "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(
        md5::hex(b"12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
        "57edf4a22be3c955ac49da2e2107b67a"
    );
}
