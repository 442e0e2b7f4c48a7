//! Services: types, labels and annotations, external addresses.

use std::net::IpAddr;

use serde_json::Value;

use super::allowed::forbidden_key;
use super::{Case, Refusal, Verdict};
use crate::demo::object::Meta as _;
use crate::demo::schema::Era;

/// In upstream's order.
pub(super) fn judge(case: &Case<'_>) -> Verdict {
    kind(case)?;
    if case.era() == Era::V0_14 {
        metadata(case)?;
    }
    addresses(case)
}

fn kind(case: &Case<'_>) -> Verdict {
    let kind = case.object.text(&["spec", "type"]).unwrap_or_default();
    let (switch, reason, new_note) = match kind {
        "NodePort" => ("nodePort", "ForbiddenNodePort", "Cannot be type of nodeport for the tenant"),
        "ExternalName" => ("externalName", "ForbiddenExternalName", "cannot be type of externalname for the tenant"),
        "LoadBalancer" => ("loadBalancer", "ForbiddenLoadBalancer", "cannot be type of loadbalancer for the tenant"),
        _ => return Ok(()),
    };
    if case.tenant.at(&["spec", "serviceOptions", "allowedServices", switch]) != Some(&Value::Bool(false)) {
        return Ok(());
    }
    let note = match case.era() {
        Era::V0_14 => new_note.to_owned(),
        Era::V0_4 => format!("Service {} cannot be type of {kind} for the current Tenant", case.place()),
    };
    let text =
        format!("{kind} service types are forbidden for the tenant: please, reach out to the system administrators");
    Err(Refusal::told(reason, note, text))
}

fn metadata(case: &Case<'_>) -> Verdict {
    for (part, list, reason) in [
        ("annotations", "forbiddenAnnotations", "ForbiddenAnnotation"),
        ("labels", "forbiddenLabels", "ForbiddenLabel"),
    ] {
        let list = case.tenant.at(&["spec", "serviceOptions", list]);
        if let Some(said) = forbidden_key(case.object.at(&["metadata", part]), list) {
            let text = format!("{part} validation failed: {said}");
            return Err(Refusal::told(reason, text.clone(), text));
        }
    }
    Ok(())
}

fn addresses(case: &Case<'_>) -> Verdict {
    let Some(list) = case.tenant.at(&["spec", "serviceOptions", "externalIPs"]).filter(|list| list.is_object()) else {
        return Ok(());
    };
    let allowed: Vec<&str> = list.list(&["allowed"]).iter().filter_map(Value::as_str).collect();
    for text in case.object.list(&["spec", "externalIPs"]).iter().filter_map(Value::as_str) {
        let address = text.parse::<IpAddr>().ok().map(|address| address.to_canonical());
        if address.is_some_and(|address| allowed.iter().any(|network| contains(network, address))) {
            continue;
        }
        let shown = address.map_or_else(|| "<nil>".to_owned(), |address| address.to_string());
        let note = match case.era() {
            Era::V0_14 => format!("external ip {shown} is forbidden for the tenant"),
            Era::V0_4 => {
                format!("Service {} external IP {shown} is forbidden for the current Tenant", case.place())
            }
        };
        let text = if allowed.is_empty() {
            "The current Tenant does not allow the use of Service with external IPs".to_owned()
        } else {
            let networks = allowed.join(", ");
            format!(
                "The selected external IPs for the current Service are violating the following enforced CIDRs: {networks}"
            )
        };
        return Err(Refusal::told("ForbiddenExternalServiceIP", note, text));
    }
    Ok(())
}

/// Whether a network such as `10.0.0.0/8` has an address. A lone address is a network of 32 bits, as upstream has it.
fn contains(network: &str, address: IpAddr) -> bool {
    let (base, bits) = network.split_once('/').unwrap_or((network, "32"));
    let (Ok(base), Ok(bits)) = (base.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    let is_equal = |one: u128, other: u128, width: u32| {
        bits <= width && (bits == 0 || one >> (width - bits) == other >> (width - bits))
    };
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => is_equal(u32::from(base).into(), u32::from(address).into(), 32),
        (IpAddr::V6(base), IpAddr::V6(address)) => is_equal(base.into(), address.into(), 128),
        _ => false,
    }
}
