//! What had better be known before a small change is applied, and what only the rest of the cluster tells: whose a host is by
//! now.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use super::create;
use super::work::Kinds;
use crate::action::pause::tenant_ref;
use crate::blueprint::facts::{Facts, HOSTS};
use crate::cluster::gate::Gate;
use crate::cluster::write;
use crate::plan::{ObjectRef, Plan};
use crate::world::trouble::Trouble;

/// Adds it to what a plan says of itself. `word`: the change, as the command line names it.
pub async fn warn(
    gate: &Gate,
    kinds: &Kinds,
    word: &str,
    arguments: &[String],
    plan: &mut Plan,
) -> Result<(), Trouble> {
    if word != "host+" {
        return Ok(());
    }
    let facts = create::facts(gate, kinds).await?;
    let objects: Vec<ObjectRef> = plan.steps().map(|step| step.object.clone()).collect();
    for host in arguments {
        for object in &objects {
            plan.summary.extend(taken(&facts, object, host));
        }
    }
    plan.summary
        .extend(facts.unread.get(HOSTS).map(|why| format!("whether somebody has it already is not known: {why}")));
    let tenants: BTreeSet<&str> = objects.iter().filter_map(|object| tenant(&facts, object)).collect();
    // To the tenant itself it is just being allowed.
    for name in tenants.into_iter().filter(|_| objects.iter().all(|object| object.kind != "Tenant")) {
        if let Ok(now) = write::read(gate, &tenant_ref(name)).await {
            plan.summary.extend(arguments.iter().filter_map(|host| forbidden(&now, name, host)));
        }
    }
    Ok(())
}

/// The tenant that an object is, or is of.
fn tenant<'a>(facts: &'a Facts, object: &'a ObjectRef) -> Option<&'a str> {
    match &object.namespace {
        None => Some(&object.name),
        Some(namespace) => facts.namespaces.get(namespace)?.as_deref(),
    }
}

/// Who answers for a host already: another object of the same tenant's, or anything of anybody else's.
fn taken(facts: &Facts, object: &ObjectRef, host: &str) -> Option<String> {
    let title = object.title();
    let of = tenant(facts, object);
    let is_own = |namespace: &str, known: &str| {
        let is_its = of.is_some() && facts.namespaces.get(namespace).and_then(Option::as_deref) == of;
        known == title || (is_its && object.namespace.is_none())
    };
    facts.taken(host, is_own)
}

/// Why a tenant may not use a host, as its list of hosts has it; what else Capsule refuses, its dry run says.
fn forbidden(tenant: &Value, name: &str, host: &str) -> Option<String> {
    let allowed = tenant.pointer("/spec/ingressOptions/allowedHostnames")?;
    let listed = allowed.get("allowed").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let listed: Vec<&str> = listed.collect();
    let pattern = allowed.get("allowedRegex").and_then(Value::as_str).filter(|pattern| !pattern.is_empty());
    let fits = pattern.is_some_and(|pattern| Regex::new(pattern).map_or(true, |pattern| pattern.is_match(host)));
    if listed.contains(&host) || fits || (listed.is_empty() && pattern.is_none()) {
        return None;
    }
    let may: Vec<String> =
        listed.into_iter().map(str::to_owned).chain(pattern.map(|one| format!("what looks like {one}"))).collect();
    Some(format!(
        "the tenant {name} may not use {host}, but {}: put the cursor on the tenant and add it there first (`:host+ {host}`)",
        may.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blueprint::hosts::Host;
    use serde_json::json;

    #[test]
    fn hosts_of_others_are_named() {
        let mut facts = Facts::default();
        for (space, tenant) in [("oil-web", Some("oil")), ("gas-web", Some("gas")), ("free", None)] {
            facts.namespaces.insert(space.to_owned(), tenant.map(str::to_owned));
        }
        let host = |name: &str, kind: &str, space: &str| Host {
            name: name.to_owned(),
            object: format!("{kind} {space}/site"),
            namespace: space.to_owned(),
        };
        facts.hosts = vec![
            host("a.de", "Ingress", "gas-web"),
            host("*.b.de", "HTTPRoute", "free"),
            host("c.de", "Ingress", "oil-web"),
        ];
        let ingress =
            |name: &str| ObjectRef::namespaced("/apis/networking.k8s.io/v1", "ingresses", "Ingress", "oil-web", name);
        let said = |object: &ObjectRef, name: &str| taken(&facts, object, name);
        assert_eq!(
            said(&ingress("site"), "a.de").as_deref(),
            Some("a.de is taken by Ingress gas-web/site of the tenant gas")
        );
        assert_eq!(
            said(&ingress("site"), "x.b.de").as_deref(),
            Some("x.b.de is taken by HTTPRoute free/site of no tenant, where it is covered by *.b.de")
        );
        assert_eq!(said(&ingress("site"), "c.de"), None, "it is its own");
        assert!(said(&ingress("other"), "c.de").is_some_and(|words| words.contains("of the tenant oil")));
        let oil = tenant_ref("oil");
        assert_eq!((said(&oil, "c.de"), said(&oil, "a.de").is_some()), (None, true));
    }

    #[test]
    fn what_a_tenant_may_not_use_is_told() {
        let tenant = |allowed: Value| json!({"spec": {"ingressOptions": {"allowedHostnames": allowed}}});
        let said = |allowed: Value, host: &str| forbidden(&tenant(allowed), "oil", host);
        assert!(said(json!({"allowed": ["a.de"]}), "b.de").is_some_and(|words| words.contains("but a.de:")));
        assert_eq!(said(json!({"allowed": ["a.de"]}), "a.de"), None);
        assert_eq!(said(json!({"allowedRegex": "^.*\\.a\\.de$"}), "x.a.de"), None);
        assert!(said(json!({"allowedRegex": "^.*\\.a\\.de$"}), "a.com").is_some());
        assert_eq!(said(json!({}), "b.de"), None);
        assert_eq!(forbidden(&json!({"spec": {}}), "oil", "b.de"), None);
    }
}
