//! Roles and bindings: what they allow, of what they are made, who made them.

use serde_json::json;

use super::super::rbac::{decode_binding, decode_role};
use crate::world::binding::Subject;
use crate::world::name::Interner;

#[test]
fn who_made_a_binding_is_told_by_its_marks() {
    let label = |key: &str, value: &str| json!({"labels": {key: value}});
    let cases = [
        (label("kubernetes.io/bootstrapping", "rbac-defaults"), "Kubernetes"),
        (label("projectcapsule.dev/managed-by", "controller"), "Capsule"),
        (label("projectcapsule.dev/created-by", "rbac-controller"), "Capsule"),
        (
            json!({
                "labels": {"capsule.clastix.io/role-binding": "1f", "capsule.clastix.io/tenant": "oil"},
                "ownerReferences": [{"apiVersion": "capsule.clastix.io/v1beta2", "kind": "Tenant", "name": "oil"}],
            }),
            "Capsule",
        ),
        (json!({"annotations": {"meta.helm.sh/release-name": "site"}}), "Helm release site"),
        (
            json!({"annotations": {"argocd.argoproj.io/tracking-id": "shop:rbac/RoleBinding:oil-web/devs"}}),
            "Argo CD app shop",
        ),
        (label("kustomize.toolkit.fluxcd.io/name", "apps"), "Flux Kustomization apps"),
        (
            json!({"managedFields": [
                {"manager": "k9s", "operation": "Update", "time": "2026-11-02T08:00:00Z", "fieldsV1": {"f:subjects": {}}},
                {"manager": "kubectl-create", "operation": "Update", "time": "2026-11-01T08:00:00Z"},
            ]}),
            "by hand (kubectl-create)",
        ),
        (json!({"managedFields": [{"manager": "operator", "operation": "Apply"}]}), "operator"),
        (json!({}), ""),
    ];
    for (mut metadata, maker) in cases {
        metadata["name"] = "b".into();
        metadata["namespace"] = "oil-web".into();
        let binding = json!({"metadata": metadata, "roleRef": {"kind": "Role", "name": "r"}});
        let read = decode_binding(binding.to_string().as_bytes(), &mut Interner::default()).unwrap();
        assert_eq!(read.maker.map(|maker| maker.words()).unwrap_or_default(), maker, "{binding}");
    }
}

#[test]
fn an_empty_namespace_of_an_account_is_the_bindings_own() {
    let binding = json!({
        "metadata": {"name": "b", "namespace": "oil-web"}, "roleRef": {"kind": "Role", "name": "r"},
        "subjects": [{"kind": "ServiceAccount", "name": "a", "namespace": ""}, {"kind": "ServiceAccount", "name": "b"}],
    });
    let read = decode_binding(binding.to_string().as_bytes(), &mut Interner::default()).unwrap();
    let account = |name: &str| Subject::ServiceAccount { namespace: "oil-web".into(), name: name.into() };
    assert_eq!(*read.subjects, [account("a"), account("b")]);
}

#[test]
fn roles_that_allow_the_same_share_it_and_tell_what_they_are_made_of() {
    let mut names = Interner::default();
    let role = |namespace: &str| {
        json!({
            "metadata": {"name": "reader", "namespace": namespace, "labels": {"of": "people"}},
            "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods/log"], "resourceNames": ["web"]}],
        })
    };
    let mut read = |value: serde_json::Value| decode_role(value.to_string().as_bytes(), &mut names).unwrap();
    let (one, other) = (read(role("oil-web")), read(role("oil-db")));
    assert!(std::sync::Arc::ptr_eq(&one.rules, &other.rules));
    assert_eq!(one.rules[0].words(), "get pods/log named web");
    let sum = read(json!({
        "metadata": {"name": "sum", "labels": {"to": "admin"}}, "rules": null,
        "aggregationRule": {"clusterRoleSelectors": [{
            "matchLabels": {"to": "sum"},
            "matchExpressions": [
                {"key": "odd", "operator": "DoesNotExist"}, {"key": "tier", "operator": "In", "values": ["a", "b"]},
                {"key": "to", "operator": "Exists"}, {"key": "tier", "operator": "NotIn", "values": ["b"]},
            ],
        }]},
    }));
    let selector = &sum.aggregates.unwrap()[0];
    let labels = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    assert!(selector.selects(&labels(&[("to", "sum"), ("tier", "a")])));
    assert!(!selector.selects(&labels(&[("to", "sum"), ("tier", "b")])));
    assert!(!selector.selects(&labels(&[("to", "sum")])));
    assert!(!selector.selects(&labels(&[("to", "sum"), ("tier", "a"), ("odd", "")])));
    let paths =
        read(json!({"metadata": {"name": "p"}, "rules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}]}));
    assert_eq!(paths.rules[0].words(), "get /healthz");
}
