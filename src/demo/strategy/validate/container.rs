//! Containers, their ports, environment, probes and resources.

use serde_json::Value;

use super::super::names;
use super::{
    Faults, forbidden, invalid, invalid_each, items, nonnegative, one_of, required, resources, text, value_at, volume,
};
use crate::demo::object::Meta as _;
use crate::demo::status::FieldFault;

pub(super) fn check(spec: &Value, field: &str, volumes: &[String], faults: &mut Faults) {
    if spec.list(&["containers"]).is_empty() {
        required(faults, format!("{field}.containers"), "");
    }
    let mut known = Vec::new();
    for list in ["containers", "initContainers"] {
        for (at, container) in items(spec, &[list]) {
            let here = format!("{field}.{list}[{at}]");
            common(container, &here, volumes, faults);
            let name = text(container, &["name"]);
            if known.contains(&name) {
                faults.push(FieldFault::duplicate(format!("{here}.name"), &name.into()));
            }
            known.push(name);
            for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
                if let Some(one) = container.get(name) {
                    probe(one, &format!("{here}.{name}"), name != "readinessProbe", faults);
                }
            }
        }
    }
}

fn common(container: &Value, here: &str, volumes: &[String], faults: &mut Faults) {
    let name = text(container, &["name"]);
    if name.is_empty() {
        required(faults, format!("{here}.name"), "");
    } else {
        invalid_each(faults, &format!("{here}.name"), name, names::dns_label(name));
    }
    if text(container, &["image"]).is_empty() {
        required(faults, format!("{here}.image"), "");
    }
    let policy = text(container, &["terminationMessagePolicy"]);
    if !policy.is_empty() {
        one_of(faults, format!("{here}.terminationMessagePolicy"), policy, &["File", "FallbackToLogsOnError"]);
    }
    ports(container, here, faults);
    env(container, here, faults);
    volume::mounts(container, here, volumes, faults);
    let policy = text(container, &["imagePullPolicy"]);
    if !policy.is_empty() {
        one_of(faults, format!("{here}.imagePullPolicy"), policy, &["Always", "IfNotPresent", "Never"]);
    }
    resources::of_container(value_at(container, &["resources"]), &format!("{here}.resources"), faults);
}

fn ports(container: &Value, here: &str, faults: &mut Faults) {
    let mut known = Vec::new();
    for (at, port) in items(container, &["ports"]) {
        let here = format!("{here}.ports[{at}]");
        let name = text(port, &["name"]);
        if !name.is_empty() {
            let said = names::port_name(name);
            if !said.is_empty() {
                let said = said.into_iter().map(|one| one.replace("15 bytes", "15 characters")).collect();
                invalid_each(faults, &format!("{here}.name"), name, said);
            } else if known.contains(&name) {
                faults.push(FieldFault::duplicate(format!("{here}.name"), &name.into()));
            } else {
                known.push(name);
            }
        }
        match port.int(&["containerPort"]).unwrap_or_default() {
            0 => required(faults, format!("{here}.containerPort"), ""),
            number => port_number(number, &format!("{here}.containerPort"), faults),
        }
        if let Some(number) = port.int(&["hostPort"]).filter(|number| *number != 0) {
            port_number(number, &format!("{here}.hostPort"), faults);
        }
        let protocol = text(port, &["protocol"]);
        if !protocol.is_empty() {
            one_of(faults, format!("{here}.protocol"), protocol, &["SCTP", "TCP", "UDP"]);
        }
    }
}

pub(super) fn port_number(number: i64, field: &str, faults: &mut Faults) {
    for detail in names::port_number(number) {
        invalid(faults, field, &number.into(), &detail);
    }
}

fn env(container: &Value, here: &str, faults: &mut Faults) {
    for (at, one) in items(container, &["env"]) {
        let here = format!("{here}.env[{at}]");
        let name = text(one, &["name"]);
        if name.is_empty() {
            required(faults, format!("{here}.name"), "");
        } else if !name.chars().all(|letter| (' '..='~').contains(&letter) && letter != '=') {
            let says =
                "a valid environment variable name must consist only of printable ASCII characters other than '='";
            invalid(faults, format!("{here}.name"), &name.into(), says);
        }
        let Some(from) = one.get("valueFrom") else { continue };
        let count = from.as_object().map_or(0, |map| map.values().filter(|value| !value.is_null()).count());
        let says = if count == 0 {
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        } else if !text(one, &["value"]).is_empty() {
            "may not be specified when `value` is not empty"
        } else if count > 1 {
            "may not have more than one field specified at a time"
        } else {
            continue;
        };
        invalid(faults, format!("{here}.valueFrom"), &"".into(), says);
    }
}

fn probe(probe: &Value, here: &str, is_once: bool, faults: &mut Faults) {
    let handlers: Vec<&str> =
        ["exec", "httpGet", "tcpSocket", "grpc"].into_iter().filter(|name| probe.get(*name).is_some()).collect();
    for (at, name) in handlers.iter().enumerate() {
        let field = format!("{here}.{name}");
        if at > 0 {
            forbidden(faults, field, "may not specify more than 1 handler type");
            continue;
        }
        match (*name, value_at(probe, &[name, "port"])) {
            ("exec", _) if probe.list(&["exec", "command"]).is_empty() => {
                required(faults, format!("{field}.command"), "");
            }
            (_, Value::Number(number)) => {
                port_number(number.as_i64().unwrap_or_default(), &format!("{field}.port"), faults);
            }
            (_, Value::String(name)) => invalid_each(faults, &format!("{field}.port"), name, names::port_name(name)),
            _ => {}
        }
    }
    if handlers.is_empty() {
        required(faults, here, "must specify a handler type");
    }
    for part in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
        nonnegative(faults, probe, &[part], format!("{here}.{part}"));
    }
    if let Some(times) = probe.int(&["successThreshold"]).filter(|times| is_once && *times != 1) {
        invalid(faults, format!("{here}.successThreshold"), &times.into(), "must be 1");
    }
}
