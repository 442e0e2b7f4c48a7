//! Lists whole objects, page by page.

use http::Request;
use serde::Deserialize;
use serde_json::Value;

use super::gate::{Class, Gate};
use super::review::request;
use crate::plan::ObjectRef;
use crate::world::resource::Resource;
use crate::world::trouble::Trouble;

/// How many objects are asked for at once.
const PAGE: usize = 500;

/// All objects of a kind, in one namespace or in all, that a label selector chooses (empty: all), each saying what it is.
pub async fn list(
    gate: &Gate,
    resource: &Resource,
    namespace: Option<&str>,
    selector: &str,
) -> Result<Vec<(ObjectRef, Value)>, Trouble> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(default)]
        metadata: Head,
        #[serde(default)]
        items: Vec<Value>,
    }
    #[derive(Default, Deserialize)]
    struct Head {
        #[serde(default, rename = "continue")]
        next: Option<String>,
    }
    let place = namespace.map(|namespace| format!(" in {namespace}")).unwrap_or_default();
    let doing = format!("list {resource}{place}");
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let mut uri = format!("{}?limit={PAGE}", resource.path(namespace));
        for (key, value) in [("labelSelector", selector), ("continue", &next)] {
            if !value.is_empty() {
                uri.extend(["&", key, "=", &encode(value)]);
            }
        }
        let page: Page = gate.ask(Class::Read, request(Request::get(uri), Vec::new())?, &doing).await?;
        for mut item in page.items {
            // The items of a list do not say what they are.
            item["apiVersion"] = resource.api_version().into();
            item["kind"] = resource.kind.as_str().into();
            let text = |key: &str| item.pointer(&format!("/metadata/{key}")).and_then(Value::as_str);
            let Some(name) = text("name") else { continue };
            found.push((ObjectRef::of(resource, text("namespace").or(namespace), name), item));
        }
        match page.metadata.next {
            Some(more) if !more.is_empty() => next = more,
            _ => return Ok(found),
        }
    }
}

/// A text as a value of a query (percent-encoding, RFC 3986).
pub fn encode(text: &str) -> String {
    let hex = |digit: u8| char::from(if digit < 10 { b'0' + digit } else { b'A' - 10 + digit });
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    out
}
