//! Labels and annotations that a tenant's namespaces must not, or must, have.

use std::fmt::Write as _;

use regex::Regex;
use serde_json::{Map, Value};

use super::refusing;
use crate::demo::capsule::deny;
use crate::demo::capsule::event::{self, Told};
use crate::demo::object::{Meta as _, Object};
use crate::demo::registry::{Operation, Registry, Review};
use crate::demo::schema::Era;
use crate::demo::status::Status;

/// Refuses forbidden keys that a request brings in, and missing ones (0.14).
pub fn check(registry: &mut Registry, review: &Review<'_>, tenant: &Object, namespace: &Object) -> Result<(), Status> {
    for (part, singular, option, reason) in [
        ("annotations", "annotation", "forbiddenAnnotations", "ForbiddenAnnotation"),
        ("labels", "label", "forbiddenLabels", "ForbiddenLabel"),
    ] {
        let empty = Map::new();
        let now = namespace.at(&["metadata", part]).and_then(Value::as_object).unwrap_or(&empty);
        let before = review.old.and_then(|old| old.at(&["metadata", part])?.as_object()).unwrap_or(&empty);
        let rule = tenant.at(&["spec", "namespaceOptions", option]);
        if let Some(rule) = rule {
            for key in now.keys().filter(|key| before.get(*key) != now.get(*key)) {
                if is_forbidden(rule, key) {
                    return Err(refuse(registry, review, tenant, namespace, (key, singular, reason), rule));
                }
            }
        }
        let required = tenant.at(&["spec", "namespaceOptions", "requiredMetadata", part]).and_then(Value::as_object);
        for (key, pattern) in required.into_iter().flatten() {
            require(registry, singular, key, pattern.as_str().unwrap_or_default(), now, review)?;
        }
    }
    Ok(())
}

fn is_forbidden(rule: &Value, key: &str) -> bool {
    let by_name = rule.list(&["denied"]).iter().any(|denied| denied == key);
    let by_pattern = rule
        .text(&["deniedRegex"])
        .filter(|text| !text.is_empty())
        .and_then(|text| Regex::new(text).ok())
        .is_some_and(|pattern| pattern.is_match(key));
    by_name || by_pattern
}

/// What is forbidden, in the webhook's words.
fn list(rule: &Value, is_new: bool) -> String {
    let denied: Vec<&str> = rule.list(&["denied"]).iter().filter_map(Value::as_str).collect();
    let mut text = String::from("Forbidden are ");
    if !denied.is_empty() {
        let _ = write!(text, "one of the following ({})", denied.join(", "));
    }
    if let Some(pattern) = rule.text(&["deniedRegex"]).filter(|text| !text.is_empty()) {
        if !denied.is_empty() {
            text.push_str(if is_new { " or " } else { ", or " });
        }
        let _ = write!(text, "matching the regex {pattern}");
    }
    text
}

fn refuse(
    registry: &mut Registry,
    review: &Review<'_>,
    tenant: &Object,
    namespace: &Object,
    (key, singular, reason): (&str, &str, &str),
    rule: &Value,
) -> Status {
    let webhook = refusing(registry.era);
    let list = list(rule, registry.era == Era::V0_14);
    if registry.era == Era::V0_14 {
        let text = format!("{key} is forbidden for the current Tenant. {list}");
        let told = Told { action: "ValidationDenied", reason, note: &text, warning: true };
        event::tell(registry, review, namespace, Some(tenant), &told);
        let said = format!("namespace {singular}s validation failed: {text}");
        return deny::forbidden(webhook, &said);
    }
    let word = if singular == "label" { "Label" } else { "Annotation" };
    let text = format!("{word} {key} is forbidden for namespaces in the current Tenant. {list}");
    event::tell_old(registry, tenant, true, &format!("{reason}s"), &text);
    deny::forbidden(webhook, &text)
}

fn require(
    registry: &Registry,
    singular: &str,
    key: &str,
    pattern: &str,
    now: &Map<String, Value>,
    review: &Review<'_>,
) -> Result<(), Status> {
    let webhook = refusing(registry.era);
    let Some(value) = now.get(key).and_then(Value::as_str) else {
        let was_there = review.old.is_none_or(|old| old.at(&["metadata", &format!("{singular}s"), key]).is_some());
        let text = format!("required {singular} {key:?} not present");
        return if review.operation == Operation::Create || was_there {
            Err(deny::forbidden(webhook, &text))
        } else {
            Ok(())
        };
    };
    match Regex::new(pattern) {
        Ok(regex) if !regex.is_match(value) => {
            let text = format!("required {singular} {key:?} value {value:?} does not match regex {pattern:?}");
            Err(deny::forbidden(webhook, &text))
        }
        _ => Ok(()),
    }
}
