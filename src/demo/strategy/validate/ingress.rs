//! Ingresses and their classes (`pkg/apis/networking/validation`).

use serde_json::Value;

use super::super::names;
use super::{Faults, forbidden, invalid, invalid_each, items, required, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::status::FieldFault;

pub(super) fn ingress(old: Option<&Object>, object: &Object, faults: &mut Faults) {
    let spec = value_at(object, &["spec"]);
    if spec.list(&["rules"]).is_empty() && spec.at(&["defaultBackend"]).is_none() {
        let says = "either `defaultBackend` or `rules` must be specified";
        invalid(faults, "spec", &Value::Null, says);
    }
    if let Some(one) = spec.at(&["defaultBackend"]) {
        backend(one, "spec.defaultBackend", faults);
    }
    for (at, rule) in items(spec, &["rules"]) {
        let here = format!("spec.rules[{at}]");
        host(text(rule, &["host"]), &format!("{here}.host"), true, faults);
        if rule.at(&["http"]).is_some() && rule.list(&["http", "paths"]).is_empty() {
            required(faults, format!("{here}.http.paths"), "");
        }
        for (at, one) in items(rule, &["http", "paths"]) {
            path(one, &format!("{here}.http.paths[{at}]"), faults);
        }
    }
    for (at, tls) in items(spec, &["tls"]) {
        for (of, name) in items(tls, &["hosts"]) {
            let (name, field) = (name.as_str().unwrap_or_default(), format!("spec.tls[{at}].hosts[{of}]"));
            if name.is_empty() {
                invalid_each(faults, &field, name, names::dns_subdomain(name));
            }
            host(name, &field, false, faults);
        }
        // Where one was let in before the rule came, others are too.
        if !old.is_some_and(names_no_secret) {
            let secret = text(tls, &["secretName"]);
            invalid_each(faults, &format!("spec.tls[{at}].secretName"), secret, unsound_secret(secret));
        }
    }
    let class = text(spec, &["ingressClassName"]);
    if !class.is_empty() {
        invalid_each(faults, "spec.ingressClassName", class, names::dns_subdomain(class));
    }
}

fn names_no_secret(ingress: &Object) -> bool {
    ingress.list(&["spec", "tls"]).iter().any(|tls| !unsound_secret(text(tls, &["secretName"])).is_empty())
}

fn unsound_secret(name: &str) -> Vec<String> {
    if name.is_empty() { Vec::new() } else { names::dns_subdomain(name) }
}

fn host(name: &str, field: &str, checks_address: bool, faults: &mut Faults) {
    if name.is_empty() {
        return;
    }
    if checks_address && name.parse::<std::net::IpAddr>().is_ok() {
        invalid(faults, field, &name.into(), "must be a DNS name, not an IP address");
        return;
    }
    let said = if name.contains('*') { names::wildcard_subdomain(name) } else { names::dns_subdomain(name) };
    invalid_each(faults, field, name, said);
}

fn path(one: &Value, here: &str, faults: &mut Faults) {
    let path = text(one, &["path"]);
    match text(one, &["pathType"]) {
        "" if one.text(&["pathType"]).is_none() => {
            return required(faults, format!("{here}.pathType"), "pathType must be specified");
        }
        "Exact" | "Prefix" => {
            if !path.starts_with('/') {
                invalid(faults, format!("{here}.path"), &path.into(), "must be an absolute path");
            }
            for part in ["//", "/./", "/../", "%2f", "%2F"] {
                if path.contains(part) {
                    invalid(faults, format!("{here}.path"), &path.into(), &format!("must not contain '{part}'"));
                }
            }
            for end in ["/..", "/."] {
                if path.ends_with(end) {
                    invalid(faults, format!("{here}.path"), &path.into(), &format!("cannot end with '{end}'"));
                }
            }
        }
        "ImplementationSpecific" => {
            if !path.is_empty() && !path.starts_with('/') {
                invalid(faults, format!("{here}.path"), &path.into(), "must be an absolute path");
            }
        }
        other => {
            let known = ["Exact", "ImplementationSpecific", "Prefix"];
            faults.push(FieldFault::unsupported(format!("{here}.pathType"), &other.into(), &known));
        }
    }
    backend(value_at(one, &["backend"]), &format!("{here}.backend"), faults);
}

fn backend(one: &Value, here: &str, faults: &mut Faults) {
    match (one.get("resource"), one.get("service")) {
        (Some(_), Some(_)) => invalid(faults, here, &"".into(), "cannot set both resource and service backends"),
        (Some(_), None) => {}
        (None, None) => invalid(faults, here, &"".into(), "resource or service backend is required"),
        (None, Some(service)) => {
            let name = text(service, &["name"]);
            if name.is_empty() {
                required(faults, format!("{here}.service.name"), "");
            } else {
                invalid_each(faults, &format!("{here}.service.name"), name, names::dns_label(name));
            }
            let (port, number) =
                (text(service, &["port", "name"]), service.int(&["port", "number"]).unwrap_or_default());
            match (port.is_empty(), number) {
                (false, 0) => invalid_each(faults, &format!("{here}.service.port.name"), port, names::port_name(port)),
                (false, _) => invalid(faults, here, &"".into(), "cannot set both port name & port number"),
                (true, 0) => required(faults, here, "port name or number is required"),
                (true, number) => super::container::port_number(number, &format!("{here}.service.port.number"), faults),
            }
        }
    }
}

pub(super) fn class(object: &Object, faults: &mut Faults) {
    let controller = text(object, &["spec", "controller"]);
    if controller.len() > 250 {
        let what = "Too long: may not be more than 250 bytes".to_owned();
        faults.push(FieldFault { reason: "FieldValueTooLong", field: "spec.controller".to_owned(), what });
    }
    match controller.split_once('/') {
        _ if controller.is_empty() => required(faults, "spec.controller", ""),
        Some((host, path)) if !host.is_empty() && !path.is_empty() => {
            invalid_each(faults, "spec.controller", host, names::dns_subdomain(host));
        }
        _ => {
            let says = "must be a domain-prefixed path (such as \"acme.io/foo\")";
            invalid(faults, "spec.controller", &controller.into(), says);
        }
    }
    if let Some(parameters) = object.at(&["spec", "parameters"]) {
        for part in ["kind", "name"] {
            if text(parameters, &[part]).is_empty() {
                required(faults, format!("spec.parameters.{part}"), "");
            }
        }
        if text(parameters, &["scope"]) == "Cluster" && parameters.at(&["namespace"]).is_some() {
            forbidden(faults, "spec.parameters.namespace", "`parameters.scope` is set to 'Cluster'");
        }
    }
}
