//! Ingresses: classes, hostnames, collisions, wildcards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::allowed::{Allowed, matches};
use super::{Case, Refusal, Verdict};
use crate::demo::capsule::TENANTS;
use crate::demo::object::{Meta as _, Object};
use crate::demo::schema::Era;

/// The annotation that named the class before `spec.ingressClassName`.
pub(super) const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";

/// In upstream's order.
pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let pairs = pairs(case.object);
    class(case)?;
    hostnames(case, &pairs)?;
    collision(case, &pairs)?;
    wildcard(case, &pairs)
}

/// The class that an Ingress names.
pub(super) fn class_of(ingress: &Object) -> Option<&str> {
    ingress.text(&["spec", "ingressClassName"]).or_else(|| ingress.annotation(CLASS_ANNOTATION))
}

/// The paths of each host; of an empty host too.
fn pairs(ingress: &Object) -> BTreeMap<String, BTreeSet<String>> {
    let mut pairs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in ingress.list(&["spec", "rules"]) {
        let paths = pairs.entry(rule.text(&["host"]).unwrap_or_default().to_owned()).or_default();
        for path in rule.list(&["http", "paths"]) {
            paths.insert(path.text(&["path"]).unwrap_or_default().to_owned());
        }
    }
    pairs
}

fn class(case: &Case<'_>) -> Verdict {
    let Some(allowed) = Allowed::of(case.tenant, &["spec", "ingressOptions", "allowedClasses"]) else { return Ok(()) };
    let is_old = case.era() == Era::V0_4;
    let Some(class) = class_of(case.object) else {
        let note = if is_old {
            format!("Ingress {} is missing IngressClass", case.place())
        } else {
            "ingress is missing ingressclass".to_owned()
        };
        let advice = allowed.advice(&allowed.exact());
        let text = format!(
            "No Ingress Class is forbidden for the current Tenant. Specify a Ingress Class which is allowed within the Tenant: \
             {advice}"
        );
        return Err(Refusal::told("MissingIngressClass", note, text));
    };
    let is_selected = || {
        let found = case.registry.look("ingressclasses.networking.k8s.io", "", class);
        allowed.selects() && found.is_some_and(|found| allowed.selects_object(&found))
    };
    if allowed.default() == class || allowed.names(class) || is_selected() {
        return Ok(());
    }
    let note = if is_old {
        // The old era prints the address of the name.
        format!("Ingress {} IngressClass %!s(**string=0xc000a1e0f8) is forbidden for the current Tenant", case.place())
    } else {
        format!("ingressclass {class} is forbidden for the elected tenant")
    };
    let advice = allowed.advice(&allowed.sorted());
    let text = format!("Ingress Class {class} is forbidden for the current Tenant: {advice}");
    Err(Refusal::told("ForbiddenIngressClass", note, text))
}

fn hostnames(case: &Case<'_>, pairs: &BTreeMap<String, BTreeSet<String>>) -> Verdict {
    let Some(allowed) = Allowed::of(case.tenant, &["spec", "ingressOptions", "allowedHostnames"]) else {
        return Ok(());
    };
    let is_old = case.era() == Era::V0_4;
    let place = format!("{}/{}", case.object.namespace(), case.object.name());
    if pairs.contains_key("") {
        let note =
            if is_old { format!("Ingress {place} hostname is empty") } else { "ingress hostname is empty".to_owned() };
        let text = format!("empty hostname is not allowed for the current Tenant{}", hostname_advice(allowed));
        return Err(Refusal::told("IngressHostnameEmpty", note, text).into_error());
    }
    let hosts: Vec<&str> = pairs.keys().map(String::as_str).collect();
    let text = if is_old { old_hostnames(allowed, &hosts) } else { new_hostnames(allowed, &hosts) };
    let Some(text) = text else { return Ok(()) };
    let note = if is_old {
        format!("Ingress {place} hostname is not valid")
    } else {
        "ingress hostname is not valid".to_owned()
    };
    Err(Refusal::told("IngressHostnameNotValid", note, text))
}

/// What is wrong with the hosts: each must be listed or match.
fn new_hostnames(allowed: Allowed<'_>, hosts: &[&str]) -> Option<String> {
    let exact = allowed.exact();
    let is_fine = |host: &str| exact.contains(&host) || (!allowed.regex().is_empty() && matches(allowed.regex(), host));
    let wrong: Vec<&str> = hosts.iter().copied().filter(|host| !is_fine(host)).collect();
    (!wrong.is_empty()).then(|| {
        let advice = hostname_advice(allowed);
        format!("Hostnames [{}] are not valid for the current Tenant{advice}", wrong.join(" "))
    })
}

/// What is wrong with the hosts: all must be listed, or the last one must match.
fn old_hostnames(allowed: Allowed<'_>, hosts: &[&str]) -> Option<String> {
    let exact = allowed.exact();
    let unlisted: Vec<&str> = hosts.iter().copied().filter(|host| !exact.contains(host)).collect();
    let is_listed = !hosts.is_empty() && unlisted.is_empty();
    let (mut unmatched, mut is_matched) = (Vec::new(), false);
    if !allowed.regex().is_empty() {
        for host in hosts {
            is_matched = matches(allowed.regex(), host);
            if !is_matched {
                unmatched.push(*host);
            }
        }
        is_matched |= unmatched.is_empty();
    }
    (!is_listed && !is_matched).then(|| {
        format!(
            "Hostnames [{}] are not valid for the current Tenant. Hostnames [{}] not matching for the current Tenant{}",
            unlisted.join(" "),
            unmatched.join(" "),
            hostname_advice(allowed)
        )
    })
}

fn hostname_advice(allowed: Allowed<'_>) -> String {
    let mut advice = String::new();
    let exact = allowed.exact();
    if !exact.is_empty() {
        advice.push_str(", specify one of the following (");
        advice.push_str(&exact.join(", "));
        advice.push(')');
    }
    if !allowed.regex().is_empty() {
        advice.push_str(", or matching the regex ");
        advice.push_str(allowed.regex());
    }
    advice
}

fn collision(case: &Case<'_>, pairs: &BTreeMap<String, BTreeSet<String>>) -> Verdict {
    let scope = case.tenant.text(&["spec", "ingressOptions", "hostnameCollisionScope"]).unwrap_or_default();
    let here = case.object.namespace();
    let namespaces: BTreeSet<String> = match scope {
        "Cluster" => case.registry.list(TENANTS, None).flat_map(|tenant| members(&tenant)).collect(),
        "Tenant" => members(case.tenant).into_iter().collect(),
        "Namespace" => BTreeSet::from([here.to_owned()]),
        _ => return Ok(()),
    };
    let others: Vec<Object> = namespaces
        .iter()
        .flat_map(|namespace| case.registry.list("ingresses.networking.k8s.io", Some(namespace)))
        .filter(|other| other.namespace() != here || other.name() != case.object.name())
        .collect();
    let taken: Vec<_> = others.iter().map(self::pairs).collect();
    for (host, paths) in pairs {
        let is_taken =
            |path: &String| taken.iter().any(|other| other.get(host).is_some_and(|known| known.contains(path)));
        if paths.iter().any(is_taken) {
            let note = match case.era() {
                Era::V0_14 => "ingress hostname is colliding".to_owned(),
                Era::V0_4 => format!("Ingress {here}/{} hostname is colliding", case.object.name()),
            };
            let text = format!(
                "hostname {host} is already used across the cluster: please, reach out to the system administrators"
            );
            return Err(Refusal::told("IngressHostnameCollision", note, text));
        }
    }
    Ok(())
}

/// The namespaces that a tenant's status lists.
fn members(tenant: &Object) -> Vec<String> {
    tenant.list(&["status", "namespaces"]).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn wildcard(case: &Case<'_>, pairs: &BTreeMap<String, BTreeSet<String>>) -> Verdict {
    if case.tenant.flag(&["spec", "ingressOptions", "allowWildcardHostnames"])
        || !pairs.keys().any(|host| host.starts_with('*'))
    {
        return Ok(());
    }
    let kind = format!("{}, Kind={}", case.review.kind.api_version(), case.review.kind.kind);
    let note = format!("{kind} {} cannot be {}", case.place(), case.review.operation.name().to_lowercase());
    let tenant = case.tenant.name();
    Err(match case.era() {
        Era::V0_14 => Refusal::told("WildcardDenied", note, format!("Wildcard denied for tenant {tenant}")),
        Era::V0_4 => Refusal::told("Wildcard denied", note, format!("Wildcard denied for tenant {tenant}\n")),
    })
}
