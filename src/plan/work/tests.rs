use serde_json::json;

use super::*;
use crate::plan::manifest::{self, Text};

fn resource(group: &str, version: &str, plural: &str, kind: &str, namespaced: bool) -> Resource {
    Resource {
        group: group.into(),
        version: version.into(),
        plural: plural.into(),
        kind: kind.into(),
        namespaced,
        ..Resource::default()
    }
}

fn known() -> Resources {
    let all = vec![
        resource("", "v1", "namespaces", "Namespace", false),
        resource("", "v1", "configmaps", "ConfigMap", true),
        resource("apps", "v1", "deployments", "Deployment", true),
        resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false),
        resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false),
        resource("capsule.clastix.io", "v1beta2", "tenants", "Tenant", false),
        resource(
            "admissionregistration.k8s.io",
            "v1",
            "validatingwebhookconfigurations",
            "ValidatingWebhookConfiguration",
            false,
        ),
        resource("batch", "v1", "jobs", "Job", true),
        resource("batch", "v2", "jobs", "Job", true),
    ];
    Resources::new(all, vec!["metrics.k8s.io/v1beta1".to_owned()])
}

fn wish() -> Wish {
    Wish { namespace: "oil-web".to_owned(), ..Wish::default() }
}

fn planned(files: &[(&str, &str)], wish: &Wish) -> Result<Plan, Vec<String>> {
    let texts: Vec<Text> =
        files.iter().map(|(name, text)| Text { name: (*name).into(), built: false, text: (*text).into() }).collect();
    let manifests = manifest::read(&texts).unwrap();
    let told = |faults: Vec<Trouble>| faults.into_iter().map(|fault| fault.to_string()).collect();
    plan("k8s", &manifests, &known(), wish, Target::default()).map_err(told)
}

const CRD: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\n\
    spec:\n  group: example.com\n  scope: Namespaced\n  names: {plural: widgets, kind: Widget}\n\
    \x20 versions: [{name: v1, served: true}, {name: v0, served: false}]\n";

#[test]
fn stages_follow_what_needs_what() {
    let rest = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: w}\n---\n\
        apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: site}\n---\n\
        apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf, namespace: new}\n---\n\
        apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n---\n\
        apiVersion: v1\nkind: Namespace\nmetadata: {name: new}\n---\n\
        apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n---\n\
        apiVersion: capsule.clastix.io/v1beta2\nkind: Tenant\nmetadata: {name: oil}\n";
    let plan = planned(&[("a.yaml", rest), ("crd.yaml", CRD)], &wish()).unwrap();
    let told: Vec<Vec<String>> =
        plan.stages.iter().map(|stage| stage.steps.iter().map(|step| step.object.title()).collect()).collect();
    let wanted: [&[&str]; 7] = [
        &["CustomResourceDefinition widgets.example.com"],
        &["Tenant oil"],
        &["Namespace new"],
        &["ClusterRole r"],
        &["ConfigMap new/conf"],
        &["Deployment oil-web/site", "Widget oil-web/w"],
        &["ValidatingWebhookConfiguration w"],
    ];
    assert_eq!(told, wanted);
    let goals: Vec<bool> = plan.stages.iter().map(|stage| stage.goal.is_some()).collect();
    assert_eq!(goals, [true, true, true, false, false, false, false]);
    let widget = plan.steps().find(|step| step.object.kind == "Widget").unwrap();
    assert_eq!(widget.object.path(), "/apis/example.com/v1/namespaces/oil-web/widgets/w");
    assert_eq!(widget.place().as_deref(), Some("a.yaml:13"));
    assert_eq!(widget.body()["metadata"]["namespace"], "oil-web");
    assert_eq!((plan.title.as_str(), plan.summary[0].as_str()), ("Apply k8s", "8 objects of 2 files"));
}

#[test]
fn what_cannot_be_is_told_with_its_place() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let named = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: oil-db\n";
    let only = Wish { only: true, ..wish() };
    /// Files, by name and text; what is wished; what is said.
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a Wish, &'a str);
    let cases: [Case<'_>; 7] = [
        (
            &[("a.yaml", map), ("b.yaml", &format!("---\n{map}"))],
            &wish(),
            "b.yaml:2: ConfigMap oil-web/a is here and in a.yaml:1",
        ),
        (
            &[("a.yaml", named)],
            &only,
            "a.yaml:5: its namespace is oil-db, and oil-web was asked for\n  ask for oil-db, or for none",
        ),
        (
            &[("a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  namespace: b\n")],
            &wish(),
            "a.yaml:5: a Namespace lies in no namespace, and this one says b",
        ),
        (
            &[("a.yaml", "apiVersion: v1\nkind: Widget\nmetadata: {name: a}\n")],
            &wish(),
            "a.yaml:2: the server has no Widget in v1, and no file defines it\n  is the name right? A CustomResourceDefinition may stand in the same files",
        ),
        (
            &[("a.yaml", "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a}\n")],
            &wish(),
            "a.yaml:2: the server has no Deployment in apps/v1beta1, and no file defines it\n  it has it in apps/v1",
        ),
        (
            &[("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  managedFields: []\n")],
            &wish(),
            "a.yaml:5: what a server printed cannot be applied as it is\n  take out managedFields, uid, resourceVersion, creationTimestamp and status",
        ),
        (
            &[(
                "a.yaml",
                "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\n---\napiVersion: batch/v2\nkind: Job\nmetadata: {name: a}\n",
            )],
            &wish(),
            "a.yaml:5: Job oil-web/a is here and in a.yaml:1",
        ),
    ];
    for (files, wish, wanted) in cases {
        assert_eq!(planned(files, wish).unwrap_err(), [wanted]);
    }
}

#[test]
fn only_what_we_applied_and_nobody_owns_is_pruned() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\n";
    let mut plan = planned(&[("a.yaml", map)], &wish()).unwrap();
    let ours = json!([{"manager": "tenantry", "operation": "Apply", "fieldsV1": {}}]);
    let of = |name: &str, more: Value| {
        let mut metadata = json!({"name": name, "managedFields": ours.clone()});
        metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        (ObjectRef::namespaced("/api/v1", "configmaps", "ConfigMap", "oil-web", name), json!({"metadata": metadata}))
    };
    let found = vec![
        of("kept", json!({})),
        of("gone", json!({})),
        of("theirs", json!({"managedFields": [{"manager": "kubectl", "operation": "Apply"}]})),
        of("edited", json!({"managedFields": [{"manager": "tenantry", "operation": "Update"}]})),
        of("owned", json!({"ownerReferences": [{"uid": "u"}]})),
        of("going", json!({"deletionTimestamp": "2026-01-01T00:00:00Z"})),
        (ObjectRef::cluster("/api/v1", "namespaces", "Namespace", "left"), of("left", json!({})).1),
    ];
    prune(&mut plan, "app=web", found);
    let last: Vec<String> = plan.stages[1].steps.iter().map(|step| step.object.title()).collect();
    assert_eq!(last, ["ConfigMap oil-web/gone"]);
    assert_eq!(
        plan.summary[1..],
        [
            "1 object with app=web has left the files",
            "left the files too, and are not deleted with all that is in them: Namespace left",
        ]
    );
}

#[test]
fn what_is_pruned_goes_by_a_label_that_all_share() {
    let texts = |first: &str, second: &str| {
        let one = |name: &str, labels: &str| {
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n")
        };
        let text = format!("{}---\n{}", one("a", first), one("b", second));
        manifest::read(&[Text { name: "x.yaml".into(), built: false, text }]).unwrap()
    };
    let label = |first, second| shared_label(&texts(first, second));
    assert_eq!(label("app: shop, team: red", "app: shop, team: red"), Some("app=shop".to_owned()));
    assert_eq!(label("app: shop, team: red", "app: till, team: red"), Some("team=red".to_owned()));
    assert_eq!(label("app: shop", "app: till"), None);
    assert_eq!(label("capsule.clastix.io/tenant: oil", "capsule.clastix.io/tenant: oil"), None);
}
