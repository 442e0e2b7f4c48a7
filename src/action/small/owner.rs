//! Adds an owner to a tenant, or takes one away.

use serde_json::{Value, json};

use super::{Asked, Small};
use crate::plan::owner::Owner;

/// `:owner+ alice`
pub const OWNER: Small = Small {
    word: "owner+",
    argument: "WHO",
    meaning: "make alice, group:devs or sa:NAMESPACE/NAME an owner of the tenant",
    make: add,
};

/// `:owner- alice`
pub const NO_OWNER: Small =
    Small { word: "owner-", argument: "WHO", meaning: "owner of the tenant no longer", make: remove };

fn add(object: &mut Value, asked: &Asked<'_>) -> Result<(), String> {
    let wanted = named(asked)?;
    let owners = owners(object, asked)?;
    for owner in wanted {
        if owners.iter().any(|known| is(known, &owner)) {
            return Err(format!("{} is an owner already", owner.spelt()));
        }
        owners.push(owner.of_tenant());
    }
    Ok(())
}

fn remove(object: &mut Value, asked: &Asked<'_>) -> Result<(), String> {
    let wanted = named(asked)?;
    let owners = owners(object, asked)?;
    for owner in wanted {
        let at = owners.iter().position(|known| is(known, &owner));
        let at = at.ok_or_else(|| format!("{} is no owner in its spec", owner.spelt()))?;
        if owners.len() == 1 {
            return Err(format!("{} is its only owner: name another first", owner.spelt()));
        }
        owners.remove(at);
    }
    Ok(())
}

/// Who is named.
pub fn named(asked: &Asked<'_>) -> Result<Vec<Owner>, String> {
    if asked.arguments.is_empty() {
        return Err("who? alice, group:devs or sa:NAMESPACE/NAME".to_owned());
    }
    asked.arguments.iter().map(|text| Owner::read(text)).collect()
}

fn owners<'a>(object: &'a mut Value, asked: &Asked<'_>) -> Result<&'a mut Vec<Value>, String> {
    if asked.kind != "Tenant" {
        return Err(format!("a {} has no owners in Capsule's sense: put the cursor on a tenant", asked.kind));
    }
    if object.pointer("/spec/owners").is_none_or(Value::is_null) {
        object["spec"]["owners"] = json!([]);
    }
    object.pointer_mut("/spec/owners").and_then(Value::as_array_mut).ok_or_else(|| "its owners are no list".to_owned())
}

fn is(known: &Value, owner: &Owner) -> bool {
    let text = |key: &str| known.get(key).and_then(Value::as_str).unwrap_or_default();
    text("kind") == owner.kind() && text("name") == owner.name()
}
