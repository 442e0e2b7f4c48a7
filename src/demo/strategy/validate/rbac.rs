//! Roles and bindings (`pkg/apis/rbac/validation`).

use serde_json::Value;

use super::{Faults, invalid, items, required, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::status::FieldFault;

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn check(resource: &str, is_new: bool, object: &Object, faults: &mut Faults) {
    match resource {
        "roles" | "clusterroles" => rules(object, resource == "roles", faults),
        _ => binding(object, is_new, resource == "rolebindings", faults),
    }
}

fn rules(role: &Object, is_namespaced: bool, faults: &mut Faults) {
    for (at, rule) in items(role, &["rules"]) {
        let here = format!("rules[{at}]");
        let urls = rule.list(&["nonResourceURLs"]);
        if !urls.is_empty() {
            let shown = value_at(rule, &["nonResourceURLs"]);
            if is_namespaced {
                invalid(
                    faults,
                    format!("{here}.nonResourceURLs"),
                    shown,
                    "namespaced rules cannot apply to non-resource URLs",
                );
            }
            if ["apiGroups", "resources", "resourceNames"].iter().any(|part| !rule.list(&[part]).is_empty()) {
                let says = "rules cannot apply to both regular resources and non-resource URLs";
                invalid(faults, format!("{here}.nonResourceURLs"), shown, says);
            }
            continue;
        }
        if rule.list(&["apiGroups"]).is_empty() {
            required(faults, format!("{here}.apiGroups"), "resource rules must supply at least one api group");
        }
        if rule.list(&["resources"]).is_empty() {
            required(faults, format!("{here}.resources"), "resource rules must supply at least one resource");
        }
    }
    // Declared on the type, and so after the others.
    for (at, rule) in items(role, &["rules"]) {
        if rule.list(&["verbs"]).is_empty() {
            required(faults, format!("rules[{at}].verbs"), "");
        }
    }
}

fn binding(binding: &Object, is_new: bool, is_namespaced: bool, faults: &mut Faults) {
    let group = text(binding, &["roleRef", "apiGroup"]);
    if group != GROUP {
        faults.push(FieldFault::unsupported("roleRef.apiGroup", &group.into(), &[GROUP]));
    }
    let kinds: &[&str] = if is_namespaced { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    super::one_of(faults, "roleRef.kind", text(binding, &["roleRef", "kind"]), kinds);
    let name = text(binding, &["roleRef", "name"]);
    if name.is_empty() && !is_new {
        required(faults, "roleRef.name", "");
    } else if !name.is_empty() {
        super::invalid_each(faults, "roleRef.name", name, super::super::names::path_segment(name));
    }
    for (at, subject) in items(binding, &["subjects"]) {
        one(subject, &format!("subjects[{at}]"), is_namespaced, faults);
    }
}

/// What is declared on the types of bindings; of a role that may not change the older check tells.
pub(super) fn declared(binding: &Object, is_new: bool, faults: &mut Faults) {
    for (at, subject) in items(binding, &["subjects"]) {
        if text(subject, &["name"]).is_empty() {
            required(faults, format!("subjects[{at}].name"), "");
        }
    }
    if is_new && text(binding, &["roleRef", "name"]).is_empty() {
        required(faults, "roleRef.name", "");
    }
}

fn one(subject: &Value, here: &str, is_namespaced: bool, faults: &mut Faults) {
    let (group, kind) = (text(subject, &["apiGroup"]), text(subject, &["kind"]));
    let wanted = match kind {
        "ServiceAccount" => {
            let name = text(subject, &["name"]);
            if !name.is_empty() {
                super::invalid_each(faults, &format!("{here}.name"), name, super::super::names::dns_subdomain(name));
            }
            ""
        }
        "User" | "Group" => GROUP,
        _ => {
            let known = ["ServiceAccount", "User", "Group"];
            faults.push(FieldFault::unsupported(format!("{here}.kind"), &kind.into(), &known));
            return;
        }
    };
    if group != wanted {
        faults.push(FieldFault::unsupported(format!("{here}.apiGroup"), &group.into(), &[wanted]));
    }
    if kind == "ServiceAccount" && !is_namespaced && text(subject, &["namespace"]).is_empty() {
        required(faults, format!("{here}.namespace"), "");
    }
}
