mod anything;

use serde_json::{Value, json};

use super::*;
use crate::demo::schema::{Era, Kind};

fn schemas() -> Schemas {
    Schemas::new(Era::V0_14)
}

fn kind<'a>(schemas: &'a Schemas, name: &str) -> &'a Kind {
    schemas.kinds().iter().find(|kind| kind.kind == name && kind.group != "events.k8s.io").unwrap()
}

fn mismatch_of(name: &str, object: &Value) -> String {
    let schemas = schemas();
    let kind = kind(&schemas, name);
    let node = schemas.node(kind).unwrap();
    mismatch(&schemas, kind, &node, object, Reader::Decoder).unwrap_or_default()
}

/// All as the real server said it, without what it says before (`Deployment in version "v1" cannot be handled as a ...`).
#[test]
fn values_that_do_not_fit_are_told_as_gos_decoder_tells_them() {
    let pod = |spec: Value| json!({"spec": {"template": {"spec": spec}}});
    let container = |container: Value| pod(json!({"containers": [container]}));
    let field = |what: &str, field: &str, of: &str| {
        format!("json: cannot unmarshal {what} into Go struct field {field} of type {of}")
    };
    let quantity = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    let told = [
        (json!({"spec": {"replicas": "x"}}), field("string", "DeploymentSpec.spec.replicas", "int32")),
        (json!({"spec": {"replicas": 1.5}}), field("number 1.5", "DeploymentSpec.spec.replicas", "int32")),
        (
            json!({"spec": {"replicas": 3_000_000_000_u64}}),
            field("number 3000000000", "DeploymentSpec.spec.replicas", "int32"),
        ),
        (json!({"spec": {"replicas": {}}}), field("object", "DeploymentSpec.spec.replicas", "int32")),
        (json!({"spec": []}), field("array", "Deployment.spec", "v1.DeploymentSpec")),
        (json!({"spec": {"paused": 1}}), field("number", "DeploymentSpec.spec.paused", "bool")),
        (pod(json!({"containers": {}})), field("object", "PodSpec.spec.template.spec.containers", "[]v1.Container")),
        (container(json!(1)), field("number", "PodSpec.spec.template.spec.containers", "v1.Container")),
        (container(json!({"name": 1})), field("number", "Container.spec.template.spec.containers.name", "string")),
        (
            container(json!({"imagePullPolicy": 1})),
            field("number", "Container.spec.template.spec.containers.imagePullPolicy", "v1.PullPolicy"),
        ),
        (container(json!({"resources": {"limits": {"cpu": "xx"}}})), quantity.to_owned()),
        (container(json!({"resources": {"limits": {"cpu": {}}}})), quantity.to_owned()),
        (
            container(json!({"resources": {"limits": "cpu"}})),
            field("string", "ResourceRequirements.spec.template.spec.containers.resources.limits", "v1.ResourceList"),
        ),
        (pod(json!({"nodeSelector": {"a": 1}})), field("number", "PodSpec.spec.template.spec.nodeSelector", "string")),
        (
            pod(json!({"nodeSelector": ["a"]})),
            field("array", "PodSpec.spec.template.spec.nodeSelector", "map[string]string"),
        ),
        (
            json!({"spec": {"strategy": {"rollingUpdate": {"maxSurge": true}}}}),
            field("bool", "RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge", "int32"),
        ),
        (json!({"metadata": {"labels": {"a": 1}}}), field("number", "ObjectMeta.metadata.labels", "string")),
        (
            json!({"metadata": {"creationTimestamp": "x"}}),
            r#"parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006""#.to_owned(),
        ),
        (
            json!({"metadata": {"creationTimestamp": 1}}),
            field("number", "ObjectMeta.metadata.creationTimestamp", "string"),
        ),
        (json!({"metadata": "x"}), field("string", "Deployment.metadata", "v1.ObjectMeta")),
        (
            json!({"metadata": {"ownerReferences": [{"uid": 1}]}}),
            field("number", "OwnerReference.metadata.ownerReferences.uid", "types.UID"),
        ),
        (
            pod(json!({"volumes": [{"name": "a", "secret": {"defaultMode": "x"}}]})),
            field("string", "SecretVolumeSource.spec.template.spec.volumes.VolumeSource.secret.defaultMode", "int32"),
        ),
        (json!({"spec": {"replicas": null, "paused": null, "template": null}}), String::new()),
    ];
    for (object, said) in told {
        assert_eq!(mismatch_of("Deployment", &object), said, "{object}");
    }
    let backend = json!({"spec": {"rules": [{"http": {"paths": [{"backend": {"service": []}}]}}]}});
    assert_eq!(
        mismatch_of("Ingress", &backend),
        field(
            "array",
            "IngressBackend.spec.rules.IngressRuleValue.http.paths.backend.service",
            "v1.IngressServiceBackend"
        )
    );
    assert_eq!(mismatch_of("Secret", &json!({"data": {"a": "$$"}})), "illegal base64 data at input byte 0");
    assert_eq!(mismatch_of("Secret", &json!({"data": {"a": 1}})), field("number", "Secret.data", "[]uint8"));
    assert_eq!(
        mismatch_of("Event", &json!({"eventTime": "2020-01-01T00:00:00Z"})),
        r#"parsing time "2020-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000""#
    );
    assert_eq!(mismatch_of("Event", &json!({"eventTime": "2020-01-01T00:00:00.000001Z"})), "");
}

#[test]
fn built_in_kinds_tell_unknown_and_duplicate_fields_in_the_order_of_the_text() {
    let schemas = schemas();
    let text = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x","foo":1,"labels":{"a":"1","a":"2"}},
        "spec":{"foo":1,"replicas":1,"replicas":2,"template":{"spec":{"containers":[{"imagez":1}]}}},"zzz":1}"#;
    let said = [
        r#"unknown field "metadata.foo""#,
        r#"duplicate field "metadata.labels.a""#,
        r#"unknown field "spec.foo""#,
        r#"duplicate field "spec.replicas""#,
        r#"unknown field "spec.template.spec.containers[0].imagez""#,
        r#"unknown field "zzz""#,
    ];
    assert_eq!(strict(&schemas, kind(&schemas, "Deployment"), text.as_bytes()), said);
}

#[test]
fn custom_resources_tell_duplicates_first_and_unknown_fields_sorted() {
    let schemas = schemas();
    let text = r#"{"metadata":{"name":"x","foo":1},"zz":1,"spec":{"zoo":1,"foo":1,"cordoned":true,"cordoned":false,
        "owners":[{"kind":"User","name":"a","zip":1,"bar":2}]},"aa":1}"#;
    let said = [
        r#"duplicate field "spec.cordoned""#,
        r#"unknown field "metadata.foo""#,
        r#"unknown field "aa""#,
        r#"unknown field "spec.foo""#,
        r#"unknown field "spec.owners[0].bar""#,
        r#"unknown field "spec.owners[0].zip""#,
        r#"unknown field "spec.zoo""#,
        r#"unknown field "zz""#,
    ];
    let tenant = kind(&schemas, "Tenant");
    assert_eq!(strict(&schemas, tenant, text.as_bytes()), said);
    let mut object = serde_json::from_str(text).unwrap();
    drop_unknown(&schemas, &schemas.node(tenant).unwrap(), &mut object);
    let kept =
        json!({"metadata": {"name": "x"}, "spec": {"cordoned": false, "owners": [{"kind": "User", "name": "a"}]}});
    assert_eq!(object, kept);
}

fn faults_of(name: &str, spec: &Value) -> Vec<String> {
    let schemas = schemas();
    let kind = kind(&schemas, name);
    let mut object = json!({"metadata": {"name": "x"}, "spec": spec});
    schemas.default(kind, &mut object);
    let found = faults(&schemas, kind, &object);
    let last = unchecked_rules(&schemas, kind, &found);
    found.into_iter().chain(last).map(|fault| format!("{}: {}", fault.field, fault.what)).collect()
}

/// As the real server said them.
#[test]
fn custom_resources_are_checked_against_their_schemas() {
    let unchecked = "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; \
                     correct the existing errors to complete validation";
    let told: &[(Value, &[&str])] = &[
        (json!("x"), &[r#"spec: Invalid value: "string": spec in body must be of type object: "string""#, unchecked]),
        (
            json!({"cordoned": 1, "owners": "x"}),
            &[
                r#"spec.cordoned: Invalid value: "integer": spec.cordoned in body must be of type boolean: "integer""#,
                r#"spec.owners: Invalid value: "string": spec.owners in body must be of type array: "string""#,
                unchecked,
            ],
        ),
        (json!({"cordoned": null, "owners": null}), &[]),
        (
            json!({"owners": [{"kind": "Z", "name": "a"}, {"kind": "User"}, null]}),
            &[
                r#"spec.owners[0].kind: Unsupported value: "Z": supported values: "User", "Group", "ServiceAccount""#,
                "spec.owners[1].name: Required value",
                r#"spec.owners[2]: Invalid value: "null": spec.owners[2] in body must be of type object: "null""#,
                unchecked,
            ],
        ),
        (
            json!({"namespaceOptions": {"quota": 0}}),
            &[
                "spec.namespaceOptions.quota: Invalid value: 0: spec.namespaceOptions.quota in body should be greater than \
               or equal to 1",
            ],
        ),
        (
            json!({"namespaceOptions": {"quota": 1.5}}),
            &[
                r#"spec.namespaceOptions.quota: Invalid value: "float64": spec.namespaceOptions.quota in body must be of type int32: "float64""#,
                r#"<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.namespaceOptions.quota"#,
                unchecked,
            ],
        ),
        (
            json!({"namespaceOptions": {"quota": 3_000_000_000_u64}}),
            &[
                r#"<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.namespaceOptions.quota"#,
            ],
        ),
        (
            json!({"additionalRoleBindings": [{"clusterRoleName": "x"}]}),
            &["spec.additionalRoleBindings[0].subjects: Required value", unchecked],
        ),
    ];
    for (spec, said) in told {
        assert_eq!(faults_of("Tenant", spec), *said, "{spec}");
    }
    let gateway = json!({"gatewayClassName": "", "listeners": [
        {"name": "X_", "port": 0, "protocol": "HTTP"}, {"name": "X_", "port": 70000, "protocol": "HTTP"},
    ]});
    let pattern = r"'^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'";
    assert_eq!(
        faults_of("Gateway", &gateway),
        [
            r#"spec.gatewayClassName: Invalid value: "": spec.gatewayClassName in body should be at least 1 chars long"#.to_owned(),
            format!(r#"spec.listeners[0].name: Invalid value: "X_": spec.listeners[0].name in body should match {pattern}"#),
            "spec.listeners[0].port: Invalid value: 0: spec.listeners[0].port in body should be greater than or equal to 1".to_owned(),
            format!(r#"spec.listeners[1].name: Invalid value: "X_": spec.listeners[1].name in body should match {pattern}"#),
            "spec.listeners[1].port: Invalid value: 70000: spec.listeners[1].port in body should be less than or equal to 65535".to_owned(),
            r#"spec.listeners[1]: Duplicate value: {"name":"X_"}"#.to_owned(),
        ]
    );
}

/// As the real server said them.
#[test]
fn capsules_rules_are_evaluated() {
    let enforce = |workloads: Value| json!({"rules": [{"enforce": {"workloads": workloads}}]});
    assert_eq!(
        faults_of("Tenant", &enforce(json!({"registries": [{"policy": ["Always"]}], "resources": {}}))),
        [
            "spec.rules[0].enforce.workloads.registries[0]: Invalid value: at least one of exact or exp must be set",
            "spec.rules[0].enforce.workloads.resources: Invalid value: at least one of requests or limits must be set",
        ]
    );
    let admission = json!({"admission": {"mutating": {"name": "a", "client": {}}}});
    let said = "spec.admission.mutating: Invalid value: client must configure exactly one of url or service";
    assert_eq!(faults_of("CapsuleConfiguration", &admission), [said]);
}

/// A new Capsule with a new rule should not pass unnoticed.
#[test]
fn every_rule_of_capsule_is_known() {
    let text = include_str!("../data/io.clastix.capsule.v1beta2-0.14.json");
    let mut rules: Vec<String> = Vec::new();
    for part in text.split("\"rule\":").skip(1) {
        // A field may be called `rule` too: that is no text.
        rules.extend(serde_json::Deserializer::from_str(part).into_iter::<String>().next().unwrap().ok());
    }
    assert!(rules.len() > 20);
    for rule in rules {
        assert!(rules::KNOWN.iter().any(|(known, _)| *known == rule), "{rule}");
    }
}

#[test]
fn defaults_are_filled_in_where_something_stands() {
    let schemas = schemas();
    let tenant = kind(&schemas, "Tenant");
    let mut object =
        json!({"spec": {"cordoned": null, "owners": [{"kind": "User", "name": "a"}], "ingressOptions": {}}});
    schemas.default(tenant, &mut object);
    let filled = json!({"spec": {
        "cordoned": false, "preventDeletion": false, "ingressOptions": {"hostnameCollisionScope": "Disabled"},
        "owners": [{"kind": "User", "name": "a", "clusterRoles": ["admin", "capsule-namespace-deleter"]}],
    }});
    assert_eq!(object, filled);
    let mut nothing = json!({"spec": null});
    schemas.default(tenant, &mut nothing);
    assert_eq!(nothing, json!({}));
}

#[test]
fn every_pattern_of_the_data_is_understood() {
    fn visit(node: &Node, patterns: &mut Vec<String>) {
        patterns.extend(node.rules.as_ref().and_then(|rules| Some(rules.pattern.as_ref()?.text().to_owned())));
        match &node.shape {
            Shape::Struct(object) => object.fields.values().for_each(|node| visit(node, patterns)),
            Shape::Map { value: node, .. } | Shape::List { item: node, .. } => visit(node, patterns),
            _ => {}
        }
    }
    let schemas = schemas();
    let mut patterns = Vec::new();
    for kind in schemas.kinds().iter().filter(|kind| kind.custom.is_some()) {
        visit(&schemas.node(kind).unwrap(), &mut patterns);
    }
    assert!(patterns.len() > 50);
    for pattern in patterns {
        assert!(regex::Regex::new(&pattern).is_ok(), "{pattern}");
    }
}
