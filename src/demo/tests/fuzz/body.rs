//! What is sent in bodies: objects as they should be, and as they should not.

use std::collections::HashMap;

use http::Method;
use serde_json::{Value, json};

use super::dice::Dice;
use super::odd;
use super::request::Request;
use crate::demo::api::path::RequestInfo;
use crate::demo::api::query::Query;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Registry;
use crate::demo::schema::kind::Kind;
use crate::demo::status::qualified;

/// Names for new objects: few, so that they meet.
pub const NAMES: [&str; 7] = ["web", "api", "oil-fuzz", "gas-fuzz", "default", "x-1.y", "kube-root-ca.crt"];

/// The exchanges of the yardstick, which has every kind in it.
const EXCHANGES: [&str; 8] = [
    include_str!("../../../../tests/protocol/exchanges/kinds.yaml"),
    include_str!("../../../../tests/protocol/exchanges/apply.yaml"),
    include_str!("../../../../tests/protocol/exchanges/workloads.yaml"),
    include_str!("../../../../tests/protocol/exchanges/controllers.yaml"),
    include_str!("../../../../tests/protocol/exchanges/capsule-policies.yaml"),
    include_str!("../../../../tests/protocol/exchanges/capsule-tenants.yaml"),
    include_str!("../../../../tests/protocol/exchanges/rbac.yaml"),
    include_str!("../../../../tests/protocol/exchanges/tables.yaml"),
];

/// Objects of each kind, such as somebody would create them.
#[derive(Debug)]
pub struct Templates(HashMap<String, Vec<Object>>, std::cell::Cell<usize>);

impl Templates {
    /// Those of the yardstick, and what is there already.
    pub fn new(registry: &Registry) -> Self {
        let mut all: HashMap<String, Vec<Object>> = HashMap::new();
        for text in EXCHANGES {
            let topic: Value = serde_yaml::from_str(text).unwrap();
            for step in topic.list(&["steps"]) {
                let Some((method, path)) = step.text(&["do"]).and_then(|line| line.split_once(' ')) else { continue };
                let path = path.split('?').next().unwrap_or_default();
                let method: Method = method.parse().unwrap();
                let info = RequestInfo::of(&method, path, &Query::default());
                if let Some(body) = step.at(&["body"]).filter(|body| body.is_object())
                    && info.subresource.is_empty()
                    && (method == Method::POST || body.at(&["apiVersion"]).is_some())
                {
                    all.entry(qualified(&info.group, &info.resource)).or_default().push(body.clone());
                }
            }
        }
        for kind in registry.schemas.kinds() {
            let own = all.entry(kind.qualified()).or_default();
            own.extend(registry.list(&kind.qualified(), None).take(6).map(|mut object| {
                for gone in ["uid", "resourceVersion", "managedFields", "creationTimestamp", "generation"] {
                    object.unset(&["metadata", gone]);
                }
                object
            }));
        }
        Self(all, std::cell::Cell::new(0))
    }

    /// The next one of a kind.
    pub fn of(&self, kind: &Kind) -> Option<&Object> {
        self.1.set(self.1.get().wrapping_add(1));
        let own = self.0.get(&kind.qualified()).filter(|own| !own.is_empty())?;
        own.get(self.1.get() % own.len())
    }
}

/// A new object.
pub fn new(template: Option<Object>, kind: &Kind, namespace: &str, dice: &mut Dice) -> Object {
    let mut object = template.unwrap_or_else(|| json!({"spec": {}}));
    object.set(&["apiVersion"], kind.api_version());
    object.set(&["kind"], kind.kind.clone());
    match dice.below(10) {
        0 => object.set(&["metadata"], json!({"generateName": "fuzz-"})),
        1 => {}
        _ => object.set(&["metadata", "name"], dice.pick(&NAMES)),
    }
    match dice.below(6) {
        0 => drop(object.unset(&["metadata", "namespace"])),
        _ if kind.namespaced => object.set(&["metadata", "namespace"], namespace),
        _ => drop(object.unset(&["metadata", "namespace"])),
    }
    if dice.once_in(4) {
        object.set(&["metadata", "labels", "app"], dice.pick(&["web", "api"]));
    }
    if dice.once_in(12) {
        object.set(&["metadata", "finalizers"], json!(["example.com/hold"]));
    }
    if dice.once_in(12) {
        let owner =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "web", "uid": format!("uid-{}", dice.below(3))});
        object.set(&["metadata", "ownerReferences"], json!([owner]));
    }
    spoilt(object, dice)
}

/// Another content of an object that is there.
pub fn changed(live: Option<&Object>, dice: &mut Dice) -> Object {
    let mut object = live.cloned().unwrap_or_else(|| json!({"metadata": {"name": "web"}}));
    if !dice.once_in(3) {
        object.unset(&["metadata", "resourceVersion"]);
    }
    if dice.once_in(6) {
        object.unset(&["metadata", "managedFields"]);
    }
    if dice.once_in(8) {
        object.unset(&["metadata", "finalizers"]);
    }
    spoilt(object, dice)
}

fn spoilt(mut object: Object, dice: &mut Dice) -> Object {
    if dice.once_in(3) {
        for _ in 0..=dice.below(3) {
            odd::spoil(&mut object, dice);
        }
    }
    object
}

/// Writes a body in one of the forms, and sometimes no form at all.
pub fn encode(request: &mut Request, mut object: Object, dice: &mut Dice) {
    odd::tame(&mut object);
    let mut text = object.to_string();
    let mut sort = "application/json";
    match dice.below(80) {
        0 => text.truncate(text.floor_char_boundary(dice.below(text.len()))),
        1 => text = dice.pick(&["", "null", "[]", "\"x\"", "{", "{}", "0", "nul", "{\"a\":}", "\u{feff}{}"]).to_owned(),
        2 => text = text.replacen('{', "{\"kind\":\"X\",\"metadata\":{\"name\":\"twice\"},", 1),
        3 => {
            let at = text.floor_char_boundary(dice.below(text.len()));
            text.insert_str(at, dice.pick(&["\"", "}", ",", "\\u0000", "\\ud800", "é", "1"]));
        }
        4 | 5 => {
            sort = "application/yaml";
            text = serde_yaml::to_string(&object).unwrap_or_default();
        }
        6 => {
            sort = "application/yaml";
            text = dice
                .pick(&[
                    "a: &a [*a]",
                    "- x",
                    ": :",
                    "a: b: c",
                    "\t",
                    "&a a: *a\n",
                    "x: !!binary x",
                    "---\n---\n",
                    "? {}\n: 1",
                    "1: 2",
                    "a: .nan",
                ])
                .to_owned();
        }
        7 => {
            sort = "application/vnd.kubernetes.protobuf";
            text =
                dice.pick(&["k8s\u{0}", "k8s\u{0}\n\u{8}\n\u{2}v1\u{12}\u{2}x", "k8s\u{0}\u{a}\u{7f}", "x"]).to_owned();
        }
        8 => {
            sort =
                dice.pick(&["text/plain", "application/x", "", "application/json; charset=utf-8", "application/cbor"]);
        }
        _ => {}
    }
    request.body = text.into_bytes();
    if dice.once_in(60) && !request.body.is_empty() {
        let at = dice.below(request.body.len());
        request.body[at] = 0xff;
    }
    request.headers.push(("content-type", sort.to_owned()));
}

/// `DeleteOptions`.
pub fn deletion(request: &mut Request, live: Option<&Object>, dice: &mut Dice) {
    if dice.once_in(2) {
        return;
    }
    let mut options = json!({"kind": "DeleteOptions", "apiVersion": "v1"});
    for _ in 0..dice.below(3) {
        match dice.below(6) {
            0 => options.set(&["propagationPolicy"], dice.pick(&["Foreground", "Background", "Orphan", "Perhaps"])),
            1 => options.set(&["gracePeriodSeconds"], [0, 1, 5, -1, i64::MAX, i64::MIN][dice.below(6)]),
            2 => options.set(&["orphanDependents"], dice.once_in(2)),
            3 => {
                options
                    .set(&["preconditions", "uid"], live.map(Object::uid).filter(|_| dice.once_in(2)).unwrap_or("x"));
            }
            4 => options.set(
                &["preconditions", "resourceVersion"],
                live.map(Object::version).filter(|_| dice.once_in(2)).unwrap_or("1"),
            ),
            _ => options.set(&["dryRun"], json!([dice.pick(&["All", "Some"])])),
        }
    }
    if dice.once_in(5) {
        odd::spoil(&mut options, dice);
    }
    encode(request, options, dice);
}

/// A request for what lies below an object.
pub fn below(request: &mut Request, name: &str, kind: &Kind, live: Option<&Object>, dice: &mut Dice) {
    let whole = live.cloned().unwrap_or_default();
    let meta = json!({"name": whole.name(), "namespace": whole.namespace()});
    let (method, mut body) = match name {
        "scale" => {
            let replicas = [json!(0), json!(1), json!(3), json!(-1), json!("2"), Value::Null][dice.below(6)].clone();
            (dice.pick(&["GET", "PUT", "PATCH"]), json!({"metadata": meta, "spec": {"replicas": replicas}}))
        }
        "eviction" => ("POST", json!({"metadata": meta, "deleteOptions": {"gracePeriodSeconds": dice.below(3)}})),
        "binding" => ("POST", json!({"metadata": meta, "target": {"kind": "Node", "name": odd::text(dice)}})),
        "token" => {
            let seconds = [json!(600), json!(3600), json!(1), json!(i64::MAX), json!(1_i64 << 32), json!(-1)]
                [dice.below(6)]
            .clone();
            ("POST", json!({"spec": {"audiences": [odd::text(dice)], "expirationSeconds": seconds}}))
        }
        _ => (dice.pick(&["GET", "PUT", "PATCH", "POST", "DELETE"]), changed(live, dice)),
    };
    if dice.once_in(3) {
        odd::spoil(&mut body, dice);
    }
    request.method = method;
    match method {
        "GET" | "DELETE" => {}
        "PATCH" => super::patch::write(request, kind, Some(&body), dice),
        _ => encode(request, body, dice),
    }
}
