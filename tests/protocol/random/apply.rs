//! Server-side apply by several managers, with updates and patches between, and whose is what after each of them.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::sequences::{Sequences, patch, request, written_later};
use crate::topic::{Change, Condition, Patch, Step};

const SEQUENCES: usize = 60;
const STEPS: usize = 8;

const MANAGERS: [&str; 4] = ["one", "two", "three", "four"];

/// What is applied.
#[derive(Debug, Clone, Copy)]
enum Kind {
    ConfigMap,
    Service,
    Deployment,
    Tenant,
}

impl Kind {
    const ALL: [Self; 4] = [Self::ConfigMap, Self::Service, Self::Deployment, Self::Tenant];

    /// `apiVersion`, `kind` and the path of its lists.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ConfigMap => ("v1", "ConfigMap", "/api/v1/namespaces/random-apply/configmaps"),
            Self::Service => ("v1", "Service", "/api/v1/namespaces/random-apply/services"),
            Self::Deployment => ("apps/v1", "Deployment", "/apis/apps/v1/namespaces/random-apply/deployments"),
            Self::Tenant => ("capsule.clastix.io/v1beta2", "Tenant", "/apis/capsule.clastix.io/v1beta2/tenants"),
        }
    }

    /// Whether a controller writes to it too.
    fn is_controlled(self) -> bool {
        matches!(self, Self::Deployment | Self::Tenant)
    }

    /// What is left of an object when only some of its fields are meant; `whole` has at least those that it needs.
    fn fields(self, dice: &mut Dice, whole: bool) -> Map<String, Value> {
        let mut fields = Map::new();
        match self {
            Self::ConfigMap => {
                fields.extend(maybe(dice, 80, "data", |dice| pairs(dice, &["a", "b", "c", "d"], &["x", "y", "z", ""])));
                fields.extend(maybe(dice, 15, "binaryData", |dice| pairs(dice, &["m", "n"], &["AA==", "/w==", ""])));
                fields.extend(maybe(dice, 3, "immutable", |dice| dice.percent(50).into()));
            }
            Self::Service => drop(fields.insert("spec".to_owned(), service(dice, whole))),
            Self::Deployment => drop(fields.insert("spec".to_owned(), deployment(dice, whole))),
            Self::Tenant => drop(fields.insert("spec".to_owned(), tenant(dice, whole))),
        }
        fields
    }
}

/// The sequences of a seed.
pub fn sequences(seed: u64) -> Sequences {
    let before = request("before".to_owned(), "POST /api/v1/namespaces".to_owned());
    let before = Step { body: Some(json!({"metadata": {"name": "random-apply"}})), ..before };
    Sequences { before: vec![before], each: (0..SEQUENCES).map(|number| sequence(seed, number)).collect() }
}

fn sequence(seed: u64, number: usize) -> Vec<Step> {
    let dice = &mut Dice::new(seed, &format!("apply {number}"));
    let kind = Kind::ALL[number % Kind::ALL.len()];
    let (api_version, name_of_kind, list) = kind.names();
    let name = format!("random-{number}");
    let path = format!("{list}/{name}");
    let object = |dice: &mut Dice, whole: bool| {
        let mut object = kind.fields(dice, whole);
        object.insert("apiVersion".to_owned(), api_version.into());
        object.insert("kind".to_owned(), name_of_kind.into());
        object.insert("metadata".to_owned(), metadata(dice, &name));
        Value::Object(object)
    };
    let mut steps: Vec<Step> = Vec::new();
    for index in 1..=STEPS {
        let id = format!("{number}.{index}");
        let manager = *dice.pick(&MANAGERS);
        let is_first = index == 1;
        let read = format!("{number}.{} after", index - 1);
        steps.push(match dice.below(100) {
            0..15 if is_first => {
                let line = format!("POST {list}?fieldManager={manager}");
                Step { body: Some(object(dice, true)), ..request(id, line) }
            }
            0..12 => {
                let mut fields = kind.fields(dice, false);
                fields.insert("metadata".to_owned(), patched_metadata(dice));
                patch(id, format!("PATCH {path}?fieldManager={manager}"), Patch::Merge, fields.into())
            }
            12..22 if !is_first => {
                let set = kind.fields(dice, true).into_iter().map(|(key, value)| (format!("/{key}"), value));
                let set = set.chain([("/metadata/labels".to_owned(), labels(dice))]).collect();
                let remove = if dice.percent(30) { vec!["/metadata/annotations".to_owned()] } else { Vec::new() };
                let change = Change { of: read, set, remove };
                Step { change: Some(change), ..request(id, format!("PUT {path}?fieldManager={manager}")) }
            }
            other => {
                let force = if other >= 60 { "&force=true" } else { "" };
                let line = format!("PATCH {path}?fieldManager={manager}{force}");
                let mut body = if !is_first && dice.percent(8) {
                    json!({"apiVersion": api_version, "kind": name_of_kind, "metadata": {"name": name}})
                } else {
                    let whole = is_first || dice.percent(30);
                    object(dice, whole)
                };
                if dice.percent(5) {
                    spoil(dice, &mut body);
                }
                patch(id, line, Patch::Apply, body)
            }
        });
        let id = format!("{number}.{index} after");
        let read = request(id, format!("GET {path}"));
        steps.push(Step { until: kind.is_controlled().then(Condition::observed), ..read });
    }
    if kind.is_controlled() {
        written_later(&mut steps);
    }
    steps
}

/// Makes it wrong in one of the ways that people do.
fn spoil(dice: &mut Dice, body: &mut Value) {
    match dice.below(5) {
        0 => body["spec"]["unknown"] = json!(1),
        1 => body["metadata"]["labels"] = json!({"x": 1}),
        2 => body["data"] = json!(["a"]),
        3 => body["metadata"]["name"] = json!("another"),
        _ => body["metadata"]["managedFields"] = json!([]),
    }
}

type Entry = Option<(String, Value)>;

fn maybe(dice: &mut Dice, percent: usize, key: &str, value: impl FnOnce(&mut Dice) -> Value) -> Entry {
    dice.percent(percent).then(|| (key.to_owned(), value(dice)))
}

fn pairs(dice: &mut Dice, keys: &[&str], values: &[&str]) -> Value {
    let keys = dice.some(keys, 0, keys.len());
    keys.into_iter().map(|key| (key.to_owned(), Value::from(*dice.pick(values)))).collect::<Map<_, _>>().into()
}

fn labels(dice: &mut Dice) -> Value {
    pairs(dice, &["x", "y", "example.com/z"], &["1", "2", ""])
}

fn metadata(dice: &mut Dice, name: &str) -> Value {
    let mut metadata = Map::from_iter([("name".to_owned(), name.into())]);
    metadata.extend(maybe(dice, 50, "labels", labels));
    metadata.extend(maybe(dice, 30, "annotations", |dice| pairs(dice, &["note", "example.com/why"], &["a", "b", "c"])));
    metadata.extend(maybe(dice, 10, "finalizers", |dice| dice.some(&["example.com/a", "example.com/b"], 0, 2).into()));
    metadata.into()
}

/// With nulls, and at times the wish to forget whose the fields are.
fn patched_metadata(dice: &mut Dice) -> Value {
    let mut metadata = Map::new();
    metadata.extend(maybe(dice, 50, "labels", |dice| match labels(dice) {
        Value::Object(mut labels) => {
            labels.values_mut().filter(|_| dice.percent(40)).for_each(|value| *value = Value::Null);
            labels.into()
        }
        other => other,
    }));
    metadata.extend(maybe(dice, 15, "managedFields", |_| json!([{}])));
    metadata.into()
}

fn service(dice: &mut Dice, whole: bool) -> Value {
    let mut spec = Map::new();
    let port = |dice: &mut Dice, (name, port, protocol): (&str, u16, &str)| {
        let mut entry = Map::from_iter([("name".to_owned(), name.into()), ("port".to_owned(), port.into())]);
        entry.extend(maybe(dice, 70, "protocol", |_| protocol.into()));
        entry.extend(maybe(dice, 60, "targetPort", |dice| dice.pick(&[json!(8080), json!("web"), json!(80)]).clone()));
        entry.extend(maybe(dice, 20, "appProtocol", |dice| (*dice.pick(&["http", "kubernetes.io/h2c"])).into()));
        Value::Object(entry)
    };
    let ports = [("http", 80, "TCP"), ("https", 443, "TCP"), ("dns", 53, "UDP"), ("dns-tcp", 53, "TCP")];
    if whole || dice.percent(60) {
        let chosen = dice.some(&ports, 1, 3);
        spec.insert("ports".to_owned(), chosen.into_iter().map(|one| port(dice, one)).collect());
    }
    spec.extend(maybe(dice, 60, "selector", |dice| pairs(dice, &["app", "tier"], &["web", "api"])));
    spec.extend(maybe(dice, 30, "type", |dice| (*dice.pick(&["ClusterIP", "NodePort", "LoadBalancer"])).into()));
    spec.extend(maybe(dice, 20, "sessionAffinity", |dice| (*dice.pick(&["None", "ClientIP"])).into()));
    spec.extend(maybe(dice, 20, "externalIPs", |dice| dice.some(&["192.0.2.1", "192.0.2.2"], 0, 2).into()));
    spec.extend(maybe(dice, 10, "publishNotReadyAddresses", |dice| dice.percent(50).into()));
    spec.extend(maybe(dice, 10, "internalTrafficPolicy", |dice| (*dice.pick(&["Cluster", "Local"])).into()));
    spec.into()
}

fn container(dice: &mut Dice, name: &str, whole: bool) -> Value {
    let mut fields = Map::from_iter([("name".to_owned(), name.into())]);
    if whole || dice.percent(60) {
        fields.insert("image".to_owned(), (*dice.pick(&["nginx", "nginx:1", "app:2", "app:latest"])).into());
    }
    fields.extend(maybe(dice, 40, "env", |dice| {
        let names = dice.some(&["A", "B", "C"], 0, 3);
        names.into_iter().map(|name| json!({"name": name, "value": *dice.pick(&["1", "2", ""])})).collect()
    }));
    fields.extend(maybe(dice, 30, "ports", |dice| {
        let ports = dice.some(&[80, 443, 8080], 1, 2);
        let named = |dice: &mut Dice, port: u16| match dice.below(3) {
            0 => json!({"containerPort": port}),
            1 => json!({"containerPort": port, "protocol": "TCP"}),
            _ => json!({"containerPort": port, "name": format!("p{port}")}),
        };
        ports.into_iter().map(|port| named(dice, port)).collect()
    }));
    fields.extend(maybe(dice, 25, "args", |dice| dice.some(&["-a", "-b", "-c"], 0, 3).into()));
    fields.extend(maybe(dice, 25, "resources", |dice| {
        let limits = pairs(dice, &["cpu", "memory"], &["1", "2", "1000m", "1024Mi"]);
        if dice.percent(50) { json!({"limits": limits}) } else { json!({"requests": {"cpu": "0.5"}, "limits": limits}) }
    }));
    fields.extend(maybe(dice, 15, "volumeMounts", |dice| {
        let paths = dice.some(&["/a", "/b"], 1, 2);
        paths.into_iter().map(|path| json!({"mountPath": path, "name": "scratch"})).collect()
    }));
    fields.into()
}

fn deployment(dice: &mut Dice, whole: bool) -> Value {
    let mut spec = Map::new();
    spec.extend(maybe(dice, 50, "replicas", |dice| dice.below(3).into()));
    spec.extend(maybe(dice, 25, "strategy", |dice| {
        let rolling = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": dice.below(3) + 1}});
        dice.pick(&[json!({"type": "Recreate"}), json!({"type": "RollingUpdate"}), rolling]).clone()
    }));
    spec.extend(maybe(dice, 15, "minReadySeconds", |dice| dice.below(5).into()));
    spec.extend(maybe(dice, 15, "revisionHistoryLimit", |dice| dice.below(3).into()));
    spec.extend(maybe(dice, 10, "paused", |dice| dice.percent(50).into()));
    if whole || dice.percent(10) {
        spec.insert("selector".to_owned(), json!({"matchLabels": {"app": "web"}}));
    }
    if whole || dice.percent(70) {
        let mut pod = Map::new();
        if whole || dice.percent(70) {
            let mut names = dice.some(&["sidecar", "helper"], 0, 2);
            if whole || dice.percent(60) {
                names.insert(dice.below(names.len() + 1), "web");
            }
            pod.insert("containers".to_owned(), names.into_iter().map(|name| container(dice, name, whole)).collect());
        }
        // Mounts need it to be there, whoever owns it.
        if whole {
            pod.insert("volumes".to_owned(), json!([{"name": "scratch", "emptyDir": {}}]));
        }
        pod.extend(maybe(dice, 20, "tolerations", |dice| {
            dice.some(&[json!({"key": "a", "operator": "Exists"}), json!({"key": "b", "value": "1"})], 0, 2).into()
        }));
        pod.extend(maybe(dice, 20, "nodeSelector", |dice| pairs(dice, &["zone", "disk"], &["a", "b"])));
        pod.extend(maybe(dice, 15, "imagePullSecrets", |dice| {
            dice.some(&[json!({"name": "one"}), json!({"name": "two"})], 0, 2).into()
        }));
        pod.extend(maybe(dice, 10, "terminationGracePeriodSeconds", |dice| dice.below(60).into()));
        pod.extend(maybe(dice, 10, "securityContext", |dice| json!({"runAsUser": dice.below(3)})));
        let mut template = Map::from_iter([("spec".to_owned(), pod.into())]);
        if whole || dice.percent(30) {
            let mut labels = json!({"app": "web"});
            if dice.percent(40) {
                labels["tier"] = json!(*dice.pick(&["front", "back"]));
            }
            template.insert("metadata".to_owned(), json!({"labels": labels}));
        }
        spec.insert("template".to_owned(), template.into());
    }
    spec.into()
}

fn tenant(dice: &mut Dice, whole: bool) -> Value {
    let mut spec = Map::new();
    if whole || dice.percent(40) {
        let owners = [
            json!({"kind": "User", "name": "alice"}),
            json!({"kind": "User", "name": "bob"}),
            json!({"kind": "Group", "name": "oil", "clusterRoles": ["admin"]}),
        ];
        spec.insert("owners".to_owned(), dice.some(&owners, 1, 2).into());
    }
    spec.extend(maybe(dice, 30, "namespaceOptions", |dice| {
        let mut options = Map::new();
        options.extend(maybe(dice, 70, "quota", |dice| (dice.below(5) + 1).into()));
        options.extend(maybe(
            dice,
            40,
            "forbiddenLabels",
            |dice| json!({"denied": dice.some(&["a.example.com/x", "b.example.com/y"], 0, 2)}),
        ));
        options.into()
    }));
    spec.extend(maybe(dice, 20, "cordoned", |dice| dice.percent(50).into()));
    spec.extend(maybe(dice, 20, "preventDeletion", |dice| dice.percent(50).into()));
    spec.extend(maybe(dice, 20, "nodeSelector", |dice| pairs(dice, &["pool", "zone"], &["oil", "a"])));
    spec.extend(maybe(dice, 20, "ingressOptions", |dice| {
        let scope = *dice.pick(&["Disabled", "Tenant", "Cluster", "Namespace"]);
        json!({"hostnameCollisionScope": scope, "allowWildcardHostnames": dice.percent(50)})
    }));
    spec.extend(maybe(dice, 15, "storageClasses", |dice| json!({"allowed": dice.some(&["fast", "slow"], 0, 2)})));
    spec.extend(maybe(dice, 15, "additionalRoleBindings", |dice| {
        let subjects = dice.some(&["carol", "dave"], 1, 2);
        let subjects = subjects
            .into_iter()
            .map(|name| json!({"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}));
        json!([{"clusterRoleName": *dice.pick(&["view", "edit"]), "subjects": subjects.collect::<Vec<_>>()}])
    }));
    spec.into()
}
