use std::collections::BTreeMap;

use serde_json::Value;

use super::{Era, Schemas, Shape, discovery, openapi};

const ERAS: [(Era, &str); 2] = [
    (Era::V0_14, include_str!("data/captured/discovery-0.14.json")),
    (Era::V0_4, include_str!("data/captured/discovery-0.4.json")),
];

#[test]
fn every_kind_has_a_schema_with_the_fields_of_all_objects() {
    for (era, _) in ERAS {
        let schemas = Schemas::new(era);
        assert!(schemas.kinds().len() > 50, "{era:?} serves {} kinds", schemas.kinds().len());
        for kind in schemas.kinds() {
            let node = schemas.node(kind).unwrap_or_else(|| panic!("{} has no schema", kind.qualified()));
            let Shape::Struct(object) = &node.shape else { panic!("{} is {:?}", kind.qualified(), node.shape) };
            for field in ["apiVersion", "kind", "metadata"] {
                assert!(object.fields.contains_key(field), "{} has no {field}", kind.qualified());
            }
            assert_eq!(schemas.find(&kind.group, &kind.version, &kind.resource), Some(kind));
            assert_eq!(schemas.of_kind(&kind.group, &kind.kind), Some(kind));
            for below in kind.subresources.iter().filter(|below| ["status", "scale"].contains(&below.name.as_str())) {
                assert!(schemas.subresource_node(kind, below).is_some(), "{}/{}", kind.qualified(), below.name);
            }
        }
    }
}

#[test]
fn pod_templates_are_held_once() {
    let schemas = Schemas::new(Era::V0_14);
    let template = |resource: &str| {
        let kind = schemas.find("apps", "v1", resource).unwrap();
        let mut node = schemas.node(kind).unwrap();
        for field in ["spec", "template"] {
            let Shape::Struct(object) = &node.shape else { panic!("{field}") };
            node = object.fields[field].clone();
        }
        node
    };
    assert!(std::sync::Arc::ptr_eq(&template("deployments"), &template("daemonsets")));
}

#[test]
fn recursion_ends_in_a_reference() {
    let schemas = Schemas::new(Era::V0_14);
    let kind = schemas.of_kind("apiextensions.k8s.io", "CustomResourceDefinition").unwrap();
    let name = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";
    let Shape::Struct(object) = &schemas.definition(kind, name).unwrap().shape else { panic!() };
    assert_eq!(object.fields["not"].shape, Shape::Ref(name.into()));
}

#[test]
fn the_eras_differ_in_capsules_kinds_only() {
    let names = |era| -> Vec<String> {
        let all = Schemas::new(era);
        all.kinds().iter().filter(|kind| kind.group == "capsule.clastix.io").map(|kind| kind.kind.clone()).collect()
    };
    assert_eq!(names(Era::V0_14).len(), 12);
    assert_eq!(names(Era::V0_4), ["CapsuleConfiguration", "GlobalTenantResource", "TenantResource", "Tenant"]);
}

#[test]
fn discovery_is_that_of_the_real_server() {
    for (era, text) in ERAS {
        let schemas = Schemas::new(era);
        let captured: BTreeMap<String, Value> = serde_json::from_str(text).unwrap();
        for (path, real) in &captured {
            let ours = match path.split('/').collect::<Vec<_>>().as_slice() {
                ["aggregated"] => {
                    let items = |core| discovery::aggregated(&schemas, core)["items"].as_array().unwrap().clone();
                    Value::Array([items(true), items(false)].concat())
                }
                ["", "version"] => discovery::version(),
                ["", "api"] => discovery::core_versions("127.0.0.1:6443"),
                ["", "apis"] => discovery::groups(&schemas),
                ["", "api", version] => discovery::resources(&schemas, "", version).unwrap(),
                ["", "apis", group] => discovery::group(&schemas, group).unwrap(),
                ["", "apis", group, version] => discovery::resources(&schemas, group, version).unwrap(),
                other => panic!("{other:?}"),
            };
            assert_eq!(settled(ours), settled(real.clone()), "{era:?} {path}");
        }
    }
    assert_eq!(discovery::group(&Schemas::new(Era::V0_14), "nothing.io"), None);
}

/// Sorted by name: the real server's legacy documents list custom resources in no order of their own.
fn settled(mut document: Value) -> Value {
    for list in ["groups", "resources"] {
        if let Some(entries) = document.get_mut(list).and_then(Value::as_array_mut) {
            entries.sort_by_key(|entry| entry["name"].to_string());
        }
    }
    document
}

#[test]
fn only_the_aggregated_media_type_asks_for_the_aggregated_form() {
    let kubectl = format!("{},application/json", discovery::AGGREGATED);
    assert!(discovery::wants_aggregated(&kubectl));
    assert!(!discovery::wants_aggregated("application/json"));
    assert!(!discovery::wants_aggregated("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"));
}

#[test]
fn openapi_documents_are_whole() {
    for (era, _) in ERAS {
        let schemas = Schemas::new(era);
        let index = openapi::index(&schemas);
        for (path, address) in index["paths"].as_object().unwrap() {
            let (group, version) = match path.split('/').collect::<Vec<_>>().as_slice() {
                ["api", version] => ("", version.to_owned()),
                ["apis", group, version] => (*group, version.to_owned()),
                other => panic!("{other:?}"),
            };
            let hash = openapi::hash(&schemas, group, version);
            assert_eq!(address["serverRelativeURL"], format!("/openapi/v3/{path}?hash={hash}"));
            let document: Value = serde_json::from_str(&openapi::document(&schemas, group, version).unwrap()).unwrap();
            let definitions = document["components"]["schemas"].as_object().unwrap();
            for reference in
                openapi::document(&schemas, group, version).unwrap().split("\"#/components/schemas/").skip(1)
            {
                let name = reference.split('"').next().unwrap();
                assert!(definitions.contains_key(name), "{path} refers to {name}");
            }
            for kind in schemas.kinds().iter().filter(|kind| kind.group == group && kind.version == version) {
                let gvk = serde_json::json!({"group": group, "version": version, "kind": kind.kind});
                assert!(definitions.values().any(|one| {
                    one["x-kubernetes-group-version-kind"].as_array().is_some_and(|all| all.contains(&gvk))
                }));
            }
        }
        assert_eq!(openapi::document(&schemas, "nothing.io", "v1"), None);
    }
}

#[test]
fn patches_take_the_parameters_that_kubectl_looks_for() {
    let schemas = Schemas::new(Era::V0_14);
    let document: Value = serde_json::from_str(&openapi::document(&schemas, "apps", "v1").unwrap()).unwrap();
    let patch = &document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"];
    let names: Vec<&str> =
        patch["parameters"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["dryRun", "fieldManager", "fieldValidation", "force"]);
    assert_eq!(patch["operationId"], "patchAppsV1NamespacedDeployment");
    assert_eq!(patch["tags"][0], "apps_v1");
    let scale = &document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"]["get"];
    assert_eq!(scale["x-kubernetes-group-version-kind"]["kind"], "Scale");
}
