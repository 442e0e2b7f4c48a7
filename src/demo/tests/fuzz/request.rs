//! What is sent: method, path, query, headers.

use std::fmt;

use bytes::Bytes;

use super::body::Templates;
use super::dice::Dice;
use super::options::{accept, ask, identity, query};
use super::{body, odd, patch};
use crate::demo::api::path::RequestInfo;
use crate::demo::api::query::Query;
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::Registry;
use crate::demo::schema::kind::Kind;

/// The token of one who may do everything.
pub const ROOT: &str = "fuzz-root";

/// A request, and how it can be sent again.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// The path, with the query.
    pub path: String,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// One of [`ROOT`]'s.
    pub fn of_root(method: &'static str, path: impl Into<String>) -> Self {
        let headers = vec![("authorization", format!("Bearer {ROOT}"))];
        Self { method, path: path.into(), headers, body: Vec::new() }
    }

    /// As HTTP has it; none if HTTP cannot say it.
    pub fn to_http(&self) -> Option<http::Request<Bytes>> {
        let mut request = http::Request::builder().method(self.method).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(Bytes::from(self.body.clone())).ok()
    }

    /// What it is to RBAC, such as `deletecollection`.
    pub fn verb(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        self.method.parse().map(|method| RequestInfo::of(&method, path, &Query::default()).verb).unwrap_or_default()
    }

    /// The same as a dry run.
    pub fn rehearsal(&self) -> Self {
        let mut dry = self.clone();
        ask(&mut dry.path, "dryRun", "All");
        dry
    }

    /// Whether a word is in its body.
    pub fn says(&self, word: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(word)
    }

    /// Whether it says what is to be, not what is to be done.
    pub fn can_be_repeated(&self) -> bool {
        let is = |sort: &str| self.headers.iter().any(|(name, value)| *name == "content-type" && value == sort);
        let sorts =
            ["application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"];
        // Who manages what may be said in a body: then it is set back each time.
        !self.says("managedFields") && (self.method == "PUT" || (self.method == "PATCH" && sorts.into_iter().any(is)))
    }

    /// Whether the query is not read: a deletion's body is all of its options.
    pub fn is_deaf(&self) -> bool {
        self.method == "DELETE" && !self.body.is_empty()
    }

    /// Whether it asks for a dry run, in its query.
    pub fn is_dry(&self) -> bool {
        self.path.contains("dryRun=All") && !self.is_deaf()
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        for (name, value) in &self.headers {
            write!(f, " | {name}: {value:?}")?;
        }
        write!(f, "\n    {}", String::from_utf8_lossy(&self.body))
    }
}

/// Writes a text so that it may stand in a path or a query.
pub fn escape(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Where the objects of a kind are listed: of one namespace, or of all.
pub fn collection(kind: &Kind, namespace: Option<&str>) -> String {
    let api = if kind.group.is_empty() { "api" } else { "apis" };
    let below = namespace.map(|name| format!("namespaces/{}/", escape(name))).unwrap_or_default();
    format!("/{api}/{}/{below}{}", kind.api_version(), kind.resource)
}

/// Where an object is.
pub fn place(kind: &Kind, object: &Object) -> String {
    let namespace = Some(object.namespace()).filter(|_| kind.namespaced);
    format!("{}/{}", collection(kind, namespace), escape(object.name()))
}

const SUBRESOURCES: [&str; 12] = [
    "status",
    "scale",
    "eviction",
    "binding",
    "token",
    "finalize",
    "log",
    "exec",
    "proxy",
    "ephemeralcontainers",
    "resize",
    "x",
];

const ELSEWHERE: [&str; 17] = [
    "/",
    "/api",
    "/apis",
    "/api/v1",
    "/api/v2",
    "/apis/apps",
    "/apis/apps/v1",
    "/apis/apps/v9",
    "/apis/example.com/v1/things",
    "/version",
    "/readyz",
    "/openapi/v3",
    "/openapi/v3/apis/apps/v1",
    "/openapi/v2",
    "/metrics",
    "//api//v1",
    "/api/v1/namespaces/",
];

/// Makes a request about the cluster as it is now.
pub fn request(registry: &Registry, templates: &Templates, dice: &mut Dice) -> Request {
    let kinds = registry.schemas.kinds();
    let mut kind = &kinds[dice.below(kinds.len())];
    // Mostly of a kind that has objects.
    for _ in 0..4 {
        if registry.list(&kind.qualified(), None).next().is_some() {
            break;
        }
        kind = &kinds[dice.below(kinds.len())];
    }
    let objects: Vec<Object> = registry.list(&kind.qualified(), None).collect();
    let live = dice.any(&objects);
    let namespace = namespace(registry, live, dice);
    let list = collection(kind, Some(namespace.as_str()).filter(|_| kind.namespaced && !dice.once_in(20)));
    let named =
        format!("{list}/{}", live.filter(|_| !dice.once_in(20)).map_or_else(|| name(dice), |it| escape(it.name())));
    let fresh = || templates.of(kind).cloned().or_else(|| live.cloned());

    let mut request = Request { method: "GET", path: String::new(), headers: identity(dice), body: Vec::new() };
    let place = match dice.below(100) {
        0..25 => {
            request.method = "POST";
            let new = body::new(fresh(), kind, &namespace, dice);
            body::encode(&mut request, new, dice);
            list
        }
        25..37 => {
            request.method = "PUT";
            body::encode(&mut request, body::changed(live, dice), dice);
            named
        }
        37..70 => {
            request.method = "PATCH";
            patch::write(&mut request, kind, live, dice);
            named
        }
        70..77 => {
            request.method = "DELETE";
            body::deletion(&mut request, live, dice);
            named
        }
        77 => {
            request.method = "DELETE";
            body::deletion(&mut request, None, dice);
            // Clusters without anything in them are soon dull.
            if dice.once_in(4) { list } else { format!("{list}?labelSelector=app%3Dweb") }
        }
        78..82 => list,
        82..85 => named,
        85..96 => {
            let own: Vec<&str> = kind.subresources.iter().map(|one| one.name.as_str()).collect();
            let below = if own.is_empty() || dice.once_in(8) { dice.pick(&SUBRESOURCES) } else { dice.pick(&own) };
            body::below(&mut request, below, kind, live, dice);
            format!("{named}/{below}")
        }
        _ => dice.pick(&ELSEWHERE).to_owned(),
    };
    request.path = misspelt(place, dice);
    query(&mut request, live, dice);
    if request.method == "PATCH" && request.headers.iter().any(|(_, value)| value.contains("apply-patch")) {
        ask(&mut request.path, "fieldManager", dice.pick(&["kubectl", "helm", "me"]));
    }
    if dice.once_in(8) {
        request.headers.push(("accept", accept(dice).to_owned()));
    }
    request
}

/// A namespace, mostly that of the object.
fn namespace(registry: &Registry, live: Option<&Object>, dice: &mut Dice) -> String {
    if let Some(live) = live.filter(|live| !live.namespace().is_empty() && !dice.once_in(16)) {
        return live.namespace().to_owned();
    }
    if dice.once_in(40) {
        return odd::text(dice).to_owned();
    }
    let all: Vec<Object> = registry.list("namespaces", None).collect();
    dice.any(&all).map(|one| one.name().to_owned()).unwrap_or_default()
}

/// A name in a path.
fn name(dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => "x".repeat(300),
        1 => "a%2Fb".to_owned(),
        2 => "%zz%2".to_owned(),
        3 => "%FF%FE%00".to_owned(),
        4 => escape(odd::text(dice)),
        5 => "..".to_owned(),
        _ => body::NAMES[dice.below(body::NAMES.len())].to_owned(),
    }
}

/// Sometimes a path leads nowhere.
fn misspelt(path: String, dice: &mut Dice) -> String {
    match dice.below(120) {
        0 => path.replacen("/v1", "/v2", 1),
        1 => path.replacen("/api", "/apis", 1),
        2 => format!("{path}/"),
        3 => path.replacen("/namespaces", "/watch/namespaces", 1),
        4 => path.replacen('/', "//", 2),
        5 => format!("{path}s/x/y/z"),
        6 => path.to_uppercase(),
        7 => path.replacen("namespaces/", "namespaces//", 1),
        _ => path,
    }
}
