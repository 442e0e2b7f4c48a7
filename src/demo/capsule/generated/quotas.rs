//! Quotas of a tenant. Those of scope Tenant are spread over its namespaces, as `resourcequotas.go`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{QUOTAS, items, md5, write};
use crate::demo::object::{Meta as _, Object};
use crate::demo::quantity::Quantity;
use crate::demo::registry::{Caller, Registry};
use crate::demo::schema::Era;
use crate::demo::status::Status;

const HARD: &str = "quota.capsule.clastix.io/hard-";
const USED: &str = "quota.capsule.clastix.io/used-";

/// Makes and mends the quotas, and answers how that went in each namespace; those of scope Tenant get what is left for them
/// once they are there.
pub(super) fn reconcile(
    registry: &mut Registry,
    by: &Caller,
    tenant: &Object,
    namespaces: &[String],
) -> Vec<Result<(), Status>> {
    let scope = tenant.text(&["spec", "resourceQuotas", "scope"]).unwrap_or_default().to_owned();
    let items = items(tenant, &QUOTAS);
    let mut fill = |namespace: &str, index: usize, item: &Value| {
        write(registry, by, tenant, &QUOTAS, namespace, index, |quota| {
            for field in ["scopes", "scopeSelector"] {
                match item.get(field) {
                    Some(value) => quota.set(&["spec", field], value.clone()),
                    None => drop(quota.unset(&["spec", field])),
                }
            }
            if scope == "Namespace" {
                quota.set(&["spec", "hard"], item.get("hard").cloned().unwrap_or_else(|| Map::new().into()));
            }
        })
    };
    let in_each =
        |namespace: &String| items.iter().enumerate().try_for_each(|(index, item)| fill(namespace, index, item));
    let written = namespaces.iter().map(in_each).collect();
    if scope == "Tenant" {
        for (index, item) in items.iter().enumerate() {
            spread(registry, by, tenant, index, item);
        }
    }
    written
}

/// Writes into each namespace's quota what the whole tenant uses and may use, and what is left.
fn spread(registry: &mut Registry, by: &Caller, tenant: &Object, index: usize, item: &Value) {
    let era = registry.era;
    let limits = quantities(item.get("hard"));
    let label = match era {
        Era::V0_14 => super::NEW_TENANT_LABEL,
        Era::V0_4 => super::TENANT_LABEL,
    };
    let index = index.to_string();
    let all: Vec<Object> = registry
        .list(QUOTAS.resource, None)
        .filter(|quota| quota.label(label) == Some(tenant.name()) && quota.label(QUOTAS.label) == Some(index.as_str()))
        .collect();
    let used: Vec<_> = all.iter().map(|quota| quantities(quota.at(&["status", "used"]))).collect();
    let mut hards: Vec<_> = all.iter().map(|quota| quantities(quota.at(&["spec", "hard"]))).collect();
    let mut notes: BTreeMap<String, String> = BTreeMap::new();
    if era == Era::V0_14 {
        for hard in &mut hards {
            hard.retain(|name, _| limits.contains_key(name));
        }
    }
    for (name, limit) in &limits {
        let total = used.iter().filter_map(|used| used.get(name)).fold(Quantity::ZERO, |sum, one| sum.plus(*one));
        notes.insert(annotation(USED, name), total.to_string());
        notes.insert(annotation(HARD, name), limit.to_string());
        for (hard, used) in hards.iter_mut().zip(&used) {
            let here = used.get(name).copied();
            match (total >= *limit, here, era) {
                (true, Some(here), _) => drop(hard.insert(name.clone(), here)),
                // A quota that has not been counted yet is closed altogether.
                (true, None, _) => *hard = BTreeMap::from([(name.clone(), Quantity::ZERO)]),
                (false, here, Era::V0_14) => {
                    let left = limit.minus(total).plus(here.unwrap_or(Quantity::ZERO));
                    hard.insert(name.clone(), left);
                }
                (false, _, Era::V0_4) => {
                    hard.insert(name.clone(), *limit);
                    hard.retain(|name, _| limits.contains_key(name));
                }
            }
        }
    }
    if limits.is_empty() && era == Era::V0_4 {
        return;
    }
    for (quota, hard) in all.iter().zip(hards) {
        let hard: Map<String, Value> = hard.into_iter().map(|(name, value)| (name, value.to_string().into())).collect();
        registry.change(by, QUOTAS.resource, "", quota.namespace(), quota.name(), |quota| {
            let annotations = quota.map_mut(&["metadata", "annotations"]);
            annotations.retain(|key, _| !(key.starts_with(HARD) || key.starts_with(USED)) || notes.contains_key(key));
            annotations.extend(notes.iter().map(|(key, value)| (key.clone(), value.clone().into())));
            if annotations.is_empty() {
                quota.unset(&["metadata", "annotations"]);
            }
            // Equal amounts stay as they are written.
            if quantities(quota.at(&["spec", "hard"])) != quantities(Some(&Value::Object(hard.clone()))) {
                quota.set(&["spec", "hard"], hard);
            }
        });
    }
}

/// A map of quantities; what is none is left out.
fn quantities(map: Option<&Value>) -> BTreeMap<String, Quantity> {
    let amount = |value: &Value| match value {
        Value::String(text) => Quantity::parse(text),
        Value::Number(number) => Quantity::parse(&number.to_string()),
        _ => None,
    };
    map.and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), amount(value)?)))
        .collect()
}

/// The annotation about a resource; the names of long ones are hashed, as `tenant_annotations.go`.
fn annotation(prefix: &str, resource: &str) -> String {
    let resource = resource.replace('/', "_");
    let plain = format!("{prefix}{resource}");
    if plain.len() <= 63 {
        return plain;
    }
    format!("{prefix}{}", md5::hex(resource.as_bytes()))
}
