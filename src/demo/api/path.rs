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
    /// Whether the path goes through a namespace: that of a Namespace itself does not.
    pub in_namespace: bool,
    /// The name, or empty. Of a list also the only name that its field selector lets pass, as RBAC is asked.
    pub name: String,
    /// Whether the path itself names the object.
    pub is_named: bool,
    /// Whether the verb stands in the path: `/api/v1/watch/...`, as before there was `?watch=true`.
    pub is_old_watch: bool,
    /// Below the object, or empty.
    pub subresource: String,
    /// What stands behind the subresource.
    pub rest: Vec<String>,
}

impl RequestInfo {
    /// Of a method, a path and its query.
    pub fn of(method: &Method, path: &str, query: &Query) -> Self {
        let mut info = Self { verb: method.as_str().to_ascii_lowercase(), path: path.to_owned(), ..Self::default() };
        let mut parts: Vec<String> =
            path.trim_matches('/').split('/').map(|part| super::query::unescape(part, false)).collect();
        let first = parts.first().cloned().unwrap_or_default();
        match (first.as_str(), parts.len()) {
            ("api", 3..) => drop(parts.remove(0)),
            ("apis", 4..) => {
                parts.remove(0);
                info.group = parts.remove(0);
            }
            _ => return info,
        }
        info.version = parts.remove(0);
        info.is_resource = true;
        if parts.first().is_some_and(|first| first == "watch") && parts.len() > 1 {
            parts.remove(0);
            info.is_old_watch = true;
        }
        if parts.first().is_some_and(|first| first == "namespaces")
            && let Some(namespace) = parts.get(1)
        {
            info.namespace.clone_from(namespace);
            // `namespaces/x/pods` is about pods; `namespaces/x/status` about the namespace.
            if parts.get(2).is_some_and(|below| below != "status" && below != "finalize") {
                info.in_namespace = true;
                parts.drain(..2);
            }
        }
        let mut parts = parts.into_iter();
        info.resource = parts.next().unwrap_or_default();
        info.name = parts.next().unwrap_or_default();
        info.subresource = parts.next().unwrap_or_default();
        info.rest = parts.collect();
        info.is_named = !info.name.is_empty();
        verb(method, &info, query).clone_into(&mut info.verb);
        // `?fieldSelector=metadata.name=x` asks for one object: so do rights with resourceNames see it.
        if matches!(info.verb.as_str(), "list" | "watch") && !info.is_named && !info.is_old_watch {
            query.get("fieldSelector").and_then(only_name).unwrap_or_default().clone_into(&mut info.name);
        }
        info
    }
}

/// The verb, by method and path.
fn verb(method: &Method, info: &RequestInfo, query: &Query) -> &'static str {
    match *method {
        _ if info.is_old_watch => "watch",
        Method::POST => "create",
        Method::GET | Method::HEAD if info.is_named => "get",
        Method::GET | Method::HEAD if query.is_true("watch") => "watch",
        Method::GET | Method::HEAD => "list",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE if info.is_named => "delete",
        Method::DELETE => "deletecollection",
        _ => "",
    }
}

/// The name that a field selector asks for, if it asks for exactly one that may stand in a path.
fn only_name(selector: &str) -> Option<&str> {
    let mut names = selector
        .split(',')
        .filter_map(|term| term.trim().strip_prefix("metadata.name="))
        .map(|name| name.trim_start_matches('='));
    names.next().filter(|name| !matches!(*name, "" | "." | "..") && !name.contains(['/', '%']))
}
