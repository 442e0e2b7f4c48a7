//! Config maps and secrets.

use serde_json::Value;

use super::super::names;
use super::{Faults, invalid_each, required, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::status::FieldFault;

const LIMIT: usize = 1 << 20;

pub(super) fn config_map(object: &Object, faults: &mut Faults) {
    for field in ["data", "binaryData"] {
        keys(object, field, faults);
    }
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
        if object.at(&["data", key]).is_none() {
            required(faults, format!("data[{key}]"), "");
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
