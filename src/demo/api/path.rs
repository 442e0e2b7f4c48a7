//! What a request is about, read from its method and path, as apiserver's `endpoints/request/requestinfo.go`.

use http::Method;

use super::query::Query;

/// A request, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestInfo {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; of other paths the method in
    /// lower case.
    pub verb: String,
    /// The path itself.
    pub path: String,
    /// Whether it names a resource.
    pub is_resource: bool,
    /// The group; empty for the core one.
    pub group: String,
    /// The version.
    pub version: String,
    /// The resource, plural.
    pub resource: String,
    /// The namespace, or empty. A Namespace lies in itself.
    pub namespace: String,
    /// The name, or empty.
    pub name: String,
    /// Below the object, or empty.
    pub subresource: String,
    /// What stands behind the subresource.
    pub rest: Vec<String>,
}

impl RequestInfo {
    /// Of a method, a path and its query.
    pub fn of(method: &Method, path: &str, query: &Query) -> Self {
        let mut info = Self { verb: method.as_str().to_ascii_lowercase(), path: path.to_owned(), ..Self::default() };
        let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(unescape).collect();
        let mut parts = parts.into_iter();
        match (parts.next().as_deref(), parts.len()) {
            (Some("api"), 2..) => {}
            (Some("apis"), 3..) => info.group = parts.next().unwrap_or_default(),
            _ => return info,
        }
        info.version = parts.next().unwrap_or_default();
        info.is_resource = true;
        let mut parts: Vec<String> = parts.collect();
        if parts.first().is_some_and(|first| first == "namespaces") && info.group.is_empty() {
            info.namespace = parts.get(1).cloned().unwrap_or_default();
            // `namespaces/x/pods` is about pods; `namespaces/x/status` about the namespace.
            let below = parts.get(2).map(String::as_str);
            if below.is_some_and(|below| below != "status" && below != "finalize") {
                parts.drain(..2);
            }
        } else if parts.first().is_some_and(|first| first == "namespaces") {
            info.namespace = parts.get(1).cloned().unwrap_or_default();
            if parts.len() > 2 {
                parts.drain(..2);
            }
        }
        let mut parts = parts.into_iter();
        info.resource = parts.next().unwrap_or_default();
        info.name = parts.next().unwrap_or_default();
        info.subresource = parts.next().unwrap_or_default();
        info.rest = parts.collect();
        info.verb = match (method, info.name.is_empty()) {
            (&Method::POST, _) => "create",
            (&Method::GET | &Method::HEAD, false) => "get",
            (&Method::GET | &Method::HEAD, true) if query.is_true("watch") => "watch",
            (&Method::GET | &Method::HEAD, true) => "list",
            (&Method::PUT, _) => "update",
            (&Method::PATCH, _) => "patch",
            (&Method::DELETE, true) => "deletecollection",
            (&Method::DELETE, false) => "delete",
            _ => "",
        }
        .to_owned();
        // `?fieldSelector=metadata.name=x` asks for one object: so do rights with resourceNames see it.
        if matches!(info.verb.as_str(), "list" | "watch" | "deletecollection")
            && let Some(name) = query.get("fieldSelector").and_then(|selector| selector.strip_prefix("metadata.name="))
            && !name.contains(',')
        {
            name.clone_into(&mut info.name);
        }
        info
    }
}

/// Undoes percent-encoding of one path segment.
fn unescape(part: &str) -> String {
    super::query::unescape(part, false)
}
