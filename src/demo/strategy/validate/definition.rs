//! CustomResourceDefinitions: their names and versions (`apiextensions/validation`). Their schemas are not looked into.

use serde_json::Value;

use super::super::names;
use super::{Faults, invalid, items, one_of, required, text, value_at};
use crate::demo::object::{Meta as _, Object};

pub(super) fn check(object: &Object, faults: &mut Faults) {
    let spec = value_at(object, &["spec"]);
    let (plural, group) = (text(spec, &["names", "plural"]), text(spec, &["group"]));
    if object.name() != format!("{plural}.{group}") {
        invalid(faults, "metadata.name", &object.name().into(), "must be spec.names.plural+\".\"+spec.group");
    }
    if group.is_empty() {
        required(faults, "spec.group", "");
    } else {
        let said = names::dns_subdomain(group).join(",");
        if !said.is_empty() {
            invalid(faults, "spec.group", &group.into(), &said);
        } else if !group.contains('.') {
            invalid(faults, "spec.group", &group.into(), "should be a domain with at least one dot");
        }
    }
    let scope = text(spec, &["scope"]);
    if scope.is_empty() {
        required(faults, "spec.scope", "");
    } else {
        one_of(faults, "spec.scope", scope, &["Cluster", "Namespaced"]);
    }
    versions(spec, faults);
    for name in ["plural", "singular", "kind", "listKind"] {
        if text(spec, &["names", name]).is_empty() {
            required(faults, format!("spec.names.{name}"), "");
        }
    }
    spelling(spec, faults);
    stored(object, faults);
}

fn versions(spec: &Value, faults: &mut Faults) {
    for (at, version) in items(spec, &["versions"]) {
        if version.at(&["schema", "openAPIV3Schema"]).is_none_or(Value::is_null) {
            required(faults, format!("spec.versions[{at}].schema.openAPIV3Schema"), "");
        }
    }
    let mut known = Vec::new();
    let mut is_unique = true;
    for (at, version) in items(spec, &["versions"]) {
        let name = text(version, &["name"]);
        is_unique &= !known.contains(&name);
        known.push(name);
        let said = names::dns_1035_label(name).join(",");
        if !said.is_empty() {
            invalid(faults, format!("spec.versions[{at}].name"), &name.into(), &said);
        }
    }
    let all = value_at(spec, &["versions"]);
    if !is_unique {
        invalid(faults, "spec.versions", all, "must contain unique version names");
    }
    if items(spec, &["versions"]).filter(|(_, version)| version.flag(&["storage"])).count() != 1 {
        invalid(faults, "spec.versions", all, "must have exactly one version marked as storage version");
    }
}

/// As `ValidateCustomResourceDefinitionNames`.
fn spelling(spec: &Value, faults: &mut Faults) {
    let part = |name: &str| text(spec, &["names", name]);
    let mut label = |field: String, given: &str, prefix: &str, said: Vec<String>| {
        if !given.is_empty() && !said.is_empty() {
            invalid(faults, field, &given.into(), &format!("{prefix}{}", said.join(",")));
        }
    };
    for name in ["plural", "singular"] {
        label(format!("spec.names.{name}"), part(name), "", names::dns_1035_label(part(name)));
    }
    for name in ["kind", "listKind"] {
        let said = names::dns_1035_label(&part(name).to_lowercase());
        label(format!("spec.names.{name}"), part(name), "may have mixed case, but should otherwise match: ", said);
    }
    for list in ["shortNames", "categories"] {
        for (at, name) in items(spec, &["names", list]) {
            let given = name.as_str().unwrap_or_default();
            label(format!("spec.names.{list}[{at}]"), given, "", names::dns_1035_label(given));
        }
    }
    if !part("kind").is_empty() && part("kind") == part("listKind") {
        invalid(faults, "spec.names.listKind", &part("listKind").into(), "kind and listKind may not be the same");
    }
}

fn stored(object: &Object, faults: &mut Faults) {
    let all = value_at(object, &["status", "storedVersions"]);
    if object.list(&["status", "storedVersions"]).is_empty() {
        invalid(faults, "status.storedVersions", all, "must have at least one stored version");
    }
    for (at, version) in items(object, &["status", "storedVersions"]) {
        if !items(object, &["spec", "versions"]).any(|(_, one)| one.get("name") == Some(version)) {
            let name = version.as_str().unwrap_or_default();
            let says = format!(
                "missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {name} and removes {name} from status.storedVersions"
            );
            invalid(faults, format!("status.storedVersions[{at}]"), version, &says);
        }
    }
}
