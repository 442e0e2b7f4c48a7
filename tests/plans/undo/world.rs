//! Random objects of a dozen kinds.

use http::HeaderValue;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use kube::client::Body;
use serde_json::{Map, Value, json};
use tenantry::demo::access::user::User;
use tenantry::demo::clock::Clock;
use tenantry::demo::{Demo, Era, Options};
use tenantry::plan::ObjectRef;
use tower::ServiceExt as _;

/// Where they are.
pub const NAMESPACE: &str = "undo-web";

const TOKEN: &str = "token-of-admin";

/// A fresh cluster, at noon.
pub fn start() -> Demo {
    let groups = ["system:masters", "system:authenticated"].map(str::to_owned).to_vec();
    let admin = User { name: "admin".to_owned(), groups, ..User::default() };
    let noon = Timestamp::from_second(1_795_348_800).unwrap_or_default();
    Demo::start(&Options {
        capsule: Some(Era::V0_14),
        clock: Clock::Hand(noon),
        users: vec![(TOKEN.to_owned(), admin)],
        ..Options::default()
    })
}

/// The administrator's client.
pub fn client(demo: &Demo) -> kube::Client {
    let signed = demo.service().map_request(|mut request: http::Request<Body>| {
        let token = HeaderValue::from_static("Bearer token-of-admin");
        request.headers_mut().insert(AUTHORIZATION, token);
        request
    });
    kube::Client::new(signed, "default")
}

/// A place where an object may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    ConfigMap,
    Settings,
    Secret,
    Deployment,
    StatefulSet,
    CronJob,
    Service,
    Ingress,
    NetworkPolicy,
    Role,
    RoleBinding,
    ServiceAccount,
    Quota,
    Tenant,
    ClusterRole,
}

impl Slot {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::ConfigMap,
        Self::Settings,
        Self::Secret,
        Self::Deployment,
        Self::StatefulSet,
        Self::CronJob,
        Self::Service,
        Self::Ingress,
        Self::NetworkPolicy,
        Self::Role,
        Self::RoleBinding,
        Self::ServiceAccount,
        Self::Quota,
        Self::Tenant,
        Self::ClusterRole,
    ];

    /// The object's name on the wire.
    pub fn object(self) -> ObjectRef {
        let rbac = "/apis/rbac.authorization.k8s.io/v1";
        let network = "/apis/networking.k8s.io/v1";
        let (base, plural, kind) = match self {
            Self::ConfigMap | Self::Settings => ("/api/v1", "configmaps", "ConfigMap"),
            Self::Secret => ("/api/v1", "secrets", "Secret"),
            Self::Deployment => ("/apis/apps/v1", "deployments", "Deployment"),
            Self::StatefulSet => ("/apis/apps/v1", "statefulsets", "StatefulSet"),
            Self::CronJob => ("/apis/batch/v1", "cronjobs", "CronJob"),
            Self::Service => ("/api/v1", "services", "Service"),
            Self::Ingress => (network, "ingresses", "Ingress"),
            Self::NetworkPolicy => (network, "networkpolicies", "NetworkPolicy"),
            Self::Role => (rbac, "roles", "Role"),
            Self::RoleBinding => (rbac, "rolebindings", "RoleBinding"),
            Self::ServiceAccount => ("/api/v1", "serviceaccounts", "ServiceAccount"),
            Self::Quota => ("/api/v1", "resourcequotas", "ResourceQuota"),
            Self::Tenant => ("/apis/capsule.clastix.io/v1beta2", "tenants", "Tenant"),
            Self::ClusterRole => (rbac, "clusterroles", "ClusterRole"),
        };
        let name = format!("{self:?}").to_lowercase();
        match self {
            Self::Tenant | Self::ClusterRole => ObjectRef::cluster(base, plural, kind, &name),
            _ => ObjectRef::namespaced(base, plural, kind, NAMESPACE, &name),
        }
    }
}

/// Some of these entries, as the die falls.
fn some(die: u8, entries: &[(&str, Value)]) -> Map<String, Value> {
    let chosen = entries.iter().enumerate().filter(|(at, _)| die >> at & 1 == 1);
    chosen.map(|(_, (key, value))| ((*key).to_owned(), value.clone())).collect()
}

fn list(die: u8, items: &[Value]) -> Vec<Value> {
    let mut chosen: Vec<Value> =
        items.iter().enumerate().filter(|(at, _)| die >> at & 1 == 1).map(|(_, item)| item.clone()).collect();
    if die & 0x80 != 0 {
        chosen.reverse();
    }
    chosen
}

fn pods(app: &str, dice: [u8; 6]) -> Value {
    let env = list(
        dice[0],
        &[
            json!({"name": "MODE", "value": format!("m{}", dice[1] % 3)}),
            json!({"name": "DB_PASSWORD", "value": format!("hunter{}", dice[2] % 3)}),
            json!({"name": "HOST", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}),
        ],
    );
    let ports = list(
        dice[1],
        &[
            json!({"containerPort": 80, "name": "http"}),
            json!({"containerPort": 53, "protocol": "UDP", "name": format!("dns{}", dice[3] % 2)}),
            json!({"containerPort": 53, "protocol": "TCP"}),
        ],
    );
    let mut web = json!({"name": "web", "image": format!("web:{}", dice[2] % 3)});
    web["env"] = env.into();
    web["ports"] = ports.into();
    if dice[3] & 4 != 0 {
        web["args"] = json!(["--v=4", format!("--level={}", dice[3] % 4)]);
    }
    if dice[4] & 1 != 0 {
        web["resources"] = json!({"limits": some(dice[5], &[("cpu", json!("100m")), ("memory", json!("64Mi"))])});
    }
    let log = json!({"name": "log", "image": "log:1"});
    let mut containers = vec![web];
    if dice[4] & 2 != 0 {
        containers.push(log);
    }
    let mut template = json!({"metadata": {"labels": {"app": app}}, "spec": {"containers": containers}});
    let notes = some(dice[5] >> 2, &[("a", json!("1")), ("api-token", json!("t0ken-value")), ("c", json!("3"))]);
    if !notes.is_empty() {
        template["metadata"]["annotations"] = notes.into();
    }
    if dice[4] & 4 != 0 {
        template["spec"]["nodeSelector"] = json!({"disk": format!("d{}", dice[4] % 2)});
    }
    template
}

/// The object in a slot, as the dice fall.
pub fn content(slot: Slot, dice: [u8; 6]) -> Value {
    let object = slot.object();
    let mut metadata = json!({"name": object.name});
    if let Some(namespace) = &object.namespace {
        metadata["namespace"] = namespace.as_str().into();
    }
    let labels =
        some(dice[0], &[("a", json!("1")), ("b", json!(format!("v{}", dice[1] % 3))), ("x.example.com/c", json!(""))]);
    if !labels.is_empty() {
        metadata["labels"] = labels.into();
    }
    let notes =
        some(dice[1] >> 3, &[("note", json!(format!("n{}", dice[2] % 3))), ("api-token", json!("s3cret-note"))]);
    if !notes.is_empty() {
        metadata["annotations"] = notes.into();
    }
    let app = object.name.clone();
    let rules = |die: u8| {
        list(
            die,
            &[
                json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}),
                json!({"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["get", "list"]}),
                json!({"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["*"]}),
            ],
        )
    };
    let data = some(
        dice[2],
        &[
            ("a", json!("1")),
            ("b", json!(format!("{}\nline\n", dice[3] % 4))),
            ("db-password", json!(format!("hunter{}", dice[4] % 3))),
            ("d.conf", json!("x: y\n")),
        ],
    );
    let mut body = match slot {
        Slot::ConfigMap | Slot::Settings if dice[5] & 1 == 0 && data.is_empty() => json!({}),
        Slot::ConfigMap | Slot::Settings => json!({"data": data}),
        Slot::Secret => {
            json!({"data": some(dice[2], &[("a", json!("b25l")), ("b", json!(["dHdv", "dGhyZWU="][usize::from(dice[3] % 2)]))])})
        }
        Slot::Deployment => json!({"spec": {
            "replicas": dice[0] % 3, "selector": {"matchLabels": {"app": app}}, "template": pods(&app, dice),
        }}),
        Slot::StatefulSet => json!({"spec": {
            "replicas": dice[0] % 2, "serviceName": "x", "selector": {"matchLabels": {"app": app}}, "template": pods(&app, dice),
        }}),
        Slot::CronJob => {
            let mut template = pods(&app, dice);
            template["spec"]["restartPolicy"] = "Never".into();
            json!({"spec": {"schedule": "0 3 1 1 *", "suspend": dice[0] & 1 == 1, "jobTemplate": {"spec": {"template": template}}}})
        }
        Slot::Service => {
            let mut ports = list(
                dice[2] | 1,
                &[
                    json!({"name": "http", "port": 80}),
                    json!({"name": "dns", "port": 53, "protocol": "UDP"}),
                    json!({"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 5300 + u16::from(dice[3] % 2)}),
                ],
            );
            ports.dedup();
            json!({"spec": {"ports": ports, "selector": some(dice[3], &[("app", json!("x")), ("tier", json!("front"))])}})
        }
        Slot::Ingress => {
            let path = |name: &str| json!({"path": "/", "pathType": "Prefix", "backend": {"service": {"name": name, "port": {"number": 80}}}});
            let rule = |host: &str, name: &str| json!({"host": host, "http": {"paths": [path(name)]}});
            let rules = list(
                dice[2] | 1,
                &[rule("a.example.com", "x"), rule("b.example.com", if dice[3] & 1 == 1 { "y" } else { "z" })],
            );
            json!({"spec": {"rules": rules}})
        }
        Slot::NetworkPolicy => {
            let from = list(
                dice[2],
                &[
                    json!({"podSelector": {}}),
                    json!({"namespaceSelector": {"matchLabels": {"team": format!("t{}", dice[3] % 2)}}}),
                ],
            );
            json!({"spec": {"podSelector": some(dice[4], &[("matchLabels", json!({"app": "x"}))]), "ingress": [{"from": from}]}})
        }
        Slot::Role | Slot::ClusterRole => json!({"rules": rules(dice[2])}),
        Slot::RoleBinding => json!({
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            "subjects": list(dice[2], &[
                json!({"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "alice"}),
                json!({"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": format!("g{}", dice[3] % 2)}),
                json!({"kind": "ServiceAccount", "name": "default", "namespace": NAMESPACE}),
            ]),
        }),
        Slot::ServiceAccount => {
            json!({"imagePullSecrets": list(dice[2], &[json!({"name": "a"}), json!({"name": "b"})])})
        }
        Slot::Quota => {
            json!({"spec": {"hard": some(dice[2], &[("secrets", json!("100")), ("configmaps", json!((90 + dice[3] % 3).to_string()))])}})
        }
        Slot::Tenant => {
            let mut spec = json!({"owners": [{"kind": "User", "name": "alice"}]});
            if dice[2] & 1 == 1 {
                spec["cordoned"] = (dice[3] & 1 == 1).into();
            }
            if dice[2] & 2 == 2 {
                spec["namespaceOptions"] = json!({"quota": 1 + dice[3] % 3});
            }
            if dice[2] & 4 == 4 {
                spec["nodeSelector"] = some(dice[4] | 1, &[("pool", json!("a")), ("disk", json!("b"))]).into();
            }
            if dice[2] & 8 == 8 {
                spec["ingressOptions"] =
                    json!({"allowedHostnames": {"allowed": [format!("h{}.example.com", dice[3] % 3)]}});
            }
            if dice[2] & 16 == 16 {
                spec["owners"] =
                    json!([{"kind": "User", "name": "alice"}, {"kind": "Group", "name": format!("g{}", dice[5] % 2)}]);
            }
            json!({"spec": spec})
        }
    };
    body["apiVersion"] = object.api_version().into();
    body["kind"] = object.kind.as_str().into();
    body["metadata"] = metadata;
    body
}

/// What somebody else does to the object in a slot: the patch, and what is so then.
pub fn foreign(slot: Slot, die: u8) -> (Value, Vec<(String, Value)>) {
    let own = json!({"metadata": {"annotations": {"theirs": format!("t{die}")}}});
    let set = ("/metadata/annotations/theirs".to_owned(), json!(format!("t{die}")));
    let (more, what): (Value, Option<(&str, Value)>) = match (slot, die % 3) {
        (_, 0) => (json!({}), None),
        (Slot::ConfigMap | Slot::Settings, 1) => (json!({"data": {"a": "theirs"}}), Some(("/data/a", json!("theirs")))),
        (Slot::ConfigMap | Slot::Settings, _) => (json!({"data": {"theirs": "x"}}), Some(("/data/theirs", json!("x")))),
        (Slot::Secret, _) => (json!({"data": {"a": "dGhlaXJz"}}), Some(("/data/a", json!("dGhlaXJz")))),
        (Slot::Deployment | Slot::StatefulSet, 1) => (
            json!({"spec": {"replicas": 0, "template": {"metadata": {"annotations": {"a": "theirs"}}}}}),
            Some(("/spec/template/metadata/annotations/a", json!("theirs"))),
        ),
        (Slot::CronJob, _) => {
            (json!({"spec": {"schedule": "5 5 5 5 *"}}), Some(("/spec/schedule", json!("5 5 5 5 *"))))
        }
        (Slot::Tenant, 1) => {
            (json!({"spec": {"namespaceOptions": {"quota": 9}}}), Some(("/spec/namespaceOptions/quota", json!(9))))
        }
        (Slot::Tenant, _) => {
            (json!({"spec": {"nodeSelector": {"theirs": "x"}}}), Some(("/spec/nodeSelector/theirs", json!("x"))))
        }
        (Slot::Quota, _) => (json!({"spec": {"hard": {"secrets": "77"}}}), Some(("/spec/hard/secrets", json!("77")))),
        _ => (json!({"metadata": {"labels": {"a": "theirs"}}}), Some(("/metadata/labels/a", json!("theirs")))),
    };
    let mut patch = own;
    join(&mut patch, &more);
    let mut all = vec![set];
    all.extend(more.pointer("/spec/replicas").map(|replicas| ("/spec/replicas".to_owned(), replicas.clone())));
    all.extend(what.map(|(pointer, value)| (pointer.to_owned(), value)));
    (patch, all)
}

fn join(to: &mut Value, from: &Value) {
    match (to, from) {
        (Value::Object(to), Value::Object(from)) => {
            for (key, value) in from {
                join(to.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (to, from) => *to = from.clone(),
    }
}
