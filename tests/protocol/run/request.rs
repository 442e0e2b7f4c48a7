//! A step as a request.

use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Request};
use kube::client::Body;
use serde_json::Value;
use tenantry_cluster::Failure;

use crate::run::variables::Variables;
use crate::topic::{Step, Who};

/// The default field manager is made of it.
const AGENT: &str = "protocol";

/// Whose client is used.
pub fn identity(step: &Step) -> &str {
    match &step.who {
        Who::Named(name) if !name.starts_with("sa:") => name,
        _ => "admin",
    }
}

/// The request of a step; `line` is its method and path.
pub fn made(step: &Step, line: &str, known: &Variables) -> Result<Request<Body>, Failure> {
    let (method, path) = line.split_once(' ').ok_or_else(|| Failure::new(format!("{line} is no method and path")))?;
    let path = known.text(path)?;
    let (body, media_type) = body(step, known)?;
    let wrong = |error: http::Error| Failure::new(error.to_string());
    let mut request = Request::builder().method(method).uri(&path).body(body).map_err(wrong)?;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    let accept = step.accept.map_or("application/json", |accept| accept.media_type());
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    if let Some(media_type) = media_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    for (name, value) in impersonated(&step.who) {
        headers.append(HeaderName::from_static(name), header(&value)?);
    }
    for (name, value) in &step.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|error| Failure::new(error.to_string()))?;
        if value.is_empty() {
            headers.remove(name);
        } else {
            headers.insert(name, header(&known.text(value)?)?);
        }
    }
    Ok(request)
}

fn header(value: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(value).map_err(|error| Failure::new(error.to_string()))
}

fn impersonated(who: &Who) -> Vec<(&'static str, String)> {
    const USER: &str = "impersonate-user";
    match who {
        Who::Named(name) => match name.strip_prefix("sa:").and_then(|account| account.split_once('/')) {
            Some((namespace, name)) => vec![(USER, format!("system:serviceaccount:{namespace}:{name}"))],
            None => Vec::new(),
        },
        Who::Impersonated { user, groups } => {
            let groups = groups.iter().map(|group| ("impersonate-group", group.clone()));
            [(USER, user.clone())].into_iter().chain(groups).collect()
        }
    }
}

/// The body and its media type.
fn body(step: &Step, known: &Variables) -> Result<(Body, Option<&'static str>), Failure> {
    let json = step.patch.map_or("application/json", |patch| patch.media_type());
    if let Some(raw) = &step.raw {
        return Ok((Body::from(raw.clone().into_bytes()), Some(json)));
    }
    let value = match (&step.body, &step.change) {
        (Some(body), _) => known.value(body)?,
        (None, Some(change)) => {
            let mut value = known.body(&change.of)?.clone();
            for pointer in &change.remove {
                remove(&mut value, pointer);
            }
            for (pointer, new) in &change.set {
                set(&mut value, pointer, known.value(new)?);
            }
            value
        }
        (None, None) => return Ok((Body::empty(), None)),
    };
    let bytes = serde_json::to_vec(&value).map_err(|error| Failure::new(error.to_string()))?;
    Ok((Body::from(bytes), Some(json)))
}

fn remove(value: &mut Value, pointer: &str) {
    let Some((above, last)) = pointer.rsplit_once('/') else { return };
    match value.pointer_mut(above) {
        Some(Value::Object(map)) => drop(map.remove(&last.replace("~1", "/").replace("~0", "~"))),
        Some(Value::Array(list)) => {
            if let Some(index) = last.parse().ok().filter(|index: &usize| *index < list.len()) {
                list.remove(index);
            }
        }
        _ => {}
    }
}

fn set(value: &mut Value, pointer: &str, new: Value) {
    let Some((above, last)) = pointer.rsplit_once('/') else { return };
    if value.pointer(above).is_none() {
        set(value, above, Value::Object(serde_json::Map::new()));
    }
    match value.pointer_mut(above) {
        Some(Value::Object(map)) => drop(map.insert(last.replace("~1", "/").replace("~0", "~"), new)),
        Some(Value::Array(list)) => match last.parse::<usize>() {
            Ok(index) if index < list.len() => list[index] = new,
            _ => list.push(new),
        },
        _ => {}
    }
}
