//! Whether what a tenant says can be kept: expressions that compile, names and metadata that may be.
//!
//! The checks, their order and their texts are those of `internal/webhook/tenant/validation` of Capsule 0.14.0 and
//! `pkg/webhook/tenant` of 0.4.2. Expressions are Go's; what this crate's engine reads otherwise is a matter of rare flags.

use regex::Regex;
use serde_json::{Map, Value};

use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::Era;
use crate::demo::strategy::names;

/// The first thing that is wrong with a tenant, as the webhook says it.
pub fn fault(era: Era, old: Option<&Object>, tenant: &Object) -> Option<String> {
    let is_new_era = era == Era::V0_14;
    let metadata = || is_new_era.then(|| added_metadata(tenant)).flatten();
    let required = || is_new_era.then(|| required_metadata(old, tenant)).flatten();
    metadata()
        .or_else(|| subjects(tenant, is_new_era))
        .or_else(|| pattern(tenant, &["spec", "ingressOptions", "allowedClasses"], "ingressClasses"))
        .or_else(|| pattern(tenant, &["spec", "storageClasses"], "storageClasses"))
        .or_else(|| pattern(tenant, &["spec", "containerRegistries"], "containerRegistries"))
        .or_else(|| pattern(tenant, &["spec", "ingressOptions", "allowedHostnames"], "allowedHostnames"))
        .or_else(|| accounts(tenant, is_new_era))
        .or_else(|| forbidden(tenant, is_new_era))
        .or_else(required)
}

fn is_broken(expression: &str) -> bool {
    Regex::new(expression).is_err()
}

fn pattern(tenant: &Object, path: &[&str], name: &str) -> Option<String> {
    let expression = tenant.at(path)?.text(&["allowedRegex"])?;
    is_broken(expression).then(|| format!("unable to compile {name} allowedRegex"))
}

/// Service accounts that are bound have to have names that service accounts can have.
fn subjects(tenant: &Object, is_new_era: bool) -> Option<String> {
    let of_rules = tenant.list(&["spec", "rules"]).iter().flat_map(|rule| rule.list(&["permissions", "bindings"]));
    let bindings = tenant.list(&["spec", "additionalRoleBindings"]).iter().chain(of_rules.filter(|_| is_new_era));
    bindings.into_iter().find_map(|binding| {
        let role = binding.text(&["clusterRoleName"]).unwrap_or_default();
        let accounts =
            binding.list(&["subjects"]).iter().filter(|subject| subject.text(&["kind"]) == Some("ServiceAccount"));
        accounts.into_iter().find_map(|subject| {
            let name = subject.text(&["name"]).unwrap_or_default();
            let said = names::dns_subdomain(name).join(", ");
            (!said.is_empty()).then(|| format!("Subject Name '{name}' for binding '{role}' is invalid. {said}"))
        })
    })
}

/// Owners that are service accounts are named as users, `system:serviceaccount:NAMESPACE:NAME`.
fn accounts(tenant: &Object, is_new_era: bool) -> Option<String> {
    let owners = tenant.list(&["spec", "owners"]).iter();
    let mut names = owners
        .filter(|owner| owner.text(&["kind"]) == Some("ServiceAccount"))
        .filter_map(|owner| owner.text(&["name"]));
    if is_new_era {
        return names
            .find(|name| !is_account(name))
            .map(|_| "Username must be in the form system:serviceaccount:namespace:name".to_owned());
    }
    names
        .find(|name| name.matches(':').count() < 2)
        .map(|name| format!("owner name {name} is not a valid Service Account name "))
}

fn is_account(name: &str) -> bool {
    name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':')).is_some_and(
        |(namespace, name)| names::dns_label(namespace).is_empty() && names::dns_subdomain(name).is_empty(),
    )
}

fn forbidden(tenant: &Object, is_new_era: bool) -> Option<String> {
    let expression = |list: &str| tenant.text(&["spec", "namespaceOptions", list, "deniedRegex"]).unwrap_or_default();
    let (labels, annotations) = (expression("forbiddenLabels"), expression("forbiddenAnnotations"));
    if !is_new_era {
        // Only that of the labels is looked at; it is told as that of whichever comes first.
        return is_broken(labels).then(|| format!("unable to compile {annotations} regex for forbidden annotations"));
    }
    [("annotations", annotations), ("labels", labels)].into_iter().find_map(|(scope, expression)| {
        let why = Regex::new(expression).err()?;
        Some(format!("unable to compile regex {expression:?} for forbidden {scope}: {}", in_go(expression, &why)))
    })
}

/// Go's sentence about an expression that does not compile.
fn in_go(expression: &str, why: &regex::Error) -> String {
    let said = why.to_string();
    for (ours, fault, shown) in [
        ("unclosed group", "missing closing )", expression),
        ("unopened group", "unexpected )", expression),
        (
            "unclosed character class",
            "missing closing ]",
            expression.rfind('[').map_or(expression, |at| &expression[at..]),
        ),
        (
            "repetition operator missing expression",
            "missing argument to repetition operator",
            expression.get(..1).unwrap_or_default(),
        ),
    ] {
        if said.contains(ours) {
            return format!("error parsing regexp: {fault}: `{shown}`");
        }
    }
    format!("error parsing regexp: {}", said.lines().last().unwrap_or_default().trim_start_matches("error: "))
}

/// Required metadata is looked at only when it changes.
fn required_metadata(old: Option<&Object>, tenant: &Object) -> Option<String> {
    let path = ["spec", "namespaceOptions", "requiredMetadata"];
    let said = tenant.at(&path)?;
    if old.is_some_and(|old| old.at(&path) == Some(said)) {
        return None;
    }
    [("labels", "label"), ("annotations", "annotation")].into_iter().find_map(|(list, one)| {
        let mut expressions = said.get(list)?.as_object()?.values().filter_map(Value::as_str);
        expressions.find(|expression| is_broken(expression)).map(|_| format!("unable to compile required {one}"))
    })
}

/// Metadata for namespaces, of which `{{tenant.name}}` and `{{namespace}}` may be a part.
fn added_metadata(tenant: &Object) -> Option<String> {
    const OPTIONS: &str = "spec.namespaceOptions";
    let options = tenant.at(&["spec", "namespaceOptions"])?;
    let mut faults = Vec::new();
    if let Some(metadata) = options.at(&["additionalMetadata"]) {
        metadata_faults(&format!("{OPTIONS}.additionalMetadata"), metadata, &mut faults);
    }
    for (at, item) in options.list(&["additionalMetadataList"]).iter().enumerate() {
        metadata_faults(&format!("{OPTIONS}.additionalMetadataList[{at}].additionalMetadata"), item, &mut faults);
    }
    (!faults.is_empty()).then(|| faults.join("; "))
}

fn metadata_faults(path: &str, metadata: &Value, faults: &mut Vec<String>) {
    let nothing = Map::new();
    let entries = |list: &str| metadata.get(list).and_then(Value::as_object).unwrap_or(&nothing).iter();
    for (key, value) in entries("labels") {
        text_faults(&format!("{path}.labels[{key:?}].key"), key, names::qualified_name, faults);
        let value = value.as_str().unwrap_or_default();
        text_faults(&format!("{path}.labels[{key:?}].value"), value, names::label_value, faults);
    }
    for (key, value) in entries("annotations") {
        text_faults(&format!("{path}.annotations[{key:?}].key"), key, names::qualified_name, faults);
        let value = value.as_str().unwrap_or_default();
        text_faults(&format!("{path}.annotations[{key:?}].value"), value, |_| Vec::new(), faults);
    }
}

/// Checks a text in which templates stand for a word each.
fn text_faults(path: &str, text: &str, check: impl Fn(&str) -> Vec<String>, faults: &mut Vec<String>) {
    match without_templates(text) {
        Ok(plain) => faults.extend(check(&plain).into_iter().map(|fault| format!("{path}: {fault}"))),
        Err(fault) => faults.push(format!("{path}: {fault}")),
    }
}

fn without_templates(text: &str) -> Result<String, String> {
    let malformed = || format!("malformed template {text:?}");
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}").ok_or_else(malformed)?;
        if before.contains("}}") || name.contains(['{', '}']) || name.is_empty() {
            return Err(malformed());
        }
        let name = name.trim();
        if !matches!(name, "tenant.name" | "namespace") {
            let allowed = "{{namespace}}, {{tenant.name}}";
            return Err(format!("unsupported template {name:?} in {text:?}, allowed templates are {allowed}"));
        }
        plain.push_str(before);
        plain.push_str("template");
        rest = behind;
    }
    if rest.contains("}}") {
        return Err(malformed());
    }
    Ok(plain + rest)
}
