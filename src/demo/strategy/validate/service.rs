//! Services (`ValidateService`).

use std::net::IpAddr;

use serde_json::{Value, json};

use super::super::names;
use super::{Faults, container, forbidden, invalid, invalid_each, items, meta, one_of, required, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::status::FieldFault;

pub(super) fn check(service: &Object, faults: &mut Faults) {
    let spec = value_at(service, &["spec"]);
    let ports = spec.list(&["ports"]);
    let (of, is_headless) = (text(spec, &["type"]), text(spec, &["clusterIP"]) == "None");
    if ports.is_empty() && !is_headless && of != "ExternalName" {
        required(faults, "spec.ports", "");
    }
    match of {
        "LoadBalancer" if is_headless => {
            invalid(faults, "spec.clusterIPs[0]", &"None".into(), "may not be set to 'None' for LoadBalancer services");
        }
        "NodePort" if is_headless => {
            invalid(faults, "spec.clusterIPs[0]", &"None".into(), "may not be set to 'None' for NodePort services");
        }
        "ExternalName" => {
            if !text(spec, &["clusterIP"]).is_empty() {
                forbidden(faults, "spec.clusterIPs", "may not be set for ExternalName services");
            }
            let name = text(spec, &["externalName"]);
            if name.is_empty() {
                required(faults, "spec.externalName", "");
            } else {
                let name = name.strip_suffix('.').unwrap_or(name);
                invalid_each(faults, "spec.externalName", name, names::dns_subdomain(name));
            }
        }
        _ => {}
    }
    let mut known = Vec::new();
    for (at, port) in items(spec, &["ports"]) {
        one_port(port, &format!("spec.ports[{at}]"), ports.len() > 1, &mut known, faults);
    }
    meta::labels(value_at(spec, &["selector"]), "spec.selector", faults);
    let affinity = text(spec, &["sessionAffinity"]);
    if affinity.is_empty() {
        required(faults, "spec.sessionAffinity", "");
    } else {
        one_of(faults, "spec.sessionAffinity", affinity, &["ClientIP", "None"]);
    }
    for (at, address) in items(spec, &["externalIPs"]) {
        external(address, &format!("spec.externalIPs[{at}]"), faults);
    }
    one_of(faults, "spec.type", of, &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
    for (at, port) in items(spec, &["ports"]) {
        let same = |other: &&Value| {
            other.get("port") == port.get("port") && text(other, &["protocol"]) == text(port, &["protocol"])
        };
        if ports.iter().take(at).any(|other| same(&other)) {
            let protocol: Value = text(port, &["protocol"]).into();
            let number = port.get("port").cloned().unwrap_or_else(|| json!(0));
            // Upstream shows its internal struct with the two fields that must be unique.
            let shown = format!(
                "{{\"Name\":\"\",\"Protocol\":{protocol},\"AppProtocol\":null,\"Port\":{number},\"TargetPort\":0,\"NodePort\":0}}"
            );
            let what = format!("Duplicate value: {shown}");
            faults.push(FieldFault { reason: "FieldValueDuplicate", field: format!("spec.ports[{at}]"), what });
        }
    }
}

/// An address from outside (`IsValidIPForLegacyField`, then `ValidateEndpointIP`).
fn external(address: &Value, here: &str, faults: &mut Faults) {
    let Ok(ip) = address.as_str().unwrap_or_default().parse::<IpAddr>() else {
        return invalid(faults, here, address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    };
    let (is_local, is_local_multicast) = match ip {
        IpAddr::V4(ip) => (ip.is_link_local(), ip.octets().starts_with(&[224, 0, 0])),
        IpAddr::V6(ip) => (ip.is_unicast_link_local(), ip.segments()[0] & 0xff0f == 0xff02),
    };
    let shown = address.as_str().unwrap_or_default();
    for (is, what) in [
        (ip.is_unspecified(), format!("may not be unspecified ({shown})")),
        (ip.is_loopback(), "may not be in the loopback range (127.0.0.0/8, ::1/128)".to_owned()),
        (is_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)".to_owned()),
        (is_local_multicast, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)".to_owned()),
    ] {
        if is {
            invalid(faults, here, address, &what);
        }
    }
}

fn one_port<'a>(port: &'a Value, here: &str, is_named: bool, known: &mut Vec<&'a str>, faults: &mut Faults) {
    let name = text(port, &["name"]);
    if name.is_empty() {
        if is_named {
            required(faults, format!("{here}.name"), "");
        }
    } else {
        invalid_each(faults, &format!("{here}.name"), name, names::dns_label(name));
        if known.contains(&name) {
            faults.push(FieldFault::duplicate(format!("{here}.name"), &name.into()));
        }
        known.push(name);
    }
    container::port_number(port.int(&["port"]).unwrap_or_default(), &format!("{here}.port"), faults);
    let protocol = text(port, &["protocol"]);
    if protocol.is_empty() {
        required(faults, format!("{here}.protocol"), "");
    } else {
        one_of(faults, format!("{here}.protocol"), protocol, &["SCTP", "TCP", "UDP"]);
    }
    match value_at(port, &["targetPort"]) {
        Value::Number(number) => {
            container::port_number(number.as_i64().unwrap_or_default(), &format!("{here}.targetPort"), faults);
        }
        Value::String(name) => invalid_each(faults, &format!("{here}.targetPort"), name, names::port_name(name)),
        _ => {}
    }
}
