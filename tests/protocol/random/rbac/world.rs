//! Roles and bindings that nobody would write, and questions about them.

use serde_json::{Map, Value, json};

use super::super::dice::Dice;

/// The API group of it all, and where its lists are.
const GROUP: &str = "rbac.authorization.k8s.io";
const ROOT: &str = "/apis/rbac.authorization.k8s.io/v1";

/// Where roles are bound, and where nothing is.
pub const NAMESPACES: [&str; 4] = ["rbac-0", "rbac-1", "rbac-2", "rbac-3"];
const ELSEWHERE: &str = "rbac-elsewhere";

/// How many there are of a kind; of the first two in each namespace.
const ROLES: usize = 8;
const BINDINGS: usize = 10;
const CLUSTER_ROLES: usize = 30;
const AGGREGATED: usize = 8;
const CLUSTER_BINDINGS: usize = 16;

const VERBS: [&str; 10] = ["get", "list", "watch", "create", "update", "patch", "delete", "bind", "impersonate", "*"];
const GROUPS: [&str; 5] = ["", "apps", "batch", "capsule.clastix.io", "*"];
const RESOURCES: [&str; 14] = [
    "pods",
    "pods/log",
    "pods/*",
    "deployments",
    "deployments/scale",
    "configmaps",
    "secrets",
    "tenants",
    "*",
    "*/scale",
    "*/status",
    "*/*",
    "pods/",
    "Pods",
];
const SUBRESOURCES: [&str; 6] = ["log", "scale", "status", "exec", "*", "scale/x"];
const NAMES: [&str; 5] = ["a", "b", "c", "*", "A"];
const PATHS: [&str; 9] =
    ["/healthz", "/healthz/*", "/apis/*", "/metrics", "/logs*", "*", "/a/*/b", "/apis/**", "healthz"];
const ASKED_PATHS: [&str; 14] = [
    "/healthz",
    "/healthz/",
    "/healthz/etcd",
    "/apis",
    "/apis/",
    "/apis/apps",
    "/metrics",
    "/logs",
    "/logsx",
    "/a/x/b",
    "/a/*/b",
    "/",
    "healthz",
    "*",
];

/// Groups that are bound, and those that users say they are in.
const TEAMS: [&str; 9] = [
    "/team/red @ home",
    "CN=Green,OU=Teams,DC=example,DC=com",
    "red",
    "green",
    "blue",
    "system:authenticated",
    "system:serviceaccounts",
    "system:serviceaccounts:rbac-1",
    "system:unauthenticated",
];
const USERS: [&str; 11] = [
    "u0",
    "u1",
    "fred.smith@corp.example",
    "oidc:https://login.example/#Ann Lee",
    "rbac-0/robot",
    "u2",
    "u3",
    "U3",
    "lonely",
    "system:anonymous",
    "system:serviceaccount:rbac-0:robot",
];
const ACCOUNTS: [&str; 3] = ["robot", "builder", "default"];

/// An object and the list that it is created in.
pub type Made = (String, Value);

/// Everything that is there, in the order in which it is created.
pub fn objects(dice: &mut Dice) -> Vec<Made> {
    let namespace = |name: &&str| ("/api/v1/namespaces".to_owned(), json!({"metadata": {"name": name}}));
    let mut made: Vec<Made> = NAMESPACES.iter().map(namespace).collect();
    for number in 0..AGGREGATED {
        let selectors: Vec<Value> = (0..=dice.below(2)).map(|_| selector(dice)).collect();
        let mut role = json!({"metadata": {"name": format!("sum-{number}")}, "aggregationRule": {"clusterRoleSelectors": selectors}});
        if dice.percent(60) {
            role["metadata"]["labels"] = labels(dice);
        }
        // They are replaced by those of the parts.
        if dice.percent(30) {
            role["rules"] = json!([rule(dice)]);
        }
        made.push((format!("{ROOT}/clusterroles"), role));
    }
    for number in 0..CLUSTER_ROLES {
        let rules: Vec<Value> =
            (0..dice.below(4)).map(|_| if dice.percent(25) { path_rule(dice) } else { rule(dice) }).collect();
        let mut role = json!({"metadata": {"name": format!("role-{number}")}, "rules": rules});
        if dice.percent(60) {
            role["metadata"]["labels"] = labels(dice);
        }
        made.push((format!("{ROOT}/clusterroles"), role));
    }
    for namespace in NAMESPACES {
        for number in 0..ROLES {
            let rules: Vec<Value> = (0..dice.below(4)).map(|_| rule(dice)).collect();
            let role = json!({"metadata": {"name": format!("role-{number}")}, "rules": rules});
            made.push((format!("{ROOT}/namespaces/{namespace}/roles"), role));
        }
        for number in 0..BINDINGS {
            let kind = if dice.percent(50) { "Role" } else { "ClusterRole" };
            let binding = binding(dice, &format!("binding-{number}"), kind);
            made.push((format!("{ROOT}/namespaces/{namespace}/rolebindings"), binding));
        }
    }
    for number in 0..CLUSTER_BINDINGS {
        let binding = binding(dice, &format!("random-{number}"), "ClusterRole");
        made.push((format!("{ROOT}/clusterrolebindings"), binding));
    }
    made
}

/// What lets tell that a server knows all that came before: each kind's last object, and who may something through it.
pub fn last() -> (Vec<Made>, [Value; 2]) {
    let rule = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]);
    let namespace = NAMESPACES[0];
    let bound = |kind: &str, role: &str, user: &str| {
        let subject = json!({"apiGroup": GROUP, "kind": "User", "name": user});
        json!({"metadata": {"name": "zz-last"}, "roleRef": {"apiGroup": GROUP, "kind": kind, "name": role}, "subjects": [subject]})
    };
    let sum = json!({
        "metadata": {"name": "zz-last-sum"},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"last": "yes"}}]},
    });
    let made = vec![
        (format!("{ROOT}/clusterroles"), sum),
        (
            format!("{ROOT}/clusterroles"),
            json!({"metadata": {"name": "zz-last", "labels": {"last": "yes"}}, "rules": rule}),
        ),
        (format!("{ROOT}/namespaces/{namespace}/roles"), json!({"metadata": {"name": "zz-last"}, "rules": rule})),
        (format!("{ROOT}/namespaces/{namespace}/rolebindings"), bound("Role", "zz-last", "last-here")),
        (format!("{ROOT}/clusterrolebindings"), bound("ClusterRole", "zz-last-sum", "last-everywhere")),
    ];
    let asks = |user: &str| json!({"spec": {"user": user, "resourceAttributes": {"verb": "get", "resource": "pods", "namespace": namespace}}});
    (made, [asks("last-here"), asks("last-everywhere")])
}

fn texts(dice: &mut Dice, from: &[&str], least: usize, most: usize) -> Value {
    dice.some(from, least, most).into()
}

fn labels(dice: &mut Dice) -> Value {
    let keys = dice.some(&["to-a", "to-b", "to-c"], 1, 2);
    keys.into_iter()
        .map(|key| (key.to_owned(), Value::from(*dice.pick(&["true", "false", ""]))))
        .collect::<Map<_, _>>()
        .into()
}

fn selector(dice: &mut Dice) -> Value {
    let key = *dice.pick(&["to-a", "to-b", "to-c"]);
    match dice.below(6) {
        0 => json!({"matchExpressions": [{"key": key, "operator": "Exists"}]}),
        1 => json!({"matchExpressions": [{"key": key, "operator": "In", "values": ["true", ""]}]}),
        // All that have one of the others.
        2 => {
            json!({"matchExpressions": [{"key": key, "operator": "NotIn", "values": ["true"]}, {"key": "to-a", "operator": "Exists"}]})
        }
        3 => json!({"matchLabels": {(key): "true", "to-a": "true"}}),
        _ => json!({"matchLabels": {(key): *dice.pick(&["true", "true", "false"])}}),
    }
}

fn rule(dice: &mut Dice) -> Value {
    let mut rule = json!({
        "verbs": texts(dice, &VERBS, 1, 4), "apiGroups": texts(dice, &GROUPS, 1, 2), "resources": texts(dice, &RESOURCES, 1, 3),
    });
    if dice.percent(30) {
        rule["resourceNames"] = texts(dice, &NAMES, 1, 2);
    }
    rule
}

fn path_rule(dice: &mut Dice) -> Value {
    json!({"verbs": texts(dice, &["get", "post", "head", "*"], 1, 2), "nonResourceURLs": texts(dice, &PATHS, 1, 2)})
}

/// A binding to a role that may or may not be there.
fn binding(dice: &mut Dice, name: &str, kind: &str) -> Value {
    let role = match dice.below(20) {
        0 => "absent".to_owned(),
        1..6 if kind == "ClusterRole" => format!("sum-{}", dice.below(AGGREGATED)),
        _ if kind == "ClusterRole" => format!("role-{}", dice.below(CLUSTER_ROLES)),
        _ => format!("role-{}", dice.below(ROLES)),
    };
    let subjects: Vec<Value> = (0..dice.below(4)).map(|_| subject(dice)).collect();
    json!({"metadata": {"name": name}, "roleRef": {"apiGroup": GROUP, "kind": kind, "name": role}, "subjects": subjects})
}

fn subject(dice: &mut Dice) -> Value {
    match dice.below(10) {
        0..5 => json!({"apiGroup": GROUP, "kind": "User", "name": *dice.pick(&USERS)}),
        5..8 => json!({"apiGroup": GROUP, "kind": "Group", "name": *dice.pick(&TEAMS)}),
        _ => json!({"kind": "ServiceAccount", "name": *dice.pick(&ACCOUNTS), "namespace": *dice.pick(&NAMESPACES)}),
    }
}

/// Somebody: name and groups.
pub fn somebody(dice: &mut Dice) -> (String, Vec<String>) {
    let mut groups: Vec<String> = dice.some(&TEAMS, 0, 3).into_iter().map(str::to_owned).collect();
    if dice.percent(1) {
        groups.push("system:masters".to_owned());
    }
    if dice.percent(30) {
        let (namespace, account) = (*dice.pick(&NAMESPACES), *dice.pick(&ACCOUNTS));
        if dice.percent(70) {
            groups.extend(["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")]);
        }
        return (format!("system:serviceaccount:{namespace}:{account}"), groups);
    }
    let odd = ["system:serviceaccount:rbac-0", "system:serviceaccount::robot", "system:serviceaccount:rbac-0:robot:x"];
    (if dice.percent(3) { *dice.pick(&odd) } else { *dice.pick(&USERS) }.to_owned(), groups)
}

/// The body of a SubjectAccessReview.
pub fn question(dice: &mut Dice) -> Value {
    let (user, groups) = somebody(dice);
    let mut spec = json!({"user": user});
    if !groups.is_empty() {
        spec["groups"] = groups.into();
    }
    if dice.percent(15) {
        let verb = *dice.pick(&["get", "post", "head", "GET", "*"]);
        spec["nonResourceAttributes"] = json!({"verb": verb, "path": *dice.pick(&ASKED_PATHS)});
        return json!({"spec": spec});
    }
    let mut about = Map::new();
    let mut say = |key: &str, value: &&str| drop(about.insert(key.to_owned(), (*value).into()));
    say("verb", dice.pick(&VERBS));
    say(
        "resource",
        dice.pick(&["pods", "pods", "deployments", "configmaps", "secrets", "tenants", "*", "Pods", "pods/log"]),
    );
    if dice.percent(75) {
        say("group", dice.pick(&GROUPS));
    }
    if dice.percent(30) {
        say("subresource", dice.pick(&SUBRESOURCES));
    }
    if dice.percent(40) {
        say("name", dice.pick(&NAMES));
    }
    if dice.percent(80) {
        say("namespace", if dice.percent(5) { &ELSEWHERE } else { dice.pick(&NAMESPACES) });
    }
    if dice.percent(20) {
        say("version", dice.pick(&["v1", "*", "v7"]));
    }
    spec["resourceAttributes"] = about.into();
    json!({"spec": spec})
}

/// Whether a binding is about somebody.
fn is_about(binding: &Value, user: &str, groups: &[&str]) -> bool {
    binding["subjects"].as_array().into_iter().flatten().any(|subject| match subject["kind"].as_str() {
        Some("Group") => subject["name"].as_str().is_some_and(|name| groups.contains(&name)),
        Some("ServiceAccount") => {
            let [namespace, name] = ["namespace", "name"].map(|key| subject[key].as_str().unwrap_or_default());
            user == format!("system:serviceaccount:{namespace}:{name}")
        }
        _ => subject["name"] == user,
    })
}

/// How many bindings are about the one who asks, there where he asks: with more than one, which of them allows something
/// depends on the order in which a server happens to look at them.
pub fn bindings_about(objects: &[Made], question: &Value) -> usize {
    let spec = &question["spec"];
    let user = spec["user"].as_str().unwrap_or_default();
    let groups: Vec<&str> = spec["groups"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let namespace = spec.pointer("/resourceAttributes/namespace").and_then(Value::as_str).unwrap_or_default();
    let here = format!("{ROOT}/namespaces/{namespace}/rolebindings");
    let applies = |list: &str| list.ends_with("/clusterrolebindings") || list == here;
    objects.iter().filter(|(list, binding)| applies(list) && is_about(binding, user, &groups)).count()
}
