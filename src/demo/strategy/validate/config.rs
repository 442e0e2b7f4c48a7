//! Config maps and secrets.

use base64::Engine as _;
use serde_json::Value;

use super::super::names;
use super::{Faults, invalid, invalid_each, required, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::status::FieldFault;

const LIMIT: usize = 1 << 20;

pub(super) fn config_map(object: &Object, faults: &mut Faults) {
    keys(object, "data", faults);
    for key in value_at(object, &["data"]).as_object().into_iter().flat_map(|map| map.keys()) {
        if object.at(&["binaryData", key]).is_some() {
            let says = "duplicate of key present in binaryData";
            invalid(faults, format!("data[{key}]"), &key.as_str().into(), says);
        }
    }
    keys(object, "binaryData", faults);
    let size: usize = strings(object, "data").map(str::len).sum::<usize>()
        + strings(object, "binaryData").map(|text| text.len() / 4 * 3).sum::<usize>();
    too_long(size, "", faults);
}

pub(super) fn secret(object: &Object, faults: &mut Faults) {
    keys(object, "data", faults);
    too_long(strings(object, "data").map(|text| text.len() / 4 * 3).sum(), "data", faults);
    let must: &[&str] = match text(object, &["type"]) {
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/basic-auth" => {
            if ["username", "password"].iter().all(|key| object.at(&["data", key]).is_none()) {
                for key in ["username", "password"] {
                    required(faults, format!("data[{key}]"), "");
                }
            }
            &[]
        }
        "kubernetes.io/service-account-token" => {
            if text(object, &["metadata", "annotations", "kubernetes.io/service-account.name"]).is_empty() {
                required(faults, "metadata.annotations[kubernetes.io/service-account.name]", "");
            }
            &[]
        }
        _ => &[],
    };
    for key in must {
        let field = format!("data[{key}]");
        match object.text(&["data", key]) {
            None => required(faults, field, ""),
            Some("") if *key == "ssh-privatekey" => required(faults, field, ""),
            Some(given) if key.starts_with(".docker") => {
                if let Some(says) = docker_fault(given) {
                    invalid(faults, field, &"<secret contents redacted>".into(), &says);
                }
            }
            Some(_) => {}
        }
    }
}

/// Why the text of a registry's credentials is no JSON object, in the words of Go's decoder where they are the same for every
/// text; nothing if it is one.
fn docker_fault(given: &str) -> Option<String> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(given).unwrap_or_default();
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(_) | Value::Null) => None,
        Ok(other) => {
            let kind = match other {
                Value::Bool(_) => "bool",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                _ => "array",
            };
            Some(format!("json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"))
        }
        Err(error) if error.is_eof() => Some("unexpected end of JSON input".to_owned()),
        Err(error) => {
            // Go names the letter that it stumbled over.
            let at = error.column().saturating_sub(1);
            let line = bytes.split(|byte| *byte == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
            let letter = line.get(at).map_or(' ', |byte| char::from(*byte));
            Some(format!("invalid character {letter:?} in the text"))
        }
    }
}

fn strings<'a>(object: &'a Object, field: &str) -> impl Iterator<Item = &'a str> {
    value_at(object, &[field]).as_object().into_iter().flat_map(|map| map.values()).filter_map(Value::as_str)
}

fn keys(object: &Object, field: &str, faults: &mut Faults) {
    let mut all: Vec<&String> = value_at(object, &[field]).as_object().into_iter().flat_map(|map| map.keys()).collect();
    // Go's maps have no order; letters before dots reads best.
    all.sort_by_key(|key| key.starts_with('.'));
    for key in all {
        invalid_each(faults, &format!("{field}[{key}]"), key, names::config_key(key));
    }
}

fn too_long(size: usize, field: &str, faults: &mut Faults) {
    if size > LIMIT {
        let what = format!("Too long: may not be more than {LIMIT} bytes");
        faults.push(FieldFault { reason: "FieldValueTooLong", field: field.to_owned(), what });
    }
}
