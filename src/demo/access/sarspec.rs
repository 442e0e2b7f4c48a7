//! The spec of an access review: its known fields and its faults (upstream: `pkg/apis/authorization/validation`).

use serde_json::{Map, Value, json};

use super::super::object::{Meta, Object};
use super::super::status::FieldFault;
use super::review::Review;

/// The fields that the type has, without those that are empty.
fn pick(value: &Value, fields: &[&str]) -> Value {
    let mut map = Map::new();
    for field in fields {
        let found = value.get(field).filter(|found| match found {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(list) => !list.is_empty(),
            _ => true,
        });
        if let Some(found) = found {
            map.insert((*field).to_owned(), found.clone());
        }
    }
    Value::Object(map)
}

/// The spec as the server decodes and encodes it: unknown and empty fields are gone.
pub(super) fn known(spec: &Value, review: Review) -> Value {
    let fields: &[&str] = match review {
        Review::SelfSubject => &["resourceAttributes", "nonResourceAttributes"],
        Review::Subject | Review::Local => {
            &["resourceAttributes", "nonResourceAttributes", "user", "groups", "extra", "uid"]
        }
    };
    let mut out = pick(spec, fields);
    if let Some(about) = out.get_mut("resourceAttributes") {
        let fields = ["namespace", "verb", "group", "version", "resource", "subresource", "name"];
        let mut picked = pick(about, &[&fields[..], &["fieldSelector", "labelSelector"]].concat());
        for selector in ["fieldSelector", "labelSelector"] {
            if let Some(selector) = picked.get_mut(selector) {
                *selector = pick(selector, &["rawSelector", "requirements"]);
            }
        }
        *about = picked;
    }
    if let Some(about) = out.get_mut("nonResourceAttributes") {
        *about = pick(about, &["path", "verb"]);
    }
    out
}

/// The faults of a review whose spec holds only [`known`] fields.
pub(super) fn faults(review: Review, object: &Object) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    let about = object.at(&["spec", "resourceAttributes"]);
    let path = object.at(&["spec", "nonResourceAttributes"]);
    // Upstream prints its internal type.
    let text = |key: &str| path.and_then(|path| path.text(&[key])).unwrap_or_default();
    let printed = path.map_or(Value::Null, |_| json!({"Path": text("path"), "Verb": text("verb")}));
    if about.is_some() == path.is_some() {
        let said = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
        faults.push(FieldFault::invalid("spec", &printed, said));
    }
    if review != Review::SelfSubject
        && object.text(&["spec", "user"]).is_none()
        && object.list(&["spec", "groups"]).is_empty()
    {
        faults.push(FieldFault::invalid("spec.user", &json!(""), "at least one of user or group must be specified"));
    }
    for selector in ["fieldSelector", "labelSelector"] {
        if let Some(value) = about.and_then(|about| about.get(selector)) {
            selector_faults(&mut faults, selector, value);
        }
    }
    let local = review == Review::Local;
    let metadata = object.at(&["metadata"]).and_then(Value::as_object);
    let spare = |(key, _): (&String, &Value)| key != "managedFields" && !(local && key == "namespace");
    if metadata.is_some_and(|metadata| metadata.iter().any(spare)) {
        let said = if local { "must be empty except for namespace" } else { "must be empty" };
        faults.push(FieldFault::invalid("metadata", object.at(&["metadata"]).unwrap_or(&Value::Null), said));
    }
    if local {
        let namespace = about.map(|about| about.text(&["namespace"]).unwrap_or_default());
        if let Some(namespace) = namespace.filter(|namespace| *namespace != object.namespace()) {
            let field = "spec.resourceAttributes.namespace";
            faults.push(FieldFault::invalid(field, &json!(namespace), "must match metadata.namespace"));
        }
        if path.is_some() {
            let said = "disallowed on this kind of request";
            faults.push(FieldFault::invalid("spec.nonResourceAttributes", &printed, said));
        }
    }
    faults
}

fn selector_faults(faults: &mut Vec<FieldFault>, which: &str, selector: &Value) {
    let at = format!("spec.resourceAttributes.{which}");
    let raw = selector.text(&["rawSelector"]).unwrap_or_default();
    let requirements = selector.list(&["requirements"]);
    if !raw.is_empty() && !requirements.is_empty() {
        let said = "may not specified at the same time as requirements";
        faults.push(FieldFault::invalid(format!("{at}.rawSelector"), &json!(raw), said));
    }
    if raw.is_empty() && requirements.is_empty() {
        let said = format!("when {at} is specified, requirements or rawSelector is required");
        faults.push(FieldFault::required(format!("{at}.requirements"), &said));
    }
    for (index, requirement) in requirements.iter().enumerate() {
        let at = format!("{at}.requirements[{index}]");
        let values = requirement.list(&["values"]);
        match requirement.text(&["operator"]).unwrap_or_default() {
            "In" | "NotIn" if values.is_empty() => {
                let said = "must be specified when `operator` is 'In' or 'NotIn'";
                faults.push(FieldFault::required(format!("{at}.values"), said));
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let said = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                faults.push(FieldFault::forbidden(format!("{at}.values"), said));
            }
            _ => {}
        }
        if requirement.text(&["key"]).unwrap_or_default().is_empty() {
            key_faults(faults, which, &format!("{at}.key"));
        }
    }
}

fn key_faults(faults: &mut Vec<FieldFault>, which: &str, at: &str) {
    if which == "fieldSelector" {
        faults.push(FieldFault::required(at, "must be specified"));
        return;
    }
    let regex = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    let shape = format!(
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
         alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{regex}')"
    );
    for said in ["name part must be non-empty", &shape] {
        faults.push(FieldFault::invalid(at, &json!(""), said));
    }
}

/// What is said of requirements that the server does not understand (upstream: `BuildEvaluationError`). RBAC ignores
/// selectors, so they never change the answer. Of raw selectors only those without any operator are told.
pub(super) fn evaluation_error(spec: &Value) -> Option<String> {
    let mut said = Vec::new();
    for (which, known) in
        [("fieldSelector", &["In", "NotIn"][..]), ("labelSelector", &["In", "NotIn", "Exists", "DoesNotExist"][..])]
    {
        let requirements = spec.list(&["resourceAttributes", which, "requirements"]);
        let good = requirements.iter().filter(|requirement| {
            let single = which != "fieldSelector" || requirement.list(&["values"]).len() == 1;
            single && known.contains(&requirement.text(&["operator"]).unwrap_or_default())
        });
        let good = good.count();
        let raw = spec.text(&["resourceAttributes", which, "rawSelector"]).unwrap_or_default();
        let bad_raw = which == "fieldSelector" && raw.split(',').any(|term| !term.is_empty() && !term.contains('='));
        if good < requirements.len() || bad_raw {
            let partially = if good > 0 { "partially " } else { "" };
            said.push(format!("spec.resourceAttributes.{which} {partially}ignored due to parse error"));
        }
    }
    (!said.is_empty()).then(|| said.join("; "))
}
