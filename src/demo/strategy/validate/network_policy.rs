//! Network policies (`pkg/apis/networking/validation`).

use serde_json::Value;

use super::super::names;
use super::{Faults, container, forbidden, invalid, invalid_each, items, required, selector, text, value_at};
use crate::demo::object::{Meta as _, Object};
use crate::demo::status::FieldFault;

pub(super) fn check(object: &Object, faults: &mut Faults) {
    selector::check(value_at(object, &["spec", "podSelector"]), "spec.podSelector", faults);
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for (at, rule) in items(object, &["spec", direction]) {
            let here = format!("spec.{direction}[{at}]");
            for (at, port) in items(rule, &["ports"]) {
                one_port(port, &format!("{here}.ports[{at}]"), faults);
            }
            for (at, peer) in items(rule, &[peers]) {
                one_peer(peer, &format!("{here}.{peers}[{at}]"), faults);
            }
        }
    }
    for (at, of) in items(object, &["spec", "policyTypes"]) {
        let of = of.as_str().unwrap_or_default();
        super::one_of(faults, format!("spec.policyTypes[{at}]"), of, &["Ingress", "Egress"]);
    }
}

fn one_port(port: &Value, here: &str, faults: &mut Faults) {
    let protocol = text(port, &["protocol"]);
    if !matches!(protocol, "TCP" | "UDP" | "SCTP") {
        faults.push(FieldFault::unsupported(format!("{here}.protocol"), &protocol.into(), &["TCP", "UDP", "SCTP"]));
    }
    match value_at(port, &["port"]) {
        Value::Number(number) => {
            let number = number.as_i64().unwrap_or_default();
            container::port_number(number, &format!("{here}.port"), faults);
            if let Some(end) = port.int(&["endPort"]) {
                if end < number {
                    invalid(faults, format!("{here}.endPort"), &end.into(), "must be greater than or equal to `port`");
                }
                container::port_number(end, &format!("{here}.endPort"), faults);
            }
        }
        Value::String(name) => {
            if port.at(&["endPort"]).is_some() {
                let says = "may not be specified when `port` is non-numeric";
                invalid(faults, format!("{here}.endPort"), value_at(port, &["endPort"]), says);
            }
            invalid_each(faults, &format!("{here}.port"), name, names::port_name(name));
        }
        _ if port.at(&["endPort"]).is_some() => {
            let says = "must be specified";
            required(faults, format!("{here}.port"), says);
        }
        _ => {}
    }
}

fn one_peer(peer: &Value, here: &str, faults: &mut Faults) {
    let mut count = 0;
    for part in ["podSelector", "namespaceSelector"] {
        if let Some(one) = peer.get(part) {
            count += 1;
            selector::check(one, &format!("{here}.{part}"), faults);
        }
    }
    if let Some(block) = peer.get("ipBlock") {
        cidr(block, &format!("{here}.ipBlock"), faults);
        if count > 0 {
            forbidden(faults, here, "may not specify both ipBlock and another peer");
        }
    } else if count == 0 {
        required(faults, here, "must specify a peer");
    }
}

fn parse(text: &str) -> Option<(std::net::IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    let (address, bits): (std::net::IpAddr, u8) = (address.parse().ok()?, bits.parse().ok()?);
    (bits <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, bits))
}

fn cidr(block: &Value, here: &str, faults: &mut Faults) {
    const SAYS: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
    let given = text(block, &["cidr"]);
    if given.is_empty() {
        return required(faults, format!("{here}.cidr"), "");
    }
    let Some((base, bits)) = parse(given) else {
        return invalid(faults, format!("{here}.cidr"), &given.into(), SAYS);
    };
    for (at, except) in items(block, &["except"]) {
        let field = format!("{here}.except[{at}]");
        match except.as_str().and_then(parse) {
            None => invalid(faults, field, except, SAYS),
            Some((inner, length)) => {
                if length <= bits || !is_within(base, bits, inner) {
                    invalid(faults, field, except, "must be a strict subset of `cidr`");
                }
            }
        }
    }
}

fn is_within(base: std::net::IpAddr, bits: u8, inner: std::net::IpAddr) -> bool {
    let wide = |address: std::net::IpAddr| match address {
        std::net::IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        std::net::IpAddr::V6(address) => u128::from(address),
    };
    let shift = 128 - u32::from(bits);
    base.is_ipv4() == inner.is_ipv4() && (wide(base) ^ wide(inner)).checked_shr(shift).unwrap_or_default() == 0
}
