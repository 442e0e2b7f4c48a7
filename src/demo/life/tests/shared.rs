//! What every namespace gets, quotas and aggregated roles.

use super::*;

#[test]
fn every_namespace_gets_an_account_and_the_root_certificate() {
    let world = World::new();
    assert!(world.get("serviceaccounts", "default").is_some());
    let root = world.get("configmaps", "kube-root-ca.crt").unwrap();
    assert!(root.at(&["data", "ca.crt"]).is_some());
    let uid = world.get("serviceaccounts", "default").unwrap().uid().to_owned();
    world.delete("serviceaccounts", "default", None);
    world.delete("configmaps", "kube-root-ca.crt", None);
    world.wait(1);
    assert_ne!(world.get("serviceaccounts", "default").unwrap().uid(), uid);
    assert!(world.get("configmaps", "kube-root-ca.crt").is_some());
}

fn quota(hard: &Value) -> Object {
    json!({"metadata": {"name": "q"}, "spec": {"hard": hard}})
}

fn used(world: &World, what: &str) -> String {
    world.get("resourcequotas", "q").unwrap().text(&["status", "used", what]).unwrap_or("none").to_owned()
}

#[test]
fn quotas_count_what_comes_and_goes() {
    let world = World::new();
    world.make("configmaps", json!({"metadata": {"name": "a"}}));
    world.make("resourcequotas", quota(&json!({"configmaps": "3", "count/deployments.apps": "1"})));
    world.wait(1);
    // The root certificate is one.
    assert_eq!((used(&world, "configmaps"), used(&world, "count/deployments.apps")), ("2".into(), "0".into()));
    world.make("configmaps", json!({"metadata": {"name": "b"}}));
    assert_eq!(used(&world, "configmaps"), "3", "counted at once");
    let refused = world.try_make("configmaps", json!({"metadata": {"name": "c"}})).unwrap_err();
    assert_eq!(
        refused.message,
        "configmaps \"c\" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=3, limited: configmaps=3"
    );
    world.delete("configmaps", "a", None);
    world.wait(1);
    assert_eq!(used(&world, "configmaps"), "2");
    world.make("configmaps", json!({"metadata": {"name": "c"}}));
    world.make("deployments.apps", deployment("web", 0));
    assert!(world.try_make("deployments.apps", deployment("web2", 0)).is_err());
}

#[test]
fn quotas_sum_what_pods_ask_for() {
    let world = World::new();
    world.make("resourcequotas", quota(&json!({"requests.cpu": "1", "limits.memory": "1Gi"})));
    world.wait(1);
    let pod = |name: &str, cpu: &str| {
        let resources = json!({"requests": {"cpu": cpu}, "limits": {"memory": "256Mi"}});
        let containers = json!([{"name": "c", "image": "nginx", "resources": resources}]);
        json!({"metadata": {"name": name}, "spec": {"restartPolicy": "Never", "containers": containers}})
    };
    world.make("pods", pod("one", "400m"));
    world.make("pods", pod("two", "500m"));
    assert_eq!((used(&world, "requests.cpu"), used(&world, "limits.memory")), ("900m".into(), "512Mi".into()));
    let refused = world.try_make("pods", pod("three", "200m")).unwrap_err();
    assert!(refused.message.contains("requested: requests.cpu=200m, used: requests.cpu=900m, limited: requests.cpu=1"));
    // A pod that has ended asks for nothing.
    world.wait(5);
    world.edit_status("pods", "one", |pod| pod.set(&["status", "phase"], "Succeeded"));
    world.wait(1);
    assert_eq!(used(&world, "requests.cpu"), "500m");
}

#[test]
fn aggregated_roles_have_the_rules_of_others() {
    let world = World::new();
    let role = |name: &str, resource: &str| {
        let rules = json!([{"apiGroups": [""], "resources": [resource], "verbs": ["get"]}]);
        json!({"metadata": {"name": name, "labels": {"example.com/part": "yes"}}, "rules": rules})
    };
    let roles = "clusterroles.rbac.authorization.k8s.io";
    world.make(roles, role("a", "pods"));
    let selectors = json!([{"matchLabels": {"example.com/part": "yes"}}]);
    world.make(roles, json!({"metadata": {"name": "sum"}, "aggregationRule": {"clusterRoleSelectors": selectors}}));
    let resources = |world: &World| -> Vec<Value> {
        let sum = world.get(roles, "sum").unwrap();
        sum.list(&["rules"]).iter().flat_map(|rule| rule.list(&["resources"]).to_vec()).collect()
    };
    world.wait(1);
    assert_eq!(resources(&world), ["pods"]);
    world.make(roles, role("b", "secrets"));
    world.wait(1);
    assert_eq!(resources(&world), ["pods", "secrets"]);
    world.edit(roles, "a", |role| drop(role.unset(&["metadata", "labels"])));
    world.wait(1);
    assert_eq!(resources(&world), ["secrets"]);
    world.delete(roles, "b", None);
    world.wait(1);
    assert_eq!(resources(&world), Vec::<Value>::new());
}

#[test]
fn roles_that_choose_each_other_come_to_rest() {
    let world = World::new();
    let roles = "clusterroles.rbac.authorization.k8s.io";
    let rule = |resource: &str| json!({"apiGroups": [""], "resources": [resource], "verbs": ["get"]});
    let selectors = json!([{"matchLabels": {"example.com/part": "yes"}}]);
    // Each has the same rules as the others, in another order.
    for (name, order) in [("x", ["pods", "secrets"]), ("y", ["secrets", "pods"]), ("z", ["pods", "secrets"])] {
        world.make(
            roles,
            json!({
                "metadata": {"name": name, "labels": {"example.com/part": "yes"}},
                "aggregationRule": {"clusterRoleSelectors": selectors}, "rules": order.map(rule),
            }),
        );
    }
    world.wait(1);
    let rules = || ["x", "y", "z"].map(|name| world.get(roles, name).unwrap()["rules"].clone());
    let before = rules();
    world.wait(1);
    assert_eq!(rules(), before);
    assert!(before.iter().all(|one| *one == before[0] && one.as_array().is_some_and(|list| list.len() == 2)));
}
