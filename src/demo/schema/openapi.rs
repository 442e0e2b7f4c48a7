//! `/openapi/v3`: what kubectl reads for `explain`, `apply`, `diff`, `edit` and to see which parameters are understood.
//!
//! The schemas are the real server's, without descriptions; the paths are made from the kinds, with the operations,
//! parameters and extensions of the real ones for JSON and YAML. `/openapi/v2` is not served: kubectl 1.37 asks for it
//! only when there is no version 3.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha512};

use super::{Kind, Schemas};

const SCHEMAS: &str = "#/components/schemas/";
const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/// `/openapi/v3`: the documents there are. Their addresses carry a hash, so that clients may keep them.
pub fn index(schemas: &Schemas) -> Value {
    let mut paths = Map::new();
    for kind in schemas.kinds() {
        let path = root(&kind.group, &kind.version);
        if !paths.contains_key(&path) {
            let url = format!("/openapi/v3/{path}?hash={}", hash(schemas, &kind.group, &kind.version));
            paths.insert(path, json!({"serverRelativeURL": url}));
        }
    }
    json!({"paths": paths})
}

/// `/openapi/v3/api/v1` and `/openapi/v3/apis/G/V`: the document of a version, as JSON; nothing if it is not served.
pub fn document(schemas: &Schemas, group: &str, version: &str) -> Option<String> {
    let kinds: Vec<&Kind> = of_version(schemas, group, version).collect();
    if kinds.is_empty() {
        return None;
    }
    let mut paths = Map::new();
    for kind in kinds {
        Paths { schemas, kind, all: &mut paths }.write();
    }
    let paths = Value::Object(paths).to_string();
    let mut text = r#"{"openapi":"3.0.0","info":{"title":"Kubernetes","version":"v1.37.1"},"paths":"#.to_owned();
    text.push_str(&paths);
    text.push_str(r#","components":{"schemas":{"#);
    for (at, (name, raw)) in reachable(schemas, &paths).into_iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        // Writing to a String does not fail.
        let _ = write!(text, "{comma}{name:?}:{raw}");
    }
    text.push_str("}}}");
    Some(text)
}

/// The hash in the address of a document.
pub fn hash(schemas: &Schemas, group: &str, version: &str) -> String {
    let mut digest = Sha512::new();
    for kind in of_version(schemas, group, version) {
        digest.update(format!("{kind:?}"));
        digest.update(schemas.name_of(kind).and_then(|name| schemas.raw(name)).unwrap_or_default());
    }
    digest.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

fn of_version<'a>(schemas: &'a Schemas, group: &'a str, version: &'a str) -> impl Iterator<Item = &'a Kind> {
    schemas.kinds().iter().filter(move |kind| kind.group == group && kind.version == version)
}

fn root(group: &str, version: &str) -> String {
    if group.is_empty() { format!("api/{version}") } else { format!("apis/{group}/{version}") }
}

/// All definitions that a text refers to, and those they refer to, by name.
fn reachable<'a>(schemas: &'a Schemas, text: &str) -> Vec<(String, &'a str)> {
    let mut todo: Vec<String> = references(text).map(str::to_owned).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    while let Some(name) = todo.pop() {
        if seen.insert(name.clone())
            && let Some(raw) = schemas.raw(&name)
        {
            todo.extend(references(raw).map(str::to_owned));
            found.push((name, raw));
        }
    }
    found.sort();
    found
}

fn references(text: &str) -> impl Iterator<Item = &str> {
    const MARK: &str = "\"$ref\":\"#/components/schemas/";
    text.split(MARK).skip(1).filter_map(|rest| rest.split('"').next())
}

fn referring(name: &str) -> Value {
    json!({"$ref": format!("{SCHEMAS}{name}")})
}

fn query(name: &str, kind: &str) -> Value {
    json!({"name": name, "in": "query", "schema": {"type": kind, "uniqueItems": true}})
}

fn queries(names: &[(&str, &str)]) -> Value {
    names.iter().map(|(name, kind)| query(name, kind)).collect()
}

const WRITE: [(&str, &str); 3] = [("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string")];
const PATCH: [(&str, &str); 4] =
    [("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string"), ("force", "boolean")];
const DELETE: [(&str, &str); 5] = [
    ("dryRun", "string"),
    ("gracePeriodSeconds", "integer"),
    ("ignoreStoreReadErrorWithClusterBreakingPotential", "boolean"),
    ("orphanDependents", "boolean"),
    ("propagationPolicy", "string"),
];
const LIST: [(&str, &str); 10] = [
    ("allowWatchBookmarks", "boolean"),
    ("continue", "string"),
    ("fieldSelector", "string"),
    ("labelSelector", "string"),
    ("limit", "integer"),
    ("resourceVersion", "string"),
    ("resourceVersionMatch", "string"),
    ("sendInitialEvents", "boolean"),
    ("timeoutSeconds", "integer"),
    ("watch", "boolean"),
];

/// `Apps` of `apps`, `KedaSh` of `keda.sh`, `RbacAuthorization` of `rbac.authorization.k8s.io`.
fn title(group: &str) -> String {
    let short = group.strip_suffix(".k8s.io").unwrap_or(group);
    let name = if short.is_empty() { "core" } else { short };
    name.split('.').map(capital).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The paths of one kind.
struct Paths<'a> {
    schemas: &'a Schemas,
    kind: &'a Kind,
    all: &'a mut Map<String, Value>,
}

impl Paths<'_> {
    fn write(&mut self) {
        let kind = self.kind;
        let base = format!("/{}", root(&kind.group, &kind.version));
        let place = if kind.namespaced { "/namespaces/{namespace}" } else { "" };
        let collection = format!("{base}{place}/{}", kind.resource);
        let item = format!("{collection}/{{name}}");
        let name = self.schemas.name_of(kind).unwrap_or_default().to_owned();
        let list = format!("{name}List");

        let mut many = Map::new();
        self.operation(&mut many, "deletecollection", &format!("{META}Status"), "");
        self.operation(&mut many, "list", &list, "");
        self.operation(&mut many, "create", &name, "");
        self.put(&collection, many, false);
        let mut one = Map::new();
        for verb in ["delete", "get", "patch", "update"] {
            let answer = if verb == "delete" { format!("{META}Status") } else { name.clone() };
            self.operation(&mut one, verb, &answer, "");
        }
        self.put(&item, one, true);
        for below in &kind.subresources {
            let same = below.kind == kind.kind;
            let body = super::data::body_definition(&below.group, &below.version, &below.kind);
            let Some(body) = (if same { Some(name.as_str()) } else { body }) else { continue };
            let mut operations = Map::new();
            for verb in &below.verbs {
                self.operation(&mut operations, verb, body, &below.name);
            }
            self.put(&format!("{item}/{}", below.name), operations, true);
        }
        if kind.namespaced && self.has("list") {
            let mut everywhere = Map::new();
            self.operation(&mut everywhere, "list", &list, "ForAllNamespaces");
            self.put(&format!("{base}/{}", kind.resource), everywhere, false);
        }
    }

    fn has(&self, verb: &str) -> bool {
        self.kind.verbs.iter().any(|one| one == verb)
    }

    fn put(&mut self, path: &str, mut operations: Map<String, Value>, is_item: bool) {
        if operations.is_empty() {
            return;
        }
        let named = |name: &str| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "uniqueItems": true}});
        let mut parameters = Vec::new();
        if is_item {
            parameters.push(named("name"));
        }
        if path.contains("{namespace}") {
            parameters.push(named("namespace"));
        }
        parameters.push(query("pretty", "string"));
        operations.insert("parameters".into(), Value::Array(parameters));
        self.all.insert(path.to_owned(), Value::Object(operations));
    }

    /// Adds what a verb of Kubernetes is in HTTP.
    fn operation(&self, to: &mut Map<String, Value>, verb: &str, answer: &str, below: &str) {
        let kind = self.kind;
        let is_below = !below.is_empty() && below != "ForAllNamespaces";
        if !is_below && !self.has(verb) {
            return;
        }
        let (method, action, word, parameters, body) = match verb {
            "get" => ("get", "get", "read", json!([]), None),
            "list" => ("get", "list", "list", queries(&LIST), None),
            "create" => ("post", "post", "create", queries(&WRITE), Some(answer.to_owned())),
            "update" => ("put", "put", "replace", queries(&WRITE), Some(answer.to_owned())),
            "patch" => ("patch", "patch", "patch", queries(&PATCH), Some(format!("{META}Patch"))),
            "delete" => ("delete", "delete", "delete", queries(&DELETE), Some(format!("{META}DeleteOptions"))),
            "deletecollection" => {
                let options = Some(format!("{META}DeleteOptions"));
                ("delete", "deletecollection", "delete", queries(&[LIST.as_slice(), &DELETE].concat()), options)
            }
            _ => return,
        };
        let (group, version) = (title(&kind.group), capital(&kind.version));
        let collection = if verb == "deletecollection" { "Collection" } else { "" };
        let place = if kind.namespaced && below != "ForAllNamespaces" { "Namespaced" } else { "" };
        let tail = if is_below { capital(below) } else { below.to_owned() };
        let id = format!("{word}{group}{version}{collection}{place}{}{tail}", kind.kind);
        let (first, rest) = group.split_at_checked(1).unwrap_or_default();
        let tag = format!("{}{rest}_{}", first.to_lowercase(), kind.version);
        let (of_group, of_version, of_kind) = self.body_kind(below);
        let (code, said) = if verb == "create" { ("201", "Created") } else { ("200", "OK") };
        let mut operation = json!({
            "tags": [tag],
            "operationId": id,
            "parameters": parameters,
            "responses": {code: {"description": said, "content": content(answer)}, "401": {"description": "Unauthorized"}},
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": {"group": of_group, "version": of_version, "kind": of_kind},
        });
        if let (Some(operation), Some(body)) = (operation.as_object_mut(), body) {
            let required = verb != "delete" && verb != "deletecollection";
            let content =
                if verb == "patch" { self.patches(&body) } else { json!({"*/*": {"schema": referring(&body)}}) };
            operation.insert("requestBody".into(), json!({"content": content, "required": required}));
        }
        to.insert(method.into(), operation);
    }

    fn body_kind(&self, below: &str) -> (&str, &str, &str) {
        let kind = self.kind;
        match kind.subresource(below) {
            Some(one) if !one.group.is_empty() => (&one.group, &one.version, &one.kind),
            Some(one) => (&kind.group, &kind.version, &one.kind),
            None => (&kind.group, &kind.version, &kind.kind),
        }
    }

    fn patches(&self, body: &str) -> Value {
        let mut types =
            vec!["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];
        if self.kind.custom.is_none() {
            types.push("application/strategic-merge-patch+json");
        }
        types.into_iter().map(|one| (one.to_owned(), json!({"schema": referring(body)}))).collect::<Map<_, _>>().into()
    }
}

fn content(definition: &str) -> Value {
    json!({
        "application/json": {"schema": referring(definition)},
        "application/yaml": {"schema": referring(definition)},
    })
}
